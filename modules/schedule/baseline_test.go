package schedule_test

import (
	"fmt"
	"strings"
	"testing"

	"portico/modules/schedule"
	"portico/platform/portaltest"
)

// TestTheBaselineIsForStaff: what was planned once is kept, staff see by how much it differs now, and the client reads
// the same with and without it.
func TestTheBaselineIsForStaff(t *testing.T) {
	site := portaltest.Open(t, schedule.Module)
	site.Develop(t)
	ben, ana := site.As("ben").For(t), site.As("ana").For(t)
	project := projectKeyed(t, site, "maple-street")
	at := "/office/schedule/projects/" + project
	cabinets, tile := itemCalled(t, site, "Set the cabinets"), itemCalled(t, site, "Tile the backsplash")
	ben.Open(at).Press("Remove it").Sees(t, "The baseline is gone.", "Set the baseline")
	ben.Open(at+"?view=list").SeesNot(t, "on time")
	ben.Open(at+"/items/"+cabinets).SeesNot(t, "than the baseline")
	ana.Open("/portal/all/schedule/calendar").Press("Make my calendar address")
	feed := feedAddress.FindString(ana.Body())
	without := toldTo(t, site, ana, feed, cabinets)

	ben.Open(at).Press("Set the baseline").Sees(t, "From now on you see by how much dates differ", "Set it anew")
	if n := one[int](t, site, "select count(*) from schedule.item where project_id = ? and deleted_at is null and (base_start, base_end) is distinct from (start_on, end_on)", project); n != 0 {
		t.Errorf("%d items are not kept as they are planned", n)
	}
	ben.Open(at+"?view=list&show=varies").SeesNot(t, "Set the cabinets", "Tile the backsplash")
	if got := toldTo(t, site, ana, feed, cabinets); got != without {
		t.Error("the client reads something else once there is a baseline")
	}

	to := one[string](t, site, "select (start_on + 14)::text from schedule.item where id = ?", cabinets)
	ben.Open(at+"/items/"+cabinets+"/shift?start="+to).Fill("Reason", "The stone yard is closed").Press("Move").Sees(t, "Changes to publish")
	for _, item := range []string{cabinets, tile} { // what was moved, and what moved with it
		n := one[int](t, site, workdaysLate, item)
		if n < 2 {
			t.Fatalf("it is late by %d days of work", n)
		}
		ben.Open(at+"/items/"+item).Sees(t, fmt.Sprintf("%d days later than the baseline", n))
		ben.Open(at+"?view=list&show=varies").Sees(t, "Set the cabinets", "Tile the backsplash", fmt.Sprintf("+%d days", n)).SeesNot(t, "Wiring")
	}
	if !strings.Contains(string(ben.Get(at+"?view=gantt").Body), `<path class="base"`) {
		t.Error("the chart of staff has no line of the baseline")
	}
	if got := toldTo(t, site, ana, feed, cabinets); got != without {
		t.Error("the client reads a draft")
	}

	// published, the client hears of the move, and of no baseline: without one it is told the same
	ben.Open(at + "/publication").Press("Publish")
	site.Settle(t)
	with := toldTo(t, site, ana, feed, cabinets)
	if with == without {
		t.Error("nothing new is read")
	}
	for _, word := range []string{"aseline", `class="base"`, "later than"} {
		if i := strings.Index(with, word); i >= 0 {
			t.Errorf("the client reads …%s…", with[max(0, i-80):min(len(with), i+40)])
		}
	}
	for _, who := range []string{"ana", "tom"} {
		for _, text := range mails(site, who) {
			if strings.Contains(strings.ToLower(text), "baseline") {
				t.Errorf("%s is told of it: %s", who, text)
			}
		}
	}
	for _, path := range []string{"/baseline", "/baseline?_method=DELETE"} {
		if a := ana.Post(at+path, nil); a.Status < 400 {
			t.Errorf("the client may: %d", a.Status)
		}
	}

	// set anew, today's plan is what counts; and moved back, what was late is early
	ben.Open(at).Press("Set it anew")
	ben.Open(at+"/items/"+cabinets).SeesNot(t, "than the baseline")
	back := one[string](t, site, "select (start_on - 7)::text from schedule.item where id = ?", cabinets)
	ben.Open(at+"/items/"+cabinets+"/shift?start="+back).Fill("Reason", "It opens again").Press("Move").Sees(t, "Changes to publish")
	ben.Open(at+"/items/"+cabinets).Sees(t, "earlier than the baseline")
	ben.Open(at).Press("Remove it").Sees(t, "The baseline is gone.")
	ben.Open(at+"/items/"+cabinets).SeesNot(t, "than the baseline")
	if got := toldTo(t, site, ana, feed, cabinets); got != with {
		t.Error("the client reads something else once the baseline is gone")
	}
	if n := one[int](t, site, "select count(*) from activity where verb = 'schedule.baseline' and not for_client"); n != 4 {
		t.Errorf("%d entries in the log", n)
	}
}

// workdaysLate counts on the calendar, day by day, by how many days of work an item ends later than it was to.
const workdaysLate = `
	select count(*) from schedule.item i, generate_series(i.base_end + 1, i.end_on, interval '1 day') d
	where i.id = ? and extract(isodow from d) < 6
		and not exists (
			select from schedule.day_off o
			where o.firm_id = i.firm_id and not o.works and (o.project_id is null or o.project_id = i.project_id) and d between o.first_on and o.last_on)`

// toldTo is all that a client gets of a schedule: pages, the drawing, the entry of an item, and the feed.
func toldTo(t *testing.T, site *portaltest.Site, b *portaltest.Browser, feed, item string) (all string) {
	t.Helper()
	for _, page := range []string{"?view=list", "?view=month&month=2026-12", "?view=month&month=2027-01", "/changes", "/items/" + item} {
		all += b.Open("/portal/maple-street/schedule"+page).Text() + "\n"
	}
	_, chart, drawn := strings.Cut(b.Open("/portal/maple-street/schedule?view=gantt").Body(), `<svg class="schedule-chart"`)
	if !drawn {
		t.Error("the client gets no chart")
	}
	all += chart
	for line := range strings.Lines(string(site.Stranger().Get(feed).Body)) {
		if !strings.HasPrefix(line, "DTSTAMP") {
			all += line
		}
	}
	return all
}
