package time

import (
	"context"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/db"
)

// tellEntries writes entries of the demo, as far as each has come.
func tellEntries(ctx context.Context, tx bun.IDB, v auth.Viewer, list []Entry) error {
	for _, e := range list {
		_, err := tx.NewRaw(`
			insert into time.entry (firm_id, id, client_id, project_id, person_id, work_date, minutes, task, client_note, internal_notes, billable, state, currency,
				submitted_at, approved_at, approved_by, finalised_at)
			values (?0, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12,
				case when ?11 <> 'draft' then now() end, case when ?11 in ('approved', 'finalised') then now() end, case when ?11 in ('approved', 'finalised') then ?13::uuid end,
				case when ?11 = 'finalised' then now() end)`,
			v.FirmID(), e.ID, e.ClientID, e.ProjectID, e.PersonID, e.WorkDate, e.Minutes, e.Task, e.ClientNote, e.InternalNotes, e.Billable, e.State, e.Currency, v.PersonID).Exec(ctx)
		if err != nil {
			return err
		}
	}
	return nil
}

// tellExpense brings an expense of the demo as far as it has come.
func tellExpense(ctx context.Context, tx bun.IDB, v auth.Viewer, expense uuid.UUID, s State) error {
	return db.One(tx.NewRaw(`
		update time.expense
		set state = ?0, submitted_at = case when ?0 <> 'draft' then now() end, approved_at = case when ?0 in ('approved', 'finalised') then now() end,
			approved_by = case when ?0 in ('approved', 'finalised') then ?1::uuid end, finalised_at = case when ?0 = 'finalised' then now() end
		where firm_id = ?2 and id = ?3`, s, v.PersonID, v.FirmID(), expense).Exec(ctx))
}
