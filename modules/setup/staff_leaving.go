package setup

import (
	"fmt"
	"maps"
	"slices"

	"github.com/google/uuid"

	"portico/platform/fault"
	"portico/platform/people"
	"portico/platform/web"
)

// Whoever leaves hands over first: the page lists what they are responsible for, and asks who takes each over. Then all
// of it happens at once, or nothing does.

// leavingForm says who takes over. Each project may have somebody of its own: "to-<project>".
type leavingForm struct {
	To       string      `form:"to"` // of all: a person, or nobody
	Projects []uuid.UUID `form:"project"`

	each map[uuid.UUID]string
}

const (
	nobody = "nobody" // the project stays without
	asAll  = ""       // whoever takes over all the others
)

// duty is what a section says the person answers for.
type duty struct {
	Title string
	Count int
}

type leavingView struct {
	*web.Here
	Trail      []web.NavItem
	Person     member
	Work       []leavingWork
	Duties     []duty
	Colleagues []option
	Form       leavingForm
}

type leavingWork struct {
	assignment
	To, Problem string
}

func (o office) leavingView(r *web.Request, s people.Staff, form leavingForm) (leavingView, error) {
	r.Title("Switch off the access of " + s.Name)
	view := leavingView{
		Here: r.Here(), Person: memberOf(r, s), Form: form,
		Trail: append(o.trail(r), web.NavItem{Title: "Staff", Href: r.Path("setup", "staff")}, web.NavItem{Title: s.Name, Href: r.Path("setup", "staff", s.PersonID)}),
	}
	all, err := people.WorkOf(r.Context(), r.Tx(), r.Viewer(), s.PersonID)
	if err != nil {
		return view, err
	}
	for _, j := range assignmentsOf(r, all) {
		view.Work = append(view.Work, leavingWork{assignment: j, To: form.each[j.ProjectID]})
	}
	staff, err := people.ListStaff(r.Context(), r.Tx(), r.Viewer())
	if err != nil {
		return view, err
	}
	for _, c := range staff {
		if c.Active() && c.PersonID != s.PersonID {
			view.Colleagues = append(view.Colleagues, option{c.PersonID.String(), c.Name})
		}
	}
	view.Duties, err = o.duties(r, s.PersonID, uuid.Nil)
	return view, err
}

// duties asks every section what a person answers for, and hands it over when there is somebody to take it.
func (o office) duties(r *web.Request, from, to uuid.UUID) (all []duty, err error) {
	for _, m := range o.Catalog().Modules {
		if m.HandOver == nil {
			continue
		}
		n, err := m.HandOver(r.Context(), r.Tx(), r.Viewer(), from, to)
		if err != nil {
			return nil, fmt.Errorf("hand over %s: %w", m.ID, err)
		}
		if n > 0 {
			all = append(all, duty{m.Title, n})
		}
	}
	return all, nil
}

func (o office) leaving(r *web.Request) error {
	s, err := o.findStaff(r)
	if err != nil {
		return err
	}
	if err := mayTouch(r, s); err != nil || s.PersonID == r.Viewer().PersonID || !s.Active() {
		return fault.NotFound()
	}
	if err := r.Viewer().Confirmed(r.Now()); err != nil {
		return err
	}
	view, err := o.leavingView(r, s, leavingForm{})
	if err != nil {
		return err
	}
	return r.Show("setup/staff_leaving", view)
}

// disable hands over, and takes the member out of the office, everywhere at once.
func (o office) disable(r *web.Request) error {
	s, err := o.findStaff(r)
	if err != nil {
		return err
	}
	if there, err := o.confirmed(r, s); !there {
		return err
	}
	form := leavingForm{each: map[uuid.UUID]string{}}
	wrong := r.Bind(&form)
	for _, id := range form.Projects {
		form.each[id] = r.Value("to-" + id.String())
	}
	if wrong == nil {
		wrong = o.letGo(r, s, form)
	}
	if wrong == nil {
		return r.Go(r.Path("setup", "staff", s.PersonID))
	}
	if _, ok := fault.Of(wrong); !ok {
		return wrong
	}
	view, err := o.leavingView(r, s, form)
	if err != nil {
		return err
	}
	return r.Again("setup/staff_leaving", view, wrong)
}

func (o office) letGo(r *web.Request, s people.Staff, form leavingForm) error {
	ctx, tx, v := r.Context(), r.Tx(), r.Viewer()
	if err := people.DisableStaff(ctx, tx, v, s.PersonID); err != nil { // first: it holds the row, so that nothing new is given to them
		return err
	}
	all, err := people.WorkOf(ctx, tx, v, s.PersonID)
	if err != nil {
		return err
	}
	duties, err := o.duties(r, s.PersonID, uuid.Nil)
	if err != nil {
		return err
	}
	if form.To == "" && (len(all) > 0 || len(duties) > 0) {
		return fault.Field("to", "Choose who takes over, or that nobody does.")
	}
	names, err := o.handOverAll(r, s, all, form)
	if err != nil {
		return err
	}
	if to, err := uuid.Parse(form.To); err == nil && len(duties) > 0 {
		if _, err := o.duties(r, s.PersonID, to); err != nil {
			return err
		}
	}
	is := map[string]any{"access": "off"}
	if len(names) > 0 {
		is["handed_over_to"] = slices.Sorted(maps.Keys(names))
	}
	r.Toast(s.Name + " cannot sign in any more.")
	return o.tell(r, "staff.access", "switched off the access of "+s.Name, s.PersonID, map[string]any{"access": "on"}, is)
}

// handOverAll gives every project to whom the form says, and answers the names of those who have taken something over.
func (o office) handOverAll(r *web.Request, s people.Staff, all []people.Work, form leavingForm) (map[string]bool, error) {
	names := map[string]bool{}
	for _, w := range all {
		to := form.each[w.ProjectID]
		if to == asAll {
			to = form.To
		}
		if to == nobody {
			continue
		}
		heir, err := o.heir(r, s, to)
		if err != nil {
			return nil, err
		}
		if err := people.HandOver(r.Context(), r.Tx(), r.Viewer(), w.ProjectID, s.PersonID, heir.PersonID); err != nil {
			return nil, err
		}
		names[heir.Name] = true
		err = o.tellWork(r, "team.handed_over", "handed "+w.Project+" over from "+s.Name+" to "+heir.Name, w,
			map[string]any{"on_the_project": s.Name}, map[string]any{"on_the_project": heir.Name, "role_on_the_project": w.Role})
		if err != nil {
			return nil, err
		}
	}
	return names, nil
}

func (o office) heir(r *web.Request, from people.Staff, to string) (people.Staff, error) {
	wrong := fault.Field("to", "Choose somebody who works here.")
	id, err := uuid.Parse(to)
	if err != nil || id == from.PersonID {
		return people.Staff{}, wrong
	}
	heir, err := people.FindStaff(r.Context(), r.Tx(), r.Viewer(), id)
	if fault.Is(err, fault.Missing) || err == nil && !heir.Active() {
		return heir, wrong
	}
	return heir, err
}
