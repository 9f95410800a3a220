package dailylogs_test

import (
	"archive/zip"
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"io"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"portico/modules/dailylogs"
	"portico/platform/portaltest"
)

// one reads one value.
func one(t testing.TB, site *portaltest.Site, query string, args ...any) (text string) {
	t.Helper()
	if err := site.DB(t).NewRaw(query, args...).Scan(t.Context(), &text); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return text
}

func do(t testing.TB, site *portaltest.Site, query string, args ...any) {
	t.Helper()
	if _, err := site.DB(t).ExecContext(t.Context(), query, args...); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
}

func project(t testing.TB, site *portaltest.Site, key string) string {
	t.Helper()
	return one(t, site, "select id::text from project where firm_id = ? and key = ?", site.FirmID(), key)
}

// picture is a photo of some size, each another one.
func picture(t testing.TB, n, w, h int) []byte {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			img.SetRGBA(x, y, color.RGBA{uint8(x + n*40), uint8(y + n*7), uint8(x*y/97 + n), 255})
		}
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: 80}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// begin starts a log of today, and answers its id.
func begin(t testing.TB, site *portaltest.Site, who, key string) string {
	t.Helper()
	a := site.As(who).Post("/office/dailylogs/projects/"+project(t, site, key)+"/logs", nil)
	parts := strings.Split(a.Header.Get("Location"), "/")
	if a.Status != 303 || len(parts) != 5 {
		t.Fatalf("%d %s", a.Status, a.Header.Get("Location"))
	}
	return parts[3]
}

// fields are a form's, with the version that is kept.
func fields(t testing.TB, site *portaltest.Site, log string, more ...string) url.Values {
	t.Helper()
	f := url.Values{"version": {one(t, site, "select version::text from dailylogs.log where id = ?", log)}, "text_shown": {"1"}}
	for i := 0; i < len(more); i += 2 {
		f.Add(more[i], more[i+1])
	}
	return f
}

func send(t testing.TB, b *portaltest.Browser, log, key string, body []byte) portaltest.Answer {
	t.Helper()
	return b.Ask("POST", "/office/dailylogs/"+log+"/photos/"+key+"?name=IMG_1.jpg&at=1764000000000", bytes.NewReader(body), "Content-Type", "application/offset+octet-stream", "HX-Request", "true")
}

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
	if m := site.MailTo("diego"); !strings.Contains(m.Text, "Is it insulated?") || !strings.Contains(m.Text, "/office/dailylogs/"+log) {
		t.Errorf("%s", m.Text)
	}
	diego.Open("/office/dailylogs/"+log).Fill("Your comment", "SECRET-ASIDE no idea").Tick("For staff only").Press("Comment").Sees(t, "SECRET-ASIDE")
	diego.Fill("Your comment", "Yes, 30 cm.").Press("Comment").Sees(t, "Yes, 30 cm.")
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

func unzip(t testing.TB, a portaltest.Answer) (names []string) {
	t.Helper()
	if a.Status != 200 {
		t.Fatalf("%d %s", a.Status, a.Body)
	}
	z, err := zip.NewReader(bytes.NewReader(a.Body), int64(len(a.Body)))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range z.File {
		names = append(names, f.Name)
		in, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(io.Discard, in); err != nil {
			t.Fatal(err)
		}
	}
	return names
}

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

