package billing

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/modules/billing/gateway"
	"portico/platform/auth"
	"portico/platform/day"
	"portico/platform/db"
	"portico/platform/id"
)

func refunds(tx bun.IDB, v auth.Viewer) *bun.SelectQuery {
	q := tx.NewSelect().
		TableExpr("billing.refund AS r").
		ColumnExpr("r.id, r.attempt_id, r.payment_id, r.amount, r.status, r.gateway_id, r.failure_text, r.reason, r.tries, r.looks").
		ColumnExpr("r.sent_at, r.look_at, r.created_at, r.updated_at, p.currency, p.number AS payment_number, pe.name AS giver").
		ColumnExpr("r.ended, r.ended_note, coalesce(r.paid_method, '') AS paid_method, r.paid_reference, r.paid_on").
		Join("JOIN billing.payment p ON p.firm_id = r.firm_id AND p.id = r.payment_id").
		Join("LEFT JOIN person pe ON pe.firm_id = r.firm_id AND pe.id = r.by_id").
		Where("r.firm_id = ?", v.FirmID()).
		Order("r.created_at", "r.id")
	if v.Side != auth.Office && v.Side != auth.Program {
		q = q.Where("false")
	}
	return q
}

func refundByID(ctx context.Context, tx bun.IDB, v auth.Viewer, refund uuid.UUID) (Refund, error) {
	var r Refund
	err := refunds(tx, v).Where("r.id = ?", refund).Scan(ctx, &r)
	return r, db.Found(err)
}

func refundsOf(ctx context.Context, tx bun.IDB, v auth.Viewer, payment uuid.UUID) ([]Refund, error) {
	var list []Refund
	err := refunds(tx, v).Where("r.payment_id = ?", payment).Scan(ctx, &list)
	return list, err
}

// holdRefund loads a refund for the length of the transaction.
func holdRefund(ctx context.Context, tx bun.IDB, v auth.Viewer, refund uuid.UUID) (Refund, error) {
	r, err := refundByID(ctx, tx, v, refund)
	if err != nil {
		return r, err
	}
	p, err := paymentByID(ctx, tx, auth.System(v.FirmID()), r.PaymentID)
	if err != nil {
		return r, err
	}
	if err := holdClient(ctx, tx, v, p.ClientID); err != nil {
		return r, err
	}
	return refundByID(ctx, tx, v, refund)
}

// refundable is what may still be given back of a payment; disputed: nothing, until that is decided.
func refundable(ctx context.Context, tx bun.IDB, v auth.Viewer, payment uuid.UUID) (left int64, disputed bool, err error) {
	err = tx.NewRaw(`
		select p.amount - p.refunded - coalesce((
				select sum(r.amount) from billing.refund r
				where r.firm_id = p.firm_id and r.payment_id = p.id and r.status not in ('succeeded', 'failed')), 0),
			exists (
				select from billing.attempt a
				join billing.dispute d on d.firm_id = a.firm_id and d.attempt_id = a.id and d.status = 'open'
				where a.firm_id = p.firm_id and a.payment_id = p.id)
		from billing.payment p
		where p.firm_id = ? and p.id = ?`, v.FirmID(), payment).Scan(ctx, &left, &disputed)
	return left, disputed, db.Found(err)
}

func attemptOfPayment(ctx context.Context, tx bun.IDB, v auth.Viewer, payment uuid.UUID) (Attempt, error) {
	var a Attempt
	err := attempts(tx, v).Where("a.payment_id = ?", payment).Scan(ctx, &a)
	return a, db.Found(err)
}

func insertRefund(ctx context.Context, tx bun.IDB, v auth.Viewer, r Refund) error {
	_, err := tx.NewRaw(`
		insert into billing.refund (firm_id, id, attempt_id, payment_id, amount, status, reason, by_id)
		values (?, ?, ?, ?, ?, ?, ?, ?)`,
		v.FirmID(), r.ID, db.NullID(r.AttemptID), r.PaymentID, r.Total, r.Status, r.Reason, db.NullID(v.PersonID)).Exec(ctx)
	return err
}

func noteRefund(ctx context.Context, tx bun.IDB, v auth.Viewer, r Refund) error {
	return db.One(tx.NewRaw(`
		update billing.refund
		set status = ?, gateway_id = ?, failure_text = ?, tries = ?, looks = ?, sent_at = ?, look_at = ?, updated_at = now()
		where firm_id = ? and id = ?`,
		r.Status, sql.NullString{String: r.GatewayID, Valid: r.GatewayID != ""}, r.FailureText, r.Tries, r.Looks,
		nullTime(r.SentAt), nullTime(r.LookAt), v.FirmID(), r.ID).Exec(ctx))
}

// noteRefundEnd notes how a person ended a refund; once.
func noteRefundEnd(ctx context.Context, tx bun.IDB, v auth.Viewer, r Refund) error {
	err := db.One(tx.NewRaw(`
		update billing.refund
		set status = ?, look_at = null, ended = ?, ended_at = now(), ended_by = ?, ended_note = ?, paid_method = nullif(?, ''), paid_reference = ?,
			paid_on = ?, updated_at = now()
		where firm_id = ? and id = ? and ended = ''`,
		r.Status, r.Ended, db.NullID(v.PersonID), r.EndedNote, string(r.PaidMethod), r.PaidReference, r.PaidOn, v.FirmID(), r.ID).Exec(ctx))
	if errors.Is(err, sql.ErrNoRows) {
		return errRefundSettled
	}
	return err
}

