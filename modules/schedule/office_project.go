package schedule

import (
	"github.com/google/uuid"

	"portico/platform/web"
)

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
			ID: i.ID, Title: i.Title, Href: at + "/" + i.ID.String(), Kind: i.Kind, In: i.PhaseID != uuid.Nil, Span: i.Span(), Sub: i.Span().Short().String(),
			Base: Span{i.BaseStart, i.BaseEnd}, Progress: i.Progress, Workdays: i.Workdays, Color: i.Color, Hidden: !i.ClientVisible, Late: i.Late(today), Held: i.Progress > 0,
		})
	}
	return draw(c, b.Links, b.Calendar, today, r.Query("zoom"))
}
