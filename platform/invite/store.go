package invite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"
	"github.com/uptrace/bun/schema"

	"portico/platform/auth"
	"portico/platform/db"
	"portico/platform/fault"
	"portico/platform/post"
)

type invited struct {
	Name, Email, ClientName string
	ClientID                uuid.UUID
	FirmOn, ClientOn        bool
	Granted, Invited        bool
	Disabled                bool
}

func find(ctx context.Context, tx bun.IDB, v auth.Viewer, contact uuid.UUID) (invited, error) {
	var c invited
	err := tx.NewRaw(`
		select ct.name, ct.email, cl.name as client_name, cl.id as client_id, f.portal_on as firm_on, cl.portal_on as client_on,
			ct.access = 'portal' and ct.person_id is not null as granted, ct.disabled_at is not null as disabled,
			ct.invited_at is not null as invited
		from contact ct
		join client cl on cl.firm_id = ct.firm_id and cl.id = ct.client_id and cl.archived_at is null
		join firm f on f.firm_id = ct.firm_id
		where ct.firm_id = ? and ct.id = ? and ct.archived_at is null
		for update of ct`, v.FirmID(), contact).Scan(ctx, &c)
	if errors.Is(err, sql.ErrNoRows) {
		return c, fault.NotFound()
	}
	if err != nil {
		return c, fmt.Errorf("whom to invite: %w", err)
	}
	return c, nil
}

// stamp notes the invitation; what was known of an earlier mail's fate is forgotten.
func stamp(ctx context.Context, tx bun.IDB, v auth.Viewer, contact uuid.UUID, note string, mail uuid.UUID) error {
	return db.One(tx.NewRaw(`
		update contact
		set invited_at = now(), invite_note = ?, invite_mail = ?, bounced_at = null, bounce_reason = '',
			opened_at = case when accepted_at is not null then opened_at end, version = version + 1, updated_at = now()
		where firm_id = ? and id = ?`, note, mail, v.FirmID(), contact).Exec(ctx))
}

// Said is the personal note of the contact's last invitation.
func Said(ctx context.Context, tx bun.IDB, v auth.Viewer, contact uuid.UUID) (note string, err error) {
	err = tx.NewRaw("select ct.invite_note from contact ct where ct.firm_id = ? and ct.id = ?", v.FirmID(), contact).Scan(ctx, &note)
	if errors.Is(err, sql.ErrNoRows) {
		return "", fault.NotFound()
	}
	return note, err
}

// Opened notes that somebody has looked at the page behind the contact's invitation.
func Opened(ctx context.Context, tx bun.IDB, firm, contact uuid.UUID) error {
	_, err := tx.NewRaw(`
		update contact set opened_at = now()
		where firm_id = ? and id = ? and opened_at is null and invited_at is not null`, firm, contact).Exec(ctx)
	if err != nil {
		return err
	}
	return Arrived(ctx, tx, firm, contact)
}

// Arrived notes that the contact has the mail of the last invitation: somebody has used what only it holds.
func Arrived(ctx context.Context, tx bun.IDB, firm, contact uuid.UUID) error {
	var mail uuid.NullUUID
	err := tx.NewRaw("select ct.invite_mail from contact ct where ct.firm_id = ? and ct.id = ?", firm, contact).Scan(ctx, &mail)
	if errors.Is(err, sql.ErrNoRows) || err == nil && !mail.Valid {
		return nil
	}
	if err != nil {
		return err
	}
	return post.Arrived(ctx, tx, firm, mail.UUID)
}

// Why says in SQL which Obstacle a contact (ct) of a client (cl) of a firm (f) has.
func Why(again bool) schema.QueryAppender {
	return bun.SafeQuery(`case
		when ct.archived_at is not null or cl.archived_at is not null then 'archived'
		when ct.access <> 'portal' then 'no_access'
		when ct.disabled_at is not null then 'disabled'
		when ct.email = '' then 'no_address'
		when ct.portal_state = 'bounced' then 'bounced'
		when ct.accepted_at is not null then 'accepted'
		when ? and ct.invited_at is null then 'not_invited'
		when not ? and ct.invited_at is not null then 'invited'
		when not f.portal_on then 'firm_off'
		when not cl.portal_on then 'client_off'
		else '' end`, again, again)
}

// guest is one of many.
type guest struct {
	ID, ClientID, Mail uuid.UUID
	Name, Said         string
	Obstacle           Obstacle
	Granted, Invited   bool
}

// holdMany loads contacts in one order, and holds them: what it found of each stays true.
func holdMany(ctx context.Context, tx bun.IDB, v auth.Viewer, again bool, wishes []Wish) (guests []guest, err error) {
	contacts, mails := make([]uuid.UUID, len(wishes)), make([]uuid.UUID, len(wishes))
	for i, w := range wishes {
		contacts[i], mails[i] = w.Contact, w.Mail
	}
	err = tx.NewRaw(`
		select ct.id, ct.client_id, ct.name, ct.invite_note as said, ct.person_id is not null as granted,
			ct.invited_at is not null as invited, x.mail, ? as obstacle
		from unnest(?::uuid[], ?::uuid[]) as x (contact, mail)
		join contact ct on ct.firm_id = ? and ct.id = x.contact
		join client cl on cl.firm_id = ct.firm_id and cl.id = ct.client_id
		join firm f on f.firm_id = ct.firm_id
		order by ct.id
		for update of ct`, Why(again), pgdialect.Array(contacts), pgdialect.Array(mails), v.FirmID()).Scan(ctx, &guests)
	if err != nil {
		return nil, fmt.Errorf("whom to invite: %w", err)
	}
	return guests, nil
}

type stamped struct {
	guest
	Note string
}

func stampMany(ctx context.Context, tx bun.IDB, v auth.Viewer, guests []stamped) error {
	ids, mails, notes := make([]uuid.UUID, len(guests)), make([]uuid.UUID, len(guests)), make([]string, len(guests))
	for i, g := range guests {
		ids[i], mails[i], notes[i] = g.ID, g.Mail, g.Note
	}
	_, err := tx.NewRaw(`
		update contact ct
		set invited_at = now(), invite_note = x.note, invite_mail = x.mail, bounced_at = null, bounce_reason = '',
			opened_at = case when ct.accepted_at is not null then ct.opened_at end, version = ct.version + 1, updated_at = now()
		from unnest(?::uuid[], ?::uuid[], ?::text[]) as x (id, mail, note)
		where ct.firm_id = ? and ct.id = x.id`, pgdialect.Array(ids), pgdialect.Array(mails), pgdialect.Array(notes), v.FirmID()).Exec(ctx)
	if err != nil {
		return fmt.Errorf("note invitations: %w", err)
	}
	return nil
}

func unstamp(ctx context.Context, tx bun.IDB, v auth.Viewer, contacts []uuid.UUID) error {
	_, err := tx.NewRaw(`
		update contact
		set invited_at = null, invite_mail = null, version = version + 1, updated_at = now()
		where firm_id = ? and id = any(?::uuid[]) and accepted_at is null`, v.FirmID(), pgdialect.Array(contacts)).Exec(ctx)
	return err
}
