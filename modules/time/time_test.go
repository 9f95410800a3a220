package time_test

import (
	"encoding/csv"
	"fmt"
	"math/rand/v2"
	"net/url"
	"strings"
	"sync"
	"testing"
	stdtime "time"

	"portico/modules/time"
	"portico/platform/portaltest"
)

func do(t testing.TB, site *portaltest.Site, statement string, args ...any) {
	t.Helper()
	if _, err := site.DB(t).ExecContext(t.Context(), statement, args...); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

func one[T any](t testing.TB, site *portaltest.Site, query string, args ...any) (answer T) {
	t.Helper()
	if err := site.DB(t).QueryRowContext(t.Context(), query, args...).Scan(&answer); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return answer
}

func project(t testing.TB, site *portaltest.Site, key string) string {
	t.Helper()
	return one[string](t, site, "select id from project where firm_id = ? and key = ?", site.FirmID(), key)
}

// cell is what a field of the week sheet sends.
func cell(project, task, on, name, hours string) url.Values {
	return url.Values{"cell": {name}, "project": {project}, "task": {task}, "on": {on}, name: {hours}}
}

var byHTMX = []string{"HX-Request", "true"}

func TestTimeAndExpenses(t *testing.T) {
	t.Parallel()
	site := portaltest.Open(t, time.Module)
	site.Clock.Freeze(stdtime.Date(2026, stdtime.November, 26, 16, 0, 0, 0, stdtime.UTC))
	t.Run("a week is typed, submitted, sent back and approved", func(t *testing.T) { weekJourney(t, site) })
	t.Run("a timer survives everything and is rounded", func(t *testing.T) { timerJourney(t, site) })
	t.Run("two who stop it at once write one entry", func(t *testing.T) { timerRace(t, site) })
	t.Run("leads approve where the firm lets them", func(t *testing.T) { leads(t, site) })
	t.Run("what one may not see does not exist", func(t *testing.T) { foreign(t, site) })
	t.Run("a receipt is photographed, and shown to whom it may be", func(t *testing.T) { receipts(t, site) })
	t.Run("clients see the areas that are on, and sums that equal the rows", func(t *testing.T) { areas(t, site) })
	t.Run("the document of a client adds up, and keeps quiet about what is off", func(t *testing.T) { onPaper(t, site) })
	t.Run("internal words and figures reach no client", func(t *testing.T) { canaries(t, site) })
}

func weekJourney(t *testing.T, site *portaltest.Site) {
	garden := project(t, site, "maple-garden")
	priya := site.As("priya").For(t)
	priya.Open("/office/time?week=2027-01-04").Sees(t, "Nothing written yet")
	for day, hours := range map[string]string{"2027-01-04": "1:30", "2027-01-05": "1.5", "2027-01-06": "90m", "2027-01-07": ""} {
		if a := priya.Post("/office/time/week/cells", cell(garden, "Planting", day, "c-0-1", hours), byHTMX...); a.Status != 200 {
			t.Fatalf("%s: %d %s", day, a.Status, a.Body)
		}
	}
	if n := one[int](t, site, "select sum(minutes) from time.entry where task = 'Planting'"); n != 270 {
		t.Errorf("%d minutes are kept", n)
	}
	a := priya.Post("/office/time/week/cells", cell(garden, "Planting", "2027-01-04", "c-0-0", "ninety"), byHTMX...)
	if body := string(a.Body); a.Status != 422 || !strings.Contains(body, "ninety") || !strings.Contains(body, "such as 1:30, 1.5 or 90m") {
		t.Errorf("%d %s", a.Status, body)
	}
	a = priya.Post("/office/time/week/cells", cell(garden, "Planting", "2027-01-05", "c-0-1", "2"), byHTMX...)
	if body := string(a.Body); !strings.Contains(body, `id="week-sum"`) || !strings.Contains(body, "5:00") || !strings.Contains(body, `value="2:00"`) {
		t.Errorf("the sums: %s", body)
	}
	priya.Post("/office/time/week/cells", cell(garden, "Planting", "2027-01-06", "c-0-2", "0"), byHTMX...)
	if n := one[int](t, site, "select count(*) from time.entry where task = 'Planting'"); n != 2 {
		t.Errorf("%d entries are left after one was emptied", n)
	}
	priya.Open("/office/time?week=2027-01-04").Press("Submit the week").Sees(t, "Submitted: 3:30 hours", "Take back")
	a = priya.Post("/office/time/week/cells", cell(garden, "Planting", "2027-01-05", "c-0-1", "3"), byHTMX...)
	if a.Status != 422 {
		t.Errorf("a submitted field was changed: %d", a.Status)
	}
	maria := site.As("maria").For(t)
	maria.Open("/office/time/entries?state=submitted&q=Planting").Sees(t, "2 entries, 3:30 hours")
	id := one[string](t, site, "select id from time.entry where task = 'Planting' order by work_date limit 1")
	maria.Open("/office/time/entries/"+id).Fill("What should be mended", "Monday was a holiday").Press("Send back").Sees(t, "Sent back: 1:30 hours")
	priya.Open("/office/time?week=2027-01-04").Sees(t, "Sent back: Monday was a holiday").Press("Submit the week").Sees(t, "Submitted: 1:30 hours")
	ids := url.Values{"kind": {"time"}, "list": {"state=submitted&q=Planting"}, "all": {"1"}}
	maria.Post("/office/time/approvals", ids)
	if n := one[int](t, site, "select count(*) from time.entry where task = 'Planting' and state = 'approved' and approved_by = ?", site.Person("maria").ID); n != 2 {
		t.Errorf("%d are approved", n)
	}
	// the whole sheet at once, without scripts: nothing is kept of a sheet with a mistake, and nothing typed is lost
	week := url.Values{"week": {"2027-01-11"}, "project-0": {garden}, "task-0": {"Planting"}, "c-0-0": {"1"}, "c-0-1": {"soon"}}
	do(t, site, "insert into time.line (firm_id, person_id, week, client_id, project_id, task) select firm_id, ?, '2027-01-11', client_id, id, 'Planting' from project where id = ?", site.Person("priya").ID, garden)
	a = priya.Post("/office/time/week", week)
	if body := string(a.Body); a.Status != 422 || !strings.Contains(body, `value="soon"`) || !strings.Contains(body, `value="1"`) {
		t.Errorf("%d", a.Status)
	}
	if n := one[int](t, site, "select count(*) from time.entry where work_date = '2027-01-11'"); n != 0 {
		t.Errorf("%d entries of a refused sheet", n)
	}
	week.Set("c-0-1", "0:45")
	if a = priya.Post("/office/time/week", week); a.Status != 303 {
		t.Errorf("%d", a.Status)
	}
	if n := one[int](t, site, "select sum(minutes) from time.entry where work_date between '2027-01-11' and '2027-01-12'"); n != 105 {
		t.Errorf("%d minutes", n)
	}
}

func timerJourney(t *testing.T, site *portaltest.Site) {
	attic, garden := project(t, site, "maple-attic"), project(t, site, "maple-garden")
	do(t, site, "insert into time.setting (firm_id, round_to, round_up) values (?, 15, true)", site.FirmID())
	priya := site.As("priya").For(t)
	priya.Post("/office/time/timer", url.Values{"project": {attic}, "task": {"Sketch"}, "note": {"First idea"}})
	site.Clock.Advance(50 * stdtime.Minute)
	site.As("priya").For(t).Open("/office/time").Sees(t, "0:50", "Sketch", "First idea") // another browser, another session
	priya.Post("/office/time/timer", url.Values{"project": {garden}, "task": {"Visit"}}) // something else: the first is done
	if n := one[int](t, site, "select minutes from time.entry where task = 'Sketch'"); n != 60 {
		t.Errorf("50 minutes became %d", n)
	}
	if n := one[int](t, site, "select count(*) from time.timer where person_id = ?", site.Person("priya").ID); n != 1 {
		t.Errorf("%d timers run", n)
	}
	site.Clock.Advance(13 * stdtime.Hour)
	priya.Open("/office/time").Sees(t, "run for more than half a day").Press("Throw away").Sees(t, "Nothing was written down")
	if n := one[int](t, site, "select count(*) from time.entry where task = 'Visit'"); n != 0 {
		t.Error("what was thrown away was kept")
	}
}

func timerRace(t *testing.T, site *portaltest.Site) {
	attic := project(t, site, "maple-attic")
	site.As("priya").For(t).Post("/office/time/timer", url.Values{"project": {attic}, "task": {"Race"}})
	site.Clock.Advance(stdtime.Hour)
	var both sync.WaitGroup
	for range 4 {
		b := site.As("priya").For(t)
		both.Add(1)
		go func() { defer both.Done(); b.Post("/office/time/timer/entry", url.Values{}) }()
	}
	both.Wait()
	if n := one[int](t, site, "select count(*) from time.entry where task = 'Race'"); n != 1 {
		t.Errorf("%d entries", n)
	}
	// two tabs write the same field: there is one entry
	for range 4 {
		b := site.As("priya").For(t)
		both.Add(1)
		go func() {
			defer both.Done()
			b.Post("/office/time/week/cells", cell(attic, "Twice", "2027-02-01", "c-0-0", "1"), byHTMX...)
		}()
	}
	both.Wait()
	if n := one[int](t, site, "select count(*) from time.entry where task = 'Twice'"); n != 1 {
		t.Errorf("%d entries in one field", n)
	}
}

func leads(t *testing.T, site *portaltest.Site) {
	maple := project(t, site, "maple-street") // ben leads it
	diego := site.As("diego").For(t)
	diego.Post("/office/time/week/cells", cell(maple, "Led", "2027-03-01", "c-0-0", "2"), byHTMX...)
	diego.Post("/office/time/week/submission", url.Values{"week": {"2027-03-01"}})
	id := one[string](t, site, "select id from time.entry where task = 'Led'")
	ben := site.As("ben").For(t)
	press := func() { ben.Post("/office/time/approvals", url.Values{"kind": {"time"}, "id": {id}}) }
	press()
	if s := one[string](t, site, "select state from time.entry where id = ?", id); s != "submitted" {
		t.Errorf("a lead approved where leads may not: %s", s)
	}
	do(t, site, "update time.setting set leads_approve = true")
	press()
	if s := one[string](t, site, "select state from time.entry where id = ?", id); s != "approved" {
		t.Errorf("the lead's approval did not count: %s", s)
	}
	ben.Post("/office/time/week/cells", cell(maple, "Own", "2027-03-01", "c-0-0", "2"), byHTMX...)
	ben.Post("/office/time/week/submission", url.Values{"week": {"2027-03-01"}})
	own := one[string](t, site, "select id from time.entry where task = 'Own'")
	ben.Post("/office/time/approvals", url.Values{"kind": {"time"}, "id": {own}})
	if s := one[string](t, site, "select state from time.entry where id = ?", own); s != "submitted" {
		t.Errorf("a lead approved own time: %s", s)
	}
	for path, form := range map[string]url.Values{"/office/time/handovers": {"kind": {"time"}, "id": {id}}, "/office/time/locks": {"kind": {"time"}, "id": {id}}, "/office/time/rates": {"price": {"1"}}} {
		if a := ben.Post(path, form); a.Status == 200 || a.Status == 303 {
			t.Errorf("%s: a member may %d", path, a.Status)
		}
	}
	if body := ben.Open("/office/time/projects/" + maple).Body(); strings.Contains(body, "$110") || strings.Contains(body, "An hour") {
		t.Error("a member reads rates")
	}
}

func foreign(t *testing.T, site *portaltest.Site) {
	of := func(who string) string {
		return one[string](t, site, "select id from time.entry where person_id = ? and project_id <> (select id from project where key = 'maple-garden') limit 1", site.Person(who).ID)
	}
	diego := site.As("diego").For(t)
	if a := diego.Get("/office/time/entries/" + of("maria")); a.Status != 404 {
		t.Errorf("the entry of somebody else: %d", a.Status)
	}
	if a := site.As("maria").For(t).Post("/office/time/entries/"+of("diego"), url.Values{"hours": {"9"}}); a.Status != 403 {
		t.Errorf("an owner changed somebody's hours: %d", a.Status)
	}
	harbor := one[string](t, site, "select id from time.entry where firm_id = ? limit 1", site.Firm("harbor").FirmID())
	if a := site.As("maria").For(t).Get("/office/time/entries/" + harbor); a.Status != 404 {
		t.Errorf("another firm's entry: %d", a.Status)
	}
	chen := project(t, site, "lakeview-house")
	if a := site.As("ana").For(t).Get("/portal/all/time/projects/" + chen + "/months/2026-09"); a.Status != 404 {
		t.Errorf("another client's month: %d", a.Status)
	}
}

// switches sets what a client's portal shows of the section.
func switches(t testing.TB, site *portaltest.Site, on ...string) {
	t.Helper()
	all := []string{"unbilled_time", "billed_time", "finalised_time", "unbilled_expenses", "billed_expenses", "receipts", "notes", "budget"}
	says := map[string]bool{"time": true}
	for _, area := range all {
		says["time/"+area] = false
	}
	for _, area := range on {
		says["time/"+area] = true
	}
	var parts []string
	for key, is := range says {
		parts = append(parts, fmt.Sprintf("%q: %v", key, is))
	}
	do(t, site, "update client set switches = ?::jsonb where firm_id = ?", "{"+strings.Join(parts, ",")+"}", site.FirmID())
}

func receipts(t *testing.T, site *portaltest.Site) {
	maple := project(t, site, "maple-street")
	maria, ana := site.As("maria").For(t), site.As("ana").For(t)
	b := maria.Open("/office/time/expenses/new").Attach("Receipt", "IMG_1.png", picture()).Fill("Amount", "120.50").Fill("What it was for", "Materials").
		Choose("Project", "Maple Street remodel · Ana & Tom Rivera").Fill("Vendor", "SECRETVENDOR").Fill("Markup", "0").Press("Submit")
	b.Sees(t, "Submitted", "$120.50")
	id := one[string](t, site, "select id from time.expense where vendor = 'SECRETVENDOR' and project_id = ?", maple)
	file := one[string](t, site, "select receipt_id from time.expense where id = ?", id)
	site.Work()
	site.Settle(t)
	site.Rest()
	maria.Open("/office/time/expenses/"+id).Sees(t, "Receipt", "Submitted").Press("Approve").Sees(t, "Approved: 1 expense")
	look := func(b *portaltest.Browser) int { return b.Get("/files/" + file + "/large").Status }
	if s := look(maria); s != 200 {
		t.Errorf("staff: %d", s)
	}
	switches(t, site, "unbilled_expenses")
	if s := look(ana); s != 404 {
		t.Errorf("receipts are off: %d", s)
	}
	switches(t, site, "receipts")
	if s := look(ana); s != 404 {
		t.Errorf("expenses are off: %d", s)
	}
	switches(t, site, "unbilled_expenses", "receipts")
	a := ana.Get("/files/" + file + "/large")
	if a.Status != 200 || strings.Contains(fmt.Sprint(a.Header), "IMG_1") {
		t.Errorf("the client: %d %v", a.Status, a.Header)
	}
	if s := ana.Get("/files/" + file + "/original").Status; s != 404 {
		t.Errorf("the photo as it came: %d", s)
	}
	ana.Open("/portal/all/time").Sees(t, "Materials", "$120.50").SeesNot(t, "SECRETVENDOR")
	if s := look(site.As("grace").For(t)); s != 404 {
		t.Errorf("another client: %d", s)
	}
	do(t, site, "update time.expense set markup = 1000, price = cost * 11 / 10 where id = ?", id)
	if s := look(ana); s != 404 {
		t.Errorf("beside a marked-up price: %d", s)
	}
	ana.Open("/portal/all/time").Sees(t, "$132.55").SeesNot(t, "$120.50")
}

func areas(t *testing.T, site *portaltest.Site) {
	firm, ana := site.FirmID(), site.As("ana").For(t)
	// some of every kind
	do(t, site, `update time.entry set state = 'invoiced', invoice_id = id, approved_at = now() where firm_id = ? and state = 'submitted' and billable and project_id in (select id from project where key like 'maple-%')`, firm)
	switches(t, site)
	ana.Open("/portal/all/time").Sees(t, "Nothing here yet")
	for _, path := range []string{"hours.csv", "expenses.csv"} {
		if s := ana.Get("/portal/all/time/" + path).Status; s != 404 {
			t.Errorf("%s with nothing on: %d", path, s)
		}
	}
	states := map[string]string{"unbilled_time": "approved", "billed_time": "invoiced", "finalised_time": "finalised"}
	names := []string{"unbilled_time", "billed_time", "finalised_time", "unbilled_expenses", "billed_expenses", "receipts", "notes", "budget"}
	random := rand.New(rand.NewPCG(1, 2))
	for round := range 12 {
		var on, shown []string
		for _, name := range names {
			if random.IntN(2) == 0 || round == 0 {
				on = append(on, name)
				if s := states[name]; s != "" {
					shown = append(shown, "'"+s+"'")
				}
			}
		}
		switches(t, site, on...)
		body := ana.Open("/portal/all/time").Text()
		want := 0
		if len(shown) > 0 {
			want = one[int](t, site, "select coalesce(sum(e.minutes), 0) from time.entry e join project p on p.id = e.project_id where e.firm_id = ? and p.key in ('maple-street', 'maple-garden') and e.billable and e.state in ("+strings.Join(shown, ",")+")", firm)
			a := ana.Get("/portal/all/time/hours.csv")
			rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(string(a.Body), "\ufeff"))).ReadAll()
			if err != nil {
				t.Fatal(err)
			}
			sum := 0
			for _, row := range rows[1:] {
				var h, m int
				if _, err := fmt.Sscanf(row[5], "%d:%d", &h, &m); err != nil {
					t.Fatal(err)
				}
				sum += h*60 + m
			}
			if sum != want {
				t.Errorf("%v: the table has %d minutes, not %d", on, sum, want)
			}
			if said := fmt.Sprintf("%d:%02d hours in all", want/60, want%60); want > 0 && !strings.Contains(body, said) {
				t.Errorf("%v: no %q on the page", on, said)
			}
		}
		pageSums(t, ana, on)
		for name, words := range map[string]string{"notes": "plumbing inspection passed", "budget": "Hours agreed"} {
			has := strings.Contains(body, words)
			if is := strings.Contains(strings.Join(on, " "), name); has != is {
				t.Errorf("%v: %s is shown: %v", on, name, has)
			}
		}
		if strings.Contains(body, "Keep an eye") {
			t.Error("a note for staff is shown")
		}
	}
	// a project narrows
	switches(t, site, "finalised_time", "unbilled_time")
	do(t, site, `update project set switches = '{"time/finalised_time": false}' where firm_id = ? and key = 'maple-street'`, firm)
	ana.Open("/portal/maple-street/time").SeesNot(t, "Finalised")
	do(t, site, `update project set switches = '{}' where firm_id = ? and key = 'maple-street'`, firm)
	ana.Open("/portal/maple-street/time").Sees(t, "Finalised")
	// and who worked is said where the firm wants it
	ana.SeesNot(t, "Diego Santos")
	do(t, site, "update time.setting set show_people = true where firm_id = ?", firm)
	ana.Open("/portal/maple-street/time").Sees(t, "Diego Santos")
	do(t, site, "update time.setting set show_people = false where firm_id = ?", firm)
	if pdf := ana.Get("/portal/all/time/document"); pdf.Status != 200 || !strings.HasPrefix(string(pdf.Body), "%PDF-") {
		t.Errorf("the document: %d", pdf.Status)
	}
}

