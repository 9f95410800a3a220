package people

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/access"
	"portico/platform/auth"
	"portico/platform/auth/link"
	"portico/platform/db"
	"portico/platform/fault"
	"portico/platform/id"
	"portico/platform/search"
)

const personColumns = "p.id, p.email, p.name, p.locale, p.zone, p.theme, p.photo_id, p.last_sign_in_at"

// Find loads a person of the firm.
func Find(ctx context.Context, tx bun.IDB, firm, person uuid.UUID) (Person, error) {
	var p Person
	err := tx.NewRaw("select ? from person p where p.firm_id = ? and p.id = ?", bun.Safe(personColumns), firm, person).Scan(ctx, &p)
	return p, db.Found(err)
}

// ByEmail loads the person with the typed address.
func ByEmail(ctx context.Context, tx bun.IDB, firm uuid.UUID, typed string) (Person, error) {
	email, ok := auth.CleanEmail(typed)
	if !ok {
		return Person{}, fault.NotFound()
	}
	var p Person
	err := tx.NewRaw("select ? from person p where p.firm_id = ? and p.email = ?", bun.Safe(personColumns), firm, email).Scan(ctx, &p)
	return p, db.Found(err)
}

// Ensure finds the person with the address, or makes one with that name. An existing person keeps the own name.
func Ensure(ctx context.Context, tx bun.IDB, firm uuid.UUID, name, typed string) (Person, error) {
	fields := fault.Fields{}
	name, email := checkName(fields, "name", name), checkEmail(fields, "email", typed)
	if err := fault.InFields(fields); err != nil {
		return Person{}, err
	}
	_, err := tx.NewRaw(`
		insert into person (firm_id, id, email, name) values (?, ?, ?, ?)
		on conflict (firm_id, email) do nothing`, firm, id.New(), email, name).Exec(ctx)
	if err != nil {
		return Person{}, fmt.Errorf("make person: %w", err)
	}
	return ByEmail(ctx, tx, firm, email)
}

// SaveOwn changes what the viewer keeps about himself or herself.
func SaveOwn(ctx context.Context, tx bun.IDB, v auth.Viewer, own Own) error {
	if err := own.check(); err != nil {
		return err
	}
	return db.Found(db.One(tx.NewRaw(`
		update person set name = ?, locale = ?, zone = ?, theme = ? where firm_id = ? and id = ?`,
		own.Name, own.Locale, own.Zone, own.Theme, v.FirmID(), v.PersonID).Exec(ctx)))
}

// SetPhoto keeps the person's photo; uuid.Nil removes it.
func SetPhoto(ctx context.Context, tx bun.IDB, firm, person, photo uuid.UUID) error {
	return db.Found(db.One(tx.NewRaw(`
		update person set photo_id = ? where firm_id = ? and id = ?`, db.NullID(photo), firm, person).Exec(ctx)))
}

const selectStaff = `
	select st.person_id, p.name, p.email, p.photo_id, st.role, st.title, st.phone, st.show_photo, st.show_email, st.show_phone,
		st.disabled_at, p.last_sign_in_at, st.created_at, st.second_factor as must_factor,
		p.totp_at is not null or exists (
			select from passkey k where k.firm_id = st.firm_id and k.person_id = st.person_id) as second_factor
	from staff st
	join person p on p.firm_id = st.firm_id and p.id = st.person_id
	where st.firm_id = ?`

// ListStaff lists all staff of the firm by name, disabled ones last.
func ListStaff(ctx context.Context, tx bun.IDB, v auth.Viewer) ([]Staff, error) {
	var staff []Staff
	err := tx.NewRaw(selectStaff+`
		order by st.disabled_at is not null, lower(p.name), st.person_id`, v.FirmID()).Scan(ctx, &staff)
	if err != nil {
		return nil, fmt.Errorf("list staff: %w", err)
	}
	return staff, nil
}

// FindStaff loads one member of staff.
func FindStaff(ctx context.Context, tx bun.IDB, v auth.Viewer, person uuid.UUID) (Staff, error) {
	var s Staff
	err := tx.NewRaw(selectStaff+" and st.person_id = ?", v.FirmID(), person).Scan(ctx, &s)
	return s, db.Found(err)
}

// AddStaff makes a person staff. It invites nobody: the caller promises the mail.
func AddStaff(ctx context.Context, tx bun.IDB, v auth.Viewer, n NewStaff) (Staff, error) {
	if err := n.check(); err != nil {
		return Staff{}, err
	}
	if err := mayChange(byWhom(v), false, access.NoRole, n.Role, 1); err != nil {
		return Staff{}, err
	}
	person, err := Ensure(ctx, tx, v.FirmID(), n.Name, n.Email)
	if err != nil {
		return Staff{}, err
	}
	err = db.One(tx.NewRaw(`
		insert into staff (firm_id, person_id, role, title, phone) values (?, ?, ?, ?, ?)
		on conflict do nothing`, v.FirmID(), person.ID, n.Role, n.Title, n.Phone).Exec(ctx))
	if errors.Is(err, sql.ErrNoRows) {
		return Staff{}, fault.Field("email", "Somebody with this address is staff already.")
	}
	if err != nil {
		return Staff{}, fmt.Errorf("add staff: %w", err)
	}
	return FindStaff(ctx, tx, v, person.ID)
}

