package setup_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/google/uuid"

	"portico/modules/setup"
	"portico/platform/access"
	"portico/platform/module"
	"portico/platform/portaltest"
)

// The sections of these tests: setup must work with any that register.
func section(id, title string, presets map[string]bool, areas ...access.Area) module.Module {
	return module.Module{
		ID: id, Title: title, Summary: "For a test.", Icon: "folder", Toggle: module.Switched, Areas: areas, Presets: presets,
		Mount: func(module.Platform) (module.Section, error) { return module.Section{}, nil },
	}
}

func sections() []module.Module {
	return []module.Module{
		setup.Module,
		section("plans", "Plans", map[string]bool{"builder": true, "agency": true}, access.Area{ID: "drafts", Title: "Sketches"}),
		section("snacks", "Snacks", map[string]bool{"events": true}),
	}
}

// areas are two more, for sections that have some.
var areas = []access.Area{{ID: "one", Title: "Time entries"}, {ID: "two", Title: "Expense entries that are unbilled"}}

func open(t *testing.T) *portaltest.Site {
	t.Helper()
	site := portaltest.Open(t, sections()...)
	if _, err := site.DB(t).NewRaw(`update firm set switches = '{"plans": true, "plans/drafts": true}'`).Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
	return site
}

func one[T any](t testing.TB, site *portaltest.Site, query string, args ...any) T {
	t.Helper()
	var value T
	if err := site.DB(t).NewRaw(query, args...).Scan(t.Context(), &value); err != nil {
		t.Fatal(err)
	}
	return value
}

func TestSetupIsForOwnersAndAdmins(t *testing.T) {
	site := open(t)
	client, project := clientOf(t, site, "ana"), one[string](t, site, "select id::text from project where key = 'maple-street'")
	pages := []string{"", "/firm", "/branding", "/branding/preview", "/portal", "/sections", "/staff", "/staff/new", "/work", "/activity",
		"/staff/" + site.Person("ben").ID.String(), "/clients/" + client, "/clients/" + client + "/outcome", "/projects/" + project}
	for who, want := range map[string]int{"maria": 200, "priya": 200, "ben": 404, "ana": 404} {
		b := site.As(who)
		for _, page := range pages {
			if got := b.Get("/office/setup" + page).Status; got != want {
				t.Errorf("%s opens %s: %d, want %d", who, page, got, want)
			}
		}
	}
	for _, page := range []string{"/clients/", "/projects/", "/staff/"} {
		if got := site.As("maria").Get("/office/setup" + page + uuid.NewString()).Status; got != 404 {
			t.Errorf("%s of nobody: %d", page, got)
		}
	}
	elsewhere := one[string](t, site, "select c.id::text from client c join firm f using (firm_id) where f.key = 'harbor' limit 1")
	if got := site.As("maria").Get("/office/setup/clients/" + elsewhere).Status; got != 404 {
		t.Errorf("another firm's client: %d", got)
	}
}

func clientOf(t testing.TB, site *portaltest.Site, who string) string {
	return site.Person(who).ClientID.String()
}

func TestTheFirmChangesItsSettings(t *testing.T) {
	open(t).Both(t, "maria", func(t *testing.T, maria *portaltest.Browser) {
		maria.Open("/office/setup").Follow("Firm settings").Fill("Phone", "+1 512 555 0999").Fill("Website", "northgate").Press("Save changes")
		maria.Has(t, 422).Sees(t, "begins with https://")
		if got := maria.Value("Phone"); got != "+1 512 555 0999" {
			t.Errorf("what was typed is lost: %q", got)
		}
		maria.Fill("Website", "https://northgate.example/new").Press("Save changes").Sees(t, "Saved.")
		maria.Open("/office/setup/activity").Sees(t, "changed the firm's settings", "+1 512 555 0100", "+1 512 555 0999")
	})
}

