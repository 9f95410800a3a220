package inbound

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"strings"
	"unicode/utf8"

	"github.com/emersion/go-message"
	_ "github.com/emersion/go-message/charset" // every charset that mails come in
	"github.com/emersion/go-message/mail"
)

// Mail is what an answer says, once it is read.
type Mail struct {
	ID        string // Message-ID, without <>; "": it has none
	From      string // the address in From, in small letters
	FromName  string
	Subject   string
	Text      string // what was written, without what was quoted and without a signature
	Whole     string // all of its text
	Files     []File
	Automatic bool // a machine wrote it: a holiday reply, a report, a list
}

// File is one that came along.
type File struct {
	Name, Type string
	Data       []byte
}

const (
	deepest    = 12
	mostParts  = 200
	mostFiles  = 10
	mostText   = 1 << 20
	mostOfFile = 25 << 20
)

// ErrUnreadable says that it is no mail.
var ErrUnreadable = errors.New("this is no mail")

// Read reads a mail, however its program has put it together. What cannot be read of it is left out.
func Read(raw []byte) (Mail, error) {
	e, err := message.Read(bytes.NewReader(raw))
	if e == nil || err != nil && !message.IsUnknownCharset(err) && !message.IsUnknownEncoding(err) {
		return Mail{}, ErrUnreadable
	}
	h := mail.Header{Header: e.Header}
	m := Mail{Subject: subject(h), Automatic: automatic(h)}
	m.ID, _ = h.MessageID()
	m.From, m.FromName = author(h)
	r := reading{mail: &m}
	r.part(e, 0)
	text := r.plain
	if strings.TrimSpace(text) == "" {
		text = fromHTML(r.html)
	}
	m.Whole = clean(text)
	m.Text = Answer(m.Whole)
	return m, nil
}

// author is who wrote a mail. Two are none whom we know, be they in one line or in two, of which only one may be signed.
func author(h mail.Header) (address, name string) {
	list, err := h.AddressList("From")
	if err != nil || len(list) != 1 || count(h, "From") != 1 {
		return "", ""
	}
	return strings.ToLower(list[0].Address), tidy(list[0].Name)
}

// reading collects the parts of a mail.
type reading struct {
	mail        *Mail
	plain, html string
	parts       int
}

func (r *reading) part(e *message.Entity, depth int) {
	if r.parts++; r.parts > mostParts || depth > deepest {
		return
	}
	kind, params, err := e.Header.ContentType()
	if err != nil || kind == "" {
		kind = "text/plain"
	}
	kind = strings.ToLower(kind)
	if parts := e.MultipartReader(); parts != nil {
		r.each(parts, kind, depth)
		return
	}
	disposition, named, _ := e.Header.ContentDisposition()
	name := fileName(named["filename"], params["name"])
	switch {
	case kind == "text/plain" && disposition != "attachment" && name == "":
		r.plain = joined(r.plain, textOf(e.Body, mostText-len(r.plain)))
	case kind == "text/html" && disposition != "attachment" && name == "":
		r.html = joined(r.html, textOf(e.Body, mostText-len(r.html)))
	case kind == "text/calendar" && disposition != "attachment" && name == "", strings.HasPrefix(kind, "message/delivery-status"), kind == "text/rfc822-headers":
		// an invitation stands in the text beside it as well
	default:
		r.file(e, kind, disposition, name)
	}
}

// each reads the parts of a part; of alternatives all are read, and the plain one counts.
func (r *reading) each(parts message.MultipartReader, _ string, depth int) {
	for r.parts <= mostParts {
		one, err := parts.NextPart()
		if one == nil || err != nil && !message.IsUnknownCharset(err) && !message.IsUnknownEncoding(err) {
			return
		}
		r.part(one, depth+1)
	}
}

func (r *reading) file(e *message.Entity, kind, disposition, name string) {
	if len(r.mail.Files) >= mostFiles {
		return
	}
	if kind == "application/ms-tnef" || strings.EqualFold(name, "winmail.dat") { // Outlook's own wrapping: nobody can open it
		return
	}
	data, err := io.ReadAll(io.LimitReader(e.Body, mostOfFile+1))
	if err != nil || len(data) == 0 || len(data) > mostOfFile {
		return
	}
	if disposition != "attachment" && e.Header.Get("Content-Id") != "" && strings.HasPrefix(kind, "image/") && len(data) < 24<<10 {
		return // the small pictures of signatures
	}
	if name == "" {
		name = "attachment"
		if endings, _ := mime.ExtensionsByType(kind); len(endings) > 0 {
			name += endings[0]
		}
		if kind == "message/rfc822" {
			name = "message.eml"
		}
	}
	r.mail.Files = append(r.mail.Files, File{Name: name, Type: kind, Data: data})
}

func joined(a, b string) string {
	switch {
	case strings.TrimSpace(b) == "":
		return a
	case a == "":
		return b
	}
	return strings.TrimRight(a, "\n") + "\n\n" + b
}

// textOf reads a part, as far as there is room: all parts together are bounded, for whoever has an answer's address may write.
func textOf(from io.Reader, room int) string {
	raw, _ := io.ReadAll(io.LimitReader(from, int64(max(room, 0)))) // what came before a break counts
	return string(raw)
}

// clean makes text that can be kept of whatever came.
func clean(text string) string {
	text = strings.ToValidUTF8(text, "\uFFFD")
	text = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\x00", "", "\u00a0", " ", "\u200b", "", "\ufeff", "", "\ufffc", "").Replace(text)
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		lines[i] = strings.TrimRight(line, " \t")
	}
	return strings.TrimSpace(strings.Join(lines, "\n"))
}

// tidy makes one line of what stands in a head.
func tidy(text string) string {
	text = strings.Join(strings.Fields(strings.ReplaceAll(strings.ToValidUTF8(text, ""), "\x00", "")), " ")
	if utf8.RuneCountInString(text) > 200 {
		text = string([]rune(text)[:199]) + "…"
	}
	return text
}

func subject(h mail.Header) string {
	text, err := h.Subject()
	if err != nil {
		text = h.Get("Subject")
	}
	return tidy(text)
}

func fileName(names ...string) string {
	for _, name := range names {
		if decoded, err := (&mime.WordDecoder{CharsetReader: message.CharsetReader}).DecodeHeader(name); err == nil {
			name = decoded
		}
		if name = tidy(name); name != "" {
			return name
		}
	}
	return ""
}

// automatic reports whether a machine wrote it, so that two of them never talk to each other.
func automatic(h mail.Header) bool {
	if said := strings.ToLower(h.Get("Auto-Submitted")); said != "" && !strings.HasPrefix(said, "no") {
		return true
	}
	switch strings.ToLower(strings.TrimSpace(h.Get("Precedence"))) {
	case "bulk", "junk", "list", "auto_reply":
		return true
	}
	for _, name := range []string{"X-Autoreply", "X-Autorespond", "List-Id", "List-Unsubscribe", "X-Portico-Kind", "X-Failed-Recipients"} {
		if h.Has(name) {
			return true
		}
	}
	kind, _, _ := h.ContentType()
	from := strings.ToLower(h.Get("From"))
	return strings.EqualFold(kind, "multipart/report") || strings.Contains(from, "mailer-daemon@") || strings.Contains(from, "postmaster@") ||
		strings.TrimSpace(h.Get("Return-Path")) == "<>"
}
