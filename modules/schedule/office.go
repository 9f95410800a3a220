package schedule

import (
	"strconv"

	"github.com/google/uuid"

	"portico/platform/day"
	"portico/platform/fault"
	"portico/platform/search"
	"portico/platform/web"
)

// office are the pages of staff.
type office struct{ desk }

func (o office) routes() []web.Route {
	return []web.Route{
		web.Get("/", keep, o.index),
		web.Get("/new", keep, o.choose),

		web.Get("/calendar", rule, o.workCalendar),
		web.Post("/calendar", rule, o.saveCalendar),
		web.Post("/calendar/days", rule, o.addDay),
		web.Delete("/calendar/days/:day", rule, o.dropDay),

		web.Get("/templates", keep, o.templates),
		web.Delete("/templates/:template", keep, o.dropTemplate),

		web.Get("/projects/:project", keep, o.project),
		web.Post("/projects/:project", keep, o.begin),
		web.Post("/projects/:project/sharing", keep, o.share),
		web.Post("/projects/:project/baseline", keep, o.setBaseline),
		web.Delete("/projects/:project/baseline", keep, o.dropBaseline),
		web.Post("/projects/:project/template", keep, o.keepTemplate),
		web.Post("/projects/:project/days", keep, o.addDay),
		web.Delete("/projects/:project/days/:day", keep, o.dropDay),
		web.Get("/projects/:project/plan", keep, o.askPlan),
		web.Post("/projects/:project/plan", keep, o.planAnew),

		web.Get("/projects/:project/publication", keep, o.askPublication),
		web.Post("/projects/:project/publication", keep, o.publishNow),
		web.Delete("/projects/:project/publication", keep, o.takeOffline),

		web.Get("/projects/:project/items/new", keep, o.newItem),
		web.Post("/projects/:project/items", keep, o.addItem),
		web.Get("/projects/:project/items/:item", keep, o.item),
		web.Post("/projects/:project/items/:item", keep, o.saveItem),
		web.Delete("/projects/:project/items/:item", keep, o.deleteItem),
		web.Delete("/projects/:project/items/:item/deletion", keep, o.restoreItem),
		web.Post("/projects/:project/items/:item/place", keep, o.moveItem),
		web.Post("/projects/:project/items/:item/progress", keep, o.progress),
		web.Get("/projects/:project/items/:item/shift", keep, o.askShift),
		web.Post("/projects/:project/items/:item/shift", keep, o.shift),
	}
}

// tabs are the parts of the section.
func (o office) tabs(r *web.Request, current string) []web.NavItem {
	tabs := []web.NavItem{
		{Title: "Schedules", Href: r.Path(section), Current: current == "schedules"},
		{Title: "Templates", Href: r.Path(section, "templates"), Current: current == "templates"},
	}
	if r.Viewer().May(rule) {
		tabs = append(tabs, web.NavItem{Title: "Work calendar", Href: r.Path(section, "calendar"), Current: current == "calendar"})
	}
	return tabs
}

type chooseView struct {
	*web.Here
	Trail []web.NavItem
	Query string
	Found []account
}

// choose picks the project that a new schedule is for.
func (o office) choose(r *web.Request) error {
	r.Title("New schedule")
	view := chooseView{Here: r.Here(), Query: r.Query("q"), Trail: []web.NavItem{{Title: "Schedules", Href: r.Path(section)}, {Title: "New"}}}
	var err error
	if view.Found, err = projectChoices(r.Context(), r.Tx(), r.Viewer(), search.Typed(view.Query)); err != nil {
		return err
	}
	return r.Show("schedule/choose", view)
}

// frame is what stands above every page of one project's schedule.
type frame struct {
	*web.Here
	Project account
	Trail   []web.NavItem
	Tabs    []web.NavItem
	At      string // the schedule's address
}

func (o office) frame(r *web.Request, p account, page string) frame {
	at := r.Path(section, "projects", p.ID)
	f := frame{Here: r.Here(), Project: p, At: at, Trail: []web.NavItem{
		{Title: "Clients", Href: r.Path("clients")}, {Title: p.ClientName, Href: r.Path("clients", p.ClientID)},
		{Title: p.Name, Href: r.Path("clients", "projects", p.ID)}, {Title: "Schedule"},
	}}
	if page != "" {
		f.Trail[3].Href = at
		f.Trail = append(f.Trail, web.NavItem{Title: page})
	}
	for _, tab := range o.Catalog().Tabs("project", r.Viewer()) {
		f.Tabs = append(f.Tabs, web.NavItem{Title: tab.Title, Href: tab.Path(p.ID.String()), Current: tab.ID == "schedule:project"})
	}
	return f
}

