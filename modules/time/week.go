package time

import (
	"slices"

	"github.com/google/uuid"

	"portico/platform/day"
	"portico/platform/fault"
	"portico/platform/web"
)

type weekView struct {
	*web.Here
	Tabs       []web.NavItem
	Sheet      sheet
	Title      string
	Prev, Next string
	Now        string // this week; "" when it is in view
	Mine       bool
	Person     string
	People     []choice // whose week can be looked at
	PersonID   string
	Projects   []choice
	Tasks      []string
	Timer      timerView
	Form       lineForm
	Entries    []entryRow
	ApproveAt  string // where what is handed in is approved
}

// whose is the person whose week is in view: one's own, or for owners and admins somebody else's.
func whose(r *web.Request) uuid.UUID {
	if id, err := uuid.Parse(r.Query("person")); err == nil && r.Viewer().May(rule) {
		return id
	}
	return r.Viewer().PersonID
}

// weekIn is the week that the address or the form names; this one when it names none.
func weekIn(r *web.Request, s Setting, named string) day.Day {
	d, err := day.Parse(named)
	if err != nil || d.Year() < 1900 || d.Year() > 2200 {
		d = today(r)
	}
	return s.weekOf(d)
}

func (o office) week(r *web.Request) error {
	view, err := o.weekView(r, r.Query("week"), lineForm{})
	if err != nil {
		return err
	}
	return r.Show("time/week", view)
}

func (o office) weekView(r *web.Request, named string, form lineForm) (weekView, error) {
	ctx, tx, v := r.Context(), r.Tx(), r.Viewer()
	r.Title("Time")
	s, err := settingOf(ctx, tx, v)
	if err != nil {
		return weekView{}, err
	}
	week := weekIn(r, s, named)
	person := whose(r)
	view := weekView{Here: r.Here(), Mine: person == v.PersonID, PersonID: person.String(), Form: form, Title: weekTitle(week)}
	if view.Tabs, err = o.tabs(r, "week"); err != nil {
		return view, err
	}
	pieces, err := sheetOf(ctx, tx, v, span{person, week, week.Add(6)})
	if err != nil {
		return view, err
	}
	view.Sheet = arrange(view.Here, week, pieces, view.Mine)
	view.turn(r, s, week, person)
	if v.May(rule) {
		people, err := colleagues(ctx, tx, v)
		if err != nil {
			return view, err
		}
		view.People = colleagueChoices(people)
		at := slices.IndexFunc(people, func(c colleague) bool { return c.ID == person })
		if at >= 0 {
			view.Person = people[at].Name
		} else if !view.Mine {
			return view, fault.NotFound()
		}
	}
	for _, p := range view.Sheet.Pieces {
		view.Entries = append(view.Entries, entryRowOf(r, p.entry(person)))
	}
	if !view.Mine {
		if view.Sheet.Waiting > 0 {
			view.ApproveAt = r.Path("time", "entries") + "?state=submitted&person=" + person.String() + "&from=" + week.String() + "&to=" + week.Add(6).String()
		}
		return view, nil
	}
	projects, err := offered(ctx, tx, v)
	if err != nil {
		return view, err
	}
	view.Projects = projectChoices(projects)
	if view.Tasks, err = known(ctx, tx, v); err != nil {
		return view, err
	}
	view.Timer, err = o.timerView(r, view.Projects)
	return view, err
}

func (view *weekView) turn(r *web.Request, s Setting, week day.Day, person uuid.UUID) {
	at := func(d day.Day) string {
		to := r.Path("time") + "?week=" + d.String()
		if person != r.Viewer().PersonID {
			to += "&person=" + person.String()
		}
		return to
	}
	view.Prev, view.Next = at(week.Add(-7)), at(week.Add(7))
	if now := s.weekOf(today(r)); now != week {
		view.Now = at(now)
	}
}

func weekTitle(week day.Day) string {
	from, to := week.Midnight(), week.Add(6).Midnight()
	switch {
	case from.Year() != to.Year():
		return from.Format("January 2, 2006") + " – " + to.Format("January 2, 2006")
	case from.Month() != to.Month():
		return from.Format("January 2") + " – " + to.Format("January 2, 2006")
	}
	return from.Format("January 2") + " – " + to.Format("2, 2006")
}

// entry is a piece of a sheet as lists show it.
func (p piece) entry(person uuid.UUID) Entry {
	return Entry{
		ID: p.ID, ProjectID: p.ProjectID, PersonID: person, WorkDate: p.WorkDate, Minutes: p.Minutes, Task: p.Task, ClientNote: p.ClientNote,
		InternalNotes: p.InternalNotes, Billable: p.Billable, State: p.State, HandedAt: p.HandedAt.Time, Returned: p.Returned, Project: p.Project, Client: p.Client, Currency: p.Currency,
	}
}
