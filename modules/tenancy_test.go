package modules_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/db"
	"portico/platform/portaltest"
)

// walls asks the catalog what the schema promises: one firm never reaches another's rows, and the tables could be
// spread by firm over many servers (Citus) as they are. Each statement names what breaks its promise.
var walls = map[string]string{
	"every tenant table has its rows walled off, also from its owner": tenantTables + `
		select t.name from tenant t join pg_class c on c.oid = t.oid where not c.relrowsecurity or not c.relforcerowsecurity`,
	"the wall is the firm, for reading and writing": tenantTables + `
		select t.name from tenant t
		where not exists (
			select from pg_policies p
			where p.schemaname = t.schema and p.tablename = t.table and p.roles = '{portico_app}' and p.cmd = 'ALL'
				and p.qual like '(firm_id = (NULLIF(current_setting(''app.firm_id''::text, true), ''''::text))::uuid)' and p.with_check = p.qual)`,
	"no other policy opens it": tenantTables + `
		select t.name || ' ' || p.policyname from tenant t
		join pg_policies p on p.schemaname = t.schema and p.tablename = t.table
		where not (p.policyname = 'firm' and p.roles = '{portico_app}') and not (p.policyname = 'ops' and p.roles = '{portico_ops}')`,
	"no policy asks another table": `
		select tablename || ' ' || policyname from pg_policies where qual ~* '\mselect\M' or with_check ~* '\mselect\M'`,
	"the firm is never unknown": tenantTables + `
		select t.name from tenant t
		join pg_attribute a on a.attrelid = t.oid and a.attname = 'firm_id'
		where not a.attnotnull or a.atttypid <> 'uuid'::regtype`,
	"every tenant table has a primary key": tenantTables + `
		select t.name from tenant t where not exists (select from pg_constraint k where k.conrelid = t.oid and k.contype = 'p')`,
	"every key and unique index begins with the firm": tenantTables + `
		select t.name || ' ' || i.indexrelid::regclass from tenant t
		join pg_index i on i.indrelid = t.oid and i.indisunique
		join pg_attribute a on a.attrelid = t.oid and a.attname = 'firm_id'
		where i.indkey[0] <> a.attnum`,
	"every reference carries the firm": tenantTables + `
		select t.name || ' ' || k.conname from tenant t
		join pg_constraint k on k.conrelid = t.oid and k.contype = 'f'
		where not exists (
			select from unnest(k.conkey, k.confkey) as pair (own, other)
			join pg_attribute a on a.attrelid = k.conrelid and a.attnum = pair.own and a.attname = 'firm_id'
			join pg_attribute b on b.attrelid = k.confrelid and b.attnum = pair.other and b.attname = 'firm_id')`,
	"a reference begins an index, so that nothing is searched row by row": tenantTables + `
		select t.name || ' ' || k.conname from tenant t
		join pg_constraint k on k.conrelid = t.oid and k.contype = 'f'
		where k.confrelid <> 'public.firm'::regclass and not exists (
			select from pg_index i
			where i.indrelid = t.oid and (
				select array_agg(x order by x) from unnest((i.indkey::int2[])[0:cardinality(k.conkey) - 1]) x) = (
				select array_agg(x order by x) from unnest(k.conkey) x))
			and not exists (
			select from pg_index i
			join pg_attribute a on a.attrelid = t.oid and a.attname = 'firm_id' and a.attnum = i.indkey[0]
			where i.indrelid = t.oid and i.indkey[1] = any (k.conkey) and i.indkey[1] <> a.attnum)`,
	"what knows no firm says why": ours + `
		select o.name from ours o
		where not exists (select from pg_attribute a where a.attrelid = o.oid and a.attname = 'firm_id' and a.attnotnull and exists (
				select from pg_class c where c.oid = o.oid and c.relrowsecurity))
			and coalesce(obj_description(o.oid), '') not like 'global: %'`,
	"what knows no firm refers to no tenant, and no tenant to it": ours + `
		select k.conrelid::regclass || ' ' || k.conname from pg_constraint k
		join ours a on a.oid = k.conrelid
		join ours b on b.oid = k.confrelid
		where k.contype = 'f'
			and (coalesce(obj_description(a.oid), '') like 'global:%') <> (coalesce(obj_description(b.oid), '') like 'global:%')`,
	"the program owns nothing": `
		select c.relname from pg_class c where pg_get_userbyid(c.relowner) in ('portico_app', 'portico_ops')`,
	"the program may read and write rows, and no more": ours + `
		select o.name || ' ' || g.privilege_type || ' to ' || g.grantee::regrole from ours o
		join pg_class c on c.oid = o.oid
		cross join aclexplode(c.relacl) g
		where g.grantee <> c.relowner and (g.grantee = 0 or g.privilege_type not in ('SELECT', 'INSERT', 'UPDATE', 'DELETE'))`,
	"what is written for ever cannot be changed": ours + `
		select o.name from ours o
		where coalesce(obj_description(o.oid), '') like 'append-only%'
			and (has_table_privilege('portico_app', o.oid, 'update') or has_table_privilege('portico_app', o.oid, 'delete'))`,
	"the spanning role writes promises only": tenantTables + `
		select t.name from tenant t
		where t.name <> 'public.outbox' and (has_table_privilege('portico_ops', t.oid, 'insert') or has_table_privilege('portico_ops', t.oid, 'update')
			or has_table_privilege('portico_ops', t.oid, 'delete'))`,
	"the roles cannot step over walls": `
		select rolname from pg_roles
		where rolname in ('portico_app', 'portico_ops') and (rolsuper or rolbypassrls or rolcreaterole or rolcreatedb or rolreplication)`,
	"both roles are there": `
		select r from unnest(array['portico_app', 'portico_ops']) r where r not in (select rolname from pg_roles)`,
	"neither role is a member of another": `
		select m.member::regrole::text from pg_auth_members m
		where m.member in (select oid from pg_roles where rolname in ('portico_app', 'portico_ops'))`,
	"no triggers": `
		select tgname from pg_trigger where not tgisinternal`,
	"no views": `
		select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
		where c.relkind in ('v', 'm') and n.nspname not in ('pg_catalog', 'information_schema')`,
	"no rules": `
		select r.rulename from pg_rewrite r join pg_class c on c.oid = r.ev_class where c.relkind in ('r', 'p')`,
	"no function runs as its owner": `
		select p.proname from pg_proc p join pg_namespace n on n.oid = p.pronamespace
		where p.prosecdef and n.nspname not in ('pg_catalog', 'information_schema')`,
	"no numbers from one counter for all": `
		select c.relname from pg_class c where c.relkind = 'S'`,
	"ids are made by the program": ours + `
		select o.name || ' ' || pg_get_expr(d.adbin, d.adrelid) from ours o
		join pg_attrdef d on d.adrelid = o.oid
		where pg_get_expr(d.adbin, d.adrelid) ~ 'random|nextval|uuid[a-z0-9_]*\('`,
	"no exclusion constraints": `
		select conname from pg_constraint where contype = 'x'`,
}

