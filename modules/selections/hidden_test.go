package selections_test

import (
	"regexp"
	"strings"
	"testing"

	"portico/modules/selections"
	"portico/platform/portaltest"
)

// chance is what ids and hashes are made of: any figures may stand in them.
var chance = regexp.MustCompile(`[0-9a-f-]{8,}`)

// TestNothingHiddenReachesAClient plants marks in all that is staff's, and looks for them in all that a client gets.
func TestNothingHiddenReachesAClient(t *testing.T) {
	site := portaltest.Open(t, selections.Module)
	site.Develop(t)
	do(t, site, "update client set uploads_on = true")
	ben := site.As("ben")
	faucet := called(t, site, "Kitchen faucet")
	ben.Open("/office/selections/" + faucet + "/approval")
	ben.Tick("Square, steel").Choose("Who has approved it", "Ana Rivera").Choose("How you were told", "On paper").Fill("What was said, and when", "CANARY-evidence").
		Attach("Proof", "CANARY-proof.png", picture(t)).Press("Record the approval")
	ben.Open("/office/selections/"+called(t, site, "Backsplash tile")).Fill("Your comment", "CANARY-internal").Tick("For staff only").Press("Comment")
	for _, statement := range []string{
		"update selections.selection set notes = 'CANARY-notes', trade_info = 'CANARY-trade', order_notes = 'CANARY-order'",
		"update selections.selection set title = 'CANARY-draft' where state = 'draft'",
		"update selections.choice set vendor = 'CANARY-vendor', cost = 7654321, markup = 4321",
		"update selections.allowance set notes = 'CANARY-allowance'",
		"update selections.decision set note = 'CANARY-note', ip = 'CANARY-ip'",
		"update file set name = 'CANARY-name.jpg' where purpose = 'selections'",
		"insert into selections.template (firm_id, id, title, body, size) select firm_id, gen_random_uuid(), 'CANARY-template', '{}', 1 from firm",
	} {
		do(t, site, statement)
	}
	ana := site.As("ana")
	pages := []string{"/portal/all", "/portal/all/selections", "/portal/maple-street/selections?by=category", "/portal/all/search?q=canary", "/portal/all/profile"}
	var ids []string
	if err := site.DB(t).NewRaw("select id::text from selections.selection where firm_id = ?", site.FirmID()).Scan(t.Context(), &ids); err != nil {
		t.Fatal(err)
	}
	for _, one := range ids {
		pages = append(pages, "/portal/all/selections/"+one, "/portal/all/selections/"+one+"/comparison", "/portal/all/selections/"+one+"/approval", "/portal/all/selections/"+one+"/refusal")
	}
	var shown []string
	if err := site.DB(t).NewRaw("select f.file_id::text from selections.file f where f.firm_id = ?", site.FirmID()).Scan(t.Context(), &shown); err != nil {
		t.Fatal(err)
	}
	for _, one := range shown {
		for _, variant := range []string{"thumb", "medium", "large", "original", "shown"} {
			pages = append(pages, "/files/"+one+"/"+variant)
		}
	}
	seen := 0
	for _, page := range pages {
		a := ana.Get(page)
		all := string(a.Body)
		for name, values := range a.Header {
			all += name + strings.Join(values, " ")
		}
		all = chance.ReplaceAllString(all, "#")
		for _, mark := range []string{"CANARY", "7654321", "76,543.21", "4321", "43.21"} {
			if i := strings.Index(all, mark); i >= 0 {
				t.Errorf("%s: …%s…", page, all[max(0, i-80):min(len(all), i+40)])
			}
		}
		if a.Status == 200 {
			seen++
		}
	}
	if seen < 30 {
		t.Errorf("only %d of %d pages were there", seen, len(pages))
	}
	for _, m := range site.Mails() {
		if strings.Contains(m.Recipient, "rivera") && strings.Contains(string(m.Raw), "CANARY") {
			t.Errorf("the mail %q", m.Subject)
		}
	}
}
