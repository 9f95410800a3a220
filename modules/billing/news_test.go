package billing_test

import (
	"strings"
	"testing"

	"portico/platform/portaltest"
)

// payByCard pays an invoice of Ana's with a practice number.
func payByCard(t *testing.T, site *portaltest.Site, ana *portaltest.Browser, title, button, digits string) {
	t.Helper()
	ana.Open(together(t, site, title)).Press(button)
	look(t, site, ana)
	enter(t, ana, digits)
	look(t, site, ana).Sees(t, "Thank you")
}

func TestTheClientSeesARefund(t *testing.T) {
	site := online(t)
	ana := site.As("ana").For(t)
	payByCard(t, site, ana, three[1], "Pay $8,628.58", "4242424242424242")
	maria := site.As("maria").For(t)
	payment := one[string](t, site, "select payment_id::text from billing.attempt where status = 'succeeded'")
	maria.Open("/office/billing/payments/"+payment).Follow("Refund").Fill("Amount", "100.00").Fill("Reason", "Tiles came broken").Tick("Give this money back").Press("Refund")
	site.Settle(t)
	if m := site.MailTo("ana"); !strings.Contains(m.Subject, "Refund of $100.00") || !strings.Contains(m.Text, "$8,628.58") || strings.Contains(m.Text, "broken") {
		t.Errorf("%s\n%s", m.Subject, m.Text)
	}
	ana.Open("/portal/all/billing/payments").Sees(t, "Partly refunded")
	ana.Open(invoicePath(t, site, three[1])).Has(t, 200)
}

func TestADisputeIsTold(t *testing.T) {
	site := online(t)
	ana := site.As("ana").For(t)
	payByCard(t, site, ana, three[1], "Pay $8,628.58", "4000000000000259")
	until(t, "the dispute", func() bool {
		site.Settle(t)
		return one[string](t, site, "select status from billing.attempt") == "disputed"
	})
	if m := site.MailTo("maria"); !strings.Contains(m.Subject, "A payment is disputed: INV-1026") || !strings.Contains(m.Text, "Answer it at your payment provider by") {
		t.Errorf("%s\n%s", m.Subject, m.Text)
	}
	for _, m := range site.Mails() {
		if m.Recipient == site.Person("ana").Email && strings.Contains(m.Subject, "disputed") {
			t.Error("the client is told of the own dispute")
		}
	}
	ana.Open("/portal/all/billing/payments").Sees(t, "Disputed")
}
