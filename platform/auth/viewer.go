// Package auth says who is looking, and keeps the sessions, links and factors that prove it.
package auth

import (
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"portico/platform/access"
	"portico/platform/lang"
)

// Side is where a viewer stands.
type Side string

const (
	Stranger Side = ""       // no session
	Portal   Side = "portal" // a contact of one client
	Office   Side = "office" // staff
	Program  Side = "system" // a job
)

// Firm is what every page and mail needs to know of its firm.
type Firm struct {
	ID         uuid.UUID
	Key, Name  string
	Kind       string
	Suspended  bool
	PortalOn   bool
	Switches   access.Switches
	Zone       string // IANA
	Locale     string // BCP 47
	Currency   string // ISO 4217
	Email      string
	Phone      string
	Address    string
	BrandColor string    // #rrggbb
	LogoID     uuid.UUID // Nil: none
	LinksLast  bool
	SSO        string // the name of the provider that staff may sign in with; "": none
}

// Project is one that a portal user may see.
type Project struct {
	ID       uuid.UUID       `json:"id"`
	Key      string          `json:"key"`
	Name     string          `json:"name"`
	Status   string          `json:"status"`
	Switches access.Switches `json:"switches"`
}

// Viewer is who looks: every read begins from one. The zero Viewer sees nothing.
type Viewer struct {
	Side Side
	Firm Firm

	PersonID    uuid.UUID
	Name, Email string
	PhotoID     uuid.UUID
	Locale      string // the person's own, else the firm's
	Zone        string
	Theme       string
	Role        access.Role // office; also set in the portal when the person is staff as well

	ContactID  uuid.UUID // portal
	ClientID   uuid.UUID
	ClientName string
	ClientLogo uuid.UUID
	UploadsOn  bool
	Limited    bool // only some of the client's projects
	Rights     []access.Right
	ClientOn   bool
	ClientSays access.Switches
	Projects   []Project // all that the contact may see
	Scope      *Project  // the one in view; nil: all of them

	Alarm   Alarm // of an owner or admin; the zero one: all is well
	News    bool  // something was told to the viewer that is unread; whether it may still be seen is asked by who shows it
	Places  int   // how many sides and clients this person may choose from here
	Session Session
	// ViewAs is the member of staff behind a read-only preview; Nil: nobody.
	ViewAs uuid.UUID
	// From is where the request came from; the activity log keeps it, and no other log.
	From Origin
}

// Alarm is a line above every page of the office, about what an owner or admin has to see to; Path is below its start.
type Alarm struct{ Text, Path, Action string }

// Origin is where a request came from, as far as one can tell. It prints as nothing.
type Origin struct{ IP, Agent string }

// String keeps it out of logs.
func (Origin) String() string { return "[origin]" }

// LogValue keeps it out of logs.
func (Origin) LogValue() slog.Value { return slog.StringValue("[origin]") }

// Session is the part of a session that pages need.
type Session struct {
	Hash        []byte
	Factors     int       // 2: a second factor was shown
	HasFactor   bool      // staff, on either side: a second factor is set up
	ConfirmedAt time.Time // the last fresh factor
	SSO         bool      // the firm's own provider has said who it is
	Welcomed    bool
	Stale       bool // last seen over 15 minutes ago: the sliding expiry wants a write (Touch)
	Duty        Duty // what the person must do before anything else
}

// Duty is a page that comes before every other.
type Duty string

const (
	NoDuty       Duty = ""
	SecondFactor Duty = "second_factor" // show the one you have
	EnrolFactor  Duty = "enrol"         // the firm demands one, you have none
)

// System is the viewer of a job: it sees its firm, and no other.
func System(firm uuid.UUID) Viewer { return Viewer{Side: Program, Firm: Firm{ID: firm}} }

// FirmID is what every WHERE begins with.
func (v Viewer) FirmID() uuid.UUID { return v.Firm.ID }

// Reader is the language in which the program speaks to the viewer: a contact's own, or the firm's; staff read English.
func (v Viewer) Reader() *lang.Reader {
	switch {
	case v.Side == Office:
		return lang.English
	case v.Locale != "":
		return lang.Of(v.Locale)
	}
	return lang.Of(v.Firm.Locale)
}

// MailReader is the language of a mail to a person: the one they chose, else for a contact the firm's, for staff English.
func MailReader(f Firm, own string, contact bool) *lang.Reader {
	if own == "" && contact {
		own = f.Locale
	}
	return lang.Of(own)
}

// SignedIn reports whether there is a session.
func (v Viewer) SignedIn() bool { return v.Side == Portal || v.Side == Office }

// Levels are the four levels of access for this portal user, for the scope in view.
func (v Viewer) Levels() access.Levels {
	levels := access.Levels{
		FirmOn: v.Firm.PortalOn, FirmSays: v.Firm.Switches,
		ClientOn: v.ClientOn, ClientSays: v.ClientSays,
		Contact: &access.Contact{Portal: v.Side == Portal, Rights: v.Rights},
	}
	if v.Scope != nil {
		levels.ProjectSays = []access.Switches{v.Scope.Switches}
		return levels
	}
	for _, p := range v.Projects {
		levels.ProjectSays = append(levels.ProjectSays, p.Switches)
	}
	return levels
}

// May answers the one question that every screen, mail, file, feed and hit asks.
func (v Viewer) May(p access.Permission) bool {
	switch p.Who {
	case access.Anyone:
		return true
	case access.SignedIn:
		return v.SignedIn()
	case access.ForStaff:
		return v.Side == Office && (p.Role == access.NoRole || v.Role.AtLeast(p.Role))
	case access.ForClient:
		return v.Side == Portal && v.Levels().May(p).On
	}
	return false
}

// ProjectIDs are the projects in which the section, or "section/area", may be shown: those in view that do not switch it
// off. An empty answer means that there is nothing to show, never "all".
func (v Viewer) ProjectIDs(key string) []uuid.UUID {
	section, area, _ := strings.Cut(key, "/")
	ids := []uuid.UUID{}
	for _, p := range v.inView() {
		if p.Switches.Leaves(section, area) {
			ids = append(ids, p.ID)
		}
	}
	return ids
}

func (v Viewer) inView() []Project {
	if v.Scope != nil {
		return []Project{*v.Scope}
	}
	return v.Projects
}

// InScope narrows the viewer to the project with that key; ok is false when the viewer may not see it.
func (v Viewer) InScope(key string) (narrowed Viewer, ok bool) {
	if key == "all" {
		v.Scope = nil
		return v, true
	}
	i := slices.IndexFunc(v.Projects, func(p Project) bool { return p.Key == key })
	if i < 0 {
		return v, false
	}
	v.Scope = &v.Projects[i]
	return v, true
}

// ScopeKey is how URLs name the scope.
func (v Viewer) ScopeKey() string {
	if v.Scope == nil {
		return "all"
	}
	return v.Scope.Key
}
