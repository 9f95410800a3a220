package clients

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"portico/platform/activity"
	"portico/platform/auth"
	"portico/platform/db"
	"portico/platform/id"
	"portico/platform/people"
	"portico/platform/search"
)

// contacts is where every read of a contact begins: only staff and jobs of the firm have one.
func contacts(v auth.Viewer, more string) string {
	if v.Side != auth.Office && v.Side != auth.Program {
		more = "and false"
	}
	return `
		select ct.id, ct.client_id, ct.person_id, ct.name, ct.title, ct.email, ct.phone, ct.notes, ct.is_primary, ct.access, ct.rights,
			ct.limited, ct.invited_at, ct.opened_at, ct.accepted_at, ct.disabled_at, ct.bounced_at, ct.bounce_reason, ct.archived_at,
			ct.version, p.last_sign_in_at,
			array(
				select cp.project_id from contact_project cp
				where cp.firm_id = ct.firm_id and cp.contact_id = ct.id
				order by cp.project_id
			) as projects
		from contact ct
		left join person p on p.firm_id = ct.firm_id and p.id = ct.person_id
		where ct.firm_id = ? ` + more
}

// contactsOf lists the contacts of a client, the main one first; archived ones stand at the end or are left out.
func contactsOf(ctx context.Context, tx bun.IDB, v auth.Viewer, client uuid.UUID, archived bool) (list []Contact, err error) {
	err = tx.NewRaw(contacts(v, `and ct.client_id = ? and (? or ct.archived_at is null)
		order by ct.archived_at is not null, ct.is_primary desc, ct.created_at, ct.id
		limit 500`), v.FirmID(), client, archived).Scan(ctx, &list)
	return list, err
}

func findContact(ctx context.Context, tx bun.IDB, v auth.Viewer, client, id uuid.UUID) (c Contact, err error) {
	err = tx.NewRaw(contacts(v, "and ct.client_id = ? and ct.id = ?"), v.FirmID(), client, id).Scan(ctx, &c)
	return c, db.Found(err)
}

// sameContact looks among a client's contacts for another one of that name and address.
func sameContact(ctx context.Context, tx bun.IDB, v auth.Viewer, c Contact) (Contact, bool, error) {
	var same []Contact
	err := tx.NewRaw(contacts(v, `and ct.client_id = ? and ct.id <> ? and ct.archived_at is null
		and lower(ct.name) = lower(?) and ct.email = ?
		limit 1`), v.FirmID(), c.ClientID, c.ID, c.Name, c.Email).Scan(ctx, &same)
	if err != nil || len(same) == 0 {
		return Contact{}, false, err
	}
	return same[0], true, nil
}

