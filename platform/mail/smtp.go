package mail

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	netmail "net/mail"
	"net/url"
	"os"
	"strconv"
	"strings"

	gomail "github.com/wneessen/go-mail"
)

// SMTP sends through a mail server, one message after the other over a few connections.
type SMTP struct {
	host       string
	port       int
	implicit   bool // smtps: TLS from the first byte
	policy     gomail.TLSPolicy
	tls        *tls.Config
	user, pass string
	from       netmail.Address
	ehlo       string
	signer     *Signer // nil: mail is not signed
	secrets    *strings.Replacer
	idle       idle
}

// OpenSMTP reads SMTP_URL: smtp://user:password@host:587 (STARTTLS) or smtps://user:password@host:465, with special
// characters of user and password percent-encoded, and these options. It does not connect: that is Check.
//
//	from=mail@example.com    the sender; when absent, the user, if that is an address
//	tls=required             the default; opportunistic: encrypt if offered (default on this machine); none: never
//	ca=/etc/ssl/ours.pem     also trust these certificates
//	ehlo=portal.example.com  the name to greet with; when absent, this machine's
func OpenSMTP(raw string) (*SMTP, error) {
	u, err := url.Parse(raw)
	if err != nil || u.Hostname() == "" || u.Fragment != "" || strings.Trim(u.Path, "/") != "" {
		// Never quote any of it: a password with a bare "/" or "#" ends up in every part of a URL.
		return nil, errors.New("SMTP_URL is no address of a mail server: write smtp://user:password@host:587 or smtps://user:password@host:465, " +
			"and percent-encode special characters in user and password (@ is %40, / is %2F, # is %23, : is %3A, ? is %3F)")
	}
	s := &SMTP{host: u.Hostname(), user: u.User.Username()}
	s.pass, _ = u.User.Password()
	s.secrets = secrets(s.user, s.pass)
	if err := s.readPort(u); err != nil {
		return nil, err
	}
	options, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return nil, errors.New("SMTP_URL: the part after ? cannot be read; percent-encode special characters")
	}
	for name := range options {
		switch name {
		case "tls", "from", "ehlo", "ca":
		default:
			return nil, errors.New("SMTP_URL: the options are tls, from, ehlo and ca; another was given (a ? in a password is written %3F)")
		}
	}
	if err := s.readTLS(options.Get("tls"), options.Get("ca")); err != nil {
		return nil, err
	}
	if err := s.readFrom(options.Get("from")); err != nil {
		return nil, err
	}
	s.ehlo = options.Get("ehlo")
	if strings.ContainsFunc(s.ehlo, notToken) {
		return nil, errors.New("SMTP_URL: ehlo is the name of a host, such as portal.example.com")
	}
	return s, nil
}

func (s *SMTP) readPort(u *url.URL) error {
	switch u.Scheme {
	case "smtp":
		s.port = 587
	case "smtps":
		s.port, s.implicit = 465, true
	default:
		return errors.New("SMTP_URL begins with smtp:// or smtps://")
	}
	if u.Port() == "" {
		return nil
	}
	port, err := strconv.Atoi(u.Port())
	if err != nil || port < 1 || port > 65535 {
		return errors.New("SMTP_URL: the port is a number from 1 to 65535; 587 is usual for smtp, 465 for smtps")
	}
	s.port = port
	return nil
}

