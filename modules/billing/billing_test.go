package billing_test

import (
	"testing"

	"portico/modules/billing"
	"portico/platform/portaltest"
)

func TestSmoke(t *testing.T) {
	site := portaltest.Open(t, billing.Module)
	maria, ana := site.As("maria"), site.As("ana")
	for _, p := range []string{"/office/billing", "/office/billing?state=overdue", "/office/billing?q=cabinets", "/office/billing?q=rivera+draw", "/office/billing?sort=due", "/office/billing?sort=-amount&state=paid", "/office/billing/invoices/new", "/office/billing/payments", "/office/billing/payments?show=unapplied", "/office/billing/settings",
		"/office/billing/clients/" + site.Person("ana").ClientID.String(), "/office/billing/clients/" + site.Person("ana").ClientID.String() + "/statement?from=2020-01-01",
		"/office/billing/clients/" + site.Person("ana").ClientID.String() + "/payments/new", "/office/billing/clients/" + site.Person("ana").ClientID.String() + "/credits/new"} {
		maria.Open(p).Has(t, 200)
		t.Log(p, maria.Text())
	}
	maria.Open("/office/billing").Follow("Cabinets").Has(t, 200)
	t.Log(maria.Text())
	maria.Open("/office/billing").Follow("Backsplash").Has(t, 200).Follow("Edit").Has(t, 200)
	t.Log(maria.Text())
	for _, p := range []string{"/portal/all/billing", "/portal/maple-street/billing?state=owed", "/portal/all/billing/payments", "/portal/all/billing/statement"} {
		ana.Open(p).Has(t, 200)
		t.Log(p, ana.Text())
	}
	ana.Open("/portal/all/billing").Follow("Cabinets").Has(t, 200)
	t.Log(ana.Text())
}