// TestAFirmAsksItsQuestions goes through settings, questions, tags and filters.
func TestAFirmAsksItsQuestions(t *testing.T) {
	site := portaltest.Open(t, dailylogs.Module)
	do(t, site, "delete from dailylogs.log where firm_id = ? and state = 'draft'", site.FirmID())
	maria, diego, ana := site.As("maria"), site.As("diego"), site.As("ana")
	diego.Open("/office/dailylogs/settings").Has(t, 404)
	maria.Open("/office/dailylogs/settings/questions/new").Press("Add the question").Has(t, 422).Sees(t, "Write the question.")
	maria.Fill("Question", "How many windows are in?").Choose("For whom", "For the client").Choose("Answered with", "Number").Tick("It has to be answered before a log can be submitted").Press("Add the question").Sees(t, "How many windows are in?", "has to be answered")
	maria.Fill("New tag", "Windows").Press("Add the tag").Sees(t, "Windows")
	maria.Fill("New tag", "windows").Press("Add the tag").Has(t, 422).Sees(t, "There is a tag with this name already.")

	log := begin(t, site, "diego", "maple-street")
	diego.Open("/office/dailylogs/"+log+"/edit").Fill("What was done", "Windows.").Press("Submit log").Has(t, 422).Sees(t, "This question has to be answered.")
	if diego.Value("What was done") != "Windows." {
		t.Error("what was typed is lost")
	}
	diego.Fill("How many windows are in?", "many").Choose("Was everybody safe?", "Yes").Press("Submit log").Has(t, 422).Sees(t, "Enter a number.")
	diego.Fill("How many windows are in?", "7").Tick("Windows").Press("Submit log").Has(t, 200).Sees(t, "Submitted")
	ana.Open("/portal/all/dailylogs/"+log).Sees(t, "How many windows are in?", "7").SeesNot(t, "Was everybody safe?")
	tag := one(t, site, "select id::text from dailylogs.tag where firm_id = ? and name = 'Windows'", site.FirmID())
	ana.Open("/portal/all/dailylogs?tag="+tag).Sees(t, "How many windows are in?").SeesNot(t, "Insulation is in")
	ana.Open("/portal/all/dailylogs?q=insulat").Sees(t, "Insulation is in").SeesNot(t, "How many windows are in?")
	ana.Open("/portal/all/dailylogs?from=2020-01-01&to=2020-01-02").Sees(t, "Nothing found")
	maria.Open("/office/dailylogs?q=windows").Sees(t, "Windows.")
	maria.Open("/office/dailylogs?state=hidden").Sees(t, "Internal walk").SeesNot(t, "Insulation is in")
	// a day later its author cannot change it any more; an admin can
	do(t, site, "update dailylogs.log set submitted_at = submitted_at - interval '25 hours' where id = ?", log)
	diego.Open("/office/dailylogs/"+log).SeesNot(t, "Reopen")
	if a := diego.Post("/office/dailylogs/"+log+"/opening", nil); a.Status != 404 {
		t.Errorf("%d", a.Status)
	}
	maria.Open("/office/dailylogs/"+log).Sees(t, "Reopen")
	maria.Open("/office/dailylogs/settings").Press("Remove: How many windows are in?").Sees(t, "What was answered stays.")
	maria.Open("/office/dailylogs/"+log).Sees(t, "How many windows are in?")
	// drafts are discarded with their photos
	log = begin(t, site, "diego", "maple-street")
	send(t, diego, log, uuid.NewString(), picture(t, 1, 40, 30))
	file := one(t, site, "select file_id::text from dailylogs.photo where log_id = ?", log)
	diego.Open("/office/dailylogs/"+log+"/edit").Press("Discard this draft").Sees(t, "Discarded.")
	if n := one(t, site, "select count(*) from file where id = ?", file); n != "0" {
		t.Error("the photo of a discarded draft is still there")
	}
}

// TestPagesStayQuickWithManyLogs is generous; the figure itself is a benchmark's.
func TestPagesStayQuickWithManyLogs(t *testing.T) {
	site := portaltest.Open(t, dailylogs.Module)
	many(t, site, 200, 10)
	ana := site.As("ana")
	ana.Get("/portal/all/dailylogs")
	began := time.Now()
	if a := ana.Get("/portal/all/dailylogs"); a.Status != 200 || strings.Count(string(a.Body), "<img") < 60 {
		t.Fatalf("%d", a.Status)
	}
	if took := time.Since(began); took > 3*time.Second {
		t.Errorf("the first page took %v", took)
	}
	for _, img := range strings.Split(string(ana.Get("/portal/all/dailylogs").Body), "<img")[1:] {
		tag, _, _ := strings.Cut(img, ">")
		if !strings.Contains(tag, "width=") || !strings.Contains(tag, "height=") || strings.Contains(tag, "/thumb") && !strings.Contains(tag, `loading="lazy"`) {
			t.Fatalf("a picture without its box: <img%s>", tag)
		}
	}
}
