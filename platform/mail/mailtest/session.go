package mailtest

import (
	"io"
	"strings"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"portico/platform/mail"
)

type backend struct {
	*Server
	config
}

func (b backend) NewSession(c *smtp.Conn) (smtp.Session, error) {
	return &session{backend: b, conn: c}, nil
}

type session struct {
	backend
	conn             *smtp.Conn
	user             string
	sender, receiver string
}

func (s *session) AuthMechanisms() []string {
	if s.plain {
		return nil
	}
	return []string{sasl.Plain, sasl.Login}
}

func (s *session) Auth(mechanism string) (sasl.Server, error) {
	if mechanism == sasl.Login {
		return &login{check: s.signIn}, nil
	}
	return sasl.NewPlainServer(func(_, user, password string) error { return s.signIn(user, password) }), nil
}

func (s *session) signIn(user, password string) error {
	if user != User || password != Password || s.strikes(NoLogin) {
		return answer(535, 5, 7, 8, "Authentication failed for "+user+" with "+password)
	}
	s.user = user
	return nil
}

func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	if s.strikes(HungUp) {
		return s.conn.Conn().Close()
	}
	if s.strikes(Busy) {
		return answer(421, 4, 3, 2, "Too busy, come back later")
	}
	if s.user == "" && !s.plain {
		return answer(530, 5, 7, 0, "Authentication required")
	}
	s.sender = from
	return nil
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	name, _, _ := strings.Cut(strings.ToLower(to), "@")
	switch name {
	case Bounce:
		return answer(550, 5, 1, 1, "<"+to+">: Recipient address rejected: User unknown")
	case Full:
		return answer(552, 5, 2, 2, "<"+to+">: mailbox full")
	case Slow:
		return answer(451, 4, 7, 1, "<"+to+">: greylisted, try again later")
	case Policy:
		return answer(550, 5, 7, 1, "message to <"+to+"> violates policy")
	}
	s.receiver = to
	return nil
}

func (s *session) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	if s.strikes(Unsigned) {
		return answer(550, 5, 7, 1, "This mail is not signed")
	}
	if s.strikes(LostMail) {
		return s.conn.Conn().Close()
	}
	_, encrypted := s.conn.TLSConnectionState()
	m := Mail{Received: mail.Parse(raw), Sender: s.sender, Recipient: s.receiver, User: s.user, TLS: encrypted}
	m.ID, _, _ = strings.Cut(strings.Trim(m.Headers.Get("Message-ID"), "<>"), "@")
	if s.strikes(LostWord) {
		s.conn.Conn().Close()
	}
	s.keep(m)
	s.wait()
	return nil
}

func (s *session) Reset()        {}
func (s *session) Logout() error { return nil }

func answer(code, class, subject, detail int, text string) error {
	return &smtp.SMTPError{Code: code, EnhancedCode: smtp.EnhancedCode{class, subject, detail}, Message: text}
}

// login is the server's side of AUTH LOGIN, which go-sasl leaves out.
type login struct {
	check func(user, password string) error
	user  *string
}

func (l *login) Next(response []byte) (challenge []byte, done bool, err error) {
	switch {
	case response == nil:
		return []byte("Username:"), false, nil
	case l.user == nil:
		user := string(response)
		l.user = &user
		return []byte("Password:"), false, nil
	default:
		return nil, true, l.check(*l.user, string(response))
	}
}
