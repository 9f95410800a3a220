package billing_test

import (
	"testing"

	"portico/modules/billing"
	"portico/platform/portaltest"
)

// TestAStolenSessionRedirectsNoMoney: with an open session alone nobody changes where clients pay to, or who approves.
func TestAStolenSessionRedirectsNoMoney(t *testing.T) {
	site := portaltest.Open(t, billing.Module)
	maria := site.As("maria")
	do(t, site, "update session set confirmed_at = now() - interval '1 hour'")
	maria.Open("/office/billing/settings").Fill("Days to pay", "21").Press("Save changes").Sees(t, "Saved.")
	maria.Fill("Below every invoice", "Pay to Eve").Press("Save changes").Has(t, 422).Sees(t, "Confirm that it is you")
	if maria.Value("Below every invoice") != "Pay to Eve" {
		t.Error("what was typed is lost")
	}
	maria.Open("/office/billing/settings").Fill("The tax is called", "Eve's tax").Press("Save changes").Has(t, 422)
	maria.Open("/office/billing/settings").Tick("A second person approves").Press("Save changes").Has(t, 422)
	if n := one[int](t, site, "select count(*) from billing.setting where firm_id = ? and (footer like '%Eve%' or tax_name like '%Eve%' or second_person)", site.FirmID()); n != 0 {
		t.Error("it was saved")
	}
	do(t, site, "update session set confirmed_at = now()")
	maria.Press("Save changes").Sees(t, "Saved.")
}

func TestAnIssuedInvoiceStaysAsItWasSent(t *testing.T) {
	site := portaltest.Open(t, billing.Module)
	maria := site.As("maria")
	maria.Open("/office/billing").Follow("Backsplash tile").Sees(t, "First Bank of Austin", "Sales tax 8.25%")
	draft := maria.Path()
	maria.Open("/office/billing/settings").Fill("Below every invoice", "Another bank").Fill("The tax is called", "Levy").Press("Save changes").Sees(t, "Saved.")
	do(t, site, "update client set street = '9 New Street' where firm_id = ?", site.FirmID())
	do(t, site, "update firm set address = '1 Moved Lane' where firm_id = ?", site.FirmID())
	maria.Open(draft).Sees(t, "Another bank", "Levy 8.25%", "9 New Street", "1 Moved Lane").SeesNot(t, "First Bank of Austin")

	old, changed := []string{"First Bank of Austin", "Sales tax 8.25%", "418 Maple Street"}, []string{"Another bank", "Levy", "9 New Street", "1 Moved Lane"}
	cabinets := "/billing/invoices/" + invoiceCalled(t, site, "Cabinets, first half")
	site.As("ana").Open("/portal/all"+cabinets).Sees(t, old...).SeesNot(t, changed...)
	maria.Open("/office"+cabinets).Sees(t, old...).SeesNot(t, changed...)
	paper := pdf(t, site.As("ana").Get("/portal/all"+cabinets+"/document").Body)
	holds(t, paper, old, true)
	holds(t, paper, changed, false)

	maria.Open("/office/billing").Follow("First draw").Follow("Void this invoice").Fill("Reason", "Wrong").Press("Void this invoice").Sees(t, old...).SeesNot(t, changed...)

	// released before copies were kept: as the firm is now
	do(t, site, "update billing.invoice set issued_from = null, issued_to = null, issued_footer = null, issued_tax_name = null where firm_id = ?", site.FirmID())
	maria.Open("/office"+cabinets).Sees(t, changed...)
}

func TestPaymentsThatAreSwitchedOffShowNowhere(t *testing.T) {
	site := portaltest.Open(t, billing.Module)
	cabinets := "/portal/all/billing/invoices/" + invoiceCalled(t, site, "Cabinets, first half")
	// a check that pays two projects
	do(t, site, `insert into billing.allocation (firm_id, id, payment_id, invoice_id, amount, on_day)
		select p.firm_id, gen_random_uuid(), p.id, i.id, 100, p.received_on from billing.payment p
		join billing.invoice i on i.firm_id = p.firm_id and i.title = 'Cabinets, first half' where p.firm_id = ? and p.reference = '2211'`, site.FirmID())
	hidden := []string{"R-0006", "Cabinets, part", "Tile that came broken", "CM-0001"}
	ana := site.As("ana")
	ana.Open(cabinets).Sees(t, hidden...)
	ana.Open("/portal/all/billing/statement").Sees(t, hidden...)
	back := site.Snapshot(t)

	// in one project
	do(t, site, `update project set switches = '{"billing/payments": false}' where key = 'maple-street'`)
	ana.Open(cabinets).Sees(t, "$8,628.58", "Invoice sent").SeesNot(t, hidden...).SeesNot(t, "Payments and credits", "paid by", "credited")
	ana.Open("/portal/all/billing/payments").Sees(t, "2211", "$942.50").SeesNot(t, hidden...).SeesNot(t, "INV-1026", "$943.50")
	payment := one[string](t, site, "select id::text from billing.payment where firm_id = ? and reference = '2211'", site.FirmID())
	holds(t, pdf(t, ana.Get("/portal/all/billing/payments/"+payment+"/document").Body), []string{"Cabinets", "INV-1026"}, false)
	ana.Open("/portal/all/billing/statement").Sees(t, "2211", "$942.50", "$5,000.00", "$310.00", "$56,813.18").SeesNot(t, hidden...)
	paper := pdf(t, ana.Get("/portal/all/billing/statement/document").Body)
	holds(t, paper, hidden, false)
	holds(t, paper, []string{"2211", "$5,000.00", "$56,813.18"}, true)
	back()

	// in all
	do(t, site, `update client set switches = '{"billing/payments": false}' where name like 'Ana%'`)
	ana.Open(cabinets).Sees(t, "$8,628.58").SeesNot(t, hidden...)
	ana.Open("/portal/all/billing/statement").Sees(t, "$942.50", "$5,000.00", "$56,813.18").SeesNot(t, hidden...).SeesNot(t, "2211", "R-0")
	site.As("maria").Open("/office/billing/clients/"+site.Person("ana").ClientID.String()+"/statement").Sees(t, hidden...)
}

func TestWhoWasNeverInvitedGetsNoInvoice(t *testing.T) {
	for why, statement := range map[string]string{
		"not invited": "update contact set invited_at = null, accepted_at = null where name = 'Ana Rivera' and firm_id = ?",
		"bounced":     "update contact set bounced_at = now() where name = 'Ana Rivera' and firm_id = ?",
		"":            "update contact set bounced_at = null where name = 'Ana Rivera' and firm_id = ?",
	} {
		t.Run(why, func(t *testing.T) {
			site := portaltest.Open(t, billing.Module)
			do(t, site, statement, site.FirmID())
			before := len(site.Mails())
			site.As("maria").Open("/office/billing").Follow("Backsplash tile").Follow("Approve and release").Press("Approve and release").Sees(t, "Released as")
			site.Settle(t)
			if n := len(site.Mails()) - before; (n == 0) != (why != "") {
				t.Errorf("%d mails went out", n)
			}
		})
	}
}
