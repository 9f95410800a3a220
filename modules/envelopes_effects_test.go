package modules_test

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"portico/modules/envelopes/seal"
	"portico/platform/files"
	"portico/platform/id"
	"portico/platform/portaltest"
)

// outForSigning sends a document of a project past the office's pages to Ana and Tom.
func outForSigning(t *testing.T, site *portaltest.Site, kind, title string, amount int64) uuid.UUID {
	t.Helper()
	pdf, err := seal.Render(seal.Draft{Title: title, Markdown: "We build it.", Page: "Page", Made: time.Unix(0, 0)})
	if err != nil {
		t.Fatal(err)
	}
	sum, file, envelope, firm := sha256.Sum256(pdf), id.New(), id.New(), site.FirmID()
	if err := site.Library.Store.Put(t.Context(), files.Key(firm, file, ""), bytes.NewReader(pdf)); err != nil {
		t.Fatal(err)
	}
	ana, tom := site.Person("ana"), site.Person("tom")
	exec(t, site, "update contact set rights = rights || '{sign_documents}' where id in (?, ?)", ana.ContactID, tom.ContactID)
	exec(t, site, `
		insert into file (firm_id, id, purpose, audience, client_id, name, media, size, sha256, state)
		values (?, ?, 'envelopes', 'section', ?, 'contract.pdf', 'application/pdf', ?, ?, 'ready')`, firm, file, ana.ClientID, len(pdf), sum[:])
	exec(t, site, `
		insert into envelopes.envelope (firm_id, id, project_id, client_id, kind, title, status, currency, amount, at_once, file_id, file_hash, pages, sent_at, sent_by)
		values (?, ?, (select id from project where key = 'maple-street'), ?, ?, ?, 'sent', 'USD', ?, true, ?, ?, 1, now(), ?)`,
		firm, envelope, ana.ClientID, kind, title, amount, file, sum[:], site.Person("maria").ID)
	for _, p := range []portaltest.Person{ana, tom} {
		exec(t, site, `
			insert into envelopes.recipient (firm_id, id, envelope_id, client_id, position, role, contact_id, name, email, notified_at)
			values (?, ?, ?, ?, 1, 'signer', ?, ?, ?, now())`, firm, id.New(), envelope, ana.ClientID, p.ContactID, p.Name, p.Email)
	}
	return envelope
}

func signs(t *testing.T, b *portaltest.Browser, envelope uuid.UUID, name, what string) {
	t.Helper()
	b.Open("/portal/all/envelopes/"+envelope.String()).Press("Read and sign").Tick("I have read ").Tick("I agree to use electronic records").
		Fill("Your full name", name).Tick("mean my signature to bind me").Press("Sign "+what).Has(t, 200)
}

// signsOnAPhone does the same in a real browser.
func signsOnAPhone(t *testing.T, site *portaltest.Site, who string, envelope uuid.UUID, name, what string) {
	t.Helper()
	tab := site.Chrome(t, who, 360, false)
	tab.Open("/portal/all/envelopes/" + envelope.String()).Press("Read and sign")
	tab.Until("the page", `document.querySelector(".envelope-sheet[data-drawn]")`)
	const seen = `document.querySelector("[data-signing-bar]").dataset.seen >= 1`
	for range 10 { // while it is drawn it also moves by itself
		var at int
		var done bool
		if tab.Eval(seen, &done); done {
			break
		}
		tab.Eval(`Math.round(scrollY)`, &at).Eval(`document.querySelector("[data-signing-next]").click()`, nil)
		tab.Until("the page to move", fmt.Sprintf(`Math.round(scrollY) !== %d || %s`, at, seen))
	}
	tab.Until("the page to be seen", seen)
	tab.Fill("Your full name", name).Eval(`document.querySelector("[name=consent]").click(); document.querySelector("[name=confirm]").click()`, nil)
	tab.Press("Sign "+what).Sees(t, "ll have signed")
}

