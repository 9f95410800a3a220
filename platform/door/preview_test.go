package door_test

import (
	"net/http"
	"strings"
	"testing"

	_ "portico/modules"
	"portico/platform/portaltest"
)

func exec(t *testing.T, site *portaltest.Site, statement string, args ...any) {
	t.Helper()
	if _, err := site.DB(t).ExecContext(t.Context(), statement, args...); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

// one asks the database for one value, as text.
func one(t *testing.T, site *portaltest.Site, query string, args ...any) (text string) {
	t.Helper()
	if err := site.DB(t).NewRaw(query, args...).Scan(t.Context(), &text); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return text
}

const sessionsOfAna = "select coalesce(string_agg(s::text, '|' order by s::text), '') || coalesce((select last_sign_in_at::text from person where id = ?0), '') from session s where person_id = ?0"

func TestStaffLookWithAContactsEyesAndComeBack(t *testing.T) {
	t.Parallel()
	site := portaltest.Open(t)
	ana := site.Person("ana")
	site.As("ana").Open("/portal/all")
	before := one(t, site, sessionsOfAna, ana.ID)
	back := "/office/clients/" + ana.ClientID.String() + "/contacts"

	maria := site.As("maria")
	maria.Open(back).Follow("View as Ana Rivera").Sees(t, "what Ana Rivera of", "That you looked stands in the activity log")
	maria.Press("View as Ana Rivera").Sees(t, "You see the portal as Ana Rivera sees it.")
	if maria.Path() != "/portal/all" {
		t.Errorf("the preview begins at %s", maria.Path())
	}
	maria.Open("/office/clients").Has(t, 200).SeesNot(t, "You see the portal as") // the office, in another tab
	maria.Open("/portal/all").Has(t, 200)
	if after := one(t, site, sessionsOfAna, ana.ID); after != before {
		t.Errorf("ana's sessions have changed: %s, before %s", after, before)
	}
	maria.Press("Leave").Has(t, 200)
	if maria.Path() != back {
		t.Errorf("leaving leads to %s", maria.Path())
	}
	if maria.Open("/portal/all").Status(); maria.Status() != 404 {
		t.Errorf("the portal still opens: %d", maria.Status())
	}
	maria.Open("/office/clients/"+ana.ClientID.String()+"/activity").Sees(t, "looked at the portal as Ana Rivera", "stopped looking at the portal as Ana Rivera")
	site.As("ana").Open("/portal/all").SeesNot(t, "looked at the portal")
	if n := one(t, site, "select count(*) from activity where verb like 'preview.%' and for_client"); n != "0" {
		t.Errorf("%s entries about it are for clients", n)
	}
}

// TestNeitherCookieIsEnough: the preview's opens nothing alone, and the session's nothing of the portal.
func TestNeitherCookieIsEnough(t *testing.T) {
	t.Parallel()
	site := portaltest.Open(t)
	maria := site.As("maria")
	maria.Open("/office/view-as/" + site.Person("ana").ContactID.String()).Press("View as Ana Rivera")
	preview, session := maria.Cookie("portico-preview"), maria.Cookie("portico")
	if preview == "" || preview == session {
		t.Fatalf("the preview has no cookie of its own")
	}
	for what, cookies := range map[string]string{
		"the preview's alone":                  "portico-preview=" + preview,
		"the preview's as a session":           "portico=" + preview,
		"the session's as a preview":           "portico=" + session + "; portico-preview=" + session,
		"the session's alone":                  "portico=" + session,
		"the preview's with another session":   "portico-preview=" + preview + "; portico=" + site.Session("ben"),
		"the preview's with a new one of hers": "portico-preview=" + preview + "; portico=" + site.Session("maria"),
	} {
		for _, path := range []string{"/portal/all", "/portal/all/team", "/live/preview"} {
			a := site.Stranger().Get(path, "Cookie", cookies)
			if a.Status == 200 || strings.Contains(string(a.Body), "Rivera") {
				t.Errorf("%s opens %s: %d", what, path, a.Status)
			}
		}
	}
	for _, cookies := range []string{"portico-preview=" + preview, "portico=" + preview} {
		if a := site.Stranger().Get("/office", "Cookie", cookies); a.Status != http.StatusSeeOther {
			t.Errorf("%s opens the office: %d", cookies, a.Status)
		}
	}
	ana := site.As("ana")
	own := "portico=" + ana.Cookie("portico")
	if a := site.Stranger().Get("/portal/all", "Cookie", own+"; portico-preview="+preview); a.Status != 200 || strings.Contains(string(a.Body), "You see the portal as") {
		t.Errorf("ana's own session is disturbed by a preview: %d", a.Status)
	}
}

// TestAPreviewEndsWithWhatItStandsOn: the staff's session and role, the contact's access, the portal, the time.
func TestAPreviewEndsWithWhatItStandsOn(t *testing.T) {
	t.Parallel()
	site := portaltest.Open(t)
	ana := site.Person("ana")
	back := site.Snapshot(t)
	for what, end := range map[string]string{
		"disabling the contact":     "update contact set disabled_at = now() where id = ?0",
		"taking the access":         "update contact set access = 'none' where id = ?0",
		"archiving the contact":     "update contact set archived_at = now() where id = ?0",
		"closing the client's":      "update client set portal_on = false where id = (select client_id from contact where id = ?0)",
		"closing the firm's":        "update firm set portal_on = false where ?0::uuid is not null",
		"disabling the staff":       "update staff set disabled_at = now() where ?0::uuid is not null and person_id = ?1",
		"ending the session":        "delete from session where ?0::uuid is not null and person_id = ?1",
		"half an hour without look": "update preview set idle_until = now() where contact_id = ?0",
		"two hours":                 "update preview set absolute_until = now() where contact_id = ?0",
	} {
		maria := site.As("maria")
		maria.Open("/office/view-as/"+ana.ContactID.String()).Press("View as Ana Rivera").Has(t, 200)
		exec(t, site, end, ana.ContactID, site.Person("maria").ID)
		a := maria.Get("/portal/all")
		if a.Status == 200 || strings.Contains(string(a.Body), "Rivera") {
			t.Errorf("%s does not end the preview: %d", what, a.Status)
		}
		if live := maria.Get("/live/preview", "Accept", "text/event-stream").Status; live == 200 {
			t.Errorf("%s leaves the stream open", what)
		}
		back()
	}
}

func TestAPreviewOpensOnlyWhereThereIsSomethingToSee(t *testing.T) {
	t.Parallel()
	site := portaltest.Open(t)
	ana, harbor := site.Person("ana"), site.Firm("harbor")
	maria := site.As("maria")
	at := "/office/view-as/" + ana.ContactID.String()
	for why, statement := range map[string]string{
		"The access of Ana Rivera is disabled": "update contact set disabled_at = now() where id = ?",
		"Ana Rivera has no portal access":      "update contact set access = 'none', disabled_at = null where id = ?",
		"is off":                               "update client set portal_on = false where id = (select client_id from contact where id = ?)",
	} {
		exec(t, site, statement, ana.ContactID)
		maria.Open(at).Has(t, 200).Sees(t, why, "There is nothing to see").SeesNot(t, "That you looked stands")
		if a := maria.Post(at, nil); a.Status != 422 || !strings.Contains(string(a.Body), why) {
			t.Errorf("%s: %d", why, a.Status)
		}
		exec(t, site, "update contact set disabled_at = null, access = 'portal' where id = ?", ana.ContactID)
		exec(t, site, "update client set portal_on = true where id = ?", ana.ClientID)
	}
	var foreign string
	if err := site.DB(t).NewRaw("select id::text from contact where firm_id = ? limit 1", harbor.FirmID()).Scan(t.Context(), &foreign); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/office/view-as/" + foreign, "/office/view-as?client=" + foreign, "/office/view-as"} {
		if a := maria.Get(path); a.Status != 404 {
			t.Errorf("%s: %d", path, a.Status)
		}
	}
	if a := maria.Post("/office/view-as/"+foreign, nil); a.Status != 404 {
		t.Errorf("another firm's contact: %d", a.Status)
	}
	if a := site.As("ana").Post(at, nil); a.Status != 404 {
		t.Errorf("a contact may look: %d", a.Status)
	}
}

