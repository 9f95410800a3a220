package billing_test

import (
	"strings"
	"testing"
	"time"

	"portico/modules/billing"
	"portico/modules/billing/gateway/stripe/stripetest"
	"portico/platform/portaltest"
)

// inPortal is the demo's builder with Stripe, where cards are entered in the portal.
func inPortal(t *testing.T) (*portaltest.Site, *stripetest.Double) {
	t.Helper()
	var site *portaltest.Site
	double := stripetest.Start(t, func() time.Time { return site.Now() })
	t.Cleanup(billing.At(double.URL, ""))
	site = portaltest.Open(t, billing.Module)
	maria := site.As("maria").For(t)
	maria.Open("/office/billing/online").Follow("Stripe").Fill("Secret or restricted key", double.Key).Press("Connect Stripe").Has(t, 200)
	for typed, said := range map[string]string{"": "It begins with pk_test_.", "pk_live_1": "This is not the publishable key of this account.", double.Key: "This is not the publishable key"} {
		maria.Open("/office/billing/online").Choose("Clients enter cards", "portal").Fill("Publishable key", typed).Press("Save").Has(t, 422).Sees(t, said)
		if got := maria.Value("Clients enter cards"); got != "portal" {
			t.Errorf("what was chosen is lost: %q", got)
		}
	}
	maria.Fill("Publishable key", "pk_test_double").Press("Save").Has(t, 200).Sees(t, "Saved.")
	maria.Open("/office/billing/online").Fill("Secret of reports", "whsec_one").Press("Save").Has(t, 200) // the key stays
	do(t, site, "update billing.invoice set pay_card = true, pay_bank = true where firm_id = ?", site.FirmID())
	return site, double
}

func intentOf(t *testing.T, site *portaltest.Site) string {
	t.Helper()
	return one[string](t, site, "select gateway_id from billing.attempt where firm_id = ? order by created_at desc, id desc limit 1", site.FirmID())
}

// onCardPage goes to the fields of what was just pressed, and looks what the page lets in.
func onCardPage(t *testing.T, site *portaltest.Site, b *portaltest.Browser) (page string) {
	t.Helper()
	look(t, site, b).Sees(t, "Enter your card").Follow("Enter your card").Has(t, 200).Sees(t, "$8,628.58", "The fields are Stripe's")
	if policy := b.Header("Content-Security-Policy"); !strings.Contains(policy, "script-src 'self' https://js.stripe.com") || !strings.Contains(policy, "connect-src 'self' https://api.stripe.com") {
		t.Errorf("the page of the fields lets in: %s", policy)
	}
	for _, a := range b.Find("[data-card-fields]").Attr {
		if a.Key == "data-secret" && !strings.HasPrefix(a.Val, intentOf(t, site)+"_secret_") || a.Key == "data-key" && a.Val != "pk_test_double" {
			t.Errorf("%s: %s", a.Key, a.Val)
		}
	}
	return b.Path()
}

func TestACardIsEnteredOnAPageOfOurs(t *testing.T) {
	site, double := inPortal(t)
	do(t, site, "update contact set rights = '{view_invoices,make_payments}' where name = 'Tom Rivera' and firm_id = ?", site.FirmID())
	link := made(t, site, three[1])
	for name, from := range map[string]struct{ who, at string }{"portal": {"ana", together(t, site, three[1])}, "guest": {"", link}} {
		t.Run(name, func(t *testing.T) {
			defer site.Snapshot(t)()
			b := site.Stranger().For(t)
			if from.who != "" {
				b = site.As(from.who).For(t)
			}
			b.Open(from.at).Press("Pay $8,628.58")
			page := onCardPage(t, site, b)
			intent := intentOf(t, site)
			for _, other := range []*portaltest.Browser{site.As("tom").For(t), site.As("omar").For(t), site.As("maria").For(t)} {
				if a := other.Get(page); from.who != "" && a.Status != 404 && a.Status != 303 || strings.Contains(string(a.Body), "_secret_") && from.who != "" {
					t.Errorf("%d for somebody else", a.Status)
				}
			}
			if sealed := one[string](t, site, "select encode(fields_secret, 'escape') from billing.attempt where gateway_id = ?", intent); strings.Contains(sealed, "_secret_") {
				t.Error("what opens the fields is kept in the open")
			}
			double.Enter(intent, "insufficient_funds") // refused, and replaced there
			look(t, site, b.Open(strings.TrimSuffix(page, "/card")+"?back=1")).Sees(t, "Enter your card")
			b.Open(page).Has(t, 200).Sees(t, "$8,628.58")
			double.Enter(intent, "")
			look(t, site, b.Open(strings.TrimSuffix(page, "/card")+"?back=1")).Sees(t, "Thank you", "$8,628.58 is paid")
			if policy := b.Header("Content-Security-Policy"); strings.Contains(policy, "stripe") {
				t.Errorf("another page lets in: %s", policy)
			}
			if b.Open(page).Sees(t, "Thank you"); b.Find("[data-card-fields]") != nil {
				t.Error("a paid one still has fields")
			}
			if one[bool](t, site, "select bool_or(fields_secret is not null) from billing.attempt") {
				t.Error("what opens the fields is kept without need")
			}
		})
	}
}

