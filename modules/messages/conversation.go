package messages

import (
	"time"

	"github.com/google/uuid"
)

// Conversation is one thread, as its reader sees it.
type Conversation struct {
	ID, ClientID, ProjectID uuid.UUID
	Subject                 string
	Internal                bool // the firm's alone
	ItemSection             string
	ItemID                  uuid.UUID
	AssignedTo              uuid.UUID
	SnoozedUntil            time.Time
	ClosedAt                time.Time
	WaitingSince            time.Time // a client waits for an answer
	At                      time.Time // of the last message that the reader sees
	CreatedAt               time.Time
	ClientName, ProjectName string
	AssigneeName            string
	Unread                  int
	Draft                   string // what the reader has begun to write

	LastAuthor, LastText string // of the last message that the reader sees
	LastInternal         bool
	LastFiles            int
}

// Closed reports whether it is put away.
func (c Conversation) Closed() bool { return !c.ClosedAt.IsZero() }

// Snoozed reports whether it waits for a later time.
func (c Conversation) Snoozed(now time.Time) bool { return !c.Closed() && c.SnoozedUntil.After(now) }

// Waits reports whether a client waits for an answer.
func (c Conversation) Waits() bool { return !c.WaitingSince.IsZero() && !c.Closed() }

// About is what it belongs to, in words.
func (c Conversation) About() string {
	if c.ProjectName != "" {
		return c.ProjectName
	}
	return "General"
}

// Excerpt is the last message on one line.
func (c Conversation) Excerpt() string {
	switch text := oneLine(c.LastText); {
	case c.Draft != "":
		return cut(oneLine(c.Draft), 120)
	case text != "":
		return cut(text, 120)
	case c.LastFiles == 1:
		return "Sent a file"
	case c.LastFiles > 1:
		return "Sent files"
	}
	return ""
}

// box is a part of the list.
type box string

const (
	boxOpen       box = "open"
	boxMine       box = "mine"
	boxUnassigned box = "unassigned"
	boxUnread     box = "unread"
	boxWaiting    box = "waiting"
	boxSnoozed    box = "snoozed"
	boxClosed     box = "closed"
	boxAll        box = "all"
)

type titled struct {
	Box   box
	Title string
}

var (
	officeBoxes = []titled{{boxOpen, "Open"}, {boxUnread, "Unread"}, {boxMine, "Mine"}, {boxUnassigned, "Nobody’s"}, {boxWaiting, "To answer"}, {boxSnoozed, "Snoozed"}, {boxClosed, "Closed"}, {boxAll, "All"}}
	portalBoxes = []titled{{boxAll, "All"}, {boxUnread, "Unread"}, {boxOpen, "Open¦state"}, {boxClosed, "Closed"}}
)

// filter is what a list shows.
type filter struct {
	Box     box
	Query   string
	Client  uuid.UUID
	Project uuid.UUID
}
