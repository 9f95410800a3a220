package setup_test

import (
	"context"
	"net/url"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/modules/setup"
	"portico/platform/auth"
	"portico/platform/db"
	"portico/platform/module"
	"portico/platform/portaltest"
)

func staffPage(site *portaltest.Site, who string) string {
	return "/office/setup/staff/" + site.Person(who).ID.String()
}

func TestTheListOfStaffIsSearchedFilteredSortedAndPaged(t *testing.T) {
	site := open(t)
	exec(t, site, `
		with p as (
			insert into person (firm_id, id, email, name)
			select f.firm_id, gen_random_uuid(), 'extra' || n || '@northgate.example', 'Extra ' || lpad(n::text, 3, '0') || ' ' || repeat('Longname', 6)
			from firm f, generate_series(1, 120) as n where f.key = 'demo'
			returning firm_id, id)
		insert into staff (firm_id, person_id, role) select firm_id, id, 'member' from p`)
	maria := site.As("maria")
	maria.Open("/office/setup/staff").Sees(t, "1–50 of", "Next").Follow("Next").Sees(t, "51–100 of")
	maria.Open("/office/setup/staff?role=owner").Sees(t, "Maria").SeesNot(t, "Extra")
	maria.Open("/office/setup/staff?state=invited&q=extra+042").Sees(t, "Extra 042", "1–1 of 1").SeesNot(t, "Extra 043")
	maria.Open("/office/setup/staff?sort=-name").Sees(t, "Priya")
	maria.Open("/office/setup/staff?state=disabled").Sees(t, "Nobody fits")
	maria.Open("/office/setup/staff?sort=nonsense&page=-4&state=x&role=y").Has(t, 200).Sees(t, "1–50 of")
	maria.Open("/office/setup/staff?page=999").Has(t, 200).Sees(t, "Previous")
}

