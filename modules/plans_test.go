package modules_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/db"
	"portico/platform/portaltest"
	"portico/platform/portaltest/loadtest"
	"portico/platform/search"
)

const (
	many     = 4000 // rows that a big firm has of everything that grows
	mostRows = 2500 // that one step of one statement of one page may look at
)

// TestNoPageReadsATableFromEndToEnd walks every page of a big firm as everybody, and asks PostgreSQL how it found the
// rows. What reads a grown table as a whole, or looks at thousands of rows for one page, lacks an index.
func TestNoPageReadsATableFromEndToEnd(t *testing.T) {
	if testing.Short() {
		t.Skip("it needs many rows")
	}
	site := portaltest.Open(t)
	grown := grow(t, site, many)
	w := loadtest.Watch(t, site)
	excused := map[string]string{ // a piece of a statement -> why it may look at more
		"select id, name from project where firm_id": "the section of the test, not the product's",
		"as waiting,": "it counts what a firm's jobs did in a day",
	}
	seen, told := 0, map[string]bool{}
	for _, who := range visitors {
		walk := newWalk(t, site, who, func(string, portaltest.Answer) {})
		walk.strict, walk.once = false, true
		plans := w.During(func() { walk.go1() })
		seen += len(plans)
		for _, p := range plans {
			p.Root.Each(func(n loadtest.Node) {
				trouble := ""
				switch {
				case n.Kind == "Seq Scan" && n.Schema == "public" && slices.Contains(grown, n.Table):
					trouble = "reads " + n.Table + " from end to end"
				case n.Table != "" && n.Looked() > max(mostRows, 5*n.Rows): // an export takes 1,000 at once
					trouble = fmt.Sprintf("looks at %.0f rows of %s (%s %s)", n.Looked(), n.Table, n.Kind, n.Index)
				}
				text := strings.Join(strings.Fields(p.Text), " ")
				for piece := range excused {
					if strings.Contains(text, piece) {
						return
					}
				}
				if key := trouble + text[:min(90, len(text))]; trouble != "" && !told[key] {
					told[key] = true
					t.Errorf("%s: %s", trouble, text[:min(700, len(text))])
				}
			})
		}
	}
	if seen < 200 {
		t.Errorf("only %d statements were seen: is PostgreSQL silent?", seen)
	}
	t.Logf("%d statements", seen)
}

// grow gives the demo firm many of everything that grows, and answers the names of those tables.
func grow(t *testing.T, site *portaltest.Site, many int) []string {
	t.Helper()
	firm := site.FirmID()
	tables := []string{"client", "project", "person", "contact", "activity", "session", "mail", "outbox", "file", "client_word", "project_word"}
	loadtest.Bulk(t, site, tables, func() {
		growOne(t, site, firm, many)
		growOne(t, site, site.Firm("harbor").FirmID(), 5*many) // most rows belong to others, as in a house of many firms
		err := db.InTx(t.Context(), site.Pool, firm, func(ctx context.Context, tx bun.Tx) error { return search.Index(ctx, tx, firm) })
		if err != nil {
			t.Fatal(err)
		}
	})
	if _, err := site.DB(t).ExecContext(t.Context(), "analyze"); err != nil {
		t.Fatal(err)
	}
	return tables
}

