package schedule_test

import (
	"bytes"
	"regexp"
	"strings"
	"testing"

	"portico/modules/schedule"
	"portico/platform/portaltest"
)

// TestNothingHiddenReachesAClient plants canaries in all that is for staff, publishes, and looks at every byte that a
// client gets.
func TestNothingHiddenReachesAClient(t *testing.T) {
	site := portaltest.Open(t, schedule.Module)
	ana, ben := site.As("ana"), site.As("ben")
	project := projectKeyed(t, site, "maple-street")
	at := "/office/schedule/projects/" + project
	ana.Open("/portal/all/schedule/calendar").Press("Make my calendar address")
	feed := feedAddress.FindString(ana.Body())
	do(t, site, `update schedule.item set internal_notes = 'CANARY-NOTES', vendor = 'CANARY-VENDOR' where project_id = ?`, project)
	do(t, site, `update schedule.item set title = 'CANARY-HIDDEN ' || title, client_title = 'CANARY-READS', client_text = 'CANARY-TEXT' where project_id = ? and not client_visible`, project)
	do(t, site, `update schedule.item set title = 'CANARY-TITLE ' || title where project_id = ? and client_title <> '' and client_visible`, project)
	do(t, site, `update schedule.item set base_start = date '1999-03-17', base_end = date '1999-03-18' where project_id = ?`, project)
	do(t, site, `update schedule.shift set reason = 'CANARY-REASON' where item_id in (select id from schedule.item where not client_visible)`)
	do(t, site, `insert into schedule.day_off (firm_id, id, project_id, first_on, last_on, name) values (?, gen_random_uuid(), ?, '2027-05-03', '2027-05-03', 'CANARY-DAY')`, site.FirmID(), project)
	ben.Open(at).Fill("Name of the template", "CANARY-TEMPLATE").Press("Keep as a template")
	ben.Open(at+"/items/"+itemCalled(t, site, "CANARY-HIDDEN Measure and cut the stone")+"/shift?start=2027-02-08").Fill("Reason", "The stone comes late").Press("Move")
	ben.Open(at+"/publication").Press("Publish").Sees(t, "Published")
	site.Settle(t)
	hidden := map[string]string{}
	for _, title := range []string{"CANARY-HIDDEN Wiring", "CANARY-HIDDEN Measure and cut the stone"} {
		hidden[itemCalled(t, site, title)] = title
	}
	ben.Open(at+"/items/"+itemCalled(t, site, "Drywall")+"/shift?start=2027-09-06").Fill("Reason", "CANARY-DRAFT").Press("Move") // not published
	answers := map[string][]byte{}
	for _, page := range []string{
		"schedule", "schedule?view=list", "schedule?view=gantt", "schedule?view=gantt&zoom=month", "schedule?view=month&month=2026-12", "schedule?view=month&month=2027-02",
		"schedule?view=list&q=canary", "schedule/changes", "schedule/calendar", "cards/schedule:next", "search?q=canary", "search?q=wiring",
		"schedule/items/" + itemCalled(t, site, "Drywall"), "schedule/items/" + itemCalled(t, site, "Countertops and sink"), "schedule/items/" + itemCalled(t, site, "Countertops and sink") + "/event",
		"schedule/items/" + itemCalled(t, site, "Kitchen"),
	} {
		answers[page] = ana.Get("/portal/all/" + page).Body
	}
	answers["the feed"] = site.Stranger().Get(feed).Body
	told := 0
	for _, m := range site.Mails() {
		if strings.HasSuffix(m.Recipient, "rivera@example.com") {
			answers["the mail "+m.Subject+" to "+m.Recipient] = m.Raw
			answers["the words of "+m.Subject+" to "+m.Recipient] = []byte(m.Text)
			told += strings.Count(m.Text, "The stone comes late")
		}
	}
	if told == 0 {
		t.Error("no mail tells of the shift")
	}
	chance := regexp.MustCompile(`[0-9a-f]{9,}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`) // any figures may stand in ids and hashes
	for where, whole := range answers {
		body := chance.ReplaceAll(whole, nil)
		for _, canary := range []string{"CANARY", "1999", "2027-09", "20270906", "Sep 6"} {
			if i := bytes.Index(body, []byte(canary)); i >= 0 {
				t.Errorf("%s: …%s…", where, body[max(0, i-80):min(len(body), i+40)])
			}
		}
		for id, title := range hidden {
			if bytes.Contains(whole, []byte(id)) {
				t.Errorf("%s: the id of %s", where, title)
			}
		}
	}
}