// SaveStaff changes the details of a member of staff: one's own, or anybody's for owners and admins.
func SaveStaff(ctx context.Context, tx bun.IDB, v auth.Viewer, person uuid.UUID, d StaffDetails) error {
	if err := d.check(); err != nil {
		return err
	}
	if person != v.PersonID && !byWhom(v).AtLeast(access.Admin) {
		return fault.Forbidden("Only owners and admins change the staff.")
	}
	err := db.Found(db.One(tx.NewRaw(`
		update staff set title = ?, phone = ?, show_photo = ?, show_email = ?, show_phone = ?
		where firm_id = ? and person_id = ?`,
		d.Title, d.Phone, d.ShowPhoto, d.ShowEmail, d.ShowPhone, v.FirmID(), person).Exec(ctx)))
	if err != nil {
		return err
	}
	return db.Found(db.One(tx.NewRaw("update person set name = ? where firm_id = ? and id = ?", d.Name, v.FirmID(), person).Exec(ctx)))
}

// SetRole changes a role and ends the person's sessions in the office at once.
func SetRole(ctx context.Context, tx bun.IDB, v auth.Viewer, person uuid.UUID, role access.Role) error {
	if !known(role) {
		return fault.Field("role", "Choose owner, admin or member.")
	}
	now, owners, err := lockStaff(ctx, tx, v.FirmID(), person)
	if err != nil {
		return err
	}
	if now.Role == role {
		return nil
	}
	if !now.Disabled {
		err = mayChange(byWhom(v), person == v.PersonID, now.Role, role, owners)
	} else {
		err = mayChange(byWhom(v), false, now.Role, role, 2)
	}
	if err != nil {
		return err
	}
	_, err = tx.NewRaw("update staff set role = ? where firm_id = ? and person_id = ?", role, v.FirmID(), person).Exec(ctx)
	if err != nil {
		return err
	}
	return auth.EndOffice(ctx, tx, v.FirmID(), person)
}

// DisableStaff takes a member of staff out of the office, everywhere at once: rows that name the person stay.
func DisableStaff(ctx context.Context, tx bun.IDB, v auth.Viewer, person uuid.UUID) error {
	now, owners, err := lockStaff(ctx, tx, v.FirmID(), person)
	if err != nil || now.Disabled {
		return err
	}
	if err := mayChange(byWhom(v), person == v.PersonID, now.Role, access.NoRole, owners); err != nil {
		return err
	}
	_, err = tx.NewRaw("update staff set disabled_at = now() where firm_id = ? and person_id = ?", v.FirmID(), person).Exec(ctx)
	if err != nil {
		return err
	}
	if err := auth.EndOffice(ctx, tx, v.FirmID(), person); err != nil {
		return err
	}
	return link.RevokeForPerson(ctx, tx, v.FirmID(), person)
}

// EnableStaff lets a disabled member of staff sign in again.
func EnableStaff(ctx context.Context, tx bun.IDB, v auth.Viewer, person uuid.UUID) error {
	now, _, err := lockStaff(ctx, tx, v.FirmID(), person)
	if err != nil {
		return err
	}
	if err := mayChange(byWhom(v), false, access.NoRole, now.Role, 1); err != nil {
		return err
	}
	_, err = tx.NewRaw("update staff set disabled_at = null where firm_id = ? and person_id = ?", v.FirmID(), person).Exec(ctx)
	return err
}

// DemandFactor asks one member of staff for a second factor, whatever the role, or no longer does.
func DemandFactor(ctx context.Context, tx bun.IDB, v auth.Viewer, person uuid.UUID, must bool) error {
	now, _, err := lockStaff(ctx, tx, v.FirmID(), person)
	if err != nil {
		return err
	}
	if err := mayChange(byWhom(v), false, now.Role, now.Role, 2); err != nil {
		return err
	}
	_, err = tx.NewRaw("update staff set second_factor = ? where firm_id = ? and person_id = ?", must, v.FirmID(), person).Exec(ctx)
	return err
}

// ResetFactors removes the second factors of a member of staff who lost them; the next sign-in sets up new ones.
func ResetFactors(ctx context.Context, tx bun.IDB, v auth.Viewer, person uuid.UUID) error {
	now, _, err := lockStaff(ctx, tx, v.FirmID(), person)
	if err != nil {
		return err
	}
	if err := mayChange(byWhom(v), false, now.Role, now.Role, 2); err != nil {
		return err
	}
	return forget(ctx, tx, v.FirmID(), person, false)
}