func TestFieldsThatAreLeftAreGivenUp(t *testing.T) {
	site, double := inPortal(t)
	ana := site.As("ana").For(t)
	for name, leave := range map[string]func(batch string){
		"by the payer": func(batch string) { ana.Open(batch).Press("Do not pay now"); site.Settle(t) },
		"by time":      func(string) { site.Clock.Advance(31 * time.Minute); clock(t, site, "billing:find_due") },
	} {
		t.Run(name, func(t *testing.T) {
			ana.Open(together(t, site, three[1])).Press("Pay $8,628.58")
			page := onCardPage(t, site, ana)
			leave(strings.TrimSuffix(page, "/card"))
			if double.Enter(intentOf(t, site), "") {
				t.Error("Stripe still takes a card for it")
			}
			ana.Open(page).Sees(t, "The payment did not go through", "Try again")
			ana.Open(together(t, site, three[1])).Sees(t, "Pay $8,628.58")
		})
	}
}

func TestWhatIsKeptOrPaysSeveralIsEnteredAtStripe(t *testing.T) {
	site, _ := inPortal(t)
	ana := site.As("ana").For(t)
	for name, begin := range map[string]func(){
		"a card to keep":   func() { ana.Open(together(t, site, three[1])).Tick("Keep it for next time").Press("Pay $8,628.58") },
		"several invoices": func() { ana.Open(together(t, site, three[0], three[1])).Press("Pay $56,813.18") },
		"a bank account":   func() { ana.Open(together(t, site, three[1])).Tick("Bank account").Press("Pay $8,628.58") },
	} {
		t.Run(name, func(t *testing.T) {
			defer site.Snapshot(t)()
			begin()
			batch := strings.TrimSuffix(ana.Path(), "?go=1")
			site.Settle(t)
			if a := ana.Get(batch + "/card"); a.Status != 303 {
				t.Errorf("it has fields here: %d", a.Status)
			}
			if n := one[int](t, site, "select count(*) from billing.attempt where fields_secret is not null"); n != 0 {
				t.Error("something that opens fields is kept")
			}
		})
	}
}

// TestACardInFieldsInARealBrowser: Stripe's script and frames are a stand-in's, of an origin that only this page lets in.
func TestACardInFieldsInARealBrowser(t *testing.T) {
	site, double := inPortal(t)
	t.Cleanup(billing.FieldsAt(double.Fields(t)))
	site.Work()
	write := func(tab *portaltest.Tab, digits string) *portaltest.Tab {
		tab.Until("the fields", `document.querySelector("iframe") && !document.querySelector("[data-card-fields] button").disabled`)
		tab.Eval(`document.querySelector("iframe").focus()`, nil).Until("the field to be entered", `document.querySelector("iframe[data-entered]")`)
		return tab.Keys(digits) // they go to the frame that has the focus
	}
	ana := site.Chrome(t, "ana", 360, true)
	ana.Open(together(t, site, three[1])).Press("Pay $8,628.58").Sees(t, "The fields are Stripe's").Fits(t).Axe(t)
	write(ana, stripetest.Refused).Press("Pay $8,628.58").Sees(t, "Your card has insufficient funds.").Fits(t).Axe(t)
	ana.Open(ana.Path())
	write(ana, stripetest.Good).Press("Pay $8,628.58").Sees(t, "Thank you").Sees(t, "$8,628.58 is paid")
	guest := site.Chrome(t, "", 1280, false)
	guest.Open(made(t, site, three[0])).Press("Pay $48,184.60").Sees(t, "The fields are Stripe's").Fits(t).Axe(t)
	write(guest, stripetest.Good).Press("Pay $48,184.60").Sees(t, "Thank you").Sees(t, "Your receipt is below")
}