// giveBackElsewhere books a refund that was paid by other means than the money came.
func giveBackElsewhere(ctx context.Context, tx bun.IDB, v auth.Viewer, r Refund) error {
	all := auth.System(v.FirmID())
	all.PersonID = v.PersonID
	p, err := paymentByID(ctx, tx, all, r.PaymentID)
	if err != nil {
		return err
	}
	return takeOutOn(ctx, tx, all, p, r.Total, "refund_elsewhere", "refund", r.ID, latest(r.PaidOn, p.ReceivedOn))
}

// takeOut books money that left a payment: what stands on no invoice first, then off its invoices, the last ones first.
func takeOut(ctx context.Context, tx bun.IDB, v auth.Viewer, payment uuid.UUID, amount int64, kind, source string, of uuid.UUID, now time.Time) error {
	all := auth.System(v.FirmID())
	all.PersonID = v.PersonID
	p, err := paymentByID(ctx, tx, all, payment)
	if err != nil {
		return err
	}
	zone, err := zoneOf(ctx, tx, v)
	if err != nil {
		return err
	}
	return takeOutOn(ctx, tx, all, p, amount, kind, source, of, latest(today(auth.Firm{Zone: zone}, now), p.ReceivedOn))
}

func takeOutOn(ctx context.Context, tx bun.IDB, all auth.Viewer, p Payment, amount int64, kind, source string, of uuid.UUID, on day.Day) error {
	if err := freeUp(ctx, tx, all, p, amount, on); err != nil {
		return err
	}
	err := db.One(tx.NewRaw(`
		update billing.payment set refunded = refunded + ?0
		where firm_id = ?1 and id = ?2 and reversed_at is null and allocated + refunded + ?0 <= amount`, amount, all.FirmID(), p.ID).Exec(ctx))
	if errors.Is(err, sql.ErrNoRows) {
		return errTooMuch // more went than came: a payment cannot say that
	}
	if err != nil {
		return err
	}
	from := accountOf(p.Method)
	switch kind {
	case "dispute_lost": // it was moved there when the payer objected
		from = "disputes"
	case "refund_elsewhere":
		from = accountOf(Check)
	}
	err = book(ctx, tx, all, p.ClientID, kind, source, of, p.Currency, on,
		entry{Account: "unapplied", Amount: amount}, entry{Account: from, Amount: -amount})
	if err != nil {
		return err
	}
	return addTotal(ctx, tx, all, p.ClientID, uuid.Nil, balance{Currency: p.Currency, Unapplied: -amount})
}

// freeUp takes as much of a payment off its invoices as is needed for an amount to stand on none.
func freeUp(ctx context.Context, tx bun.IDB, v auth.Viewer, p Payment, amount int64, on day.Day) error {
	need := amount - p.Left().Minor
	standing, err := allocationsOfPayments(ctx, tx, v, p.ID)
	if err != nil {
		return err
	}
	for n := len(standing) - 1; n >= 0 && need > 0; n-- {
		part := min(need, standing[n].Total)
		i, err := invoiceByID(ctx, tx, v, standing[n].InvoiceID)
		if err != nil {
			return err
		}
		if err := allocate(ctx, tx, v, p, i, -part, latest(on, standing[n].OnDay)); err != nil {
			return err
		}
		need -= part
	}
	return nil
}

// takeBackIn books a refund that was done and came back after all: the money is on account again.
func takeBackIn(ctx context.Context, tx bun.IDB, v auth.Viewer, r Refund, now time.Time) error {
	p, err := paymentByID(ctx, tx, v, r.PaymentID)
	if err != nil {
		return err
	}
	zone, err := zoneOf(ctx, tx, v)
	if err != nil {
		return err
	}
	err = db.One(tx.NewRaw(`
		update billing.payment set refunded = refunded - ?0
		where firm_id = ?1 and id = ?2 and reversed_at is null and refunded >= ?0`, r.Total, v.FirmID(), p.ID).Exec(ctx))
	if err != nil {
		return err
	}
	err = book(ctx, tx, v, p.ClientID, "refund_failed", "refund", r.ID, p.Currency, today(auth.Firm{Zone: zone}, now),
		entry{Account: accountOf(p.Method), Amount: r.Total}, entry{Account: "unapplied", Amount: -r.Total})
	if err != nil {
		return err
	}
	return addTotal(ctx, tx, v, p.ClientID, uuid.Nil, balance{Currency: p.Currency, Unapplied: r.Total})
}

// foreignRefund lists what a provider gave back of a payment without Portico having asked for it.
func foreignRefund(ctx context.Context, tx bun.IDB, v auth.Viewer, a Attempt, c gateway.Charge) error {
	var ours int64
	err := tx.NewRaw(`
		select coalesce(sum(r.amount), 0)::bigint from billing.refund r
		where r.firm_id = ? and r.attempt_id = ? and r.status <> 'failed' and r.ended = ''`, v.FirmID(), a.ID).Scan(ctx, &ours)
	if err != nil || c.Refunded <= ours {
		return err
	}
	done, err := tx.NewRaw(`
		insert into billing.stray as s (firm_id, id, account_id, gateway_id, what, status, kind, amount, currency, attempt_id, payment_id)
		values (?, ?, ?, ?, 'refund', 'succeeded', ?, ?, ?, ?, ?)
		on conflict (firm_id, account_id, gateway_id, what) do update
		set amount = excluded.amount, settled_at = null, found_at = now()
		where s.amount < excluded.amount or s.settled_at is not null and s.reason = ''`, // what was booked counts as ours by now: this is more
		v.FirmID(), id.New(), a.AccountID, c.ID, a.Kind, c.Refunded-ours, a.Currency, a.ID, a.PaymentID).Exec(ctx)
	if err != nil {
		return err
	}
	if n, err := done.RowsAffected(); err != nil || n == 0 {
		return err
	}
	return sound(ctx, tx, v)
}
