package billing_test

import (
	"strings"
	"testing"
	"time"

	"portico/platform/portaltest"
)

// paidInBrowser pays the cabinets with a practice number, as Ana does.
func paidInBrowser(t *testing.T, site *portaltest.Site, width int, digits string) *portaltest.Tab {
	t.Helper()
	ana := site.Chrome(t, "ana", width, false)
	ana.Open(together(t, site, three[1])).Press("Pay $8,628.58")
	atProvider(t, ana, digits, "Pay $8,628.58")
	return ana.Sees(t, "Thank you")
}

// mailed waits for a mail to somebody whose subject begins with these words.
func mailed(t *testing.T, site *portaltest.Site, who, subject string) (text string) {
	t.Helper()
	until(t, "a mail to "+who+": "+subject, func() bool {
		for _, m := range site.Mails() {
			if m.Recipient == site.Person(who).Email && strings.HasPrefix(m.Subject, subject) {
				text = strings.Join(strings.Fields(m.Text), " ")
				return true
			}
		}
		return false
	})
	return text
}

// TestARefundInARealBrowser: staff give a part back; the client reads it on the phone, and gets the mail.
func TestARefundInARealBrowser(t *testing.T) {
	site := online(t)
	site.Work()
	ana := paidInBrowser(t, site, 360, "4242424242424242")
	maria := site.Chrome(t, "maria", 1280, false)
	maria.Open("/office/billing/payments").Sees(t, "Visa 4242").Press("Card").Fits(t).Axe(t).Press("Refund")
	maria.Sees(t, "At most $8,628.58").Fits(t).Axe(t).Fill("Amount", "9,000.00").Fill("Reason", "Two doors came scratched").Press("Refund")
	maria.Sees(t, "Tick this to go on").Sees(t, "At most $8,628.58").Axe(t) // nothing typed is lost
	maria.Fill("Amount", "600.00").Press("Give this money back").Press("Refund").Sees(t, "$600.00").Sees(t, "On its way")
	maria.Until("the provider has done it", `[...document.querySelectorAll(".badge")].some(b => b.textContent.includes("Refunded")) || (location.reload(), false)`).Axe(t)
	text := mailed(t, site, "ana", "Refund of $600.00")
	if !strings.Contains(text, "$8,628.58") || strings.Contains(text, "scratched") {
		t.Error(text)
	}
	ana.Open("/portal/all/billing/payments").Sees(t, "Partly refunded").Fits(t).Axe(t)
	ana.Open(invoicePath(t, site, three[1])).Sees(t, "Pay $600.00").Fits(t).Axe(t)
}

// TestADisputeInARealBrowser: raised at the practice desk, seen by staff and client, and lost; paid again, disputed again, won.
func TestADisputeInARealBrowser(t *testing.T) {
	site := online(t)
	site.Work()
	ana := paidInBrowser(t, site, 360, "4242424242424242")
	maria := site.Chrome(t, "maria", 1280, true)
	decide := func(button, end string) (payment string) {
		payment = "/office/billing/payments/" + one[string](t, site, "select payment_id::text from billing.attempt where firm_id = ? order by created_at desc limit 1", site.FirmID())
		maria.Open("/office/billing/practice").Press("Dispute it").Sees(t, "Done.").Sees(t, "Decide for the firm")
		mailed(t, site, "maria", "A payment is disputed")
		until(t, "the dispute", func() bool {
			return one[bool](t, site, "select exists (select from billing.dispute where firm_id = ? and status = 'open')", site.FirmID())
		})
		if end == "lost" {
			maria.Fits(t).Axe(t).Open(payment).Sees(t, "Disputed at the bank").Sees(t, "Answer at the provider by").Fits(t).Axe(t)
			maria.Open(payment+"/refunds/new").Sees(t, "Nothing can be refunded before that is decided")
			ana.Open("/portal/all/billing/payments").Sees(t, "Disputed").Fits(t).Axe(t)
		}
		maria.Open("/office/billing/practice").Press(button).Sees(t, "Done.")
		until(t, "the end of the dispute", func() bool {
			return one[bool](t, site, "select exists (select from billing.dispute where firm_id = ? and status = ?)", site.FirmID(), end)
		})
		maria.Open(payment).Sees(t, end).Axe(t)
		return payment
	}
	decide("Decide for the payer", "lost")
	ana.Open(invoicePath(t, site, three[1])).Sees(t, "Pay $8,628.58").Fits(t).Axe(t).Press("Pay $8,628.58") // it is owed again
	ana.Sees(t, "Pay with").Press("Pay $8,628.58")
	atProvider(t, ana, "5555555555554444", "Pay $8,628.58")
	ana.Sees(t, "Thank you")
	decide("Decide for the firm", "won")
	ana.Open(invoicePath(t, site, three[1])).Sees(t, "Paid").SeesNot(t, "Pay $8,628.58").Fits(t).Axe(t)
}

// TestAutopayInARealBrowser: switched on with a thumb, announced, charged on the day by itself, the receipt is there; and the
// method is removed.
func TestAutopayInARealBrowser(t *testing.T) {
	site := online(t)
	site.Work()
	do(t, site, "update billing.invoice set pay_card = false where title = ? and firm_id = ?", three[0], site.FirmID())
	dueIn(t, site, three[1], 3)
	ana := site.Chrome(t, "ana", 360, true)
	ana.Open("/portal/all/billing/methods").Fits(t).Axe(t).Press("Add a card")
	atProvider(t, ana, "4242424242424242", "Save")
	ana.Sees(t, "Your card is saved").Axe(t).Press("Back to payment methods").Sees(t, "Visa •••• 4242").Fits(t).Axe(t)
	ana.Press("Set it up").Sees(t, "Three days before").Fits(t).Axe(t).Press("Switch automatic payment on").Sees(t, "On: what is due is charged to Visa")
	clock(t, site, "billing:autopay")
	if text := mailed(t, site, "ana", "$8,628.58 will be charged on"); !strings.Contains(text, "Visa •••• 4242") {
		t.Error(text)
	}
	ana.Open("/portal/all/billing/autopay").Sees(t, "Cabinets, first half").Fits(t).Axe(t)
	ana.Open(invoicePath(t, site, three[1])).Sees(t, "Paid automatically on").Fits(t).Axe(t)
	site.Clock.Advance(3*24*time.Hour + time.Hour)
	clock(t, site, "billing:autopay")
	mailed(t, site, "ana", "Receipt R-")
	ana = site.Chrome(t, "ana", 360, true) // days later
	ana.Open(invoicePath(t, site, three[1])).SeesNot(t, "Paid automatically on").Sees(t, "Paid").Fits(t).Axe(t)
	ana.Open("/portal/all/billing/payments").Sees(t, "Visa 4242").Sees(t, "$8,628.58").Fits(t).Axe(t)
	ana.Open("/portal/all/billing/methods").Press("Remove Visa").Sees(t, "Automatic payment uses it").Fits(t).Axe(t).Press("Remove it").Sees(t, "Nothing saved")
}
