package selections_test

import (
	"testing"

	"portico/modules/selections"
	"portico/platform/portaltest"
)

// grow gives a project many selections with choices.
func grow(t testing.TB, site *portaltest.Site, many, choices int) {
	t.Helper()
	for _, statement := range []string{`
		insert into selections.selection (firm_id, id, client_id, project_id, category_id, room_id, kind, title, state, released_at, words)
		select s.firm_id, gen_random_uuid(), s.client_id, s.project_id, s.category_id, s.room_id, 'selection', 'Grown ' || n, 'released', now(), to_tsvector('simple', 'grown ' || n)
		from selections.selection s, generate_series(1, ?0) n where s.title = 'Backsplash tile'`, `
		insert into selections.choice (firm_id, id, client_id, selection_id, title, price, cost)
		select s.firm_id, gen_random_uuid(), s.client_id, s.id, 'Choice ' || n, n * 10000, n * 8000
		from selections.selection s, generate_series(1, ?1) n where s.title like 'Grown %'`, `
		insert into selections.file (firm_id, id, client_id, selection_id, choice_id, file_id, kind)
		select c.firm_id, gen_random_uuid(), c.client_id, c.selection_id, c.id, (select file_id from selections.file order by id limit 1), 'picture'
		from selections.choice c where c.title like 'Choice %'`, `analyze`} {
		if _, err := site.DB(t).ExecContext(t.Context(), statement, many, choices); err != nil {
			t.Fatal(err)
		}
	}
}

// BenchmarkGallery draws a project of 300 selections with 1,800 choices for its client.
func BenchmarkGallery(b *testing.B) {
	site := portaltest.Open(b, selections.Module)
	grow(b, site, 300, 6)
	ana := site.As("ana")
	for b.Loop() {
		if a := ana.Get("/portal/maple-street/selections"); a.Status != 200 {
			b.Fatal(a.Status)
		}
	}
}