type lockedStaff struct {
	Role     access.Role
	Disabled bool
}

// lockStaff reads a member of staff and how many active owners there are. It holds all owners' rows, in one order: two
// owners who demote each other at once take turns, and the second one is refused.
func lockStaff(ctx context.Context, tx bun.IDB, firm, person uuid.UUID) (lockedStaff, int, error) {
	var rows []struct {
		PersonID uuid.UUID
		Role     access.Role
		Disabled bool
	}
	err := tx.NewRaw(`
		select st.person_id, st.role, st.disabled_at is not null as disabled
		from staff st
		where st.firm_id = ? and (st.person_id = ? or st.role = 'owner')
		order by st.person_id
		for update`, firm, person).Scan(ctx, &rows)
	if err != nil {
		return lockedStaff{}, 0, fmt.Errorf("lock staff: %w", err)
	}
	var it *lockedStaff
	owners := 0
	for _, row := range rows {
		if row.PersonID == person {
			it = &lockedStaff{row.Role, row.Disabled}
		}
		if row.Role == access.Owner && !row.Disabled {
			owners++
		}
	}
	if it == nil {
		return lockedStaff{}, 0, fault.NotFound()
	}
	return *it, owners, nil
}

// Also is a contact that is the same person as a member of staff.
type Also struct {
	ContactID, ClientID uuid.UUID
	ClientName          string
}

// AlsoContacts are the contacts as which a member of staff can sign in, too: they share the address.
func AlsoContacts(ctx context.Context, tx bun.IDB, v auth.Viewer, person uuid.UUID) (list []Also, err error) {
	err = tx.NewRaw(`
		select ct.id as contact_id, ct.client_id, cl.name as client_name
		from contact ct
		join client cl on cl.firm_id = ct.firm_id and cl.id = ct.client_id
		where ct.firm_id = ? and ct.person_id = ?
		order by cl.sort_name, ct.id`, v.FirmID(), person).Scan(ctx, &list)
	return list, err
}

// ReaddressStaff gives a member of staff another address by somebody else's hand. Nobody has proved the new one, so
// that all sessions, links and factors of the person end; the next sign-in is a link mailed to it. A person has one
// address: the contacts of AlsoContacts get it, too, and the caller says so.
func ReaddressStaff(ctx context.Context, tx bun.IDB, v auth.Viewer, person uuid.UUID, typed string) error {
	fields := fault.Fields{}
	email := checkEmail(fields, "email", typed)
	if err := fault.InFields(fields); err != nil {
		return err
	}
	now, _, err := lockStaff(ctx, tx, v.FirmID(), person)
	if err != nil {
		return err
	}
	if err := mayChange(byWhom(v), false, now.Role, now.Role, 2); err != nil {
		return err
	}
	done, err := tx.NewRaw(`
		update person p set email = ?
		where p.firm_id = ? and p.id = ? and not exists (select from person o where o.firm_id = p.firm_id and o.email = ?)`,
		email, v.FirmID(), person, email).Exec(ctx)
	if err != nil {
		return fmt.Errorf("change address: %w", err)
	}
	if n, _ := done.RowsAffected(); n == 0 {
		return fault.Field("email", "Somebody else has this address.")
	}
	_, err = tx.NewRaw(`
		update contact set email = ?, version = version + 1, updated_at = now()
		where firm_id = ? and person_id = ?`, email, v.FirmID(), person).Exec(ctx)
	if err != nil {
		return err
	}
	if err := search.IndexPerson(ctx, tx, v.FirmID(), person); err != nil {
		return err
	}
	return forget(ctx, tx, v.FirmID(), person, true)
}

// forget removes the factors of a person and ends the sessions and links; with the password when password is set.
func forget(ctx context.Context, tx bun.IDB, firm, person uuid.UUID, password bool) error {
	for _, query := range []string{
		"delete from passkey where firm_id = ? and person_id = ?",
		"delete from recovery_code where firm_id = ? and person_id = ?",
		"delete from challenge where firm_id = ? and person_id = ?",
		"delete from sso_account where firm_id = ? and person_id = ?",
		"delete from session where firm_id = ? and person_id = ?",
		"delete from push_device where firm_id = ? and person_id = ?",
		"update link set ended_at = now() where firm_id = ? and person_id = ? and ended_at is null",
		"update person set totp_secret = null, totp_at = null where firm_id = ? and id = ?",
	} {
		if _, err := tx.NewRaw(query, firm, person).Exec(ctx); err != nil {
			return fmt.Errorf("forget factors: %w", err)
		}
	}
	if !password {
		return nil
	}
	_, err := tx.NewRaw("update person set password_hash = '' where firm_id = ? and id = ?", firm, person).Exec(ctx)
	return err
}
