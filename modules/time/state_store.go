package time

import (
	"context"
	"database/sql"
	"errors"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"portico/platform/auth"
	"portico/platform/db"
)

// once answers an insert of a form that may come twice: whether it was written now. What is there already is the same form
// again, or one whose words were changed since.
func once(inserted error, same func() (bool, error)) (fresh bool, err error) {
	if !errors.Is(inserted, sql.ErrNoRows) {
		return inserted == nil, inserted
	}
	is, err := same()
	if err != nil {
		return false, err
	}
	return false, sentBefore(is)
}

// unlessMoved answers a change of a draft that somebody else may have moved on meanwhile.
func unlessMoved(done sql.Result, err error) error {
	err = db.One(done, err)
	if errors.Is(err, sql.ErrNoRows) {
		return errMoved
	}
	return err
}

// drop deletes a draft.
func drop(ctx context.Context, tx bun.IDB, v auth.Viewer, k kind, id uuid.UUID) error {
	return unlessMoved(tx.NewRaw("delete from time.? where firm_id = ? and id = ? and state = 'draft'", k.Table, v.FirmID(), id).Exec(ctx))
}

// submitAll hands in drafts.
func submitAll(ctx context.Context, tx bun.IDB, v auth.Viewer, k kind, ids []uuid.UUID) (int, error) {
	return changed(tx.NewRaw(`
		update time.?
		set state = 'submitted', submitted_at = now(), returned = '', version = version + 1, updated_at = now()
		where firm_id = ? and id = any(?::uuid[]) and state = 'draft'`, k.Table, v.FirmID(), pgdialect.Array(ids)).Exec(ctx))
}

// approveAll lets submitted work be billed.
func approveAll(ctx context.Context, tx bun.IDB, v auth.Viewer, k kind, ids []uuid.UUID) (int, error) {
	return changed(tx.NewRaw(`
		update time.?
		set state = 'approved', approved_by = ?, approved_at = now(), returned = '', version = version + 1, updated_at = now()
		where firm_id = ? and id = any(?::uuid[]) and state = 'submitted'`, k.Table, v.PersonID, v.FirmID(), pgdialect.Array(ids)).Exec(ctx))
}

// returnAll gives work back to its writer: submitted, or approved and not told to billing.
func returnAll(ctx context.Context, tx bun.IDB, v auth.Viewer, k kind, ids []uuid.UUID, why string) (int, error) {
	return changed(tx.NewRaw(`
		update time.?
		set state = 'draft', returned = ?, submitted_at = null, approved_by = null, approved_at = null, version = version + 1, updated_at = now()
		where firm_id = ? and id = any(?::uuid[]) and state in ('submitted', 'approved') and handed_at is null`, k.Table, why, v.FirmID(), pgdialect.Array(ids)).Exec(ctx))
}

// finaliseAll locks what was billed, and what was approved and is never billed.
func finaliseAll(ctx context.Context, tx bun.IDB, v auth.Viewer, k kind, ids []uuid.UUID) (int, error) {
	return changed(tx.NewRaw(`
		update time.?
		set state = 'finalised', finalised_at = now(), version = version + 1, updated_at = now()
		where firm_id = ? and id = any(?::uuid[]) and (state = 'invoiced' or state = 'approved' and not billable)`, k.Table, v.FirmID(), pgdialect.Array(ids)).Exec(ctx))
}

// takenBack ends what was told to billing and stands on no invoice that is out. It answers what it was.
func takenBack(ctx context.Context, tx bun.IDB, v auth.Viewer, k kind, ids []uuid.UUID) (back []uuid.UUID, err error) {
	err = tx.NewRaw(`
		update time.?
		set handed_at = null, version = version + 1, updated_at = now()
		where firm_id = ? and id = any(?::uuid[]) and state = 'approved' and handed_at is not null
		returning id`, k.Table, v.FirmID(), pgdialect.Array(ids)).Scan(ctx, &back)
	return back, err
}

// markBilled says that work stands on an invoice that is out. It is what billing says, so it counts whatever was
// thought before; what is finalised stays so. Hours that are with billing have a rate.
func markBilled(ctx context.Context, tx bun.IDB, v auth.Viewer, k kind, ids []uuid.UUID, invoice uuid.UUID) (int, error) {
	rated := bun.Safe("")
	if k == ofTime {
		rated = "rate = coalesce(rate, 0), "
	}
	return changed(tx.NewRaw(`
		update time.?0
		set state = case when state = 'finalised' then state else 'invoiced' end, invoice_id = ?1, billable = true, ?2
			handed_at = coalesce(handed_at, now()), approved_at = coalesce(approved_at, now()), version = version + 1, updated_at = now()
		where firm_id = ?3 and id = any(?4::uuid[]) and invoice_id is distinct from ?1`, k.Table, invoice, rated, v.FirmID(), pgdialect.Array(ids)).Exec(ctx))
}

// markReturned says that work stands on no invoice any more: it may be billed again, also what was locked.
func markReturned(ctx context.Context, tx bun.IDB, v auth.Viewer, k kind, ids []uuid.UUID) (int, error) {
	return changed(tx.NewRaw(`
		update time.?
		set state = 'approved', invoice_id = null, finalised_at = null, version = version + 1, updated_at = now()
		where firm_id = ? and id = any(?::uuid[]) and invoice_id is not null`, k.Table, v.FirmID(), pgdialect.Array(ids)).Exec(ctx))
}

func changed(done sql.Result, err error) (int, error) {
	if err != nil {
		return 0, err
	}
	n, err := done.RowsAffected()
	return int(n), err
}