func TestTheSecondSaverIsToldWhatChanged(t *testing.T) {
	site := open(t)
	maria, priya := site.As("maria"), site.As("priya")
	maria.Open("/office/setup/firm")
	priya.Open("/office/setup/firm").Fill("Phone", "+1 512 555 0777").Press("Save changes").Sees(t, "Saved.")
	maria.Fill("Address", "1 New Street").Fill("Phone", "+1 512 555 0888").Press("Save changes").Has(t, 409)
	maria.Sees(t, "Priya Raman has changed this", "+1 512 555 0777")
	if maria.Value("Address") != "1 New Street" || maria.Value("Phone") != "+1 512 555 0888" {
		t.Error("what the second saver typed is lost")
	}
	if got := one[string](t, site, "select phone from firm where key = 'demo'"); got != "+1 512 555 0777" {
		t.Errorf("the first saver's phone became %s", got)
	}
	maria.Press("Save changes").Sees(t, "Saved.")
	if got := one[string](t, site, "select phone from firm where key = 'demo'"); got != "+1 512 555 0888" {
		t.Errorf("after a second look the phone is %s", got)
	}
}

func TestAPresetOnlyTicks(t *testing.T) {
	site := open(t)
	site.Both(t, "maria", func(t *testing.T, maria *portaltest.Browser) {
		before := one[string](t, site, "select switches::text from firm where key = 'demo'")
		maria.Open("/office/setup/sections").Follow("Events").Sees(t, "not saved yet")
		if maria.Count("#s-snacks[checked]") != 1 || maria.Count("#s-plans[checked]") != 0 {
			t.Error("the events preset ticks snacks and nothing else")
		}
		if after := one[string](t, site, "select switches::text from firm where key = 'demo'"); after != before {
			t.Errorf("a preset was applied before it was saved: %s", after)
		}
		maria.Press("Save changes").Sees(t, "Saved.")
		if !one[bool](t, site, "select switches = '{\"snacks\": true}' from firm where key = 'demo'") {
			t.Error("the saved sections are not those of the preset")
		}
		maria.Open("/office/setup/sections?preset=circus").Has(t, 404)
	})
}

func TestDefaultsAreSavedAllOrNothing(t *testing.T) {
	site := open(t)
	maria, priya := site.As("maria"), site.As("priya")
	maria.Open("/office/setup/sections")
	priya.Open("/office/setup/sections").Tick("Snacks").Press("Save changes").Sees(t, "Saved.")
	before := one[string](t, site, "select switches::text from firm where key = 'demo'")
	maria.Untick("Plans").Press("Save changes").Has(t, 409).Sees(t, "Priya Raman", "Snacks")
	if after := one[string](t, site, "select switches::text from firm where key = 'demo'"); after != before {
		t.Errorf("half a change was kept: %s", after)
	}
	if maria.Count("#s-plans[checked]") != 0 {
		t.Error("what the second saver chose is lost")
	}
}

func TestAClientIsSetUp(t *testing.T) {
	site := open(t)
	page := "/office/setup/clients/" + clientOf(t, site, "ana")
	site.Both(t, "maria", func(t *testing.T, maria *portaltest.Browser) {
		maria.Open(page).Sees(t, "What this client sees", "Plans", "Sketches")
		maria.Choose("Sketches for this client", "Off").Choose("Snacks for this client", "On").Tick("Attic study").Untick("Maple Street garden").Press("Save changes")
		maria.Sees(t, "Saved.", "by this client")
		var got struct {
			Switches string
			Shared   string
		}
		err := site.DB(t).NewRaw(`
			select c.switches::text as switches, (select string_agg(p.key, ' ' order by p.key) from project p where p.client_id = c.id and p.shared) as shared
			from client c where c.id = ?`, site.Person("ana").ClientID).Scan(t.Context(), &got)
		if err != nil || got.Switches != `{"snacks": true, "plans/drafts": false}` || got.Shared != "maple-attic maple-street" {
			t.Errorf("kept %+v, %v", got, err)
		}
		maria.Open("/office/setup/activity").Sees(t, "changed the portal setup of Ana & Tom Rivera", "Plans: Sketches", "as the firm")
	})
}

