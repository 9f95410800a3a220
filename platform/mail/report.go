package mail

import (
	"bytes"
	"io"
	"mime"
	"mime/multipart"
	netmail "net/mail"
	"net/textproto"
	"regexp"
	"strings"

	"github.com/google/uuid"
)

// Report is what another server says of a mail that it took, or was asked to take (a delivery status notification,
// RFC 3464).
type Report struct {
	Action string    // failed, delayed, delivered, relayed or expanded
	Status string    // "5.1.1"
	Reason string    // the server's words, without addresses
	Mail   uuid.UUID // the mail it speaks of, by the Message-ID of what was sent back; Nil: it does not say. Anybody can write one.
	To     []string  // where the report itself was sent
}

// Hard reports whether the mail will not arrive, and trying again would not help.
func (r Report) Hard() bool { return r.Action == "failed" && strings.HasPrefix(r.Status, "5.") }

// Trouble reports whether the mail has not arrived.
func (r Report) Trouble() bool {
	return (r.Action == "failed" || r.Action == "delayed") && (strings.HasPrefix(r.Status, "5.") || strings.HasPrefix(r.Status, "4."))
}

const (
	reportDeep  = 6
	reportParts = 50
	reportField = 4 << 10
)

// ParseReport reads a report; ok is false for any other mail, such as a holiday reply.
func ParseReport(raw []byte) (r Report, ok bool) {
	msg, err := netmail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		return Report{}, false
	}
	for _, name := range []string{"To", "Delivered-To", "X-Original-To"} {
		for _, to := range many(msg.Header.Get(name)) {
			if to.Address != "" {
				r.To = append(r.To, to.Address)
			}
		}
	}
	p := reportParser{report: &r, left: reportParts}
	p.part(textproto.MIMEHeader(msg.Header), msg.Body, 0)
	return r, p.found
}

type reportParser struct {
	report *Report
	left   int
	found  bool
}

func (p *reportParser) part(header textproto.MIMEHeader, body io.Reader, depth int) {
	if p.left--; p.left < 0 || depth > reportDeep {
		return
	}
	kind, params, err := mime.ParseMediaType(header.Get("Content-Type"))
	if err != nil {
		return
	}
	switch {
	case strings.HasPrefix(kind, "multipart/"):
		parts := multipart.NewReader(body, params["boundary"])
		for {
			part, err := parts.NextRawPart()
			if err != nil {
				return
			}
			p.part(part.Header, part, depth+1)
		}
	case kind == "message/delivery-status", kind == "message/global-delivery-status":
		text, _ := io.ReadAll(plain(header, body)) // what can be read of a broken one is read
		p.status(text)
	case kind == "message/rfc822", kind == "text/rfc822-headers", kind == "message/rfc822-headers", kind == "message/global-headers", kind == "message/global":
		text, _ := io.ReadAll(plain(header, body))
		p.returned(text)
	}
}

// status reads the fields for each recipient. We send a mail to one person, so that the worst word counts.
func (p *reportParser) status(text []byte) {
	for i, group := range groups(text) {
		action, status := strings.ToLower(firstWord(group["action"])), statusIn(group["status"])
		if i == 0 && action == "" { // of the whole message
			continue
		}
		if status == "" {
			status = statusIn(group["diagnostic-code"])
		}
		if action == "" || status == "" {
			continue
		}
		now := Report{Action: action, Status: status, Reason: reason(group, status)}
		if !p.found || now.Hard() && !p.report.Hard() || now.Trouble() && !p.report.Trouble() {
			p.report.Action, p.report.Status, p.report.Reason = now.Action, now.Status, now.Reason
		}
		p.found = true
	}
}

// returned reads which mail came back.
func (p *reportParser) returned(text []byte) {
	for _, group := range groups(text)[:1] {
		id, _, _ := strings.Cut(strings.Trim(strings.TrimSpace(group["message-id"]), "<>"), "@")
		if found, err := uuid.Parse(id); err == nil && len(id) == 36 && p.report.Mail == uuid.Nil {
			p.report.Mail = found
		}
	}
}

// groups reads blocks of header lines, parted by empty ones; what is no header line is passed over.
func groups(text []byte) []map[string]string {
	all := []map[string]string{{}}
	name := ""
	for line := range strings.Lines(strings.ToValidUTF8(string(text), "")) {
		line = strings.TrimRight(line, "\r\n")
		now := all[len(all)-1]
		switch {
		case strings.TrimSpace(line) == "":
			if len(now) > 0 && len(all) < reportParts {
				all = append(all, map[string]string{})
			} else if len(now) > 0 {
				return all
			}
			name = ""
		case line[0] == ' ' || line[0] == '\t':
			if name != "" && len(now[name]) < reportField {
				now[name] += " " + strings.TrimSpace(line)
			}
		default:
			before, value, found := strings.Cut(line, ":")
			if name = strings.ToLower(strings.TrimSpace(before)); !found {
				name = ""
			} else if _, twice := now[name]; !twice {
				now[name] = strings.TrimSpace(value)
			}
		}
	}
	return all
}

func firstWord(field string) string {
	word, _, _ := strings.Cut(strings.TrimSpace(field), " ")
	return strings.TrimRight(word, ";")
}

var threeNumbers = regexp.MustCompile(`\b([245])\.(\d{1,3})\.(\d{1,3})\b`)

// statusIn finds an enhanced status code (RFC 3463) in a field.
func statusIn(field string) string { return threeNumbers.FindString(field) }

// reason is what the last server said, in one line without addresses.
func reason(group map[string]string, status string) string {
	text := group["diagnostic-code"]
	if _, words, typed := strings.Cut(text, ";"); typed {
		text = words
	}
	if text = withoutPeople(text); text == "" {
		return status
	}
	return text
}

// NewReport is a report that came by another way than as a mail: 5.x.x failed, everything else is late.
func NewReport(status, words string) Report {
	r := Report{Action: "delayed", Status: status, Reason: withoutPeople(words)}
	if strings.HasPrefix(status, "5.") {
		r.Action = "failed"
	}
	if r.Reason == "" {
		r.Reason = status
	}
	return r
}
