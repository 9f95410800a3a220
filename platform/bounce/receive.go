package bounce

import (
	"context"
	"io"
	"net"
	"time"

	"github.com/emersion/go-smtp"
	"github.com/google/uuid"
	"golang.org/x/net/netutil"

	"portico/platform/mail"
)

const (
	// Readable is how much of a report is read.
	Readable   = 1 << 20  // a report says what it has to say at its beginning
	acceptable = 10 << 20 // and carries the mail behind it
	visitors   = 64       // conversations at once
)

// Serve takes reports by SMTP until ctx ends. It knows no other address than those of our mails, relays nothing, and
// keeps nothing of what it is sent but the status.
func (d *Desk) Serve(ctx context.Context, l net.Listener) error {
	s := smtp.NewServer(backend{d, ctx})
	s.Domain, s.MaxMessageBytes, s.MaxRecipients, s.MaxLineLength = d.Address.domain, acceptable, 4, 4096
	s.ReadTimeout, s.WriteTimeout = time.Minute, time.Minute
	s.ErrorLog = quiet{}
	stop := context.AfterFunc(ctx, func() { _ = s.Close() })
	defer stop()
	err := s.Serve(netutil.LimitListener(l, visitors))
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// quiet: whoever knocks at a mail server and goes away again is no news.
type quiet struct{}

func (quiet) Printf(string, ...any) {}
func (quiet) Println(...any)        {}

type backend struct {
	desk *Desk
	ctx  context.Context
}

func (b backend) NewSession(*smtp.Conn) (smtp.Session, error) { return &session{backend: b}, nil }

type session struct {
	backend
	mails []uuid.UUID
}

func (s *session) Mail(string, *smtp.MailOptions) error { return nil }

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	id, ok := s.desk.Address.Mail(to)
	if !ok {
		return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "no such mailbox"}
	}
	s.mails = append(s.mails, id)
	return nil
}

func (s *session) Data(r io.Reader) error {
	raw, err := io.ReadAll(io.LimitReader(r, Readable))
	if err != nil {
		return err
	}
	if _, err := io.Copy(io.Discard, r); err != nil {
		return err
	}
	report, ok := mail.ParseReport(raw)
	if !ok { // a holiday reply, or something that nobody here reads
		return nil
	}
	ctx, cancel := context.WithTimeout(s.ctx, time.Minute)
	defer cancel()
	for _, id := range s.mails {
		if err := s.desk.Take(ctx, id, report); err != nil {
			s.desk.Log.Warn("a report was not kept", "err", err)
			return &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 3, 0}, Message: "not now, please try again"}
		}
	}
	return nil
}

func (s *session) Reset()        { s.mails = nil }
func (s *session) Logout() error { return nil }
