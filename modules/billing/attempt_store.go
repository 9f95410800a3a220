package billing

import (
	"context"
	"database/sql"
	"errors"
	"slices"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/modules/billing/gateway"
	"portico/platform/auth"
	"portico/platform/db"
	"portico/platform/fault"
	"portico/platform/web"
)

// batches are those the viewer may see: staff and jobs all of their firm, a contact its own.
func batches(tx bun.IDB, v auth.Viewer) *bun.SelectQuery {
	q := tx.NewSelect().
		TableExpr("billing.batch AS b").
		ColumnExpr("b.id, b.client_id, b.contact_id, b.link_id, b.account_id, b.method_id, b.kind, b.keep, b.auto, b.currency").
		ColumnExpr("b.setup_status, b.setup_id, b.setup_url, b.setup_text, b.return_url, b.created_at, b.sent_at, b.look_at, b.looks").
		ColumnExpr("b.receipt_to IS NOT NULL AS mails_receipt").
		Where("b.firm_id = ?", v.FirmID())
	switch v.Side {
	case auth.Office, auth.Program:
		return q
	case auth.Portal:
		if v.ContactID != uuid.Nil {
			return q.Where("b.client_id = ?", v.ClientID).Where("b.contact_id = ?", v.ContactID)
		}
	}
	return q.Where("false")
}

// batchByID gives a batch of the viewer with its attempts.
func batchByID(ctx context.Context, tx bun.IDB, v auth.Viewer, batch uuid.UUID) (Batch, error) {
	return oneBatch(ctx, tx, v, batches(tx, v).Where("b.id = ?", batch))
}

// batchOfLink gives a batch to whoever holds the link it was made through.
func batchOfLink(ctx context.Context, tx bun.IDB, v auth.Viewer, link, batch uuid.UUID) (Batch, error) {
	all := auth.System(v.FirmID())
	return oneBatch(ctx, tx, all, batches(tx, all).Where("b.id = ?", batch).Where("b.link_id = ?", link))
}

func oneBatch(ctx context.Context, tx bun.IDB, v auth.Viewer, q *bun.SelectQuery) (Batch, error) {
	var b Batch
	if err := q.Scan(ctx, &b); err != nil {
		return b, db.Found(err)
	}
	var err error
	b.Attempts, err = attemptsOf(ctx, tx, v, b.ID)
	return b, err
}

// attempts is where every read of attempts begins, for whoever may see their batch.
func attempts(tx bun.IDB, v auth.Viewer) *bun.SelectQuery {
	q := tx.NewSelect().
		TableExpr("billing.attempt AS a").
		ColumnExpr("a.id, a.batch_id, a.invoice_id, a.client_id, a.account_id, a.kind, a.amount, a.held, a.currency, a.status, a.url").
		ColumnExpr("a.failure_code, a.failure_text, a.created_at, a.updated_at, a.ended_at, a.payment_id, a.give_up, b.contact_id").
		ColumnExpr("i.number AS invoice_number, i.title AS invoice_title, pr.name AS project_name, p.number AS receipt_number, pe.name AS payer").
		Join("JOIN billing.batch b ON b.firm_id = a.firm_id AND b.id = a.batch_id").
		Join("JOIN billing.invoice i ON i.firm_id = a.firm_id AND i.id = a.invoice_id").
		Join("JOIN project pr ON pr.firm_id = i.firm_id AND pr.id = i.project_id").
		Join("LEFT JOIN billing.payment p ON p.firm_id = a.firm_id AND p.id = a.payment_id").
		Join("LEFT JOIN contact ct ON ct.firm_id = b.firm_id AND ct.id = b.contact_id").
		Join("LEFT JOIN person pe ON pe.firm_id = ct.firm_id AND pe.id = ct.person_id").
		Where("a.firm_id = ?", v.FirmID()).
		OrderExpr("a.created_at, a.id")
	switch v.Side {
	case auth.Office, auth.Program:
		return q.ColumnExpr("a.fee, a.gateway_id, a.review, a.tries, a.looks, a.sent_at, a.look_at, a.looked_at")
	case auth.Portal:
		if v.ContactID != uuid.Nil {
			return q.Where("b.client_id = ?", v.ClientID).Where("b.contact_id = ?", v.ContactID)
		}
	}
	return q.Where("false")
}

// attemptsOf are the attempts of a batch.
func attemptsOf(ctx context.Context, tx bun.IDB, v auth.Viewer, batch uuid.UUID) ([]Attempt, error) {
	var list []Attempt
	err := attempts(tx, v).Where("a.batch_id = ?", batch).Scan(ctx, &list)
	return list, err
}

