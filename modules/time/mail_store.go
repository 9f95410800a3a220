package time

import (
	"context"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"portico/platform/auth"
	"portico/platform/db"
)

// drafts narrows to those of a person's rows that are drafts.
func drafts(q *bun.SelectQuery, person uuid.UUID, ids []uuid.UUID) *bun.SelectQuery {
	return q.
		Where("e.id = any(?::uuid[])", pgdialect.Array(ids)).
		Where("e.person_id = ?", person).
		Where("e.state = 'draft'")
}

// draftEntries are those of a person's entries that are drafts.
func draftEntries(ctx context.Context, tx bun.IDB, v auth.Viewer, person uuid.UUID, ids []uuid.UUID) ([]Entry, error) {
	var list []Entry
	err := drafts(entries(tx, v), person, ids).Order("e.work_date", "e.id").Scan(ctx, &list)
	return list, err
}

func draftExpenses(ctx context.Context, tx bun.IDB, v auth.Viewer, person uuid.UUID, ids []uuid.UUID) ([]Expense, error) {
	var list []Expense
	err := drafts(expenses(tx, v), person, ids).Order("e.spent_on", "e.id").Scan(ctx, &list)
	return list, err
}

// mailbox is where mails to a member of staff go.
type mailbox struct{ Name, Email string }

func mailboxOf(ctx context.Context, tx bun.IDB, v auth.Viewer, person uuid.UUID) (m mailbox, err error) {
	err = tx.NewRaw(`
		select p.name, p.email
		from staff s
		join person p on p.firm_id = s.firm_id and p.id = s.person_id
		where s.firm_id = ? and s.person_id = ? and s.disabled_at is null`, v.FirmID(), person).Scan(ctx, &m)
	return m, db.Found(err)
}
