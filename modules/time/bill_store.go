package time

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"portico/platform/auth"
)

// The tables of what can be told to billing.
const (
	entryTable   bun.Ident = "entry"
	expenseTable bun.Ident = "expense"
)

// openToBill are those of the entries that were approved and not told to billing, held until the transaction ends: of
// two who press at once the second finds none.
func openToBill(ctx context.Context, tx bun.IDB, v auth.Viewer, ids []uuid.UUID) ([]Entry, error) {
	if len(ids) == 0 || !forAll(v) {
		return nil, nil
	}
	var list []Entry
	err := entries(tx, v).
		Where("e.id = any(?::uuid[])", pgdialect.Array(ids)).
		Where("e.state = 'approved'").
		Where("e.billable").
		Where("e.handed_at IS NULL").
		Where("e.minutes > 0").
		Order("e.work_date", "e.id").
		For("UPDATE OF e").
		Scan(ctx, &list)
	return list, err
}

// handEntries notes what was told to billing, and at which rate.
func handEntries(ctx context.Context, tx bun.IDB, v auth.Viewer, list []Entry) error {
	ids, prices := make([]uuid.UUID, len(list)), make([]int64, len(list))
	for n, e := range list {
		ids[n], prices[n] = e.ID, e.Worth
	}
	n, err := changed(tx.NewRaw(`
		update time.entry e
		set handed_at = now(), rate = h.price, version = e.version + 1, updated_at = now()
		from unnest(?::uuid[], ?::bigint[]) as h (id, price)
		where e.firm_id = ? and e.id = h.id and e.state = 'approved' and e.handed_at is null`,
		pgdialect.Array(ids), pgdialect.Array(prices), v.FirmID()).Exec(ctx))
	if err == nil && n != len(list) {
		return fmt.Errorf("handed over %d of %d entries", n, len(list))
	}
	return err
}

// openExpenses are those of the expenses that were approved and not told to billing, held like entries.
func openExpenses(ctx context.Context, tx bun.IDB, v auth.Viewer, ids []uuid.UUID) ([]Expense, error) {
	if len(ids) == 0 || !forAll(v) {
		return nil, nil
	}
	var list []Expense
	err := expenses(tx, v).
		Where("e.id = any(?::uuid[])", pgdialect.Array(ids)).
		Where("e.state = 'approved'").
		Where("e.billable").
		Where("e.handed_at IS NULL").
		Order("e.spent_on", "e.id").
		For("UPDATE OF e").
		Scan(ctx, &list)
	return list, err
}

func handExpenses(ctx context.Context, tx bun.IDB, v auth.Viewer, list []Expense) error {
	ids := make([]uuid.UUID, len(list))
	for n, e := range list {
		ids[n] = e.ID
	}
	_, err := tx.NewRaw(`
		update time.expense
		set handed_at = now(), version = version + 1, updated_at = now()
		where firm_id = ? and id = any(?::uuid[]) and state = 'approved' and handed_at is null`, v.FirmID(), pgdialect.Array(ids)).Exec(ctx)
	return err
}

// takenBack ends what was told to billing and stands on no invoice that is out. It answers what it was.
func takenBack(ctx context.Context, tx bun.IDB, v auth.Viewer, table bun.Ident, ids []uuid.UUID) (back []uuid.UUID, err error) {
	err = tx.NewRaw(`
		update time.?
		set handed_at = null, version = version + 1, updated_at = now()
		where firm_id = ? and id = any(?::uuid[]) and state = 'approved' and handed_at is not null
		returning id`, table, v.FirmID(), pgdialect.Array(ids)).Scan(ctx, &back)
	return back, err
}

// markBilled says that entries stand on an invoice that is out. It is what billing says, so it counts whatever was
// thought before; what is finalised stays so.
func markBilled(ctx context.Context, tx bun.IDB, v auth.Viewer, ids []uuid.UUID, invoice uuid.UUID) (int, error) {
	return changed(tx.NewRaw(`
		update time.entry
		set state = case when state = 'finalised' then state else 'invoiced' end, invoice_id = ?0, billable = true, rate = coalesce(rate, 0),
			handed_at = coalesce(handed_at, now()), approved_at = coalesce(approved_at, now()), version = version + 1, updated_at = now()
		where firm_id = ?1 and id = any(?2::uuid[]) and invoice_id is distinct from ?0`, invoice, v.FirmID(), pgdialect.Array(ids)).Exec(ctx))
}

