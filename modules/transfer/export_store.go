package transfer

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/db"
	"portico/platform/module"
)

// givenUp: the promise to make it, which carries the same id, has failed for the last time. Run again from the background
// work, it is being made again.
const givenUp = "exists (select from outbox o where o.firm_id = e.firm_id and o.id = e.id and o.dead_at is not null)"

const exportColumns = `e.id, e.client_id, e.client_name, e.person_id, e.person_name,
	case when e.state = 'making' and ` + givenUp + ` then 'failed' else e.state end as state, e.done, e.total, e.size, e.created_at, e.ready_at, e.expires_at`

// exports is where every read of an export begins: only staff and jobs of the firm have one.
func exports(v auth.Viewer, more string) string {
	if v.Side != auth.Office && v.Side != auth.Program {
		more = "and false"
	}
	return "select " + exportColumns + " from transfer.export e where e.firm_id = ? " + more
}

func findExport(ctx context.Context, tx bun.IDB, v auth.Viewer, id uuid.UUID) (e Export, err error) {
	err = tx.NewRaw(exports(v, "and e.id = ?"), v.FirmID(), id).Scan(ctx, &e)
	return e, db.Found(err)
}

// exportsOf are the latest exports; of one client, or those of everything and everybody.
func exportsOf(ctx context.Context, tx bun.IDB, v auth.Viewer, client uuid.UUID) (list []Export, err error) {
	err = tx.NewRaw(exports(v, "and (? or e.client_id = ?) order by e.created_at desc, e.id limit 50"), v.FirmID(), client == uuid.Nil, client).Scan(ctx, &list)
	return list, err
}

func insertExport(ctx context.Context, tx bun.IDB, v auth.Viewer, e Export) error {
	_, err := tx.NewRaw(`
		insert into transfer.export (firm_id, id, client_id, client_name, person_id, person_name, state)
		values (?, ?, ?, ?, ?, ?, 'making')`,
		v.FirmID(), e.ID, uuid.NullUUID{UUID: e.ClientID, Valid: e.ClientID != uuid.Nil}, e.ClientName, v.PersonID, v.Name).Exec(ctx)
	return err
}

// underway reports whether the same export is being made for the same person already.
func underway(ctx context.Context, tx bun.IDB, v auth.Viewer, client uuid.UUID) (id uuid.UUID, is bool, err error) {
	var ids []uuid.UUID
	err = tx.NewRaw(`
		select e.id from transfer.export e
		where e.firm_id = ? and e.person_id = ? and e.state = 'making' and e.client_id is not distinct from ?
			and not `+givenUp+`
		limit 1`, v.FirmID(), v.PersonID, uuid.NullUUID{UUID: client, Valid: client != uuid.Nil}).Scan(ctx, &ids)
	if err != nil || len(ids) == 0 {
		return uuid.Nil, false, err
	}
	return ids[0], true, nil
}

func noteProgress(ctx context.Context, tx bun.IDB, v auth.Viewer, id uuid.UUID, done, total int) error {
	_, err := tx.NewRaw("update transfer.export set done = ?, total = ? where firm_id = ? and id = ? and state = 'making'", done, total, v.FirmID(), id).Exec(ctx)
	return err
}

func finishExport(ctx context.Context, tx bun.IDB, v auth.Viewer, id uuid.UUID, size int64, now time.Time) error {
	return db.Found(db.One(tx.NewRaw(`
		update transfer.export set state = 'ready', size = ?, done = total, ready_at = ?, expires_at = ?
		where firm_id = ? and id = ? and state = 'making'`, size, now, now.AddDate(0, 0, exportDays), v.FirmID(), id).Exec(ctx)))
}

func endExport(ctx context.Context, tx bun.IDB, v auth.Viewer, id uuid.UUID, state string) error {
	_, err := tx.NewRaw("update transfer.export set state = ? where firm_id = ? and id = ?", state, v.FirmID(), id).Exec(ctx)
	return err
}

