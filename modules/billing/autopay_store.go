package billing

import (
	"context"
	"database/sql"
	"errors"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/modules/billing/gateway"
	"portico/platform/auth"
	"portico/platform/day"
	"portico/platform/db"
)

// candidate is an invoice that autopay may charge for a contact.
type candidate struct {
	Invoice, Contact, Method, Account uuid.UUID
	Client                            uuid.UUID // of a charge that is held
	Kind                              gateway.Kind
	DueOn                             day.Day
}

// saveAutopay switches it on for the viewer, with one of the viewer's methods.
func saveAutopay(ctx context.Context, tx bun.IDB, v auth.Viewer, method uuid.UUID) error {
	_, err := tx.NewRaw(`
		insert into billing.autopay as a (firm_id, contact_id, client_id, method_id)
		values (?, ?, ?, ?)
		on conflict (firm_id, contact_id) do update set method_id = excluded.method_id`,
		v.FirmID(), v.ContactID, v.ClientID, method).Exec(ctx)
	return err
}

// dropAutopay switches it off for a contact, and with it what was announced and not charged.
func dropAutopay(ctx context.Context, tx bun.IDB, v auth.Viewer, contact uuid.UUID, why string) error {
	_, err := tx.NewRaw("delete from billing.autopay where firm_id = ? and contact_id = ?", v.FirmID(), contact).Exec(ctx)
	if err != nil {
		return err
	}
	_, err = tx.NewRaw(`
		update billing.autopay_charge set dropped = ?
		where firm_id = ? and contact_id = ? and batch_id is null and dropped = ''`, why, v.FirmID(), contact).Exec(ctx)
	return err
}

// autopayByContact is a contact's, for jobs.
func autopayByContact(ctx context.Context, tx bun.IDB, v auth.Viewer, contact uuid.UUID) (autopay, error) {
	var a autopay
	err := tx.NewRaw(`
		select a.contact_id, a.client_id, a.method_id, a.since, m.kind, m.brand, m.last4
		from billing.autopay a
		join billing.method m on m.firm_id = a.firm_id and m.id = a.method_id
		where a.firm_id = ? and a.contact_id = ?`, v.FirmID(), contact).Scan(ctx, &a)
	return a, db.Found(err)
}

// autopayCandidates are owed invoices that fall due until a day, of clients with a contact who has autopay, that nobody's
// autopay has announced. One of two contacts with autopay is enough: the one who has had it longer.
func autopayCandidates(ctx context.Context, tx bun.IDB, v auth.Viewer, until day.Day) ([]candidate, error) {
	var list []candidate
	err := tx.NewRaw(`
		select distinct on (i.id) i.id as invoice, a.contact_id as contact, a.method_id as method, m.account_id as account, m.kind, i.due_on
		from billing.autopay a
		join billing.method m on m.firm_id = a.firm_id and m.id = a.method_id and m.removed_at is null
		join billing.invoice i on i.firm_id = a.firm_id and i.client_id = a.client_id and i.state in ('open', 'partial') and i.due_on <= ?1
		where a.firm_id = ?0 and not exists (
			select from billing.autopay_charge c
			where c.firm_id = i.firm_id and c.invoice_id = i.id and (c.contact_id = a.contact_id or c.dropped = ''))
		order by i.id, a.since, a.contact_id
		limit 1000`, v.FirmID(), until).Scan(ctx, &list)
	return list, err
}

// announceCharge keeps the day on which an invoice is charged; fresh is false when that was done before.
func announceCharge(ctx context.Context, tx bun.IDB, v auth.Viewer, c candidate, on day.Day) (fresh bool, err error) {
	done, err := tx.NewRaw(`
		insert into billing.autopay_charge (firm_id, invoice_id, contact_id, charge_on)
		values (?, ?, ?, ?)
		on conflict do nothing`, v.FirmID(), c.Invoice, c.Contact, on).Exec(ctx)
	if err != nil {
		return false, err
	}
	n, err := done.RowsAffected()
	return n > 0, err
}

// chargesDue are those whose day has come.
func chargesDue(ctx context.Context, tx bun.IDB, v auth.Viewer, today day.Day) ([]autopayDue, error) {
	var list []autopayDue
	err := tx.NewRaw(`
		select c.invoice_id as invoice, c.contact_id as contact from billing.autopay_charge c
		where c.firm_id = ? and c.batch_id is null and c.dropped = '' and c.charge_on <= ?
		order by c.charge_on, c.invoice_id
		limit 1000`, v.FirmID(), today).Scan(ctx, &list)
	return list, err
}

