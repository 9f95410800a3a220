package billing_test

import (
	"testing"

	"github.com/chromedp/chromedp"

	"portico/modules/billing"
	"portico/platform/portaltest"
)

// TestAReleaseIsAskedInADialog in a real browser, on a phone too.
func TestAReleaseIsAskedInADialog(t *testing.T) {
	site := portaltest.Open(t, billing.Module)
	draft := "/office/billing/invoices/" + invoiceCalled(t, site, "Backsplash tile")
	phone := site.Chrome(t, "maria", 360, false)
	phone.Open(draft + "/release").Fits(t).Axe(t)
	for _, path := range []string{"/office/billing/recurring", "/office/billing/reminders", "/office/billing/payments", draft + "/edit", draft + "/ways"} {
		phone.Open(path).Fits(t).Axe(t)
	}
	desk := site.Chrome(t, "maria", 1280, true)
	desk.Open("/office/billing/reminders").Axe(t)
	desk.Open(draft).Press("Approve and release").
		Until("the dialog asks", `document.querySelector("dialog[open]")?.innerText.includes("Ana Rivera, ana.rivera@example.com")`).Axe(t)
	desk.Run(chromedp.Click("dialog[open] .button.primary", chromedp.ByQuery)).Sees(t, "Released as INV-1029")
}
