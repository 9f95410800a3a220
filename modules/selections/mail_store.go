package selections

import (
	"context"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/day"
)

// contactsOf are a client's contacts, for whom staff may approve what they said.
func contactsOf(ctx context.Context, tx bun.IDB, v auth.Viewer, client uuid.UUID) ([]option, error) {
	var list []option
	err := tx.NewRaw(`
		select ct.id::text as value, ct.name as title from contact ct
		where ct.firm_id = ? and ct.client_id = ? and ct.archived_at is null
		order by ct.is_primary desc, ct.created_at, ct.id
		limit 200`, v.FirmID(), client).Scan(ctx, &list)
	return list, err
}

// takeReminders claims the selections whose clients are to be reminded now: each one once before its deadline, and once
// when it has passed by less than a fortnight.
func takeReminders(ctx context.Context, tx bun.IDB, v auth.Viewer, today day.Day, days int) ([]Selection, error) {
	var list []Selection
	err := tx.NewRaw(`
		update selections.selection s set reminders = case when s.due_on < ?1 then 2 else 1 end
		where s.firm_id = ?0 and s.state in ('released', 'selected') and s.kind = 'selection'
			and (s.due_on between ?1 and ?2 and s.reminders < 1 or s.due_on < ?1 and s.due_on > ?3 and s.reminders < 2)
		returning s.id, s.client_id, s.project_id, s.title`, v.FirmID(), today, today.Add(days), today.Add(-14)).Scan(ctx, &list)
	return list, err
}
