package billing

import (
	"context"
	"database/sql"
	"errors"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/day"
	"portico/platform/db"
	"portico/platform/id"
)

// useDeposit takes so much from what is held, or, with a minus, holds it again. What is on its way back to the payer
// cannot be used.
func useDeposit(ctx context.Context, tx bun.IDB, v auth.Viewer, deposit uuid.UUID, amount int64) error {
	if deposit == uuid.Nil {
		return nil
	}
	err := db.One(tx.NewRaw(`
		update billing.invoice
		set used = used + ?0, updated_at = now()
		where firm_id = ?1 and id = ?2 and kind = 'deposit' and used + ?0 >= 0
			and used + ?0 <= paid - case when ?0::bigint <= 0 then 0 else (
				select coalesce(sum(r.amount), 0)
				from billing.refund r
				where r.firm_id = ?1 and r.status not in ('succeeded', 'failed') and exists (
					select from billing.allocation al
					where al.firm_id = r.firm_id and al.payment_id = r.payment_id and al.invoice_id = ?2)) end`, amount, v.FirmID(), deposit).Exec(ctx))
	if errors.Is(err, sql.ErrNoRows) {
		return errHeld
	}
	return err
}

// freeDeposit makes room for a payment that is taken off a deposit (a bounced check, a returned debit): what was used of
// it comes off its invoices, the latest use first, until what stays used is what stays paid.
func freeDeposit(ctx context.Context, tx bun.IDB, v auth.Viewer, deposit uuid.UUID, amount int64, on day.Day) error {
	short := func() (n int64, err error) {
		err = tx.NewRaw(`
			select i.used - (i.paid - ?) from billing.invoice i
			where i.firm_id = ? and i.id = ? and i.kind = 'deposit'`, amount, v.FirmID(), deposit).Scan(ctx, &n)
		return n, db.Found(err)
	}
	n, err := short()
	for err == nil && n > 0 {
		var last Payment
		err = payments(tx, v).
			Where("p.deposit_id = ?", deposit).
			Where("p.reversed_at IS NULL").
			OrderExpr("p.id DESC").
			Limit(1).
			Scan(ctx, &last)
		if errors.Is(err, sql.ErrNoRows) {
			return errGivenBack
		}
		if err != nil {
			return err
		}
		standing, err := allocationsOfPayments(ctx, tx, v, last.ID)
		if err != nil {
			return err
		}
		if err := reverse(ctx, tx, v, last, standing, "The deposit's own payment was taken back.", on); err != nil {
			return err
		}
		if n, err = short(); err != nil {
			return err
		}
	}
	return err
}

// returned is money of a deposit that went back to the client.
type returned struct {
	ID        uuid.UUID
	Method    Method
	Total     int64 `bun:"amount"`
	OnDay     day.Day
	Reference string
	By        string
}

// addReturn notes that money went back, books it, and answers whether it is new.
func addReturn(ctx context.Context, tx bun.IDB, v auth.Viewer, i Invoice, g returned, key uuid.UUID) (fresh bool, err error) {
	if err := holdClient(ctx, tx, v, i.ClientID); err != nil {
		return false, err
	}
	g.ID = id.New()
	err = db.One(tx.NewRaw(`
		insert into billing.deposit_return (firm_id, id, invoice_id, method, amount, on_day, reference, form_key, by_id)
		values (?, ?, ?, ?, ?, ?, ?, ?, ?)
		on conflict (firm_id, form_key) do nothing`,
		v.FirmID(), g.ID, i.ID, g.Method, g.Total, g.OnDay, g.Reference, key, db.NullID(v.PersonID)).Exec(ctx))
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if err := useDeposit(ctx, tx, v, i.ID, g.Total); err != nil {
		return false, err
	}
	return true, book(ctx, tx, v, i.ClientID, "hold_return", "deposit", g.ID, i.Currency, g.OnDay,
		entry{"deposits", i.ID, g.Total}, entry{Account: "cash", Amount: -g.Total})
}

// returnsOf are what went back of a deposit that the viewer may see.
func returnsOf(ctx context.Context, tx bun.IDB, v auth.Viewer, deposit uuid.UUID) ([]returned, error) {
	var list []returned
	err := tx.NewRaw(`
		select g.id, g.method, g.amount, g.on_day, g.reference, coalesce(p.name, '') as by
		from billing.deposit_return g
		left join person p on p.firm_id = g.firm_id and p.id = g.by_id
		where g.firm_id = ? and g.invoice_id = ?
		order by g.on_day, g.id`, v.FirmID(), deposit).Scan(ctx, &list)
	return list, err
}

// usesOf are the payments that a deposit that the viewer may see went on as, with the invoices that they stand on.
func usesOf(ctx context.Context, tx bun.IDB, v auth.Viewer, deposit uuid.UUID) ([]Payment, []Allocation, error) {
	var list []Payment
	err := payments(tx, v).
		Where("p.deposit_id = ?", deposit).
		Where("p.reversed_at IS NULL").
		Order("p.received_on", "p.id").
		Scan(ctx, &list)
	if err != nil || len(list) == 0 {
		return nil, nil, err
	}
	ids := make([]uuid.UUID, len(list))
	for n, p := range list {
		ids[n] = p.ID
	}
	standing, err := allocationsOfPayments(ctx, tx, v, ids...)
	return list, standing, err
}

// heldDeposits are the deposits of a client, or of one project, of which something is held.
func heldDeposits(ctx context.Context, tx bun.IDB, v auth.Viewer, client, project uuid.UUID) ([]Invoice, error) {
	q := invoices(tx, v).
		Where("i.client_id = ?", client).
		Where("i.kind = 'deposit'").
		Where("i.paid > i.used").
		Order("i.id").
		Limit(mostOpen)
	if project != uuid.Nil {
		q = q.Where("i.project_id = ?", project)
	}
	var list []Invoice
	err := q.Scan(ctx, &list)
	return list, err
}
