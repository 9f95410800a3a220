package dailylogs_test

import (
	"bytes"
	"net/url"
	"slices"
	"strings"
	"testing"

	"portico/modules/dailylogs"
	"portico/platform/portaltest"
)

// TestWhatIsForStaffReachesNoClient plants words in all that is for staff only, and looks for them in all that clients get.
func TestWhatIsForStaffReachesNoClient(t *testing.T) {
	site := portaltest.Open(t, dailylogs.Module)
	site.Develop(t)
	firm := site.FirmID()
	do(t, site, `update client set switches = switches || '{"dailylogs/people": true}' where firm_id = ?`, firm)
	const word = "XCANARYX"
	do(t, site, "update dailylogs.log set notes = ?, withdrawn_why = ? where firm_id = ?", word, word, firm)
	do(t, site, "update dailylogs.log set text = ? || text where firm_id = ? and (client_text <> '' or not text_shown)", word, firm)
	do(t, site, "update dailylogs.tag set name = ? || name where firm_id = ? and internal", word, firm)
	do(t, site, "update dailylogs.answer set text = ? where firm_id = ? and not shown", word, firm)
	do(t, site, "update dailylogs.photo set caption = ? where firm_id = ? and not shown", word, firm)
	do(t, site, "update file set name = ? || name where firm_id = ? and purpose = 'dailylogs'", word, firm)
	do(t, site, "update dailylogs.revision set kept = kept || jsonb_build_object('notes', ?::text) where firm_id = ?", word, firm)
	do(t, site, "update comment set internal = true, text = ? where firm_id = ? and contact_id is null", word, firm)
	hidden := one(t, site, "select id::text from dailylogs.log where firm_id = ? and revision > 0 and not shared limit 1", firm)
	do(t, site, "update dailylogs.revision set told = jsonb_build_object('text', ?::text) where firm_id = ? and log_id = ?", word, firm, hidden)
	// what is being written on top of what was submitted
	edited := one(t, site, "select id::text from dailylogs.log where firm_id = ? and revision = 2 limit 1", firm)
	do(t, site, "update dailylogs.log set state = 'reopened', text = ?, weather_note = ? where firm_id = ? and id = ?", word, word, firm, edited)

	ana := site.As("ana")
	pages := []string{"/portal/all/dailylogs", "/portal/all/dailylogs/photos", "/portal/maple-street/dailylogs", "/portal/all/dailylogs?q=" + word}
	var logs []string
	if err := site.DB(t).NewRaw("select id::text from dailylogs.log where firm_id = ?", firm).Scan(t.Context(), &logs); err != nil {
		t.Fatal(err)
	}
	for _, log := range logs {
		pages = append(pages, "/portal/all/dailylogs/"+log)
	}
	shown := 0
	for _, page := range pages {
		a := ana.Get(page)
		if bytes.Contains(bytes.ReplaceAll(a.Body, []byte(`value="`+word), nil), []byte(word)) && !strings.Contains(page, "q=") {
			t.Errorf("%s shows what is for staff", page)
		}
		if strings.Contains(page, "q=") && bytes.Count(a.Body, []byte("dailylogs-entry")) > 0 {
			t.Errorf("%s finds what is for staff", page)
		}
		if a.Status == 200 {
			shown++
		}
	}
	if shown < 8 {
		t.Errorf("only %d pages were there to look at", shown)
	}
	names := unzip(t, ana.Get("/portal/all/dailylogs/photos.zip"))
	if slices.ContainsFunc(names, func(name string) bool { return strings.Contains(name, word) }) || len(names) < 5 {
		t.Errorf("%v", names)
	}
	if a := ana.Get("/files/" + one(t, site, "select file_id::text from dailylogs.photo where firm_id = ? and not shown limit 1", firm) + "/thumb"); a.Status != 404 {
		t.Errorf("a photo for staff: %d", a.Status)
	}
	// a contact without the right to write comments on nothing
	do(t, site, "update contact set rights = array_remove(rights, 'send_messages') where firm_id = ?", firm)
	told := one(t, site, "select id::text from dailylogs.log where firm_id = ? and shared and state = 'submitted' and client_id = ? limit 1", firm, site.Person("ana").ClientID)
	site.As("ana").Open("/portal/all/dailylogs/"+told).Has(t, 200).SeesNot(t, "Your comment")
	if a := site.As("ana").Post("/portal/all/dailylogs/"+told+"/comments", url.Values{"comment": {"x"}}); a.Status != 404 {
		t.Errorf("a comment without the right: %d", a.Status)
	}
}
