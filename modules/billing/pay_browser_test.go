package billing_test

import (
	"fmt"
	"testing"
	"time"

	"portico/platform/portaltest"
)

// tap ticks or chooses by clicking its label's words, as a finger does.
func tap(tab *portaltest.Tab, css string) {
	tab.Until(css, fmt.Sprintf(`document.querySelector(%q)`, css)).Eval(fmt.Sprintf(`document.querySelector(%q).click()`, css), nil)
}

// atProvider enters a practice number once the provider's page has come by itself.
func atProvider(t *testing.T, tab *portaltest.Tab, digits, button string) {
	t.Helper()
	tab.Sees(t, "This is Portico's practice provider")
	if len(digits) == 12 {
		tab.Fill("Routing number", "110000000").Fill("Account number", digits)
	} else {
		tab.Fill("Card number", digits)
	}
	tab.Press(button)
}

// TestPayingInARealBrowser: one payment by a client while another contact looks on, on a phone and at a desk.
func TestPayingInARealBrowser(t *testing.T) {
	site := online(t)
	site.Work()
	oweThree(t, site)
	do(t, site, "update contact set rights = '{view_invoices,make_payments}' where name = 'Tom Rivera' and firm_id = ?", site.FirmID())
	cabinets := invoicePath(t, site, three[1])
	ana, tom := site.Chrome(t, "ana", 360, true), site.Chrome(t, "tom", 1280, false)
	tom.Open(cabinets).Sees(t, "Pay $8,628.58")
	ana.Open("/portal/all/billing").Fits(t).Axe(t)
	tap(ana, "input[data-tick-all]")
	ana.Sees(t, "3 ticked").Sees(t, "$102,313.18").Fits(t).Axe(t)
	tap(ana, "input[data-tick-all]")
	tap(ana, fmt.Sprintf("input[data-tick][value=%q]", invoiceCalled(t, site, three[1])))
	ana.Sees(t, "1 ticked").Press("Pay selected").Sees(t, "Pay Cabinets").Fits(t).Axe(t)
	ana.Press("Pay $8,628.58")
	tom.Sees(t, "is being paid") // without touching anything
	tom.Sees(t, "by Ana Rivera").SeesNot(t, "Pay $8,628.58")
	atProvider(t, ana, "4000002500003155", "Pay $8,628.58") // asks for a second step
	ana.Sees(t, "Your bank asks").Press("Yes, it is me").Sees(t, "Thank you").Sees(t, "$8,628.58 is paid").Fits(t).Axe(t)
	tom.Until("it is paid", `document.querySelector("#invoice .badge.ok")`)
	// it survives a reload, another tab, and the way back
	path := ana.Path()
	ana.Open(path).Sees(t, "Thank you")
	ana.Eval("history.back()", nil).Until("another page", fmt.Sprintf("location.pathname !== %q", path)).Quiet()
	ana.Open("/portal/all/billing").Sees(t, "Pay now").Fits(t)
	site.Chrome(t, "ana", 1280, false).Open(path).Sees(t, "Thank you").Axe(t)
}

// TestThreeAtOnceInARealBrowser: one of three is declined, and tried again with another card.
func TestThreeAtOnceInARealBrowser(t *testing.T) {
	site := online(t)
	site.Work()
	released(t, site, "Backsplash tile")
	ana := site.Chrome(t, "ana", 1280, false)
	ana.Open("/portal/all/billing")
	tap(ana, "input[data-tick-all]")
	ana.Press("Pay selected").Sees(t, "Pay 3 invoices").Axe(t).Press("Pay other amounts").Fill("Amount for INV-1026", "628.58").Sees(t, "$51,297.52").Fits(t).Axe(t)
	ana.Press("Pay all that is left").Press("Pay $59,297.52")
	atProvider(t, ana, "4000000000006975", "Save")
	ana.Sees(t, "Not everything is paid").Sees(t, "more than your bank lets you pay").Fits(t).Axe(t).Press("Try again")
	ana.Sees(t, "Pay First draw").Press("Pay $48,184.60")
	atProvider(t, ana, "4242424242424242", "Pay $48,184.60")
	ana.Sees(t, "Thank you").Sees(t, "$48,184.60 is paid")
}

// TestABankDebitInARealBrowser: it is on its way for four days, fails, and the open page says so by itself.
func TestABankDebitInARealBrowser(t *testing.T) {
	site := online(t)
	site.Work()
	ana := site.Chrome(t, "ana", 360, false)
	ana.Open(together(t, site, three[1]))
	tap(ana, "input[name=with][value=bank]")
	ana.Sees(t, "up to four business days").Press("Pay $8,628.58")
	atProvider(t, ana, "000222222227", "Pay $8,628.58")
	ana.Sees(t, "Your payment is on its way").Fits(t).Axe(t)
	site.Clock.Advance(4*24*time.Hour + time.Hour)
	ana.Sees(t, "The payment did not go through").Sees(t, "There is not enough money on it").Sees(t, "Try again").Fits(t)
}

// TestALinkInARealBrowser: a guest looks, signs in, and is at the same payment with the saved method; and an invoice is
// paid by a guest.
func TestALinkInARealBrowser(t *testing.T) {
	site := online(t)
	site.Work()
	b := site.As("ana").For(t)
	keep(t, site, b, "Add a card", "4242424242424242")
	at := made(t, site, three[1])
	guest := site.Chrome(t, "", 360, true)
	guest.Open(at).Sees(t, "Cabinets, first half").Fits(t).Axe(t)
	guest.Press("Pay another amount").Fill("Amount", "1,000.00").Sees(t, "$1,000.00").Keys("\r").Until("added up", `location.search.includes("part=1&amount=1")`).Press("Sign in").Sees(t, "Enter your email")
	guest.Fill("Email", site.Person("ana").Email).Press("Email me a link").Sees(t, "Check your mail")
	guest.Open(portaltest.MailedLink(t, site.MailTo("ana"))).Press("Continue").Sees(t, "Visa •••• 4242").Fits(t).Axe(t)
	guest.Press("Pay this amount").Sees(t, "Thank you").Sees(t, "$1,000.00 is paid")
	stranger := site.Chrome(t, "", 1280, false)
	stranger.Open(at).Axe(t).Press("Pay $7,628.58")
	atProvider(t, stranger, "5555555555554444", "Pay $7,628.58")
	stranger.Sees(t, "Thank you").Fits(t).Axe(t).Press("Back to the invoice").Sees(t, "This invoice is paid")
}