// projectOf is the project in the address.
func (o office) projectOf(r *web.Request) (account, error) {
	id, err := r.ID("project")
	if err != nil {
		return account{}, err
	}
	return projectByID(r.Context(), r.Tx(), r.Viewer(), id)
}

// boardOf is the schedule in the address; of a write, held until it is done.
func (o office) boardOf(r *web.Request) (account, board, error) {
	p, err := o.projectOf(r)
	if err != nil {
		return p, board{}, err
	}
	if !p.Has {
		return p, board{}, fault.NotFound()
	}
	if r.Method() != "GET" && r.Method() != "HEAD" {
		if err := hold(r.Context(), r.Tx(), r.Viewer(), p.ID); err != nil {
			return p, board{}, err
		}
	}
	b, err := boardOf(r.Context(), r.Tx(), r.Viewer(), p.ID)
	return p, b, err
}

// itemRow is an item in staff's list.
type itemRow struct {
	Item
	Href     string
	Late     bool
	Variance variance
	Waits    []string // the names of what it waits for
	Grouped  bool
}

// Less is how much earlier it ends than it was to.
func (v variance) Less() int { return -v.Days }

type projectView struct {
	frame
	Plan       Plan
	View       string // chart or list
	Views      []web.NavItem
	Chart      chart
	Rows       []itemRow
	Query      string
	Show       string
	Shows      []choice
	Pages      pages
	Templates  []Template
	Pending    int  // changes that the client would be told of
	Silent     bool // there is something to publish, and nothing to tell
	Stale      int  // items that would move if all was planned anew
	DaysOff    []DayOff
	Undo       uuid.UUID
	Deleted    string
	State      choice // colour and words
	LastNotice *Notice
	Form       beginForm
	CalendarAt string
}

// pages is where one is in a list that is held whole.
type pages struct{ Text, Prev, Next string }

const rowsOnPage = 200

// project is one project's schedule: as a chart or as a list.
func (o office) project(r *web.Request) error {
	p, err := o.projectOf(r)
	if err != nil {
		return err
	}
	r.Title("Schedule of " + p.Name)
	view := projectView{frame: o.frame(r, p, "")}
	if !p.Has {
		view.Form.Start = r.Here().Today()
		if view.Templates, err = listTemplates(r.Context(), r.Tx(), r.Viewer()); err != nil {
			return err
		}
		return r.Show("schedule/begin", view)
	}
	b, err := boardOf(r.Context(), r.Tx(), r.Viewer(), p.ID)
	if err != nil {
		return err
	}
	if err := o.fill(r, &view, b); err != nil {
		return err
	}
	return r.Show("schedule/project", view)
}

func (o office) fill(r *web.Request, view *projectView, b board) error {
	ctx, tx, v := r.Context(), r.Tx(), r.Viewer()
	view.Plan, view.DaysOff = b.Plan, b.DaysOff
	kind, words := b.Plan.state()
	view.State = choice{kind, words}
	view.View = "chart"
	if r.Query("view") == "list" {
		view.View = "list"
	}
	view.Views = []web.NavItem{
		{Title: "Chart", Href: r.Here().With("view", ""), Icon: "trending-up", Current: view.View == "chart"},
		{Title: "List", Href: r.Here().With("view", "list"), Icon: "list", Current: view.View == "list"},
	}
	if v.May(rule) {
		view.CalendarAt = r.Path(section, "calendar")
	}
	was, err := shownOf(ctx, tx, v, b.Plan.ProjectID)
	if err != nil {
		return err
	}
	if b.Plan.Pending() {
		e := editionOf(b, was, nil)
		view.Pending, view.Silent = len(e.Changes), e.Quiet()
	}
	if _, moved, err := b.planned(nil); err == nil {
		view.Stale = len(moved)
	}
	last, err := noticesOf(ctx, tx, v, b.Plan.ProjectID, 1)
	if err != nil {
		return err
	}
	if len(last) > 0 {
		view.LastNotice = &last[0]
	}
	if id, err := uuid.Parse(r.Query("deleted")); err == nil {
		if i, err := itemOf(ctx, tx, v, b.Plan.ProjectID, id); err == nil && !i.DeletedAt.IsZero() {
			view.Undo, view.Deleted = i.ID, i.Title
		}
	}
	if view.View == "list" {
		o.list(r, view, b)
		return nil
	}
	view.Chart = o.chart(r, b)
	return nil
}

