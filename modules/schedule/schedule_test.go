package schedule_test

import (
	"context"
	"net/url"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/modules/schedule"
	"portico/platform/auth"
	"portico/platform/db"
	"portico/platform/plan"
	"portico/platform/portaltest"
	"portico/platform/secret"
)

func one[T any](t testing.TB, site *portaltest.Site, query string, args ...any) (v T) {
	t.Helper()
	if err := site.DB(t).NewRaw(query, args...).Scan(t.Context(), &v); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return v
}

func do(t testing.TB, site *portaltest.Site, query string, args ...any) {
	t.Helper()
	if _, err := site.DB(t).ExecContext(t.Context(), query, args...); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
}

func projectKeyed(t testing.TB, site *portaltest.Site, key string) string {
	t.Helper()
	return one[string](t, site, "select id::text from project where key = ? and firm_id = ?", key, site.FirmID())
}

func itemCalled(t testing.TB, site *portaltest.Site, title string) string {
	t.Helper()
	return one[string](t, site, "select id::text from schedule.item where title = ? and firm_id = ?", title, site.FirmID())
}

// startOf is the first day of an item as it is planned now.
func startOf(t testing.TB, site *portaltest.Site, title string) string {
	t.Helper()
	return one[string](t, site, "select start_on::text from schedule.item where title = ? and firm_id = ?", title, site.FirmID())
}

// mails are those about schedules that somebody got.
func mails(site *portaltest.Site, who string) (texts []string) {
	for _, m := range site.Mails() {
		if m.Recipient == site.Person(who).Email && strings.Contains(m.Subject, "schedule") {
			texts = append(texts, m.Subject+"\n"+m.Text)
		}
	}
	return texts
}

// TestAPhaseIsShiftedAndPublished: staff see what moves with it and say why, the client hears of it once, with old and new.
func TestAPhaseIsShiftedAndPublished(t *testing.T) {
	site := portaltest.Open(t, schedule.Module)
	ben, ana := site.As("ben"), site.As("ana")
	at := "/office/schedule/projects/" + projectKeyed(t, site, "maple-street")
	kitchen := at + "/items/" + itemCalled(t, site, "Kitchen")
	was := startOf(t, site, "Set the cabinets")
	tile := startOf(t, site, "Tile the backsplash")
	seenBefore := ana.Open("/portal/maple-street/schedule?view=list").Text()

	// the preview keeps nothing
	to := one[string](t, site, "select (start_on + 14)::text from schedule.item where title = 'Kitchen'")
	ben.Open(kitchen).Fill("First day", to).Press("Save").Sees(t, "Move “Kitchen”?", "other items move with it", "Set the cabinets", "Cabinets are in", "Tile the backsplash")
	if got := startOf(t, site, "Set the cabinets"); got != was {
		t.Fatalf("a preview moved it to %s", got)
	}
	ben.Fill("Reason", "The stone yard is closed").Press("Move").Sees(t, "Saved.", "Changes to publish")
	now := startOf(t, site, "Set the cabinets")
	if now <= was || startOf(t, site, "Tile the backsplash") <= tile {
		t.Fatalf("%s became %s", was, now)
	}
	if n := one[int](t, site, "select count(*) from schedule.shift where reason = 'The stone yard is closed'"); n < 6 {
		t.Errorf("%d shifts are kept", n)
	}
	// nobody hears of it before it is published
	site.Settle(t)
	if got := ana.Open("/portal/maple-street/schedule?view=list").Text(); got != seenBefore {
		t.Errorf("the client sees a draft:\n%s", got)
	}
	if n := len(mails(site, "ana")); n != 0 {
		t.Fatalf("%d mails", n)
	}
	ben.Open(at+"/publication").Sees(t, "The stone yard is closed").Fill("A few words with it", "We are sorry.").Press("Publish").Sees(t, "The client gets one mail about it.")
	site.Settle(t)
	for _, who := range []string{"ana", "tom"} {
		got := mails(site, who)
		if len(got) != 1 {
			t.Fatalf("%s got %d mails", who, len(got))
		}
		for _, words := range []string{"Kitchen: ", " becomes ", "The stone yard is closed.", "We are sorry."} {
			if !strings.Contains(got[0], words) {
				t.Errorf("%s is not told %q:\n%s", who, words, got[0])
			}
		}
		for _, hidden := range []string{"Measure and cut", "Paint", "Wiring"} {
			if strings.Contains(got[0], hidden) {
				t.Errorf("%s is told of %s", who, hidden)
			}
		}
	}
	ana.Open("/portal/maple-street/schedule/changes").Sees(t, "Set the cabinets", "The stone yard is closed", "We are sorry.")
	if got := ana.Open("/portal/maple-street/schedule?view=list").Text(); got == seenBefore {
		t.Error("nothing new is seen")
	}
	// published again, there is nothing to tell
	ben.Open(at+"/publication").Sees(t, "Nothing to tell").Press("Publish")
	site.Settle(t)
	if n := len(mails(site, "ana")); n != 1 {
		t.Errorf("%d mails", n)
	}
	if n := one[int](t, site, "select count(*) from activity where verb = 'schedule.moved' and text like 'moved “Kitchen” from %'"); n != 1 {
		t.Errorf("%d entries in the log", n)
	}
}

