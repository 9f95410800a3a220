package setup

import (
	"slices"
	"strings"

	"github.com/google/uuid"

	"portico/platform/access"
	"portico/platform/activity"
	"portico/platform/fault"
	"portico/platform/files"
	"portico/platform/people"
	"portico/platform/search"
	"portico/platform/web"
)

// member is one of the staff in a list.
type member struct {
	people.Staff
	PhotoURL, Href string
	RoleTitle      string
	State          string // active, invited or disabled
	You            bool
}

var roleTitles = map[access.Role]string{access.Owner: "Owner", access.Admin: "Admin", access.Member: "Member"}

var roleOptions = []option{{"member", "Member: projects and clients"}, {"admin", "Admin: everything but owners"}, {"owner", "Owner: everything"}}

func memberOf(r *web.Request, s people.Staff) member {
	return member{
		s, files.URL(s.PhotoID, "thumb"), r.Path("setup", "staff", s.PersonID), roleTitles[s.Role], staffState(s), s.PersonID == r.Viewer().PersonID,
	}
}

// fits reports whether every word that was typed is somewhere in the texts.
func fits(words string, texts ...string) bool {
	in := search.Fold(strings.Join(texts, " "))
	return !slices.ContainsFunc(strings.Fields(search.Fold(words)), func(word string) bool { return !strings.Contains(in, word) })
}

// newStaffForm invites somebody into the office.
type newStaffForm struct {
	Name  string      `form:"name"`
	Email string      `form:"email"`
	Title string      `form:"title"`
	Phone string      `form:"phone"`
	Role  access.Role `form:"role"`
}

type newStaffView struct {
	*web.Here
	Trail []web.NavItem
	Form  newStaffForm
	Roles []option
}

func (o office) newStaffView(r *web.Request, form newStaffForm) newStaffView {
	r.Title("Invite somebody")
	trail := append(o.trail(r), web.NavItem{Title: "Staff", Href: r.Path("setup", "staff")})
	return newStaffView{r.Here(), trail, form, rolesFor(r)}
}

// rolesFor are the roles that the viewer may give: only owners make owners.
func rolesFor(r *web.Request) []option {
	if r.Viewer().Role == access.Owner {
		return roleOptions
	}
	return roleOptions[:2]
}

// newStaff asks who it is before it shows the form: it lets somebody in, and what is typed must not be lost.
func (o office) newStaff(r *web.Request) error {
	if err := r.Viewer().Confirmed(r.Now()); err != nil {
		return err
	}
	return r.Show("setup/staff_new", o.newStaffView(r, newStaffForm{Role: access.Member}))
}

func (o office) addStaff(r *web.Request) error {
	if err := r.Viewer().Confirmed(r.Now()); err != nil {
		return err
	}
	var form newStaffForm
	err := r.Bind(&form)
	if err == nil {
		err = o.keepNewStaff(r, form)
	}
	if err != nil {
		return r.Again("setup/staff_new", o.newStaffView(r, form), err)
	}
	return r.Go(r.Path("setup", "staff"))
}

func (o office) keepNewStaff(r *web.Request, form newStaffForm) error {
	s, err := people.AddStaff(r.Context(), r.Tx(), r.Viewer(), people.NewStaff{
		Name: form.Name, Email: form.Email, Title: form.Title, Phone: form.Phone, Role: form.Role,
	})
	if err != nil {
		return err
	}
	r.Toast("The invitation to " + s.Name + " is on its way.")
	return o.welcome(r, s)
}

func (o office) invite(r *web.Request, s people.Staff) error {
	_, err := invitation.Enqueue(r.Context(), r.Tx(), r.Firm().ID, invited{Person: s.PersonID, By: r.Viewer().PersonID})
	return err
}

func (o office) tell(r *web.Request, verb, text string, person uuid.UUID, was, is map[string]any) error {
	return activity.Record(r.Context(), r.Tx(), r.Viewer(), activity.Entry{
		Verb: verb, Text: text, SubjectID: person, Data: map[string]any{"before": was, "after": is},
	})
}

// mayTouch: an admin leaves the owners alone.
func mayTouch(r *web.Request, s people.Staff) error {
	if s.Role == access.Owner && r.Viewer().Role != access.Owner {
		return fault.Forbidden("Only an owner can do that.")
	}
	return nil
}