// markReturned says that entries stand on no invoice any more: they may be billed again, also those that were locked.
func markReturned(ctx context.Context, tx bun.IDB, v auth.Viewer, ids []uuid.UUID) (int, error) {
	return changed(tx.NewRaw(`
		update time.entry
		set state = 'approved', invoice_id = null, finalised_at = null, version = version + 1, updated_at = now()
		where firm_id = ? and id = any(?::uuid[]) and invoice_id is not null`, v.FirmID(), pgdialect.Array(ids)).Exec(ctx))
}

func markExpensesBilled(ctx context.Context, tx bun.IDB, v auth.Viewer, ids []uuid.UUID, invoice uuid.UUID) (int, error) {
	return changed(tx.NewRaw(`
		update time.expense
		set state = case when state = 'finalised' then state else 'invoiced' end, invoice_id = ?0, billable = true,
			handed_at = coalesce(handed_at, now()), approved_at = coalesce(approved_at, now()), version = version + 1, updated_at = now()
		where firm_id = ?1 and id = any(?2::uuid[]) and invoice_id is distinct from ?0`, invoice, v.FirmID(), pgdialect.Array(ids)).Exec(ctx))
}

func markExpensesReturned(ctx context.Context, tx bun.IDB, v auth.Viewer, ids []uuid.UUID) (int, error) {
	return changed(tx.NewRaw(`
		update time.expense
		set state = 'approved', invoice_id = null, finalised_at = null, version = version + 1, updated_at = now()
		where firm_id = ? and id = any(?::uuid[]) and invoice_id is not null`, v.FirmID(), pgdialect.Array(ids)).Exec(ctx))
}

// toBill are all entries of a project that wait to be told to billing.
func toBill(ctx context.Context, tx bun.IDB, v auth.Viewer, project uuid.UUID) (ids []uuid.UUID, err error) {
	err = tx.NewRaw(`
		select e.id from time.entry e
		where e.firm_id = ? and e.project_id = ? and e.state = 'approved' and e.billable and e.handed_at is null and e.minutes > 0
		order by e.work_date, e.id
		limit ?`, v.FirmID(), project, mostAtOnce).Scan(ctx, &ids)
	return ids, err
}

func expensesToBill(ctx context.Context, tx bun.IDB, v auth.Viewer, project uuid.UUID) (ids []uuid.UUID, err error) {
	err = tx.NewRaw(`
		select e.id from time.expense e
		where e.firm_id = ? and e.project_id = ? and e.state = 'approved' and e.billable and e.handed_at is null
		order by e.spent_on, e.id
		limit ?`, v.FirmID(), project, mostAtOnce).Scan(ctx, &ids)
	return ids, err
}

// toFinalise are the entries and expenses of a project up to a day that can be locked.
func toFinalise(ctx context.Context, tx bun.IDB, v auth.Viewer, project uuid.UUID, f filter) (ids, spent []uuid.UUID, err error) {
	err = tx.NewRaw(`
		select e.id from time.entry e
		where e.firm_id = ? and e.project_id = ? and e.work_date <= ? and (e.state = 'invoiced' or e.state = 'approved' and not e.billable)
		order by e.id limit ?`, v.FirmID(), project, f.To, 10*mostAtOnce).Scan(ctx, &ids)
	if err != nil {
		return nil, nil, err
	}
	err = tx.NewRaw(`
		select e.id from time.expense e
		where e.firm_id = ? and e.project_id = ? and e.spent_on <= ? and (e.state = 'invoiced' or e.state = 'approved' and not e.billable)
		order by e.id limit ?`, v.FirmID(), project, f.To, 10*mostAtOnce).Scan(ctx, &spent)
	return ids, spent, err
}
