package time

import (
	"errors"

	"github.com/google/uuid"

	"portico/platform/activity"
	"portico/platform/day"
	"portico/platform/fault"
	"portico/platform/id"
	"portico/platform/view"
	"portico/platform/web"
)

// entryForm is an entry as it was typed.
type entryForm struct {
	Project       uuid.UUID `form:"project"`
	WorkDate      day.Day   `form:"work_date"`
	Hours         string    `form:"hours"`
	Task          string    `form:"task"`
	ClientNote    string    `form:"client_note"`
	InternalNotes string    `form:"internal_notes"`
	Billable      bool      `form:"billable"`
	Version       int       `form:"version"`
	Key           uuid.UUID `form:"key"` // made with the form: pressed twice, it is one entry
}

// ProjectID is the chosen project; "" for none.
func (f entryForm) ProjectID() string { return idText(f.Project) }

func (f entryForm) Check() fault.Fields {
	wrong := lineForm{Project: f.Project, Task: f.Task}.Check()
	if f.WorkDate.IsZero() {
		wrong["work_date"] = "Enter the day."
	}
	if minutes, err := minutesIn(f.Hours); err != nil {
		wrong["hours"] = advice(err)
	} else if minutes == 0 {
		wrong["hours"] = "Enter hours, such as 1:30, 1.5 or 90m."
	}
	if tooLong(f.ClientNote, longestNote) {
		wrong["client_note"] = "Use at most 400 letters."
	}
	if tooLong(f.InternalNotes, longestText) {
		wrong["internal_notes"] = "Use at most 4,000 letters."
	}
	return wrong
}

func entryFormOf(e Entry) entryForm {
	f := entryForm{Project: e.ProjectID, WorkDate: e.WorkDate, Task: e.Task, ClientNote: e.ClientNote, InternalNotes: e.InternalNotes, Billable: e.Billable, Version: e.Version}
	if e.Minutes > 0 {
		f.Hours = clock(e.Minutes)
	}
	return f
}

// onto changes an entry as was typed.
func (f entryForm) onto(e Entry) Entry {
	e.ProjectID, e.WorkDate, e.Task, e.ClientNote, e.InternalNotes, e.Billable, e.Version = f.Project, f.WorkDate, oneLine(f.Task), f.ClientNote, f.InternalNotes, f.Billable, f.Version
	e.Minutes, _ = minutesIn(f.Hours)
	return e
}

// facts are what the log keeps of an entry.
func (e Entry) facts() map[string]any {
	return map[string]any{
		"day": e.WorkDate.String(), "hours": e.Hours(), "task": e.Task, "client note": e.ClientNote, "internal notes": e.InternalNotes,
		"billable": e.Billable, "project": e.ProjectID.String(),
	}
}

type entryView struct {
	*web.Here
	Trail    []web.NavItem
	IsNew    bool
	Entry    Entry
	Mark     mark
	Form     entryForm
	Projects []choice
	Tasks    []string
	Action   string
	Writes   bool // it can be changed by who looks
	Approves bool
	Rules    bool
	Price    string // owners and admins
	Invoice  string // where its invoice is; "" when it is on none
	Own      bool
	Back     string
}

func (o office) entryView(r *web.Request, e Entry, form entryForm) (entryView, error) {
	ctx, tx, v := r.Context(), r.Tx(), r.Viewer()
	week := o.weekStart(r, e.WorkDate)
	view := entryView{
		Here: r.Here(), IsNew: e.ID == uuid.Nil, Entry: e, Form: form, Action: r.Path("time", "entries"), Mark: markOf(e.State, e.Handed(), e.Billable),
		Trail: []web.NavItem{{Title: "Time", Href: r.Path("time") + "?week=" + week.String()}, {Title: "New entry"}}, Rules: v.May(rule),
		Own: e.PersonID == v.PersonID, Back: r.Path("time") + "?week=" + week.String(),
	}
	r.Title("New entry")
	view.Writes = view.IsNew || view.Own && e.Editable()
	if !view.IsNew {
		title := e.Hours() + " h of " + e.What()
		r.Title(title)
		view.Action, view.Trail[1].Title = r.Path("time", "entries", e.ID), title
		s, err := settingOf(ctx, tx, v)
		if err != nil {
			return view, err
		}
		view.Approves = mayApprove(v, s.LeadsApprove, e.LeadID, e.PersonID)
		if _, known := e.Hour(); known && view.Rules && e.Billable {
			view.Price = r.Here().Money(e.Price())
		}
		if e.InvoiceID != uuid.Nil && o.bills() {
			view.Invoice = r.Path("billing", "invoices", e.InvoiceID)
		}
	}
	if !view.Writes {
		return view, nil
	}
	projects, err := offered(ctx, tx, v)
	if err != nil {
		return view, err
	}
	view.Projects = withChoice(projectChoices(projects), e.ProjectID, e.Project)
	view.Tasks, err = known(ctx, tx, v)
	return view, err
}

// bills reports whether the house has the section that bills.
func (o office) bills() bool {
	for _, m := range o.Catalog().Modules {
		if m.ID == "billing" {
			return true
		}
	}
	return false
}

func (o office) loadEntry(r *web.Request) (Entry, error) {
	id, err := r.ID("entry")
	if err != nil {
		return Entry{}, err
	}
	return entryByID(r.Context(), r.Tx(), r.Viewer(), id)
}

