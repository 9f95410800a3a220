package dailylogs_test

import (
	"bytes"
	"net/url"
	"strings"
	"testing"

	"github.com/google/uuid"

	"portico/modules/dailylogs"
	"portico/platform/portaltest"
)

// TestClientsReadOfAReopenedLogWhatWasSubmitted changes all of a log that was opened again, without submitting it: no
// answer that a client gets knows of it, but what is hidden is hidden at once.
func TestClientsReadOfAReopenedLogWhatWasSubmitted(t *testing.T) {
	site := portaltest.Open(t, dailylogs.Module)
	do(t, site, "delete from dailylogs.log where firm_id = ? and state = 'draft'", site.FirmID())
	do(t, site, "update dailylogs.question set required = false where firm_id = ?", site.FirmID())
	maria, diego, ana := site.As("maria"), site.As("diego"), site.As("ana")
	tag := func(name string) string {
		maria.Open("/office/dailylogs/settings").Fill("New tag", name).Press("Add the tag").Has(t, 200)
		return one(t, site, "select id::text from dailylogs.tag where firm_id = ? and name = ?", site.FirmID(), name)
	}
	before, after := tag("Oldtag"), tag("Newtag")
	log := begin(t, site, "diego", "maple-street")
	for n := range 2 {
		if a := send(t, diego, log, uuid.NewString(), picture(t, n, 64, 48)); a.Status != 200 {
			t.Fatal(a.Status)
		}
	}
	photo := func(n string) string {
		return one(t, site, "select id::text from dailylogs.photo where log_id = ? and position = "+n, log)
	}
	file := func(n string) string {
		return one(t, site, "select file_id::text from dailylogs.photo where log_id = ? and position = "+n, log)
	}
	said := func(text, on, tag string, more ...string) url.Values {
		return fields(t, site, log, append([]string{"text", text, "on", on, "tag", tag, "photo", photo("1"), "photo", photo("2"), "share", "1", "do", "submit"}, more...)...)
	}
	today := one(t, site, "select log_date::text from dailylogs.log where id = ?", log)
	if a := diego.Post("/office/dailylogs/"+log, said("Gutters.", today, before, "caption-"+photo("1"), "Oldcaption", "shown-"+photo("1"), "1")); a.Status != 303 {
		t.Fatalf("%d %s", a.Status, a.Body)
	}
	site.Develop(t)
	diego.Open("/office/dailylogs/" + log).Press("Reopen")
	const earlier = "2024-02-29"
	keep := func(form url.Values) {
		t.Helper()
		if a := diego.Post("/office/dailylogs/"+log+"/draft", form); a.Status != 200 || !strings.Contains(string(a.Body), `"kept"`) {
			t.Fatalf("%d %s", a.Status, a.Body)
		}
	}
	keep(said("Newtext.", earlier, after, "caption-"+photo("1"), "Newcaption", "shown-"+photo("1"), "1", "shown-"+photo("2"), "1"))

	reads := func(words string, is bool) {
		t.Helper()
		for _, page := range []string{"", "/photos", "/" + log, "?tag=" + before} {
			if a := ana.Get("/portal/all/dailylogs" + page); a.Status != 200 || bytes.Contains(a.Body, []byte(words)) != is && !strings.Contains(page, "photos") {
				t.Errorf("dailylogs%s: %q is %v", page, words, !is)
			}
		}
	}
	reads("Oldtag", true)
	for _, words := range []string{"Newtag", "Newtext", "Newcaption", earlier, "Feb 29"} {
		reads(words, false)
	}
	for page, there := range map[string]bool{"?from=" + earlier + "&to=" + earlier: false, "?tag=" + after: false, "?from=" + today: true} {
		if is := bytes.Contains(ana.Get("/portal/all/dailylogs"+page).Body, []byte("Gutters.")); is != there {
			t.Errorf("dailylogs%s shows the log: %v", page, is)
		}
	}
	if a := ana.Get("/files/" + file("1") + "/large"); a.Status != 200 || !strings.Contains(a.Header.Get("Content-Disposition"), today) {
		t.Errorf("the photo is called %s", a.Header.Get("Content-Disposition"))
	}
	if a := ana.Get("/files/" + file("2") + "/thumb"); a.Status != 404 {
		t.Errorf("a photo that was hidden when the log was submitted: %d", a.Status)
	}
	if names := unzip(t, ana.Get("/portal/all/dailylogs/"+log+"/photos.zip")); len(names) != 1 || !strings.Contains(names[0], today) {
		t.Errorf("%v", names)
	}
	// the office knows it by what is being written
	diego.Open("/office/dailylogs?from="+earlier+"&to="+earlier+"&tag="+after).Sees(t, "Newtag")
	// a mail to the client names the day that they read
	diego.Open("/office/dailylogs/"+log).Fill("Your comment", "Anything else?").Press("Comment").Sees(t, "Anything else?")
	site.Develop(t)
	if m := site.MailTo("ana"); !strings.Contains(m.Text, "Anything else?") || strings.Contains(m.Text+m.Subject, "2024") {
		t.Errorf("%s\n%s", m.Subject, m.Text)
	}

	keep(said("Newtext.", earlier, after, "caption-"+photo("1"), "Newcaption"))
	if a := ana.Get("/files/" + file("1") + "/large"); a.Status != 404 {
		t.Errorf("a photo that was hidden since: %d", a.Status)
	}
	ana.Open("/portal/all/dailylogs/"+log).SeesNot(t, file("1"), "Oldcaption")

	if a := diego.Post("/office/dailylogs/"+log, said("Newtext.", earlier, after, "shown-"+photo("2"), "1")); a.Status != 303 {
		t.Fatalf("%d %s", a.Status, a.Body)
	}
	ana.Open("/portal/all/dailylogs/"+log).Sees(t, "Newtext.", "Newtag", "Feb 29, 2024").SeesNot(t, "Oldtag", "Gutters.")
	ana.Open("/portal/all/dailylogs?from="+earlier+"&to="+earlier).Sees(t, "Newtext.")
}