// TestWhatIsSignedCountsInBillingOnce: while it waits, or when one says no, it touches nothing.
func TestWhatIsSignedCountsInBillingOnce(t *testing.T) {
	site := portaltest.Open(t)
	drafts := func(title string) int {
		return sum(t, site, "select count(*) from billing.invoice where stage = 'draft' and title = ?", title)
	}
	agreed := func() int {
		return sum(t, site, `select coalesce(sum(c.amount), 0) + (select coalesce(sum(ch.amount), 0) from billing.contract_change ch where ch.project_id = p.id and ch.voided_at is null)
			from project p left join billing.contract c on c.project_id = p.id where p.key = 'maple-street' group by p.id`)
	}
	before := agreed()
	change := outForSigning(t, site, "change_order", "Larger kitchen island", 2480_00)
	declined := outForSigning(t, site, "change_order", "Gold taps", 900_00)
	deposit := outForSigning(t, site, "deposit", "Deposit for the island", 500_00)

	ana, tom, maria := site.As("ana"), site.As("tom"), site.As("maria")
	signs(t, ana, change, "Ana Rivera", "change order")
	signs(t, ana, declined, "Ana Rivera", "change order")
	tom.Open("/portal/all/envelopes/"+declined.String()).Press("Read and sign").Follow("Decline").Fill("Why?", "Too dear").Press("Decline change order").Has(t, 200)
	site.Settle(t)
	if agreed() != before || drafts("Larger kitchen island") != 0 || drafts("Gold taps") != 0 {
		t.Errorf("what waits counts: %d, was %d", agreed(), before)
	}

	signsOnAPhone(t, site, "tom", change, "Tom Rivera", "change order")
	signs(t, ana, deposit, "Ana Rivera", "deposit agreement")
	signs(t, tom, deposit, "Tom Rivera", "deposit agreement")
	site.Settle(t)
	if agreed() != before+2480_00 || drafts("Larger kitchen island") != 1 || drafts("Gold taps") != 0 {
		t.Errorf("%d agreed, was %d; %d drafts of the change, %d of what was declined", agreed(), before, drafts("Larger kitchen island"), drafts("Gold taps"))
	}
	if drafts("Deposit for the island") != 1 {
		t.Errorf("%d drafts of the deposit", drafts("Deposit for the island"))
	}
	site.Chrome(t, "maria", 1280, true).Open("/office/billing").Sees(t, "Larger kitchen island").Sees(t, "Deposit for the island")
	for _, who := range []string{"ana", "tom"} {
		copies := 0
		for _, m := range site.Mails() {
			if m.Recipient == site.Person(who).Email && strings.Contains(m.Subject, "Signed by all") {
				copies++
			}
		}
		if copies != 2 {
			t.Errorf("%s got %d signed documents", who, copies)
		}
	}
	ana.Open("/portal/all/envelopes/"+change.String()).Sees(t, "All have signed")

	// what all have approved can be taken back, with a reason that both read; the sealed file stays
	maria.Open("/office/envelopes/"+change.String()+"/withdrawal").Press("Make void").Has(t, 422).Sees(t, "Say why.")
	maria.Fill("Reason", "The island stays as it was.").Press("Make void").Has(t, 200).Sees(t, "Void since", "The island stays as it was.")
	site.Settle(t)
	if agreed() != before || drafts("Larger kitchen island") != 1 {
		t.Errorf("%d agreed after it was made void, was %d; %d drafts", agreed(), before, drafts("Larger kitchen island"))
	}
	ana.Open("/portal/all/envelopes/"+change.String()).Sees(t, "The island stays as it was.")
	if a := ana.Get("/portal/all/envelopes/" + change.String() + "/copy"); a.Status != 200 || !bytes.HasPrefix(a.Body, []byte("%PDF")) {
		t.Errorf("the sealed file: %d", a.Status)
	}
	maria.Open("/office/envelopes/"+deposit.String()+"/withdrawal").SeesNot(t, "Make void")
}

func sum(t *testing.T, site *portaltest.Site, query string, args ...any) (n int) {
	t.Helper()
	if err := site.DB(t).NewRaw(query, args...).Scan(t.Context(), &n); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return n
}