// chart draws a schedule for staff: with the baseline, with what is late, to be moved.
func (o office) chart(r *web.Request, b board) chart {
	today := r.Here().Today()
	at := r.Path(section, "projects", b.Plan.ProjectID, "items")
	c := chart{Label: "Chart of " + b.Plan.ProjectName, Moves: at, Bars: make([]bar, 0, len(b.Items))}
	for _, z := range zooms {
		c.Zooms = append(c.Zooms, zoom{Title: z.title, Href: r.Here().With("zoom", z.id)})
	}
	for _, i := range b.Items {
		c.Bars = append(c.Bars, bar{
			ID: i.ID, Title: i.Title, Href: at + "/" + i.ID.String(), Kind: i.Kind, In: i.PhaseID != uuid.Nil, Span: i.Span(), Sub: i.Span().Short(),
			Base: Span{i.BaseStart, i.BaseEnd}, Progress: i.Progress, Workdays: i.Workdays, Color: i.Color, Hidden: !i.ClientVisible, Late: i.Late(today), Held: i.Progress > 0,
		})
	}
	return draw(c, b.Links, b.Calendar, today, r.Query("zoom"))
}

// Short are the days of a span in few characters.
func (s Span) Short() string {
	if s.Start == s.End {
		return s.Start.Midnight().Format("Jan 2")
	}
	return s.Start.Midnight().Format("Jan 2") + " – " + s.End.Midnight().Format("Jan 2")
}

var officeShows = []choice{{"", "All items"}, {"open", "Not done"}, {"late", "Late"}, {"milestones", "Milestones"}, {"hidden", "Hidden from the client"}, {"varies", "Other than the baseline"}}

// list fills the rows of staff's list.
func (o office) list(r *web.Request, view *projectView, b board) {
	today := r.Here().Today()
	view.Query, view.Shows = r.Query("q"), officeShows
	for _, s := range officeShows {
		if s.Value == r.Query("show") {
			view.Show = s.Value
		}
	}
	words := search.Typed(view.Query)
	titles := make(map[uuid.UUID]string, len(b.Items))
	for _, i := range b.Items {
		titles[i.ID] = i.Title
	}
	waits := map[uuid.UUID][]string{}
	for _, l := range b.Links {
		waits[l.To] = append(waits[l.To], titles[l.From])
	}
	grouped := map[uuid.UUID]bool{}
	for _, i := range b.Items {
		grouped[i.PhaseID] = true
	}
	var rows []itemRow
	for _, i := range b.Items {
		row := itemRow{Item: i, Href: view.At + "/items/" + i.ID.String(), Late: i.Late(today), Variance: i.variance(b.Calendar), Waits: waits[i.ID], Grouped: grouped[i.ID]}
		if (len(words) == 0 || fits(i.Title+" "+i.ClientTitle+" "+i.Vendor+" "+i.Assignee, words)) && row.shown(view.Show) {
			rows = append(rows, row)
		}
	}
	view.Rows, view.Pages = paged(r, rows, "item")
}

func (i itemRow) shown(show string) bool {
	switch show {
	case "open":
		return i.Progress < 100
	case "late":
		return i.Late
	case "milestones":
		return i.Kind == Milestone
	case "hidden":
		return !i.ClientVisible
	case "varies":
		return i.Variance.Known && i.Variance.Days != 0
	}
	return true
}

// paged cuts one page out of a list that is held whole.
func paged[T any](r *web.Request, rows []T, noun string) ([]T, pages) {
	n, err := strconv.Atoi(r.Query("page"))
	if err != nil || n < 1 || (n-1)*rowsOnPage >= max(len(rows), 1) {
		n = 1
	}
	from, to := (n-1)*rowsOnPage, min(n*rowsOnPage, len(rows))
	p := pages{Text: counted(len(rows), noun)}
	if len(rows) > rowsOnPage {
		p.Text = strconv.Itoa(from+1) + "–" + strconv.Itoa(to) + " of " + p.Text
	}
	if n > 1 {
		p.Prev = r.Here().With("page", n-1)
	}
	if to < len(rows) {
		p.Next = r.Here().With("page", n+1)
	}
	return rows[from:to], p
}

