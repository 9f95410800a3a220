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

// holdAttempt loads an attempt for the length of the transaction: nobody else moves money of its client meanwhile.
func holdAttempt(ctx context.Context, tx bun.IDB, v auth.Viewer, attempt uuid.UUID) (Attempt, error) {
	var client uuid.UUID
	err := tx.NewRaw("select a.client_id from billing.attempt a where a.firm_id = ? and a.id = ?", v.FirmID(), attempt).Scan(ctx, &client)
	if err != nil {
		return Attempt{}, db.Found(err)
	}
	if err := holdClient(ctx, tx, v, client); err != nil {
		return Attempt{}, err
	}
	var a Attempt
	err = tx.NewRaw(`
		select a.id, a.batch_id, a.invoice_id, a.client_id, a.account_id, a.kind, a.amount, a.held, a.fee, a.currency, a.status, a.gateway_id,
			a.url, a.failure_code, a.failure_text, a.review, a.tries, a.looks, a.give_up, a.sent_at, a.look_at, a.looked_at, a.ended_at,
			a.payment_id, a.created_at, a.updated_at
		from billing.attempt a
		where a.firm_id = ? and a.id = ?
		for update`, v.FirmID(), attempt).Scan(ctx, &a)
	return a, db.Found(err)
}

// mayNot says why an attempt that was not sent yet must not be: whoever pressed has lost the right, or the method is gone.
func mayNot(ctx context.Context, tx bun.IDB, v auth.Viewer, a Attempt) (why string, err error) {
	var may struct{ Contact, Method, Link bool }
	err = tx.NewRaw(`
		select
			b.contact_id is null or ct.disabled_at is null and ct.archived_at is null and 'make_payments' = any (ct.rights) as contact,
			b.method_id is null or m.removed_at is null as method,
			b.link_id is null or l.revoked_at is null and (l.contact_id is null or
				lc.disabled_at is null and lc.archived_at is null and 'make_payments' = any (lc.rights)) as link
		from billing.batch b
		left join contact ct on ct.firm_id = b.firm_id and ct.id = b.contact_id
		left join billing.method m on m.firm_id = b.firm_id and m.id = b.method_id
		left join billing.pay_link l on l.firm_id = b.firm_id and l.id = b.link_id
		left join contact lc on lc.firm_id = l.firm_id and lc.id = l.contact_id
		where b.firm_id = ? and b.id = ?`, v.FirmID(), a.BatchID).Scan(ctx, &may)
	switch {
	case err != nil:
		return "", err
	case !may.Contact, !may.Link:
		return "You may not pay here any more.", nil
	case !may.Method:
		return "The payment method was removed.", nil
	}
	return "", nil
}

// orderOf is what the provider is asked for.
func orderOf(ctx context.Context, tx bun.IDB, v auth.Viewer, a Attempt) (gateway.Order, error) {
	o := gateway.Order{
		Key: a.ID, Firm: v.FirmID(), Invoice: a.InvoiceID, Kind: a.Kind, Amount: a.Total, Currency: a.Currency,
	}
	var number string
	err := tx.NewRaw(`
		select i.number, b.auto, b.return_url, b.fields, coalesce(m.token, ''), coalesce(pe.email, ''), coalesce(pe.name, ''),
			coalesce(m.customer, known.customer, '')
		from billing.batch b
		join billing.invoice i on i.firm_id = b.firm_id and i.id = ?
		left join billing.method m on m.firm_id = b.firm_id and m.id = b.method_id
		left join contact ct on ct.firm_id = b.firm_id and ct.id = b.contact_id
		left join person pe on pe.firm_id = ct.firm_id and pe.id = ct.person_id
		left join lateral (
			select k.customer from billing.method k
			where k.firm_id = b.firm_id and k.contact_id = b.contact_id and k.account_id = b.account_id and k.customer <> ''
				and k.created_at < b.created_at -- the same whenever it is asked
			order by k.created_at, k.id
			limit 1) known on true
		where b.firm_id = ? and b.id = ?`, a.InvoiceID, v.FirmID(), a.BatchID).
		Scan(ctx, &number, &o.OffSession, &o.Return, &o.Fields, &o.Method, &o.Email, &o.Name, &o.Customer)
	o.Description = "Invoice " + number
	return o, err
}

