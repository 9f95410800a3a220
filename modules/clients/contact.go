package clients

import (
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"portico/platform/access"
	"portico/platform/fault"
)

// Contact is a person of one client. Being listed gives no access.
type Contact struct {
	ID, ClientID, PersonID    uuid.UUID
	Name, Title, Email, Phone string
	Notes                     string // staff only
	IsPrimary                 bool
	Access                    string         // none, portal
	Rights                    []access.Right `bun:",array"`
	Limited                   bool           // only some of the client's projects
	InvitedAt, OpenedAt       time.Time
	AcceptedAt, DisabledAt    time.Time
	BouncedAt                 time.Time
	BounceReason              string
	ArchivedAt                time.Time
	Version                   int
	LastSignInAt              time.Time
	Projects                  []uuid.UUID `bun:",array"` // of a limited one
	Named                     []string    `bun:"-"`      // their names, as far as somebody looked
}

// Portal reports whether the contact may sign in, once invited.
func (c Contact) Portal() bool { return c.Access == "portal" }

// Archived reports whether the contact was put away.
func (c Contact) Archived() bool { return !c.ArchivedAt.IsZero() }

// state is how far a contact has come on the way into the portal.
type state struct{ Name, Text, Kind, Icon string }

var (
	stateArchived   = state{"archived", "Archived", "muted", "archive"}
	stateNone       = state{"none", "No portal access", "outline", "user"}
	stateDisabled   = state{"disabled", "Disabled", "muted", "lock"}
	stateBounced    = state{"bounced", "Mail came back", "late", "mail-x"}
	stateNotInvited = state{"not_invited", "Not invited", "due", "mail"}
	stateInvited    = state{"invited", "Invited", "info", "send"}
	stateAccepted   = state{"accepted", "Accepted", "ok", ""}
)

// State is that state. A bounce counts until the address is mended or the person has come in.
func (c Contact) State() state {
	switch {
	case c.Archived():
		return stateArchived
	case !c.Portal():
		return stateNone
	case !c.DisabledAt.IsZero():
		return stateDisabled
	case !c.BouncedAt.IsZero() && c.BouncedAt.After(c.AcceptedAt):
		return stateBounced
	case !c.AcceptedAt.IsZero():
		return stateAccepted
	case !c.InvitedAt.IsZero():
		return stateInvited
	}
	return stateNotInvited
}

// MayInvite reports whether an invitation makes sense for the contact itself; whether the portals are on is another question.
func (c Contact) MayInvite() bool {
	s := c.State()
	return s == stateNone && c.Email != "" || s == stateNotInvited || s == stateInvited || s == stateBounced
}

// Reason is why the last mail came back, as the other server put it; which address it was stands beside it.
func (c Contact) Reason() string {
	return withoutMark.Replace(c.BounceReason)
}

// withoutMark reads what is kept of a server's words, in which addresses are left out.
var withoutMark = strings.NewReplacer("<[address]>: ", "", "<[address]>", "the address", "[address]", "the address")

// Bounce says what came back, and what to do; "" when nothing did.
func (c Contact) Bounce() string {
	if !c.BouncedAt.After(c.AcceptedAt) {
		return ""
	}
	return "The last mail to " + c.Email + " came back: " + strings.TrimSuffix(c.Reason(), ".") +
		". Ask for the right address and correct it here: the mark goes away, and you can invite again."
}

// Cloud is the color of the cloud beside the contact: red until invited, green once in.
func (c Contact) Cloud() string {
	switch c.State() {
	case stateAccepted:
		return "on"
	case stateInvited:
		return "waiting"
	}
	return "off"
}

// Invited reports whether an invitation has gone out: the next one is sent again.
func (c Contact) Invited() bool { return !c.InvitedAt.IsZero() }

// RightTitles are the rights in words.
func (c Contact) RightTitles() []string {
	var titles []string
	for _, r := range access.AllRights {
		if slices.Contains(c.Rights, r) {
			titles = append(titles, r.Title())
		}
	}
	return titles
}

