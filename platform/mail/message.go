// Package mail carries letters out of the house: it composes them in the firm's colours, encodes them as MIME, hands
// them to an SMTP server and, where there is none, keeps them in a folder that can be read like a mailbox.
package mail

import (
	"bytes"
	"context"
	"errors"
	netmail "net/mail"
	"net/url"
	"strings"
	"time"
	"unicode"

	"github.com/google/uuid"
	gomail "github.com/wneessen/go-mail"
	"golang.org/x/net/idna"
)

// Transport takes one message to where it goes. Its errors are *Bounced, *Temporary or *Permanent.
type Transport interface {
	Send(ctx context.Context, m Message) error
}

// Message is one mail to one person.
type Message struct {
	ID      uuid.UUID       // the outbox row that promised it: sent twice, it carries the same Message-ID
	Date    time.Time       // when it was written; zero: the instant inside a version 7 ID
	From    netmail.Address // without an address: the transport's own, under this name
	ReplyTo netmail.Address // the person who answers; zero: nobody
	To      netmail.Address
	Subject string
	Text    string
	HTML    string

	Unsubscribe string // only for notices: where one click ends them
	Inline      []Inline
	Files       []File

	ReturnPath string    // where reports about its fate go; "": to From
	Firm       uuid.UUID // for the operator's eyes: whose mail it is
	Kind       string    // and which, as in "auth:sign_in"

	// Handing is called when the other side has agreed to everything and only the content is missing: from then on it may
	// have the mail, whatever we hear of it. An error stops the mail before that.
	Handing func(context.Context) error
}

// hand says that the content goes out now.
func (m Message) hand(ctx context.Context) error {
	if m.Handing == nil {
		return nil
	}
	return m.Handing(ctx)
}

// Frame is the HTML as a page can show it, under FramePolicy.
func (m Message) Frame() string {
	shown := Received{HTML: m.HTML}
	for _, in := range m.Inline {
		shown.Attachments = append(shown.Attachments, Attachment{CID: in.CID, Type: in.Type, Data: in.Data})
	}
	return shown.Frame()
}

// Inline is a picture that travels with the mail and is shown by <img src="cid:...">.
type Inline struct {
	CID  string // also the name of the file: "logo"
	Type string // "image/png"
	Data []byte
}

// File is a document that travels with a mail.
type File struct {
	Name string // plain ASCII of ours: "receipt-r-0006.pdf"
	Type string // "application/pdf"
	Data []byte
}

// longest is the number of characters after which a subject or a name is cut. A header line ends at 998 bytes.
const longest = 200

// encode gives the bytes of the message as they go over the wire. From must carry an address.
func (m Message) encode() ([]byte, error) {
	m, err := m.checked()
	if err != nil {
		return nil, err
	}
	msg := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	msg.FromMailAddress(&m.From)
	msg.ToMailAddress(&m.To)
	if m.ReplyTo.Address != "" {
		msg.ReplyToMailAddress(&m.ReplyTo)
	}
	msg.Subject(m.Subject)
	msg.SetDateWithValue(m.Date)
	msg.SetMessageIDWithValue(m.ID.String() + "@" + domain(m.From.Address))
	// Holiday replies to a machine help nobody (RFC 3834).
	msg.SetGenHeader("Auto-Submitted", "auto-generated")
	if m.Unsubscribe != "" {
		msg.SetListUnsubscribe(m.Unsubscribe)
		if strings.HasPrefix(m.Unsubscribe, "https:") { // RFC 8058 knows no other
			msg.SetListUnsubscribePost()
		}
	}
	if m.Firm != uuid.Nil {
		msg.SetGenHeader(headerFirm, m.Firm.String())
	}
	if m.Kind != "" {
		msg.SetGenHeader(headerKind, m.Kind)
	}
	if m.Text != "" {
		msg.AddAlternativeString(gomail.TypeTextPlain, m.Text)
	}
	if m.HTML != "" {
		msg.AddAlternativeString(gomail.TypeTextHTML, m.HTML)
	}
	for _, in := range m.Inline {
		err := msg.EmbedReader(in.CID, bytes.NewReader(in.Data),
			gomail.WithFileContentID("<"+in.CID+">"), gomail.WithFileContentType(gomail.ContentType(in.Type)))
		if err != nil {
			return nil, &Permanent{Text: "inline picture: " + err.Error()}
		}
	}
	for _, f := range m.Files {
		if err := msg.AttachReader(f.Name, bytes.NewReader(f.Data), gomail.WithFileContentType(gomail.ContentType(f.Type))); err != nil {
			return nil, &Permanent{Text: "attached file: " + err.Error()}
		}
	}
	var raw bytes.Buffer
	if _, err := msg.WriteTo(&raw); err != nil {
		return nil, &Permanent{Text: "encode mail: " + err.Error()}
	}
	return raw.Bytes(), nil
}

