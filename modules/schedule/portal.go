package schedule

import (
	"time"

	"github.com/google/uuid"

	"portico/platform/web"
)

// portal are the pages of clients.
type portal struct{ desk }

func (p portal) routes() []web.Route {
	return []web.Route{
		web.Get("/", see, p.index),
		web.Get("/changes", see, p.changes),
		web.Get("/items/:item", see, p.item),
		web.Get("/items/:item/event", see, p.event),
		web.Get("/calendar", see, p.calendar),
		web.Post("/calendar", see, p.newFeed).Tries("schedule-feed-new", 20, feedSpan),
		web.Delete("/calendar", see, p.dropFeed),
	}
}

func (p portal) tabs(r *web.Request, current string) []web.NavItem {
	return []web.NavItem{
		{Title: r.Say("Schedule"), Href: r.Path(section), Current: current == "schedule"},
		{Title: r.Say("What changed"), Href: r.Path(section, "changes"), Current: current == "changes"},
		{Title: r.Say("Your calendar"), Href: r.Path(section, "calendar"), Current: current == "calendar"},
	}
}

type indexPage struct {
	*web.Here
	Tabs   []web.NavItem
	Views  []web.NavItem
	View   string // what is shown on a wide screen
	Chosen bool   // somebody has asked for it: phones show it, too
	Parts  []portalPart
	Single bool
	Month  month
	Query  string
	Show   string
	Shows  []choice
	Pages  pages
	Empty  bool
	None   bool // nothing is found
	Latest *Notice
}

// index is what the client sees of the schedules: as the firm wishes it first, on phones as a list.
func (p portal) index(r *web.Request) error {
	ctx, tx, v := r.Context(), r.Tx(), r.Viewer()
	r.Title("Schedule")
	view := indexPage{Here: r.Here(), Tabs: p.tabs(r, "schedule"), Query: r.Query("q"), Shows: web.Said(r.Here(), portalShows)}
	s, err := settingOf(ctx, tx, v)
	if err != nil {
		return err
	}
	view.View = s.DefaultView
	for _, c := range views {
		if c.Value == r.Query("view") {
			view.View, view.Chosen = c.Value, true
		}
	}
	icons := map[string]string{"gantt": "trending-up", "list": "list", "month": "calendar-days"}
	for _, c := range views {
		view.Views = append(view.Views, web.NavItem{Title: r.Say(c.Title), Href: r.Path(section) + "?view=" + c.Value, Icon: icons[c.Value], Current: view.View == c.Value})
	}
	for _, c := range portalShows {
		if c.Value == r.Query("show") {
			view.Show = c.Value
		}
	}
	all, err := seenAll(ctx, tx, v)
	if err != nil {
		return err
	}
	view.Empty = len(all) == 0
	rows := p.rowsOf(r, all)
	view.Single = single(all)
	if latest, err := noticesOf(ctx, tx, v, uuid.Nil, 1); err != nil {
		return err
	} else if len(latest) > 0 && len(latest[0].Changes) > 0 && r.Now().Sub(latest[0].At) < lately {
		view.Latest = &latest[0]
	}
	if view.View == "month" {
		view.Month = monthOf(r, rows)
	}
	if view.View == "gantt" {
		parts := apart(rows)
		calendars, err := calendarsOf(ctx, tx, v, s.Week, projectsOf(parts))
		if err != nil {
			return err
		}
		for _, part := range parts {
			view.Parts = append(view.Parts, p.chart(r, part, calendars[part.ID]))
		}
	}
	if view.View == "list" || !view.Chosen {
		p.list(r, &view, rows)
	}
	return r.Show("schedule/portal", view)
}

// lately is how long the page speaks of changes.
const lately = 14 * 24 * time.Hour
