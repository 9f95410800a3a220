package invite

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/activity"
	"portico/platform/auth"
	"portico/platform/fault"
	"portico/platform/outbox"
	"portico/platform/people"
	"portico/platform/post"
)

// Obstacle is what keeps a contact from being invited together with many others; "" when nothing does.
type Obstacle string

// A contact has the first of these that is true.
const (
	Archived   Obstacle = "archived"
	NoAccess   Obstacle = "no_access"
	Disabled   Obstacle = "disabled"
	NoAddress  Obstacle = "no_address"
	Bounced    Obstacle = "bounced"
	Accepted   Obstacle = "accepted"
	NotInvited Obstacle = "not_invited" // so that there is nothing to send again
	Invited    Obstacle = "invited"     // so that it would not be the first
	FirmOff    Obstacle = "firm_off"
	ClientOff  Obstacle = "client_off"
)

// Wish is a contact to be invited, and the id of the promise of its mail: asked for twice, it is one mail.
type Wish struct{ Contact, Mail uuid.UUID }

// Many invites contacts for the viewer, as Invite does each, in few statements; again repeats what each was told
// before, with fresh links. Whom something keeps from it is left out, and answered with the reason.
func Many(ctx context.Context, tx bun.IDB, v auth.Viewer, again bool, note string, wishes []Wish) (map[uuid.UUID]Obstacle, error) {
	if v.Side != auth.Office && v.Side != auth.Program {
		return nil, fault.Forbidden("Only staff can invite.")
	}
	note, err := checkNote(note)
	if err != nil || len(wishes) == 0 {
		return nil, err
	}
	guests, err := holdMany(ctx, tx, v, again, wishes)
	if err != nil {
		return nil, err
	}
	left := make(map[uuid.UUID]Obstacle, len(wishes))
	for _, w := range wishes { // whoever is not found at all is put away, or another firm's
		left[w.Contact] = Archived
	}
	var stamps []stamped
	for _, g := range guests {
		if left[g.ID] = g.Obstacle; g.Obstacle != "" {
			continue
		}
		delete(left, g.ID)
		if !g.Granted {
			if _, err := people.Grant(ctx, tx, v, g.ID); err != nil {
				return nil, err
			}
		}
		s := stamped{g, note}
		if again {
			s.Note = g.Said
		}
		stamps = append(stamps, s)
	}
	if err := stampMany(ctx, tx, v, stamps); err != nil {
		return nil, err
	}
	promises := make([]outbox.Promise, len(stamps))
	for i, s := range stamps {
		if err := record(ctx, tx, v, s.ID, s.ClientID, s.Name, s.Invited); err != nil {
			return nil, err
		}
		body, err := json.Marshal(Promise{Contact: s.ID, By: v.PersonID, Note: s.Note})
		if err != nil {
			return nil, err
		}
		promises[i] = outbox.Promise{ID: s.Mail, Kind: Mail.Name(), Payload: body}
	}
	return left, outbox.Put(ctx, tx, v.FirmID(), promises...)
}

func record(ctx context.Context, tx bun.IDB, v auth.Viewer, contact, client uuid.UUID, name string, again bool) error {
	text := "invited " + name + " to the portal"
	if again {
		text += " again"
	}
	return activity.Record(ctx, tx, v, activity.Entry{Verb: "contact.invited", Text: text, ClientID: client, SubjectID: contact})
}

// TakeBack withdraws mails that nobody has begun to send, and says whose; what a worker has handed over before it died is
// not among them. A first invitation that was taken back has never been.
func TakeBack(ctx context.Context, tx bun.IDB, v auth.Viewer, first bool, wishes []Wish) ([]uuid.UUID, error) {
	mails := make([]uuid.UUID, len(wishes))
	for i, w := range wishes {
		mails[i] = w.Mail
	}
	idle, err := outbox.Idle(ctx, tx, mails)
	if err != nil {
		return nil, err
	}
	begun, err := post.Begun(ctx, tx, v.FirmID(), idle)
	if err != nil {
		return nil, err
	}
	idle = slices.DeleteFunc(idle, func(mail uuid.UUID) bool { return slices.Contains(begun, mail) })
	withdrawn, err := outbox.Withdraw(ctx, tx, v.FirmID(), idle)
	if err != nil {
		return nil, err
	}
	var contacts []uuid.UUID
	for _, w := range wishes {
		if slices.Contains(withdrawn, w.Mail) {
			contacts = append(contacts, w.Contact)
		}
	}
	if !first || len(contacts) == 0 {
		return contacts, nil
	}
	return contacts, unstamp(ctx, tx, v, contacts)
}