const ours = `
	with ours as (
		select c.oid, n.nspname as schema, c.relname as table, n.nspname || '.' || c.relname as name
		from pg_class c join pg_namespace n on n.oid = c.relnamespace
		where c.relkind in ('r', 'p') and n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast')
	)`

const tenantTables = ours + `, tenant as (
		select o.* from ours o
		where exists (select from pg_attribute a where a.attrelid = o.oid and a.attname = 'firm_id' and not a.attisdropped)
			and coalesce(obj_description(o.oid), '') not like 'global:%'
	)`

func breaches(t *testing.T, owner bun.IDB) map[string][]string {
	t.Helper()
	found := map[string][]string{}
	for promise, query := range walls {
		var names []string
		if err := owner.NewRaw(query).Scan(t.Context(), &names); err != nil {
			t.Fatalf("%s: %v", promise, err)
		}
		if len(names) > 0 {
			found[promise] = names
		}
	}
	return found
}

func TestTheSchemaKeepsItsWalls(t *testing.T) {
	t.Parallel()
	site := portaltest.Open(t)
	for promise, names := range breaches(t, site.DB(t)) {
		t.Errorf("not so that %s: %s", promise, strings.Join(names, ", "))
	}
}

// TestEveryWallIsLookedAt breaks each promise on purpose.
func TestEveryWallIsLookedAt(t *testing.T) {
	t.Parallel()
	site := portaltest.OpenEmpty(t)
	owner := site.DB(t)
	const whole = "create table x.y (firm_id uuid not null, id uuid not null, primary key (firm_id, id))"
	const walled = whole + "; alter table x.y enable row level security; alter table x.y force row level security;" +
		"create policy firm on x.y to portico_app using (firm_id = nullif(current_setting('app.firm_id', true), '')::uuid) with check (firm_id = nullif(current_setting('app.firm_id', true), '')::uuid)"
	faults := map[string]string{
		"every tenant table has its rows walled off, also from its owner":     whole,
		"the wall is the firm, for reading and writing":                       whole + "; create policy firm on x.y to portico_app using (firm_id = nullif(current_setting('app.firm_id', true), '')::uuid) with check (true)",
		"no other policy opens it":                                            walled + "; create policy all_of_it on x.y using (true)",
		"no policy asks another table":                                        whole + "; create policy firm on x.y using (firm_id in (select firm_id from firm))",
		"the firm is never unknown":                                           "create table x.y (firm_id uuid, id uuid)",
		"every tenant table has a primary key":                                "create table x.y (firm_id uuid not null, id uuid)",
		"every key and unique index begins with the firm":                     "create table x.y (firm_id uuid not null, id uuid, number text, primary key (id, firm_id), unique (number))",
		"every reference carries the firm":                                    "create table x.z (id uuid primary key, firm_id uuid); create table x.y (firm_id uuid not null, id uuid references x.z (id), primary key (firm_id, id))",
		"a reference begins an index, so that nothing is searched row by row": "create table x.y (firm_id uuid not null, id uuid, client_id uuid, primary key (firm_id, id), foreign key (firm_id, client_id) references client (firm_id, id))",
		"what knows no firm says why":                                         "create table x.y (id uuid primary key)",
		"what knows no firm refers to no tenant, and no tenant to it":         "create table x.y (firm_id uuid primary key references firm (firm_id)); comment on table x.y is 'global: a fault'",
		"the program owns nothing":                                            whole + "; alter table x.y owner to portico_app",
		"the program may read and write rows, and no more":                    whole + "; grant truncate on x.y to portico_app",
		"what is written for ever cannot be changed":                          whole + "; comment on table x.y is 'append-only'; grant update on x.y to portico_app",
		"the spanning role writes promises only":                              whole + "; grant delete on x.y to portico_ops",
		"the roles cannot step over walls":                                    "alter role portico_app createdb",
		"both roles are there":                                                "", // they belong to the server, not to this database
		"neither role is a member of another":                                 "grant portico_ops to portico_app",
		"no triggers":                                                         whole + "; create function x.f() returns trigger language plpgsql as 'begin return new; end'; create trigger t before insert on x.y execute function x.f()",
		"no views":                                                            "create view x.v as select * from client",
		"no rules":                                                            whole + "; create rule r as on delete to x.y do instead nothing",
		"no function runs as its owner":                                       "create function x.f() returns int language sql security definer as 'select 1'",
		"no numbers from one counter for all":                                 "create sequence x.s",
		"ids are made by the program":                                         "create table x.y (firm_id uuid, id uuid default gen_random_uuid())",
		"no exclusion constraints":                                            "create table x.y (firm_id uuid, during tstzrange, exclude using gist (during with &&))",
	}
	for promise := range walls {
		fault, planned := faults[promise]
		if !planned {
			t.Errorf("nothing shows that this is looked at: %s", promise)
			continue
		}
		if fault == "" {
			continue
		}
		err := owner.RunInTx(t.Context(), nil, func(ctx context.Context, tx bun.Tx) error {
			if _, err := tx.Tx.ExecContext(ctx, "create schema x; "+fault); err != nil {
				return err
			}
			if len(breaches(t, tx)[promise]) == 0 {
				t.Errorf("this passes: %s", promise)
			}
			return errBack
		})
		if err != nil && err != errBack {
			t.Errorf("%s: %v", promise, err)
		}
	}
}

