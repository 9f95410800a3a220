// Package mailtest is a mail server in the test's own process: it speaks real SMTP over TLS, keeps what it is sent, and
// fails on demand.
package mailtest

import (
	"crypto/tls"
	"net"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"portico/platform/mail"
)

// The account that Start's URL signs in with. The password holds what breaks a URL that is not encoded.
const (
	User     = "portico@example.com"
	Password = "p@ss/w#rd?:100%"
)

// People at any domain whose mail is refused; everybody else is welcome.
const (
	Bounce = "bounce" // 550 5.1.1: nobody of that name
	Full   = "full"   // 552 5.2.2: the mailbox is full
	Slow   = "slow"   // 451 4.7.1: come back later
	Policy = "policy" // 550 5.7.1: not from you
)

// Fault is something that goes wrong for everybody.
type Fault int

const (
	None     Fault = iota
	Down           // connections are closed at once
	Silent         // connections are taken and never answered
	Busy           // 421 at MAIL
	NoLogin        // 535 at AUTH
	Unsigned       // 550 5.7.1 after DATA: the content is refused
	LostMail       // the connection breaks after DATA, and the mail is gone
	LostWord       // the mail is kept, and the connection breaks before the server says so
	HungUp         // the connection is broken when MAIL is said
	Held           // the mail is kept, and the answer waits until Heal
)

// Mail is one delivery.
type Mail struct {
	mail.Received
	Sender, Recipient string // of the envelope
	User              string // who was signed in
	TLS               bool
}

// Server is a running mail server.
type Server struct {
	URL string // for SMTP_URL, with the account and the certificate

	t        testing.TB
	smtp     *smtp.Server
	mu       sync.Mutex
	changed  *sync.Cond
	mails    []Mail
	fault    Fault
	times    int // how often the fault still strikes; below 0: always
	visits   int
	closed   bool
	silenced []net.Conn
}

// Option changes the server before it starts.
type Option func(*config)

type config struct{ implicit, plain, utf8 bool }

// Implicit makes it an smtps:// server: TLS from the first byte.
func Implicit(c *config) { c.implicit = true }

// Plain offers neither STARTTLS nor a login.
func Plain(c *config) { c.plain = true }

// UTF8 offers SMTPUTF8.
func UTF8(c *config) { c.utf8 = true }

// Start runs a server until the test ends.
func Start(t testing.TB, options ...Option) *Server {
	t.Helper()
	var c config
	for _, option := range options {
		option(&c)
	}
	certificate, ca := certify(t)
	secure := &tls.Config{Certificates: []tls.Certificate{certificate}}

	s := &Server{t: t}
	s.changed = sync.NewCond(&s.mu)
	s.smtp = smtp.NewServer(backend{s, c})
	s.smtp.Domain = "localhost"
	s.smtp.EnableSMTPUTF8 = c.utf8
	s.smtp.MaxMessageBytes = 32 << 20
	s.smtp.ErrorLog = quiet{}
	if !c.plain {
		s.smtp.TLSConfig = secure
	}
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatalf("mail server: %v", err)
	}
	var l net.Listener = &listener{inner, s}
	u := url.URL{Scheme: "smtp", Host: inner.Addr().String(), User: url.UserPassword(User, Password)}
	settings := url.Values{"from": {"Portico <mail@portico.test>"}, "ehlo": {"portico.test"}}
	switch {
	case c.plain:
		u.User = nil
	case c.implicit:
		u.Scheme = "smtps"
		l = tls.NewListener(l, secure)
		settings.Set("ca", ca)
	default:
		settings.Set("tls", "required")
		settings.Set("ca", ca)
	}
	u.RawQuery = settings.Encode()
	s.URL = u.String()

	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = s.smtp.Serve(l) // ends when the test does
	}()
	t.Cleanup(func() {
		s.mu.Lock()
		s.closed = true
		for _, conn := range s.silenced {
			conn.Close()
		}
		s.changed.Broadcast()
		s.mu.Unlock()
		s.smtp.Close()
		<-done
	})
	return s
}

