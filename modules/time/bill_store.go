package time

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"portico/platform/auth"
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

// stillHanded are those that are with billing, held so that they stay there until the asker is done: whoever wants them
// back waits for that. It is asked for whoever bills, who need not see hours otherwise.
func stillHanded(ctx context.Context, tx bun.IDB, v auth.Viewer, k kind, ids []uuid.UUID) (still []uuid.UUID, err error) {
	if v.Side == auth.Portal {
		return nil, nil
	}
	err = tx.NewRaw(`
		select e.id from time.? e
		where e.firm_id = ? and e.id = any(?::uuid[]) and e.handed_at is not null
		order by e.id
		for share`, k.Table, v.FirmID(), pgdialect.Array(ids)).Scan(ctx, &still)
	return still, err
}

// holdHanded holds what is to be taken back from billing: from then on nobody puts it on a draft.
func holdHanded(ctx context.Context, tx bun.IDB, v auth.Viewer, k kind, ids []uuid.UUID) (held []uuid.UUID, err error) {
	err = tx.NewRaw(`
		select e.id from time.? e
		where e.firm_id = ? and e.id = any(?::uuid[]) and e.state = 'approved' and e.handed_at is not null
		order by e.id
		for update`, k.Table, v.FirmID(), pgdialect.Array(ids)).Scan(ctx, &held)
	return held, err
}

// toBill are the entries of a project that wait to be told to billing, those that have a rate first.
func toBill(ctx context.Context, tx bun.IDB, v auth.Viewer, project uuid.UUID) (ids []uuid.UUID, err error) {
	err = tx.NewRaw(`
		select e.id from time.entry e
		where e.firm_id = ? and e.project_id = ? and e.state = 'approved' and e.billable and e.handed_at is null and e.minutes > 0
		order by coalesce((?), 0) = 0, e.work_date, e.id
		limit ?`, v.FirmID(), project, hourly, mostAtOnce).Scan(ctx, &ids)
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
