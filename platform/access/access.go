// Package access decides who may see what: four levels, one resolved answer. It knows no section, only their names.
package access

import "slices"

// Role is what a member of staff may do; each includes the ones before it.
type Role string

const (
	NoRole Role = ""
	Member Role = "member"
	Admin  Role = "admin"
	Owner  Role = "owner"
)

var rank = map[Role]int{NoRole: 0, Member: 1, Admin: 2, Owner: 3}

// AtLeast reports whether r includes least.
func (r Role) AtLeast(least Role) bool { return r != NoRole && rank[r] >= rank[least] }

// Right is what a contact may do, beyond seeing.
type Right string

const (
	ViewInvoices   Right = "view_invoices"
	MakePayments   Right = "make_payments"
	MakeSelections Right = "make_selections"
	SignDocuments  Right = "sign_documents"
	SendMessages   Right = "send_messages"
	EditProfile    Right = "edit_profile"
)

// AllRights in the order in which screens show them.
var AllRights = []Right{ViewInvoices, MakePayments, MakeSelections, SignDocuments, SendMessages, EditProfile}

// Title names a right for people.
func (r Right) Title() string {
	return map[Right]string{
		ViewInvoices: "View invoices", MakePayments: "Make payments", MakeSelections: "Make selections",
		SignDocuments: "Sign documents", SendMessages: "Send messages", EditProfile: "Edit own profile",
	}[r]
}

// Switches are what one level says: "section" or "section/area" -> on. Absent means "as the level above".
type Switches map[string]bool

// Area is a part of a section that can be switched on its own.
type Area struct{ ID, Title, Summary string }

// Who says which kind of visitor a permission is for.
type Who int

const (
	Nobody    Who = iota // the zero value lets nobody in: a route cannot forget to say
	Anyone               // also without sign-in
	SignedIn             // any session, of either side
	ForClient            // a portal user, if the section is on
	ForStaff             // a member of staff
)

// Permission is what a route asks of its viewer. The name is the module's id, a colon, and a word.
type Permission struct {
	Name    string
	Who     Who
	Section string // portal: this section must be on; "" = always there
	Area    string // portal: and this area of it
	Right   Right  // portal: and the contact must have it
	Role    Role   // office: at least; "" = any staff
}

// Public lets anyone in.
var Public = Permission{Name: "public", Who: Anyone}

// Session lets anybody in who is signed in.
var Session = Permission{Name: "session", Who: SignedIn}

// Client is a permission for portal users.
func Client(name, section string) Permission {
	return Permission{Name: name, Who: ForClient, Section: section}
}

// Staff is a permission for staff of at least that role.
func Staff(name string, least Role) Permission {
	return Permission{Name: name, Who: ForStaff, Role: least}
}

// InArea narrows a portal permission to an area.
func (p Permission) InArea(area string) Permission { p.Area = area; return p }

// With demands a right of the contact.
func (p Permission) With(right Right) Permission { p.Right = right; return p }

// Level is one of the four that decide, from the top.
type Level string

const (
	ByFirm    Level = "firm"
	ByClient  Level = "client"
	ByProject Level = "project"
	ByContact Level = "contact"
)

// Levels are the facts of the four levels for one contact (or, with Contact nil, for the client as such).
type Levels struct {
	FirmOn      bool
	FirmSays    Switches
	ClientOn    bool
	ClientSays  Switches
	ProjectSays []Switches // of the projects in view; a section is off when all of them switch it off
	Contact     *Contact
}

// Contact is the fourth level.
type Contact struct {
	Portal bool // access is "Portal user", and not disabled
	Rights []Right
}

// Answer is what was resolved, and by which level.
type Answer struct {
	On bool
	By Level
}

// Portal resolves whether the portal opens at all.
func (l Levels) Portal() Answer {
	switch {
	case !l.FirmOn:
		return Answer{false, ByFirm}
	case !l.ClientOn:
		return Answer{false, ByClient}
	case l.Contact != nil && !l.Contact.Portal:
		return Answer{false, ByContact}
	}
	return Answer{true, ByClient}
}

// Section resolves one section, or one area of it when area is not "". An area is never on in a section that is off.
// The portal being off is another question: see Portal.
func (l Levels) Section(section, area string) Answer {
	answer := l.key(section)
	if area != "" && answer.On {
		answer = l.key(section + "/" + area)
	}
	leaves := func(s Switches) bool { return s.Leaves(section, area) }
	if answer.On && len(l.ProjectSays) > 0 && !slices.ContainsFunc(l.ProjectSays, leaves) {
		return Answer{false, ByProject}
	}
	return answer
}

func (l Levels) key(key string) Answer {
	if says, ok := l.ClientSays[key]; ok {
		return Answer{says, ByClient}
	}
	return Answer{l.FirmSays[key], ByFirm}
}

// Leaves reports whether a project with these switches leaves the section open, and the area of it: a project narrows.
func (s Switches) Leaves(section, area string) bool {
	open := func(key string) bool {
		says, ok := s[key]
		return !ok || says
	}
	return open(section) && (area == "" || open(section+"/"+area))
}

// Right resolves what the contact may do, once the portal is open.
func (l Levels) Right(r Right) Answer {
	if answer := l.Portal(); !answer.On {
		return answer
	}
	return Answer{l.Contact != nil && slices.Contains(l.Contact.Rights, r), ByContact}
}

// May is the whole question of the portal: is it open, is the section on, has the contact the right?
func (l Levels) May(p Permission) Answer {
	if answer := l.Portal(); !answer.On {
		return answer
	}
	answer := Answer{true, ByFirm}
	if p.Section != "" {
		answer = l.Section(p.Section, p.Area)
	}
	if answer.On && p.Right != "" && !l.Right(p.Right).On {
		return Answer{false, ByContact}
	}
	return answer
}

// Words say which level decided, after its answer: "by the firm".
func (l Level) Words() string {
	return map[Level]string{ByFirm: "by the firm", ByClient: "by this client", ByProject: "by the project", ByContact: "by the contact"}[l]
}
