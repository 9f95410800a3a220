package billing_test

import (
	"net/url"
	"strings"
	"testing"

	"portico/modules/billing"
	"portico/platform/portaltest"
)

func TestOneInvoiceForSeveralProjects(t *testing.T) {
	site := portaltest.Open(t, billing.Module)
	maria, ana, ben := site.As("maria"), site.As("ana"), site.As("ben")
	client := site.Person("ana").ClientID.String()
	street, garden := projectKeyed(t, site, "maple-street"), projectKeyed(t, site, "maple-garden")
	draft := func(project, title, price string) {
		a := ben.Post("/office/billing/invoices", url.Values{"project": {project}, "title": {title}, "line_text": {title}, "line_price": {price}, "line_tax": {"8.25"}})
		if a.Status != 303 {
			t.Fatalf("%d", a.Status)
		}
	}
	draft(street, "Site cleaning", "333.33")
	draft(garden, "Hedge", "1,000.01")
	tab := "/office/billing/clients/" + client
	maria.Open(tab).Follow("One invoice for several projects")
	for _, title := range []string{"Second draw: drywall and plumbing", "Backsplash tile", "Site cleaning"} {
		maria.Untick("Tick " + title)
	}
	maria.Press("Make one draft").Has(t, 409).Sees(t, "Tick two or more")
	maria.Tick("Tick Site cleaning").Fill("What is it for?", "Work in November").Press("Make one draft").
		Sees(t, "One draft now asks for all of it", "Maple Street remodel: Site cleaning", "Maple Street garden: Hedge", "$1,443.34", "Several projects")
	whole := maria.Path()
	agrees(t, site)
	ben.Open("/office/billing").SeesNot(t, "Hedge").Sees(t, "Work in November")
	maria.Open("/office/billing/invoices/"+invoiceCalled(t, site, "Hedge")).Sees(t, "This is asked for with").SeesNot(t, "Approve")

	// taken apart and put together again
	maria.Open(whole).Follow("Delete this draft").Press("Delete this draft")
	ben.Open("/office/billing").Sees(t, "Hedge", "Site cleaning").SeesNot(t, "Work in November")
	maria.Open(tab).Follow("One invoice for several projects").Untick("Tick Second draw").Untick("Tick Backsplash tile").Fill("What is it for?", "Work in November").Press("Make one draft")
	whole = maria.Path()
	maria.Follow("Approve and release").Press("Approve and release").Sees(t, "Released as")
	path := strings.Replace(whole, "/office", "/portal/all", 1)
	ana.Open("/portal/all/billing").Follow("Work in November").Sees(t, "$1,443.34", "Maple Street garden: Hedge", "By project")
	ana.Open("/portal/all/billing").SeesNot(t, "Site cleaning")
	if a := ana.Get(path + "/document"); a.Status != 200 || !strings.Contains(pdf(t, a.Body), "Maple Street garden: Hedge") {
		t.Error("the document has no sections")
	}
	// it is of the client as such: in one project, or for who sees some only, it does not exist
	ana.Open("/portal/maple-street/billing").SeesNot(t, "Work in November")
	if a := ana.Get(strings.Replace(whole, "/office", "/portal/maple-street", 1)); a.Status != 404 {
		t.Errorf("in one project: %d", a.Status)
	}
	back := site.Snapshot(t)
	do(t, site, "update project set shared = false where id = ?", garden)
	ana.Open("/portal/all/billing").SeesNot(t, "Work in November", "$1,443.34")
	if a := ana.Get(path); a.Status != 404 {
		t.Errorf("with a project that is not shared: %d", a.Status)
	}
	ana.Open("/portal/all/billing/statement").SeesNot(t, "Work in November")
	back()

	// paid once, shared exactly
	ana.Open("/portal/all/billing").Sees(t, "$58,256.52")
	maria.Open(whole).Follow("Record a payment").Fill("Amount", "1,000").Press("Record the payment")
	ana.Open(path).Sees(t, "$443.34", "$250.00 paid", "$750.00 paid")
	maria.Open("/office/billing/projects/"+garden).Sees(t, "On consolidated invoices", "$1,082.51 of it is this project’s, $750.00 paid")
	ana.Open("/portal/all/billing/statement").Sees(t, "Work in November", "$1,443.34")
	agrees(t, site)
}

func TestAVoidWholeGivesItsPartsBack(t *testing.T) {
	site := portaltest.Open(t, billing.Module)
	maria := site.As("maria")
	client := site.Person("ana").ClientID.String()
	maria.Open("/office/billing/clients/" + client).Follow("One invoice for several projects").Press("Make one draft").Follow("Approve and release").Press("Approve and release")
	maria.Follow("Void this invoice").Fill("Reason", "Separately after all").Press("Void this invoice").Sees(t, "is void", "By project")
	maria.Open("/office/billing").Sees(t, "Backsplash tile", "Second draw")
	if n := one[int](t, site, "select count(*) from billing.invoice where stage = 'merged'"); n != 0 {
		t.Errorf("%d parts stay merged", n)
	}
	agrees(t, site)
}
