package billing_test

import (
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"portico/platform/portaltest"
)

// three are invoices that Ana owes, all of one project.
var three = []string{"First draw: demolition and framing", "Cabinets, first half", "Second draw: drywall and plumbing"}

// oweThree releases another one of Ana's, so that she owes three.
func oweThree(t *testing.T, site *portaltest.Site) {
	t.Helper()
	released(t, site, three[2])
}

// released sends an invoice to its client, who may pay it in every way.
func released(t *testing.T, site *portaltest.Site, title string) {
	t.Helper()
	version := one[int](t, site, "update billing.invoice set pay_card = true, pay_bank = true where title = ? and firm_id = ? returning version", title, site.FirmID())
	a := site.As("maria").For(t).Post("/office/billing/invoices/"+invoiceCalled(t, site, title)+"/release", url.Values{"version": {strconv.Itoa(version)}})
	if a.Status != 303 {
		t.Fatalf("it is not released: %d %s", a.Status, a.Body)
	}
}

func together(t *testing.T, site *portaltest.Site, titles ...string) string {
	t.Helper()
	query := url.Values{}
	for _, title := range titles {
		query.Add("invoice", invoiceCalled(t, site, title))
	}
	return "/portal/all/billing/payments/new?" + query.Encode()
}

func TestSeveralInvoicesArePaidEachOnItsOwn(t *testing.T) {
	site := online(t)
	oweThree(t, site)
	site.Both(t, "ana", func(t *testing.T, ana *portaltest.Browser) {
		ana.Open("/portal/all/billing")
		if n := ana.Count("input[data-tick]"); n != 3 {
			t.Errorf("%d boxes", n)
		}
		for _, title := range three {
			ana.Tick("Tick " + title)
		}
		ana.Press("Pay selected").Sees(t, "Pay 3 invoices", "$102,313.18", "Each invoice is charged on its own").Tick("Keep it for next time").Press("Pay $102,313.18")
		look(t, site, ana).Sees(t, "Enter your card", "Waiting")
		enter(t, ana, "4000000000000341") // can be saved, is declined when it is charged
		look(t, site, ana).Sees(t, "The payment did not go through", "Declined", "Try again").SeesNot(t, "Receipt")
		ana.Follow("Try again").Sees(t, "Visa •••• 0341", "Another card", "Pay 3 invoices")
		ana.Tick("Another card").Press("Pay $102,313.18")
		look(t, site, ana)
		enter(t, ana, "4242424242424242")
		look(t, site, ana).Sees(t, "Thank you", "$102,313.18 is paid")
		if n := ana.Count("a[download]"); n != 3 {
			t.Errorf("%d receipts", n)
		}
		receipts := map[string]bool{}
		for _, m := range site.Mails() {
			if strings.HasPrefix(m.Subject, "Receipt") && m.Recipient == site.Person("ana").Email {
				receipts[m.Subject] = true
			}
		}
		if len(receipts) != 3 {
			t.Errorf("receipts by mail: %v", receipts)
		}
	})
}

func TestOneOfThreeIsDeclinedAndTriedAgain(t *testing.T) {
	site := online(t)
	released(t, site, "Backsplash tile")
	site.Both(t, "ana", func(t *testing.T, ana *portaltest.Browser) {
		ana.Open(together(t, site, three[0], three[1], "Backsplash tile")).Press("Pay $59,297.52")
		look(t, site, ana)
		enter(t, ana, "4000000000006975") // nothing above $10,000.00
		look(t, site, ana).Sees(t, "Not everything is paid", "Declined", "more than your bank lets you pay that way", "Try again")
		if n := ana.Count("a[download]"); n != 2 {
			t.Errorf("%d receipts", n)
		}
		ana.Follow("Try again").Sees(t, "Pay First draw", "$48,184.60").SeesNot(t, "••••", "Cabinets").Press("Pay $48,184.60")
		look(t, site, ana)
		enter(t, ana, "4242424242424242")
		look(t, site, ana).Sees(t, "Thank you", "$48,184.60 is paid")
		ana.Open("/portal/all/billing").SeesNot(t, "Pay now", "Pay selected")
	})
}

