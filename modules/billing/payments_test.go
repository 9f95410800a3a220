package billing_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"portico/modules/billing"
	"portico/platform/portaltest"
)

func TestTheOfficesPayments(t *testing.T) {
	site := portaltest.Open(t, billing.Module)
	site.Both(t, "maria", func(t *testing.T, maria *portaltest.Browser) {
		maria.Open("/office/billing/payments?q=lakeview").Sees(t, "Lakeview deposit").SeesNot(t, "2204")
		maria.Open("/office/billing/payments?q=R-0005").Sees(t, "R-0005").SeesNot(t, "R-0006")
		maria.Open("/office/billing/payments?q=rivera+ana").Sees(t, "2204").SeesNot(t, "Lakeview deposit")
		maria.Open("/office/billing/payments?q=%27(").Sees(t, "No payment found")
		maria.Open("/office/billing/payments?method=credit").Sees(t, "Tile that came broken").SeesNot(t, "2204")
		maria.Open("/office/billing/payments?show=reversed").Sees(t, "No payment found").Follow("Show all payments").Sees(t, "2204")
		day := func(days int) string { return site.Now().AddDate(0, 0, days).Format(time.DateOnly) }
		maria.Open("/office/billing/payments?from="+day(-6)+"&to="+day(-1)).Sees(t, "Cabinets, part").SeesNot(t, "2204", "Lakeview")
		maria.Open("/office/billing/payments?method=check&sort=amount")
		if text := maria.Text(); strings.Index(text, "2211") > strings.Index(text, "1187") {
			t.Error("the smallest one is not the first")
		}
		csv := maria.Get("/office/billing/payments.csv?method=check")
		if text := string(csv.Body); csv.Status != 200 || !strings.Contains(text, "2204") || strings.Contains(text, "Lakeview deposit") || !strings.Contains(text, "18200.00") {
			t.Errorf("%d %s", csv.Status, text)
		}
		site.As("ben").For(t).Open("/office/billing/payments").SeesNot(t, "CSV").Open("/office/billing/payments.csv").Has(t, 404)
		site.Firm("harbor").As("noor").For(t).Open("/office/billing/payments?q=lakeview").SeesNot(t, "Lakeview deposit")
	})
	// pages in either order show each once
	client := site.Person("ana").ClientID
	for n := range 120 {
		do(t, site, `insert into billing.payment (firm_id, id, client_id, method, number, currency, amount, received_on, form_key)
			values (?, ?, ?, 'cash', ?, 'USD', ?, ?, ?)`, site.FirmID(), uuid.Must(uuid.NewV7()), client, fmt.Sprintf("B-%03d", n), 100+n%7,
			time.Date(2026, 3, 1+n%9, 0, 0, 0, 0, time.UTC), uuid.New())
	}
	maria := site.As("maria")
	for _, sort := range []string{"-received", "received", "amount", "-amount"} {
		seen := map[string]bool{}
		maria.Open("/office/billing/payments?q=b-&sort=" + sort)
		for range 5 {
			for n := range 120 {
				if number := fmt.Sprintf("B-%03d", n); strings.Contains(maria.Body(), number+"<") {
					if seen[number] {
						t.Errorf("%s: %s stands twice", sort, number)
					}
					seen[number] = true
				}
			}
			if maria.Find(`a[rel="next"]`) == nil {
				break
			}
			maria.Follow("Next")
		}
		if len(seen) != 120 {
			t.Errorf("%s: %d of 120", sort, len(seen))
		}
		maria.Follow("Previous")
	}
}

// TestWhatIsComing is approved and not released: clients read of it where the firm wants it, and never pay it.
func TestWhatIsComing(t *testing.T) {
	site := portaltest.Open(t, billing.Module)
	ana := site.As("ana")
	invoice := "/portal/all/billing/invoices/" + invoiceCalled(t, site, "Second draw: drywall and plumbing")
	ana.Open("/portal/all/billing").In("Second draw").Sees(t, "Upcoming").SeesNot(t, "INV-", "Pay now")
	ana.Open(invoice).Sees(t, "There is nothing to pay yet").SeesNot(t, "INV-", "Pay now", "Pay $")
	ana.Open("/portal/all/billing?state=owed").SeesNot(t, "Second draw")
	do(t, site, "update billing.setting set show_upcoming = false where firm_id = ?", site.FirmID())
	ana.Open("/portal/all/billing").SeesNot(t, "Second draw")
	ana.Open(invoice).Has(t, 404)
}
