package modules_test

import (
	"testing"

	"portico/platform/portaltest"
)

// TestTheDashboardSaysWhatIsComing: invoices that are approved and not released, where the firm shows them.
func TestTheDashboardSaysWhatIsComing(t *testing.T) {
	site := portaltest.Open(t)
	ana := site.As("ana")
	ana.Open("/portal/all/cards/billing:balance").Sees(t, "Upcoming: $45,500.00", "Nothing to pay yet")
	if _, err := site.DB(t).NewRaw("update billing.setting set show_upcoming = false where firm_id = ?", site.FirmID()).Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
	ana.Open("/portal/all/cards/billing:balance").SeesNot(t, "Upcoming")
}
