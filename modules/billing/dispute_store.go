package billing

import (
	"context"
	"database/sql"
	"errors"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/modules/billing/gateway"
	"portico/platform/auth"
	"portico/platform/db"
	"portico/platform/id"
)

// holdDispute gives the row of an objection, fresh if this is the first that is heard of it. Nothing to dispute: the zero
// one.
func holdDispute(ctx context.Context, tx bun.IDB, v auth.Viewer, a Attempt, is gateway.Dispute, amount int64) (d Dispute, fresh bool, err error) {
	err = tx.NewRaw(`
		select d.id, d.attempt_id, d.gateway_id, d.status, d.amount, d.reason, d.answer_by, d.created_at
		from billing.dispute d
		where d.firm_id = ? and d.attempt_id = ? and d.gateway_id = ?
		for update`, v.FirmID(), a.ID, is.ID).Scan(ctx, &d)
	d.Currency = a.Currency
	if !errors.Is(err, sql.ErrNoRows) || amount <= 0 {
		if errors.Is(err, sql.ErrNoRows) {
			err = nil
		}
		return d, false, err
	}
	d = Dispute{ID: id.New(), AttemptID: a.ID, GatewayID: is.ID, Status: "open", Total: amount, Currency: a.Currency, Reason: is.Reason, AnswerBy: is.AnswerBy}
	_, err = tx.NewRaw(`
		insert into billing.dispute (firm_id, id, attempt_id, gateway_id, status, amount, reason, answer_by)
		values (?, ?, ?, ?, ?, ?, ?, ?)`,
		v.FirmID(), d.ID, a.ID, d.GatewayID, d.Status, d.Total, d.Reason, nullTime(d.AnswerBy)).Exec(ctx)
	return d, true, err
}

func noteDispute(ctx context.Context, tx bun.IDB, v auth.Viewer, d Dispute) error {
	return db.One(tx.NewRaw(`
		update billing.dispute set status = ?, updated_at = now()
		where firm_id = ? and id = ?`, d.Status, v.FirmID(), d.ID).Exec(ctx))
}

// disputesOf are the objections to one payment, for staff.
func disputesOf(ctx context.Context, tx bun.IDB, v auth.Viewer, attempt uuid.UUID) ([]Dispute, error) {
	var list []Dispute
	err := tx.NewRaw(`
		select d.id, d.attempt_id, d.gateway_id, d.status, d.amount, d.reason, d.answer_by, d.created_at, d.updated_at, a.currency
		from billing.dispute d
		join billing.attempt a on a.firm_id = d.firm_id and a.id = d.attempt_id
		where d.firm_id = ? and d.attempt_id = ? and ?
		order by d.created_at`, v.FirmID(), attempt, v.Side == auth.Office || v.Side == auth.Program).Scan(ctx, &list)
	return list, err
}
