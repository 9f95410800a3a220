package billing

import (
	"context"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/db"
)

const mostTrouble = 200

// unclear is an attempt that a person may have to look at.
type unclear struct {
	Attempt
	ClientName string
}

// unsureAttempts are those of which nobody knows the end.
func unsureAttempts(ctx context.Context, tx bun.IDB, v auth.Viewer) (list []unclear, err error) {
	err = attempts(tx, v).
		ColumnExpr("cl.name AS client_name").
		Join("JOIN client cl ON cl.firm_id = a.firm_id AND cl.id = a.client_id").
		Where("(a.status IN ('unknown', 'needs_review') OR a.review <> '')").
		Limit(mostTrouble).
		Scan(ctx, &list)
	return list, err
}

// trouble is how much owners and admins have to see to.
type trouble struct {
	Findings, Payments, Jobs int
	Said                     bool // the last look at the books found payments that need a person
}

// troubleOf counts it. What Portico still asks the provider about by itself is none.
func troubleOf(ctx context.Context, tx bun.IDB, v auth.Viewer) (t trouble, err error) {
	err = tx.NewRaw(`
		select (select count(*) from billing.finding f where f.firm_id = ?0 and f.promise <> ?1) as findings,
			exists (select from billing.finding f where f.firm_id = ?0 and f.promise = ?1) as said,
			(select count(*) from billing.attempt a where a.firm_id = ?0 and (a.status = 'needs_review' or a.review <> ''))
			+ (select count(*) from billing.refund r where r.firm_id = ?0 and (r.status = 'needs_review' or r.status = 'failed' and r.ended = ''))
			+ (select count(*) from billing.stray s where s.firm_id = ?0 and s.settled_at is null) as payments,
			(select count(*) from outbox o where o.firm_id = ?0 and o.kind like 'billing:%' and o.dead_at is not null and o.done_at is null) as jobs`,
		v.FirmID(), endsAreSaid).Scan(ctx, &t)
	return t, err
}

// dropFinding takes away what the last look at the books found, once it is mended.
func dropFinding(ctx context.Context, tx bun.IDB, v auth.Viewer, promise string) error {
	_, err := tx.NewRaw("delete from billing.finding where firm_id = ? and promise = ?", v.FirmID(), promise).Exec(ctx)
	return err
}

func unsureRefunds(ctx context.Context, tx bun.IDB, v auth.Viewer) (list []Refund, err error) {
	err = refunds(tx, v).Where("(r.status IN ('unknown', 'needs_review') OR r.status = 'failed' AND r.ended = '')").Limit(mostTrouble).Scan(ctx, &list)
	return list, err
}

func strays(tx bun.IDB, v auth.Viewer) *bun.SelectQuery {
	q := tx.NewSelect().
		TableExpr("billing.stray AS s").
		ColumnExpr("s.id, s.account_id, s.attempt_id, s.gateway_id, s.what, s.kind, s.amount, s.currency, s.made_at, s.status, s.found_at, s.settled_at, s.payment_id").
		ColumnExpr("p.number AS receipt_number, ac.title AS account").
		Join("JOIN billing.account ac ON ac.firm_id = s.firm_id AND ac.id = s.account_id").
		Join("LEFT JOIN billing.payment p ON p.firm_id = s.firm_id AND p.id = s.payment_id").
		Where("s.firm_id = ?", v.FirmID()).
		Where("s.settled_at IS NULL").
		Order("s.found_at", "s.id")
	if v.Side != auth.Office {
		q = q.Where("false")
	}
	return q
}

// openStrays is the money of which nobody has said yet what it is.
func openStrays(ctx context.Context, tx bun.IDB, v auth.Viewer) (list []Stray, err error) {
	err = strays(tx, v).Limit(mostTrouble).Scan(ctx, &list)
	return list, err
}

func strayByID(ctx context.Context, tx bun.IDB, v auth.Viewer, stray uuid.UUID) (s Stray, err error) {
	err = strays(tx, v).Where("s.id = ?", stray).Scan(ctx, &s)
	return s, db.Found(err)
}

// endStray notes what somebody said it is.
func endStray(ctx context.Context, tx bun.IDB, v auth.Viewer, s Stray, reason string, payment uuid.UUID) error {
	return db.Found(db.One(tx.NewRaw(`
		update billing.stray set settled_at = now(), settled_by = ?, reason = ?, payment_id = coalesce(?, payment_id)
		where firm_id = ? and id = ? and settled_at is null`, db.NullID(v.PersonID), reason, db.NullID(payment), v.FirmID(), s.ID).Exec(ctx)))
}

// bookForeign writes a refund that was made at the provider as one of ours that is done.
func bookForeign(ctx context.Context, tx bun.IDB, v auth.Viewer, s Stray, r Refund) error {
	r.AttemptID, r.PaymentID, r.Status, r.Reason = s.AttemptID, s.PaymentID, Succeeded, "Made at the provider"
	return insertRefund(ctx, tx, v, r)
}

func invoiceByNumber(ctx context.Context, tx bun.IDB, v auth.Viewer, number string) (i Invoice, err error) {
	err = invoices(tx, v).Where("i.number = ?", number).Scan(ctx, &i)
	return i, db.Found(err)
}

func accountTitle(ctx context.Context, tx bun.IDB, v auth.Viewer, account uuid.UUID) (title string, err error) {
	err = tx.NewRaw("select ac.title from billing.account ac where ac.firm_id = ? and ac.id = ?", v.FirmID(), account).Scan(ctx, &title)
	return title, db.Found(err)
}

// stepsOf is the history of an attempt, the oldest first.
func stepsOf(ctx context.Context, tx bun.IDB, v auth.Viewer, attempt uuid.UUID) (list []step, err error) {
	err = tx.NewRaw(`
		select st.at, st.status, st.text from billing.step st
		where st.firm_id = ? and st.attempt_id = ? and ?
		order by st.id`, v.FirmID(), attempt, v.Side == auth.Office).Scan(ctx, &list)
	return list, err
}

// deadJob reports whether a job is one of this section that was given up.
func deadJob(ctx context.Context, tx bun.IDB, v auth.Viewer, job uuid.UUID) (own bool, err error) {
	err = tx.NewRaw(`
		select exists (
			select from outbox o
			where o.firm_id = ? and o.id = ? and o.kind like 'billing:%' and o.dead_at is not null and o.done_at is null)`,
		v.FirmID(), job).Scan(ctx, &own)
	return own, err
}
