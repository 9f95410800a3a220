package modules_test

import (
	"strings"
	"testing"

	"portico/platform/portaltest"
)

// What sections are to each other only shows where all of them are.

func TestWhatIsOwedShowsOnTheFirstPage(t *testing.T) {
	t.Parallel()
	site := portaltest.Open(t)
	ana := site.As("ana")
	ana.Open("/portal/all").Sees(t, "$48,184.60 is due: First draw: demolition and framing", "$56,813.18", "$48,184.60 overdue")
	ana.Open("/portal/maple-garden").Sees(t, "Balance", "$0.00").SeesNot(t, "First draw", "$56,813.18")
	site.As("grace").Open("/portal/all").SeesNot(t, "First draw", "$56,813.18")
	maria := site.As("maria")
	maria.Open("/office").Sees(t, "1 Overdue", "1 To release", "2 Drafts").SeesNot(t, "The books need a look")
	maria.Open("/office/palette?q=INV-1026").Sees(t, "Cabinets, first half")
	maria.Open("/office/billing/clients/"+site.Person("ana").ClientID.String()).Sees(t, "$48,184.60 overdue")
	var project string
	if err := site.DB(t).NewRaw("select id::text from project where key = 'maple-street'").Scan(t.Context(), &project); err != nil {
		t.Fatal(err)
	}
	maria.Open("/office/billing/projects/"+project).Sees(t, "$80,323.18")

	// without the right to see invoices there is nothing of it anywhere, the balance included
	tom := site.As("tom")
	tom.Open("/portal/all").SeesNot(t, "Billing", "Balance", "$48,184.60", "$56,813.18", "First draw")
	tom.Open("/portal/all/cards/billing:balance").Has(t, 404)
	exec(t, site, "update client set switches = '{\"billing\": false}' where id = ?", site.Person("ana").ClientID)
	site.As("ana").Open("/portal/all").SeesNot(t, "Billing", "Balance", "$48,184.60", "$56,813.18", "First draw")
}

func TestBillingGoesOffForOneClientAndOnAgain(t *testing.T) {
	t.Parallel()
	site := portaltest.Open(t)
	maria, ana := site.As("maria"), site.As("ana")
	invoice := ana.Open("/portal/all/billing").Follow("First draw").Path()
	everywhere := func(what string, want int) {
		t.Helper()
		for _, path := range []string{"/portal/all/billing", invoice, invoice + "/document", "/portal/all/billing/payments", "/portal/all/billing/statement"} {
			status(t, site, "ana", path, want)
		}
		if has := strings.Contains(ana.Open("/portal/all").Text(), "$48,184.60"); has != (want == 200) {
			t.Errorf("%s: what is owed stands on the first page: %v", what, has)
		}
		status(t, site, "grace", "/portal/all/billing", 200)
	}
	everywhere("before", 200)
	maria.Open(setupOf(site, "ana")).Choose("Billing for this client", "Off").Press("Save changes").Sees(t, "Saved.", "by this client")
	everywhere("off", 404)
	maria.Open("/office/billing").Sees(t, "First draw") // the office goes on working
	maria.Open(setupOf(site, "ana")).Choose("Billing for this client", "As the firm").Press("Save changes").Sees(t, "Saved.")
	everywhere("on again", 200)
}