func (s *SMTP) readTLS(mode, ca string) error {
	s.tls = &tls.Config{ServerName: s.host, MinVersion: tls.VersionTLS12}
	switch {
	case s.implicit && (mode == "" || mode == "required"):
		s.policy = gomail.NoTLS // no second layer inside the first
	case s.implicit:
		return errors.New("SMTP_URL: smtps is always encrypted; leave tls out, or write smtp://")
	case mode == "required" || mode == "" && !s.here():
		s.policy = gomail.TLSMandatory
	case mode == "opportunistic" || mode == "":
		s.policy = gomail.TLSOpportunistic
		// On this machine clear text would do, so a certificate that nobody signed is no worse.
		s.tls.InsecureSkipVerify = s.here()
	case mode == "none":
		if s.user != "" && !s.here() {
			return errors.New("SMTP_URL: tls=none would send the password readable through the network; use tls=required, or no user")
		}
		s.policy = gomail.NoTLS
	default:
		return errors.New("SMTP_URL: tls is required, opportunistic or none")
	}
	if ca == "" {
		return nil
	}
	pem, err := os.ReadFile(ca)
	if err != nil {
		return fmt.Errorf("SMTP_URL: ca is a readable file of certificates: %w", err)
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	if !pool.AppendCertsFromPEM(pem) {
		return errors.New("SMTP_URL: the file given as ca holds no certificate in PEM form")
	}
	s.tls.RootCAs = pool
	return nil
}

func (s *SMTP) readFrom(from string) error {
	switch {
	case from != "":
		parsed, err := netmail.ParseAddress(from)
		if err != nil {
			return errors.New("SMTP_URL: from is a mail address, such as from=mail@example.com (+ is written %2B)")
		}
		s.from = *parsed
	case strings.Contains(s.user, "@"):
		s.from = netmail.Address{Address: s.user}
	case s.here():
		s.from = netmail.Address{Name: "Portico", Address: "portico@localhost"}
	default:
		return errors.New("SMTP_URL: say who sends, such as from=mail@example.com")
	}
	if _, err := address(s.from); err != nil {
		return errors.New("SMTP_URL: from is a mail address, such as from=mail@example.com (+ is written %2B)")
	}
	return nil
}

// here reports whether the server runs on this machine, where no wire can be tapped.
func (s *SMTP) here() bool {
	ip := net.ParseIP(s.host)
	return s.host == "localhost" || strings.HasSuffix(s.host, ".localhost") || ip != nil && ip.IsLoopback()
}

// From is the address all mail leaves under.
func (s *SMTP) From() netmail.Address { return s.from }

// Send delivers m; nil means that the server has taken charge of it.
func (s *SMTP) Send(ctx context.Context, m Message) error {
	m.From = sentBy(m.From, s.from)
	raw, err := m.encode()
	if err == nil && s.signer != nil {
		raw, err = s.signer.sign(raw)
	}
	if err != nil {
		return err
	}
	from, _ := address(m.From) // encode has checked both
	to, _ := address(m.To)
	sender := cmp.Or(m.ReturnPath, from.Address)
	for talk := s.idle.take(ctx); talk != nil; talk = s.idle.take(ctx) {
		if stale, err := s.sendOver(talk, sender, to.Address, raw, m.hand); !stale {
			return err
		}
	}
	talk, err := s.connect(ctx)
	if err != nil {
		return err
	}
	_, err = s.sendOver(talk, sender, to.Address, raw, m.hand)
	return err
}

// sendOver sends over an open conversation. It is stale when the server had hung up before it heard of this mail: only
// then is it safe to say the same again over another one.
func (s *SMTP) sendOver(talk *conversation, from, to string, raw []byte, hand func(context.Context) error) (stale bool, err error) {
	err = talk.deliver(from, to, raw, hand)
	if err == nil {
		s.idle.put(talk)
		return false, nil
	}
	var later *Temporary
	stale = talk.sent > 0 && !talk.heard && errors.As(err, &later) && (later.Code == 0 || later.Code == 421) && talk.ctx.Err() == nil
	talk.hangUp()
	return stale, err
}

// sentBy keeps the name that mail is sent under and fills in the address it is sent from.
func sentBy(from, house netmail.Address) netmail.Address {
	if from.Address == "" {
		from.Address = house.Address
	}
	if from.Name == "" {
		from.Name = house.Name
	}
	return from
}

// Check connects, greets, logs in and asks whether our sender is welcome. Its error says what to mend; no mail is sent.
func (s *SMTP) Check(ctx context.Context) error {
	talk, err := s.connect(ctx)
	if err != nil {
		return err
	}
	defer talk.hangUp()
	from, _ := address(s.from)
	return talk.command(sender, func() error { return talk.client.Mail(bracket(from.Address)) })
}

func (s *SMTP) clean(text string) string { return withoutPeople(s.secrets.Replace(text)) }

// secrets hides a password in every form in which a careless server might repeat it.
func secrets(user, pass string) *strings.Replacer {
	if pass == "" {
		return strings.NewReplacer()
	}
	var hide []string
	for _, form := range []string{
		base64.StdEncoding.EncodeToString([]byte("\x00" + user + "\x00" + pass)),
		base64.StdEncoding.EncodeToString([]byte(pass)),
		url.QueryEscape(pass), url.PathEscape(pass), pass,
	} {
		hide = append(hide, form, "[password]")
	}
	return strings.NewReplacer(hide...)
}
