package selections

import (
	"context"
	"slices"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"portico/platform/auth"
	"portico/platform/day"
)

// holdDue are the selections whose clients are to be reminded now, held so that nobody else reminds of them meanwhile:
// each one once before its deadline, and once when it has passed by less than a fortnight.
func holdDue(ctx context.Context, tx bun.IDB, v auth.Viewer, today day.Day, days int) ([]Selection, error) {
	var list []Selection
	err := tx.NewRaw(`
		select s.id, s.client_id, s.project_id
		from selections.selection s
		where s.firm_id = ?0 and s.state in ('released', 'selected') and s.kind = 'selection'
			and (s.due_on between ?1 and ?2 and s.reminders < 1 or s.due_on < ?1 and s.due_on > ?3 and s.reminders < 2)
		order by s.due_on, s.id
		for update skip locked`, v.FirmID(), today, today.Add(days), today.Add(-14)).Scan(ctx, &list)
	return list, err
}

// setReminded notes that somebody was reminded of them.
func setReminded(ctx context.Context, tx bun.IDB, v auth.Viewer, today day.Day, ids []uuid.UUID) error {
	_, err := tx.NewRaw(`
		update selections.selection set reminders = case when due_on < ? then 2 else 1 end
		where firm_id = ? and id = any(?::uuid[])`, today, v.FirmID(), pgdialect.Array(ids)).Exec(ctx)
	return err
}

// notToday leaves out the letters to those whom staff have had reminded today, and notes that the others are.
func notToday(ctx context.Context, tx bun.IDB, v auth.Viewer, letters []letter, today day.Day) ([]letter, error) {
	if len(letters) == 0 {
		return nil, nil
	}
	contacts := make([]uuid.UUID, len(letters))
	for n, l := range letters {
		contacts[n] = l.Contact
	}
	var fresh []uuid.UUID
	err := tx.NewRaw(`
		insert into selections.reminder as r (firm_id, client_id, project_id, contact_id, on_day)
		select ?0, ?1, ?2, c, ?4 from unnest(?3::uuid[]) c order by c
		on conflict (firm_id, project_id, contact_id) do update set on_day = excluded.on_day where r.on_day < excluded.on_day
		returning contact_id`, v.FirmID(), letters[0].Client, letters[0].Project, pgdialect.Array(contacts), today).Scan(ctx, &fresh)
	return slices.DeleteFunc(slices.Clone(letters), func(l letter) bool { return !slices.Contains(fresh, l.Contact) }), err
}
