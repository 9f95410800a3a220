package schedule_test

import (
	"regexp"
	"strings"
	"testing"

	"portico/modules/schedule"
	"portico/platform/portaltest"
)

// TestWhatIsHiddenStaysHiddenWhenItIsDeleted: neither what was once told of it comes back, nor is its end told.
func TestWhatIsHiddenStaysHiddenWhenItIsDeleted(t *testing.T) {
	site := portaltest.Open(t, schedule.Module)
	ben, ana := site.As("ben"), site.As("ana")
	at := "/office/schedule/projects/" + projectKeyed(t, site, "maple-street")
	drywall, wiring := at+"/items/"+itemCalled(t, site, "Drywall"), at+"/items/"+itemCalled(t, site, "Wiring")
	for _, item := range []string{drywall, wiring} {
		ben.Open(item).Tick("Show it to the client").Press("Save").Sees(t, "Saved.")
	}
	ben.Open(at + "/publication").Press("Publish")
	ben.Open(drywall+"/shift?start=2027-06-01").Fill("Reason", "The boards are late").Press("Move")
	ben.Open(drywall).Fill("The client reads", "Walls of board").Press("Save").Sees(t, "Saved.")
	ben.Open(at + "/publication").Press("Publish")
	ana.Open("/portal/all/schedule/changes").Sees(t, "Walls of board", "Wiring")
	// hidden and published, then deleted and published
	ben.Open(drywall).Untick("Show it to the client").Press("Save").Sees(t, "Saved.")
	ben.Open(at + "/publication").Press("Publish")
	// and one that is hidden and deleted with no publication between
	ben.Open(wiring).Untick("Show it to the client").Press("Save").Sees(t, "Saved.")
	ben.Open(wiring).Press("Delete")
	ben.Open(drywall).Press("Delete")
	ben.Open(at+"/publication").SeesNot(t, "Not planned any more").Press("Publish")
	site.Settle(t)
	ana.Open("/portal/all/schedule/changes").SeesNot(t, "Walls of board", "Wiring", "Not planned any more")
	for _, text := range mails(site, "ana") {
		if strings.Contains(text, "Wiring: is not planned") {
			t.Errorf("a mail tells of it:\n%s", text)
		}
	}
	if n := one[int](t, site, "select count(*) from schedule.item where title in ('Drywall', 'Wiring')"); n != 0 {
		t.Errorf("%d are still there", n)
	}
}

// TestAProjectsOwnDaysOffAreShaded on the client's chart of that project, and on no other.
func TestAProjectsOwnDaysOffAreShaded(t *testing.T) {
	site := portaltest.Open(t, schedule.Module)
	ben, ana := site.As("ben"), site.As("ana")
	large(t, site, "maple-garden", 40)
	rested := func() (all []string) {
		for _, key := range []string{"maple-street", "maple-garden"} {
			path := regexp.MustCompile(`class="rest" d="([^"]*)"`).FindSubmatch(ana.Get("/portal/" + key + "/schedule?view=gantt&zoom=day").Body)
			if path == nil {
				t.Fatal("nothing is shaded")
			}
			all = append(all, string(path[1]))
		}
		return all
	}
	before := rested()
	ben.Open("/office/schedule/projects/"+projectKeyed(t, site, "maple-street")).Fill("Name of the day", "Block party").Fill("First day", "2027-01-06").Press("Add the day")
	after := rested()
	if after[0] == before[0] {
		t.Error("the project's own day off looks like a day of work")
	}
	if after[1] != before[1] {
		t.Error("another project rests with it")
	}
}
