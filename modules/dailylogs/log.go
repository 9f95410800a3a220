package dailylogs

import (
	"strings"
	"time"

	"github.com/google/uuid"

	"portico/platform/access"
	"portico/platform/auth"
	"portico/platform/day"
)

const (
	draft     = "draft"
	submitted = "submitted"
	reopened  = "reopened"
	withdrawn = "withdrawn"
)

const (
	longText     = 10_000 // characters of one text
	longCaption  = 300
	longName     = 120
	mostPeople   = 40  // rows of who was on site
	mostPhotos   = 300 // of one log
	mostBytes    = 60 << 20
	reopensIn    = 24 * time.Hour // by its author; an admin may at any time
	thumbsInFeed = 6
)

// Log is a day's log as staff see it.
type Log struct {
	ID, ClientID, ProjectID uuid.UUID
	LogDate                 day.Day
	ToldDate                day.Day // the one that clients read; before a log is submitted, the same
	AuthorID                uuid.UUID
	State                   string
	Text                    string
	TextShown               bool
	ClientText              string
	Notes                   string // staff only
	Weather
	Shared           bool
	Revision         int
	SubmittedAt      time.Time
	NotifiedRevision int
	WithdrawnAt      time.Time
	WithdrawnWhy     string
	Version          int
	CreatedAt        time.Time

	Author, Project, Client string
	ProjectKey              string
	Withdrawer              string
	Open                    bool // the client may see the project at all
	Photos                  int  // how many it has
	Comments                int  `bun:"-"`
}

// Draft reports whether nobody but its author and admins has seen it yet.
func (l Log) Draft() bool { return l.State == draft }

// Writing reports whether somebody is at it: it can be changed and submitted.
func (l Log) Writing() bool { return l.State == draft || l.State == reopened }

// Reopened reports whether it was submitted and is being changed.
func (l Log) Reopened() bool { return l.State == reopened }

// Withdrawn reports whether it was taken back.
func (l Log) Withdrawn() bool { return l.State == withdrawn }

// Edited reports whether it was submitted more than once.
func (l Log) Edited() bool { return l.Revision > 1 }

// Told reports whether the client sees it: submitted, shared, and the project is theirs to see.
func (l Log) Told() bool { return l.Shared && l.Revision > 0 && !l.Withdrawn() && l.Open }

// Notified reports whether the client was told of the log as it is.
func (l Log) Notified() bool { return l.Revision > 0 && l.NotifiedRevision == l.Revision }

// StateTitle names the state for people.
func (l Log) StateTitle() string {
	return map[string]string{draft: "Draft", submitted: "Submitted", reopened: "Being changed", withdrawn: "Withdrawn"}[l.State]
}

// StateKind is the badge of the state.
func (l Log) StateKind() string {
	return map[string]string{draft: "muted", submitted: "ok", reopened: "due", withdrawn: "muted"}[l.State]
}

// Excerpt is its beginning on one line.
func (l Log) Excerpt() string { return excerpt(l.Text, 140) }

func excerpt(text string, most int) string {
	text = strings.Join(strings.Fields(text), " ")
	if runes := []rune(text); len(runes) > most {
		return strings.TrimSpace(string(runes[:most-1])) + "…"
	}
	return text
}

// mayWrite reports whether the viewer may change it now: its author while it is being written, an admin too.
func (l Log) mayWrite(v auth.Viewer) bool { return l.Writing() && l.mine(v) }

func (l Log) mine(v auth.Viewer) bool {
	return v.Side == auth.Office && (l.AuthorID == v.PersonID || v.Role.AtLeast(access.Admin))
}

// mayReopen: what is submitted can be changed by its author for a day, by an admin at any time.
func (l Log) mayReopen(v auth.Viewer, now time.Time) bool {
	return l.State == submitted && v.Side == auth.Office &&
		(v.Role.AtLeast(access.Admin) || l.AuthorID == v.PersonID && now.Before(l.SubmittedAt.Add(reopensIn)))
}

// mayWithdraw: what was submitted can be taken back by its author and by admins; a trace stays for staff.
func (l Log) mayWithdraw(v auth.Viewer) bool {
	return (l.State == submitted || l.State == reopened) && l.mine(v)
}

// mayShare: sharing is a decision of its own, after submitting.
func (l Log) mayShare(v auth.Viewer) bool {
	return (l.State == submitted || l.State == reopened) && v.May(write)
}

// Present is who was on site.
type Present struct {
	Name    string `json:"name"`
	People  int    `json:"people"`
	Minutes int    `json:"minutes,omitempty"` // staff only
}

// Text is the row for people: "Riverside Plumbing (3)".
func (p Present) Text() string {
	if p.People > 1 {
		return p.Name + " (" + itoa(p.People) + ")"
	}
	return p.Name
}

// HoursText is the time as one types it: "7.5".
func (p Present) HoursText() string { return hoursText(p.Minutes) }

// Tag is a word that logs are found by.
type Tag struct {
	ID       uuid.UUID `json:"id"`
	Name     string    `json:"name"`
	Internal bool      `json:"-"` // staff only
	Archived bool      `json:"-"`
}

// dayText is a day in the words of activity, titles and mails.
func dayText(d day.Day) string { return d.Midnight().Format("Mon, Jan 2, 2006") }
