package users

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/db"
	"portico/platform/db/paging"
	"portico/platform/id"
	"portico/platform/portaltest"
	"portico/platform/portaltest/loadtest"
	"portico/platform/portaltest/stopwatch"
	"portico/platform/search"
)

// limit is what one page of the list may take with 100,000 contacts.
const limit = 100 * time.Millisecond

// fill gives the firm n contacts of n/2 clients, in every state.
func fill(t testing.TB, site *portaltest.Site, n int) auth.Viewer {
	t.Helper()
	firm := site.FirmID()
	for _, query := range []string{`
		insert into client (firm_id, id, name, kind, portal_on)
		select ?0, gen_random_uuid(), (array['Rivera', 'Chen', 'Haddad', 'Novák', 'Smith'])[1 + n % 5] || ' ' || n, 'household', n % 50 <> 0
		from generate_series(1, ?1 / 2) n`, `
		insert into person (firm_id, id, email, name)
		select ?0, gen_random_uuid(), 'g' || n || '@grown.example', (array['Ana', 'Tom', 'Wei', 'Zoë'])[1 + n % 4] || ' Grown ' || n
		from generate_series(1, ?1) n`, "analyze client, person", `
		insert into contact (firm_id, id, client_id, person_id, name, email, access, invited_at, accepted_at, disabled_at, bounced_at, signed_in_at)
		select p.firm_id, gen_random_uuid(), c.id, p.id, p.name, p.email, case when p.n % 10 = 0 then 'none' else 'portal' end,
			case when p.n % 3 > 0 then now() - p.n * interval '1 minute' end, case when p.n % 3 = 2 then now() - p.n * interval '50 seconds' end,
			case when p.n % 100 = 1 then now() end, case when p.n % 100 = 4 then now() end,
			case when p.n % 3 = 2 then now() - p.n * interval '40 seconds' end
		from (select *, substr(split_part(email, '@', 1), 2)::int as n from person where firm_id = ?0 and email like 'g%@grown.example') p
		join (select *, row_number() over (order by id) as n from client where firm_id = ?0 and name ~ '[0-9]') c on c.n = 1 + p.n / 2 % (?1 / 2)`, `
		insert into session (firm_id, token_hash, person_id, contact_id, idle_until, absolute_until)
		select firm_id, sha256(id::text::bytea), person_id, id, now() + interval '1 day', now() + interval '1 day'
		from contact where firm_id = ?0 and accepted_at is not null`,
	} {
		if _, err := site.DB(t).NewRaw(query, firm, n).Exec(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	err := db.InTx(t.Context(), site.Pool, firm, func(ctx context.Context, tx bun.Tx) error { return search.Index(ctx, tx, firm) })
	if err != nil {
		t.Fatal(err)
	}
	return auth.Viewer{Side: auth.Office, Role: "member", Firm: auth.Firm{ID: firm, PortalOn: true}}
}

// many is fill, and PostgreSQL knows of it.
func many(t testing.TB, site *portaltest.Site, n int) (v auth.Viewer) {
	t.Helper()
	tables := []string{"client", "person", "contact", "session", "client_word", "project_word"}
	loadtest.Bulk(t, site, tables, func() { v = fill(t, site, n) })
	if _, err := site.DB(t).ExecContext(t.Context(), "vacuum analyze"); err != nil {
		t.Fatal(err)
	}
	return v
}

func read(t testing.TB, site *portaltest.Site, v auth.Viewer, fn func(context.Context, bun.Tx) error) {
	t.Helper()
	tx, err := db.BeginRead(t.Context(), site.Pool, v.FirmID())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback() }()
	if err := fn(t.Context(), tx); err != nil {
		t.Fatal(err)
	}
}

// TestTheListStaysQuickWithManyContacts looks at every way through the list, with the walls up: none reads a table from
// end to end, and none takes longer than the limit.
func TestTheListStaysQuickWithManyContacts(t *testing.T) { staysQuick(t, 20_000) }

// BenchmarkTheListWith100000Contacts holds the figures themselves.
func BenchmarkTheListWith100000Contacts(b *testing.B) { staysQuick(b, 100_000) }

func staysQuick(t testing.TB, n int) {
	site := portaltest.Open(t)
	v := many(t, site, n)
	middle := paging.Place{At: paging.Cursor{Key: "tom grown 5", ID: uuid.Max}}
	newest := order{"invited", true}
	for _, c := range []struct {
		name   string
		filter filter
		order  order
		from   paging.Place
		least  int
	}{
		{"all by name", filter{}, order{Column: "name"}, paging.Place{}, 50},
		{"all by name, backwards from the middle", filter{}, order{Column: "name"}, paging.Place{At: middle.At, Back: true}, 50},
		{"all, the newest invitations", filter{}, newest, paging.Place{}, 50},
		{"all, who has not been here", filter{}, order{Column: "seen"}, paging.Place{}, 50},
		{"accepted, the latest", filter{State: "accepted"}, order{"accepted", true}, paging.Place{}, 50},
		{"few are disabled", filter{State: "disabled"}, order{"seen", true}, paging.Place{}, 50},
		{"clients with their portal off", filter{Portal: "off"}, order{Column: "name"}, paging.Place{}, 1},
		{"not invited, portal on, from the middle", filter{State: "not_invited", Portal: "on"}, order{Column: "name"}, middle, 50},
		{"a rare word", filter{Query: "g7777"}, order{Column: "name"}, paging.Place{}, 1},
		{"a number and a state", filter{Query: "4242", State: "accepted"}, newest, paging.Place{}, 0},
		{"a word that all have", filter{Query: "grown"}, order{Column: "name"}, paging.Place{}, 1},
		{"two such words", filter{Query: "ana riv"}, order{Column: "name"}, paging.Place{}, 1},
		{"nobody", filter{Query: "zzzz"}, order{Column: "name"}, paging.Place{}, 0},
	} {
		stopwatch.Each(t, c.name, func(t testing.TB) {
			shown := 0
			best := stopwatch.Quick(t, "it", limit, func() {
				read(t, site, v, func(ctx context.Context, tx bun.Tx) error {
					page, err := c.filter.pick(ctx, tx, v, c.order, c.from)
					if err != nil {
						return err
					}
					_, err = load(ctx, tx, v, page.IDs)
					shown = len(page.IDs)
					return err
				})
			})
			if shown < c.least {
				t.Errorf("%d rows, not %d", shown, c.least)
			}
			read(t, site, v, func(ctx context.Context, tx bun.Tx) error {
				if n < 100_000 { // so few rows that reading a tenth of them by an index is not worth a disk's while
					if _, err := tx.NewRaw("set local random_page_cost = 1").Exec(ctx); err != nil {
						return err
					}
				}
				ear := &recorder{IDB: tx}
				page, err := c.filter.pick(ctx, ear, v, c.order, c.from)
				if err == nil {
					_, err = load(ctx, ear, v, page.IDs)
				}
				ear.onlyIndexes(ctx, t, tx)
				return err
			})
			t.Log(best.Round(time.Microsecond), shown)
		})
	}
	stopwatch.Each(t, "many invitations are accepted at once", func(t testing.TB) { accepts(t, site, v, n/10) })
}

// accepts begins a sending to n people: 10,000 within two seconds.
func accepts(t testing.TB, site *portaltest.Site, v auth.Viewer, n int) {
	if _, err := site.DB(t).NewRaw(`
		update contact ct set invited_at = null, accepted_at = null, disabled_at = null, bounced_at = null, access = 'none'
		where ct.firm_id = ?0 and ct.email like 'g%@grown.example';
		update client set portal_on = true where firm_id = ?0;
		update contact ct set access = 'portal'
		where ct.firm_id = ?0 and ct.email like 'g_%@grown.example' and ct.id in (
			select id from contact where firm_id = ?0 and email like 'g%@grown.example' limit ?1);
		analyze contact`, v.FirmID(), n).Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
	stopwatch.Quick(t, "accepting", 2*time.Second*time.Duration(n)/10_000, func() { // each is rolled back
		_ = db.InTx(t.Context(), site.Pool, v.FirmID(), func(ctx context.Context, tx bun.Tx) error {
			s := Sending{Rate: usualRate}
			first, err := begin(ctx, tx, v, &s, id.New(), selection{Filter: filter{State: "not_invited"}, All: true})
			if err == nil {
				err = saveSending(ctx, tx, v, &s)
			}
			if err != nil || !first || s.of("waiting") < n {
				t.Errorf("%v, first %v, %v", err, first, s.Tally)
			}
			return context.Canceled
		})
	})
}

// TestPagingReachesEverybodyOnce walks all pages, forwards and back.
func TestPagingReachesEverybodyOnce(t *testing.T) {
	if testing.Short() {
		t.Skip("it needs many contacts")
	}
	site := portaltest.Open(t)
	v := many(t, site, 3000)
	for name, c := range map[string]struct {
		filter filter
		order  order
		least  int
		back   bool
	}{
		"by name": {filter{}, order{Column: "name"}, 3000, true}, "newest": {filter{}, order{"invited", true}, 3000, true},
		"accepted": {filter{State: "accepted"}, order{Column: "seen"}, 700, true}, "portal off": {filter{Portal: "off"}, order{Column: "name"}, 40, true},
		"one word": {filter{Query: "rivera"}, order{"accepted", true}, 500, true}, "wide search": {filter{Query: "grown"}, order{Column: "name"}, 3000, false},
	} {
		t.Run(name, func(t *testing.T) {
			read(t, site, v, func(ctx context.Context, tx bun.Tx) error {
				var forth []uuid.UUID
				var last picked
				var from paging.Place
				for {
					page, err := c.filter.pick(ctx, tx, v, c.order, from)
					if err != nil {
						return err
					}
					forth, last = append(forth, page.IDs...), page
					if page.Next == "" {
						break
					}
					from = paging.PlaceOf(page.Next, "")
				}
				seen := map[uuid.UUID]bool{}
				for _, id := range forth {
					seen[id] = true
				}
				if len(seen) != len(forth) || len(seen) < c.least {
					t.Errorf("%d rows, %d contacts, not %d", len(forth), len(seen), c.least)
				}
				back := slices.Clone(last.IDs)
				for at := last; c.back && at.Prev != ""; {
					page, err := c.filter.pick(ctx, tx, v, c.order, paging.PlaceOf("", at.Prev))
					if err != nil {
						return err
					}
					back, at = append(slices.Clone(page.IDs), back...), page
				}
				if c.back && !slices.Equal(forth, back) {
					t.Errorf("%d forwards, %d back", len(forth), len(back))
				}
				return nil
			})
		})
	}
}

// recorder hears what is asked of the database.
type recorder struct {
	bun.IDB
	asked []string
}

func (r *recorder) NewRaw(query string, args ...any) *bun.RawQuery {
	raw := r.IDB.NewRaw(query, args...)
	r.asked = append(r.asked, raw.String())
	return raw
}

// onlyIndexes has every question explained and demands that none reads a table from end to end.
func (r *recorder) onlyIndexes(ctx context.Context, t testing.TB, tx bun.Tx) {
	t.Helper()
	for _, query := range r.asked {
		var plan []string
		if err := tx.NewRaw("explain "+strings.ReplaceAll(query, "?", "\\?")).Scan(ctx, &plan); err != nil {
			t.Fatal(err)
		}
		if text := strings.Join(plan, "\n"); strings.Contains(text, "Seq Scan on") && !strings.Contains(text, "Seq Scan on sending_row") {
			t.Errorf("a table is read from end to end:\n%s\n%s", query, text)
		}
	}
}