func growOne(t *testing.T, site *portaltest.Site, firm uuid.UUID, many int) {
	t.Helper()
	for _, query := range []string{`
		insert into client (firm_id, id, name, kind, city, email, portal_on)
		select ?0, gen_random_uuid(), 'Grown ' || n || ' & ' || md5(n::text), case when n % 5 = 0 then 'company' else 'household' end, 'Austin',
			'c' || n || '@grown.example', n % 3 = 0
		from generate_series(1, ?1) n`, `
		insert into project (firm_id, id, client_id, key, name, status, shared)
		select firm_id, gen_random_uuid(), id, left(id::text, 8) || substr(id::text, 25), name || ' kitchen',
			(array['planned', 'active', 'completed', 'archived'])[1 + length(name) % 4], true
		from client where firm_id = ?0 and name like 'Grown %'`, `
		insert into person (firm_id, id, email, name)
		select ?0, gen_random_uuid(), 'p' || n || '@grown.example', 'Person ' || n from generate_series(1, ?1) n`, `
		insert into contact (firm_id, id, client_id, name, email)
		select firm_id, gen_random_uuid(), id, 'Ana ' || name, email from client where firm_id = ?0 and name like 'Grown %'`, `
		insert into activity (firm_id, id, at, actor_id, actor_name, verb, text, client_id, project_id, for_client)
		select p.firm_id, gen_random_uuid(), now() - random() * interval '300 days', null, 'Maria', 'project.changed', 'changed ' || p.name, p.client_id, p.id, n = 1
		from project p, generate_series(1, 3) n where p.firm_id = ?0 and p.name like 'Grown %'`, `
		insert into session (firm_id, token_hash, person_id, idle_until, absolute_until)
		select firm_id, sha256(id::text::bytea), id, now() + interval '1 day', now() + interval '1 day' from person where firm_id = ?0 and email like '%@grown.example'`, `
		insert into mail (firm_id, id, kind, sent_to, subject, state, person_id)
		select firm_id, gen_random_uuid(), 'test', email, 'Hello', 'sent', id from person where firm_id = ?0 and email like '%@grown.example'`, `
		insert into outbox (firm_id, id, kind, payload, created_at, done_at)
		select ?0, gen_random_uuid(), 'test:done', '{}', now() - n * interval '1 minute', now() from generate_series(1, ?1) n`, `
		insert into file (firm_id, id, purpose, audience, client_id, name, media, size, sha256, state, created_by)
		select firm_id, gen_random_uuid(), 'photo', 'staff', id, 'p.jpg', 'image/jpeg', 1, '', 'ready', null from client where firm_id = ?0 and name like 'Grown %'`,
	} {
		if _, err := site.DB(t).ExecContext(t.Context(), query, firm, many); err != nil {
			t.Fatal(err)
		}
	}
}

// TestPagesAskLittleHoweverMuchTheyShow counts the statements of lists with few and with many rows: as many, and few.
func TestPagesAskLittleHoweverMuchTheyShow(t *testing.T) {
	site := portaltest.Open(t)
	w := loadtest.Watch(t, site)
	var client string
	err := site.DB(t).NewRaw("select id::text from client where firm_id = ? order by name limit 1", site.FirmID()).Scan(t.Context(), &client)
	if err != nil {
		t.Fatal(err)
	}
	pages := []struct {
		path string
		most int
	}{
		{"/office/clients", 6}, {"/office/clients/projects", 6}, {"/office/clients/" + client, 12}, {"/office/clients/" + client + "/contacts", 8},
	}
	count := func(path string) int {
		session := site.Session("maria")
		n := 0
		for i := range 3 { // now and then one looks up the host anew, never two of three: the fewest are the page's own
			asked := len(w.During(func() { loadtest.Once(t, site.Address(), loadtest.Ask("demo.localhost", path, session)) }))
			if i == 0 || asked < n {
				n = asked
			}
		}
		return n
	}
	few := map[string]int{}
	for _, p := range pages {
		few[p.path] = count(p.path)
	}
	grow(t, site, 300)
	if _, err := site.DB(t).ExecContext(t.Context(), `
		insert into contact (firm_id, id, client_id, name) select ?, gen_random_uuid(), ?, 'Contact ' || n from generate_series(1, 50) n`, site.FirmID(), client); err != nil {
		t.Fatal(err)
	}
	for _, p := range pages {
		n := count(p.path)
		t.Logf("%s: %d statements with few rows, %d with many", p.path, few[p.path], n)
		if n > p.most {
			t.Errorf("%s takes %d statements, not at most %d", p.path, n, p.most)
		}
		if n > few[p.path]+1 { // one more, where a page has a second half only with many rows
			t.Errorf("%s takes %d statements with few rows, %d with many", p.path, few[p.path], n)
		}
	}
}