// With gives the URL with an option added or replaced; an empty value takes it away.
func (s *Server) With(option, value string) string {
	u, err := url.Parse(s.URL)
	if err != nil {
		s.t.Fatalf("mail server: %v", err)
	}
	query := u.Query()
	query.Set(option, value)
	if value == "" {
		query.Del(option)
	}
	u.RawQuery = query.Encode()
	return u.String()
}

// Break makes the server fail from now on, until Heal.
func (s *Server) Break(f Fault) { s.BreakFor(-1, f) }

// BreakFor makes the server fail that many times.
func (s *Server) BreakFor(times int, f Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fault, s.times = f, times
	s.changed.Broadcast()
}

// Heal ends a fault.
func (s *Server) Heal() { s.BreakFor(0, None) }

// Messages are the mails taken so far, in order.
func (s *Server) Messages() []Mail {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Mail(nil), s.mails...)
}

// Visits counts connections, also those that failed.
func (s *Server) Visits() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.visits
}

// Forget throws away the mails taken so far.
func (s *Server) Forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mails = nil
}

// patience is how long a test waits for mail before it fails.
const patience = 20 * time.Second

// WaitFor waits until n mails have come and gives all there are.
func (s *Server) WaitFor(n int) []Mail {
	s.t.Helper()
	mails, ok := s.until(func(mails []Mail) bool { return len(mails) >= n })
	if !ok {
		s.t.Fatalf("waited for %d mails, %d came", n, len(mails))
	}
	return mails
}

// WaitForTo waits for mail to that address and gives the latest.
func (s *Server) WaitForTo(address string) Mail {
	s.t.Helper()
	mails, ok := s.until(func(mails []Mail) bool { return latest(mails, address) >= 0 })
	if !ok {
		s.t.Fatalf("waited for mail to %s, none came", address)
	}
	return mails[latest(mails, address)]
}

// WaitForVisits waits until n connections were made, whatever came of them.
func (s *Server) WaitForVisits(n int) {
	s.t.Helper()
	if _, ok := s.until(func([]Mail) bool { return s.visits >= n }); !ok {
		s.t.Fatalf("waited for %d connections", n)
	}
}

func latest(mails []Mail, address string) int {
	for i := len(mails) - 1; i >= 0; i-- {
		if strings.EqualFold(mails[i].Recipient, address) {
			return i
		}
	}
	return -1
}

func (s *Server) until(enough func([]Mail) bool) ([]Mail, bool) {
	late := false
	alarm := time.AfterFunc(patience, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		late = true
		s.changed.Broadcast()
	})
	defer alarm.Stop()
	s.mu.Lock()
	defer s.mu.Unlock()
	for !enough(s.mails) && !late && !s.closed {
		s.changed.Wait()
	}
	return append([]Mail(nil), s.mails...), enough(s.mails)
}

// strikes reports whether the fault happens now, and counts it.
func (s *Server) strikes(f Fault) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fault != f || s.times == 0 {
		return false
	}
	s.times--
	return true
}

// wait keeps the answer back until the server is healed.
func (s *Server) wait() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for s.fault == Held && !s.closed {
		s.changed.Wait()
	}
}

func (s *Server) keep(m Mail) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mails = append(s.mails, m)
	s.changed.Broadcast()
}

// quiet keeps broken connections, which are the point here, out of the test's output.
type quiet struct{}

func (quiet) Printf(string, ...any) {}
func (quiet) Println(...any)        {}

// listener lets connections fail before a word is said.
type listener struct {
	net.Listener
	s *Server
}

func (l *listener) Accept() (net.Conn, error) {
	for {
		conn, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		l.s.mu.Lock()
		l.s.visits++
		l.s.changed.Broadcast()
		l.s.mu.Unlock()
		switch {
		case l.s.strikes(Down):
			conn.Close()
		case l.s.strikes(Silent):
			l.s.mu.Lock()
			l.s.silenced = append(l.s.silenced, conn)
			l.s.mu.Unlock()
		default:
			return conn, nil
		}
	}
}
