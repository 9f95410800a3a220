package time_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/uptrace/bun"

	"portico/modules/time"
	"portico/platform/portaltest"
	"portico/platform/portaltest/loadtest"
)

// worked gives a client many entries over the projects that it sees.
func worked(t testing.TB, site *portaltest.Site, many int) {
	t.Helper()
	loadtest.Bulk(t, site, []string{"time.entry"}, func() {
		do(t, site, `
			insert into time.entry (firm_id, id, client_id, project_id, person_id, work_date, minutes, task, client_note, state, currency, approved_at, finalised_at)
			select p.firm_id, gen_random_uuid(), p.client_id, p.id, s.person_id, date '2022-01-03' + (n / 80)::integer, 15 + n % 200,
				(array['Carpentry', 'Design', 'Project management', 'Painting', 'Electrical'])[1 + n % 5], 'Work of the day', (array['approved', 'finalised'])[1 + n % 2],
				'USD', now(), case when n % 2 = 1 then now() end
			from generate_series(1, ?1) n
			join (select firm_id, client_id, id, row_number() over (order by key) as at from project where firm_id = ?0 and key like 'maple-%' and shared) p on p.at = 1 + n % 2
			join (select person_id, row_number() over (order by person_id) as at from staff where firm_id = ?0) s on s.at = 1 + n % 4`, site.FirmID(), many)
	})
	do(t, site, "vacuum (analyze) time.entry")
}

// TestALongHistoryIsSummedByItsIndex: no statement of a client's page reads the entries from end to end, or one of others.
func TestALongHistoryIsSummedByItsIndex(t *testing.T) {
	t.Parallel()
	site := portaltest.Open(t, time.Module)
	worked(t, site, 15_000)
	switches(t, site, "unbilled_time", "finalised_time", "budget")
	do(t, site, "analyze")
	w := loadtest.Watch(t, site)
	plans := w.During(func() {
		site.As("grace").For(t).Get("/portal/all/time") // few entries beside many of another client
		site.As("diego").For(t).Get("/office/time")
		site.As("maria").For(t).Get("/office/time/entries?q=&state=submitted")
	})
	if len(plans) < 5 {
		t.Fatalf("%d statements were seen", len(plans))
	}
	for _, p := range plans {
		p.Root.Each(func(n loadtest.Node) {
			if n.Table == "entry" && n.Kind == "Seq Scan" {
				t.Errorf("reads all entries: %s", strings.Join(strings.Fields(p.Text), " "))
			}
			if n.Table == "entry" && n.Looked() > 3000 {
				t.Errorf("looks at %.0f entries (%s %s): %s", n.Looked(), n.Kind, n.Index, strings.Join(strings.Fields(p.Text), " "))
			}
		})
	}
	ana := site.As("ana").For(t)
	ana.Open("/portal/all/time").Sees(t, "hours in all", "All ", "entries of")
}

// BenchmarkWeekSheet saves one field of a week sheet: the figure is under 50 ms.
func BenchmarkWeekSheet(b *testing.B) {
	site := portaltest.Open(b, time.Module)
	worked(b, site, 100_000)
	maple := project(b, site, "maple-street")
	diego := site.As("diego").For(b)
	n := 0
	for b.Loop() {
		n++
		form := cell(maple, "Bench", fmt.Sprintf("2027-04-%02d", 5+n%7), "c-0-0", fmt.Sprintf("%d:%02d", 1+n%8, n%60))
		if a := diego.Post("/office/time/week/cells", form, byHTMX...); a.Status != 200 {
			b.Fatal(a.Status)
		}
	}
}

// BenchmarkHundredThousandEntries sums the entries of one client by project, month and task, as the client's page does:
// the figure is under 150 ms.
func BenchmarkHundredThousandEntries(b *testing.B) {
	site := portaltest.Open(b, time.Module)
	worked(b, site, 100_000)
	switches(b, site, "unbilled_time", "finalised_time")
	ana := site.As("ana").For(b)
	b.Run("sums", func(b *testing.B) {
		var rows []struct {
			ProjectID, Month, Task string
			Minutes                int
		}
		for b.Loop() {
			rows = nil
			err := site.DB(b).NewRaw(`
				select work.project_id, work.month, work.task, sum(work.minutes) as minutes
				from time.entry work
				where work.firm_id = ? and work.client_id = ? and work.billable and work.state in ('approved', 'finalised')
				group by work.project_id, work.month, work.task`, site.FirmID(), bun.Safe("'"+site.Person("ana").ClientID.String()+"'")).Scan(b.Context(), &rows)
			if err != nil || len(rows) < 100 {
				b.Fatal(len(rows), err)
			}
		}
	})
	b.Run("page", func(b *testing.B) {
		for b.Loop() {
			if a := ana.Get("/portal/all/time"); a.Status != 200 {
				b.Fatal(a.Status)
			}
		}
	})
	b.Run("month", func(b *testing.B) {
		at := "/portal/all/time/projects/" + project(b, site, "maple-street") + "/months/2024-03"
		for b.Loop() {
			if a := ana.Get(at); a.Status != 200 {
				b.Fatal(a.Status)
			}
		}
	})
}