const (
	headerFirm = "X-Portico-Firm"
	headerKind = "X-Portico-Kind"
)

// checked refuses what would break out of a header and evens out what is merely untidy.
func (m Message) checked() (Message, error) {
	if m.ID == uuid.Nil {
		return m, &Permanent{Text: "a mail needs the ID of its outbox row"}
	}
	if m.Date.IsZero() {
		if m.ID.Version() != 7 {
			return m, &Permanent{Text: "a mail needs a date or a version 7 ID"}
		}
		m.Date = instant(m.ID)
	}
	if m.Text == "" && m.HTML == "" {
		return m, &Permanent{Text: "a mail needs a text"}
	}
	headers := map[string]string{
		"From": m.From.Name + m.From.Address, "Reply-To": m.ReplyTo.Name + m.ReplyTo.Address, "To": m.To.Name + m.To.Address,
		"Subject": m.Subject, "List-Unsubscribe": m.Unsubscribe, headerKind: m.Kind,
	}
	for _, in := range m.Inline {
		headers["Content-ID"] += in.CID
		headers["Content-Type"] += in.Type
	}
	for name, value := range headers {
		if strings.ContainsAny(value, "\r\n\x00") {
			return m, &Permanent{Text: "a line break in " + name + " is refused"}
		}
	}
	for _, in := range m.Inline {
		if in.CID == "" || strings.ContainsFunc(in.CID+in.Type, notToken) {
			return m, &Permanent{Text: "an inline picture needs a plain name and type"}
		}
	}
	for _, f := range m.Files {
		if f.Name == "" || strings.ContainsFunc(f.Name+f.Type, notToken) {
			return m, &Permanent{Text: "an attached file needs a plain name and type"}
		}
	}
	if strings.ContainsFunc(m.Kind, notToken) {
		return m, &Permanent{Text: "a mail's kind is a plain word"}
	}
	m.Subject = tidy(m.Subject)
	var err error
	if m.From, err = address(m.From); err != nil {
		return m, &Permanent{Text: "From is no mail address"}
	}
	if m.ReplyTo.Address != "" {
		if m.ReplyTo, err = address(m.ReplyTo); err != nil {
			return m, &Permanent{Text: "Reply-To is no mail address"}
		}
	}
	if m.To, err = address(m.To); err != nil {
		return m, &Bounced{Code: 553, Text: "5.1.3 not a mail address"}
	}
	if m.ReturnPath != "" {
		back, err := address(netmail.Address{Address: m.ReturnPath})
		if err != nil {
			return m, &Permanent{Text: "the return path is no mail address"}
		}
		m.ReturnPath = back.Address
	}
	if m.Unsubscribe != "" {
		u, err := url.Parse(m.Unsubscribe)
		if err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") || len(u.String()) > 900 {
			return m, &Permanent{Text: "List-Unsubscribe is no web address"}
		}
		m.Unsubscribe = u.String()
	}
	return m, nil
}

func notToken(r rune) bool {
	return r <= ' ' || r >= unicode.MaxASCII || strings.ContainsRune(`"<>()[]\,;`, r)
}

// tidy makes one line of words of whatever people put into names.
func tidy(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, ""))
	s = strings.Join(strings.Fields(s), " ")
	if runes := []rune(s); len(runes) > longest {
		return strings.TrimSpace(string(runes[:longest-1])) + "…"
	}
	return s
}

// address tidies the name and writes the domain the way mail servers do, in ASCII.
func address(a netmail.Address) (netmail.Address, error) {
	a.Name = tidy(a.Name)
	if len(a.Address) > 254 {
		return a, errors.New("too long")
	}
	if at := strings.LastIndexByte(a.Address, '@'); at >= 0 {
		host, err := idna.Lookup.ToASCII(a.Address[at+1:])
		if err != nil {
			return a, err
		}
		a.Address = a.Address[:at+1] + host
	}
	// One bare address and nothing around it. Quoted names ("a, b"@example.com) are legal, and nobody has one.
	parsed, err := netmail.ParseAddress(a.Address)
	if err != nil {
		return a, err
	}
	if *parsed != (netmail.Address{Address: a.Address}) {
		return a, errors.New("more than an address")
	}
	return a, nil
}

// publicDomain is how the DNS knows the domain of an address.
func publicDomain(addr string) string {
	if a, err := address(netmail.Address{Address: addr}); err == nil {
		addr = a.Address
	}
	return strings.ToLower(domain(addr))
}

func domain(addr string) string { return addr[strings.LastIndexByte(addr, '@')+1:] }

// instant is when a version 7 ID was made.
func instant(id uuid.UUID) time.Time {
	sec, nsec := id.Time().UnixTime()
	return time.Unix(sec, nsec).UTC()
}
