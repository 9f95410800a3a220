package db

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/uptrace/bun"
)

// rolesByHand is what an administrator runs when our own user may not create roles.
const rolesByHand = `create role portico_app nologin; create role portico_ops nologin; grant portico_app, portico_ops to %q;`

func ensureRoles(ctx context.Context, conn bun.Conn) error {
	for _, role := range []Role{App, Ops} {
		var exists, member bool
		err := conn.NewRaw(`
			select exists (select from pg_roles where rolname = ?),
				coalesce((select pg_has_role(current_user, oid, 'member') from pg_roles where rolname = ?), false)`,
			string(role), string(role)).Scan(ctx, &exists, &member)
		if err != nil {
			return err
		}
		if !exists {
			_, err = conn.ExecContext(ctx, "create role ? nologin", bun.Ident(role))
			if inUse(err) { // another database's migration on this server was quicker
				err = nil
			}
		}
		if err == nil && !member {
			_, err = conn.ExecContext(ctx, "grant ? to current_user", bun.Ident(role))
		}
		if err != nil {
			var us string
			if conn.NewRaw("select current_user").Scan(ctx, &us) != nil {
				us = "the user of DATABASE_URL"
			}
			return fmt.Errorf("role %s is missing and cannot be made; as an administrator run: %s (%w)", role, fmt.Sprintf(rolesByHand, us), err)
		}
	}
	return nil
}

func inUse(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && (pg.Code == "42710" || pg.Code == "23505")
}

// Secure walls off every table of the given schemas, so that no migration can forget it: row-level security, forced,
// one policy by firm, and the least grants. A table without firm_id must say `global: why` in its comment; one that
// says `append-only` can be written and read, not changed.
func Secure(ctx context.Context, conn bun.Conn, sources []Source) error {
	var text strings.Builder
	for _, schema := range Schemas(sources) {
		if schema != "public" {
			fmt.Fprintf(&text, "create schema if not exists %q;\n", schema)
		}
		fmt.Fprintf(&text, "grant usage on schema %q to portico_app, portico_ops;\n", schema)
	}
	tables, err := tablesOf(ctx, conn, sources)
	if err != nil {
		return err
	}
	for _, t := range tables {
		name := fmt.Sprintf("%q.%q", t.Schema, t.Name)
		if t.Global {
			fmt.Fprintf(&text, "grant select, insert, update, delete on %s to portico_app, portico_ops;\n", name)
			continue
		}
		if !t.HasFirm {
			return fmt.Errorf("table %s has no firm_id; say 'global: why' in its comment if it spans firms", name)
		}
		fmt.Fprintf(&text, "alter table %s enable row level security; alter table %s force row level security;\n", name, name)
		fmt.Fprintf(&text, "drop policy if exists firm on %s;\n", name)
		fmt.Fprintf(&text, "create policy firm on %s to portico_app using (%s) with check (%s);\n", name, ownFirm, ownFirm)
		fmt.Fprintf(&text, "drop policy if exists ops on %s;\ncreate policy ops on %s to portico_ops using (true);\n", name, name)
		grants := "select, insert, update, delete"
		if t.AppendOnly {
			grants = "select, insert"
		}
		fmt.Fprintf(&text, "revoke all on %s from public, portico_app, portico_ops; grant %s on %s to portico_app; grant select on %s to portico_ops;\n",
			name, grants, name, name)
	}
	// the relay claims rows of every firm; the clock promises for every firm
	text.WriteString("grant insert, update, delete on outbox to portico_ops;\n")
	return conn.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.Tx.ExecContext(ctx, text.String())
		return err
	})
}

// ownFirm is NULL, hence false, without a firm: nothing set means no rows. After a transaction the setting reads ”.
const ownFirm = `firm_id = nullif(current_setting('app.firm_id', true), '')::uuid`

// Table is what the catalog says of one table.
type Table struct {
	Schema, Name       string
	HasFirm            bool
	Global, AppendOnly bool
}

// Schemas lists the schemas of the sources, public first.
func Schemas(sources []Source) []string {
	schemas := []string{"public"}
	for _, s := range sources {
		if s.FS != nil && s.Schema != "public" {
			schemas = append(schemas, s.Schema)
		}
	}
	return schemas
}

func tablesOf(ctx context.Context, conn bun.IConn, sources []Source) ([]Table, error) {
	var tables []Table
	rows, err := conn.QueryContext(ctx, `
		select n.nspname as schema, c.relname as name,
			exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'firm_id' and not a.attisdropped) as has_firm,
			coalesce(obj_description(c.oid), '') like 'global:%' as global,
			coalesce(obj_description(c.oid), '') like 'append-only%' as append_only
		from pg_class c
		join pg_namespace n on n.oid = c.relnamespace
		where c.relkind in ('r', 'p') and n.nspname in (?)
		order by 1, 2`, bun.List(Schemas(sources)))
	if err != nil {
		return nil, err
	}
	err = scanner.ScanRows(ctx, rows, &tables)
	return tables, err
}
