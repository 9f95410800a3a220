package transfer

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"portico/platform/auth"
	"portico/platform/db"
	"portico/platform/module"
)

const importColumns = `i.id, i.kind, i.state, i.file_name, i.size, i.shape, i.sheets, i.columns, i.rows, i.mapping, i.settings, i.existing, i.sorted, i.at,
	i.rows_done, i.fresh, i.same, i.changed, i.refused, i.mild, i.traces, i.undone, i.kept, i.error, i.actor_id, i.actor_name, i.created_at, i.updated_at,
	i.ended_at, i.files_gone`

// imports is where every read of an import begins: only staff and jobs of the firm have one.
func imports(v auth.Viewer, more string) string {
	if v.Side != auth.Office && v.Side != auth.Program {
		more = "and false"
	}
	return "select " + importColumns + " from transfer.import i where i.firm_id = ? " + more
}

func findImport(ctx context.Context, tx bun.IDB, v auth.Viewer, id uuid.UUID) (i Import, err error) {
	err = tx.NewRaw(imports(v, "and i.id = ?"), v.FirmID(), id).Scan(ctx, &i)
	return i, db.Found(err)
}

// holdImport loads an import that nobody else works on until the transaction is over.
func holdImport(ctx context.Context, tx bun.IDB, v auth.Viewer, id uuid.UUID) (i Import, err error) {
	err = tx.NewRaw(imports(v, "and i.id = ? for update"), v.FirmID(), id).Scan(ctx, &i)
	return i, db.Found(err)
}

const listed = 50

// importsPage are the imports of the firm, the newest first.
func importsPage(ctx context.Context, tx bun.IDB, v auth.Viewer, before time.Time) (list []Import, err error) {
	err = tx.NewRaw(imports(v, "and (? or i.created_at < ?) order by i.created_at desc, i.id limit ?"), v.FirmID(), before.IsZero(), before, listed+1).Scan(ctx, &list)
	return list, err
}

func insertImport(ctx context.Context, tx bun.IDB, v auth.Viewer, i Import) error {
	if i.Sheets == nil {
		i.Sheets = []string{}
	}
	_, err := tx.NewRaw(`
		insert into transfer.import (firm_id, id, kind, state, file_name, size, shape, sheets, columns, rows, mapping, settings, actor_id, actor_name)
		values (?, ?, ?, ?, ?, ?, ?::jsonb, ?, ?::jsonb, ?, ?::jsonb, ?::jsonb, ?, ?)`,
		v.FirmID(), i.ID, i.Kind, i.State, i.FileName, i.Size, asJSON(i.Shape), pgdialect.Array(i.Sheets), asJSON(i.Columns), i.Rows, asJSON(i.Mapping), asJSON(i.Settings),
		v.PersonID, v.Name).Exec(ctx)
	return err
}

func asJSON(value any) string {
	text, err := json.Marshal(value)
	if err != nil {
		panic(err) // structs of ours
	}
	return string(text)
}

// saveShape keeps how the file is read and what it holds then; what was found before no longer counts.
func saveShape(ctx context.Context, tx bun.IDB, v auth.Viewer, i Import) error {
	_, err := tx.NewRaw(`
		update transfer.import
		set state = 'columns', shape = ?::jsonb, columns = ?::jsonb, rows = ?, mapping = ?::jsonb, settings = ?::jsonb, updated_at = now()
		where firm_id = ? and id = ?`,
		asJSON(i.Shape), asJSON(i.Columns), i.Rows, asJSON(i.Mapping), asJSON(i.Settings), v.FirmID(), i.ID).Exec(ctx)
	return err
}

// beginWalk sends an import through its rows from the start, to check them or to bring them in.
func beginWalk(ctx context.Context, tx bun.IDB, v auth.Viewer, i Import) error {
	if err := dropFindings(ctx, tx, v, i.ID); err != nil {
		return err
	}
	_, err := tx.NewRaw(`
		update transfer.import
		set state = ?, mapping = ?::jsonb, settings = ?::jsonb, existing = ?, sorted = ?, at = 0, rows_done = 0, fresh = 0, same = 0, changed = 0, refused = 0, mild = 0,
			error = '', updated_at = now()
		where firm_id = ? and id = ?`,
		i.State, asJSON(i.Mapping), asJSON(i.Settings), i.Existing, i.Sorted, v.FirmID(), i.ID).Exec(ctx)
	return err
}

