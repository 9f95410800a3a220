package billing_test

import (
	"net/url"
	"testing"

	"portico/platform/portaltest"
)

// TestSeveralInvoicesArePaidInPart: each with an amount of its own, within what the firm and the invoice allow.
func TestSeveralInvoicesArePaidInPart(t *testing.T) {
	site := online(t)
	oweThree(t, site)
	do(t, site, "update billing.invoice set min_payment = 100000 where title = ? and firm_id = ?", three[1], site.FirmID())
	do(t, site, "update billing.invoice set allow_over = true where title = ? and firm_id = ?", three[2], site.FirmID())
	site.Both(t, "ana", func(t *testing.T, ana *portaltest.Browser) {
		ana.Open(together(t, site, three...)).Sees(t, "Pay 3 invoices", "$102,313.18").Follow("Pay other amounts")
		ana.Sees(t, "Between $1,000.00 and $8,628.58.", "stays on account for your next invoice")
		ana.Fill("Amount for INV-1026", "999.99").Fill("Amount for INV-1025", "plenty").Press("Pay these amounts").Has(t, 422)
		ana.Sees(t, "Pay at least $1,000.00.", "Enter an amount, such as").SeesNot(t, "$102,313.18")
		if got := ana.Value("Amount for INV-1025"); got != "plenty" {
			t.Errorf("what was typed is lost: %q", got)
		}
		ana.Fill("Amount for INV-1026", "1,000.00").Fill("Amount for INV-1025", "500").Press("Add up").Has(t, 200).Sees(t, "$47,000.00")
		ana.Fill("Amount for INV-1029", "46,000").Press("Pay these amounts")
		look(t, site, ana)
		enter(t, ana, "4242424242424242")
		look(t, site, ana).Sees(t, "Thank you", "$47,500.00 is paid", "$500.00", "$1,000.00", "$46,000.00")
		left := one[int64](t, site, "select sum(total - paid) from billing.invoice where firm_id = ? and title in (?, ?, ?)", site.FirmID(), three[0], three[1], three[2])
		if left != 10231318-150000-4550000 {
			t.Errorf("%d is left", left)
		}
		ana.Open("/portal/all/billing").Sees(t, "On account", "$500.00")
	})
}

// TestAPartThatIsDeclinedIsTriedAgain: with the amount that was typed, and not with all that is owed.
func TestAPartThatIsDeclinedIsTriedAgain(t *testing.T) {
	site := online(t)
	for name, b := range map[string]*portaltest.Browser{"signed in": site.As("ana").For(t), "a guest": site.Stranger().For(t)} {
		t.Run(name, func(t *testing.T) {
			defer site.Snapshot(t)()
			at := together(t, site, three[1])
			if name == "a guest" {
				at = made(t, site, three[1])
			}
			b.For(t).Open(at).Follow("Pay another amount").Fill("Amount", "700").Press("Pay this amount")
			look(t, site, b).Press("Do not pay now")
			look(t, site, b).Follow("Try again").Has(t, 200).Sees(t, "$700.00", "Pay this amount")
			if got := b.Value("Amount"); got != "700.00" {
				t.Errorf("the amount is %q", got)
			}
		})
	}
}

// TestAnAmountIsOnlyTypedWhereItMayBe: an invoice that is paid in full stays so beside others, and a firm that takes no parts
// offers none.
func TestAnAmountIsOnlyTypedWhereItMayBe(t *testing.T) {
	site := online(t)
	do(t, site, "update billing.invoice set min_payment = total where title = ? and firm_id = ?", three[0], site.FirmID())
	ana := site.As("ana").For(t)
	ana.Open(together(t, site, three[0], three[1])).Follow("Pay other amounts")
	if n := ana.Count("input[name=amount]"); n != 2 || ana.Count("#amounts .field") != 1 {
		t.Errorf("%d amounts", n)
	}
	ana.Fill("Amount for INV-1026", "628.58").Press("Add up").Sees(t, "$48,813.18")
	ana.Fill("Amount for INV-1026", "").Press("Pay these amounts").Has(t, 422).Sees(t, "Enter an amount, such as")
	// an address that names other amounts than there are invoices says nothing
	query := url.Values{"invoice": {invoiceCalled(t, site, three[0]), invoiceCalled(t, site, three[1])}, "amount": {"1"}}
	ana.Open("/portal/all/billing/payments/new?"+query.Encode()).Sees(t, "Pay $56,813.18")
	do(t, site, "update billing.setting set part_payment = false where firm_id = ?", site.FirmID())
	ana.Open(together(t, site, three[0], three[1])).SeesNot(t, "Pay other amounts").Open(together(t, site, three[0], three[1])+"&part=1&amount=5&amount=5").Sees(t, "Pay $56,813.18")
}
