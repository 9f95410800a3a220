package billing

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/modules/billing/gateway"
	"portico/platform/auth"
	"portico/platform/db"
	"portico/platform/lang"
)

// paying is with what, and by whom, a payment was made online.
type paying struct {
	Kind         gateway.Kind
	Brand, Last4 string
	Payer        string
	Reference    string // "Visa 4242"
}

// Name is the method as people know it.
func (p paying) Name() lang.Message { return methodName(p.Kind, p.Brand, p.Last4) }

// read takes the method from the payment, where it was used once and not kept.
func (p *paying) read() {
	if at := strings.LastIndexByte(p.Reference, ' '); p.Last4 == "" && at > 0 {
		p.Brand, p.Last4 = p.Reference[:at], p.Reference[at+1:]
	}
}

// paidWith tells it of a payment; the zero one was recorded by staff.
func paidWith(ctx context.Context, tx bun.IDB, v auth.Viewer, payment uuid.UUID) (paying, error) {
	var p paying
	err := tx.NewRaw(`
		select a.kind, coalesce(m.brand, '') as brand, coalesce(m.last4, '') as last4, coalesce(pe.name, '') as payer, p.reference
		from billing.attempt a
		join billing.payment p on p.firm_id = a.firm_id and p.id = a.payment_id
		join billing.batch b on b.firm_id = a.firm_id and b.id = a.batch_id
		left join billing.method m on m.firm_id = b.firm_id and m.id = b.method_id
		left join contact ct on ct.firm_id = b.firm_id and ct.id = b.contact_id
		left join person pe on pe.firm_id = ct.firm_id and pe.id = ct.person_id
		where a.firm_id = ? and a.payment_id = ?
		limit 1`, v.FirmID(), payment).Scan(ctx, &p)
	if errors.Is(err, sql.ErrNoRows) {
		return paying{}, nil
	}
	p.read()
	return p, err
}

// payerOf is the contact who made a payment: by signing in, or through the link that was sent to them.
func payerOf(ctx context.Context, tx bun.IDB, v auth.Viewer, batch uuid.UUID) (uuid.UUID, error) {
	var contact uuid.NullUUID
	err := tx.NewRaw(`
		select coalesce(b.contact_id, l.contact_id) from billing.batch b
		left join billing.pay_link l on l.firm_id = b.firm_id and l.id = b.link_id
		where b.firm_id = ? and b.id = ?`, v.FirmID(), batch).Scan(ctx, &contact)
	return contact.UUID, db.Found(err)
}

// person is somebody to write to.
type person struct {
	PersonID            uuid.UUID
	Name, Email, Locale string
}

// addressee is a contact whom mail reaches, or a member of staff who is still there.
func addressee(ctx context.Context, tx bun.IDB, v auth.Viewer, contact, staff uuid.UUID) (person, error) {
	var p person
	if staff != uuid.Nil {
		err := tx.NewRaw(`
			select p.id as person_id, p.name, p.email, p.locale from person p
			join staff st on st.firm_id = p.firm_id and st.person_id = p.id and st.disabled_at is null
			where p.firm_id = ? and p.id = ?`, v.FirmID(), staff).Scan(ctx, &p)
		return p, db.Found(err)
	}
	err := tx.NewRaw(`
		select p.id as person_id, p.name, p.email, p.locale from contact ct
		join person p on p.firm_id = ct.firm_id and p.id = ct.person_id
		where ct.firm_id = ? and ct.id = ? and ct.bounced_at is null and ct.disabled_at is null and ct.archived_at is null`,
		v.FirmID(), contact).Scan(ctx, &p)
	return p, db.Found(err)
}

// guestOf is the address that a guest named for the receipt of a payment.
func guestOf(ctx context.Context, tx bun.IDB, v auth.Viewer, batch uuid.UUID) (person, error) {
	var p person
	err := tx.NewRaw("select coalesce(b.receipt_to, '') as email from billing.batch b where b.firm_id = ? and b.id = ?", v.FirmID(), batch).Scan(ctx, &p)
	return p, db.Found(err)
}

// forgetGuest keeps of it that there was one.
func forgetGuest(ctx context.Context, tx bun.IDB, v auth.Viewer, batch uuid.UUID) error {
	_, err := tx.NewRaw(`
		update billing.batch set receipt_to = ''
		where firm_id = ? and id = ? and receipt_to <> ''`, v.FirmID(), batch).Exec(ctx)
	return err
}

// moneyStaff are the owners and admins.
func moneyStaff(ctx context.Context, tx bun.IDB, v auth.Viewer) ([]uuid.UUID, error) {
	var list []uuid.UUID
	err := tx.NewRaw(`
		select st.person_id from staff st
		where st.firm_id = ? and st.role in ('owner', 'admin') and st.disabled_at is null
		order by st.person_id`, v.FirmID()).Scan(ctx, &list)
	return list, err
}

// answerBy is the last day to answer a dispute; "" when nobody said.
func answerBy(ctx context.Context, tx bun.IDB, v auth.Viewer, dispute uuid.UUID) (string, error) {
	var by bun.NullTime
	err := tx.NewRaw("select d.answer_by from billing.dispute d where d.firm_id = ? and d.id = ?", v.FirmID(), dispute).Scan(ctx, &by)
	if errors.Is(err, sql.ErrNoRows) || err == nil && by.IsZero() {
		return "", nil
	}
	return by.In(time.UTC).Format("Mon, Jan 2, 2006"), err
}
