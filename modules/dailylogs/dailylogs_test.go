package dailylogs_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/google/uuid"

	"portico/modules/dailylogs"
	"portico/platform/portaltest"
)

// TestALogFromDraftToTheClient follows a log through its life, from both sides.
func TestALogFromDraftToTheClient(t *testing.T) {
	site := portaltest.Open(t, dailylogs.Module)
	do(t, site, "delete from dailylogs.log where firm_id = ? and state = 'draft'", site.FirmID())
	do(t, site, "update dailylogs.question set required = false where firm_id = ?", site.FirmID())
	people := func(on string) {
		do(t, site, `update client set switches = switches || jsonb_build_object('dailylogs/people', ?::bool) where firm_id = ? and id = ?`, on, site.FirmID(), site.Person("ana").ClientID)
	}
	people("false")
	diego, ana := site.As("diego"), site.As("ana")
	log := begin(t, site, "diego", "maple-street")
	if again := begin(t, site, "diego", "maple-street"); again != log {
		t.Error("one press more begins a second log of the day")
	}
	// a draft is its author's, and admins see it
	site.As("ben").Open("/office/dailylogs/"+log).Has(t, 404)
	site.As("maria").Open("/office/dailylogs/"+log+"/edit").Has(t, 200)
	ana.Open("/portal/all/dailylogs/"+log).Has(t, 404)

	diego.Open("/office/dailylogs/"+log+"/edit").Has(t, 200).Press("Submit log").Has(t, 422).Sees(t, "Write what was done, or add a photo.")
	// a photo, sent three times over a bad line, is one photo
	key := uuid.NewString()
	for range 3 {
		if a := send(t, diego, log, key, picture(t, 1, 64, 48)); a.Status != 200 || !strings.Contains(string(a.Body), "caption-") {
			t.Fatalf("%d %s", a.Status, a.Body)
		}
	}
	if a := send(t, diego, log, uuid.NewString(), []byte("no picture")); a.Status != 422 || !strings.Contains(string(a.Body), "picture") {
		t.Errorf("%d %s", a.Status, a.Body)
	}
	if a := send(t, site.As("ben"), log, uuid.NewString(), picture(t, 2, 64, 48)); a.Status != 404 {
		t.Errorf("a colleague adds photos to somebody's draft: %d", a.Status)
	}
	if n := one(t, site, "select count(*) from dailylogs.photo where log_id = ?", log); n != "1" {
		t.Errorf("%s photos", n)
	}
	photo := one(t, site, "select id::text from dailylogs.photo where log_id = ?", log)
	file := one(t, site, "select file_id::text from dailylogs.photo where log_id = ?", log)
	site.Develop(t)

	// what is typed is kept on the way; somebody else's words are not written over unseen
	kept := diego.Post("/office/dailylogs/"+log+"/draft", fields(t, site, log, "text", "Roof is on.\nSee https://roof.example/a.", "notes", "SECRET-NOTE", "sky", "rain", "high", "58", "low", "41",
		"who-0", "Riverside Plumbing", "who-0-on", "1", "who-0-people", "2", "who-0-hours", "7:30", "photo", photo, "caption-"+photo, "The roof", "shown-"+photo, "1"))
	if kept.Status != 200 || !strings.Contains(string(kept.Body), `"state":"kept"`) {
		t.Fatalf("%d %s", kept.Status, kept.Body)
	}
	old := fields(t, site, log, "text", "older")
	old.Set("version", "1")
	if a := diego.Post("/office/dailylogs/"+log+"/draft", old); !strings.Contains(string(a.Body), `"state":"moved"`) {
		t.Errorf("%d %s", a.Status, a.Body)
	}
	// the file is nobody's of the client's before it is submitted and shared
	if a := ana.Get("/files/" + file + "/thumb"); a.Status != 404 {
		t.Errorf("a client sees a photo of a draft: %d", a.Status)
	}
	edit := diego.Open("/office/dailylogs/"+log+"/edit").Sees(t, "Riverside Plumbing")
	if edit.Value("What was done") == "" || edit.Value("High") != "58" {
		t.Errorf("what was typed is not on the form")
	}
	edit.Press("Submit log").Has(t, 200).Sees(t, "Submitted and shared.", "Roof is on.", "SECRET-NOTE", "15 hours in all")
	site.Settle(t)
	if n := len(site.Smtp.Messages()); n != 0 {
		t.Errorf("%d mails, though nobody was to be told", n)
	}
	ana.Open("/portal/all/dailylogs").Has(t, 200).Sees(t, "Roof is on.", "Rain, 58° to 41° F").SeesNot(t, "SECRET-NOTE", "Riverside Plumbing", "7.5")
	// clients find a log by what they read of it, staff by all of it
	for query, finds := range map[string][2]bool{"roof": {true, true}, "ROOF tig": {false, false}, "secret": {false, true}, "roof secret": {false, true}, "riversid": {false, true}, "maple": {false, true}, "roof maple diego": {false, true}, "roof pecan": {false, false}} {
		for i, who := range []*portaltest.Browser{ana, diego} {
			page := []string{"/portal/all", "/office"}[i] + "/dailylogs?q=" + url.QueryEscape(query)
			if a := who.Get(page); strings.Contains(string(a.Body), "/dailylogs/"+log) != finds[i] {
				t.Errorf("%s finds it: %v", page, !finds[i])
			}
		}
	}
	if a := ana.Get("/files/" + file + "/thumb"); a.Status != 200 {
		t.Errorf("a shared photo: %d", a.Status)
	}
	if a := ana.Get("/files/" + file + "/original"); a.Status != 404 {
		t.Errorf("a client gets the original, which tells where it was taken: %d", a.Status)
	}
	if a := ana.Get("/files/" + file + "/large"); !strings.Contains(a.Header.Get("Content-Disposition"), "Maple Street remodel 1.jpg") || strings.Contains(a.Header.Get("Content-Disposition"), "IMG_1") {
		t.Errorf("a client reads the name on the device: %s", a.Header.Get("Content-Disposition"))
	}
	people("true")
	ana.Open("/portal/all/dailylogs/"+log).Has(t, 200).Sees(t, "Riverside Plumbing (2)").SeesNot(t, "7.5", "SECRET-NOTE")
	if got := unzip(t, ana.Get("/portal/all/dailylogs/"+log+"/photos.zip")); len(got) != 1 || !strings.HasSuffix(got[0], "Maple Street remodel 1.jpg") {
		t.Errorf("%v", got)
	}

	// reopened, clients read the version before; submitted again, the next one with a mark
	diego.Open("/office/dailylogs/" + log).Press("Reopen")
	diego.Fill("What was done", "Roof is on, and tight.").Press("Save draft")
	ana.Open("/portal/all/dailylogs/"+log).Sees(t, "Roof is on.").SeesNot(t, "and tight", "Edited")
	if a := send(t, diego, log, uuid.NewString(), picture(t, 3, 64, 48)); a.Status != 200 {
		t.Fatal(a.Status)
	}
	second := one(t, site, "select file_id::text from dailylogs.photo where log_id = ? order by position desc limit 1", log)
	site.Develop(t)
	if a := ana.Get("/files/" + second + "/thumb"); a.Status != 404 {
		t.Errorf("a client sees a photo before it is submitted: %d", a.Status)
	}
	diego.Open("/office/dailylogs/"+log+"/edit").Tick("Tell by mail").Press("Submit log").Sees(t, "The client is told by mail.")
	ana.Open("/portal/all/dailylogs/"+log).Sees(t, "and tight", "Edited")
	if m := site.MailTo("ana"); !strings.Contains(m.Subject, "News from Maple Street remodel") || !strings.Contains(m.Text, "with 2 photos") || strings.Contains(m.Text, "SECRET") {
		t.Errorf("%s\n%s", m.Subject, m.Text)
	}
	// a photo that nothing can be made of is for staff to mend, and no broken picture for clients
	do(t, site, "update file set state = 'damaged' where id = ?", second)
	for _, page := range []string{"", "/" + log, "/photos"} {
		if a := ana.Get("/portal/all/dailylogs" + page); a.Status != 200 || strings.Contains(string(a.Body), second) || !strings.Contains(string(a.Body), file) {
			t.Errorf("%s with a damaged photo: %d", page, a.Status)
		}
	}
	diego.Open("/office/dailylogs/"+log).Sees(t, "Could not be read")
	do(t, site, "update file set state = 'ready' where id = ?", second)
	n := len(site.Mails())
	diego.Post("/office/dailylogs/"+log+"/notice", nil)
	if got := len(site.Mails()); got != n {
		t.Errorf("told twice of the same version: %d mails, were %d", got, n)
	}

	// comments go to the other side, notes for staff to nobody
	ana.Open("/portal/all/dailylogs/"+log).Fill("Your comment", "Is it insulated?").Press("Comment").Sees(t, "Is it insulated?")
	ana.Fill("Your comment", "And painted?").Press("Comment").Sees(t, "And painted?") // one mail tells of both
	before := len(site.Mails())
	site.Develop(t)
	told := 0
	for _, m := range site.Mails()[before:] {
		if m.To[0].Address == "diego@northgate.example" {
			told++
		}
	}
	if m := site.MailTo("diego"); told > 1 || !strings.Contains(m.Text, "And painted?") {
		t.Errorf("%d mails: %s", told, m.Text)
	}
	if m := site.MailTo("diego"); !strings.Contains(m.Text, "Is it insulated?") || !strings.Contains(m.Text, "/office/dailylogs/"+log) {
		t.Errorf("%s", m.Text)
	}
	diego.Open("/office/dailylogs/"+log).Fill("Your comment", "SECRET-ASIDE no idea").Tick("For staff only").Press("Comment").Sees(t, "SECRET-ASIDE")
	diego.Fill("Your comment", "Yes, 30 cm.").Press("Comment").Sees(t, "Yes, 30 cm.")
	site.Develop(t)
	if m := site.MailTo("ana"); !strings.Contains(m.Text, "Yes, 30 cm.") {
		t.Errorf("%s", m.Text)
	}
	ana.Open("/portal/all/dailylogs/"+log).Sees(t, "Yes, 30 cm.").SeesNot(t, "SECRET")
	// a long talk is turned over
	do(t, site, `
		insert into comment (firm_id, id, client_id, project_id, section, thing_id, person_id, text, created_at)
		select c.firm_id, gen_random_uuid(), c.client_id, c.project_id, c.section, c.thing_id, c.person_id, 'Yes no. ' || n || '.', now() - (200 - n) * interval '1 second'
		from comment c, generate_series(1, 120) n
		where c.thing_id = ? and c.text = 'Yes, 30 cm.'`, log)
	for who, base := range map[*portaltest.Browser]string{ana: "/portal/all", diego: "/office"} {
		who.Open(base+"/dailylogs/"+log).Sees(t, "Yes no. 120.").SeesNot(t, "Yes no. 1.", "Later comments").Follow("Earlier comments").
			Sees(t, "Yes no. 1.").SeesNot(t, "Yes no. 120.", "Earlier comments").Follow("Later comments").Sees(t, "Yes no. 120.")
	}
	do(t, site, "delete from comment where thing_id = ? and text like 'Yes no. %'", log)
	for _, m := range site.Mails() {
		if strings.Contains(m.Text+m.Subject, "SECRET-ASIDE") {
			t.Errorf("a note for staff was mailed to %s", m.Recipient)
		}
	}
	// hidden, it is not there; a removed photo is gone with its bytes
	diego.Open("/office/dailylogs/" + log).Press("Stop sharing")
	ana.Open("/portal/all/dailylogs/"+log).Has(t, 404)
	if a := ana.Get("/files/" + file + "/thumb"); a.Status != 404 {
		t.Errorf("a photo of a log that is not shared: %d", a.Status)
	}
	diego.Open("/office/dailylogs/" + log).Press("Share with the client")

	// withdrawn: gone for the client, a trace for staff
	diego.Open("/office/dailylogs/"+log).Press("Withdraw").Has(t, 422).Sees(t, "Say why")
	diego.Fill("Why", "Wrong house.").Press("Withdraw").Sees(t, "Withdrawn by Diego Santos", "Wrong house.").SeesNot(t, "Roof is on")
	ana.Open("/portal/all/dailylogs/"+log).Has(t, 404)
	if a := ana.Get("/files/" + file + "/thumb"); a.Status != 404 {
		t.Errorf("a photo of a withdrawn log: %d", a.Status)
	}
	if a := ana.Post("/portal/all/dailylogs/"+log+"/comments", url.Values{"comment": {"x"}}); a.Status != 404 {
		t.Errorf("a comment on a withdrawn log: %d", a.Status)
	}
	verbs := one(t, site, "select string_agg(distinct verb, ' ' order by verb) from activity where subject_id = ?", log)
	for _, verb := range []string{"started", "submitted", "reopened", "notified", "shared", "commented", "withdrawn"} {
		if !strings.Contains(verbs, "dailylogs."+verb) {
			t.Errorf("nothing was noted of %s: %s", verb, verbs)
		}
	}
}
