package team

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"

	"portico/platform/activity"
	"portico/platform/fault"
	"portico/platform/module"
	"portico/platform/web"
)

type office struct{ module.Platform }

// member is somebody on the team of a project, as the office sees it.
type member struct {
	PersonID             uuid.UUID
	Name, Title          string
	PhotoID              uuid.UUID
	Role                 string
	Visible, Contactable bool
	Reachable            bool // shows clients an address or a number at all
	Disabled             bool // may not sign in any more; clients do not see them
	First, Last          bool
}

type officeView struct {
	*web.Here
	Project project
	Trail   []web.NavItem
	Tabs    []web.NavItem
	Members []member
	Others  []colleague // who could join
	Form    addForm
}

func (o office) project(r *web.Request) (project, error) {
	return web.Find(r, "project", findProject)
}

func (o office) view(r *web.Request, p project) (officeView, error) {
	r.Title(p.Name + ": team")
	view := officeView{Here: r.Here(), Project: p, Form: addForm{Visible: true, Contactable: true}}
	view.Trail = []web.NavItem{{Title: "Clients", Href: r.Path("clients")}, {Title: p.ClientName, Href: r.Path("clients", p.ClientID)}, {Title: p.Name}}
	for _, tab := range o.Catalog().Tabs("project", r.Viewer()) {
		view.Tabs = append(view.Tabs, web.NavItem{Title: tab.Title, Href: tab.Path(p.ID.String()), Current: tab.ID == "team:project"})
	}
	var err error
	if view.Members, err = members(r.Context(), r.Tx(), r.Viewer(), p.ID); err != nil {
		return view, err
	}
	if n := len(view.Members); n > 0 {
		view.Members[0].First, view.Members[n-1].Last = true, true
	}
	view.Others, err = colleagues(r.Context(), r.Tx(), r.Viewer(), p.ID)
	return view, err
}

func (o office) team(r *web.Request) error {
	p, err := o.project(r)
	if err != nil {
		return err
	}
	view, err := o.view(r, p)
	if err != nil {
		return err
	}
	return r.Show("team/team", view)
}

// addForm is who joins, and as what.
type addForm struct {
	Person      uuid.UUID `form:"person"`
	Role        string    `form:"role"`
	Visible     bool      `form:"visible"`
	Contactable bool      `form:"contactable"`
}

// Check says what is wrong with it.
func (f *addForm) Check() fault.Fields {
	wrong := fault.Fields{"role": checkRole(&f.Role)}
	if f.Person == uuid.Nil {
		wrong["person"] = "Choose who joins the team."
	}
	return wrong
}

const roleLength = 80

// checkRole makes one line of what was typed.
func checkRole(text *string) string {
	*text = strings.Join(strings.Fields(*text), " ")
	if utf8.RuneCountInString(*text) > roleLength {
		return "Use at most 80 characters."
	}
	return ""
}

func (o office) add(r *web.Request) error {
	var form addForm
	wrong := r.Bind(&form)
	p, err := o.project(r)
	if err != nil {
		return err
	}
	if wrong == nil {
		var name string
		if name, wrong = join(r.Context(), r.Tx(), r.Viewer(), p, form); wrong == nil {
			r.Toast(name + " is on the team.")
			return o.done(r, p, "team.joined", "added "+name+" to the team of "+p.Name, nil)
		}
	}
	view, err := o.view(r, p)
	if err != nil {
		return err
	}
	view.Form = form
	return r.Again("team/team", view, wrong)
}

// save keeps the whole list, and does what the pressed button says: moves somebody up or down, or removes somebody.
// What was typed elsewhere in the list is kept with it.
func (o office) save(r *web.Request) error {
	p, err := o.project(r)
	if err != nil {
		return err
	}
	if err := hold(r.Context(), r.Tx(), r.Viewer(), p.ID); err != nil {
		return err
	}
	view, err := o.view(r, p)
	if err != nil {
		return err
	}
	before := view.Members
	after, wrong := typed(r, before)
	view.Members = after
	if err := fault.InFields(wrong); err != nil {
		return r.Again("team/team", view, err)
	}
	after, gone := arrange(after, r.Value("up"), r.Value("down"), r.Value("remove"))
	changes := activity.Changes(told(before), told(after))
	if changes == nil && sameOrder(before, after) {
		r.Toast("Nothing was changed.")
		return r.Go(projectPath(p.ID.String()))
	}
	if err := keep(r.Context(), r.Tx(), r.Viewer(), p.ID, after, gone); err != nil {
		return err
	}
	verb, text := "team.changed", "changed the team of "+p.Name
	if gone != nil {
		verb, text = "team.left", "took "+gone.Name+" off the team of "+p.Name
		r.Toast(gone.Name + " is no longer on the team.")
	} else {
		r.Toast("Saved.")
	}
	return o.done(r, p, verb, text, changes)
}

// done leaves the trace, and lets open pages of the client look again.
func (o office) done(r *web.Request, p project, verb, text string, changes map[string]any) error {
	err := activity.Record(r.Context(), r.Tx(), r.Viewer(), activity.Entry{
		Verb: verb, Text: text, ClientID: p.ClientID, ProjectID: p.ID, SubjectID: p.ID, Data: changes,
	})
	if err != nil {
		return err
	}
	o.Bell.Publish(r.Context(), r.Firm().ID, "team@client:"+p.ClientID.String())
	return r.Go(projectPath(p.ID.String()))
}

// typed is the list as the form has it. Who joined meanwhile, and is not in the form, stays as is.
func typed(r *web.Request, before []member) ([]member, fault.Fields) {
	wrong := fault.Fields{}
	inForm := map[string]bool{}
	for _, id := range r.Values("member") {
		inForm[id] = true
	}
	after := append([]member{}, before...)
	for i := range after {
		m := &after[i]
		id := m.PersonID.String()
		if !inForm[id] {
			continue
		}
		m.Role, m.Visible, m.Contactable = r.Value("role-"+id), r.Value("visible-"+id) != "", r.Value("contactable-"+id) != ""
		if problem := checkRole(&m.Role); problem != "" {
			wrong["role-"+id] = problem
		}
	}
	return after, wrong
}

// arrange moves one member by one place, or takes one out; an id that is not there does nothing.
func arrange(all []member, up, down, remove string) (after []member, gone *member) {
	after = append([]member{}, all...)
	for i, m := range all {
		switch id := m.PersonID.String(); {
		case id == remove:
			return append(after[:i], after[i+1:]...), &all[i]
		case id == up && i > 0:
			after[i-1], after[i] = after[i], after[i-1]
			return after, nil
		case id == down && i < len(all)-1:
			after[i], after[i+1] = after[i+1], after[i]
			return after, nil
		}
	}
	return after, nil
}

// told is how the trace keeps a team.
func told(all []member) map[string]any {
	m := map[string]any{}
	for _, one := range all {
		words := []string{one.Role}
		if !one.Visible {
			words = append(words, "hidden from the client")
		}
		if !one.Contactable {
			words = append(words, "not to be contacted")
		}
		m[one.Name] = strings.TrimPrefix(strings.Join(words, ", "), ", ")
	}
	return m
}

func sameOrder(a, b []member) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i].PersonID != b[i].PersonID {
			return false
		}
	}
	return true
}

// Field names a field of one member.
func (m member) Field(name string) string { return fmt.Sprintf("%s-%s", name, m.PersonID) }
