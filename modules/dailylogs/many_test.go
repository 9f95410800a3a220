package dailylogs_test

import (
	"strings"
	"testing"
	"time"

	"portico/modules/dailylogs"
	"portico/platform/portaltest"
	"portico/platform/portaltest/loadtest"
	"portico/platform/portaltest/stopwatch"
)

// archive gives the firm very many submitted logs, spread over its projects. All have the word "framing", each has a number
// of its own, a thousandth of them is about asbestos.
func archive(t testing.TB, site *portaltest.Site, logs int) {
	t.Helper()
	loadtest.Bulk(t, site, []string{"dailylogs.log", "dailylogs.word", "dailylogs.revision"}, func() {
		for _, query := range []string{`
			insert into dailylogs.log (firm_id, id, client_id, project_id, log_date, told_date, author_id, state, text, shared, revision, submitted_at)
			select ?0, gen_random_uuid(), p.client_id, p.id, current_date - n / 20, current_date - n / 20, (select id from person where firm_id = ?0 and email like 'diego%'),
				'submitted', 'Framing ' || n || case when n % 1000 = 7 then ' asbestos' else '' end, true, 1, now()
			from generate_series(1, ?1) n
			join (select id, client_id, row_number() over (order by key) - 1 as place, count(*) over () as many from project where firm_id = ?0) p on p.place = n % p.many`, `
			insert into dailylogs.revision (firm_id, log_id, number, told, kept, submitted_by)
			select l.firm_id, l.id, 1, jsonb_build_object('text', l.text), '{}', l.author_id from dailylogs.log l where l.firm_id = ?0 and l.text like 'Framing %'`, `
			insert into dailylogs.word (firm_id, client_id, log_id, word, told)
			select l.firm_id, l.client_id, l.id, w, true from dailylogs.log l, unnest(string_to_array(lower(l.text), ' ')) w where l.firm_id = ?0 and l.text like 'Framing %'`,
		} {
			if _, err := site.DB(t).ExecContext(t.Context(), query, site.FirmID(), logs); err != nil {
				t.Fatal(err)
			}
		}
	})
	do(t, site, "vacuum analyze")
}

// searches are what is looked for in a large archive, and what is found.
var searches = []struct{ who, path, sees string }{
	{"diego", "/office/dailylogs?q=framing", "Framing"},
	{"diego", "/office/dailylogs?q=framing+77777", "Framing 77777"},
	{"diego", "/office/dailylogs?q=asbes+fram&sort=day", "asbestos"},
	{"diego", "/office/dailylogs?q=maple", "Framing"},
	{"diego", "/office/dailylogs?q=framing+unheardof", "Nothing found"},
	{"diego", "/office/dailylogs?q=diego", "Framing"},
	{"diego", "/office/dailylogs?q=diego+framing+maple", "Framing"},
	{"diego", "/office/dailylogs?q=diego+maple+asbestos", "asbestos"},
	{"ana", "/portal/all/dailylogs?q=framing", "Framing"},
	{"ana", "/portal/all/dailylogs?q=asbestos", "asbestos"},
	{"ana", "/portal/all/dailylogs?q=framing+unheardof", "Nothing found"},
}

// TestWordsAreFoundInAHundredThousandLogs asks PostgreSQL how it finds logs by words, rare ones and such as all logs have:
// never by reading all of them.
func TestWordsAreFoundInAHundredThousandLogs(t *testing.T) {
	if testing.Short() {
		t.Skip("it needs many rows")
	}
	site := portaltest.Open(t, dailylogs.Module)
	archive(t, site, 100_000)
	as := map[string]*portaltest.Browser{"diego": site.As("diego"), "ana": site.As("ana")}
	watch := loadtest.Watch(t, site)
	for _, c := range searches {
		plans := watch.During(func() {
			if a := as[c.who].Get(c.path); a.Status != 200 || !strings.Contains(string(a.Body), c.sees) {
				t.Errorf("%s: %d", c.path, a.Status)
			}
		})
		looked := 0.0
		for _, p := range plans {
			p.Root.Each(func(n loadtest.Node) {
				if n.Schema != "dailylogs" || n.Table == "" {
					return
				}
				looked += n.Looked()
				if n.Looked() > 2500 {
					t.Errorf("%s looks at %.0f rows of %s (%s %s): %s", c.path, n.Looked(), n.Table, n.Kind, n.Index, p.Text)
				}
			})
		}
		t.Logf("%6.0f rows for %s", looked, c.path)
	}
	watch.Stop(site)
}

// BenchmarkSearch measures a page of what is found in 100,000 logs: under 80 ms, whatever was typed.
func BenchmarkSearch(b *testing.B) {
	site := portaltest.Open(b, dailylogs.Module)
	archive(b, site, 100_000)
	for _, c := range searches {
		b.Run(c.who+strings.SplitAfter(c.path, "?")[1], func(b *testing.B) {
			who := site.As(c.who)
			who.Get(c.path)
			for b.Loop() {
				who.Get(c.path)
			}
			stopwatch.Holds(b, c.path, 80*time.Millisecond, b.Elapsed()/time.Duration(b.N))
		})
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
	stopwatch.Holds(t, "the first page of many logs", time.Second, time.Since(began))
	for _, img := range strings.Split(string(ana.Get("/portal/all/dailylogs").Body), "<img")[1:] {
		tag, _, _ := strings.Cut(img, ">")
		if !strings.Contains(tag, "width=") || !strings.Contains(tag, "height=") || strings.Contains(tag, "/thumb") && !strings.Contains(tag, `loading="lazy"`) {
			t.Fatalf("a picture without its box: <img%s>", tag)
		}
	}
}
