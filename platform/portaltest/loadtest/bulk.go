package loadtest

import (
	"fmt"
	"testing"

	"github.com/uptrace/bun"

	"portico/platform/portaltest"
)

// Bulk lets fn fill large tables in a fraction of the time: while it runs PostgreSQL does not check foreign keys, and the
// tables' indexes that no foreign key needs are made afterwards, from all rows at once. The rows must be right.
func Bulk(t testing.TB, site *portaltest.Site, tables []string, fn func()) {
	t.Helper()
	owner := site.DB(t)
	do := func(query string) {
		t.Helper()
		if _, err := owner.ExecContext(t.Context(), query); err != nil {
			t.Fatal(query, ": ", err)
		}
	}
	var parts []struct{ Take, Give string }
	err := owner.NewRaw(`
		select 'alter table ' || c.conrelid::regclass || ' drop constraint ' || quote_ident(c.conname) as take,
			format('alter table %s add constraint %I %s', c.conrelid::regclass, c.conname, pg_get_constraintdef(c.oid)) as give
		from pg_constraint c
		where c.conrelid = any (array[?0]::regclass[]) and c.contype in ('p', 'u')
			and not exists (select from pg_constraint f where f.contype = 'f' and f.conindid = c.conindid)
		union all
		select 'drop index ' || i.indexrelid::regclass, pg_get_indexdef(i.indexrelid)
		from pg_index i
		join pg_class c on c.oid = i.indexrelid
		where i.indrelid = any (array[?0]::regclass[]) and not c.relispartition
			and not exists (select from pg_constraint k where k.conindid = i.indexrelid)`, bun.List(tables)).Scan(t.Context(), &parts)
	if err != nil {
		t.Fatal(err)
	}
	var database string
	if err := owner.NewRaw("select current_database()").Scan(t.Context(), &database); err != nil {
		t.Fatal(err)
	}
	for _, part := range parts {
		do(part.Take)
	}
	do(fmt.Sprintf("alter database %s set session_replication_role = replica", database))
	reconnect(site)
	reconnectOwner(t, site)
	fn()
	do(fmt.Sprintf("alter database %s reset session_replication_role", database))
	reconnect(site)
	reconnectOwner(t, site)
	for _, part := range parts {
		do(part.Give)
	}
}