func attemptByID(ctx context.Context, tx bun.IDB, v auth.Viewer, attempt uuid.UUID) (Attempt, error) {
	var a Attempt
	err := attempts(tx, v).Where("a.id = ?", attempt).Scan(ctx, &a)
	return a, db.Found(err)
}

// batchAgain gives the batch that this basket became before; the zero one when it is new.
func batchAgain(ctx context.Context, tx bun.IDB, v auth.Viewer, b basket) (Batch, error) {
	was, err := batchByID(ctx, tx, auth.System(v.FirmID()), b.ID)
	if fault.Is(err, fault.Missing) {
		return Batch{}, nil
	}
	if err != nil {
		return Batch{}, err
	}
	same := was.ClientID == b.ClientID && was.ContactID == b.ContactID && was.LinkID == b.LinkID && was.AccountID == b.AccountID &&
		was.Kind == b.Kind && was.Currency == b.Currency && was.Keep == b.Keep && len(was.Attempts) == len(b.Items) &&
		(b.MethodID == uuid.Nil || b.MethodID == was.MethodID)
	for _, a := range was.Attempts {
		same = same && slices.Contains(b.Items, basketItem{a.InvoiceID, a.Total})
	}
	if !same {
		return Batch{}, errBatchDiffers
	}
	return was, nil
}

// fitsAccount looks whether the account takes such payments, and whether the method is the payer's.
func fitsAccount(ctx context.Context, tx bun.IDB, v auth.Viewer, b basket) error {
	var fits bool
	err := tx.NewRaw(`
		select case when ?::text = 'card' then ac.cards else ac.banks end
		from billing.account ac
		where ac.firm_id = ? and ac.id = ? and ac.active`, b.Kind, v.FirmID(), b.AccountID).Scan(ctx, &fits)
	if errors.Is(err, sql.ErrNoRows) || err == nil && !fits {
		return errAccountGone
	}
	if err != nil || b.MethodID == uuid.Nil {
		return err
	}
	err = tx.NewRaw(`
		select true from billing.method m
		where m.firm_id = ? and m.id = ? and m.contact_id = ? and m.account_id = ? and m.kind = ? and m.removed_at is null`,
		v.FirmID(), b.MethodID, b.ContactID, b.AccountID, b.Kind).Scan(ctx, &fits)
	if errors.Is(err, sql.ErrNoRows) {
		return errMethodGone
	}
	return err
}

// reserve keeps an item's amount free on its invoice, and says how much of it that is.
func reserve(ctx context.Context, tx bun.IDB, v auth.Viewer, b basket, item basketItem) (held int64, err error) {
	reads := v
	if v.Side != auth.Portal { // who holds a link, and jobs
		reads = auth.System(v.FirmID())
	}
	i, err := invoiceByID(ctx, tx, reads, item.InvoiceID)
	if err != nil {
		return 0, err
	}
	var way struct{ PayCard, PayBank, AllowOver bool }
	err = tx.NewRaw(`
		select i.pay_card, i.pay_bank, i.allow_over from billing.invoice i
		where i.firm_id = ? and i.id = ?`, v.FirmID(), i.ID).Scan(ctx, &way)
	if err != nil {
		return 0, err
	}
	here := web.Here{Viewer: v}
	free := i.Total - i.Paid - i.Reserved
	switch {
	case i.ClientID != b.ClientID:
		return 0, fault.NotFound()
	case i.Currency != b.Currency:
		return 0, errCurrencies
	case !i.Owed():
		return 0, fault.Conflictf("%s is not owed any more.", i.Name())
	case b.Kind == gateway.Card && !way.PayCard, b.Kind == gateway.Bank && !way.PayBank:
		return 0, fault.Conflictf("%s cannot be paid that way.", i.Name())
	case item.Amount <= 0:
		return 0, fault.Conflict("Enter more than nothing.")
	case i.Reserved > 0 && item.Amount > free:
		return 0, busy(ctx, tx, v, i)
	case item.Amount > free && !way.AllowOver:
		return 0, fault.Conflictf("Only %s is owed on %s.", here.Money(i.amount(free)), i.Name())
	}
	held = min(item.Amount, free)
	err = db.One(tx.NewRaw(`
		update billing.invoice
		set reserved = reserved + ?0, version = version + 1, updated_at = now()
		where firm_id = ?1 and id = ?2 and stage = 'released' and paid + reserved + ?0 <= total`, held, v.FirmID(), i.ID).Exec(ctx))
	if errors.Is(err, sql.ErrNoRows) {
		return 0, busy(ctx, tx, v, i)
	}
	return held, err
}

