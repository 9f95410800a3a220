package time

import (
	"context"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"portico/platform/auth"
)

// mostAtOnce is how many rows one press moves on.
const mostAtOnce = 2000

// wanted says what a deed is to be done with: what was ticked, or all of a list.
type wanted struct {
	IDs    []uuid.UUID
	All    bool
	Filter filter
	Leads  bool // leads approve
}

// narrow leaves of a read what is wanted, and of that what the deed fits: so the oldest of those that it fits come first,
// however many others the list has.
func (w wanted) narrow(q *bun.SelectQuery, v auth.Viewer, k kind, d deed) *bun.SelectQuery {
	q = q.Where("?", d.fits)
	if d.judges {
		q = q.Where("?", approvable(v, w.Leads))
	}
	if d.own {
		q = q.Where("e.person_id = ?", v.PersonID)
	}
	if !w.All {
		return q.Where("e.id = any(?::uuid[])", pgdialect.Array(w.IDs))
	}
	return q.Where("?", w.Filter.where(k)).Where("?", w.Filter.words(k))
}

// entriesFor are the entries that a deed is done with; of those that are to be billed, the ones that have a rate first.
func entriesFor(ctx context.Context, tx bun.IDB, v auth.Viewer, d deed, w wanted) ([]Entry, error) {
	q := w.narrow(entries(tx, v), v, ofTime, d)
	if d == billing {
		q = q.OrderExpr("coalesce(w.price, 0) = 0")
	}
	var list []Entry
	err := q.Order("e.work_date", "e.id").Limit(mostAtOnce).Scan(ctx, &list)
	return list, err
}

func expensesFor(ctx context.Context, tx bun.IDB, v auth.Viewer, d deed, w wanted) ([]Expense, error) {
	var list []Expense
	err := w.narrow(expenses(tx, v), v, ofExpense, d).
		Order("e.spent_on", "e.id").
		Limit(mostAtOnce).
		Scan(ctx, &list)
	return list, err
}

// countFor counts what a deed would be done with, however many.
func countFor(ctx context.Context, tx bun.IDB, v auth.Viewer, k kind, d deed, w wanted) (n int, err error) {
	q := named(tx.NewSelect().TableExpr("time.? AS e", k.Table)).
		ColumnExpr("count(*)").
		Where("e.firm_id = ?", v.FirmID()).
		Where("?", within(v, "e"))
	err = w.narrow(q, v, k, d).Scan(ctx, &n)
	return n, err
}
