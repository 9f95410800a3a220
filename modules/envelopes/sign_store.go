package envelopes

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/access"
	"portico/platform/auth"
	"portico/platform/db"
)

// reload reads an envelope again that the transaction holds. A contact who is no longer asked still sees the rest.
func reload(ctx context.Context, tx bun.IDB, v auth.Viewer, e Envelope) (Envelope, error) {
	return byID(ctx, tx, auth.System(v.FirmID()), e.ID)
}

func setOpened(ctx context.Context, tx bun.IDB, v auth.Viewer, recipient uuid.UUID, now time.Time) error {
	return db.One(tx.NewRaw(`
		update envelopes.recipient set opened_at = ?, version = version + 1 where firm_id = ? and id = ? and opened_at is null`,
		now, v.FirmID(), recipient).Exec(ctx))
}

// setSigned keeps what a recipient of a held envelope gave.
func setSigned(ctx context.Context, tx bun.IDB, v auth.Viewer, r Recipient) error {
	signature, err := kept(r.Signature)
	if err != nil {
		return err
	}
	initials, err := kept(r.Initials)
	if err != nil {
		return err
	}
	return db.One(tx.NewRaw(`
		update envelopes.recipient set signature = ?::jsonb, initials = ?::jsonb, opened_at = ?, consented_at = ?, signed_at = ?, host_id = ?,
			code_hash = null, code_until = null, version = version + 1
		where firm_id = ? and id = ? and signed_at is null and declined_at is null and forwarded_id is null`,
		signature, initials, r.OpenedAt, r.ConsentedAt, r.SignedAt, db.NullID(r.HostID), v.FirmID(), r.ID).Exec(ctx))
}

// kept is ink as it is stored; nil: none.
func kept(ink *Ink) (*string, error) {
	if ink == nil {
		return nil, nil
	}
	text, err := json.Marshal(ink)
	if err != nil {
		return nil, err
	}
	line := string(text)
	return &line, nil
}

func setValue(ctx context.Context, tx bun.IDB, v auth.Viewer, f Field, value string, now time.Time) error {
	return db.One(tx.NewRaw(`
		update envelopes.field set value = ?, filled_at = ? where firm_id = ? and id = ? and recipient_id = ?`,
		value, now, v.FirmID(), f.ID, f.RecipientID).Exec(ctx))
}

// setDeclined ends an envelope: one said no.
func setDeclined(ctx context.Context, tx bun.IDB, v auth.Viewer, e Envelope, recipient uuid.UUID, reason string, now time.Time) error {
	err := db.One(tx.NewRaw(`
		update envelopes.recipient set declined_at = ?, reason = ?, version = version + 1
		where firm_id = ? and id = ? and signed_at is null and declined_at is null`, now, reason, v.FirmID(), recipient).Exec(ctx))
	if err != nil {
		return err
	}
	return db.One(tx.NewRaw(`
		update envelopes.envelope set status = 'declined', declined_at = ?, version = version + 1, updated_at = ?
		where firm_id = ? and id = ? and status = 'sent'`, now, now, v.FirmID(), e.ID).Exec(ctx))
}

// addStandIn lets somebody act in a recipient's place: same role, same place in the order, the same fields. Who stands in
// types a code, for the link may have been passed on.
func addStandIn(ctx context.Context, tx bun.IDB, v auth.Viewer, from Recipient, to Recipient) error {
	_, err := tx.NewRaw(`
		insert into envelopes.recipient (firm_id, id, envelope_id, client_id, position, role, name, email, ask_code)
		values (?, ?, ?, ?, ?, ?, ?, ?, true)`,
		v.FirmID(), to.ID, from.EnvelopeID, from.ClientID, from.Position, string(from.Role), to.Name, to.Email).Exec(ctx)
	if err != nil {
		return err
	}
	_, err = tx.NewRaw(`
		update envelopes.field set recipient_id = ? where firm_id = ? and envelope_id = ? and recipient_id = ?`,
		to.ID, v.FirmID(), from.EnvelopeID, from.ID).Exec(ctx)
	if err != nil {
		return err
	}
	return db.One(tx.NewRaw(`
		update envelopes.recipient set forwarded_id = ?, code_hash = null, code_until = null, version = version + 1
		where firm_id = ? and id = ? and signed_at is null and declined_at is null and forwarded_id is null`,
		to.ID, v.FirmID(), from.ID).Exec(ctx))
}

// isStaff reports whether an address is that of somebody who works here, now or earlier.
func isStaff(ctx context.Context, tx bun.IDB, v auth.Viewer, email string) (yes bool, err error) {
	err = tx.NewRaw(`
		select exists (select from person p join staff s on s.firm_id = p.firm_id and s.person_id = p.id
			where p.firm_id = ? and p.email = ?)`, v.FirmID(), email).Scan(ctx, &yes)
	return yes, err
}

// setCode keeps the hash of a code that is being mailed.
func setCode(ctx context.Context, tx bun.IDB, v auth.Viewer, recipient uuid.UUID, hash []byte, until time.Time) error {
	return db.One(tx.NewRaw(`
		update envelopes.recipient set code_hash = ?, code_until = ?, code_tries = 0, version = version + 1 where firm_id = ? and id = ?`,
		hash, until, v.FirmID(), recipient).Exec(ctx))
}

// countTry counts a typed code, and says whether there was one left to try.
func countTry(ctx context.Context, tx bun.IDB, v auth.Viewer, recipient uuid.UUID, most int, now time.Time) (hash []byte, err error) {
	err = tx.NewRaw(`
		update envelopes.recipient set code_tries = code_tries + 1
		where firm_id = ? and id = ? and code_hash is not null and code_until > ? and code_tries < ?
		returning code_hash`, v.FirmID(), recipient, now, most).Scan(ctx, &hash)
	return hash, err
}

// setVerified uses a code up.
func setVerified(ctx context.Context, tx bun.IDB, v auth.Viewer, recipient uuid.UUID, now time.Time) error {
	return db.One(tx.NewRaw(`
		update envelopes.recipient set code_hash = null, code_until = null, verified_at = ?, version = version + 1 where firm_id = ? and id = ?`,
		now, v.FirmID(), recipient).Exec(ctx))
}

// standing is how a contact stands who holds a link.
type standing struct {
	Access     string
	Rights     []string `bun:",array"`
	DisabledAt time.Time
	ArchivedAt time.Time
}

// barred reports whether the firm has taken from a contact what the link would give. Who never had a portal signs by mail
// alone, and needs no right for it; nor does who reads along.
func (s standing) barred(as Role) bool {
	if !s.ArchivedAt.IsZero() || !s.DisabledAt.IsZero() {
		return true
	}
	if s.Access != "portal" || !as.Acts() {
		return false
	}
	return !slices.Contains(s.Rights, string(access.SignDocuments))
}

func standingOf(ctx context.Context, tx bun.IDB, v auth.Viewer, contact uuid.UUID) (s standing, err error) {
	err = tx.NewRaw(`
		select c.access, c.rights, c.disabled_at, c.archived_at from contact c where c.firm_id = ? and c.id = ?`, v.FirmID(), contact).Scan(ctx, &s)
	return s, db.Found(err)
}

// envelopeOf is the envelope of a recipient.
func envelopeOf(ctx context.Context, tx bun.IDB, v auth.Viewer, recipient uuid.UUID) (envelope uuid.UUID, err error) {
	err = tx.NewRaw(`select envelope_id from envelopes.recipient where firm_id = ? and id = ?`, v.FirmID(), recipient).Scan(ctx, &envelope)
	return envelope, db.Found(err)
}
