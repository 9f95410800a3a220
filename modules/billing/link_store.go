package billing

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/db"
	"portico/platform/secret"
)

// linkByHash gives a link to whoever holds it.
func linkByHash(ctx context.Context, tx bun.IDB, v auth.Viewer, hash []byte) (payLink, error) {
	var l payLink
	err := tx.NewRaw(`
		select l.id, l.invoice_id, l.contact_id, l.expires_at, l.revoked_at, l.created_at from billing.pay_link l
		where l.firm_id = ? and l.hash = ?`, v.FirmID(), hash).Scan(ctx, &l)
	return l, db.Found(err)
}

// addLink makes a link of an invoice; the same id again is the same link.
func addLink(ctx context.Context, tx bun.IDB, v auth.Viewer, key secret.Key, link, invoice, contact uuid.UUID, until time.Time) (uuid.UUID, error) {
	_, err := tx.NewRaw(`
		insert into billing.pay_link (firm_id, id, invoice_id, contact_id, hash, expires_at, created_by)
		values (?, ?, ?, ?, ?, ?, ?)
		on conflict do nothing`,
		v.FirmID(), link, invoice, db.NullID(contact), secret.Hash(linkToken(key, v.FirmID(), link)), until, db.NullID(v.PersonID)).Exec(ctx)
	return link, err
}

// endLink revokes a link of an invoice.
func endLink(ctx context.Context, tx bun.IDB, v auth.Viewer, invoice, link uuid.UUID) error {
	return db.Found(db.One(tx.NewRaw(`
		update billing.pay_link set revoked_at = now(), revoked_by = ?
		where firm_id = ? and invoice_id = ? and id = ? and revoked_at is null`, db.NullID(v.PersonID), v.FirmID(), invoice, link).Exec(ctx)))
}

// linksOf are an invoice's links that still work, the newest first.
func linksOf(ctx context.Context, tx bun.IDB, v auth.Viewer, invoice uuid.UUID, now time.Time) ([]payLink, error) {
	var list []payLink
	err := tx.NewRaw(`
		select l.id, l.invoice_id, l.contact_id, l.expires_at, l.created_at, coalesce(pe.name, '') as contact, coalesce(cr.name, '') as creator
		from billing.pay_link l
		left join contact ct on ct.firm_id = l.firm_id and ct.id = l.contact_id
		left join person pe on pe.firm_id = ct.firm_id and pe.id = ct.person_id
		left join person cr on cr.firm_id = l.firm_id and cr.id = l.created_by
		where l.firm_id = ? and l.invoice_id = ? and l.revoked_at is null and l.expires_at > ?
		order by l.created_at desc, l.id
		limit 50`, v.FirmID(), invoice, now).Scan(ctx, &list)
	return list, err
}

// linkOfBatch is the link that a payment was made through; Nil: none.
func linkOfBatch(ctx context.Context, tx bun.IDB, v auth.Viewer, batch uuid.UUID) (uuid.UUID, error) {
	var link uuid.NullUUID
	err := tx.NewRaw("select b.link_id from billing.batch b where b.firm_id = ? and b.id = ?", v.FirmID(), batch).Scan(ctx, &link)
	if errors.Is(err, sql.ErrNoRows) {
		return uuid.Nil, nil
	}
	return link.UUID, err
}

// mailsLinks reports whether mails about invoices carry links that pay without signing in.
func mailsLinks(ctx context.Context, tx bun.IDB, v auth.Viewer) (on bool, err error) {
	err = tx.NewRaw("select s.mail_links from billing.setting s where s.firm_id = ?", v.FirmID()).Scan(ctx, &on)
	if errors.Is(err, sql.ErrNoRows) {
		return true, nil
	}
	return on, err
}

func setMailLinks(ctx context.Context, tx bun.IDB, v auth.Viewer, on bool) error {
	done, err := tx.NewRaw("update billing.setting set mail_links = ?, updated_at = now() where firm_id = ?", on, v.FirmID()).Exec(ctx)
	if err != nil {
		return err
	}
	if n, err := done.RowsAffected(); err != nil || n > 0 {
		return err
	}
	if err := saveSetting(ctx, tx, v, defaults, 0); err != nil {
		return err
	}
	_, err = tx.NewRaw("update billing.setting set mail_links = ? where firm_id = ?", on, v.FirmID()).Exec(ctx)
	return err
}