func canaries(t *testing.T, site *portaltest.Site) {
	firm := site.FirmID()
	do(t, site, "update time.entry set internal_notes = 'CANARY-INTERNAL', returned = 'CANARY-RETURNED' where firm_id = ?", firm)
	do(t, site, "update time.entry set rate = 777123 where firm_id = ? and rate is not null", firm)
	do(t, site, "update time.rate set price = 777123 where firm_id = ?", firm)
	do(t, site, "update time.expense set internal_notes = 'CANARY-INTERNAL', vendor = 'CANARY-VENDOR', returned = 'CANARY', cost = 777123, tax = 777123 where firm_id = ?", firm)
	do(t, site, "update time.entry set task = 'CANARY-DRAFT', client_note = 'CANARY-DRAFT' where firm_id = ? and state in ('draft', 'submitted')", firm)
	do(t, site, "update time.entry set task = 'CANARY-FREE', client_note = 'CANARY-FREE' where firm_id = ? and not billable", firm)
	do(t, site, "update time.expense set category = 'CANARY-DRAFT', client_note = 'CANARY-DRAFT' where firm_id = ? and state in ('draft', 'submitted')", firm)
	do(t, site, "update time.remark set text = 'CANARY-STAFF' where firm_id = ? and not client_viewable", firm)
	switches(t, site, "unbilled_time", "billed_time", "finalised_time", "unbilled_expenses", "billed_expenses", "receipts", "notes", "budget")
	ana := site.As("ana").For(t)
	maple := project(t, site, "maple-street")
	month := site.Now().Add(-21 * 24 * stdtime.Hour).Format("2006-01")
	for _, path := range []string{
		"/portal/all/time", "/portal/maple-street/time", "/portal/all/time/hours.csv", "/portal/all/time/expenses.csv", "/portal/all/time/document",
		"/portal/all/time/projects/" + maple + "/months/" + month, "/portal/all", "/portal/all/cards/time:budget", "/portal/all/search?q=canary", "/portal/all/search?q=framing",
	} {
		a := ana.Get(path)
		for _, word := range []string{"CANARY", "777123", "7,771.23", "7771.23", "SECRETVENDOR"} {
			if strings.Contains(string(a.Body), word) || strings.Contains(fmt.Sprint(a.Header), word) {
				t.Errorf("%s: %s", path, word)
			}
		}
	}
}