// noteSent writes down what is about to be asked, before it is.
func noteSent(ctx context.Context, tx bun.IDB, v auth.Viewer, a Attempt) error {
	return db.One(tx.NewRaw(`
		update billing.attempt
		set status = ?, tries = ?, sent_at = ?, look_at = ?, looked_at = ?, updated_at = now()
		where firm_id = ? and id = ?`,
		a.Status, a.Tries, nullTime(a.SentAt), nullTime(a.LookAt), nullTime(a.LookedAt), v.FirmID(), a.ID).Exec(ctx))
}

// noteStatus writes how an attempt stands.
func noteStatus(ctx context.Context, tx bun.IDB, v auth.Viewer, a Attempt) error {
	return db.One(tx.NewRaw(`
		update billing.attempt
		set status = ?, rank = ?, gateway_id = ?, url = ?, failure_code = ?, failure_text = ?, review = ?, looks = ?, look_at = ?,
			ended_at = ?, fee = ?, payment_id = ?, give_up = ?, updated_at = now(),
			fields_secret = case when ? = 'requires_action' then fields_secret end
		where firm_id = ? and id = ?`,
		a.Status, a.Status.rank(), sql.NullString{String: a.GatewayID, Valid: a.GatewayID != ""}, a.URL, a.FailureCode, a.FailureText, a.Review,
		a.Looks, nullTime(a.LookAt), nullTime(a.EndedAt), a.Fee, db.NullID(a.PaymentID), a.GiveUp, a.Status, v.FirmID(), a.ID).Exec(ctx))
}

// addStep adds to the history of an attempt.
func addStep(ctx context.Context, tx bun.IDB, v auth.Viewer, a Attempt, at time.Time, text string) error {
	_, err := tx.NewRaw(`
		insert into billing.step (firm_id, attempt_id, id, at, status, text)
		values (?, ?, ?, ?, ?, ?)`, v.FirmID(), a.ID, id.New(), at.UTC(), a.Status, text).Exec(ctx)
	return err
}

// letGo makes what an attempt held free again.
func letGo(ctx context.Context, tx bun.IDB, v auth.Viewer, a Attempt) error {
	return db.One(tx.NewRaw(`
		update billing.invoice
		set reserved = reserved - ?, version = version + 1, updated_at = now()
		where firm_id = ? and id = ?`, a.Held, v.FirmID(), a.InvoiceID).Exec(ctx))
}

// standing is how a paid attempt stands, from what is known of it.
func standing(ctx context.Context, tx bun.IDB, v auth.Viewer, a Attempt) (Status, error) {
	var is struct {
		Reversed, Disputed bool
		Amount, Refunded   int64
	}
	err := tx.NewRaw(`
		select p.reversed_at is not null as reversed, p.amount, p.refunded,
			exists (select from billing.dispute d where d.firm_id = p.firm_id and d.attempt_id = ? and d.status <> 'won') as disputed
		from billing.payment p
		where p.firm_id = ? and p.id = ?`, a.ID, v.FirmID(), a.PaymentID).Scan(ctx, &is)
	switch {
	case err != nil:
		return "", err
	case is.Reversed:
		return Returned, nil
	case is.Disputed:
		return Disputed, nil
	case is.Refunded >= is.Amount:
		return Refunded, nil
	case is.Refunded > 0:
		return PartBack, nil
	}
	return Succeeded, nil
}

