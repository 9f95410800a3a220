package dashboard_test

import (
	"testing"

	"portico/modules/dashboard"
	"portico/platform/portaltest"
)

func TestAClientsFirstPageTellsHowThingsStand(t *testing.T) {
	site := portaltest.Open(t, dashboard.Module)
	site.Both(t, "ana", func(t *testing.T, ana *portaltest.Browser) {
		ana.Open("/portal/all").Has(t, 200).
			Sees(t, ", Ana", "Waiting for you", "Nothing waits for you", "What comes next", "Cabinets are delivered on Thursday").
			Sees(t, "Maple Street remodel", "Active", "Maple Street garden", "Planned", "Northgate Builders started Maple Street remodel").
			SeesNot(t, "Attic study", "Subcontractor asks", "added the client")
		ana.In("Where things stand").Follow("Maple Street remodel")
		ana.Sees(t, "New kitchen, opened living room", "Planned end", "of 106").SeesNot(t, "Terrace, steps and planting", "We send the first plan")
	})
	site.As("grace").Open("/portal/all").Sees(t, "Everything is finished. Thank you for trusting Northgate Builders", "Completed", "Eleven-month walk-through")
	site.As("omar").Open("/portal/maple-street").Has(t, 404)
}

func TestStaffBeginTheirDayInTheOffice(t *testing.T) {
	site := portaltest.Open(t, dashboard.Module)
	site.Both(t, "ben", func(t *testing.T, ben *portaltest.Browser) {
		ben.Open("/office").Has(t, 200).
			Sees(t, ", Ben", "Your projects", "Maple Street remodel", "Project manager", "Recent activity", "added the client Chen Family", "4", "with the portal on")
		ben.Open("/office/palette?q=tod").Has(t, 200).Sees(t, "Pages", "Today")
	})
}
