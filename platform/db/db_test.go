package db_test

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/day"
	"portico/platform/db"
	"portico/platform/id"
	"portico/platform/portaltest"
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func sql1(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }

func TestMigrationsHaveOneOrder(t *testing.T) {
	t.Parallel()
	all, err := db.Merge([]db.Source{
		{Name: "team", Schema: "team", FS: fstest.MapFS{"20261201090000_b.tx.up.sql": sql1("1"), "20261201100000_c.tx.up.sql": sql1("2")}},
		{Name: "help", Schema: "help", FS: fstest.MapFS{"20261201090000_a.tx.up.sql": sql1("3")}},
		{Name: "none", Schema: "none"},
		{Name: "platform", Schema: "public", FS: fstest.MapFS{"20261201080000_p.tx.up.sql": sql1("4")}},
	})
	must(t, err)
	var keys []string
	for _, m := range all {
		keys = append(keys, m.Key)
	}
	want := []string{"20261201080000_platform", "20261201090000_help", "20261201090000_team", "20261201100000_team"}
	if !slices.Equal(keys, want) {
		t.Errorf("%v", keys)
	}
	for what, files := range map[string]fs.FS{
		"two of the same digits": fstest.MapFS{"20261201090000_b.tx.up.sql": sql1("1"), "20261201090000_c.tx.up.sql": sql1("2")},
		"another name":           fstest.MapFS{"1_b.sql": sql1("1")},
		"no transaction":         fstest.MapFS{"20261201090000_b.up.sql": sql1("1")},
	} {
		if _, err := db.Merge([]db.Source{{Name: "team", FS: files}}); err == nil {
			t.Errorf("%s: passes", what)
		}
	}
}

// garden is a source of migrations that a test can change.
func garden(text string) []db.Source {
	return []db.Source{{Name: "garden", Schema: "garden", FS: fstest.MapFS{"20261201090000_beds.tx.up.sql": sql1(text)}}}
}

const beds = "create table garden.bed (firm_id uuid not null, id uuid not null, primary key (firm_id, id))"