// T12
func TestABankDebitFailsDaysLater(t *testing.T) {
	site := online(t)
	site.Both(t, "ana", func(t *testing.T, ana *portaltest.Browser) {
		ana.Open(together(t, site, three[1])).Tick("Bank account").Press("Pay $8,628.58")
		look(t, site, ana).Sees(t, "Enter your bank account")
		enter(t, ana, "000222222227")
		look(t, site, ana).Sees(t, "Your payment is on its way", "Processing", "up to four business days")
		ana.Open("/portal/all/billing").Sees(t, "Processing", "$8,628.58 of it is processing")
		ana.Open(invoicePath(t, site, three[1])).Sees(t, "Processing").SeesNot(t, "Pay $")
		ana.Open("/portal/all/billing/payments").Sees(t, "Under way", "Bank payment by Ana Rivera, up to four business days")
		if n := one[int](t, site, "select count(*) from billing.payment where firm_id = ? and method = 'bank'", site.FirmID()); n != 0 {
			t.Error("it counts as paid before it is there")
		}
		site.Clock.Advance(4*24*time.Hour + time.Hour)
		ana = site.As("ana").For(t)
		until(t, "the debit failed", func() bool {
			site.Settle(t)
			return one[string](t, site, "select status from billing.attempt where firm_id = ? order by created_at desc limit 1", site.FirmID()) == "failed"
		})
		ana.Open(invoicePath(t, site, three[1])).Sees(t, "Pay $8,628.58").SeesNot(t, "Processing")
		if m := site.MailTo("ana"); !strings.Contains(m.Subject, "did not go through") || !strings.Contains(m.Text, "There is not enough money on it") {
			t.Errorf("%s\n%s", m.Subject, m.Text)
		}
		if m := site.MailTo("maria"); !strings.Contains(m.Subject, "A bank payment failed: INV-1026") || !strings.Contains(m.Text, "There is not enough money on it") {
			t.Errorf("%s\n%s", m.Subject, m.Text)
		}
	})
}

// until waits for what the provider reports by itself.
func until(t *testing.T, what string, is func() bool) {
	t.Helper()
	late := time.After(20 * time.Second)
	look := time.NewTicker(50 * time.Millisecond)
	defer look.Stop()
	for !is() {
		select {
		case <-look.C:
		case <-late:
			t.Fatal("waited in vain: " + what)
		}
	}
}

// T16
func TestAnAbandonedPaymentLeavesTheInvoiceAsItWas(t *testing.T) {
	site := online(t)
	ana := site.As("ana").For(t)
	total := one[int64](t, site, "select total from billing.invoice where title = ?", three[1])
	ana.Open(together(t, site, three[1])).Press("Pay $8,628.58")
	look(t, site, ana).Sees(t, "One more step").Press("Do not pay now")
	look(t, site, ana).Sees(t, "did not go through", "It was stopped")
	ana.Open(invoicePath(t, site, three[1])).Sees(t, "Pay $8,628.58").SeesNot(t, "Processing")
	if now := one[int64](t, site, "select total + 1000000 * reserved from billing.invoice where title = ?", three[1]); now != total {
		t.Errorf("%d is %d now", total, now)
	}
}

func TestOneCurrencyAtATime(t *testing.T) {
	site := online(t)
	oweThree(t, site)
	do(t, site, "update billing.invoice set currency = 'EUR' where title = ? and firm_id = ?", three[1], site.FirmID())
	do(t, site, "update billing.invoice set pay_card = false, pay_bank = false where title = ? and firm_id = ?", three[2], site.FirmID())
	ana := site.As("ana").For(t)
	ana.Open("/portal/all/billing").Sees(t, "Invoices in another currency have no box")
	if boxes, buttons := ana.Count("input[data-tick]"), ana.Count("td.row-end a"); boxes != 1 || buttons != 2 {
		t.Errorf("%d boxes, %d buttons", boxes, buttons)
	}
	ana.Open(together(t, site, three...)).Sees(t, "One currency at a time", "Pay $48,184.60 (1 invoice)", "It cannot be paid online").SeesNot(t, "Pay with")
	a := ana.Post("/portal/all/billing/payments", url.Values{
		"key": {"01a21792-bb50-7549-b475-bc15d0ad0ce3"}, "with": {"card"},
		"invoice": {invoiceCalled(t, site, three[0]), invoiceCalled(t, site, three[1])},
	})
	if a.Status != 409 {
		t.Errorf("both at once: %d", a.Status)
	}
}
