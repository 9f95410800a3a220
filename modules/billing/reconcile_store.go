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
	"portico/platform/db"
	"portico/platform/id"
)

// firmsDue are the firms in which something is to be looked at; for the pool that sees all of them.
func firmsDue(ctx context.Context, ops bun.IDB, now time.Time) (firms []uuid.UUID, err error) {
	err = ops.NewRaw(`
		select a.firm_id from billing.attempt a where a.look_at <= ?0
		union
		select b.firm_id from billing.batch b where b.look_at <= ?0
		union
		select r.firm_id from billing.refund r where r.look_at <= ?0`, now.UTC()).Scan(ctx, &firms)
	return firms, err
}

// dueNow is what is to be looked at.
type dueNow struct {
	Attempts []settling
	Batches  []settingUp
	Refunds  []refunding
}

// takeDue gives a firm's part of it, and sets it a minute on: nobody else takes it meanwhile.
func takeDue(ctx context.Context, tx bun.IDB, v auth.Viewer, now time.Time) (due dueNow, err error) {
	for _, of := range []struct { // always in this order: two who take at once must not wait for each other
		table bun.Ident
		into  any
	}{{"attempt", &due.Attempts}, {"batch", &due.Batches}, {"refund", &due.Refunds}} {
		err := tx.NewRaw(`
			update billing.?0 x set look_at = ?1
			where x.firm_id = ?2 and x.id in (
				select d.id from billing.?0 d where d.firm_id = ?2 and d.look_at <= ?3 order by d.look_at limit ?4)
			returning x.id as ?0`, of.table, now.Add(time.Minute).UTC(), v.FirmID(), now.UTC(), dueAtOnce).Scan(ctx, of.into)
		if err != nil {
			return due, err
		}
	}
	return due, nil
}

// noteStray lists money at a provider that Portico did not move. What came to nothing is no money.
func noteStray(ctx context.Context, tx bun.IDB, v auth.Viewer, account uuid.UUID, c gateway.Charge) error {
	if c.Status == gateway.Failed || c.Status == gateway.Canceled { // it was on its way, and did not arrive
		_, err := tx.NewRaw(`
			update billing.stray set status = ?
			where firm_id = ? and account_id = ? and gateway_id = ? and what <> 'refund' and status = 'pending'`,
			c.Status, v.FirmID(), account, c.ID).Exec(ctx)
		return err
	}
	if c.Status != gateway.Succeeded && c.Status != gateway.Pending || c.Amount <= 0 {
		return nil
	}
	what := "charge"
	if c.Key != uuid.Nil && c.Firm == v.FirmID() {
		what = "orphan"
	}
	kind := c.Kind
	if kind == "" {
		kind = gateway.Card
	}
	_, err := tx.NewRaw(`
		insert into billing.stray as s (firm_id, id, account_id, gateway_id, what, status, kind, amount, currency, made_at)
		values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		on conflict (firm_id, account_id, gateway_id, what) do update set status = excluded.status
		where s.status <> excluded.status`,
		v.FirmID(), id.New(), account, c.ID, what, c.Status, kind, c.Amount, c.Currency, nullTime(c.Made)).Exec(ctx)
	return err
}

// accountsUsed are the accounts at which there may be money of ours.
func accountsUsed(ctx context.Context, tx bun.IDB, v auth.Viewer) (list []comparing, err error) {
	err = tx.NewRaw(`
		select ac.id as account from billing.account ac
		where ac.firm_id = ? and (ac.active or exists (
			select from billing.attempt a where a.firm_id = ac.firm_id and a.account_id = ac.id and a.created_at > now() - interval '120 days'))
		order by ac.id`, v.FirmID()).Scan(ctx, &list)
	return list, err
}

func listedTo(ctx context.Context, tx bun.IDB, v auth.Viewer, account uuid.UUID) (time.Time, error) {
	var to sql.NullTime
	err := tx.NewRaw("select coalesce(ac.listed_to, ac.created_at) from billing.account ac where ac.firm_id = ? and ac.id = ?", v.FirmID(), account).Scan(ctx, &to)
	return to.Time, db.Found(err)
}

func noteListed(ctx context.Context, tx bun.IDB, v auth.Viewer, account uuid.UUID, to time.Time) error {
	_, err := tx.NewRaw(`
		update billing.account set listed_to = ?, checked_at = now(), wrong = ''
		where firm_id = ? and id = ?`, to.UTC(), v.FirmID(), account).Exec(ctx)
	return err
}

// knows reports whether a provider's charge says nothing new.
func knows(ctx context.Context, tx bun.IDB, v auth.Viewer, account uuid.UUID, c gateway.Charge) (bool, error) {
	var is struct {
		Status   Status
		Amount   int64
		Currency string
		Refunded int64
		Returned bool
		Dispute  string
		Fee      int64
	}
	err := tx.NewRaw(`
		select a.status, a.amount, a.currency, a.fee, coalesce(p.reversed_at is not null, false) as returned,
			coalesce((select sum(r.amount) from billing.refund r where r.firm_id = a.firm_id and r.attempt_id = a.id and r.status <> 'failed' and r.ended = ''), 0)::bigint as refunded,
			coalesce((select d.status from billing.dispute d where d.firm_id = a.firm_id and d.attempt_id = a.id order by d.created_at desc limit 1), '') as dispute
		from billing.attempt a
		left join billing.payment p on p.firm_id = a.firm_id and p.id = a.payment_id
		where a.firm_id = ? and a.account_id = ? and a.id = ? and a.gateway_id = ?`, v.FirmID(), account, c.Key, c.ID).Scan(ctx, &is)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	dispute := ""
	if c.Dispute != nil {
		dispute = c.Dispute.Status
	}
	same := is.Status.rank() == statusOf(c).rank() && is.Amount == c.Amount && is.Currency == c.Currency && is.Refunded >= c.Refunded &&
		is.Returned == c.Returned && is.Dispute == dispute && is.Fee == c.Fee && is.Status != NeedsReview
	return same, err
}