func (c Contact) fields() []field {
	what := "No portal access"
	if c.Portal() {
		what = "Portal user"
	}
	limit := "All shared projects"
	if c.Limited {
		limit = "Only some projects"
	}
	return []field{
		{"name", "Name", c.Name}, {"title", "Title", c.Title}, {"email", "Email", c.Email}, {"phone", "Phone", c.Phone},
		{"notes", "Internal notes", c.Notes}, {"primary", "Main contact", yesNo(c.IsPrimary)}, {"access", "Access", what},
		{"rights", "Rights", strings.Join(c.RightTitles(), ", ")}, {"limited", "Projects", limit},
		{"projects", "Chosen projects", c.chosen()},
	}
}

func (c Contact) chosen() string {
	if c.Named != nil {
		return strings.Join(c.Named, ", ")
	}
	return ids(c.Projects)
}

func ids(list []uuid.UUID) string {
	texts := make([]string, len(list))
	for i, id := range list {
		texts[i] = id.String()
	}
	slices.Sort(texts)
	return strings.Join(texts, " ")
}

// contactForm is what staff type about a contact.
type contactForm struct {
	Name     string      `form:"name"`
	Title    string      `form:"title"`
	Email    string      `form:"email"`
	Phone    string      `form:"phone"`
	Notes    string      `form:"notes"`
	Primary  bool        `form:"primary"`
	Grant    bool        `form:"grant"` // "Grant access to the portal"
	Rights   []string    `form:"rights"`
	Limited  bool        `form:"limited"`
	Projects []uuid.UUID `form:"projects"`
	Invite   bool        `form:"invite"` // and send the invitation now
	Version  int         `form:"version"`
	Anyway   bool        `form:"anyway"`
}

// Check tidies what was typed and says what is wrong with it.
func (f *contactForm) Check() fault.Fields {
	wrong := fault.Fields{}
	f.Name = checkName(wrong, "name", f.Name, "Enter the person's name.")
	f.Title = checkLine(wrong, "title", f.Title)
	f.Email = checkEmail(wrong, "email", f.Email)
	f.Phone = checkPhone(wrong, "phone", f.Phone)
	f.Notes = checkText(wrong, "notes", f.Notes)
	if f.Grant && f.Email == "" {
		wrong["email"] = "A portal user signs in by email: enter an address, or take the access away."
	}
	if f.Grant && f.Limited && len(f.Projects) == 0 {
		wrong["limited"] = "Tick at least one project, or let the contact see all of them."
	}
	for _, r := range f.Rights {
		if !slices.Contains(access.AllRights, access.Right(r)) {
			wrong["rights"] = "Choose from the list."
		}
	}
	return wrong
}

func (f *contactForm) rights() []access.Right {
	rights := []access.Right{}
	for _, r := range access.AllRights {
		if slices.Contains(f.Rights, string(r)) {
			rights = append(rights, r)
		}
	}
	return rights
}

// onto gives the contact as the form wants it.
func (f *contactForm) onto(c Contact) Contact {
	c.Name, c.Title, c.Email, c.Phone, c.Notes, c.IsPrimary = f.Name, f.Title, f.Email, f.Phone, f.Notes, f.Primary
	c.Access, c.Rights, c.Limited, c.Projects = "none", f.rights(), f.Limited, nil
	if f.Grant {
		c.Access = "portal"
	}
	if f.Limited {
		c.Projects = f.Projects
	}
	return c
}

func contactFormOf(c Contact) *contactForm {
	f := &contactForm{
		Name: c.Name, Title: c.Title, Email: c.Email, Phone: c.Phone, Notes: c.Notes, Primary: c.IsPrimary,
		Grant: c.Portal(), Limited: c.Limited, Projects: c.Projects, Version: c.Version,
	}
	for _, r := range c.Rights {
		f.Rights = append(f.Rights, string(r))
	}
	return f
}

// newContactForm begins with what most contacts may do.
func newContactForm() *contactForm {
	f := &contactForm{}
	for _, r := range access.AllRights {
		f.Rights = append(f.Rights, string(r))
	}
	return f
}