// addMethod writes a method of a batch's payer; Nil when the token is somebody else's.
func addMethod(ctx context.Context, tx bun.IDB, v auth.Viewer, b Batch, m gateway.Method) (uuid.UUID, error) {
	var method uuid.UUID
	err := tx.NewRaw(`
		insert into billing.method as m (firm_id, id, contact_id, account_id, kind, token, customer, brand, last4, expires_on, kept, first)
		values (?0, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?10 and not exists (
			select from billing.method f where f.firm_id = ?0 and f.contact_id = ?2 and f.first and f.removed_at is null))
		on conflict (firm_id, account_id, token) do update set kept = m.kept or excluded.kept, removed_at = null
		where m.contact_id = excluded.contact_id
		returning id`,
		v.FirmID(), id.New(), b.ContactID, b.AccountID, m.Kind, m.Token, m.Customer, m.Brand, m.Last4, nullDay(m.Expires), b.Keep).Scan(ctx, &method)
	if errors.Is(err, sql.ErrNoRows) {
		return uuid.Nil, nil
	}
	return method, err
}

// addUnwanted writes a method that nobody waits for any more as one that is gone; Nil when its token is known already.
func addUnwanted(ctx context.Context, tx bun.IDB, v auth.Viewer, b Batch, m gateway.Method) (method uuid.UUID, err error) {
	err = tx.NewRaw(`
		insert into billing.method (firm_id, id, contact_id, account_id, kind, token, customer, brand, last4, expires_on, kept, removed_at)
		values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, false, now())
		on conflict (firm_id, account_id, token) do nothing
		returning id`,
		v.FirmID(), id.New(), b.ContactID, b.AccountID, m.Kind, m.Token, m.Customer, m.Brand, m.Last4, nullDay(m.Expires)).Scan(ctx, &method)
	if errors.Is(err, sql.ErrNoRows) {
		return uuid.Nil, nil
	}
	return method, err
}

// spentMethod marks the method of a batch as gone that was entered for it alone, once nothing of the batch is open; Nil:
// there is none.
func spentMethod(ctx context.Context, tx bun.IDB, v auth.Viewer, batch uuid.UUID) (method uuid.UUID, err error) {
	err = tx.NewRaw(`
		update billing.method m set removed_at = now(), first = false
		from billing.batch b
		where b.firm_id = ?0 and b.id = ?1 and m.firm_id = b.firm_id and m.id = b.method_id and not m.kept and m.removed_at is null
			and not exists (select from billing.attempt a where a.firm_id = b.firm_id and a.batch_id = b.id and a.open)
		returning m.id`, v.FirmID(), batch).Scan(ctx, &method)
	if errors.Is(err, sql.ErrNoRows) {
		return uuid.Nil, nil
	}
	return method, err
}

// tokenOf is a removed method at its provider; "" when it is in use again.
func tokenOf(ctx context.Context, tx bun.IDB, v auth.Viewer, method uuid.UUID) (account uuid.UUID, token string, err error) {
	err = tx.NewRaw(`
		select m.account_id, m.token from billing.method m
		where m.firm_id = ? and m.id = ? and m.removed_at is not null`, v.FirmID(), method).Scan(ctx, &account, &token)
	if errors.Is(err, sql.ErrNoRows) {
		return uuid.Nil, "", nil
	}
	return account, token, err
}

// holdBatch loads a batch for the length of the transaction.
func holdBatch(ctx context.Context, tx bun.IDB, v auth.Viewer, batch uuid.UUID) (Batch, error) {
	b, err := batchByID(ctx, tx, v, batch)
	if err != nil {
		return b, err
	}
	if err := holdClient(ctx, tx, v, b.ClientID); err != nil {
		return b, err
	}
	return batchByID(ctx, tx, v, batch)
}

// saveOrderOf is the saving of a method that the provider is asked for.
func saveOrderOf(ctx context.Context, tx bun.IDB, v auth.Viewer, b Batch) (gateway.SaveOrder, error) {
	o := gateway.SaveOrder{Key: b.ID, Kind: b.Kind, Currency: b.Currency, Return: b.ReturnURL}
	err := tx.NewRaw(`
		select pe.name, pe.email, coalesce((
			select k.customer from billing.method k
			where k.firm_id = ct.firm_id and k.contact_id = ct.id and k.account_id = ? and k.customer <> '' and k.created_at < ?
			order by k.created_at, k.id
			limit 1), '')
		from contact ct
		join person pe on pe.firm_id = ct.firm_id and pe.id = ct.person_id
		where ct.firm_id = ? and ct.id = ?`, b.AccountID, b.CreatedAt.UTC(), v.FirmID(), b.ContactID).Scan(ctx, &o.Name, &o.Email, &o.Customer)
	return o, err
}

