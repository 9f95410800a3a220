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
	"portico/platform/fault"
	"portico/platform/lang"
)

var errMethodBusy = fault.Conflict("A payment with it is under way. Please wait until it is done, then remove it.")

// preferMethod makes one of the viewer's own methods the first, and no other.
func preferMethod(ctx context.Context, tx bun.IDB, v auth.Viewer, method uuid.UUID) error {
	_, err := tx.NewRaw(`
		update billing.method m set first = false
		where m.firm_id = ? and m.contact_id = ? and m.first and m.id <> ?`, v.FirmID(), v.ContactID, method).Exec(ctx)
	if err != nil {
		return err
	}
	return db.Found(db.One(tx.NewRaw(`
		update billing.method m set first = true
		where m.firm_id = ? and m.contact_id = ? and m.id = ? and m.removed_at is null`, v.FirmID(), v.ContactID, method).Exec(ctx)))
}

// removeMethod takes one of the viewer's own methods away, unless it is being charged; the next oldest one comes first
// in its place.
func removeMethod(ctx context.Context, tx bun.IDB, v auth.Viewer, method uuid.UUID) error {
	var was struct{ First, Busy bool }
	err := tx.NewRaw(`
		select m.first, exists (
			select from billing.attempt a
			join billing.batch b on b.firm_id = a.firm_id and b.id = a.batch_id
			where b.firm_id = m.firm_id and b.method_id = m.id and a.status in ('waiting', 'created', 'submitting', 'unknown', 'requires_action')) as busy
		from billing.method m
		where m.firm_id = ? and m.contact_id = ? and m.id = ? and m.removed_at is null
		for update of m`, v.FirmID(), v.ContactID, method).Scan(ctx, &was)
	if err != nil {
		return db.Found(err)
	}
	if was.Busy {
		return errMethodBusy
	}
	_, err = tx.NewRaw(`
		update billing.method m set removed_at = now(), first = false
		where m.firm_id = ? and m.contact_id = ? and m.id = ?`, v.FirmID(), v.ContactID, method).Exec(ctx)
	if err != nil || !was.First {
		return err
	}
	_, err = tx.NewRaw(`
		update billing.method m set first = true
		where m.firm_id = ?0 and m.id = (
			select n.id from billing.method n
			where n.firm_id = ?0 and n.contact_id = ?1 and n.kept and n.removed_at is null
			order by n.created_at, n.id
			limit 1)`, v.FirmID(), v.ContactID).Exec(ctx)
	return err
}

// methodNamed is how its owner knows a method, also when it was removed.
func methodNamed(ctx context.Context, tx bun.IDB, v auth.Viewer, method uuid.UUID) (lang.Message, error) {
	var m struct {
		Kind         gateway.Kind
		Brand, Last4 string
	}
	err := tx.NewRaw("select m.kind, m.brand, m.last4 from billing.method m where m.firm_id = ? and m.id = ?", v.FirmID(), method).Scan(ctx, &m)
	return methodName(m.Kind, m.Brand, m.Last4), db.Found(err)
}

// autopayOf is the viewer's own; the zero one is off.
func autopayOf(ctx context.Context, tx bun.IDB, v auth.Viewer) (autopay, error) {
	var a autopay
	if v.Side != auth.Portal || v.ViewAs != uuid.Nil {
		return a, nil
	}
	err := tx.NewRaw(`
		select a.contact_id, a.client_id, a.method_id, a.since, m.kind, m.brand, m.last4
		from billing.autopay a
		join billing.method m on m.firm_id = a.firm_id and m.id = a.method_id
		where a.firm_id = ? and a.contact_id = ? and a.client_id = ?`, v.FirmID(), v.ContactID, v.ClientID).Scan(ctx, &a)
	if errors.Is(err, sql.ErrNoRows) {
		return autopay{}, nil
	}
	return a, err
}