// busy says who is paying an invoice at the moment.
func busy(ctx context.Context, tx bun.IDB, v auth.Viewer, i Invoice) error {
	var payer string
	err := tx.NewRaw(`
		select coalesce(pe.name, '') from billing.attempt a
		join billing.batch b on b.firm_id = a.firm_id and b.id = a.batch_id
		left join contact ct on ct.firm_id = b.firm_id and ct.id = b.contact_id
		left join person pe on pe.firm_id = ct.firm_id and pe.id = ct.person_id
		where a.firm_id = ? and a.invoice_id = ? and a.open
		order by a.created_at desc
		limit 1`, v.FirmID(), i.ID).Scan(ctx, &payer)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	if payer != "" && v.Side != auth.Stranger {
		return fault.Conflictf("%s is already being paid by %s.", i.Name(), payer)
	}
	return fault.Conflictf("%s is already being paid.", i.Name())
}

// insertBatch writes a basket and promises what is to be done about it.
func insertBatch(ctx context.Context, tx bun.IDB, v auth.Viewer, b basket, attempts []Attempt) error {
	setup := sql.NullString{String: string(SetupCreated), Valid: b.needsSetup()}
	_, err := tx.NewRaw(`
		insert into billing.batch (firm_id, id, client_id, contact_id, link_id, account_id, kind, method_id, keep, auto, currency, setup_status, return_url, receipt_to, fields)
		values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, nullif(?, ''), ? and (select ac.fields from billing.account ac where ac.firm_id = ? and ac.id = ?))`,
		v.FirmID(), b.ID, b.ClientID, db.NullID(b.ContactID), db.NullID(b.LinkID), b.AccountID, b.Kind, db.NullID(b.MethodID), b.Keep, b.Auto,
		b.Currency, setup, b.Return, b.ReceiptTo, b.inFields(), v.FirmID(), b.AccountID).Exec(ctx)
	if err != nil {
		return err
	}
	var jobs []settling
	for _, a := range attempts {
		_, err := tx.NewRaw(`
			insert into billing.attempt (firm_id, id, batch_id, invoice_id, client_id, account_id, kind, amount, held, currency, status)
			values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			v.FirmID(), a.ID, b.ID, a.InvoiceID, b.ClientID, b.AccountID, b.Kind, a.Total, a.Held, b.Currency, a.Status).Exec(ctx)
		if err != nil {
			return err
		}
		jobs = append(jobs, settling{a.ID})
	}
	if b.needsSetup() {
		_, err := settleSetup.Enqueue(ctx, tx, v.FirmID(), settingUp{b.ID})
		return err
	}
	return settleAttempt.EnqueueEach(ctx, tx, v.FirmID(), jobs)
}

// hurryBatch promises a look at each open attempt of the viewer's batch, unless there was one just now.
func hurryBatch(ctx context.Context, tx bun.IDB, v auth.Viewer, b Batch) error {
	var due []settling
	err := tx.NewRaw(`
		update billing.attempt a set look_at = now()
		where a.firm_id = ? and a.batch_id = ? and a.status in ('unknown', 'requires_action', 'pending')
			and coalesce(a.look_at > now() or a.look_at < now() - interval '3 seconds', true)
		returning a.id as attempt`, v.FirmID(), b.ID).Scan(ctx, &due)
	if err != nil {
		return err
	}
	if b.SetupStatus == gateway.NeedsAction {
		if _, err := settleSetup.Enqueue(ctx, tx, v.FirmID(), settingUp{b.ID}); err != nil {
			return err
		}
	}
	return settleAttempt.EnqueueEach(ctx, tx, v.FirmID(), due)
}

// giveUp marks what is open of a batch as not wanted any more.
func giveUp(ctx context.Context, tx bun.IDB, v auth.Viewer, b Batch) (jobs []settling, err error) {
	err = tx.NewRaw(`
		update billing.attempt a set give_up = true, updated_at = now()
		where a.firm_id = ? and a.batch_id = ? and a.status in ('waiting', 'created', 'submitting', 'unknown', 'requires_action')
		returning a.id as attempt`, v.FirmID(), b.ID).Scan(ctx, &jobs)
	return jobs, err
}