// noteSetup writes how the saving of a method stands.
func noteSetup(ctx context.Context, tx bun.IDB, v auth.Viewer, b Batch) error {
	return db.One(tx.NewRaw(`
		update billing.batch
		set setup_status = ?, setup_id = ?, setup_url = ?, setup_text = ?, method_id = ?, sent_at = ?, look_at = ?, looks = ?
		where firm_id = ? and id = ?`,
		b.SetupStatus, sql.NullString{String: b.SetupID, Valid: b.SetupID != ""}, b.SetupURL, b.SetupText, db.NullID(b.MethodID),
		nullTime(b.SentAt), nullTime(b.LookAt), b.Looks, v.FirmID(), b.ID).Exec(ctx))
}

// zoneOf is where the firm is.
func zoneOf(ctx context.Context, tx bun.IDB, v auth.Viewer) (zone string, err error) {
	err = tx.NewRaw("select f.zone from firm f where f.firm_id = ?", v.FirmID()).Scan(ctx, &zone)
	return zone, err
}

// attemptOfCharge finds the attempt that a provider's charge belongs to; Nil: there is none.
func attemptOfCharge(ctx context.Context, tx bun.IDB, v auth.Viewer, account uuid.UUID, charge string, key uuid.UUID) (attempt uuid.UUID, err error) {
	err = tx.NewRaw(`
		select a.id from billing.attempt a
		where a.firm_id = ? and a.account_id = ? and (a.gateway_id = ? or a.id = ?)
		order by a.id = ? desc
		limit 1`, v.FirmID(), account, charge, key, key).Scan(ctx, &attempt)
	if errors.Is(err, sql.ErrNoRows) {
		return uuid.Nil, nil
	}
	return attempt, err
}

// eventOf is a report that is not worked off yet; ok is false when it is.
func eventOf(ctx context.Context, tx bun.IDB, v auth.Viewer, a arrived) (object gateway.Object, ref string, ok bool, err error) {
	err = tx.NewRaw(`
		select ev.object, ev.ref from billing.event ev
		where ev.firm_id = ? and ev.account_id = ? and ev.id = ? and ev.done_at is null`, v.FirmID(), a.Account, a.Event).Scan(ctx, &object, &ref)
	if errors.Is(err, sql.ErrNoRows) {
		return "", "", false, nil
	}
	return object, ref, err == nil, err
}

func closeEvent(ctx context.Context, tx bun.IDB, v auth.Viewer, a arrived) error {
	_, err := tx.NewRaw(`
		update billing.event set done_at = now()
		where firm_id = ? and account_id = ? and id = ?`, v.FirmID(), a.Account, a.Event).Exec(ctx)
	return err
}

// batchOfSetup finds the batch whose method is being entered; Nil: there is none.
func batchOfSetup(ctx context.Context, tx bun.IDB, v auth.Viewer, account uuid.UUID, setup string, key uuid.UUID) (batch uuid.UUID, err error) {
	err = tx.NewRaw(`
		select b.id from billing.batch b
		where b.firm_id = ? and b.account_id = ? and (b.setup_id = ? or b.id = ?)
		limit 1`, v.FirmID(), account, setup, key).Scan(ctx, &batch)
	if errors.Is(err, sql.ErrNoRows) {
		return uuid.Nil, nil
	}
	return batch, err
}

func nullTime(t time.Time) sql.NullTime { return sql.NullTime{Time: t.UTC(), Valid: !t.IsZero()} }

func nullDay(t time.Time) sql.NullString {
	return sql.NullString{String: t.Format(time.DateOnly), Valid: !t.IsZero()}
}
