package envelopes

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/day"
	"portico/platform/db"
	"portico/platform/lang"
)

func nullTime(at time.Time) bun.NullTime { return bun.NullTime{Time: at} }

func markSent(ctx context.Context, tx bun.IDB, v auth.Viewer, e Envelope, now time.Time) error {
	return moved(db.One(tx.NewRaw(`
		update envelopes.envelope set status = 'sent', sent_at = ?, sent_by = ?, version = version + 1, updated_at = ?
		where firm_id = ? and id = ? and status = 'draft'`, now, db.NullID(v.PersonID), now, v.FirmID(), e.ID).Exec(ctx)))
}

// moved says that what should have been changed is not as it was.
func moved(err error) error {
	if db.Found(err) != err {
		return errMoved
	}
	return err
}

func markAsked(ctx context.Context, tx bun.IDB, v auth.Viewer, r Recipient) error {
	return db.One(tx.NewRaw(`
		update envelopes.recipient set token_hash = ?, link_no = ?, notified_at = ?, expires_at = ?
		where firm_id = ? and id = ?`, r.TokenHash, r.LinkNo, r.NotifiedAt, nullTime(r.ExpiresAt), v.FirmID(), r.ID).Exec(ctx))
}

func markReminded(ctx context.Context, tx bun.IDB, v auth.Viewer, r Recipient) error {
	return db.One(tx.NewRaw(`
		update envelopes.recipient set reminded_at = ?, reminders = ? where firm_id = ? and id = ?`,
		r.RemindedAt, r.Reminders, v.FirmID(), r.ID).Exec(ctx))
}

func markExtended(ctx context.Context, tx bun.IDB, v auth.Viewer, r Recipient) error {
	return moved(db.One(tx.NewRaw(`
		update envelopes.recipient set expires_at = ?, expired_at = null
		where firm_id = ? and id = ? and signed_at is null and declined_at is null`, r.ExpiresAt, v.FirmID(), r.ID).Exec(ctx)))
}

func markExpired(ctx context.Context, tx bun.IDB, v auth.Viewer, r Recipient, now time.Time) error {
	return db.One(tx.NewRaw(`update envelopes.recipient set expired_at = ? where firm_id = ? and id = ?`, now, v.FirmID(), r.ID).Exec(ctx))
}

func markVoid(ctx context.Context, tx bun.IDB, v auth.Viewer, e Envelope, reason string, now time.Time) error {
	return moved(db.One(tx.NewRaw(`
		update envelopes.envelope set status = 'void', voided_at = ?, voided_by = ?, void_reason = ?, version = version + 1, updated_at = ?
		where firm_id = ? and id = ? and (status in ('sent', 'declined') or status = 'complete' and kind = 'change_order')`, now, db.NullID(v.PersonID), reason, now, v.FirmID(), e.ID).Exec(ctx)))
}

// zoneOf is where the firm is.
func zoneOf(ctx context.Context, tx bun.IDB, v auth.Viewer) (*time.Location, error) {
	name := v.Firm.Zone
	if name == "" {
		if err := tx.NewRaw("select zone from firm where firm_id = ?", v.FirmID()).Scan(ctx, &name); err != nil {
			return nil, err
		}
	}
	zone, err := day.Zone(name)
	if err != nil {
		return time.UTC, nil
	}
	return zone, nil
}

// mayBeMailed reports whether mail about documents goes to a recipient: not to a contact who was shut out or has gone, not
// to staff who have left. Who has no account, or is no contact at all, is mailed.
func mayBeMailed(ctx context.Context, tx bun.IDB, v auth.Viewer, r Recipient) (ok bool, err error) {
	switch {
	case r.ContactID != uuid.Nil:
		err = tx.NewRaw(`
			select ct.disabled_at is null and ct.archived_at is null and ct.bounced_at is null and cl.archived_at is null
			from contact ct
			join client cl on cl.firm_id = ct.firm_id and cl.id = ct.client_id
			where ct.firm_id = ? and ct.id = ?`, v.FirmID(), r.ContactID).Scan(ctx, &ok)
	case r.PersonID != uuid.Nil:
		err = tx.NewRaw(`select exists (select from staff st where st.firm_id = ? and st.person_id = ? and st.disabled_at is null)`, v.FirmID(), r.PersonID).Scan(ctx, &ok)
	default:
		return true, nil
	}
	return ok, err
}

// mailReader is the language of a recipient: a contact's own, or the firm's; staff read English.
func mailReader(ctx context.Context, tx bun.IDB, f auth.Firm, r Recipient) (*lang.Reader, error) {
	if r.ContactID == uuid.Nil && r.PersonID != uuid.Nil {
		return auth.MailReader(f, "", false), nil
	}
	var locale string
	err := tx.NewRaw(`
		select p.locale from contact ct
		join person p on p.firm_id = ct.firm_id and p.id = ct.person_id
		where ct.firm_id = ? and ct.id = ?`, f.ID, r.ContactID).Scan(ctx, &locale)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return nil, err
	}
	return auth.MailReader(f, locale, true), nil
}

// teller is a member of staff who is told of a document.
type teller struct {
	PersonID    uuid.UUID
	Name, Email string
}

// answers are those of staff who answer for a document: who sent it, or when that one has left, the owners.
func answers(ctx context.Context, tx bun.IDB, v auth.Viewer, e Envelope) ([]teller, error) {
	var list []teller
	err := tx.NewRaw(`
		with there as (
			select p.id as person_id, p.name, p.email, st.role
			from staff st
			join person p on p.firm_id = st.firm_id and p.id = st.person_id
			where st.firm_id = ?0 and st.disabled_at is null)
		select t.person_id, t.name, t.email
		from there t
		where t.person_id = ?1 or t.role = 'owner' and not exists (select from there o where o.person_id = ?1)
		order by t.person_id`, v.FirmID(), db.NullID(e.SentBy)).Scan(ctx, &list)
	return list, err
}

// dueEnvelopes are those in which somebody's time is over and it was not noticed, or who wants a reminder by itself.
func dueEnvelopes(ctx context.Context, tx bun.IDB, v auth.Viewer, now time.Time, reminders bool) ([]uuid.UUID, error) {
	var ids []uuid.UUID
	err := tx.NewRaw(`
		select e.id
		from envelopes.envelope e
		where e.firm_id = ?0 and e.status = 'sent' and exists (
			select from envelopes.recipient r
			where r.firm_id = e.firm_id and r.client_id = e.client_id and r.envelope_id = e.id
				and r.signed_at is null and r.declined_at is null and r.forwarded_id is null
				and (r.expires_at <= ?1::timestamptz and r.expired_at is null
					or ?2 and e.remind_days > 0 and r.role in ('signer', 'approver', 'countersigner') and r.notified_at is not null
						and greatest(r.notified_at, r.reminded_at) <= ?1::timestamptz - make_interval(days => e.remind_days) and r.reminders < ?3))
		order by e.id
		limit 5000`, v.FirmID(), now, reminders, mostReminders).Scan(ctx, &ids)
	return ids, err
}