func TestOffAndOnAgainShowsTheTruth(t *testing.T) {
	site := open(t)
	ana, maria := site.As("ana"), site.As("maria")
	page := "/office/setup/clients/" + clientOf(t, site, "ana")
	state := "select switches::text || uploads_on || (select count(*) from project p where p.client_id = c.id and p.shared) from client c where c.id = ?"
	maria.Open(page).Choose("Plans for this client", "On").Tick("The client can upload files").Press("Save changes").Sees(t, "Saved.")
	before := one[string](t, site, state, site.Person("ana").ClientID)

	maria.Open(page).Untick("Portal on for this client").Press("Save changes").Sees(t, "Saved.")
	if n := one[int](t, site, "select count(*) from session where contact_id = ?", site.Person("ana").ContactID); n != 0 {
		t.Errorf("%d sessions of Ana outlive the portal", n)
	}
	if a := ana.Get("/portal/all/"); a.Status == 200 && !strings.Contains(a.URL.Path, "sign-in") {
		t.Errorf("Ana still reads %s", a.URL)
	}
	maria.Open(page).Tick("Portal on for this client").Press("Save changes").Sees(t, "Saved.")
	if after := one[string](t, site, state, site.Person("ana").ClientID); after != before {
		t.Errorf("off and on again made %s of %s", after, before)
	}
}

func TestTwoSaversOfAClient(t *testing.T) {
	site := open(t)
	page := "/office/setup/clients/" + clientOf(t, site, "ana")
	maria, priya := site.As("maria"), site.As("priya")
	maria.Open(page)
	priya.Open(page).Choose("Plans for this client", "Off").Press("Save changes").Sees(t, "Saved.")
	maria.Choose("Snacks for this client", "On").Untick("Maple Street remodel").Press("Save changes").Has(t, 409)
	maria.Sees(t, "Priya Raman has changed this", "Plans")
	client := site.Person("ana").ClientID
	if !one[bool](t, site, "select not jsonb_exists(switches, 'snacks') and (select shared from project where key = 'maple-street' and client_id = ?0) from client where id = ?0", client) {
		t.Error("half of the second saver's change was kept")
	}
	maria.Press("Save changes").Sees(t, "Saved.")
	if one[bool](t, site, "select shared from project where key = 'maple-street' and client_id = ?", client) {
		t.Error("the second look was not saved")
	}
}

func TestTwoSaversOfAProjectAndItsClient(t *testing.T) {
	site := open(t)
	client := "/office/setup/clients/" + clientOf(t, site, "ana")
	project := "/office/setup/projects/" + one[string](t, site, "select id::text from project where key = 'maple-garden'")
	shared := func() bool { return one[bool](t, site, "select shared from project where key = 'maple-garden'") }
	maria, priya := site.As("maria"), site.As("priya")

	maria.Open(client)
	priya.Open(project).Choose("Plans in this project", "Off").Press("Save changes").Sees(t, "Saved.")
	maria.Choose("Snacks for this client", "On").Untick("Maple Street garden").Press("Save changes").Has(t, 409)
	maria.Sees(t, "Priya Raman has changed this", "changed the portal setup of Maple Street garden")
	if !shared() || one[bool](t, site, "select jsonb_exists(switches, 'snacks') from client where id = ?", site.Person("ana").ClientID) {
		t.Error("half of the second saver's change was kept")
	}
	maria.Press("Save changes").Has(t, 200).Sees(t, "Saved.")
	if shared() {
		t.Error("the second look was not saved")
	}

	maria.Open(project)
	priya.Open(project).Tick("Ana & Tom Rivera sees this project").Press("Save changes").Sees(t, "Saved.")
	maria.Choose("Snacks in this project", "Off").Press("Save changes").Has(t, 409).Sees(t, "Priya Raman has changed this", "Maple Street garden shared")
	if one[bool](t, site, "select jsonb_exists(switches, 'snacks') from project where key = 'maple-garden'") || !shared() {
		t.Error("the second saver overwrote the first one")
	}
	maria.Tick("Ana & Tom Rivera sees this project").Press("Save changes").Has(t, 200).Sees(t, "Saved.")
	if !shared() {
		t.Error("what the second saver chose at last is lost")
	}
}

