package setup

import (
	"github.com/google/uuid"

	"portico/platform/activity"
	"portico/platform/fault"
	"portico/platform/people"
	"portico/platform/web"
)

// The projects of a member of staff: the same memberships that a project's own team page arranges, seen from the person.

var statusTitles = map[string]string{"planned": "Planned", "active": "Active", "completed": "Completed", "archived": "Archived"}

// assignment is one project of a member in a list.
type assignment struct {
	people.Work
	StatusTitle, Href string
}

func assignmentsOf(r *web.Request, all []people.Work) []assignment {
	assignments := make([]assignment, len(all))
	for i, w := range all {
		assignments[i] = assignment{w, statusTitles[w.Status], r.Path("team", w.ProjectID)}
	}
	return assignments
}

type workOfView struct {
	*web.Here
	Trail  []web.NavItem
	Person member
	Work   []assignment
	Words  string
	Found  []assignment
}

const mostFound = 20

func (o office) personWorkView(r *web.Request, s people.Staff) (workOfView, error) {
	r.Title("Projects of " + s.Name)
	view := workOfView{
		Here: r.Here(), Person: memberOf(r, s), Words: r.Query("q"),
		Trail: append(o.trail(r), web.NavItem{Title: "Staff", Href: r.Path("setup", "staff")}, web.NavItem{Title: s.Name, Href: r.Path("setup", "staff", s.PersonID)}),
	}
	all, err := people.WorkOf(r.Context(), r.Tx(), r.Viewer(), s.PersonID)
	if err != nil {
		return view, err
	}
	found, err := people.WorkFor(r.Context(), r.Tx(), r.Viewer(), s.PersonID, view.Words, mostFound)
	view.Work, view.Found = assignmentsOf(r, all), assignmentsOf(r, found)
	return view, err
}

func (o office) personWork(r *web.Request) error {
	s, err := o.findStaff(r)
	if err != nil {
		return err
	}
	view, err := o.personWorkView(r, s)
	if err != nil {
		return err
	}
	return r.Show("setup/staff_work", view)
}

// saveWork keeps roles, what clients see, and who has left, as the whole list says it.
func (o office) saveWork(r *web.Request) error {
	s, err := o.findStaff(r)
	if err != nil {
		return err
	}
	var form struct {
		Projects []uuid.UUID `form:"project"`
	}
	err = r.Bind(&form)
	var changes []people.Change
	for _, id := range form.Projects {
		changes = append(changes, people.Change{
			ProjectID: id, Role: r.Value("role-" + id.String()), Visible: r.Value("visible-"+id.String()) != "", Leave: r.Value("leave-"+id.String()) != "",
		})
	}
	if err == nil {
		err = o.keepWork(r, s, changes)
	}
	if err == nil {
		return r.Go(r.Path("setup", "staff", s.PersonID, "projects"))
	}
	view, drawn := o.personWorkView(r, s)
	if drawn != nil {
		return drawn
	}
	for i, j := range view.Work { // what was typed stays
		for _, c := range changes {
			if c.ProjectID == j.ProjectID {
				view.Work[i].Role, view.Work[i].Visible = c.Role, c.Visible
			}
		}
	}
	return r.Again("setup/staff_work", view, err)
}

func (o office) keepWork(r *web.Request, s people.Staff, changes []people.Change) error {
	before, err := people.KeepWork(r.Context(), r.Tx(), r.Viewer(), s.PersonID, changes)
	if err != nil {
		return err
	}
	if len(before) == 0 {
		r.Toast("Nothing was changed.")
		return nil
	}
	after, err := people.WorkOf(r.Context(), r.Tx(), r.Viewer(), s.PersonID)
	if err != nil {
		return err
	}
	is := map[uuid.UUID]people.Work{}
	for _, w := range after {
		is[w.ProjectID] = w
	}
	for _, was := range before {
		now, there := is[was.ProjectID]
		text, told := "changed what "+s.Name+" does on "+was.Project, toldWork(now)
		if !there {
			text, told = "took "+s.Name+" off "+was.Project, nil
		}
		if err := o.tellWork(r, "team.changed", text, was, toldWork(was), told); err != nil {
			return err
		}
	}
	r.Toast("Saved.")
	return nil
}

func toldWork(w people.Work) map[string]any {
	return map[string]any{"role_on_the_project": w.Role, "client_sees_them": w.Visible}
}

// tellWork records a change of a project's team, and rings for those who look at it.
func (o office) tellWork(r *web.Request, verb, text string, w people.Work, was, is map[string]any) error {
	o.Bell.Publish(r.Context(), r.Firm().ID, "team@client:"+w.ClientID.String())
	return activity.Record(r.Context(), r.Tx(), r.Viewer(), activity.Entry{
		Verb: verb, Text: text, ClientID: w.ClientID, ProjectID: w.ProjectID, SubjectID: w.ProjectID, Data: map[string]any{"before": was, "after": is},
	})
}

// joinWork puts the member on one more project.
func (o office) joinWork(r *web.Request) error {
	s, err := o.findStaff(r)
	if err != nil {
		return err
	}
	if !s.Active() {
		return fault.Conflict("Switch the access on first.")
	}
	project, err := uuid.Parse(r.Value("project"))
	if err != nil {
		return fault.NotFound()
	}
	w, joined, err := people.Join(r.Context(), r.Tx(), r.Viewer(), s.PersonID, project, "")
	if err != nil {
		return err
	}
	if joined {
		w.Visible = true
		if err := o.tellWork(r, "team.joined", "put "+s.Name+" on "+w.Project, w, nil, toldWork(w)); err != nil {
			return err
		}
		r.Toast(s.Name + " works on " + w.Project + " now.")
	}
	return r.Go(r.Path("setup", "staff", s.PersonID, "projects"))
}
