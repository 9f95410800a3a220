package users

import (
	"fmt"
	"time"

	"github.com/google/uuid"

	"portico/platform/invite"
)

// portalUser is one line of the list: a contact, whether or not it may come in.
type portalUser struct {
	ID, ClientID            uuid.UUID
	Name, Email, ClientName string
	PortalState             string
	ClientOn                bool
	InvitedAt, OpenedAt     time.Time
	AcceptedAt, DisabledAt  time.Time
	SignedInAt              time.Time
	BounceReason            string
	Sessions                int
	MailState               string // of the last invitation: waiting, queued, failed, perhaps, sent
}

// state is how far a contact has come, in a word, a colour and an icon.
type state struct{ Name, Text, Kind, Icon string }

// states in the order of the filter.
var states = []state{
	{"not_invited", "Not invited", "due", "mail"},
	{"invited", "Invited", "info", "send"},
	{"accepted", "Accepted", "ok", ""},
	{"bounced", "Mail came back", "late", "mail-x"},
	{"disabled", "Disabled", "muted", "lock"},
	{"none", "No portal access", "outline", "user"},
}

// doubtful are among the invited: nobody knows whether their invitation has gone out.
var doubtful = state{perhaps, "Invitation perhaps sent", "due", "circle-help"}

func stateNamed(name string) (state, bool) {
	for _, s := range append(states, doubtful) {
		if s.Name == name {
			return s, true
		}
	}
	return state{}, false
}

// State is how far the contact has come; an invitation says where its mail is.
func (u portalUser) State() state {
	s, _ := stateNamed(u.PortalState)
	switch {
	case u.MailState == "waiting" && (s.Name == "not_invited" || s.Name == "invited"):
		return state{s.Name, "Invitation queued", "info", "clock"}
	case s.Name != "invited":
		return s
	case u.MailState == "queued":
		return state{s.Name, "Invitation queued", "info", "clock"}
	case u.MailState == "failed":
		return state{s.Name, "Invitation not sent", "late", "mail-x"}
	case u.MailState == perhaps:
		return doubtful
	case !u.OpenedAt.IsZero():
		return state{s.Name, "Invitation opened", "info", "mail-open"}
	}
	return state{s.Name, "Invitation sent", "info", "send"}
}

// obstacles say why somebody is skipped.
var obstacles = map[invite.Obstacle]string{
	invite.Archived: "Archived", invite.NoAccess: "No portal access", invite.Disabled: "Access is disabled",
	invite.NoAddress: "No email address", invite.Bounced: "Mail to this address came back", invite.Accepted: "Accepted already",
	invite.NotInvited: "Was never invited", invite.Invited: "Was invited already", invite.FirmOff: "The firm’s portal is off",
	invite.ClientOff: "The client’s portal is off", elsewhere: "Waits in another sending already", gone: "There was nothing left to send",
	granted: "Has access already",
}

const (
	elsewhere invite.Obstacle = "elsewhere"
	gone      invite.Obstacle = "gone"
)

func reason(o string) string {
	if text := obstacles[invite.Obstacle(o)]; text != "" {
		return text
	}
	return o
}

func thousands(n int) string {
	if n < 1000 {
		return fmt.Sprint(n)
	}
	if n < 1_000_000 {
		return fmt.Sprintf("%d,%03d", n/1000, n%1000)
	}
	return fmt.Sprintf("%d,%03d,%03d", n/1_000_000, n/1000%1000, n%1000)
}

func counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return thousands(n) + " " + many
}