func TestAChoiceThatIsNoneOfThreeIsRefused(t *testing.T) {
	site := open(t)
	page := "/office/setup/clients/" + clientOf(t, site, "ana")
	maria := site.As("maria")
	changed := site.Changed(t, func() {
		answer := maria.Post(page, url.Values{"s:plans": {"maybe"}, "version": {"1"}})
		if answer.Status != 422 {
			t.Errorf("answered %d", answer.Status)
		}
	})
	if len(changed) > 0 {
		t.Errorf("a refused form changed %v", changed)
	}
}

func TestAProjectNarrows(t *testing.T) {
	site := open(t)
	page := "/office/setup/projects/" + one[string](t, site, "select id::text from project where key = 'maple-street'")
	site.Both(t, "maria", func(t *testing.T, maria *portaltest.Browser) {
		maria.Open(page).Choose("Plans in this project", "Off").Press("Save changes").Sees(t, "Saved.", "by the project")
		maria.Open("/office/setup/clients/"+clientOf(t, site, "ana")).Sees(t, "not in Maple Street remodel")
		if a := maria.Post(page, url.Values{"s:plans": {"on"}, "version": {"2"}}); a.Status != 422 {
			t.Errorf("a project cannot widen: %d", a.Status)
		}
	})
}

func TestFailedWorkNeedsALook(t *testing.T) {
	site := open(t)
	firm := site.FirmID()
	add := func() string {
		id := uuid.Must(uuid.NewV7())
		_, err := site.DB(t).NewRaw(`
			insert into outbox (firm_id, id, kind, payload, tries, last_error, dead_at)
			values (?, ?, 'billing:settle', '{}', 12, 'the gateway did not answer', now())`, firm, id).Exec(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return id.String()
	}
	add()
	site.Both(t, "maria", func(t *testing.T, maria *portaltest.Browser) {
		maria.Open("/office/setup").Sees(t, "Needs a look")
		maria.Follow("Background work").Sees(t, "the gateway did not answer", "Failed")
		maria.Press("Dismiss").Sees(t, "Dismissed.")
		maria.Open("/office/setup/work?state=failed").Sees(t, "Nothing needs a look")
	})
	id := add()
	maria := site.As("maria")
	maria.Open("/office/setup/work?state=failed").Press("Run again").Sees(t, "It runs again.")
	if !one[bool](t, site, "select dead_at is null and tries = 0 from outbox where id = ?", id) {
		t.Error("it was not run again")
	}
	if a := maria.Post("/office/setup/work/"+uuid.NewString()+"/tries", nil); a.Status != 404 {
		t.Errorf("work that is not there: %d", a.Status)
	}
	if a := maria.Get("/office/setup/work?state=nonsense"); a.Status != 404 {
		t.Errorf("a state that is none: %d", a.Status)
	}
}

func TestThePortalIsClosedForAll(t *testing.T) {
	site := open(t)
	site.Both(t, "maria", func(t *testing.T, maria *portaltest.Browser) {
		maria.Open("/office/setup/portal").Untick("Clients can use the portal").Tick("Admins").Press("Save changes").Sees(t, "Saved.")
		if !one[bool](t, site, "select not portal_on and second_factor = '{admin}' from firm where key = 'demo'") {
			t.Error("not kept")
		}
		maria.Open("/office/setup/clients/"+clientOf(t, site, "ana")).Sees(t, "The portal is off for the whole firm")
	})
}

func TestTheLogIsPaged(t *testing.T) {
	site := open(t)
	_, err := site.DB(t).NewRaw(`
		insert into activity (firm_id, id, at, verb, text, actor_name)
		select ?, gen_random_uuid(), now(), 'test', 'counted to ' || n, 'Zoe' from generate_series(1, 120) n`, site.FirmID()).Exec(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	maria := site.As("maria").Open("/office/setup/activity")
	seen := map[string]bool{}
	for range 3 {
		for _, word := range strings.Split(maria.Text(), "counted to ")[1:] {
			seen[strings.Fields(word)[0]] = true
		}
		if maria.Count("a[rel=next]") == 0 {
			break
		}
		maria.Follow("Next")
	}
	if len(seen) != 120 {
		t.Errorf("paging showed %d of 120 entries of one instant", len(seen))
	}
}