func oldExports(ctx context.Context, tx bun.IDB, v auth.Viewer, now time.Time) (ids []uuid.UUID, err error) {
	err = tx.NewRaw(`
		select e.id from transfer.export e
		where e.firm_id = ? and e.state = 'ready' and e.expires_at <= ?
		order by e.expires_at
		limit 200`, v.FirmID(), now).Scan(ctx, &ids)
	return ids, err
}

// clientName finds a client for its export.
func clientName(ctx context.Context, tx bun.IDB, v auth.Viewer, id uuid.UUID) (name string, err error) {
	err = tx.NewRaw("select c.name from client c where c.firm_id = ? and c.id = ? and ?", v.FirmID(), id, v.Side == auth.Office || v.Side == auth.Program).Scan(ctx, &name)
	return name, db.Found(err)
}

// of narrows a table to the rows of one client. Both name columns of ours.
var of = map[string]string{
	"id":         "t.id = ?",
	"client_id":  "t.client_id = ?",
	"contact_id": "t.contact_id in (select ct.id from contact ct where ct.firm_id = t.firm_id and ct.client_id = ?)",
	"project_id": "t.project_id in (select p.id from project p where p.firm_id = t.firm_id and p.client_id = ?)",
}

// eachRow streams the allowed columns of a table as text; of one client, unless Nil. Names of tables and columns come
// from the sections, never from a visitor.
func eachRow(ctx context.Context, tx bun.Tx, v auth.Viewer, k module.Kept, client uuid.UUID, write func(...string) error) error {
	columns := make([]string, len(k.Columns))
	args := make([]any, 0, len(k.Columns)+4)
	for n, column := range k.Columns {
		columns[n] = "t.?::text"
		args = append(args, bun.Ident(column))
	}
	args = append(args, bun.Ident(k.Table), v.FirmID())
	where := ""
	if client != uuid.Nil {
		where = " and " + of[k.Of]
		if k.Through != "" {
			where = " and t.? in (select own.id from ? own where own.firm_id = t.firm_id and own.client_id = ?)"
			args = append(args, bun.Ident(k.Of), bun.Ident(k.Through))
		}
		args = append(args, client)
	}
	rows, err := tx.QueryContext(ctx, "select "+strings.Join(columns, ", ")+" from ? t where t.firm_id = ?"+where, args...)
	if err != nil {
		return fmt.Errorf("export %s: %w", k.Table, err)
	}
	defer func() { _ = rows.Close() }()
	cells, into, texts := make([]sql.NullString, len(columns)), make([]any, len(columns)), make([]string, len(columns))
	for n := range cells {
		into[n] = &cells[n]
	}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return fmt.Errorf("export %s: %w", k.Table, err)
		}
		for n, cell := range cells {
			texts[n] = cell.String
		}
		if err := write(texts...); err != nil {
			return err
		}
	}
	return rows.Err()
}

// kept is a file as the export has it.
type keptFile struct {
	ID    uuid.UUID
	Name  string
	Media string
}

// filesAfter are the next files in the order of their ids; of one client, unless Nil.
func filesAfter(ctx context.Context, tx bun.IDB, v auth.Viewer, client, last uuid.UUID) (list []keptFile, err error) {
	err = tx.NewRaw(`
		select f.id, f.name, f.media from file f
		where f.firm_id = ? and (? or f.client_id = ?) and f.deleted_at is null and f.id > ?
		order by f.id
		limit 500`, v.FirmID(), client == uuid.Nil, client, last).Scan(ctx, &list)
	return list, err
}

func countFiles(ctx context.Context, tx bun.IDB, v auth.Viewer, client uuid.UUID) (n int, err error) {
	err = tx.NewRaw("select count(*) from file f where f.firm_id = ? and (? or f.client_id = ?) and f.deleted_at is null", v.FirmID(), client == uuid.Nil, client).Scan(ctx, &n)
	return n, err
}
