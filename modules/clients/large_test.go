package clients

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
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

// limit is what one page of a list may take with 100,000 clients.
const limit = 50 * time.Millisecond

var (
	firsts = strings.Fields("Ana Tom Grace Wei Omar Lina Jana Petr Zoë Ingrid Kwame Amara Yuki Hassan Maria Olga Sven Chloe Diego Priya")
	lasts  = strings.Fields("Rivera Chen Haddad Novák Okafor Lindqvist Santos Raman Dalgaard Adeyemi Smith Jones García Müller Zimmermann Özdemir Kim Nguyen Silva Rossi")
)

// TestListsStayQuickWithManyClients loads a large firm, with the walls up, and looks at every way through the lists:
// none reads a table from end to end, and none takes longer than the limit.
func TestListsStayQuickWithManyClients(t *testing.T) { listsStayQuick(t, 10_000) }

// BenchmarkListsWith100000Clients holds the figures themselves.
func BenchmarkListsWith100000Clients(b *testing.B) { listsStayQuick(b, 100_000) }

func listsStayQuick(t testing.TB, n int) {
	site := portaltest.Open(t, Module)
	v := auth.Viewer{Side: auth.Office, Firm: auth.Firm{ID: site.FirmID()}}
	loadtest.Bulk(t, site, []string{"client", "contact", "project", "client_word", "project_word"}, func() { fill(t, site, v, n) })
	vacuum(t, site)

	newest := sorts["-added"]
	deep := paging.Place{At: paging.Cursor{Key: "m", ID: uuid.Max}}
	for _, c := range []struct {
		name   string
		list   listing
		query  string
		order  order
		from   paging.Place
		counts int // at least so many rows
	}{
		{"all by name", clientFilter{}.listing(), "", sorts["name"], paging.Place{}, 50},
		{"all from Z", clientFilter{}.listing(), "", sorts["-name"], paging.Place{}, 50},
		{"newest", clientFilter{}.listing(), "", newest, paging.Place{}, 50},
		{"deep", clientFilter{}.listing(), "", sorts["name"], deep, 50},
		{"deep, back", clientFilter{}.listing(), "", sorts["name"], paging.Place{At: deep.At, Back: true}, 50},
		{"a rare portal", clientFilter{Portal: "on"}.listing(), "", sorts["name"], paging.Place{}, 3},
		{"a rare portal, newest", clientFilter{Portal: "on"}.listing(), "", newest, paging.Place{}, 3},
		{"companies", clientFilter{Kind: "company"}.listing(), "", sorts["name"], paging.Place{}, 50},
		{"archived", clientFilter{Archived: true}.listing(), "", sorts["name"], paging.Place{}, 0},
		{"a rare word", clientFilter{}.listing(), "07777", sorts["name"], paging.Place{}, 1},
		{"two common words", clientFilter{}.listing(), "ana rivera", sorts["name"], paging.Place{}, 10},
		{"one letter", clientFilter{}.listing(), "z", sorts["name"], paging.Place{}, 50},
		{"one letter and a rare portal", clientFilter{Portal: "on"}.listing(), "c", sorts["name"], paging.Place{}, 0},
		{"a word of everybody", clientFilter{}.listing(), "example", sorts["name"], paging.Place{}, 50},
		{"a phone", clientFilter{}.listing(), "555 0002345", sorts["name"], paging.Place{}, 1},
		{"a mail", clientFilter{}.listing(), "c4242@example.com", sorts["name"], paging.Place{}, 1},
		{"nothing", clientFilter{}.listing(), "qqqqq", sorts["name"], paging.Place{}, 0},
		{"projects", projectFilter{}.listing(), "", sorts["name"], paging.Place{}, 50},
		{"active projects, newest", projectFilter{Status: active}.listing(), "", newest, paging.Place{}, 50},
		{"projects by word", projectFilter{}.listing(), "remodel", sorts["name"], paging.Place{}, 50},
		{"projects of a client's name", projectFilter{}.listing(), "rivera 09999", sorts["name"], paging.Place{}, 0},
	} {
		stopwatch.Each(t, c.name, func(t testing.TB) {
			shown := 0
			best := stopwatch.Quick(t, "it", limit, func() {
				read(t, site, v, func(ctx context.Context, tx bun.Tx) error {
					page, err := c.list.pick(ctx, tx, v, c.query, c.order, c.from)
					if err != nil {
						return err
					}
					if c.list.Table == "client" {
						_, err = clientRows(ctx, tx, v, page.IDs)
					} else {
						_, err = projectRows(ctx, tx, v, page.IDs)
					}
					shown = len(page.IDs)
					return err
				})
			})
			if shown < c.counts {
				t.Errorf("%d rows, not %d", shown, c.counts)
			}
			read(t, site, v, func(ctx context.Context, tx bun.Tx) error {
				ear := &recorder{IDB: tx}
				page, err := c.list.pick(ctx, ear, v, c.query, c.order, c.from)
				if err != nil {
					return err
				}
				if c.list.Table == "client" {
					_, err = clientRows(ctx, ear, v, page.IDs)
				} else {
					_, err = projectRows(ctx, ear, v, page.IDs)
				}
				ear.onlyIndexes(ctx, t, tx)
				return err
			})
			t.Log(best.Round(time.Microsecond), shown)
		})
	}
	stopwatch.Each(t, "neighbours and palette", func(t testing.TB) {
		stopwatch.Quick(t, "it", 2*limit, func() {
			read(t, site, v, func(ctx context.Context, tx bun.Tx) error {
				page, err := clientFilter{}.listing().pick(ctx, tx, v, "07777", sorts["name"], paging.Place{})
				if err != nil {
					return err
				}
				c, err := findClient(ctx, tx, v, page.IDs[0])
				if err != nil {
					return err
				}
				prev, next, err := neighbours(ctx, tx, v, c)
				if err != nil || prev == nil || next == nil || prev.Name > c.Name || next.Name < c.Name {
					return fmt.Errorf("neighbours: %v %v %w", prev, next, err)
				}
				_, err = find(ctx, tx, auth.Viewer{Side: auth.Office, Role: "member", Firm: v.Firm}, "riv", 5)
				return err
			})
		})
	})
}

