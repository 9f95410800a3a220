package billing_test

import (
	"context"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"portico/modules/billing"
	"portico/platform/db"
	"portico/platform/portaltest"
)

// clock lets one piece of clock work run now, twice, and everything that follows from it.
func clock(t *testing.T, site *portaltest.Site, name string) {
	t.Helper()
	for range 2 {
		for _, h := range site.Jobs {
			if h.Name != name {
				continue
			}
			err := db.InTx(t.Context(), site.Pool, site.FirmID(), func(ctx context.Context, tx bun.Tx) error {
				return h.Run(ctx, tx, site.FirmID(), nil)
			})
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	site.Settle(t)
}

// at stops the clock at noon of a day where the demo's firm is.
func at(t *testing.T, site *portaltest.Site, date string) {
	t.Helper()
	noon, err := time.Parse("2006-01-02T15:04Z07:00", date+"T12:00-06:00")
	if err != nil {
		t.Fatal(err)
	}
	site.Freeze(noon)
}

func TestRecurringInvoices(t *testing.T) {
	site := portaltest.Open(t, billing.Module)
	at(t, site, "2026-12-03")
	do(t, site, "delete from billing.template where firm_id = ?", site.FirmID())
	site.Both(t, "ben", func(t *testing.T, ben *portaltest.Browser) {
		at(t, site, "2026-12-03")
		ben.Open("/office/billing/recurring").Follow("New recurring invoice").Sees(t, "Only the newest active projects are listed").Follow("Maple Street remodel").Has(t, 200)
		ben.Fill("What is it for?", "Care, {moth}").Fill("First day", "2026-12-10").Press("Save").Has(t, 422).Sees(t, "There is no {moth}", "Add at least one line")
		ben.Fill("What is it for?", "Care, {month} {year}").Fill("What", "Care of the garden in {month}").Fill("Price", "250").Choose("On", "the last day").
			Fill("Every", "0").Press("Work it out").Has(t, 200).Sees(t, "No day fits yet")
		ben.Fill("Every", "1").Press("Work it out").Sees(t, "Thu, Dec 31, 2026", "Sun, Jan 31, 2027", "Sun, Feb 28, 2027")
		ben.Fill("Days to pay", "10").Choose("It becomes", "Released to the client at once").Fill("Internal notes", "SECRET-NOTE").Press("Save").Has(t, 200)
		ben.Sees(t, "every month on the last day of the month", "Its invoices stay drafts", "An owner or admin approves it", "10 days later", "$250.00")
		path := ben.Path()
		if a := ben.Post(path+"/approval", url.Values{"version": {"1"}}); a.Status != 404 {
			t.Errorf("a member approves: %d", a.Status)
		}
		site.As("ana").For(t).Open("/portal/all/billing").SeesNot(t, "Care,")

		// nobody answers for it yet: its first invoice waits as a draft
		at(t, site, "2026-12-31")
		clock(t, site, "billing:find_recurring")
		ben.Open(path).Sees(t, "Care, December 2026", "Draft").SeesNot(t, "Thu, Dec 31, 2026 Sun")
		site.As("ana").For(t).Open("/portal/all/billing").SeesNot(t, "Care,")
		maria := site.As("maria").For(t)
		maria.Open(path).Press("Approve this template").Sees(t, "Maria Okafor answers for it").SeesNot(t, "Its invoices stay drafts")

		// the worker was down over two periods: each has one invoice, and they went out by themselves
		before := len(site.Mails())
		at(t, site, "2027-03-01")
		clock(t, site, "billing:find_recurring")
		if n := one[int](t, site, "select count(*) from billing.invoice where firm_id = ? and title like 'Care, %'", site.FirmID()); n != 3 {
			t.Errorf("%d invoices for three periods", n)
		}
		if n := len(site.Mails()) - before; n != 2 {
			t.Errorf("%d mails for two invoices", n)
		}
		ana := site.As("ana").For(t)
		ana.Open("/portal/all/billing").Follow("Care, February 2027").Sees(t, "Care of the garden in February", "$250.00", "Thu, Mar 11, 2027").SeesNot(t, "SECRET-NOTE")

		// changed after its day it does not come twice in a month, and asks for a new answer
		ben.Open(path).Follow("Edit").Choose("On", "the 15th").Press("Save").Sees(t, "Its invoices stay drafts", "Mon, Mar 15, 2027")
		ben.Press("Pause").Sees(t, "Paused")
		at(t, site, "2027-05-20")
		clock(t, site, "billing:find_recurring")
		ben.Open(path).Press("Go on").Sees(t, "Tue, Jun 15, 2027", "What fell into the pause is not made up for")
		if n := one[int](t, site, "select count(*) from billing.invoice where firm_id = ? and title like 'Care, %'", site.FirmID()); n != 3 {
			t.Errorf("%d invoices after the pause", n)
		}
		// an archived project is not billed
		do(t, site, "update project set status = 'archived' where key = 'maple-street' and firm_id = ?", site.FirmID())
		at(t, site, "2027-06-15")
		clock(t, site, "billing:find_recurring")
		ben.Open(path).Sees(t, "The project was archived").Press("Go on").Has(t, 409).Sees(t, "Restore it before you bill it")
		ben.Follow("Delete").Sees(t, "The invoices that were made stay").Press("Delete it").Sees(t, "Deleted.")
		ben.Open("/office/billing/recurring").Sees(t, "Nothing is billed again and again yet")
	})
}

func TestWhoWroteATemplateDoesNotAnswerForIt(t *testing.T) {
	site := portaltest.Open(t, billing.Module)
	at(t, site, "2026-12-03")
	maria := site.As("maria")
	maria.Open("/office/billing/settings").Tick("A second person approves").Press("Save changes").Sees(t, "Saved.")
	maria.Open("/office/billing/recurring/new").Follow("Maple Street remodel").Fill("What is it for?", "Rent").Fill("What", "Rent").Fill("Price", "9").
		Choose("It becomes", "Released to the client at once").Fill("First day", "2026-12-01").Fill("How often in all", "1").Press("Save").
		Sees(t, "You wrote on it, so somebody else has to approve it.")
	path := maria.Path()
	if a := maria.Post(path+"/approval", url.Values{"version": {"1"}}); a.Status != 409 || !strings.Contains(string(a.Body), "Somebody else has to approve") {
		t.Errorf("she answers for her own: %d", a.Status)
	}
	site.As("priya").Open(path).Press("Approve this template").SeesNot(t, "Its invoices stay drafts")
	clock(t, site, "billing:find_recurring")
	maria.Open(path).Sees(t, "Ended", "1 of 1 made", "INV-1029")
	maria.Follow("Rent").Sees(t, "Approved by Priya Raman", "Made from Rent")
}