// holdCharge holds a charge that is still to be made, with what it is made with now.
func holdCharge(ctx context.Context, tx bun.IDB, v auth.Viewer, d autopayDue) (candidate, error) {
	var c candidate
	err := tx.NewRaw(`
		select c.invoice_id as invoice, c.contact_id as contact, a.client_id as client, a.method_id as method, m.account_id as account, m.kind, c.charge_on as due_on
		from billing.autopay_charge c
		join billing.autopay a on a.firm_id = c.firm_id and a.contact_id = c.contact_id
		join billing.method m on m.firm_id = a.firm_id and m.id = a.method_id and m.removed_at is null
		where c.firm_id = ? and c.invoice_id = ? and c.contact_id = ? and c.batch_id is null and c.dropped = ''
		for update of c`, v.FirmID(), d.Invoice, d.Contact).Scan(ctx, &c)
	return c, db.Found(err)
}

func noteCharge(ctx context.Context, tx bun.IDB, v auth.Viewer, d autopayDue, batch uuid.UUID) error {
	return db.One(tx.NewRaw(`
		update billing.autopay_charge set batch_id = ?, tries = tries + 1
		where firm_id = ? and invoice_id = ? and contact_id = ?`, batch, v.FirmID(), d.Invoice, d.Contact).Exec(ctx))
}

func dropCharge(ctx context.Context, tx bun.IDB, v auth.Viewer, d autopayDue, why string) error {
	return db.One(tx.NewRaw(`
		update billing.autopay_charge set dropped = ?
		where firm_id = ? and invoice_id = ? and contact_id = ?`, why, v.FirmID(), d.Invoice, d.Contact).Exec(ctx))
}

// failCharge plans the second try of what a batch was to charge, or gives it up after that.
func failCharge(ctx context.Context, tx bun.IDB, v auth.Viewer, batch uuid.UUID, again day.Day) error {
	_, err := tx.NewRaw(`
		update billing.autopay_charge
		set batch_id = case when tries < ?0 then null else batch_id end,
			charge_on = case when tries < ?0 then ?1 else charge_on end,
			dropped = case when tries >= ?0 then 'it was declined twice'
				when exists (select from billing.autopay a where a.firm_id = ?2 and a.contact_id = autopay_charge.contact_id) then ''
				else 'it was switched off' end
		where firm_id = ?2 and batch_id = ?3`, mostTries, again, v.FirmID(), batch).Exec(ctx)
	return err
}

// chargeOf is what autopay does about an invoice; the zero one: nothing.
func chargeOf(ctx context.Context, tx bun.IDB, v auth.Viewer, invoice, contact uuid.UUID) (coming, error) {
	var c coming
	err := tx.NewRaw(`
		select c.invoice_id, c.contact_id, c.charge_on, c.batch_id, c.dropped, c.tries from billing.autopay_charge c
		where c.firm_id = ? and c.invoice_id = ? and c.contact_id = ?`, v.FirmID(), invoice, contact).Scan(ctx, &c)
	if errors.Is(err, sql.ErrNoRows) {
		return coming{}, nil
	}
	return c, err
}

// comings are charges that were announced and not made yet, with the invoices that the viewer may see.
func comings(tx bun.IDB, v auth.Viewer) *bun.SelectQuery {
	q := tx.NewSelect().
		TableExpr("billing.autopay_charge AS c").
		ColumnExpr("c.invoice_id, c.contact_id, c.charge_on, c.tries, i.number, i.title, pe.name AS contact").
		Join("JOIN billing.invoice i ON i.firm_id = c.firm_id AND i.id = c.invoice_id").
		Join("JOIN contact ct ON ct.firm_id = c.firm_id AND ct.id = c.contact_id").
		Join("JOIN person pe ON pe.firm_id = ct.firm_id AND pe.id = ct.person_id").
		Where("c.firm_id = ?", v.FirmID()).
		Where("c.batch_id IS NULL AND c.dropped = ''").
		OrderExpr("c.charge_on, c.invoice_id").
		Limit(100)
	return visible(q, v)
}

// comingOf are those of one contact.
func comingOf(ctx context.Context, tx bun.IDB, v auth.Viewer, contact uuid.UUID) ([]coming, error) {
	var list []coming
	err := comings(tx, v).Where("c.contact_id = ?", contact).Scan(ctx, &list)
	return list, err
}

// comingFor is the one that charges an invoice; the zero one: none will.
func comingFor(ctx context.Context, tx bun.IDB, v auth.Viewer, invoice uuid.UUID) (coming, error) {
	var c coming
	err := comings(tx, v).Where("c.invoice_id = ?", invoice).Limit(1).Scan(ctx, &c)
	if errors.Is(err, sql.ErrNoRows) {
		return coming{}, nil
	}
	return c, err
}