func (o office) newEntry(r *web.Request) error {
	form := entryForm{WorkDate: dayIn(r.Query("on")), Billable: true, Key: id.New()}
	if form.WorkDate.IsZero() {
		form.WorkDate = today(r)
	}
	w, err := o.named(r)
	if err != nil {
		return err
	}
	form.Project = w.ID
	view, err := o.entryView(r, Entry{WorkDate: form.WorkDate, PersonID: r.Viewer().PersonID, ProjectID: w.ID, Project: w.Name}, form)
	if err != nil {
		return err
	}
	return r.Show("time/entry", view)
}

// named is the project that the address names, for a form that begins with it; the zero one when it names none.
func (office) named(r *web.Request) (work, error) {
	id, err := uuid.Parse(r.Query("project"))
	if err != nil {
		return work{}, nil
	}
	return workByID(r.Context(), r.Tx(), r.Viewer(), id)
}

func (o office) addEntry(r *web.Request) error {
	form := entryForm{}
	err := r.Bind(&form)
	e := form.onto(Entry{ID: orNew(form.Key), PersonID: r.Viewer().PersonID})
	var w work
	fresh := false
	if err == nil {
		w, err = o.open(r, form.Project)
	}
	if err == nil {
		fresh, err = addEntry(r.Context(), r.Tx(), r.Viewer(), e)
	}
	if err != nil {
		if errors.Is(err, errSent) {
			form.Key = id.New()
		}
		view, drawn := o.entryView(r, Entry{WorkDate: form.WorkDate, PersonID: r.Viewer().PersonID}, form)
		if drawn != nil {
			return drawn
		}
		return r.Again("time/entry", view, err)
	}
	if fresh {
		err = record(r, w.ClientID, w.ID, e.ID, "time.written", "wrote "+e.Hours()+" h on "+view.Day(e.WorkDate)+" for "+e.What(), map[string]any{"after": e.facts()})
	}
	if err != nil {
		return err
	}
	r.Toast("Written down: " + e.Hours() + " h of " + e.What() + ".")
	return r.Go(r.Path("time") + "?week=" + o.weekStart(r, e.WorkDate).String())
}

// open is a project that time and money may be written for.
func (o office) open(r *web.Request, project uuid.UUID) (work, error) {
	w, err := workByID(r.Context(), r.Tx(), r.Viewer(), project)
	if fault.Is(err, fault.Missing) || err == nil && w.Status == "archived" {
		return w, fault.Field("project", "Choose a project from the list.")
	}
	return w, err
}

// openFor is the project of something that stands in one already: there it may stay, whatever became of the project.
func (o office) openFor(r *web.Request, was, is uuid.UUID) (work, error) {
	if is == was {
		return workByID(r.Context(), r.Tx(), r.Viewer(), is)
	}
	return o.open(r, is)
}

// onlyOwn refuses, in these words, what only the writer may do.
func onlyOwn(r *web.Request, writer uuid.UUID, words string) error {
	if writer != r.Viewer().PersonID {
		return fault.Forbidden(words)
	}
	return nil
}

func (o office) entry(r *web.Request) error {
	e, err := o.loadEntry(r)
	if err != nil {
		return err
	}
	view, err := o.entryView(r, e, entryFormOf(e))
	if err != nil {
		return err
	}
	return r.Show("time/entry", view)
}

func (o office) saveEntry(r *web.Request) error {
	was, err := o.loadEntry(r)
	if err != nil {
		return err
	}
	if err := onlyOwn(r, was.PersonID, "Only "+was.Person+" can change this. You can send it back with a word on what to mend."); err != nil {
		return err
	}
	var form entryForm
	err = r.Bind(&form)
	is := form.onto(was)
	if err == nil && !was.Editable() {
		err = errLocked
	}
	var w work
	if err == nil {
		w, err = o.openFor(r, was.ProjectID, form.Project)
	}
	if err == nil {
		err = saveEntry(r.Context(), r.Tx(), r.Viewer(), is)
	}
	if err != nil {
		if fault.Is(err, fault.Clash) {
			form.Version = was.Version
		}
		view, drawn := o.entryView(r, was, form)
		if drawn != nil {
			return drawn
		}
		return r.Again("time/entry", view, err)
	}
	err = record(r, w.ClientID, w.ID, is.ID, "time.changed", "changed "+is.Hours()+" h of "+is.What(), activity.Changes(was.facts(), is.facts()))
	if err != nil {
		return err
	}
	r.Toast("Saved.")
	return r.Go(r.Path("time") + "?week=" + o.weekStart(r, is.WorkDate).String())
}

func (o office) dropEntry(r *web.Request) error {
	e, err := o.loadEntry(r)
	if err != nil {
		return err
	}
	if err := onlyOwn(r, e.PersonID, "Only "+e.Person+" can delete this."); err != nil {
		return err
	}
	if !e.Editable() {
		return errLocked
	}
	if err := drop(r.Context(), r.Tx(), r.Viewer(), ofTime, e.ID); err != nil {
		return err
	}
	err = record(r, e.ClientID, e.ProjectID, e.ID, "time.deleted", "deleted "+e.Hours()+" h of "+e.What(), map[string]any{"before": e.facts()})
	if err != nil {
		return err
	}
	r.Toast("Deleted.")
	return r.Go(r.Path("time") + "?week=" + o.weekStart(r, e.WorkDate).String())
}
