package mail

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	netmail "net/mail"
	"net/textproto"
	"regexp"
	"strings"
	"time"

	"github.com/google/uuid"
)

// Received is a mail as the person who gets it sees it.
type Received struct {
	ID      string // of the outbox row, or the file's name
	From    netmail.Address
	ReplyTo netmail.Address
	To      []netmail.Address
	Subject string
	Date    time.Time
	Text    string
	HTML    string // as it was sent; what a page shows is Frame
	Headers netmail.Header
	Raw     []byte

	Attachments []Attachment
	Firm        uuid.UUID
	Kind        string
	Problem     string // why it could not be read in full
}

// Attachment is a file in a mail; CID is set when the text shows it.
type Attachment struct {
	Name, Type, CID string
	Data            []byte
}

// Parse reads a mail. Whatever cannot be read is told in Problem and shown raw.
func Parse(raw []byte) Received {
	m := Received{Raw: raw}
	msg, err := netmail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		m.Problem = err.Error()
		m.Text = strings.ToValidUTF8(string(raw), "�")
		return m
	}
	m.Headers = msg.Header
	m.Subject = decoded(msg.Header.Get("Subject"))
	m.From, m.ReplyTo = one(msg.Header.Get("From")), one(msg.Header.Get("Reply-To"))
	m.To = many(msg.Header.Get("To"))
	m.Kind = msg.Header.Get(headerKind)
	m.Firm, _ = uuid.Parse(msg.Header.Get(headerFirm)) // zero when absent
	if date, err := msg.Header.Date(); err == nil {
		m.Date = date.UTC()
	}
	m.read(textproto.MIMEHeader(msg.Header), msg.Body, 0)
	return m
}

// deepest is how far parts may lie within parts; our own lie two deep.
const deepest = 8

func (m *Received) read(header textproto.MIMEHeader, body io.Reader, depth int) {
	kind, params, err := mime.ParseMediaType(header.Get("Content-Type"))
	if err != nil {
		kind = "text/plain"
	}
	if strings.HasPrefix(kind, "multipart/") && depth < deepest {
		parts := multipart.NewReader(body, params["boundary"])
		for {
			part, err := parts.NextRawPart()
			if err == io.EOF {
				return
			}
			if err != nil {
				m.Problem = err.Error()
				return
			}
			m.read(part.Header, part, depth+1)
		}
	}
	data, err := io.ReadAll(plain(header, body))
	if err != nil {
		m.Problem = err.Error()
	}
	disposition, named, _ := mime.ParseMediaType(header.Get("Content-Disposition"))
	switch {
	case disposition != "attachment" && kind == "text/plain" && m.Text == "":
		m.Text = words(data, params["charset"])
	case disposition != "attachment" && kind == "text/html" && m.HTML == "":
		m.HTML = words(data, params["charset"])
	default:
		m.Attachments = append(m.Attachments, Attachment{
			Name: decoded(cmp.Or(named["filename"], params["name"])),
			Type: kind,
			CID:  strings.Trim(header.Get("Content-Id"), "<>"),
			Data: data,
		})
	}
}

func plain(header textproto.MIMEHeader, body io.Reader) io.Reader {
	switch strings.ToLower(header.Get("Content-Transfer-Encoding")) {
	case "quoted-printable":
		return quotedprintable.NewReader(body)
	case "base64":
		return base64.NewDecoder(base64.StdEncoding, body)
	default:
		return body
	}
}

// words turns bytes into text. We write UTF-8; for the rest of the world, what is not UTF-8 is taken for Latin-1.
func words(data []byte, charset string) string {
	text := strings.ReplaceAll(string(data), "\r\n", "\n")
	if !strings.EqualFold(charset, "iso-8859-1") {
		return strings.ToValidUTF8(text, "�")
	}
	runes := make([]rune, len(text))
	for i := range len(text) {
		runes[i] = rune(text[i])
	}
	return string(runes)
}

// FramePolicy is the Content-Security-Policy to serve a Frame under: it shows, and can do nothing but open links.
const FramePolicy = "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; " +
	"img-src data:; style-src 'unsafe-inline'; frame-ancestors 'self'"

// Frame is the HTML to show in a frame of its own: with the pictures that came along, and links that open outside.
func (m Received) Frame() string {
	var swap []string
	for _, a := range m.Attachments {
		if a.CID == "" || !strings.HasPrefix(a.Type, "image/") {
			continue
		}
		data := fmt.Sprintf("data:%s;base64,%s", a.Type, base64.StdEncoding.EncodeToString(a.Data))
		for _, quote := range []string{`"`, `'`} {
			swap = append(swap, quote+"cid:"+a.CID+quote, quote+data+quote)
		}
	}
	html := strings.NewReplacer(swap...).Replace(m.HTML)
	if at := head.FindStringIndex(html); at != nil {
		return html[:at[1]] + `<base target="_blank">` + html[at[1]:]
	}
	return html
}

var head = regexp.MustCompile(`(?i)<head[^>]*>`)

func (m *Received) mentions(words []string) bool {
	if len(words) == 0 {
		return true
	}
	var all strings.Builder
	for _, a := range append(m.To, m.From, m.ReplyTo) {
		all.WriteString(a.Name + " " + a.Address + " ")
	}
	all.WriteString(m.Subject + " " + m.Text)
	where := strings.ToLower(all.String())
	for _, word := range words {
		if !strings.Contains(where, word) {
			return false
		}
	}
	return true
}

func decoded(header string) string {
	var decoder mime.WordDecoder
	if text, err := decoder.DecodeHeader(header); err == nil {
		return text
	}
	return header
}

func one(header string) netmail.Address {
	if all := many(header); len(all) > 0 {
		return all[0]
	}
	return netmail.Address{}
}

// many reads a list of addresses; one that is none is kept as a name, so that it is seen.
func many(header string) []netmail.Address {
	if header == "" {
		return nil
	}
	parsed, err := netmail.ParseAddressList(header)
	if err != nil {
		return []netmail.Address{{Name: decoded(header)}}
	}
	list := make([]netmail.Address, len(parsed))
	for i, a := range parsed {
		list[i] = *a
	}
	return list
}
