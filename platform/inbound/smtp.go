package inbound

import (
	"context"
	"errors"
	"io"
	"net"
	"time"

	"github.com/emersion/go-smtp"
	"github.com/google/uuid"
	"golang.org/x/net/netutil"
)

// visitors are the conversations at once; each holds a mail in memory.
const visitors = 8

// Serve takes answers by SMTP until ctx ends. It knows no other address than those that we have given out, and relays nothing.
func (d *Desk) Serve(ctx context.Context, l net.Listener) error {
	s := smtp.NewServer(backend{d, ctx})
	s.Domain, s.MaxMessageBytes, s.MaxRecipients, s.MaxLineLength = d.Address.domain, Largest, 8, 8192
	s.ReadTimeout, s.WriteTimeout = 2*time.Minute, time.Minute
	s.EnableSMTPUTF8, s.ErrorLog = true, quiet{}
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
	from   string
	places []uuid.UUID
}

func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	s.from = from
	return nil
}

var noMailbox = &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "no such mailbox"}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	place, ok := s.desk.Address.Place(to)
	if !ok {
		return noMailbox
	}
	s.places = append(s.places, place)
	return nil
}

func (s *session) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(s.ctx, time.Minute)
	defer cancel()
	switch err := s.desk.take(ctx, s.places, s.from, raw); {
	case errors.Is(err, ErrUnknown):
		return noMailbox
	case err != nil:
		s.desk.Log.Warn("an answer by mail was not kept", "err", err)
		return &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 3, 0}, Message: "not now, please try again"}
	}
	return nil
}

func (s *session) Reset()        { s.from, s.places = "", nil }
func (s *session) Logout() error { return nil }
