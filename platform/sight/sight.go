// Package sight loads what decides what the contacts of one client see: the facts of all four levels. The answer itself
// is platform/access's, and the sections are the catalog's.
package sight

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"portico/platform/access"
	"portico/platform/auth"
)

// Client is one client with its contacts and the projects that it sees.
type Client struct {
	ID        uuid.UUID
	Name      string
	PortalOn  bool
	UploadsOn bool
	Archived  bool
	Switches  access.Switches `bun:"type:jsonb"`
	Projects  []Project       `bun:"-"` // shared and not archived
	Contacts  []Contact       `bun:"-"` // not archived, the main one first
}

// Project is one that the client sees.
type Project struct {
	ID       uuid.UUID
	Name     string
	Switches access.Switches `bun:"type:jsonb"`
}

// Contact is the fourth level.
type Contact struct {
	ID          uuid.UUID
	Name, Title string
	Access      string         // none, portal
	Rights      []access.Right `bun:",array"`
	Limited     bool           // only some of the client's projects
	Chosen      []uuid.UUID    `bun:",array"` // of a limited one
	InvitedAt   time.Time
	AcceptedAt  time.Time
	DisabledAt  time.Time
}

// User reports whether the contact may sign in as far as the contact itself decides.
func (c Contact) User() bool { return c.Access == "portal" && c.DisabledAt.IsZero() }

// Reaches are the projects that the contact may see.
func (c Client) Reaches(contact Contact) []Project {
	if !contact.Limited {
		return c.Projects
	}
	var some []Project
	for _, p := range c.Projects {
		if slices.Contains(contact.Chosen, p.ID) {
			some = append(some, p)
		}
	}
	return some
}

// Levels are the facts for one contact, over all the projects that it reaches.
func (c Client) Levels(firm auth.Firm, contact Contact) access.Levels {
	levels := access.Levels{
		FirmOn: firm.PortalOn, FirmSays: firm.Switches,
		ClientOn: c.PortalOn && !c.Archived, ClientSays: c.Switches,
		Contact: &access.Contact{Portal: contact.User(), Rights: contact.Rights},
	}
	for _, p := range c.Reaches(contact) {
		levels.ProjectSays = append(levels.ProjectSays, p.Switches)
	}
	return levels
}
