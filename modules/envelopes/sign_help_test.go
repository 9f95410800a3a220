package envelopes_test

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"portico/platform/files"
	"portico/platform/id"
	"portico/platform/portaltest"
	"portico/platform/secret"
)

// pages is a PDF with a line on each page.
func pages(n int) []byte {
	var b bytes.Buffer
	var at []int
	object := func(text string) {
		at = append(at, b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", len(at), text)
	}
	b.WriteString("%PDF-1.4\n")
	var kids []string
	for i := range n {
		kids = append(kids, fmt.Sprintf("%d 0 R", 4+2*i))
	}
	object("<< /Type /Catalog /Pages 2 0 R >>")
	object(fmt.Sprintf("<< /Type /Pages /Count %d /Kids [%s] >>", n, strings.Join(kids, " ")))
	object("<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>")
	for i := range n {
		text := fmt.Sprintf("BT /F1 18 Tf 72 700 Td (Page %d of the contract: what we build, and for how much.) Tj ET", i+1)
		object(fmt.Sprintf("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Resources << /Font << /F1 3 0 R >> >> /Contents %d 0 R >>", 5+2*i))
		object(fmt.Sprintf("<< /Length %d >>\nstream\n%s\nendstream", len(text), text))
	}
	start := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(at)+1)
	for _, offset := range at {
		fmt.Fprintf(&b, "%010d 00000 n \n", offset)
	}
	fmt.Fprintf(&b, "trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n", len(at)+1, start)
	return b.Bytes()
}

// asked is one of the recipients of a document that a test sends.
type asked struct {
	Who, Role string
	Position  int
	Bare      bool // no fields on the pages
	Code      bool
	Until     time.Time
}

// going is a document that went out.
type going struct {
	ID    string
	Of    map[string]string // recipients, by name
	Token map[string]string
	Field map[string]string // "ana text"
}

// At is where a recipient's link leads.
func (g going) At(who string) string { return "/sign/" + g.Token[who] }

// send sends a document of three pages past the office's pages, to people of one client and staff.
func send(t *testing.T, site *portaltest.Site, title string, ordered bool, to ...asked) going {
	t.Helper()
	return sendOf(t, site, title, 3, ordered, to...)
}

func sendOf(t *testing.T, site *portaltest.Site, title string, n int, ordered bool, to ...asked) going {
	t.Helper()
	g := going{ID: id.New().String(), Of: map[string]string{}, Token: map[string]string{}, Field: map[string]string{}}
	ana, maria, firm := site.Person("ana"), site.Person("maria"), site.FirmID()
	do(t, site, "update contact set rights = rights || '{sign_documents}' where id in (?, ?)", ana.ContactID, site.Person("tom").ContactID)
	pdf := pages(n)
	sum := sha256.Sum256(pdf)
	if err := site.Library.Store.Put(t.Context(), files.Key(firm, uuid.MustParse(g.ID), ""), bytes.NewReader(pdf)); err != nil {
		t.Fatal(err)
	}
	do(t, site, `
		insert into file (firm_id, id, purpose, audience, client_id, name, media, size, sha256, state)
		values (?, ?, 'envelopes', 'section', ?, 'contract.pdf', 'application/pdf', ?, ?, 'ready')`, firm, g.ID, ana.ClientID, len(pdf), sum[:])
	do(t, site, `
		insert into envelopes.envelope (firm_id, id, project_id, client_id, kind, title, message, status, ordered, currency, amount, file_id, file_hash, pages, sent_at, sent_by)
		values (?, ?, (select id from project where key = 'maple-street' and client_id = (select client_id from contact where id = ?)), ?, 'contract', ?, 'Here it is, as we said on Monday.', 'sent', ?, 'USD', 4250000, ?, ?, ?, now(), ?)`,
		firm, g.ID, ana.ContactID, ana.ClientID, title, ordered, g.ID, sum[:], n, maria.ID)
	for i, one := range to {
		p, recipient := site.Person(one.Who), id.New().String()
		g.Of[one.Who], g.Token[one.Who] = recipient, secret.Token()
		contact, person := any(p.ContactID), any(nil)
		if p.Office {
			contact, person = nil, p.ID
		}
		var until any
		if !one.Until.IsZero() {
			until = one.Until
		}
		do(t, site, `
			insert into envelopes.recipient (firm_id, id, envelope_id, client_id, position, role, contact_id, person_id, name, email, notified_at, link_no, token_hash, ask_code, expires_at)
			values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, now(), 1, ?, ?, ?)`,
			firm, recipient, g.ID, ana.ClientID, max(1, one.Position), one.Role, contact, person, p.Name, p.Email, secret.Hash(g.Token[one.Who]), one.Code, until)
		if one.Bare {
			continue
		}
		for n, kind := range []string{"signature", "initials", "date", "text", "checkbox"} {
			if one.Role == "approver" && n < 3 || one.Role == "viewer" || one.Role == "copy" {
				continue
			}
			field := id.New().String()
			g.Field[one.Who+" "+kind] = field
			do(t, site, `
				insert into envelopes.field (firm_id, id, envelope_id, client_id, recipient_id, page, x, y, w, h, kind, label, required)
				values (?, ?, ?, ?, ?, 3, ?, ?, 2600, 450, ?, ?, true)`, firm, field, g.ID, ana.ClientID, recipient, 700+3000*i, 3000+900*n, kind,
				map[string]string{"text": "Colour of the front door", "checkbox": "I have seen the plans"}[kind])
		}
	}
	return g
}

// count asks the database for a number.
func count(t *testing.T, site *portaltest.Site, query string, args ...any) (n int) {
	t.Helper()
	if err := site.DB(t).NewRaw(query, args...).Scan(t.Context(), &n); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return n
}

// line asks it for words.
func line(t *testing.T, site *portaltest.Site, query string, args ...any) (text string) {
	t.Helper()
	if err := site.DB(t).NewRaw(query, args...).Scan(t.Context(), &text); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return text
}

// happenings are the kinds of a document's events, in order.
func happenings(t *testing.T, site *portaltest.Site, envelope string) string {
	t.Helper()
	return line(t, site, `select coalesce(string_agg(kind, ' ' order by n), '') from envelopes.event where envelope_id = ?`, envelope)
}
