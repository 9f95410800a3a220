package sight

import (
	"context"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/fault"
	"portico/platform/people"
)

// Reader is a contact who may sign in and was invited, and what it may see: whom the news of a client are for.
type Reader struct {
	auth.Viewer
	Contact Contact
}

// Readers are all of a client; none when there is no such client.
func Readers(ctx context.Context, tx bun.IDB, firm auth.Firm, client uuid.UUID) ([]Reader, error) {
	c, err := Load(ctx, tx, auth.System(firm.ID), client)
	if err != nil {
		return nil, fault.IgnoreNotFound(err)
	}
	var all []Reader
	for _, contact := range c.Contacts {
		if contact.User() && !contact.InvitedAt.IsZero() {
			all = append(all, Reader{c.Viewer(firm, contact), contact})
		}
	}
	return all, nil
}

// OfContact is one contact as it may look now, and where mails reach it. Whoever may not sign in is not found.
func OfContact(ctx context.Context, tx bun.IDB, firm auth.Firm, client, contact uuid.UUID) (v auth.Viewer, to people.Mailbox, err error) {
	c, err := Load(ctx, tx, auth.System(firm.ID), client)
	if err != nil {
		return v, to, err
	}
	for _, one := range c.Contacts {
		if one.ID != contact || !one.User() {
			continue
		}
		if to, err = people.ContactMailbox(ctx, tx, auth.System(firm.ID), contact); err != nil {
			return v, to, err
		}
		v = c.Viewer(firm, one)
		v.PersonID, v.Email, v.Locale, v.Zone = to.PersonID, to.Email, to.Locale, to.Zone
		return v, to, nil
	}
	return v, to, fault.NotFound()
}

// OfStaff is somebody who works for the firm, as they may look now, and where mails reach them.
func OfStaff(ctx context.Context, tx bun.IDB, firm auth.Firm, person uuid.UUID) (v auth.Viewer, to people.Mailbox, err error) {
	to, err = people.StaffMailbox(ctx, tx, auth.System(firm.ID), person)
	v = auth.Viewer{Side: auth.Office, Firm: firm, PersonID: person, Name: to.Name, Email: to.Email, Role: to.Role, Locale: to.Locale, Zone: to.Zone}
	return v, to, err
}

// Addressee is OfContact, or OfStaff where there is no contact: whoever a mail of a section goes to.
func Addressee(ctx context.Context, tx bun.IDB, firm auth.Firm, client, contact, person uuid.UUID) (auth.Viewer, people.Mailbox, error) {
	if contact == uuid.Nil {
		return OfStaff(ctx, tx, firm, person)
	}
	return OfContact(ctx, tx, firm, client, contact)
}