var errBack = fmt.Errorf("back")

// tenants are the tables with rows of firms, and how many rows each firm has in them.
func tenants(t *testing.T, site *portaltest.Site) []string {
	t.Helper()
	var names []string
	if err := site.DB(t).NewRaw(tenantTables+" select name from tenant order by name").Scan(t.Context(), &names); err != nil {
		t.Fatal(err)
	}
	return names
}

func count(t *testing.T, from bun.IDB, query string, args ...any) int {
	t.Helper()
	var n int
	if err := from.NewRaw(query, args...).Scan(t.Context(), &n); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return n
}

func TestWithoutAFirmThereIsNothing(t *testing.T) {
	t.Parallel()
	site := portaltest.Open(t)
	full := 0
	for _, table := range tenants(t, site) {
		if count(t, site.DB(t), "select count(*) from "+table) > 0 {
			full++
		}
		if n := count(t, site.Pool, "select count(*) from "+table); n != 0 {
			t.Errorf("%d rows of %s can be seen without a firm", n, table)
		}
	}
	if full < 8 {
		t.Errorf("only %d tables of the story have rows: this test sees too little", full)
	}
}

func TestAFirmSeesAllOfItsOwnAndNothingElse(t *testing.T) {
	t.Parallel()
	site := portaltest.Open(t)
	for _, key := range []string{"demo", "harbor"} {
		firm := site.Firm(key).FirmID()
		err := db.InTx(t.Context(), site.Pool, firm, func(ctx context.Context, tx bun.Tx) error {
			for _, table := range tenants(t, site) {
				if n := count(t, tx, "select count(*) from "+table+" where firm_id <> ?", firm); n != 0 {
					t.Errorf("%s sees %d rows of others in %s", key, n, table)
				}
				own, all := count(t, tx, "select count(*) from "+table), count(t, site.DB(t), "select count(*) from "+table+" where firm_id = ?", firm)
				if own != all {
					t.Errorf("%s sees %d of its %d rows in %s", key, own, all, table)
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// TestNothingCanBeWrittenForAnotherFirm copies another firm's rows, word by word, and tries to take them over.
func TestNothingCanBeWrittenForAnotherFirm(t *testing.T) {
	t.Parallel()
	site := portaltest.Open(t)
	demo, harbor := site.FirmID(), site.Firm("harbor").FirmID()
	tried := 0
	for _, table := range tenants(t, site) {
		var row string
		err := site.DB(t).NewRaw("select to_json(t)::text from "+table+" t where firm_id = ? limit 1", harbor).Scan(t.Context(), &row)
		if err != nil {
			continue // no rows
		}
		tried++
		for what, statement := range map[string]string{
			"insert": "insert into " + table + " select * from json_populate_record(null::" + table + ", $1)",
			"claim":  "update " + table + " set firm_id = '" + harbor.String() + "' where $1 <> ''",
			"update": "update " + table + " set firm_id = firm_id where firm_id = '" + harbor.String() + "' and $1 <> ''",
			"delete": "delete from " + table + " where firm_id = '" + harbor.String() + "' and $1 <> ''",
		} {
			_ = db.InTx(t.Context(), site.Pool, demo, func(ctx context.Context, tx bun.Tx) error {
				result, err := tx.Tx.ExecContext(ctx, statement, row)
				if err == nil {
					if n, _ := result.RowsAffected(); n > 0 {
						t.Errorf("%s: %s of %d rows", table, what, n)
					}
				}
				return errBack
			})
		}
	}
	if tried < 8 {
		t.Errorf("only %d tables have rows of another firm: this test tries too little", tried)
	}
}

// TestTheFirmEndsWithItsTransaction: connections are shared, and each must forget whom it served.
func TestTheFirmEndsWithItsTransaction(t *testing.T) {
	t.Parallel()
	site := portaltest.Open(t)
	firms := []uuid.UUID{site.FirmID(), site.Firm("harbor").FirmID()}
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			for n := range 50 {
				firm := firms[(i+n)%2]
				var seen []uuid.UUID
				err := db.InTx(t.Context(), site.Pool, firm, func(ctx context.Context, tx bun.Tx) error {
					if err := tx.NewRaw("select distinct firm_id from client").Scan(ctx, &seen); err != nil {
						return err
					}
					if n%3 == 0 {
						return errBack // a rollback forgets as well
					}
					return nil
				})
				if err != nil && err != errBack || !slices.Equal(seen, []uuid.UUID{firm}) {
					t.Errorf("asked for %s, saw %v (%v)", firm, seen, err)
				}
				var setting string
				if err := site.Pool.NewRaw("select coalesce(current_setting('app.firm_id', true), '')").Scan(t.Context(), &setting); err != nil || setting != "" {
					t.Errorf("a connection still serves %q (%v)", setting, err)
				}
			}
		})
	}
	all.Wait()
}
