package team_test

import (
	"net/url"
	"strings"
	"testing"

	"portico/modules/team"
	"portico/platform/portaltest"
)

func open(t *testing.T) *portaltest.Site { return portaltest.Open(t, team.Module) }

func change(t *testing.T, site *portaltest.Site, query string, args ...any) {
	t.Helper()
	if _, err := site.DB(t).NewRaw(query, args...).Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func TestAPersonWithTwoRolesShowsBothUnderAllProjectsAndOneWhenFiltered(t *testing.T) {
	site := open(t)
	site.Both(t, "ana", func(t *testing.T, ana *portaltest.Browser) {
		ana.Open("/portal/all/team").Sees(t, "Ben Lindqvist", "Maria Okafor", "Diego Santos", "Priya Raman")
		ana.In("Ben Lindqvist").Sees(t, "Project manager", "Maple Street remodel", "Planner", "Maple Street garden")
		if n := ana.Count("li.team-person"); n != 4 {
			t.Errorf("%d people are shown, not each of the four once", n)
		}
		ana.Open("/portal/maple-street/team").SeesNot(t, "Planner", "Priya Raman").In("Ben Lindqvist").Sees(t, "Project manager")
		ana.Open("/portal/maple-garden/team").SeesNot(t, "Project manager", "Maria Okafor").In("Ben Lindqvist").Sees(t, "Planner")
	})
}

func TestAClientSeesOnlyTheTeamsOfItsOwnProjects(t *testing.T) {
	site := open(t)
	site.As("tom").Open("/portal/all/team").Sees(t, "Diego Santos").SeesNot(t, "Priya Raman", "Planner") // the garden is not his
	site.As("tom").Open("/portal/maple-garden/team").Has(t, 404)
	site.As("grace").Open("/portal/all/team").Sees(t, "Maria Okafor", "Site lead").SeesNot(t, "Ben Lindqvist")
	site.Firm("harbor").As("ruth").Open("/portal/all/team").Sees(t, "Noor Dalgaard").SeesNot(t, "Maria")
	change(t, site, `update project set switches = '{"team": false}' where key = 'maple-garden'`)
	site.As("ana").Open("/portal/all/team").Sees(t, "Project manager").SeesNot(t, "Planner", "Priya Raman")
	change(t, site, "update project set shared = false where key = 'maple-street'")
	site.As("ana").Open("/portal/all/team").SeesNot(t, "Site lead")
}

func TestHiddenAndDisabledPeopleAreNotShown(t *testing.T) {
	site := open(t)
	change(t, site, `
		update project_member m set visible = false from project p
		where p.firm_id = m.firm_id and p.id = m.project_id and p.key = 'maple-street' and m.role = 'Project manager'`)
	change(t, site, "update staff set disabled_at = now() where person_id = ?", site.Person("diego").ID)
	site.As("ana").Open("/portal/maple-street/team").Sees(t, "Maria Okafor").SeesNot(t, "Ben Lindqvist", "Diego Santos", "ben@northgate.example")
	site.As("ana").Open("/portal/all/team").In("Ben Lindqvist").Sees(t, "Planner").SeesNot(t, "Project manager")
}

func TestAddressAndNumberShowOnlyWhereTheyAreMeantToBe(t *testing.T) {
	site := open(t)
	ana := site.As("ana")
	ana.Open("/portal/maple-street/team").In("Ben Lindqvist").Sees(t, "ben@northgate.example", "+1 512 555 0102")
	change(t, site, "update staff set show_phone = false where person_id = ?", site.Person("ben").ID)
	ana.Open("/portal/maple-street/team").Sees(t, "ben@northgate.example").SeesNot(t, "+1 512 555 0102")
	change(t, site, `
		update project_member m set contactable = false from project p
		where p.firm_id = m.firm_id and p.id = m.project_id and p.key = 'maple-street'`)
	ana.Open("/portal/maple-street/team").Sees(t, "Ben Lindqvist").SeesNot(t, "ben@northgate.example", "maria@northgate.example")
	ana.Open("/portal/all/team").Sees(t, "ben@northgate.example") // on the garden he may be written to
}

func TestTheSectionIsGoneWhenItIsOff(t *testing.T) {
	site := open(t)
	ana := site.As("ana")
	ana.Open("/portal/all/team").Has(t, 200)
	change(t, site, "update firm set switches = '{}' where key = 'demo'")
	ana.Open("/portal/all/team").Has(t, 404)
	site.As("ana").Open("/office/team/"+projectID(t, site, "maple-street")).Has(t, 404)
}

func projectID(t *testing.T, site *portaltest.Site, key string) (id string) {
	t.Helper()
	if err := site.DB(t).NewRaw("select id from project where key = ?", key).Scan(t.Context(), &id); err != nil {
		t.Fatal(err)
	}
	return id
}

func TestTheOfficeArrangesATeam(t *testing.T) {
	site := open(t)
	maple := "/office/team/" + projectID(t, site, "maple-street")
	site.Both(t, "ben", func(t *testing.T, ben *portaltest.Browser) {
		ben.Open(maple).Sees(t, "Maple Street remodel", "Maria Okafor", "Diego Santos")
		ben.Choose("Who", "Priya Raman, Office manager").Fill("Role", "Papers and permits").Press("Add to the team")
		ben.Sees(t, "Priya Raman is on the team.")

		// what is typed elsewhere is kept when somebody is moved
		ben.In("Diego Santos").Fill("Role on this project", "Site lead and carpenter")
		ben.Press("Move Priya Raman up")
		if got := ben.In("Diego Santos").Value("Role on this project"); got != "Site lead and carpenter" {
			t.Errorf("the role is %q", got)
		}
		if got := order(t, site); got != "Maria Okafor, Ben Lindqvist, Priya Raman, Diego Santos" {
			t.Errorf("the order is %s", got)
		}
		ben.In("BL Ben Lindqvist Project manager").Untick("Client sees")
		ben.Press("Remove Maria Okafor")
		ben.Sees(t, "Maria Okafor is no longer on the team.")
		site.As("ana").Open("/portal/maple-street/team").Sees(t, "Priya Raman", "Papers and permits", "Site lead and carpenter").
			SeesNot(t, "Ben Lindqvist", "Maria Okafor")
	})
}

func order(t *testing.T, site *portaltest.Site) (names string) {
	t.Helper()
	err := site.DB(t).NewRaw(`
		select string_agg(n.name, ', ' order by m.position)
		from project_member m
		join project p on p.firm_id = m.firm_id and p.id = m.project_id and p.key = 'maple-street'
		join person n on n.firm_id = m.firm_id and n.id = m.person_id`).Scan(t.Context(), &names)
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func TestWhatIsWrongIsSaidAndNothingIsLost(t *testing.T) {
	site := open(t)
	maple := "/office/team/" + projectID(t, site, "maple-street")
	site.Both(t, "ben", func(t *testing.T, ben *portaltest.Browser) {
		ben.Open(maple).Fill("Role", "Cook").Press("Add to the team")
		ben.Has(t, 422).Sees(t, "Choose who joins the team.")
		if got := ben.Value("Role"); got != "Cook" {
			t.Errorf("the role was lost: %q", got)
		}
		long := strings.Repeat("x", 90)
		ben.Open(maple).In("Diego Santos").Fill("Role on this project", long)
		ben.Press("Save changes").Has(t, 422).Sees(t, "Use at most 80 characters.")
		if got := ben.In("Diego Santos").Value("Role on this project"); got != long {
			t.Errorf("what was typed was lost: %q", got)
		}
	})
	other := projectID(t, site, "winter-gala")
	ben := site.As("ben")
	ben.Open("/office/team/"+other).Has(t, 404)
	if a := ben.Post("/office/team/"+other+"/members", url.Values{"person": {site.Person("ben").ID.String()}}); a.Status != 404 {
		t.Errorf("another firm's team answered %d", a.Status)
	}
	stranger := site.Firm("harbor").Person("felix").ID.String()
	if a := ben.Post(maple+"/members", url.Values{"person": {stranger}}); a.Status != 422 {
		t.Errorf("another firm's person answered %d", a.Status)
	}
}