func TestMigratingTwiceIsMigratingOnce(t *testing.T) {
	t.Parallel()
	site := portaltest.OpenEmpty(t)
	owner := site.DB(t)
	var all sync.WaitGroup
	done := make([][]string, 4)
	for i := range done {
		all.Go(func() {
			var err error
			if done[i], err = db.Migrate(t.Context(), owner, append(site.Sources(), garden(beds)...)); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if made := slices.Concat(done...); !slices.Equal(made, []string{"20261201090000_garden"}) {
		t.Errorf("four at once applied %v", made)
	}
	pending, err := db.Pending(t.Context(), site.Pool, append(site.Sources(), garden(beds)...))
	if err != nil || len(pending) > 0 {
		t.Errorf("pending: %v, %v", pending, err)
	}
}

func TestAChangedMigrationStops(t *testing.T) {
	t.Parallel()
	site := portaltest.OpenEmpty(t)
	sources := append(site.Sources(), garden(beds)...)
	_, err := db.Migrate(t.Context(), site.DB(t), sources)
	must(t, err)
	_, err = db.Migrate(t.Context(), site.DB(t), append(site.Sources(), garden(beds+";")...))
	if err == nil || !strings.Contains(err.Error(), "has changed") {
		t.Errorf("%v", err)
	}
}

func TestAMigrationIsDoneOrNot(t *testing.T) {
	t.Parallel()
	site := portaltest.OpenEmpty(t)
	_, err := db.Migrate(t.Context(), site.DB(t), append(site.Sources(), garden(beds+"; select 1/0")...))
	if err == nil {
		t.Fatal("a broken migration passes")
	}
	var there bool
	must(t, site.DB(t).NewRaw("select to_regclass('garden.bed') is not null").Scan(t.Context(), &there))
	if there {
		t.Error("half of it was kept")
	}
	_, err = db.Migrate(t.Context(), site.DB(t), append(site.Sources(), garden(beds)...))
	must(t, err)
}

func TestATableMustSayWhoseItIs(t *testing.T) {
	t.Parallel()
	site := portaltest.OpenEmpty(t)
	_, err := db.Migrate(t.Context(), site.DB(t), append(site.Sources(), garden("create table garden.tool (id uuid primary key)")...))
	if err == nil || !strings.Contains(err.Error(), "firm_id") {
		t.Errorf("%v", err)
	}
}

func TestATransactionHappensOrNot(t *testing.T) {
	t.Parallel()
	site := portaltest.Open(t)
	firm := site.FirmID()
	rang := 0
	rename := func(ctx context.Context, tx bun.Tx) error {
		db.AfterCommit(ctx, func(context.Context) { rang++ })
		_, err := tx.ExecContext(ctx, "update firm set name = 'Renamed'")
		return err
	}
	back := errors.New("no")
	err := db.InTx(t.Context(), site.Pool, firm, func(ctx context.Context, tx bun.Tx) error {
		must(t, rename(ctx, tx))
		return back
	})
	if !errors.Is(err, back) || rang != 0 || name(t, site) != "Northgate Builders" {
		t.Errorf("%v, rang %d times, %s", err, rang, name(t, site))
	}
	func() {
		defer func() { _ = recover() }()
		_ = db.InTx(t.Context(), site.Pool, firm, func(ctx context.Context, tx bun.Tx) error {
			must(t, rename(ctx, tx))
			panic("a bug")
		})
	}()
	if rang != 0 || name(t, site) != "Northgate Builders" {
		t.Errorf("a panic kept it")
	}
	must(t, db.InTx(t.Context(), site.Pool, firm, rename))
	if rang != 1 || name(t, site) != "Renamed" {
		t.Errorf("rang %d times, %s", rang, name(t, site))
	}
}

func name(t *testing.T, site *portaltest.Site) (name string) {
	t.Helper()
	must(t, site.DB(t).NewRaw("select name from firm where key = 'demo'").Scan(t.Context(), &name))
	return name
}

func TestAReaderCannotWrite(t *testing.T) {
	t.Parallel()
	site := portaltest.Open(t)
	tx, err := db.BeginRead(t.Context(), site.Pool, site.FirmID())
	must(t, err)
	defer func() { _ = tx.Rollback() }()
	if _, err := tx.ExecContext(t.Context(), "update firm set name = 'x'"); err == nil || !strings.Contains(err.Error(), "read-only") {
		t.Errorf("%v", err)
	}
}

func TestAWriteThatHitsNothingIsNoSuccess(t *testing.T) {
	t.Parallel()
	site := portaltest.Open(t)
	err := db.InTx(t.Context(), site.Pool, site.FirmID(), func(ctx context.Context, tx bun.Tx) error {
		return db.One(tx.ExecContext(ctx, "update client set name = 'x' where id = ?", id.New()))
	})
	if !errors.Is(err, sql.ErrNoRows) {
		t.Errorf("%v", err)
	}
}

func TestNamedStatementsSeeOneFirmToo(t *testing.T) {
	t.Parallel()
	site := portaltest.Open(t)
	for _, key := range []string{"demo", "harbor", "demo", "harbor"} {
		firm := site.Firm(key).FirmID()
		must(t, db.InTx(t.Context(), site.Pool, firm, func(ctx context.Context, tx bun.Tx) error {
			var row struct{ Firms, Own int }
			if err := db.Named(ctx, tx, &row, "select count(distinct firm_id) as firms, count(*) filter (where firm_id = $1) as own from client", firm); err != nil {
				return err
			}
			if row.Firms != 1 || row.Own == 0 {
				t.Errorf("%s: %+v", key, row)
			}
			return nil
		}))
	}
}

// Rows of named statements are scanned past database/sql and bun; they must hold what those would have found.
func TestNamedStatementsFillWhatBunFills(t *testing.T) {
	t.Parallel()
	type row struct {
		ID      uuid.UUID
		Title   string
		Count   int
		Cents   int64 `bun:"minor"`
		Open    bool
		At      time.Time
		Day     day.Day
		Parts   []string `bun:",array"`
		Perhaps *string
	}
	site := portaltest.Open(t)
	must(t, db.InTx(t.Context(), site.Pool, site.FirmID(), func(ctx context.Context, tx bun.Tx) error {
		const query = `
			select * from (values
				('0198c0de-0000-7000-8000-000000000001'::uuid, 'Ünïcode', 7, 12345678901::bigint, true, '2026-11-26 12:30:00+00'::timestamptz, '2026-11-26'::date, array['a', 'b'], 'x'),
				(null, null, null, null, null, null, null, null, null)) v (id, title, count, minor, open, at, day, parts, perhaps)`
		var named, bunned []row
		must(t, db.Named(ctx, tx, &named, query))
		must(t, tx.NewRaw(query).Scan(ctx, &bunned))
		for i := range bunned {
			bunned[i].At, named[i].At = bunned[i].At.UTC(), named[i].At.UTC()
		}
		if len(named) != 2 || !reflect.DeepEqual(named, bunned) {
			t.Errorf("named %+v\nbun   %+v", named, bunned)
		}
		var names []string
		must(t, db.Named(ctx, tx, &names, "select title from ("+query+") t order by title nulls last"))
		if !slices.Equal(names, []string{"Ünïcode", ""}) {
			t.Errorf("%q", names)
		}
		one := row{Title: "as before"}
		if must(t, db.Named(ctx, tx, &one, query+" where false")); one.Title != "as before" {
			t.Errorf("a row that is not there: %+v", one)
		}
		if err := db.Named(ctx, tx, &one, "select 1 as nowhere"); err == nil {
			t.Error("a column without a field passes")
		}
		return nil
	}))
}

func TestAPartThatFailsHarmsNoOther(t *testing.T) {
	t.Parallel()
	site := portaltest.Open(t)
	must(t, db.InTx(t.Context(), site.Pool, site.FirmID(), func(ctx context.Context, tx bun.Tx) error {
		for what, statement := range map[string]string{"broken": "select 1/0", "slow": "select pg_sleep(10)"} {
			back, err := db.Apart(ctx, tx, 50*time.Millisecond)
			if err != nil {
				return err
			}
			if _, err := tx.ExecContext(ctx, statement); err == nil {
				t.Errorf("%s: no error", what)
			}
			if err := back(); err != nil {
				t.Errorf("%s: %v", what, err)
			}
		}
		var limit string
		if err := tx.NewRaw("show statement_timeout").Scan(ctx, &limit); err != nil || limit != "0" {
			t.Errorf("the limit stays: %s, %v", limit, err)
		}
		var n int
		return tx.NewRaw("select count(*) from client").Scan(ctx, &n)
	}))
}

func TestAnErrorOfTheAddressKeepsThePassword(t *testing.T) {
	t.Parallel()
	for _, url := range []string{"postgres://me:s3cret@host:notaport/x", "postgres://me:s3cret@[::1/x", "postgres://me:s3cret@h/x?sslmode=wrong"} {
		if _, err := db.Open(url, db.Options{}); err == nil || strings.Contains(err.Error(), "s3cret") || !strings.Contains(err.Error(), "DATABASE_URL") {
			t.Errorf("%s: %v", url, err)
		}
	}
}

func TestTablesAreNamedByTheirMigrations(t *testing.T) {
	t.Parallel()
	tables, err := db.TablesIn(fstest.MapFS{"1.sql": sql1(beds + ";\nCREATE TABLE IF NOT EXISTS garden.path (\n)")})
	must(t, err)
	if !slices.Equal(tables, []string{"garden.bed", "garden.path"}) {
		t.Errorf("%v", tables)
	}
}