// TestPagingReachesEveryClientOnce walks all pages, forwards and back, in the list and in a wide search.
func TestPagingReachesEveryClientOnce(t *testing.T) {
	if testing.Short() {
		t.Skip("it needs many clients")
	}
	site := portaltest.Open(t, Module)
	v := auth.Viewer{Side: auth.Office, Firm: auth.Firm{ID: site.FirmID()}}
	fill(t, site, v, 3000)
	vacuum(t, site)
	for name, c := range map[string]struct {
		query string
		order order
	}{"list": {"", sorts["name"]}, "newest": {"", sorts["-added"]}, "wide search": {"example", sorts["name"]}, "wide, two letters": {"c e", sorts["name"]}} {
		t.Run(name, func(t *testing.T) {
			read(t, site, v, func(ctx context.Context, tx bun.Tx) error {
				l := clientFilter{Kind: "household"}.listing()
				var forth, back []uuid.UUID
				var from paging.Place
				var last picked
				for range 200 {
					page, err := l.pick(ctx, tx, v, c.query, c.order, from)
					if err != nil {
						return err
					}
					forth, last = append(forth, page.IDs...), page
					if page.Next == "" {
						break
					}
					from = paging.PlaceOf(page.Next, "")
				}
				back = slices.Clone(last.IDs)
				for at := last; at.Prev != ""; {
					page, err := l.pick(ctx, tx, v, c.query, c.order, paging.PlaceOf("", at.Prev))
					if err != nil {
						return err
					}
					back, at = append(slices.Clone(page.IDs), back...), page
				}
				if !slices.Equal(forth, back) {
					t.Errorf("%d forwards, %d back", len(forth), len(back))
				}
				seen := map[uuid.UUID]bool{}
				for _, id := range forth {
					if seen[id] {
						t.Fatal("a client stands twice")
					}
					seen[id] = true
				}
				if len(seen) < 2000 {
					t.Errorf("only %d clients", len(seen))
				}
				return nil
			})
		})
	}
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
		rows, err := tx.Tx.QueryContext(ctx, "explain "+query)
		if err != nil {
			t.Fatal(err)
		}
		var plan strings.Builder
		for rows.Next() {
			var line string
			if err := rows.Scan(&line); err != nil {
				t.Fatal(err)
			}
			plan.WriteString(line + "\n")
		}
		_ = rows.Close()
		if strings.Contains(plan.String(), "Seq Scan on") {
			t.Errorf("a table is read from end to end:\n%s\n%s", query, plan.String())
		}
	}
}

// fill copies clients, contacts and projects in, as `portico demo` does, and writes their words.
func fill(t testing.TB, site *portaltest.Site, v auth.Viewer, n int) {
	t.Helper()
	r := rand.New(rand.NewPCG(7, 7))
	now := time.Now()
	var clients, contacts, projects [][]any
	for i := range n {
		first, last := firsts[r.IntN(len(firsts))], lasts[r.IntN(len(lasts))]
		client, kind := id.New(), "household"
		if i%3 == 0 {
			kind = "company"
		}
		at := now.Add(-time.Duration(i) * time.Minute)
		clients = append(clients, []any{v.FirmID(), client, fmt.Sprintf("%s %s %05d", first, last, i), kind, fmt.Sprintf("c%d@example.com", i), fmt.Sprintf("+1 555 %07d", i), i%(n*3/10) == 17, at})
		contacts = append(contacts, []any{v.FirmID(), id.New(), client, first + " " + last, fmt.Sprintf("p%d@example.com", i)})
		projects = append(projects, []any{v.FirmID(), id.New(), client, fmt.Sprintf("p-%d", i), "Remodel " + last, statuses[i%4], at})
	}
	err := db.InCopy(t.Context(), site.Pool, v.FirmID(), func(ctx context.Context, tx pgx.Tx) error {
		for _, load := range []struct {
			table, columns string
			rows           [][]any
		}{
			{"client", "firm_id id name kind email phone portal_on created_at", clients},
			{"contact", "firm_id id client_id name email", contacts},
			{"project", "firm_id id client_id key name status created_at", projects},
		} {
			columns := strings.Fields(load.columns)
			heap, list := "heap_"+load.table, strings.Join(columns, ", ")
			if _, err := tx.Exec(ctx, "create temp table "+heap+" on commit drop as select "+list+" from "+load.table+" limit 0"); err != nil {
				return err
			}
			if _, err := tx.CopyFrom(ctx, pgx.Identifier{heap}, columns, pgx.CopyFromRows(load.rows)); err != nil {
				return err
			}
			if _, err := tx.Exec(ctx, "insert into "+load.table+" ("+list+") select "+list+" from "+heap); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	err = db.InTx(t.Context(), site.Pool, v.FirmID(), func(ctx context.Context, tx bun.Tx) error { return search.Index(ctx, tx, v.FirmID()) })
	if err != nil {
		t.Fatal(err)
	}
}

func vacuum(t testing.TB, site *portaltest.Site) {
	t.Helper()
	if _, err := site.DB(t).ExecContext(t.Context(), "vacuum analyze"); err != nil {
		t.Fatal(err)
	}
}
