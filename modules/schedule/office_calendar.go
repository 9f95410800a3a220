package schedule

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"portico/platform/activity"
	"portico/platform/day"
	"portico/platform/fault"
	"portico/platform/web"
)

// views are how clients can see a schedule.
var views = []choice{{"gantt", "Chart"}, {"list", "List"}, {"month", "Month"}}

type calendarForm struct {
	Days    []string `form:"days"`
	View    string   `form:"view"`
	Version int      `form:"version"`
}

// Check is what can be wrong with it.
func (f *calendarForm) Check() fault.Fields {
	wrong := fault.Fields{}
	if f.week() == 0 {
		wrong["days"] = "Tick at least one day of work."
	}
	if !slices.ContainsFunc(views, func(c choice) bool { return c.Value == f.View }) {
		wrong["view"] = "Choose one from the list."
	}
	return wrong
}

func (f calendarForm) week() (w Week) {
	for _, d := range weekdays() {
		if slices.Contains(f.Days, d.Value) {
			w |= 1 << d.on
		}
	}
	return w
}

// weekday is one box of the week.
type weekday struct {
	choice
	on      time.Weekday
	Checked bool
}

// weekdays are the days of the week from Monday on.
func weekdays() []weekday {
	var list []weekday
	for n := range 7 {
		d := time.Weekday((n + 1) % 7)
		list = append(list, weekday{choice: choice{strings.ToLower(d.String()[:3]), d.String()}, on: d})
	}
	return list
}

type dayForm struct {
	First day.Day `form:"first"`
	Last  day.Day `form:"last"`
	Name  string  `form:"name"`
	Works bool    `form:"works"`
}

// Check is what can be wrong with it.
func (f *dayForm) Check() fault.Fields {
	wrong := fault.Fields{}
	f.Name = strings.Join(strings.Fields(f.Name), " ")
	if f.First.IsZero() {
		wrong["first"] = "Enter the day."
	}
	if f.Last.IsZero() {
		f.Last = f.First
	}
	if f.Last.Before(f.First) {
		wrong["last"] = "The last day comes after the first."
	} else if f.First.Until(f.Last) > 366 {
		wrong["last"] = "Enter at most a year at once."
	}
	if f.Name == "" {
		wrong["name"] = "Enter a name, such as Thanksgiving."
	}
	if utf8.RuneCountInString(f.Name) > 80 {
		wrong["name"] = "Use at most 80 characters."
	}
	return wrong
}

type calendarView struct {
	*web.Here
	Tabs   []web.NavItem
	Week   []weekday
	Views  []choice
	Form   calendarForm
	Day    dayForm
	Days   []DayOff
	Adding bool // the errors are of the day
	Back   string
}

func (o office) calendarView(r *web.Request) (calendarView, Setting, error) {
	r.Title("Work calendar")
	s, err := settingOf(r.Context(), r.Tx(), r.Viewer())
	if err != nil {
		return calendarView{}, s, err
	}
	view := calendarView{Here: r.Here(), Tabs: o.tabs(r, "calendar"), Views: views, Form: calendarForm{View: s.DefaultView, Version: s.Version}}
	view.tick(s.Week)
	view.Days, err = daysOff(r.Context(), r.Tx(), r.Viewer())
	return view, s, err
}

func (v *calendarView) tick(week Week) {
	v.Week = weekdays()
	for n := range v.Week {
		v.Week[n].Checked = week.Has(v.Week[n].on)
	}
}

// workCalendar is when the firm works, and how clients see schedules first.
func (o office) workCalendar(r *web.Request) error {
	view, _, err := o.calendarView(r)
	if err != nil {
		return err
	}
	return r.Show("schedule/work_calendar", view)
}

