// Package invite asks contacts into the portal: any section may do so, and the front door writes the mail.
package invite

import (
	"context"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/fault"
	"portico/platform/id"
	"portico/platform/job"
	"portico/platform/people"
)

// Promise is what the mail of an invitation is written from.
type Promise struct {
	Contact uuid.UUID `json:"contact"`
	By      uuid.UUID `json:"by"` // the member of staff who asked; Nil: the program
	Note    string    `json:"note,omitempty"`
}

// Mail is the job that writes it; the front door keeps it.
var Mail = job.New[Promise]("door:invite")

// MaxNote is how long a personal note may be.
const MaxNote = 1000

// Invite makes the contact a portal user, if need be, and promises a mail with a fresh link; older ones end with it.
// Inviting again is the same once more. The portal must be on, for a link that opens nothing helps nobody.
func Invite(ctx context.Context, tx bun.IDB, v auth.Viewer, contact uuid.UUID, note string) error {
	if v.Side != auth.Office && v.Side != auth.Program {
		return fault.Forbidden("Only staff can invite.")
	}
	note, err := checkNote(note)
	if err != nil {
		return err
	}
	c, err := find(ctx, tx, v, contact)
	if err != nil {
		return err
	}
	if !c.FirmOn {
		return fault.Conflict("The portal is off for the whole firm. Switch it on in the setup, then invite.")
	}
	if !c.ClientOn {
		return fault.Conflict("The portal is off for " + c.ClientName + ". Switch it on, then invite.")
	}
	if c.Email == "" {
		return fault.Field("email", "A portal user needs an email address.")
	}
	if c.Disabled {
		return fault.Conflict("The access of " + c.Name + " is disabled. Enable it, then invite.")
	}
	if !c.Granted {
		if _, err := people.Grant(ctx, tx, v, contact); err != nil {
			return err
		}
	}
	mail := id.New()
	if err := stamp(ctx, tx, v, contact, note, mail); err != nil {
		return err
	}
	if err := record(ctx, tx, v, contact, c.ClientID, c.Name, c.Invited); err != nil {
		return err
	}
	_, err = Mail.Enqueue(ctx, tx, v.FirmID(), Promise{Contact: contact, By: v.PersonID, Note: note}, job.ID(mail))
	return err
}

// Again invites with the words of the last time.
func Again(ctx context.Context, tx bun.IDB, v auth.Viewer, contact uuid.UUID) error {
	note, err := Said(ctx, tx, v, contact)
	if err != nil {
		return err
	}
	return Invite(ctx, tx, v, contact, note)
}

func checkNote(note string) (string, error) {
	note = strings.TrimSpace(strings.ReplaceAll(strings.ToValidUTF8(note, ""), "\x00", ""))
	if utf8.RuneCountInString(note) > MaxNote {
		return "", fault.Field("note", "Use at most 1,000 characters.")
	}
	return note, nil
}
