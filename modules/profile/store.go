package profile

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/db"
	"portico/platform/people"
	"portico/platform/search"
)

// detailsOf are those of the side on which the viewer stands: a contact's, or a member's.
func detailsOf(ctx context.Context, tx bun.IDB, v auth.Viewer) (details, error) {
	var d details
	err := tx.NewRaw(`
		select p.name, p.photo_id, coalesce(ct.phone, st.phone, '') as phone, coalesce(ct.title, st.title, '') as title
		from person p
		left join contact ct on ct.firm_id = p.firm_id and ct.id = ? and ct.person_id = p.id
		left join staff st on st.firm_id = p.firm_id and st.person_id = p.id
		where p.firm_id = ? and p.id = ?`, db.NullID(v.ContactID), v.FirmID(), v.PersonID).Scan(ctx, &d)
	return d, db.Found(err)
}

// saveDetails writes the person's name, and name and phone of the contact or member that the viewer is here. The same
// person may be a contact elsewhere: what another client's list says is that client's.
func saveDetails(ctx context.Context, tx bun.IDB, v auth.Viewer, f detailsForm) error {
	if v.Side == auth.Office {
		now, err := people.FindStaff(ctx, tx, v, v.PersonID)
		if err != nil {
			return err
		}
		return people.SaveStaff(ctx, tx, v, v.PersonID, people.StaffDetails{
			Name: f.Name, Title: now.Title, Phone: f.Phone, ShowPhoto: now.ShowPhoto, ShowEmail: now.ShowEmail, ShowPhone: now.ShowPhone,
		})
	}
	err := db.Found(db.One(tx.NewRaw("update person set name = ? where firm_id = ? and id = ?", f.Name, v.FirmID(), v.PersonID).Exec(ctx)))
	if err != nil {
		return err
	}
	err = db.Found(db.One(tx.NewRaw(`
		update contact
		set name = ?0, phone = ?1, version = version + case when (name, phone) is distinct from (?0, ?1) then 1 else 0 end, updated_at = now()
		where firm_id = ?2 and id = ?3 and person_id = ?4`,
		f.Name, f.Phone, v.FirmID(), v.ContactID, v.PersonID).Exec(ctx)))
	if err != nil {
		return err
	}
	return search.IndexContact(ctx, tx, v.FirmID(), v.ContactID)
}

// account is what the export says of a person.
type account struct {
	Email, Name, Locale, Zone, Theme  string
	Mails                             string
	CreatedAt, LastSignInAt           time.Time
	HasPassword                       bool
	TotpAt                            time.Time
	Client, ContactName, ContactTitle string
	ContactEmail, ContactPhone        string
	Rights                            []string `bun:",array"`
	InvitedAt, AcceptedAt             time.Time
	Role, StaffTitle, StaffPhone      string
}

func accountOf(ctx context.Context, tx bun.IDB, v auth.Viewer) (account, error) {
	var a account
	err := tx.NewRaw(`
		select p.email, p.name, p.locale, p.zone, p.theme, p.mails, p.created_at, p.last_sign_in_at, p.password_hash <> '' as has_password, p.totp_at,
			cl.name as client, ct.name as contact_name, ct.title as contact_title, ct.email as contact_email, ct.phone as contact_phone,
			ct.rights, ct.invited_at, ct.accepted_at, st.role, st.title as staff_title, st.phone as staff_phone
		from person p
		left join contact ct on ct.firm_id = p.firm_id and ct.id = ? and ct.person_id = p.id
		left join client cl on cl.firm_id = ct.firm_id and cl.id = ct.client_id
		left join staff st on st.firm_id = p.firm_id and st.person_id = p.id and ?
		where p.firm_id = ? and p.id = ?`, db.NullID(v.ContactID), v.Side == auth.Office, v.FirmID(), v.PersonID).Scan(ctx, &a)
	return a, db.Found(err)
}

// mostRows bounds each list of an export; nobody has come near.
const mostRows = 50_000

// deed is something that the viewer did.
type deed struct {
	At         time.Time
	Verb, Text string
}

// deedsOf are the viewer's own: those of a contact within the client, those of staff in the office. What somebody who
// is both did in the office is not told in the portal.
func deedsOf(ctx context.Context, tx bun.IDB, v auth.Viewer) (deeds []deed, err error) {
	q := tx.NewSelect().
		TableExpr("activity AS a").
		ColumnExpr("a.at, a.verb, a.text").
		Where("a.firm_id = ?", v.FirmID()).
		Where("a.actor_id = ?", v.PersonID).
		Order("a.at DESC").
		Limit(mostRows)
	if v.Side == auth.Portal {
		q = q.Where("a.client_id = ?", v.ClientID)
		if v.Role != "" {
			q = q.Where("a.for_client OR a.subject_id = ?", v.PersonID)
		}
	}
	return deeds, q.Scan(ctx, &deeds)
}

// letter is a mail that went to the viewer.
type letter struct {
	At                           time.Time
	Kind, SentTo, Subject, State string
}

func lettersTo(ctx context.Context, tx bun.IDB, v auth.Viewer) (letters []letter, err error) {
	err = tx.NewRaw(`
		select m.at, m.kind, m.sent_to, m.subject, m.state
		from mail m
		where m.firm_id = ? and m.person_id = ? and (m.contact_id is null or m.contact_id = ?)
		order by m.at desc
		limit ?`, v.FirmID(), v.PersonID, db.NullID(v.ContactID), mostRows).Scan(ctx, &letters)
	return letters, err
}

// upload is a file that the viewer brought.
type upload struct {
	ID          uuid.UUID
	CreatedAt   time.Time
	Purpose     string
	Name, Media string
	Size        int64
}

func uploadsOf(ctx context.Context, tx bun.IDB, v auth.Viewer) (uploads []upload, err error) {
	q := tx.NewSelect().
		TableExpr("file AS f").
		ColumnExpr("f.id, f.created_at, f.purpose, f.name, f.media, f.size").
		Where("f.firm_id = ?", v.FirmID()).
		Where("f.created_by = ?", v.PersonID).
		Where("f.deleted_at IS NULL").
		Order("f.created_at", "f.id").
		Limit(mostRows)
	if v.Side == auth.Portal {
		q = q.Where("f.client_id = ? OR f.person_id = ?", v.ClientID, v.PersonID)
	}
	return uploads, q.Scan(ctx, &uploads)
}
