package billing_test

import (
	"context"
	"net/url"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/modules/billing"
	"portico/platform/db"
	"portico/platform/portaltest"
)

// agrees wants books without a breach.
func agrees(t *testing.T, site *portaltest.Site) {
	t.Helper()
	err := db.InTx(t.Context(), site.Pool, site.FirmID(), func(ctx context.Context, tx bun.Tx) error {
		broken, err := billing.Invariants(ctx, tx, site.FirmID(), true)
		if len(broken) > 0 {
			t.Errorf("the books break: %v", broken)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func projectKeyed(t *testing.T, site *portaltest.Site, key string) string {
	t.Helper()
	return one[uuid.UUID](t, site, "select id from project where firm_id = ? and key = ?", site.FirmID(), key).String()
}

func account(t *testing.T, site *portaltest.Site, name string) int64 {
	t.Helper()
	return one[int64](t, site, "select coalesce(sum(amount), 0) from billing.entry where firm_id = ? and account = ?", site.FirmID(), name)
}

func TestADepositIsHeldUntilItIsUsed(t *testing.T) {
	site := portaltest.Open(t, billing.Module)
	maria, ana, ben := site.As("maria"), site.As("ana"), site.As("ben")
	tab := "/office/billing/projects/" + projectKeyed(t, site, "maple-street")
	earned, asked := account(t, site, "revenue"), account(t, site, "deposits")

	ben.Open(tab).Follow("Request a deposit").Fill("What is it for?", "Deposit for the windows").Fill("Amount", "six").Press("Save draft").Has(t, 422).Sees(t, "Enter an amount")
	if ben.Value("What is it for?") != "Deposit for the windows" {
		t.Error("what was typed is lost")
	}
	ben.Fill("Amount", "6,000").Press("Save draft").Sees(t, "Saved as a draft", "$6,000.00")
	ben.Follow("Edit").Sees(t, "cannot be written by hand").Fill("Message to the client", "We order them the day it arrives.").Press("Save draft").Sees(t, "Saved.", "$6,000.00")
	maria.Open(ben.Path()).Follow("Approve and release").Press("Approve and release")
	deposit := maria.Path()
	ana.Open("/portal/all/billing").Follow("Deposit for the windows").Sees(t, "$6,000.00", "We order them", "Held", "$0.00")
	if account(t, site, "revenue") != earned {
		t.Error("a deposit counts as earned")
	}
	agrees(t, site)

	maria.Open(deposit).Follow("Record a payment").Press("Record the payment")
	receipt := maria.Path()
	ana.Open("/portal/all/billing").Sees(t, "Deposits held", "$6,000.00")
	ana.Open(strings.Replace(deposit, "/office", "/portal/all", 1)).Sees(t, "puts it on later invoices").SeesNot(t, "Use it", "Give it back")
	maria.Open(tab).Sees(t, "Deposits held", "Deposit for the windows")
	maria.Open("/office/billing/reports/deposits").Sees(t, "Ana & Tom Rivera", "$6,000.00")

	// a part of it on an invoice; the invoice's page leads there
	cabinets := invoiceCalled(t, site, "Cabinets, first half")
	maria.Open("/office/billing/invoices/"+cabinets).Follow("Use INV-").Fill("Amount", "7,000").Press("Use it").Has(t, 422).Sees(t, "is held")
	maria.Fill("Amount", "2,500").Press("Use it").Sees(t, "$2,500.00 of the deposit now stands on")
	ana.Open("/portal/all/billing/invoices/"+cabinets).Sees(t, "$6,128.58", "$2,500.00 taken from the deposit")
	ana.Open("/portal/all/billing/statement").Sees(t, "From the deposit D-0001")
	ana.Open("/portal/all/billing").Sees(t, "$3,500.00")
	agrees(t, site)

	// a part back, the rest on account
	maria.Open(deposit).Follow("Give it back").Fill("Amount", "500").Fill("Reference", "2290").Press("Note that it went back").Sees(t, "$500.00 went back", "Given back, Check")
	maria.Follow("Use it").Choose("Put it", "On account, for any later invoice").Press("Use it").Sees(t, "Held")
	ana.Open("/portal/all/billing").Sees(t, "On account", "$3,000.00").SeesNot(t, "Deposits held")
	agrees(t, site)

	// the check bounces: what was used comes off its invoices; what went back cannot come back
	maria.Open(receipt).Follow("Reverse").Fill("Reason", "Bounced").Press("Reverse this payment").Has(t, 409).Sees(t, "went back to the client")
	do(t, site, "delete from billing.entry where journal_id in (select id from billing.journal where kind = 'hold_return')")
	do(t, site, "delete from billing.journal where kind = 'hold_return'")
	do(t, site, "delete from billing.deposit_return")
	do(t, site, "update billing.invoice set used = used - 50000 where kind = 'deposit' and used > 0")
	maria.Press("Reverse this payment").Sees(t, "is reversed")
	ana.Open("/portal/all/billing/invoices/"+cabinets).Sees(t, "$8,628.58").SeesNot(t, "taken from the deposit")
	maria.Open(deposit).Sees(t, "$0.00")
	if held := account(t, site, "deposits") - asked; held != -600000 {
		t.Errorf("the books hold %d of what is asked for", held)
	}
	agrees(t, site)
	maria.Follow("Void this invoice").Fill("Reason", "Asked again later").Press("Void this invoice").Sees(t, "is void")
	if held := account(t, site, "deposits") - asked; held != 0 {
		t.Errorf("the books hold %d", held)
	}
	agrees(t, site)
	for _, path := range []string{deposit + "/uses/new", deposit + "/returns/new"} {
		if a := ben.Get(path); a.Status != 404 {
			t.Errorf("a member at %s: %d", path, a.Status)
		}
	}
}

func TestDrawsComeToTheContractToTheCent(t *testing.T) {
	site := portaltest.Open(t, billing.Module)
	maria, ana, ben := site.As("maria"), site.As("ana"), site.As("ben")
	project := projectKeyed(t, site, "maple-garden")
	tab := "/office/billing/projects/" + project
	ana.Open("/portal/maple-garden/billing/schedule").Has(t, 200).SeesNot(t, "Planting")
	rows := func(more ...string) url.Values {
		form := url.Values{"version": {"0"}, "amount": {"100,000.01"}, "retainage": {"10"}}
		for n := 0; n+5 < len(more); n += 6 {
			for at, name := range []string{"draw_title", "draw_share", "draw_amount", "draw_milestone", "draw_due", "draw_by"} {
				form.Add(name, more[n+at])
			}
		}
		return form
	}
	a := maria.Post(tab+"/schedule", rows("Start", "33.33", "5", "", "", "", "", "", "7", "", "", "", "Middle", "x", "", "", "soon", "day"))
	for _, want := range []string{"not both", "Say what this draw is for", "percentage between 0 and 100", "Enter a date"} {
		if a.Status != 422 || !strings.Contains(string(a.Body), want) {
			t.Errorf("%d, without %q", a.Status, want)
		}
	}
	a = maria.Post(tab+"/schedule", rows("Start", "60", "", "", "", "", "End", "50", "", "", "", ""))
	if a.Status != 422 || !strings.Contains(string(a.Body), "more than the contract") {
		t.Errorf("110%% of a contract: %d", a.Status)
	}
	due := site.Now().AddDate(0, 0, 10).Format("2006-01-02")
	a = maria.Post(tab+"/schedule", rows("Start", "33.33", "", "Permit is there", "", "", "Planting", "33.33", "", "", due, "day", "End", "33.34", "", "When all is done", "", ""))
	if a.Status != 303 {
		t.Fatalf("%d %s", a.Status, a.Body)
	}
	if sum := one[int64](t, site, "select sum(amount) from billing.draw where project_id = ?", project); sum != 10000001 {
		t.Errorf("100%% is %d", sum)
	}
	maria.Open(tab).Sees(t, "Contract and draws", "$100,000.01", "Only staff see this schedule").SeesNot(t, "has no draw")
	ana.Open("/portal/maple-garden/billing").SeesNot(t, "Payment schedule")

	// by hand: one draft a draw, with what is kept back
	ben.Open(tab).Press("Draft invoice of Start").Sees(t, "Start, 33.33% of the contract", "$33,330.01", "Retainage, 10%, kept back", "−$3,333.00", "Net due", "$29,997.01")
	start := ben.Path()
	if a := ben.Post(tab+"/draws", url.Values{"draw": {one[string](t, site, "select id::text from billing.draw where title = 'Start'")}}); a.Status != 303 {
		t.Errorf("a second draft of a draw: %d", a.Status)
	}
	if n := one[int](t, site, "select count(*) from billing.line where source = 'draw' and text like 'Start%'"); n != 1 {
		t.Errorf("%d drafts of one draw", n)
	}
	// deleted, it can be drafted again
	ben.Open(start).Follow("Delete this draft").Press("Delete this draft")
	ben.Open(tab).Press("Draft invoice of Start")
	start = ben.Path()
	agrees(t, site)

	// by the calendar, once
	run := func() {
		for _, h := range site.Jobs {
			if h.Name == "billing:draft_draws" {
				err := db.InTx(t.Context(), site.Pool, site.FirmID(), func(ctx context.Context, tx bun.Tx) error {
					return h.Run(ctx, tx, site.FirmID(), nil)
				})
				if err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	run()
	run()
	if n := one[int](t, site, "select count(*) from billing.invoice where title = 'Planting' and due_on::text = ? and stage = 'draft'", due); n != 1 {
		t.Errorf("%d drafts by the calendar", n)
	}

	// the client sees the plan once it is shared, and of drafts nothing
	maria.Open(tab+"/schedule").Tick("The client sees the payment schedule").Press("Save schedule").Sees(t, "The client sees this as payment schedule")
	ana.Open("/portal/maple-garden/billing").Follow("Payment schedule").Sees(t, "$100,000.01", "Start", "Permit is there", "To come", "$33,330.01").SeesNot(t, "Draft")
	maria.Open(start).Follow("Approve and release").Press("Approve and release")
	ana.Open("/portal/all/billing/schedule").Sees(t, "Kept back until the end", "$3,333.00", "33% invoiced").Follow("Start").Sees(t, "Net due", "$29,997.01")
	if a := ana.Get(ana.Path() + "/document"); a.Status != 200 || !strings.Contains(pdf(t, a.Body), "Net due") {
		t.Error("the document does not say what is kept back")
	}
	if kept := account(t, site, "retainage"); kept != 333300 {
		t.Errorf("the books keep %d back", kept)
	}
	agrees(t, site)

	// what was kept back is asked for at the end
	ben.Open(tab).Follow("Invoice it").Fill("Amount", "5,000").Press("Save draft").Has(t, 422).Sees(t, "Only $3,333.00 is kept back")
	ben.Fill("Amount", "3,333").Press("Save draft").Sees(t, "Release of retainage")
	final := ben.Path()
	ben.Open(tab+"/retainage/new").Sees(t, "Nothing is kept back in this project that is not on an invoice")
	maria.Open(final).Follow("Approve and release").Press("Approve and release").Sees(t, "$3,333.00")
	maria.Open(start).Follow("Void this invoice").Fill("Reason", "Wrong").Press("Void this invoice").Has(t, 409).Sees(t, "Void that invoice first")
	agrees(t, site)
	maria.Open(final).Follow("Void this invoice").Fill("Reason", "Too early").Press("Void this invoice").Sees(t, "is void")
	maria.Open(start).Follow("Void this invoice").Fill("Reason", "Wrong").Press("Void this invoice").Sees(t, "is void")
	if kept := account(t, site, "retainage"); kept != 0 {
		t.Errorf("the books keep %d back", kept)
	}
	ben.Open(tab).Sees(t, "Draft invoice of Start") // it is there again
	agrees(t, site)
}

func TestACreditForLinesTakesTheirTaxBack(t *testing.T) {
	site := portaltest.Open(t, billing.Module)
	maria, ana := site.As("maria"), site.As("ana")
	cabinets := "/office/billing/invoices/" + invoiceCalled(t, site, "Cabinets, first half")
	maria.Open(cabinets).Follow("Credit lines").Sees(t, "Kitchen cabinets, painted maple", "$9,590.00", "Island with seating").Press("Give the credit").
		Has(t, 422).Sees(t, "Say what the credit is for")
	maria.Fill("What it is for", "One door").Press("Give the credit").Has(t, 422).Sees(t, "Enter an amount beside at least one line")
	maria.Fill("What it is for", "One door came scratched").Fill("Credit of Kitchen cabinets", "9,590.01").Press("Give the credit").Has(t, 422).Sees(t, "Only $9,590.00 of this line is left to credit")
	if maria.Value("Credit of Kitchen cabinets") != "9,590.01" || maria.Value("What it is for") != "One door came scratched" {
		t.Error("what was typed is lost")
	}
	tax := account(t, site, "tax")
	maria.Fill("Credit of Kitchen cabinets", "685").Fill("Credit of Delivery", "180").Press("Give the credit").
		Sees(t, "$921.51", "Kitchen cabinets, painted maple", "and $56.51 tax")
	if back := account(t, site, "tax") - tax; back != 5651 {
		t.Errorf("%d of tax was taken back", back)
	}
	agrees(t, site)
	memo := maria.Path()
	ana.Open("/portal/all/billing/invoices/"+cabinets[strings.LastIndex(cabinets, "/")+1:]).Sees(t, "$7,707.07", "$921.51 credited")
	ana.Open("/portal/all/billing/statement").Sees(t, "Credit memo CM-0002", "$921.51")
	if a := ana.Get(strings.Replace(memo, "/office", "/portal/all", 1) + "/document"); a.Status != 200 || !strings.Contains(pdf(t, a.Body), "$56.51") {
		t.Errorf("the memo's document: %d", a.Status)
	}
	// the rest of a line, with the rest of its tax; more than is owed stays on account
	maria.Open(cabinets).Follow("Credit lines").Sees(t, "$8,905.00").Fill("What it is for", "All of it, taken back").Fill("Credit of Kitchen cabinets", "8,905").Press("Give the credit").Sees(t, "on account")
	if credited := one[int64](t, site, "select sum(tax) from billing.credit_line where position = 1"); credited != 79118 {
		t.Errorf("%d of 791.18 of the line's tax", credited)
	}
	agrees(t, site)
	maria.Open(memo).Follow("Reverse").Fill("Reason", "Wrong door").Press("Reverse this credit memo").Sees(t, "is reversed")
	maria.Open(cabinets)
	agrees(t, site)
	if a := site.As("ben").Get(cabinets + "/credits/new"); a.Status != 404 {
		t.Errorf("a member may credit: %d", a.Status)
	}
	if a := maria.Get("/office/billing/invoices/" + invoiceCalled(t, site, "Backsplash tile") + "/credits/new"); a.Status != 404 {
		t.Errorf("a draft can be credited: %d", a.Status)
	}
}