// saveWalk keeps how far an import has come.
func saveWalk(ctx context.Context, tx bun.IDB, v auth.Viewer, i Import) error {
	_, err := tx.NewRaw(`
		update transfer.import
		set state = ?, sorted = ?, at = ?, rows_done = ?, fresh = ?, same = ?, changed = ?, refused = ?, mild = ?, traces = ?, undone = ?, kept = ?, error = ?,
			updated_at = now(), ended_at = case when ? then now() else ended_at end
		where firm_id = ? and id = ?`,
		i.State, i.Sorted, i.At, i.RowsDone, i.Fresh, i.Same, i.Changed, i.Refused, i.Mild, i.Traces, i.Undone, i.Kept, i.Error, i.Over(), v.FirmID(), i.ID).Exec(ctx)
	return err
}

func deleteImport(ctx context.Context, tx bun.IDB, v auth.Viewer, id uuid.UUID) error {
	_, err := tx.NewRaw("delete from transfer.import where firm_id = ? and id = ?", v.FirmID(), id).Exec(ctx)
	return err
}

// finding is one row of what was found wrong or there already.
type finding struct {
	bun.BaseModel `bun:"table:transfer.finding,alias:f"`

	FirmID   uuid.UUID
	ImportID uuid.UUID
	Row, N   int
	Sort     string // refused, mild, same
	Field    string
	Reason   string
	Value    string
}

func insertFindings(ctx context.Context, tx bun.IDB, list []finding) error {
	if len(list) == 0 {
		return nil
	}
	_, err := tx.NewInsert().Model(&list).Exec(ctx)
	return err
}

func dropFindings(ctx context.Context, tx bun.IDB, v auth.Viewer, of uuid.UUID) error {
	_, err := tx.NewRaw("delete from transfer.finding where firm_id = ? and import_id = ?", v.FirmID(), of).Exec(ctx)
	return err
}

// findingsOf lists what was found, by row, after a row.
func findingsOf(ctx context.Context, tx bun.IDB, v auth.Viewer, of uuid.UUID, sort string, afterRow, limit int) (list []finding, err error) {
	err = tx.NewRaw(`
		select f.row, f.n, f.sort, f.field, f.reason, f.value from transfer.finding f
		where f.firm_id = ? and f.import_id = ? and f.sort = ? and f.row > ?
		order by f.row, f.n
		limit ?`, v.FirmID(), of, sort, afterRow, limit).Scan(ctx, &list)
	return list, err
}

// trace is one row of what an import did.
type trace struct {
	bun.BaseModel `bun:"table:transfer.trace,alias:t"`

	FirmID    uuid.UUID
	ImportID  uuid.UUID
	N         int
	What      string
	SubjectID uuid.UUID
	ClientID  uuid.UUID
	Name      string
	Version   int
	Before    json.RawMessage `bun:",nullzero,type:jsonb"`
	Kept      string          `bun:",scanonly"`
}

func insertTraces(ctx context.Context, tx bun.IDB, list []trace) error {
	if len(list) == 0 {
		return nil
	}
	_, err := tx.NewInsert().Model(&list).Exec(ctx)
	return err
}

// lastTraces are those that an undo has still to look at, the latest first.
func lastTraces(ctx context.Context, tx bun.IDB, v auth.Viewer, of uuid.UUID, limit int) (list []trace, err error) {
	err = tx.NewRaw(`
		select t.n, t.what, t.subject_id, t.client_id, t.name, t.version, t.before from transfer.trace t
		where t.firm_id = ? and t.import_id = ? and not t.undone and t.kept = ''
		order by t.n desc
		limit ?`, v.FirmID(), of, limit).Scan(ctx, &list)
	return list, err
}

