package billing_test

import (
	"context"
	"fmt"
	"net/url"
	"testing"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/modules/billing"
	"portico/platform/db"
	"portico/platform/fact"
	"portico/platform/id"
	"portico/platform/portaltest"
)

// told publishes what another section says.
func toldOf(t *testing.T, site *portaltest.Site, facts ...fact.Fact) {
	t.Helper()
	err := db.InTx(t.Context(), site.Pool, site.FirmID(), func(ctx context.Context, tx bun.Tx) error {
		for _, f := range facts {
			if err := site.Bus.Publish(ctx, tx, site.FirmID(), f); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	site.Settle(t)
}

func TestWhatOtherSectionsHandOverIsBilledOnce(t *testing.T) {
	site := portaltest.Open(t, billing.Module)
	maria, ben := site.As("maria"), site.As("ben")
	project := projectKeyed(t, site, "maple-street")
	tab := "/office/billing/projects/" + project
	day := 0
	thing := func(text string, quantity, price int64) fact.Billable {
		day++
		return fact.Billable{
			ID: id.New(), ClientID: site.Person("ana").ClientID, ProjectID: uuid.MustParse(project), Text: text, On: fmt.Sprintf("2026-11-%02d", day),
			Quantity: quantity, Price: price, Currency: "USD", TaxRate: 825,
		}
	}
	hours, nails, tap := thing("Night watch", 6500, 9000), thing("Nails and screws", 1000, 4311), thing("Brass tap, over the allowance", 1000, 12900)
	toldOf(t, site, fact.TimeApproved{Billable: hours}, fact.ExpenseApproved{Billable: nails}, fact.ChoicePriced{Billable: tap})
	hours.Text = "Night watch, week 47"
	toldOf(t, site, fact.TimeApproved{Billable: hours}, fact.TimeApproved{Billable: hours}) // told again: the newer words, once
	ben.Open(tab).Sees(t, "Not billed yet", "Night watch, week 47", "$585.00", "Nails and screws", "Brass tap")
	ben.Tick("Tick Night watch, week 47").Tick("Tick Nails and screws").Press("Put on the draft").Sees(t, "Work and expenses", "6.5", "$90.00")
	draft := ben.Path()
	ben.Open(tab).SeesNot(t, "Nails and screws").Tick("Tick Brass tap").Choose("Put it on", "Work and expenses, $679.93").Press("Put on the draft").Sees(t, "Brass tap")
	agrees(t, site)

	// off the draft, it is there again; what a form makes up of its sources is not believed
	ben.Follow("Edit").Press("Remove line 2").Press("Save draft").Sees(t, "Saved.").SeesNot(t, "Nails")
	ben.Open(tab).Sees(t, "Nails and screws").SeesNot(t, "Brass tap")
	nailsCharge := one[string](t, site, "select id::text from billing.charge where text = 'Nails and screws'")
	a := ben.Post("/office/billing/invoices", url.Values{"project": {project}, "title": {"Made up"}, "line_text": {"Nails"}, "line_price": {"1"}, "line_from": {"expense:" + nailsCharge}})
	if a.Status != 303 {
		t.Fatalf("%d", a.Status)
	}
	agrees(t, site)
	ben.Open(tab).Sees(t, "Nails and screws")

	// released, the sections hear of it; void, they hear again and it can be billed again
	maria.Open(draft).Follow("Approve and release").Press("Approve and release")
	toldOf(t, site, fact.TimeApproved{Billable: hours}) // it is out: nothing changes
	ben.Open(tab).SeesNot(t, "Night watch")
	maria.Open(draft).Follow("Void this invoice").Fill("Reason", "Wrong hours").Press("Void this invoice").Sees(t, "is void")
	ben.Open(tab).Sees(t, "Night watch, week 47", "Brass tap")
	site.Settle(t)
	agrees(t, site)

	// withdrawn
	toldOf(t, site, fact.BillableWithdrawn{Source: fact.FromExpense, ID: nails.ID})
	ben.Open(tab).SeesNot(t, "Nails and screws")

	// a change order changes the contract, and drafts itself if asked to
	wider := thing("Wider opening to the living room", 1000, 248000)
	toldOf(t, site, fact.ChangeOrderApproved{Billable: wider, AtOnce: true}, fact.ChangeOrderApproved{Billable: wider, AtOnce: true})
	if n := one[int](t, site, "select count(*) from billing.invoice where title = 'Wider opening to the living room' and stage = 'draft'"); n != 1 {
		t.Errorf("%d drafts of a change order", n)
	}
	ben.Open(tab).Sees(t, "$4,960.00 changes", "2 approved changes")
	less := thing("No skylight", 1000, -90000)
	toldOf(t, site, fact.ChangeOrderApproved{Billable: less, AtOnce: true})
	ben.Open(tab).Sees(t, "No skylight", "−$900.00").Tick("Tick No skylight").Press("Put on the draft").Has(t, 409).Sees(t, "less than nothing")

	// what was made void counts no more, even when its approval is delivered after that
	toldOf(t, site, fact.ChangeOrderVoided{ID: less.ID, ClientID: less.ClientID, ProjectID: less.ProjectID})
	ben.Open(tab).SeesNot(t, "No skylight").Sees(t, "$4,960.00 changes")
	porch := thing("A porch after all", 1000, 500000)
	toldOf(t, site, fact.ChangeOrderVoided{ID: porch.ID, ClientID: porch.ClientID, ProjectID: porch.ProjectID})
	toldOf(t, site, fact.ChangeOrderApproved{Billable: porch, AtOnce: true})
	ben.Open(tab).SeesNot(t, "A porch").Sees(t, "$4,960.00 changes")
	if n := one[int](t, site, "select count(*) from billing.invoice where title = 'A porch after all'"); n != 0 {
		t.Errorf("%d drafts of a change that is void", n)
	}
	agrees(t, site)
}

// TestADrawMovesWithItsMilestone: until the client has its invoice.
func TestADrawMovesWithItsMilestone(t *testing.T) {
	site := portaltest.Open(t, billing.Module)
	project := uuid.MustParse(one[string](t, site, "select id::text from project where key = 'maple-street' and firm_id = ?", site.FirmID()))
	due := func(title string) string {
		return one[string](t, site, "select coalesce(due_on::text, '') from billing.draw where project_id = ? and title = ?", project, title)
	}
	first, second := due("First draw"), due("Second draw")
	for range 2 { // told twice, it is once in the log
		toldOf(t, site, fact.MilestoneMoved{ProjectID: project, Milestone: "cabinets are in", On: "2027-03-01"},
			fact.MilestoneMoved{ProjectID: project, Milestone: "Demolition and framing", On: "2027-03-01"})
	}
	if due("Third draw") != "2027-03-01" || due("First draw") != first || due("Second draw") != second {
		t.Errorf("third %s, first %s, second %s", due("Third draw"), due("First draw"), due("Second draw"))
	}
	if n := one[int](t, site, "select count(*) from activity where verb = 'billing.draw_moved'"); n != 1 {
		t.Errorf("%d entries in the log", n)
	}
	// its draft moves, too
	tab := "/office/billing/projects/" + project.String()
	site.As("maria").Open(tab).Press("Draft")
	toldOf(t, site, fact.MilestoneMoved{ProjectID: project, Milestone: "Cabinets are in", On: "2027-04-01"})
	if got := one[string](t, site, "select i.due_on::text from billing.draw d join billing.invoice i on i.id = d.invoice_id where d.title = 'Third draw' and d.project_id = ?", project); got != "2027-04-01" {
		t.Errorf("the draft is due on %s", got)
	}
}
