package time

import (
	"context"
	"maps"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/schema"

	"portico/platform/auth"
	"portico/platform/db"
)

// within narrows a table with person_id and project_id to what a member of staff may see: owners and admins everything,
// others what is their own and what is of projects that they lead. Clients read elsewhere, and less: see shown_store.go.
func within(v auth.Viewer, table bun.Ident) schema.QueryAppender {
	switch {
	case forAll(v):
		return bun.Safe("true")
	case v.Side == auth.Office:
		return bun.SafeQuery(`(?0.person_id = ?1 or exists (
			select from time.terms led where led.firm_id = ?0.firm_id and led.project_id = ?0.project_id and led.lead_id = ?1))`, table, v.PersonID)
	}
	return bun.Safe("false")
}

// entries is where every read of entries by staff begins.
func entries(tx bun.IDB, v auth.Viewer) *bun.SelectQuery {
	return tx.NewSelect().
		TableExpr("time.entry AS e").
		ColumnExpr("e.id, e.client_id, e.project_id, e.person_id, e.work_date, e.minutes, e.task, e.client_note, e.internal_notes, e.billable, e.state").
		ColumnExpr("e.rate, e.currency, e.returned, e.handed_at, e.invoice_id, e.imported, e.version").
		ColumnExpr("pr.name AS project, cl.name AS client, p.name AS person, t.lead_id").
		ColumnExpr("coalesce(w.price, 0) AS worth, w.price IS NOT NULL AS priced").
		Join("JOIN project AS pr ON pr.firm_id = e.firm_id AND pr.id = e.project_id").
		Join("JOIN client AS cl ON cl.firm_id = e.firm_id AND cl.id = e.client_id").
		Join("JOIN person AS p ON p.firm_id = e.firm_id AND p.id = e.person_id").
		Join("LEFT JOIN time.terms AS t ON t.firm_id = e.firm_id AND t.project_id = e.project_id").
		Join("LEFT JOIN LATERAL (?) AS w ON true", hourly).
		Where("e.firm_id = ?", v.FirmID()).
		Where("?", within(v, "e"))
}

// hourly is what an hour of an entry costs: the closest rate counts, of this person in this project before all.
var hourly = bun.SafeQuery(`
	select r.price
	from time.rate r
	where r.firm_id = e.firm_id and r.currency = e.currency
		and (r.person_id is null or r.person_id = e.person_id) and (r.project_id is null or r.project_id = e.project_id)
	order by r.project_id is null, r.person_id is null
	limit 1`)

func entryByID(ctx context.Context, tx bun.IDB, v auth.Viewer, id uuid.UUID) (Entry, error) {
	var e Entry
	err := entries(tx, v).Where("e.id = ?", id).Scan(ctx, &e)
	return e, db.Found(err)
}

// addEntry writes a new one for its person. Its client and currency are the project's. Of a form that comes twice it
// writes one: fresh is false for the others.
func addEntry(ctx context.Context, tx bun.IDB, v auth.Viewer, e Entry) (fresh bool, err error) {
	err = db.One(tx.NewRaw(`
		insert into time.entry (firm_id, id, client_id, project_id, person_id, work_date, minutes, task, client_note, internal_notes, billable, currency)
		select pr.firm_id, ?, pr.client_id, pr.id, ?, ?, ?, ?, ?, ?, ?, pr.currency
		from project pr
		where pr.firm_id = ? and pr.id = ?
		on conflict (firm_id, id) do nothing`,
		e.ID, e.PersonID, e.WorkDate, e.Minutes, e.Task, e.ClientNote, e.InternalNotes, e.Billable, v.FirmID(), e.ProjectID).Exec(ctx))
	return once(err, func() (bool, error) {
		was, err := entryByID(ctx, tx, v, e.ID)
		return was.PersonID == e.PersonID && maps.Equal(was.facts(), e.facts()), err
	})
}

// saveEntry changes a draft, if nobody else has since.
func saveEntry(ctx context.Context, tx bun.IDB, v auth.Viewer, e Entry) error {
	return unlessMoved(tx.NewRaw(`
		update time.entry e
		set client_id = pr.client_id, project_id = pr.id, currency = pr.currency, work_date = ?, minutes = ?, task = ?, client_note = ?,
			internal_notes = ?, billable = ?, version = e.version + 1, updated_at = now()
		from project pr
		where pr.firm_id = ? and pr.id = ? and e.firm_id = pr.firm_id and e.id = ? and e.version = ? and e.state = 'draft'`,
		e.WorkDate, e.Minutes, e.Task, e.ClientNote, e.InternalNotes, e.Billable, v.FirmID(), e.ProjectID, e.ID, e.Version).Exec(ctx))
}

// submitWeek hands in the drafts of one person's week. It answers how many, and of how many minutes.
func submitWeek(ctx context.Context, tx bun.IDB, v auth.Viewer, sp span) (n, minutes int, err error) {
	err = tx.NewRaw(`
		with done as (
			update time.entry e
			set state = 'submitted', submitted_at = now(), returned = '', version = version + 1, updated_at = now()
			where e.firm_id = ? and e.person_id = ? and e.work_date between ? and ? and e.state = 'draft' and e.minutes > 0
			returning e.minutes)
		select count(*), coalesce(sum(minutes), 0) from done`, v.FirmID(), sp.Person, sp.From, sp.To).Scan(ctx, &n, &minutes)
	return n, minutes, err
}

// takeBackWeek makes drafts again of what is not approved yet.
func takeBackWeek(ctx context.Context, tx bun.IDB, v auth.Viewer, sp span) (n int, err error) {
	return changed(tx.NewRaw(`
		update time.entry e
		set state = 'draft', submitted_at = null, version = version + 1, updated_at = now()
		where e.firm_id = ? and e.person_id = ? and e.work_date between ? and ? and e.state = 'submitted'`, v.FirmID(), sp.Person, sp.From, sp.To).Exec(ctx))
}