func exec(t *testing.T, site *portaltest.Site, query string, args ...any) {
	t.Helper()
	if _, err := site.DB(t).NewRaw(query, args...).Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func TestSeveralPeopleAreInvitedAtOnceOrNobody(t *testing.T) {
	site := open(t)
	site.Work()
	maria := site.As("maria")
	list := "Nora Quist <nora@northgate.example>\n\nomar.reyes@northgate.example\n\"Quist, Lars\" <lars@northgate.example>,\nDana Roe, dana@northgate.example"
	maria.Open("/office/setup/staff").Follow("Invite several").Fill("People", list+"\nben@northgate.example").Choose("Role of all of them", "Admin: everything but owners").
		Press("Send the invitations").Has(t, 422).Sees(t, "ben@northgate.example: Somebody with this address is staff already")
	if one[int](t, site, "select count(*) from person where email like '%@northgate.example' and email ~ '^(nora|omar|lars|dana)'") != 0 {
		t.Error("some were invited all the same")
	}
	maria.Fill("People", list+"\nnobody at all").Press("Send the invitations").Has(t, 422).Sees(t, "Line 6 has no address")
	maria.Fill("People", list).Press("Send the invitations").Sees(t, "4 invitations are on their way")
	site.Settle(t)
	for _, who := range []string{"nora", "omar.reyes", "lars", "dana"} {
		if mail := site.MailTo(who + "@northgate.example"); !strings.Contains(mail.Text, "/sign-in/link/") {
			t.Errorf("%s has no link", who)
		}
	}
	if got := one[string](t, site, "select string_agg(p.name || ':' || st.role, ' | ' order by p.name) from person p join staff st on st.person_id = p.id and st.firm_id = p.firm_id where p.email ~ '^(nora|omar.reyes|lars|dana)@'"); got != "Dana Roe:admin | Nora Quist:admin | Omar Reyes:admin | Quist, Lars:admin" {
		t.Error(got)
	}
	priya := site.As("priya")
	if a := priya.Post("/office/setup/staff/several", url.Values{"people": {"boss@northgate.example"}, "role": {"owner"}}); a.Status != 403 {
		t.Errorf("an admin invites owners: %d", a.Status)
	}
}

func TestMembershipsAreEditedOnThePersonsPage(t *testing.T) {
	site := open(t)
	ben := site.Person("ben").ID
	exec(t, site, "delete from project_member where person_id = ?", ben)
	project := one[string](t, site, "select id::text from project where key = 'maple-street'")
	name := one[string](t, site, "select name from project where id = ?", project)
	site.Both(t, "maria", func(t *testing.T, maria *portaltest.Browser) {
		maria.Open(staffPage(site, "ben")).Sees(t, "On no project yet")
		maria.Open(staffPage(site, "ben")+"/projects").Fill("Search projects", "map").Press("Search").Sees(t, name)
		maria.In(name).Press("Add")
		maria.Sees(t, "works on "+name).Fill("Role on "+name, "Site lead").Untick("Client sees them").Press("Save changes").Sees(t, "Saved.")
		if got := one[string](t, site, "select role || ' ' || visible from project_member where person_id = ?", ben); got != "Site lead false" {
			t.Error(got)
		}
		maria.Fill("Role on "+name, strings.Repeat("x", 81)).Press("Save changes").Has(t, 422).Sees(t, "at most 80")
		maria.Open(staffPage(site, "ben")).Sees(t, name, "Site lead", "hidden from the client")
		maria.Open(staffPage(site, "ben")+"/projects").Tick("Take off this project").Press("Save changes").Sees(t, "On no project yet")
		maria.Open("/office/setup/activity").Sees(t, "took Ben", "changed what Ben")
	})
}

func TestWhoeverLeavesHandsOverAndIsOutAtOnce(t *testing.T) {
	site := open(t)
	maria, ben, priya := site.As("maria"), site.Person("ben"), site.Person("priya")
	exec(t, site, "delete from project_member where person_id in (?, ?)", ben.ID, priya.ID)
	exec(t, site, `
		insert into project_member (firm_id, project_id, person_id, role, visible, contactable, position)
		select firm_id, id, ?, 'Lead of ' || name, key = 'maple-street', false, 7 from project where status <> 'archived' and firm_id = ?`, ben.ID, site.FirmID())
	exec(t, site, `
		insert into project_member (firm_id, project_id, person_id, role, visible)
		select firm_id, id, ?, 'Own role', false from project where key = 'maple-street' and firm_id = ?`, priya.ID, site.FirmID())
	n := one[int](t, site, "select count(*) from project_member where person_id = ?", ben.ID)
	if n < 2 {
		t.Fatal("the story has too few projects")
	}
	session, phone := site.As("ben"), site.As("ben")
	exec(t, site, "insert into link (firm_id, token_hash, id, purpose, person_id, sent_to, expires_at) values (?, 'x', gen_random_uuid(), 'sign_in', ?, ?, now() + interval '1 hour')", site.FirmID(), ben.ID, ben.Email)
	page := staffPage(site, "ben")
	maria.Open(page).Follow("Switch off access…").Sees(t, "Who takes over?", "Lead of")
	if a := maria.Post(page+"/disabling", nil); a.Status != 422 {
		t.Errorf("without an answer: %d", a.Status)
	}
	if a := maria.Post(page+"/disabling", url.Values{"to": {ben.ID.String()}}); a.Status != 422 {
		t.Errorf("from Ben to Ben: %d", a.Status)
	}
	if a := maria.Post(page+"/disabling", url.Values{"to": {uuid.NewString()}}); a.Status != 422 {
		t.Errorf("to nobody we know: %d", a.Status)
	}
	if one[bool](t, site, "select disabled_at is not null from staff where person_id = ?", ben.ID) || one[int](t, site, "select count(*) from project_member where person_id = ?", ben.ID) != n {
		t.Fatal("something was done before it was decided")
	}

	kept := one[string](t, site, "select id::text from project where status <> 'archived' and firm_id = ? and key <> 'maple-street' limit 1", site.FirmID())
	form := url.Values{"to": {priya.ID.String()}, "project": {kept}, "to-" + kept: {"nobody"}}
	if a := maria.Post(page+"/disabling", form); a.Status != 303 {
		t.Fatalf("%d\n%s", a.Status, a.Body)
	}
	if got := one[int](t, site, "select count(*) from project_member where person_id = ?", priya.ID); got != n-1 {
		t.Errorf("priya has %d of %d", got, n-1)
	}
	if got := one[string](t, site, "select m.role || ' ' || m.visible from project_member m join project p on p.id = m.project_id where m.person_id = ? and p.key = 'maple-street'", priya.ID); got != "Own role false" {
		t.Errorf("who was on the team already is changed: %s", got)
	}
	if n > 2 && !one[bool](t, site, "select bool_and(role like 'Lead of %' and not visible and not contactable) from project_member where person_id = ? and role <> 'Own role'", priya.ID) {
		t.Error("role and visibility are not carried over")
	}
	if got := one[string](t, site, "select project_id::text from project_member where person_id = ?", ben.ID); got != kept {
		t.Errorf("ben is left with %s", got)
	}
	for _, b := range []*portaltest.Browser{session, phone} {
		if a := b.Get("/office/setup"); a.Status != 303 || !strings.Contains(a.Header.Get("Location"), "/sign-in") {
			t.Errorf("a session goes on: %d", a.Status)
		}
	}
	if !one[bool](t, site, "select bool_and(ended_at is not null) from link where person_id = ?", ben.ID) {
		t.Error("a link goes on")
	}
	// whatever he shows, nothing opens: all ways in end at auth.Start
	err := db.InTx(t.Context(), site.Pool, site.FirmID(), func(ctx context.Context, tx bun.Tx) error {
		_, err := auth.Start(ctx, tx, auth.NewSession{Firm: site.FirmID(), Person: ben.ID, Factors: 2, SSO: true})
		return err
	})
	if err == nil {
		t.Error("a session can be begun")
	}
	maria.Open("/office/setup/activity").Sees(t, "switched off the access of Ben", "over from Ben")
	maria.Open(page).Press("Switch on access").Sees(t, "can sign in again")
}

func TestWhatSomebodyWhoLeftCanShowLeadsNowhere(t *testing.T) {
	site := open(t)
	ben := site.Person("ben").ID
	exec(t, site, "update staff set disabled_at = now() where person_id = ?", ben)
	err := db.InTx(t.Context(), site.Pool, site.FirmID(), func(ctx context.Context, tx bun.Tx) error {
		identities, err := auth.Identities(ctx, tx, site.FirmID(), ben)
		if len(identities) != 0 {
			t.Errorf("passkeys, passwords and links lead to %+v", identities)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// A section may have something of its own to hand over.
func TestSectionsHandOverTooAndAllOfItOrNothing(t *testing.T) {
	moved := 0
	letters := section("letters", "Letters", nil)
	letters.Mount = func(module.Platform) (module.Section, error) {
		return module.Section{HandOver: func(_ context.Context, _ bun.Tx, _ auth.Viewer, from, to uuid.UUID) (int, error) {
			if to != uuid.Nil {
				moved++
			}
			return 3, nil
		}}, nil
	}
	site := portaltest.Open(t, setup.Module, letters)
	maria := site.As("maria")
	maria.Open(staffPage(site, "ben")+"/disabling").Sees(t, "Letters", "3")
	maria.Choose("All of it", "Priya Raman").Press("Switch off access").Sees(t, "cannot sign in any more")
	if moved != 1 {
		t.Errorf("handed over %d times", moved)
	}
}

func TestTheLastOwnerAndOthersOwnersStay(t *testing.T) {
	site := open(t)
	priya, maria := site.As("priya"), site.As("maria")
	own := staffPage(site, "maria")
	if a := priya.Get(own + "/disabling"); a.Status != 404 {
		t.Errorf("an admin is asked about an owner: %d", a.Status)
	}
	for _, deed := range []string{"/disabling", "/demands", "/account?_method=DELETE"} {
		if a := priya.Post(own+deed, url.Values{"to": {"nobody"}, "must_factor": {"1"}}); a.Status != 403 {
			t.Errorf("an admin does %s to an owner: %d", deed, a.Status)
		}
	}
	if a := maria.Get(own + "/disabling"); a.Status != 404 {
		t.Errorf("oneself: %d", a.Status)
	}
}

func TestASecondFactorIsAskedOfOnePerson(t *testing.T) {
	site := open(t)
	maria, ben := site.As("maria"), site.Browser()
	// a session of one factor
	ben.SetSession(oneFactor(t, site, "ben"))
	maria.Open(staffPage(site, "ben")).Tick("Ask for a second factor").Press("Save").Sees(t, "must show a second factor from now on")
	if a := ben.Get("/switch"); a.Header.Get("Location") != "/sign-in/second-factor" {
		t.Errorf("ben goes on without: %d %s", a.Status, a.Header.Get("Location"))
	}
	ben.Open("/sign-in/second-factor").Sees(t, "Protect your account")
	maria.Untick("Ask for a second factor").Press("Save").Sees(t, "not asked for a second factor any more")
	if a := ben.Get("/switch"); a.Status != 200 {
		t.Errorf("still asked: %d", a.Status)
	}
	maria.Open("/office/setup/activity").Sees(t, "Second factor asked of this person")
}

func oneFactor(t *testing.T, site *portaltest.Site, who string) (token string) {
	t.Helper()
	err := db.InTx(t.Context(), site.Pool, site.FirmID(), func(ctx context.Context, tx bun.Tx) (err error) {
		token, err = auth.Start(ctx, tx, auth.NewSession{Firm: site.FirmID(), Person: site.Person(who).ID, Factors: 1})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func TestToAskForFewerSecondFactorsNeedsAFreshOne(t *testing.T) {
	site := open(t)
	exec(t, site, "update firm set second_factor = '{owner,admin}' where key = 'demo'")
	maria, priya := site.As("maria"), site.As("priya")
	grow(t, site)
	priya.Open("/office/setup/portal").Tick("Members").Press("Save changes").Sees(t, "Saved.") // more is always welcome
	priya.Untick("Owners").Press("Save changes").Has(t, 422).Sees(t, "Only an owner can stop asking owners")
	maria.Open("/office/setup/portal").Untick("Admins").Press("Save changes").Has(t, 422).Sees(t, "Confirm that it is you")
	if got := one[string](t, site, "select array_to_string(second_factor, ',') from firm where key = 'demo'"); got != "owner,admin,member" {
		t.Errorf("asked of %s", got)
	}
	exec(t, site, "update session set confirmed_at = now()")
	maria.Press("Save changes").Sees(t, "Saved.")
	if got := one[string](t, site, "select array_to_string(second_factor, ',') from firm where key = 'demo'"); got != "owner,member" {
		t.Errorf("asked of %s", got)
	}
}
