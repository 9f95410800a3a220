package mail

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	netmail "net/mail"
	"net/textproto"
	"strconv"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"
	gosmtp "github.com/wneessen/go-mail/smtp"
)

// How long the server may be silent. The caller's context ends everything sooner.
const (
	dialWithin    = 10 * time.Second
	greetWithin   = 30 * time.Second // greeting, TLS and login together; some servers make strangers wait
	commandWithin = time.Minute
	acceptWithin  = 5 * time.Minute // after DATA the server scans, and giving up early means sending twice (RFC 1047)
)

// conversation is one connection, from greeting to goodbye.
type conversation struct {
	*SMTP
	ctx    context.Context
	conn   net.Conn
	client *gosmtp.Client
	stop   func() bool
	heard  bool // the server knows of the mail at hand
	told   bool // and has all of it
	sent   int  // mails that went well
	leave  *time.Timer
}

// bind ties the connection to a caller's context: when that ends, whatever waits on the wire returns.
func (t *conversation) bind(ctx context.Context) {
	t.ctx = ctx
	t.stop = context.AfterFunc(ctx, func() { t.conn.Close() })
}

func (s *SMTP) connect(ctx context.Context) (*conversation, error) {
	talk := &conversation{SMTP: s, ctx: ctx, stop: func() bool { return true }}
	options := []gomail.Option{
		gomail.WithPort(s.port),
		gomail.WithTLSPolicy(s.policy),
		gomail.WithTLSConfig(s.tls.Clone()),
		gomail.WithTimeout(greetWithin),
		gomail.WithDialContextFunc(talk.dial),
	}
	if s.ehlo != "" {
		options = append(options, gomail.WithHELO(s.ehlo))
	}
	if s.user != "" {
		options = append(options, gomail.WithUsername(s.user), gomail.WithPassword(s.pass), gomail.WithOpportunisticSMTPAuth(s.logins()...))
	}
	dialer, err := gomail.NewClient(s.host, options...)
	if err != nil {
		return nil, &Permanent{Text: "SMTP_URL: " + s.clean(err.Error())}
	}
	talk.client, err = dialer.DialToSMTPClientWithContext(ctx)
	if err != nil {
		defer talk.hangUp()
		return nil, talk.explain(greeting, err)
	}
	return talk, nil
}

// logins are the ways to prove who we are, best first. The password goes out readable only to this machine.
func (s *SMTP) logins() []gomail.SMTPAuthType {
	if s.here() {
		return []gomail.SMTPAuthType{gomail.SMTPAuthPlainNoEnc, gomail.SMTPAuthLoginNoEnc}
	}
	return []gomail.SMTPAuthType{
		gomail.SMTPAuthSCRAMSHA256, gomail.SMTPAuthSCRAMSHA1, gomail.SMTPAuthPlain, gomail.SMTPAuthLogin, gomail.SMTPAuthCramMD5,
	}
}

// dial opens the connection and ties it to the caller's context: when that ends, whatever waits on the wire returns.
func (t *conversation) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, dialWithin)
	defer cancel()
	var plain net.Dialer
	conn, err := plain.DialContext(ctx, network, addr)
	if err != nil {
		return nil, err
	}
	t.stop = context.AfterFunc(t.ctx, func() { conn.Close() })
	t.conn = conn
	if !t.implicit {
		return conn, nil
	}
	secured := tls.Client(conn, t.tls.Clone())
	if err := secured.HandshakeContext(ctx); err != nil {
		return nil, err
	}
	t.conn = secured
	return secured, nil
}

func (t *conversation) deliver(from, to string, raw []byte, hand func(context.Context) error) error {
	if !ascii(from + to) {
		if known, _ := t.client.Extension("SMTPUTF8"); !known {
			return &Bounced{Code: 553, Text: "5.6.7 our mail server takes only ASCII addresses"}
		}
	}
	// Asking for SMTPUTF8 without need makes relays bounce what they could have delivered.
	t.client.SkipSMTPUTF8(ascii(from + to))
	t.heard, t.told = false, false
	if err := t.command(sender, func() error { return t.client.Mail(bracket(from)) }); err != nil {
		return err
	}
	t.heard = true
	if err := t.command(recipient, func() error { return t.client.Rcpt(bracket(to)) }); err != nil {
		return err
	}
	if err := hand(t.ctx); err != nil {
		return err
	}
	err := t.command(content, func() error {
		w, err := t.client.Data()
		if err != nil {
			return err
		}
		if err := t.client.UpdateDeadline(acceptWithin); err != nil {
			return err
		}
		if _, err := w.Write(raw); err != nil {
			return err
		}
		t.told = true // Close says the dot that ends it, and hears the answer
		return w.Close()
	})
	var later *Temporary
	if errors.As(err, &later) && later.Code == 0 {
		later.Perhaps = t.told
	}
	return err
}