func (o office) saveCalendar(r *web.Request) error {
	view, was, err := o.calendarView(r)
	if err != nil {
		return err
	}
	view.Form = calendarForm{}
	wrong := r.Bind(&view.Form)
	is := Setting{view.Form.week(), view.Form.View, view.Form.Version}
	if wrong == nil {
		wrong = saveSetting(r.Context(), r.Tx(), r.Viewer(), is)
	}
	if wrong != nil {
		view.tick(view.Form.week())
		if fault.Is(wrong, fault.Clash) {
			view.Form.Version = was.Version
		}
		return r.Again("schedule/work_calendar", view, wrong)
	}
	changes := activity.Changes(map[string]any{"week": was.Week.Words(), "view": was.DefaultView}, map[string]any{"week": is.Week.Words(), "view": is.DefaultView})
	if changes != nil {
		if err := note(r.Context(), r.Tx(), r.Viewer(), Plan{}, uuid.Nil, "calendar", "changed the work calendar", changes); err != nil {
			return err
		}
	}
	r.Toast("Saved.")
	return r.Go(r.Path(section, "calendar"))
}

// Words are the days of the week.
func (w Week) Words() string {
	var names []string
	for _, d := range weekdays() {
		if w.Has(d.on) {
			names = append(names, d.Title[:3])
		}
	}
	return strings.Join(names, ", ")
}

// place is whose calendar the address names: the firm's (Nil, for admins), or a project's.
func (o office) place(r *web.Request) (project uuid.UUID, p account, back string, err error) {
	if r.Param("project") == "" {
		return uuid.Nil, p, r.Path(section, "calendar"), nil
	}
	if p, err = o.projectOf(r); err != nil {
		return uuid.Nil, p, "", err
	}
	if !p.Has {
		return uuid.Nil, p, "", fault.NotFound()
	}
	return p.ID, p, r.Path(section, "projects", p.ID), nil
}

// addDay adds a holiday, or a day on which work is done all the same.
func (o office) addDay(r *web.Request) error {
	project, p, back, err := o.place(r)
	if err != nil {
		return err
	}
	var form dayForm
	wrong := r.Bind(&form)
	if fault.Is(wrong, fault.Unintelligible) {
		return wrong
	}
	if wrong != nil && project == uuid.Nil {
		view, _, err := o.calendarView(r)
		if err != nil {
			return err
		}
		view.Day, view.Adding = form, true
		return r.Again("schedule/work_calendar", view, wrong)
	}
	if wrong != nil {
		view := calendarView{Here: r.Here(), Day: form, Adding: true, Back: back}
		r.Title("A day off")
		return r.Again("schedule/day", view, wrong)
	}
	d := DayOff{ProjectID: project, First: form.First, Last: form.Last, Works: form.Works, Name: form.Name}
	if err := addDayOff(r.Context(), r.Tx(), r.Viewer(), d); err != nil {
		return err
	}
	if err := o.noteDay(r, p, "day_added", "added ", d); err != nil {
		return err
	}
	r.Toast("“" + d.Name + "” is in the calendar. Schedules keep their days until you plan them anew.")
	return r.Go(back)
}

// dropDay takes one out.
func (o office) dropDay(r *web.Request) error {
	project, p, back, err := o.place(r)
	if err != nil {
		return err
	}
	one, err := r.ID("day")
	if err != nil {
		return err
	}
	d, err := dropDayOff(r.Context(), r.Tx(), r.Viewer(), project, one)
	if err != nil {
		return err
	}
	if err := o.noteDay(r, p, "day_dropped", "removed ", d); err != nil {
		return err
	}
	r.Toast("“" + d.Name + "” is out of the calendar.")
	return r.Go(back)
}

func (o office) noteDay(r *web.Request, p account, verb, text string, d DayOff) error {
	what := "the day off “"
	if d.Works {
		what = "the day of work “"
	}
	where := " of the work calendar"
	if p.ID != uuid.Nil {
		where = " of the schedule’s calendar"
	}
	return note(r.Context(), r.Tx(), r.Viewer(), Plan{ProjectID: p.ID, ClientID: p.ClientID}, d.ID, verb, text+what+d.Name+"”, "+Span{d.First, d.Last}.Words().String()+where, nil)
}