// TestTwoPlanAtOnce: whoever comes second looks again.
func TestTwoPlanAtOnce(t *testing.T) {
	site := portaltest.Open(t, schedule.Module)
	at := "/office/schedule/projects/" + projectKeyed(t, site, "maple-street")
	drywall := at + "/items/" + itemCalled(t, site, "Drywall")
	ben, maria := site.As("ben"), site.As("maria")
	ben.Open(drywall+"/shift?start=2027-02-01").Sees(t, "Move “Drywall”?")
	maria.Open(at + "/items/" + itemCalled(t, site, "Paint") + "/shift?start=2027-06-01").Press("Move")
	ben.Press("Move").Has(t, 409).Sees(t, "changed meanwhile")
	ben.Fill("Reason", "Now").Press("Move").Sees(t, "“Drywall” is now Mon, Feb 1")
	ben.Open(at+"/publication").Has(t, 200)
	maria.Open(at + "/items/" + itemCalled(t, site, "Paint") + "/shift?start=2027-06-07").Press("Move")
	ben.Press("Publish").Has(t, 409).Sees(t, "The schedule was changed meanwhile")
	ben.Press("Publish").Sees(t, "Published.")
}

// TestWhatClientsMaySee: online, viewable, and the item visible; what is taken away is gone at once, what is added waits.
func TestWhatClientsMaySee(t *testing.T) {
	site := portaltest.Open(t, schedule.Module)
	at := "/office/schedule/projects/" + projectKeyed(t, site, "maple-street")
	ben, ana := site.As("ben"), site.As("ana")
	project := uuid.MustParse(projectKeyed(t, site, "maple-street"))
	pages := []string{"?view=list", "?view=gantt", "?view=month&month=2026-12", "", "/changes"}
	all := func() (text string) {
		for _, p := range pages {
			text += string(ana.Get("/portal/all/schedule" + p).Body)
		}
		return text
	}
	drywall := itemCalled(t, site, "Drywall")
	ana.Open("/portal/all/schedule/items/"+drywall).Sees(t, "Dust: doors to the kitchen stay shut.", "another step")
	for _, hidden := range []string{"Wiring", "Plumbing rough-in", "Bluebonnet", "Canary yellow", "They want half", itemCalled(t, site, "Wiring"), "baseline", "Baseline"} {
		if strings.Contains(all(), hidden) {
			t.Errorf("the client sees %q", hidden)
		}
	}
	if !strings.Contains(string(ana.Get("/portal/all/schedule?view=gantt").Body), `class="arrows stubs" d="M`) {
		t.Error("what waits for something hidden is not drawn as waiting")
	}
	ana.Get("/portal/all/schedule/items/" + itemCalled(t, site, "Wiring"))
	if a := ana.Get("/portal/all/schedule/items/" + itemCalled(t, site, "Wiring")); a.Status != 404 {
		t.Errorf("a hidden item answers %d", a.Status)
	}
	// what other sections learn
	asked := func(who string) (titles string) {
		err := db.InTx(t.Context(), site.Pool, site.FirmID(), func(ctx context.Context, tx bun.Tx) error {
			v, err := auth.Load(ctx, tx, site.FirmID(), secret.Hash(site.Session(who)), site.Now())
			if err != nil {
				return err
			}
			list, ok, err := plan.Items.Ask(ctx, site.Board, plan.Question{Tx: tx, Viewer: v.Viewer, ProjectID: project})
			if !ok {
				t.Error("nobody answers")
			}
			for n, i := range list {
				titles += i.Title + "; "
				if n > 0 && i.Start.Before(list[n-1].Start) {
					t.Error("not in the order of their days")
				}
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return titles
	}
	if got := asked("ana"); strings.Contains(got, "Wiring") || !strings.Contains(got, "Walls are closed") {
		t.Errorf("ana's: %s", got)
	}
	if got := asked("ben"); !strings.Contains(got, "Wiring") || !strings.Contains(got, "Drywall and plumbing") {
		t.Errorf("ben's: %s", got)
	}
	if got := asked("omar"); got != "" {
		t.Errorf("another client's: %s", got)
	}
	// hidden at once
	ben.Open(at+"/items/"+drywall).Untick("Show it to the client").Press("Save").Sees(t, "Saved.")
	if strings.Contains(all(), "Dust: doors") || strings.Contains(all(), ">Drywall<") {
		t.Error("what was hidden is still seen")
	}
	// shown with the publication only
	ben.Open(at + "/items/" + itemCalled(t, site, "Wiring")).Tick("Show it to the client").Press("Save")
	if strings.Contains(all(), "Wiring") {
		t.Error("seen before it was published")
	}
	ben.Open(at + "/publication").Press("Publish")
	if !strings.Contains(all(), "Wiring") {
		t.Error("not seen after it was published")
	}
	// offline, and not for the client
	ben.Open(at).Press("Take it offline")
	ana.Open("/portal/maple-street/schedule").Sees(t, "No schedule yet")
	if got := asked("ana"); got != "" {
		t.Errorf("offline: %s", got)
	}
	site.Settle(t)
	before := len(mails(site, "ana"))
	ben.Open(at).Untick("The client may see this schedule").Press("Save")
	ben.Open(at + "/items/" + itemCalled(t, site, "Wiring") + "/shift?start=2027-03-01").Press("Move")
	ben.Open(at + "/publication").Press("Publish")
	site.Settle(t)
	ana.Open("/portal/maple-street/schedule").Sees(t, "No schedule yet")
	if n := len(mails(site, "ana")); n != before {
		t.Error("a mail about a schedule that is not for the client")
	}
	ben.Open(at).Tick("The client may see this schedule").Press("Save")
	ana.Open("/portal/maple-street/schedule?view=list").Sees(t, "Wiring")
}

// TestWhoDoesItIsASwitch of its own.
func TestWhoDoesItIsASwitch(t *testing.T) {
	site := portaltest.Open(t, schedule.Module)
	ana := site.As("ana")
	path := "/portal/all/schedule/items/" + itemCalled(t, site, "Drywall")
	set := func(on bool) {
		do(t, site, `update firm set switches = switches || jsonb_build_object('schedule', true, 'schedule/assignees', ?::boolean) where firm_id = ?`, on, site.FirmID())
	}
	set(true)
	ana.Open(path).Sees(t, "Diego Santos")
	set(false)
	ana.Open(path).SeesNot(t, "Diego")
	if a := ana.Get("/portal/all/schedule?view=list"); strings.Contains(string(a.Body), "Diego") {
		t.Error("named in the list")
	}
}

func TestMonthsAndDaysAreNamedInTheReadersLanguage(t *testing.T) {
	site := portaltest.Open(t, schedule.Module)
	do(t, site, "update person set locale = 'es-ES' where firm_id = ? and id = ?", site.FirmID(), site.Person("ana").ID)
	ana := site.As("ana")
	ana.Open("/portal/all/schedule?view=month&month=2026-12").Sees(t, "diciembre de 2026", "lun", "mié").SeesNot(t, "December", "Mon")
	for _, zoom := range []string{"week", "month"} {
		if chart := string(ana.Get("/portal/all/schedule?view=gantt&zoom=" + zoom).Body); !strings.Contains(chart, ">diciembre de 2026<") || strings.Contains(chart, ">Dec") {
			t.Errorf("the months of the chart by %s are not named in Spanish", zoom)
		}
	}
}

func TestItemsThatWaitForEachOtherAreRefused(t *testing.T) {
	site := portaltest.Open(t, schedule.Module)
	ben := site.As("ben")
	at := "/office/schedule/projects/" + projectKeyed(t, site, "maple-street")
	wiring := at + "/items/" + itemCalled(t, site, "Wiring")
	ben.Open(wiring).Choose("Waits for", "– Paint").Press("Save").Has(t, 422).Sees(t, "would wait for", "“Drywall”", "Take one of these dependencies out")
	// and of a form that is wrong nothing is lost
	ben.Open(at+"/items/new").Fill("Name", "Lights").Fill("Days of work", "0").Fill("Internal notes", "Dimmers").Press("Add to the schedule").Has(t, 422).Sees(t, "how many days of work")
	if ben.Value("Internal notes") != "Dimmers" || ben.Value("Name") != "Lights" {
		t.Error("what was typed is lost")
	}
	ben.Fill("Days of work", "2").Choose("In the phase", "Finishing").Choose("Waits for", "– Paint").Tick("Begin as soon as").Press("Add to the schedule").Sees(t, "“Lights” is on the schedule")
	paint := one[string](t, site, "select end_on::text from schedule.item where title = 'Paint'")
	if got := startOf(t, site, "Lights"); got <= paint {
		t.Errorf("it begins on %s, before %s", got, paint)
	}
}

func TestAnItemIsDeletedAndComesBack(t *testing.T) {
	site := portaltest.Open(t, schedule.Module)
	ben, ana := site.As("ben"), site.As("ana")
	at := "/office/schedule/projects/" + projectKeyed(t, site, "maple-street")
	finishing := itemCalled(t, site, "Finishing")
	ben.Open(at+"/items/"+finishing).Press("Delete").Sees(t, "“Finishing” is off the schedule").SeesNot(t, "Paint")
	ana.Open("/portal/all/schedule?view=list").Sees(t, "Finishing") // until it is published
	ben.Press("Undo").Sees(t, "“Finishing” is back", "Paint")
	ben.Open(at + "/items/" + finishing).Press("Delete")
	ben.Open(at+"/publication").Sees(t, "Not planned any more").Press("Publish")
	if a := ana.Get("/portal/all/schedule/items/" + finishing); a.Status != 404 {
		t.Errorf("%d", a.Status)
	}
	ana.Open("/portal/all/schedule/changes").Sees(t, "Finishing", "Not planned any more")
	if n := one[int](t, site, "select count(*) from schedule.item where id = ?", finishing); n != 0 {
		t.Error("it is still there")
	}
}

func TestAScheduleBeginsFromATemplate(t *testing.T) {
	site := portaltest.Open(t, schedule.Module)
	ben := site.As("ben")
	ben.Open("/office/schedule/projects/"+projectKeyed(t, site, "maple-street")).Fill("Name of the template", "Kitchen remodel").Press("Keep as a template").Sees(t, "is a template now")
	garden := "/office/schedule/projects/" + projectKeyed(t, site, "maple-garden")
	template := one[string](t, site, "select id::text from schedule.template")
	if a := ben.Post(garden, url.Values{"template": {template}, "start": {"2027-03-01"}}); a.Status != 303 {
		t.Fatalf("%d", a.Status)
	}
	ben.Open(garden+"?view=list").Sees(t, "Set the cabinets", "Not published")
	if got := one[string](t, site, "select min(start_on)::text from schedule.item where project_id = ?", projectKeyed(t, site, "maple-garden")); got != "2027-03-01" {
		t.Errorf("it begins on %s", got)
	}
	order := `select string_agg(title, ', ' order by start_on, end_on, title) from schedule.item where project_id = ? and kind = 'task' and position > 10`
	if was, is := one[string](t, site, order, projectKeyed(t, site, "maple-street")), one[string](t, site, order, projectKeyed(t, site, "maple-garden")); was != is {
		t.Errorf("%s became %s", was, is)
	}
	site.As("ana").Open("/portal/maple-garden/schedule").Sees(t, "No schedule yet")
	ben.Open("/office/schedule/templates").Press("Delete Kitchen remodel").Sees(t, "is gone")
}

// TestTheWorkCalendarMovesNothingByItself: staff see what would move.
func TestTheWorkCalendarMovesNothingByItself(t *testing.T) {
	site := portaltest.Open(t, schedule.Module)
	maria := site.As("maria")
	at := "/office/schedule/projects/" + projectKeyed(t, site, "maple-street")
	was := startOf(t, site, "Set the cabinets")
	site.As("ben").Open("/office/schedule/calendar").Has(t, 404) // admins only
	maria.Open("/office/schedule/calendar").Fill("Name of the day", "Week off").Fill("First day off", was).Fill("Last day off", was).Press("Add the day").Sees(t, "is in the calendar")
	if startOf(t, site, "Set the cabinets") != was {
		t.Error("it moved")
	}
	maria.Open(at).Sees(t, "not where the work calendar").Follow("See what would move").Sees(t, "Set the cabinets").Press("Move").Sees(t, "moved.")
	if now := startOf(t, site, "Set the cabinets"); now <= was {
		t.Errorf("it begins on %s, a day off", now)
	}
	maria.Open("/office/schedule/calendar").Untick("Monday").Untick("Tuesday").Untick("Wednesday").Untick("Thursday").Untick("Friday").Press("Save").Has(t, 422).Sees(t, "at least one day")
	maria.Open("/office/schedule/calendar").Choose("Clients see first", "Month").Press("Save").Sees(t, "Saved.")
	site.As("ana").Open("/portal/all/schedule").Sees(t, "Next month")
}

// TestTheOfficesListAndSearch find schedules and items.
func TestTheOfficesListAndSearch(t *testing.T) {
	site := portaltest.Open(t, schedule.Module)
	ben := site.As("ben")
	ben.Open("/office/schedule").Sees(t, "Maple Street remodel", "Changes to publish", "Not published").SeesNot(t, "HARBOR")
	ben.Open("/office/schedule?state=draft").Sees(t, "Orchard").SeesNot(t, "Maple Street remodel")
	ben.Open("/office/schedule?q=maple&sort=end&state=all").Sees(t, "Maple Street remodel").SeesNot(t, "Orchard")
	ben.Open("/office/schedule?q=nothinglikeit").Sees(t, "No schedule found")
	at := "/office/schedule/projects/" + projectKeyed(t, site, "maple-street")
	ben.Open(at+"?view=list&show=varies").Sees(t, "Set the cabinets").SeesNot(t, "Wiring")
	ben.Open(at+"?view=list&q=lone").Sees(t, "Measure and cut the stone").SeesNot(t, "Wiring")
	ben.Open(at+"?view=list").Press("Done: Drywall").Sees(t, "“Drywall”: done")
	site.As("ana").Open("/portal/all/schedule/items/"+itemCalled(t, site, "Drywall")).Sees(t, "Done")
	// who leaves hands over
	if n := one[int](t, site, "select count(*) from schedule.item where assignee_id = ? and progress < 100", site.Person("ben").ID); n == 0 {
		t.Error("ben has nothing to hand over")
	}
}