func (t *conversation) command(at stage, say func() error) error {
	err := t.client.UpdateDeadline(commandWithin)
	if err == nil {
		err = say()
	}
	if err != nil {
		return t.explain(at, err)
	}
	return nil
}

// hangUp says goodbye and closes. What the server thinks of it no longer matters.
func (t *conversation) hangUp() {
	if t.conn == nil {
		return
	}
	if t.client != nil && t.ctx.Err() == nil {
		if t.client.UpdateDeadline(dialWithin) == nil {
			_ = t.client.Quit()
		}
	}
	t.stop()
	t.conn.Close()
}

// explain says who has to act, and which setting an operator looks at.
func (t *conversation) explain(at stage, err error) error {
	server := net.JoinHostPort(t.host, strconv.Itoa(t.port))
	if cause := context.Cause(t.ctx); cause != nil {
		return &Temporary{Text: server + " did not finish in time, while " + string(at), err: cause}
	}
	var answer *textproto.Error
	if errors.As(err, &answer) {
		return t.refusal(at, answer.Code, t.clean(answer.Msg))
	}
	var (
		untrusted *tls.CertificateVerificationError
		noTLS     tls.RecordHeaderError
		timeout   net.Error
	)
	words := err.Error()
	switch {
	case errors.As(err, &untrusted):
		return &Permanent{Text: "SMTP_URL: the certificate of " + server + " is not trusted: " + t.clean(untrusted.Err.Error()) +
			"; use the host's real name, or give its authority as ca="}
	case errors.As(err, &noTLS):
		return &Permanent{Text: "SMTP_URL: " + server + " does not speak TLS at once; smtps:// is for port 465, smtp:// for 587 and 25"}
	case strings.Contains(words, "tls: "): // crypto/tls has no type for these
		return &Permanent{Text: "SMTP_URL: no encryption could be agreed with " + server + ": " + t.clean(words)}
	case strings.Contains(words, "does not support STARTTLS"):
		return &Permanent{Text: "SMTP_URL: " + server + " offers no encryption (STARTTLS); use its port for that, or allow tls=opportunistic"}
	case errors.Is(err, gosmtp.ErrUnencrypted):
		return &Permanent{Text: "SMTP_URL: " + server + " offers no encryption, and the password is not sent without; use tls=required"}
	case strings.Contains(words, "does not support SMTP AUTH"), errors.Is(err, gomail.ErrNoSupportedAuthDiscovered):
		return &Permanent{Text: "SMTP_URL: " + server + " offers no login that we know; leave user and password out, or use its port for clients (587, 465)"}
	}
	hint := ""
	if errors.As(err, &timeout) && timeout.Timeout() && t.port == 465 && !t.implicit {
		hint = "; port 465 usually wants smtps://"
	}
	return &Temporary{Text: "no answer from " + server + " (SMTP_URL), while " + string(at) + ": " + t.clean(words) + hint, err: err}
}

func (t *conversation) refusal(at stage, code int, text string) error {
	err := classify(at, code, text)
	ours, ok := err.(*Permanent)
	if !ok {
		return err
	}
	switch {
	case code == 530 || code == 534 || code == 535 || code == 538:
		if t.user == "" {
			ours.Text = "SMTP_URL: the server wants a user and password: " + text
		} else {
			ours.Text = "SMTP_URL: the server does not accept this user and password: " + text
		}
	case at == greeting:
		ours.Text = "SMTP_URL: the server turns us away: " + text
	case at == sender:
		ours.Text = "SMTP_URL: the server does not accept the sender given as from=: " + text
	case relaying.MatchString(text):
		ours.Text = "SMTP_URL: the server sends nothing out for us; it may want a user and password: " + text
	}
	return ours
}

func bracket(addr string) string { return (&netmail.Address{Address: addr}).String() }

func ascii(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r > '~' })
}