type beginForm struct {
	Template uuid.UUID `form:"template"`
	Start    day.Day   `form:"start"`
}

// begin makes a schedule: an empty one, or from a template.
func (o office) begin(r *web.Request) error {
	p, err := o.projectOf(r)
	if err != nil {
		return err
	}
	ctx, tx, v := r.Context(), r.Tx(), r.Viewer()
	var form beginForm
	err = r.Bind(&form)
	if err == nil && p.Has {
		err = fault.Conflict("This project has a schedule already.")
	}
	if err == nil && p.Status == "archived" {
		err = fault.Conflict("The project is archived.")
	}
	if err == nil && form.Template != uuid.Nil && form.Start.IsZero() {
		err = fault.Field("start", "Enter the day on which the work begins.")
	}
	var t Template
	if err == nil && form.Template != uuid.Nil {
		if t, err = templateByID(ctx, tx, v, form.Template); fault.Is(err, fault.Missing) {
			err = fault.Field("template", "Choose one from the list.")
		}
	}
	if err == nil {
		err = addPlan(ctx, tx, v, p.ID, p.ClientID)
	}
	if err != nil {
		if p.Has {
			return err
		}
		view := projectView{frame: o.frame(r, p, ""), Form: form}
		templates, drawn := listTemplates(ctx, tx, v)
		if drawn != nil {
			return drawn
		}
		view.Templates = templates
		return r.Again("schedule/begin", view, err)
	}
	plan := Plan{ProjectID: p.ID, ClientID: p.ClientID}
	text := "began the schedule"
	if t.ID != uuid.Nil {
		if err := useTemplate(ctx, tx, v, plan, t, form.Start); err != nil {
			return err
		}
		text += " from the template “" + t.Name + "”"
	}
	if err := note(ctx, tx, v, plan, p.ID, "begun", text, nil); err != nil {
		return err
	}
	r.Toast("The schedule is there. The client sees nothing of it until you publish it.")
	return r.Go(r.Path(section, "projects", p.ID))
}

type shareForm struct {
	Viewable bool `form:"viewable"`
}

// share says whether the client may see the schedule.
func (o office) share(r *web.Request) error {
	p, b, err := o.boardOf(r)
	if err != nil {
		return err
	}
	var form shareForm
	if err := r.Bind(&form); err != nil {
		return err
	}
	if form.Viewable != b.Plan.Viewable {
		if err := setSharing(r.Context(), r.Tx(), r.Viewer(), p.ID, b.Plan.Online, form.Viewable); err != nil {
			return err
		}
		text := "hid the schedule from the client"
		if form.Viewable {
			text = "opened the schedule to the client"
		}
		data := map[string]any{"before": map[string]any{"viewable": b.Plan.Viewable}, "after": map[string]any{"viewable": form.Viewable}}
		if err := note(r.Context(), r.Tx(), r.Viewer(), b.Plan, p.ID, "shared", text, data); err != nil {
			return err
		}
		o.ring(r.Context(), r.Viewer(), b.Plan.ClientID)
	}
	r.Toast("Saved.")
	return r.Go(r.Path(section, "projects", p.ID))
}

// setBaseline keeps how everything is planned now.
func (o office) setBaseline(r *web.Request) error {
	return o.baseline(r, true, "set the baseline of the schedule", "Kept. From now on you see by how much dates differ from today's plan.")
}

func (o office) dropBaseline(r *web.Request) error {
	return o.baseline(r, false, "removed the baseline of the schedule", "The baseline is gone.")
}

func (o office) baseline(r *web.Request, on bool, text, toast string) error {
	p, b, err := o.boardOf(r)
	if err != nil {
		return err
	}
	if err := setBaseline(r.Context(), r.Tx(), r.Viewer(), p.ID, on); err != nil {
		return err
	}
	if err := note(r.Context(), r.Tx(), r.Viewer(), b.Plan, p.ID, "baseline", text, nil); err != nil {
		return err
	}
	r.Toast(toast)
	return r.Go(r.Path(section, "projects", p.ID))
}
