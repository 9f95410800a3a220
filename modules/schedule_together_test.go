package modules_test

import (
	"testing"

	"portico/modules/billing"
	"portico/modules/schedule"
	"portico/platform/portaltest"
)

// TestADrawFollowsItsMilestone: staff move what a milestone waits for, and with the publication, not before, the draw
// that is named after it becomes due on the new day.
func TestADrawFollowsItsMilestone(t *testing.T) {
	t.Parallel()
	site := portaltest.Open(t, billing.Module, schedule.Module)
	text := func(query string, args ...any) (s string) {
		t.Helper()
		if err := site.DB(t).NewRaw(query, args...).Scan(t.Context(), &s); err != nil {
			t.Fatal(err)
		}
		return s
	}
	project := text("select id::text from project where key = 'maple-street' and firm_id = ?", site.FirmID())
	due := func() string {
		return text("select coalesce(due_on::text, '') from billing.draw where project_id = ? and title = 'Third draw'", project)
	}
	planned := func() string {
		return text("select end_on::text from schedule.item where project_id = ? and title = 'Cabinets are in'", project)
	}
	ben := site.As("ben")
	at := "/office/schedule/projects/" + project
	ben.Open(at+"/items/"+text("select id::text from schedule.item where project_id = ? and title = 'Set the cabinets'", project)+"/shift?start=2027-03-01").
		Sees(t, "Cabinets are in").Press("Move")
	site.Settle(t)
	was := due()
	if was == planned() {
		t.Fatal("it was told before it was published")
	}
	ben.Open(at + "/publication").Press("Publish")
	site.Settle(t)
	if due() != planned() {
		t.Errorf("the draw is due on %s, the milestone is planned for %s", due(), planned())
	}
	site.As("ana").Open("/portal/maple-street/billing").Has(t, 200)
}
