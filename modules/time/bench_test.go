package time_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	stdtime "time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/modules/time"
	"portico/platform/auth"
	"portico/platform/db"
	"portico/platform/db/paging"
	"portico/platform/portaltest"
	"portico/platform/portaltest/loadtest"
	"portico/platform/sight"
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
	// and what stands beside the entries is looked up for one page of them
	maria := site.As("maria").For(t)
	plans = w.During(func() {
		maria.Get("/office/time/entries")
		maria.Get("/office/time/entries?q=carpentry&sort=length")
		maria.Get("/office/time/projects/" + project(t, site, "maple-street"))
		maria.Get("/office/time/clients/" + site.Person("ana").ClientID.String())
	})
	for _, p := range plans {
		p.Root.Each(func(n loadtest.Node) {
			if n.Table != "entry" && n.Table != "" && n.Looked() > 3000 {
				t.Errorf("looks at %.0f of %s: %s", n.Looked(), n.Table, strings.Join(strings.Fields(p.Text), " "))
			}
		})
	}
	ana := site.As("ana").For(t)
	ana.Open("/portal/all/time").Sees(t, "hours in all", "All ", "entries of")
}

// holds demands that each turn of a benchmark took no longer than its figure, on the average.
func holds(b *testing.B, figure stdtime.Duration) {
	b.Helper()
	took := b.Elapsed() / stdtime.Duration(b.N)
	b.ReportMetric(float64(took.Microseconds())/1000, "ms/turn")
	if took > figure {
		b.Errorf("it took %s, more than %s", took, figure)
	}
}

// BenchmarkWeekSheet saves one field of a week sheet: under 50 ms.
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
	holds(b, 50*stdtime.Millisecond)
}

// BenchmarkHundredThousandEntries sums and lists 100,000 entries of one client as the program does, under row-level
// security and not as the tables' owner: under 150 ms. The pages around them, with all that a page has, are held to the
// same.
func BenchmarkHundredThousandEntries(b *testing.B) {
	const figure = 150 * stdtime.Millisecond
	site := portaltest.Open(b, time.Module)
	worked(b, site, 100_000)
	switches(b, site, "unbilled_time", "finalised_time", "budget")
	ana, maria := site.As("ana").For(b), site.As("maria").For(b)
	home, maple := site.Person("ana").ClientID, project(b, site, "maple-street")
	program := auth.System(site.FirmID())
	as := func(b *testing.B, fn func(ctx context.Context, tx bun.Tx) error) {
		b.Helper()
		if err := db.InTx(b.Context(), site.Pool, program.FirmID(), fn); err != nil {
			b.Fatal(err)
		}
	}
	var free bool
	var client sight.Client
	var firm auth.Firm
	as(b, func(ctx context.Context, tx bun.Tx) (err error) {
		if err = tx.NewRaw("select r.rolsuper or r.rolbypassrls or not c.relrowsecurity or c.relowner = r.oid from pg_roles r, pg_class c where r.rolname = current_user and c.oid = 'time.entry'::regclass").Scan(ctx, &free); err != nil {
			return err
		}
		if err = tx.NewRaw("select firm_id as id, switches from firm where firm_id = ?", program.FirmID()).Scan(ctx, &firm.ID, &firm.Switches); err != nil {
			return err
		}
		client, err = sight.Load(ctx, tx, program, home)
		return err
	})
	if free {
		b.Fatal("this role is not held by row-level security")
	}
	eyes := time.EyesOf(firm, client)
	b.Run("sums", func(b *testing.B) {
		for b.Loop() {
			as(b, func(ctx context.Context, tx bun.Tx) error {
				rows, err := time.Sums(ctx, tx, eyes, uuid.Nil, 0)
				n := 0
				for _, row := range rows {
					n += row.Count
				}
				if n < 100_000 {
					b.Fatalf("%d entries are summed", n)
				}
				return err
			})
		}
		holds(b, figure)
	})
	b.Run("list", func(b *testing.B) {
		for b.Loop() {
			as(b, func(ctx context.Context, tx bun.Tx) error {
				list, _, err := time.ListEntries(ctx, tx, program, time.OfTime, time.All, paging.Place{})
				if err != nil {
					return err
				}
				sum, err := time.Tally(ctx, tx, program, time.All)
				if len(list) < 50 || sum.Count < 100_000 {
					b.Fatalf("%d on the page, of %d", len(list), sum.Count)
				}
				return err
			})
		}
		holds(b, figure)
	})
	for name, page := range map[string]struct {
		who *portaltest.Browser
		at  string
	}{
		"client's page":   {ana, "/portal/all/time"},
		"client's month":  {ana, "/portal/all/time/projects/" + maple + "/months/2024-03"},
		"staff's list":    {maria, "/office/time/entries"},
		"staff's client":  {maria, "/office/time/clients/" + home.String()},
		"staff's project": {maria, "/office/time/projects/" + maple},
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if a := page.who.Get(page.at); a.Status != 200 {
					b.Fatal(a.Status)
				}
			}
			holds(b, figure)
		})
	}
}
