package people

import (
	"context"
	netmail "net/mail"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"portico/platform/access"
	"portico/platform/auth"
	"portico/platform/db"
	"portico/platform/lang"
)

// Mailbox is somebody whom a mail goes to, or whom it comes from.
type Mailbox struct {
	PersonID, ContactID uuid.UUID // ContactID Nil: staff
	Name                string    // a contact's is the client's word for them
	Email               string    // "" where mails to a contact come back
	Locale, Zone        string
	Role                access.Role // of staff
	InvitedAt           time.Time   // of a contact
}

// Invited reports whether they know of the portal: staff do.
func (m Mailbox) Invited() bool { return m.ContactID == uuid.Nil || !m.InvitedAt.IsZero() }

// Address is where mails go.
func (m Mailbox) Address() netmail.Address { return netmail.Address{Name: m.Name, Address: m.Email} }

// FirstName is how a mail greets.
func (m Mailbox) FirstName() string {
	first, _, _ := strings.Cut(m.Name, " ")
	return first
}

// StaffMailbox is that of somebody who works for the firm now; whoever has left is not found.
func StaffMailbox(ctx context.Context, tx bun.IDB, v auth.Viewer, person uuid.UUID) (Mailbox, error) {
	var m Mailbox
	err := tx.NewRaw(`
		select p.id as person_id, p.name, p.email, p.locale, p.zone, s.role
		from staff s
		join person p on p.firm_id = s.firm_id and p.id = s.person_id
		where s.firm_id = ? and s.person_id = ? and s.disabled_at is null`, v.FirmID(), person).Scan(ctx, &m)
	return m, db.Found(err)
}

// ContactMailbox is that of a contact who has an account. Whether they may still read what a mail tells is asked of sight.
func ContactMailbox(ctx context.Context, tx bun.IDB, v auth.Viewer, contact uuid.UUID) (Mailbox, error) {
	var m Mailbox
	err := tx.NewRaw(`
		select p.id as person_id, ct.id as contact_id, ct.name, case when ct.bounced_at is null then p.email else '' end as email,
			p.locale, p.zone, ct.invited_at
		from contact ct
		join person p on p.firm_id = ct.firm_id and p.id = ct.person_id
		where ct.firm_id = ? and ct.id = ?`, v.FirmID(), contact).Scan(ctx, &m)
	return m, db.Found(err)
}

// mostTold is more than a team has.
const mostTold = 50

// Team are those of the staff who hear of something of these projects: whoever is named, and the projects' teams; where
// nobody is left of them, the owners and admins.
func Team(ctx context.Context, tx bun.IDB, v auth.Viewer, projects []uuid.UUID, named ...uuid.UUID) (people []uuid.UUID, err error) {
	err = tx.NewRaw(`
		with team as (
			select s.person_id
			from staff s
			where s.firm_id = ?0 and s.disabled_at is null and (s.person_id = any(?2::uuid[]) or exists (
				select from project_member m
				where m.firm_id = s.firm_id and m.person_id = s.person_id and m.project_id = any(?1::uuid[]))))
		select t.person_id from team t
		union
		select s.person_id from staff s
		where s.firm_id = ?0 and s.disabled_at is null and s.role in ('owner', 'admin') and not exists (select from team)
		order by 1
		limit ?3`, v.FirmID(), pgdialect.Array(projects), pgdialect.Array(named), mostTold).Scan(ctx, &people)
	return people, err
}

// ReaderOf is the language of what the office gives to a client: that of the client's contacts who have an account, where
// they share one.
func ReaderOf(ctx context.Context, tx bun.IDB, v auth.Viewer, client uuid.UUID) (*lang.Reader, error) {
	var locales []string
	err := tx.NewRaw(`
		select p.locale
		from contact ct
		join person p on p.firm_id = ct.firm_id and p.id = ct.person_id
		where ct.firm_id = ? and ct.client_id = ? and ct.disabled_at is null and ct.archived_at is null
		order by ct.is_primary desc, ct.created_at, ct.id`, v.FirmID(), client).Scan(ctx, &locales)
	return lang.Shared(v.Firm.Locale, locales...), err
}