// TestTheEndOfAPreviewIsToldInAnyCase also when nobody leaves it.
func TestTheEndOfAPreviewIsToldInAnyCase(t *testing.T) {
	t.Parallel()
	site := portaltest.Open(t)
	ana := site.Person("ana")
	maria := site.As("maria")
	at := "/office/view-as/" + ana.ContactID.String()
	maria.Open(at).Press("View as Ana Rivera")
	maria.Open(at).Press("View as Ana Rivera") // the second takes the first one's place
	ended := func() string { return one(t, site, "select count(*) from activity where verb = 'preview.ended'") }
	if ended() != "1" {
		t.Errorf("%s ends are told after the second has begun", ended())
	}
	exec(t, site, "update outbox set next_at = now() where kind = 'door:preview_over' and done_at is null")
	site.Settle(t)
	if ended() != "1" {
		t.Errorf("%s ends are told while the second goes on", ended())
	}
	exec(t, site, "delete from session where person_id = ?", site.Person("maria").ID)
	exec(t, site, "update outbox set next_at = now() where kind = 'door:preview_over' and done_at is null")
	site.Settle(t)
	if ended() != "2" {
		t.Errorf("%s ends are told after the session has gone", ended())
	}
	if who := one(t, site, "select string_agg(distinct actor_name, ',') from activity where verb = 'preview.ended'"); who != "Maria Okafor" {
		t.Errorf("they are told of %s", who)
	}
}
