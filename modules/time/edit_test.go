package time_test

import (
	"testing"

	"portico/modules/time"
	"portico/platform/portaltest"
)

// TestWhatWasWrittenIsChanged: a draft is opened again and saved, hours as well as money spent.
func TestWhatWasWrittenIsChanged(t *testing.T) {
	t.Parallel()
	site := portaltest.Open(t, time.Module)
	garden := project(t, site, "maple-garden")
	priya := site.As("priya")
	priya.Post("/office/time/week/cells", cell(garden, "Planting", "2027-01-04", "c-0-0", "1:30"), byHTMX...)
	entry := "/office/time/entries/" + one[string](t, site, "select id::text from time.entry where task = 'Planting'")
	priya.Open(entry).Fill("Hours", "2:15").Fill("Note for the client", "Two pear trees").Press("Save changes").Has(t, 200)
	if got := one[string](t, site, "select minutes || ' ' || client_note || ' ' || work_date || ' ' || version from time.entry where task = 'Planting'"); got != "135 Two pear trees 2027-01-04 2" {
		t.Error(got)
	}
	priya.Open("/office/time/expenses/new").Fill("Amount, as on the receipt", "120.50").Fill("What it was for", "Compost").Choose("Project", one[string](t, site, "select p.name || ' · ' || c.name from project p join client c on c.id = p.client_id where p.id::text = ?", garden)).
		Fill("Day", "2027-01-05").Press("Keep as a draft").Has(t, 200)
	expense := "/office/time/expenses/" + one[string](t, site, "select id::text from time.expense where category = 'Compost'")
	priya.Open(expense).Fill("Amount, as on the receipt", "99.95").Fill("Vendor", "Green & Sons").Press("Keep as a draft").Has(t, 200)
	if got := one[string](t, site, "select cost || ' ' || vendor || ' ' || spent_on || ' ' || version from time.expense where category = 'Compost'"); got != "9995 Green & Sons 2027-01-05 2" {
		t.Error(got)
	}
}
