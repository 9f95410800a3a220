package envelopes

import (
	"context"
	"encoding/json"

	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/db"
	"portico/platform/secret"
)

// linkHash is what is kept of a recipient's link.
func linkHash(key secret.Key, r Recipient) []byte { return secret.Hash(token(key, r.ID, r.LinkNo)) }

// keepAnswer writes what a client of the story did.
func keepAnswer(ctx context.Context, tx bun.IDB, v auth.Viewer, e Envelope, r Recipient) error {
	err := db.One(tx.NewRaw(`
		update envelopes.recipient set opened_at = ?, consented_at = ?, signed_at = ?, declined_at = ?, reason = ?, signature = ?
		where firm_id = ? and id = ?`, nullTime(r.OpenedAt), nullTime(r.ConsentedAt), nullTime(r.SignedAt), nullTime(r.DeclinedAt), r.Reason, inkText(r.Signature),
		v.FirmID(), r.ID).Exec(ctx))
	if err != nil {
		return err
	}
	if !r.SignedAt.IsZero() {
		_, err = tx.NewRaw(`
			update envelopes.field set filled_at = ?0, value = case kind when 'date' then (?0::timestamptz)::date::text else '' end
			where firm_id = ?1 and envelope_id = ?2 and recipient_id = ?3`, r.SignedAt, v.FirmID(), e.ID, r.ID).Exec(ctx)
		return err
	}
	if e.Status == Declined {
		return db.One(tx.NewRaw(`
			update envelopes.envelope set status = 'declined', declined_at = ? where firm_id = ? and id = ?`, e.DeclinedAt, v.FirmID(), e.ID).Exec(ctx))
	}
	return nil
}

// inkText is a signature as its column keeps it; nil: none.
func inkText(ink *Ink) any {
	if ink == nil {
		return nil
	}
	text, err := json.Marshal(ink)
	if err != nil {
		return nil
	}
	return string(text)
}
