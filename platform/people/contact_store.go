package people

import (
	"context"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/auth/link"
	"portico/platform/db"
	"portico/platform/fault"
	"portico/platform/search"
)

// Grant makes a contact a portal user: the person with the contact's address, made if need be, may sign in as it.
// It invites nobody: the caller promises the mail. Who is disabled stays disabled: only EnableContact ends that.
func Grant(ctx context.Context, tx bun.IDB, v auth.Viewer, contact uuid.UUID) (Person, error) {
	var row struct{ Name, Email string }
	err := tx.NewRaw(`
		select ct.name, ct.email from contact ct
		where ct.firm_id = ? and ct.id = ? and ct.archived_at is null
		for update`, v.FirmID(), contact).Scan(ctx, &row)
	if err != nil {
		return Person{}, db.Found(err)
	}
	if row.Email == "" {
		return Person{}, fault.Field("email", "A portal user needs an email address.")
	}
	person, err := Ensure(ctx, tx, v.FirmID(), row.Name, row.Email)
	if err != nil {
		return Person{}, err
	}
	_, err = tx.NewRaw(`
		update contact
		set access = 'portal', person_id = ?, version = version + 1, updated_at = now()
		where firm_id = ? and id = ?`, person.ID, v.FirmID(), contact).Exec(ctx)
	return person, err
}

// Withdraw makes a portal user a contact without portal access, everywhere at once.
func Withdraw(ctx context.Context, tx bun.IDB, v auth.Viewer, contact uuid.UUID) error {
	return shut(ctx, tx, v.FirmID(), contact, "access = 'none'")
}

// DisableContact is "Disable access": sessions and links of the contact end everywhere at once. The access itself is
// remembered for EnableContact.
func DisableContact(ctx context.Context, tx bun.IDB, v auth.Viewer, contact uuid.UUID) error {
	return shut(ctx, tx, v.FirmID(), contact, "disabled_at = coalesce(disabled_at, now())")
}

// EnableContact undoes DisableContact. Sessions and links that ended stay ended.
func EnableContact(ctx context.Context, tx bun.IDB, v auth.Viewer, contact uuid.UUID) error {
	return db.Found(db.One(tx.NewRaw(`
		update contact set disabled_at = null, version = version + 1, updated_at = now()
		where firm_id = ? and id = ?`, v.FirmID(), contact).Exec(ctx)))
}

// ArchiveContact puts a contact away, and its access with it.
func ArchiveContact(ctx context.Context, tx bun.IDB, v auth.Viewer, contact uuid.UUID) error {
	if err := shut(ctx, tx, v.FirmID(), contact, "archived_at = coalesce(archived_at, now()), access = 'none'"); err != nil {
		return err
	}
	return search.IndexContact(ctx, tx, v.FirmID(), contact)
}

// shut writes the contact first: that is the row on which auth.Start waits, so that no session slips through.
func shut(ctx context.Context, tx bun.IDB, firm, contact uuid.UUID, set string) error {
	err := db.Found(db.One(tx.NewRaw(`
		update contact set ?, version = version + 1, updated_at = now()
		where firm_id = ? and id = ?`, bun.Safe(set), firm, contact).Exec(ctx)))
	if err != nil {
		return err
	}
	if err := auth.EndForContact(ctx, tx, firm, contact); err != nil {
		return err
	}
	return link.RevokeFor(ctx, tx, firm, contact)
}

// ReaddressContact gives a contact another address. A portal user becomes the person with that address and has to be
// invited again: sessions and links sent to the old one end. The answer says whether that was so.
func ReaddressContact(ctx context.Context, tx bun.IDB, v auth.Viewer, contact uuid.UUID, typed string) (moved bool, err error) {
	var row struct {
		Name, Email, Access string
		PersonID            uuid.UUID
	}
	err = tx.NewRaw(`
		select ct.name, ct.email, ct.access, ct.person_id from contact ct
		where ct.firm_id = ? and ct.id = ?
		for update`, v.FirmID(), contact).Scan(ctx, &row)
	if err != nil {
		return false, db.Found(err)
	}
	fields, email := fault.Fields{}, ""
	if typed != "" || row.Access == "portal" {
		email = checkEmail(fields, "email", typed)
	}
	if err := fault.InFields(fields); err != nil || email == row.Email {
		return false, err
	}
	person := uuid.Nil
	if row.Access == "portal" {
		p, err := Ensure(ctx, tx, v.FirmID(), row.Name, email)
		if err != nil {
			return false, err
		}
		person = p.ID
	}
	moved = row.PersonID != uuid.Nil && person != row.PersonID
	_, err = tx.NewRaw(`
		update contact
		set email = ?, person_id = ?, bounced_at = null, bounce_reason = '', version = version + 1, updated_at = now(),
			invited_at = case when ? then null else invited_at end,
			opened_at = case when ? then null else opened_at end,
			accepted_at = case when ? then null else accepted_at end
		where firm_id = ? and id = ?`,
		email, db.NullID(person), moved, moved, moved, v.FirmID(), contact).Exec(ctx)
	if err != nil {
		return moved, err
	}
	if err := search.IndexContact(ctx, tx, v.FirmID(), contact); err != nil || !moved {
		return moved, err
	}
	if err := auth.EndForContact(ctx, tx, v.FirmID(), contact); err != nil {
		return moved, err
	}
	return moved, link.RevokeFor(ctx, tx, v.FirmID(), contact)
}