// settleTraces marks traces as taken back, or says why one was kept.
func settleTraces(ctx context.Context, tx bun.IDB, v auth.Viewer, of uuid.UUID, from, to int, kept map[int]string) error {
	_, err := tx.NewRaw(`
		update transfer.trace t set undone = true
		where t.firm_id = ? and t.import_id = ? and t.n between ? and ?`, v.FirmID(), of, from, to).Exec(ctx)
	for n, why := range kept {
		if err != nil {
			return err
		}
		_, err = tx.NewRaw("update transfer.trace set undone = false, kept = ? where firm_id = ? and import_id = ? and n = ?", why, v.FirmID(), of, n).Exec(ctx)
	}
	return err
}

// keptTraces are those that an undo left.
func keptTraces(ctx context.Context, tx bun.IDB, v auth.Viewer, of uuid.UUID, limit int) (list []trace, err error) {
	err = tx.NewRaw(`
		select t.n, t.what, t.subject_id, t.client_id, t.name, t.kept from transfer.trace t
		where t.firm_id = ? and t.import_id = ? and t.kept <> ''
		order by t.n
		limit ?`, v.FirmID(), of, limit).Scan(ctx, &list)
	return list, err
}

// saved are columns that were chosen once and kept under a name.
type saved struct {
	ID        uuid.UUID
	Name      string
	Mapping   named
	Settings  module.ImportSettings
	Head      string
	CreatedAt time.Time
}

func savedOf(ctx context.Context, tx bun.IDB, v auth.Viewer, kind string) (list []saved, err error) {
	err = tx.NewRaw(`
		select s.id, s.name, s.mapping, s.settings, s.head, s.created_at from transfer.saved s
		where s.firm_id = ? and s.kind = ?
		order by s.created_at desc
		limit 100`, v.FirmID(), kind).Scan(ctx, &list)
	return list, err
}

// keepSaved writes them; the same name again takes the place of the older.
func keepSaved(ctx context.Context, tx bun.IDB, v auth.Viewer, id uuid.UUID, kind string, s saved) error {
	_, err := tx.NewRaw(`
		insert into transfer.saved (firm_id, id, kind, name, head, mapping, settings) values (?, ?, ?, ?, ?, ?::jsonb, ?::jsonb)
		on conflict (firm_id, kind, name) do update set head = excluded.head, mapping = excluded.mapping, settings = excluded.settings, created_at = now()`,
		v.FirmID(), id, kind, s.Name, s.Head, asJSON(s.Mapping), asJSON(s.Settings)).Exec(ctx)
	return err
}

// dropSaved forgets saved columns and answers their name.
func dropSaved(ctx context.Context, tx bun.IDB, v auth.Viewer, id uuid.UUID) (name string, err error) {
	err = tx.NewRaw("delete from transfer.saved where firm_id = ? and id = ? returning name", v.FirmID(), id).Scan(ctx, &name)
	return name, db.Found(err)
}

// oldImports are those whose files are no longer needed: left half way a week ago, or over for a month.
func oldImports(ctx context.Context, tx bun.IDB, v auth.Viewer, now time.Time) (list []Import, err error) {
	err = tx.NewRaw(imports(v, `and not i.files_gone and (i.state in ('columns', 'checking', 'ready') and i.updated_at < ?
			or i.state in ('done', 'stopped', 'undone') and i.updated_at < ?)
		order by i.updated_at
		limit 200`), v.FirmID(), now.AddDate(0, 0, -abandonedDays), now.AddDate(0, 0, -keptDays)).Scan(ctx, &list)
	return list, err
}

// forgetRows drops what was kept of an import beside its own line.
func forgetRows(ctx context.Context, tx bun.IDB, v auth.Viewer, id uuid.UUID) error {
	for _, statement := range []string{
		"delete from transfer.finding where firm_id = ? and import_id = ?",
		"delete from transfer.trace where firm_id = ? and import_id = ?",
		"update transfer.import set files_gone = true where firm_id = ? and id = ?",
	} {
		if _, err := tx.NewRaw(statement, v.FirmID(), id).Exec(ctx); err != nil {
			return fmt.Errorf("forget import: %w", err)
		}
	}
	return nil
}