// insertContact adds a contact to a client that is held, and grants access when it asks for it.
func insertContact(ctx context.Context, tx bun.IDB, v auth.Viewer, client Client, c *Contact) error {
	c.ID, c.Version = id.New(), 1
	if err := onlyPrimary(ctx, tx, v, *c); err != nil {
		return err
	}
	_, err := tx.NewRaw(`
		insert into contact (firm_id, id, client_id, name, title, email, phone, notes, is_primary, rights, limited)
		values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		v.FirmID(), c.ID, c.ClientID, c.Name, c.Title, c.Email, c.Phone, c.Notes, c.IsPrimary, pgdialect.Array(rightNames(*c)), c.Limited).Exec(ctx)
	if err != nil {
		return fmt.Errorf("add contact: %w", err)
	}
	if err := saveLimits(ctx, tx, v, *c); err != nil {
		return err
	}
	if c.Portal() {
		if _, err := people.Grant(ctx, tx, v, c.ID); err != nil {
			return err
		}
	}
	if err := search.Index(ctx, tx, v.FirmID(), c.ClientID); err != nil {
		return err
	}
	return activity.Record(ctx, tx, v, activity.Entry{
		Verb: "contact.created", Text: "added " + c.Name + " to " + client.Name, ClientID: c.ClientID, SubjectID: c.ID,
		Data: map[string]any{"after": asMap(c.fields())},
	})
}

// updateContact writes a contact of a client that is held. Access and address are the people's own affair: they end
// sessions and links.
func updateContact(ctx context.Context, tx bun.IDB, v auth.Viewer, before, after Contact) (moved bool, err error) {
	if err := onlyPrimary(ctx, tx, v, after); err != nil {
		return false, err
	}
	err = db.Found(db.One(tx.NewRaw(`
		update contact
		set name = ?, title = ?, phone = ?, notes = ?, is_primary = ?, rights = ?, limited = ?, version = version + 1, updated_at = now()
		where firm_id = ? and client_id = ? and id = ? and version = ?`,
		after.Name, after.Title, after.Phone, after.Notes, after.IsPrimary, pgdialect.Array(rightNames(after)), after.Limited,
		v.FirmID(), after.ClientID, after.ID, before.Version).Exec(ctx)))
	if err != nil {
		return false, err
	}
	if err := saveLimits(ctx, tx, v, after); err != nil {
		return false, err
	}
	if before.Portal() && !after.Portal() {
		if err := people.Withdraw(ctx, tx, v, after.ID); err != nil {
			return false, err
		}
	}
	if after.Email != before.Email {
		if moved, err = people.ReaddressContact(ctx, tx, v, after.ID, after.Email); err != nil {
			return false, err
		}
	}
	if !before.Portal() && after.Portal() {
		if _, err := people.Grant(ctx, tx, v, after.ID); err != nil {
			return false, err
		}
	}
	if err := search.Index(ctx, tx, v.FirmID(), after.ClientID); err != nil {
		return false, err
	}
	return moved, activity.Record(ctx, tx, v, activity.Entry{
		Verb: "contact.changed", Text: "changed " + listed(changed(before.fields(), after.fields())) + " of " + after.Name,
		ClientID: after.ClientID, SubjectID: after.ID, Data: activity.Changes(asMap(before.fields()), asMap(after.fields())),
	})
}

// onlyPrimary takes the mark from the others, when this one is to be the main contact.
func onlyPrimary(ctx context.Context, tx bun.IDB, v auth.Viewer, c Contact) error {
	if !c.IsPrimary {
		return nil
	}
	_, err := tx.NewRaw(`
		update contact set is_primary = false, version = version + 1, updated_at = now()
		where firm_id = ? and client_id = ? and id <> ? and is_primary`, v.FirmID(), c.ClientID, c.ID).Exec(ctx)
	return err
}

// saveLimits keeps the projects of a limited contact; the key refuses another client's.
func saveLimits(ctx context.Context, tx bun.IDB, v auth.Viewer, c Contact) error {
	_, err := tx.NewRaw("delete from contact_project where firm_id = ? and contact_id = ?", v.FirmID(), c.ID).Exec(ctx)
	if err != nil || !c.Limited || len(c.Projects) == 0 {
		return err
	}
	_, err = tx.NewRaw(`
		insert into contact_project (firm_id, contact_id, project_id, client_id)
		select p.firm_id, ?, p.id, p.client_id from project p
		where p.firm_id = ? and p.client_id = ? and p.id = any(?::uuid[])`,
		c.ID, v.FirmID(), c.ClientID, pgdialect.Array(c.Projects)).Exec(ctx)
	return err
}

func rightNames(c Contact) []string {
	names := []string{}
	for _, r := range c.Rights {
		names = append(names, string(r))
	}
	return names
}

// disableContact ends everything of a contact at once; enableContact undoes it, but for the sessions.
func disableContact(ctx context.Context, tx bun.IDB, v auth.Viewer, c Contact, disable bool) error {
	do, verb, text := people.EnableContact, "contact.enabled", "enabled the access of "+c.Name
	if disable {
		do, verb, text = people.DisableContact, "contact.disabled", "disabled the access of "+c.Name
	}
	if c.DisabledAt.IsZero() != disable {
		return nil
	}
	if err := do(ctx, tx, v, c.ID); err != nil {
		return err
	}
	return activity.Record(ctx, tx, v, activity.Entry{
		Verb: verb, Text: text, ClientID: c.ClientID, SubjectID: c.ID,
		Data: activity.Changes(map[string]any{"access": onOff(disable)}, map[string]any{"access": onOff(!disable)}),
	})
}

func onOff(on bool) string {
	if on {
		return "On"
	}
	return "Disabled"
}

// archiveContact puts a contact away with its access, or takes it back; the access stays off until it is granted anew.
func archiveContact(ctx context.Context, tx bun.IDB, v auth.Viewer, c Contact, away bool) error {
	if c.Archived() == away {
		return nil
	}
	verb, text := "contact.restored", "restored "+c.Name
	if away {
		verb, text = "contact.archived", "archived "+c.Name
		if err := people.ArchiveContact(ctx, tx, v, c.ID); err != nil {
			return err
		}
	} else {
		err := db.Found(db.One(tx.NewRaw(`
			update contact set archived_at = null, is_primary = false, version = version + 1, updated_at = now()
			where firm_id = ? and client_id = ? and id = ?`, v.FirmID(), c.ClientID, c.ID).Exec(ctx)))
		if err != nil {
			return err
		}
		if err := search.Index(ctx, tx, v.FirmID(), c.ClientID); err != nil {
			return err
		}
	}
	return activity.Record(ctx, tx, v, activity.Entry{
		Verb: verb, Text: text, ClientID: c.ClientID, SubjectID: c.ID,
		Data: activity.Changes(map[string]any{"archived": !away}, map[string]any{"archived": away}),
	})
}

// copyToClient makes a contact of another client of the same person; access has to be granted there.
func copyToClient(ctx context.Context, tx bun.IDB, v auth.Viewer, c Contact, to Client) (Contact, bool, error) {
	twin := Contact{
		ClientID: to.ID, Name: c.Name, Title: c.Title, Email: c.Email, Phone: c.Phone, Access: "none", Rights: slices.Clone(c.Rights),
	}
	if same, is, err := sameContact(ctx, tx, v, twin); err != nil || is {
		return same, false, err
	}
	return twin, true, insertContact(ctx, tx, v, to, &twin)
}

// copyToProject lets a limited contact see one more project of its client.
func copyToProject(ctx context.Context, tx bun.IDB, v auth.Viewer, c Contact, project Project) error {
	_, err := tx.NewRaw(`
		insert into contact_project (firm_id, contact_id, project_id, client_id) values (?, ?, ?, ?)
		on conflict do nothing`, v.FirmID(), c.ID, project.ID, c.ClientID).Exec(ctx)
	if err != nil {
		return err
	}
	_, err = tx.NewRaw("update contact set version = version + 1, updated_at = now() where firm_id = ? and id = ?", v.FirmID(), c.ID).Exec(ctx)
	if err != nil {
		return err
	}
	return activity.Record(ctx, tx, v, activity.Entry{
		Verb: "contact.copied", Text: "added " + c.Name + " to the project " + project.Name, ClientID: c.ClientID, ProjectID: project.ID, SubjectID: c.ID,
		Data: map[string]any{"after": map[string]any{"projects": project.ID.String()}},
	})
}

// knownContact is a contact with the name of its client.
type knownContact struct {
	ID, ClientID     uuid.UUID
	Name, ClientName string
}

// findContacts looks among the contacts of clients that a search has found for those that are meant themselves.
func findContacts(ctx context.Context, tx bun.IDB, v auth.Viewer, clients []uuid.UUID, typed []string, limit int) ([]knownContact, error) {
	if len(clients) == 0 {
		return nil, nil
	}
	var rows []struct {
		knownContact
		Email, Phone string
	}
	err := tx.NewRaw(`
		select ct.id, ct.client_id, ct.name, ct.email, ct.phone, c.name as client_name
		from contact ct
		join client c on c.firm_id = ct.firm_id and c.id = ct.client_id
		where ct.firm_id = ? and ct.client_id = any(?::uuid[]) and ct.archived_at is null
		order by c.sort_name, ct.created_at
		limit 500`, v.FirmID(), pgdialect.Array(clients)).Scan(ctx, &rows)
	var meant []knownContact
	for _, row := range rows {
		words := append(search.Words(row.Name, row.Email), search.Phone(row.Phone)...)
		if len(meant) < limit && begun(words, typed) {
			meant = append(meant, row.knownContact)
		}
	}
	return meant, err
}

// begun reports whether each typed word is the beginning of one of the words.
func begun(words, typed []string) bool {
	for _, t := range typed {
		if !slices.ContainsFunc(words, func(w string) bool { return strings.HasPrefix(w, t) }) {
			return false
		}
	}
	return true
}

// uninvited are portal users whose client's portal is on and whom nobody has invited, the longest waiting first.
func uninvited(ctx context.Context, tx bun.IDB, v auth.Viewer, limit int) (list []knownContact, err error) {
	if !v.Firm.PortalOn {
		return nil, nil
	}
	err = tx.NewRaw(`
		select ct.id, ct.client_id, ct.name, c.name as client_name
		from contact ct
		join client c on c.firm_id = ct.firm_id and c.id = ct.client_id and c.portal_on and c.archived_at is null
		where ct.firm_id = ? and ct.access = 'portal' and ct.invited_at is null and ct.disabled_at is null and ct.archived_at is null
		order by ct.created_at
		limit ?`, v.FirmID(), limit).Scan(ctx, &list)
	return list, err
}
