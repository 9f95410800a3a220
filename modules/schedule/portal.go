package schedule

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"portico/platform/day"
	"portico/platform/search"
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
		{Title: "Schedule", Href: r.Path(section), Current: current == "schedule"},
		{Title: "What changed", Href: r.Path(section, "changes"), Current: current == "changes"},
		{Title: "Your calendar", Href: r.Path(section, "calendar"), Current: current == "calendar"},
	}
}

// seenRow is an item as the client reads it.
type seenRow struct {
	Shown
	Href        string
	Badge, Word string   // colour and word of its state
	Waits       []string // the names of what it waits for, as far as they are shown
	Unnamed     bool     // it waits for something that is not
	In          bool     // it stands in a phase that is shown
	Project     string   // "" where there is only one
}

// portalPart is one project's schedule.
type portalPart struct {
	ID    uuid.UUID
	Name  string
	Chart chart
	Rows  []seenRow
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

var portalShows = []choice{{"", "All steps"}, {"coming", "Still to come"}, {"milestones", "Milestones"}}

// index is what the client sees of the schedules: as the firm wishes it first, on phones as a list.
func (p portal) index(r *web.Request) error {
	ctx, tx, v := r.Context(), r.Tx(), r.Viewer()
	r.Title("Schedule")
	view := indexPage{Here: r.Here(), Tabs: p.tabs(r, "schedule"), Query: r.Query("q"), Shows: portalShows}
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
		view.Views = append(view.Views, web.NavItem{Title: c.Title, Href: r.Path(section) + "?view=" + c.Value, Icon: icons[c.Value], Current: view.View == c.Value})
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

func single(all []Shown) bool {
	for _, s := range all {
		if s.ProjectID != all[0].ProjectID {
			return false
		}
	}
	return true
}

// apart puts the rows of each project together; they come in this order already.
func apart(rows []seenRow) (parts []portalPart) {
	for _, row := range rows {
		if len(parts) == 0 || parts[len(parts)-1].ID != row.ProjectID {
			parts = append(parts, portalPart{ID: row.ProjectID, Name: row.ProjectName})
		}
		at := len(parts) - 1
		parts[at].Rows = append(parts[at].Rows, row)
	}
	return parts
}

func projectsOf(parts []portalPart) []uuid.UUID {
	ids := make([]uuid.UUID, len(parts))
	for n, part := range parts {
		ids[n] = part.ID
	}
	return ids
}

// rowsOf says of each item how it stands, and what it waits for; what is not shown has no name.
func (p portal) rowsOf(r *web.Request, all []Shown) []seenRow {
	today := r.Here().Today()
	names := make(map[uuid.UUID]string, len(all))
	for _, s := range all {
		names[s.ID] = s.Title
	}
	rows := make([]seenRow, len(all))
	for n, s := range all {
		row := seenRow{Shown: s, Href: r.Path(section, "items", s.ID)}
		row.Badge, row.Word = s.state(today)
		_, row.In = names[s.PhaseID]
		for _, one := range s.AfterIds {
			if name, shown := names[one]; shown {
				row.Waits = append(row.Waits, name)
			} else {
				row.Unnamed = true
			}
		}
		rows[n] = row
	}
	return rows
}

// state is how an item stands, in a colour and a word.
func (s Shown) state(today day.Day) (kind, word string) {
	switch {
	case s.Progress == 100 && s.Kind == Milestone:
		return "ok", "Reached"
	case s.Progress == 100:
		return "ok", "Done"
	case s.Progress > 0 || s.Kind != Milestone && !s.StartOn.After(today):
		return "info", "Under way"
	case s.Kind == Milestone && s.StartOn == today:
		return "due", "Today"
	}
	return "outline", "Planned"
}

// chart draws one project's schedule for its client.
func (p portal) chart(r *web.Request, part portalPart, calendar Calendar) portalPart {
	c := chart{Label: "Chart of " + part.Name}
	for _, z := range zooms {
		c.Zooms = append(c.Zooms, zoom{Title: z.title, Href: r.Path(section) + "?view=gantt&zoom=" + z.id})
	}
	var links []Link
	for _, row := range part.Rows {
		c.Bars = append(c.Bars, bar{
			ID: row.ID, Title: row.Title, Href: row.Href, Sub: row.Span().Short(), Kind: row.Kind, In: row.In, Span: row.Span(), Progress: row.Progress, Color: row.Color,
		})
		for n, from := range row.AfterIds {
			link := Link{From: from, To: row.ID, Relation: FinishStart}
			if n < len(row.AfterKinds) {
				link.Relation = Relation(row.AfterKinds[n])
			}
			links = append(links, link)
		}
	}
	part.Chart, part.Rows = draw(c, links, calendar, r.Here().Today(), r.Query("zoom")), nil
	return part
}

// list fills the rows of the list.
func (p portal) list(r *web.Request, view *indexPage, rows []seenRow) {
	words := search.Typed(view.Query)
	rows = slices.DeleteFunc(slices.Clone(rows), func(row seenRow) bool {
		switch {
		case view.Show == "coming" && row.Progress == 100, view.Show == "milestones" && row.Kind != Milestone:
			return true
		}
		return len(words) > 0 && !fits(row.Title+" "+row.ProjectName, words)
	})
	view.None = len(rows) == 0
	rows, view.Pages = paged(r, rows, "step")
	for _, part := range apart(rows) {
		at := slices.IndexFunc(view.Parts, func(p portalPart) bool { return p.ID == part.ID })
		if at < 0 {
			view.Parts = append(view.Parts, part)
			continue
		}
		view.Parts[at].Rows = part.Rows
	}
}

// seen is the item in the address.
func (p portal) seen(r *web.Request) (Shown, error) {
	id, err := r.ID("item")
	if err != nil {
		return Shown{}, err
	}
	return seenByID(r.Context(), r.Tx(), r.Viewer(), id)
}

type itemPage struct {
	*web.Here
	Trail   []web.NavItem
	Row     seenRow
	Phase   web.NavItem
	Waits   []web.NavItem
	Next    []web.NavItem
	Inside  []seenRow // of a phase
	History []itemChange
	Event   string
	Talk    string // where one asks about it; "": nowhere
}

// itemChange is what was once told of an item.
type itemChange struct {
	Change
	At time.Time
}

// item is one item: when it is, what it waits for, what became of it.
func (p portal) item(r *web.Request) error {
	s, err := p.seen(r)
	if err != nil {
		return err
	}
	ctx, tx, v := r.Context(), r.Tx(), r.Viewer()
	r.Title(s.Title)
	all, err := seenOf(ctx, tx, v, s.ProjectID)
	if err != nil {
		return err
	}
	view := itemPage{
		Here: r.Here(), Trail: []web.NavItem{{Title: "Schedule", Href: r.Path(section)}, {Title: s.Title}}, Event: r.Path(section, "items", s.ID, "event"),
		Talk: p.Catalog().Talk(v, section, s.ID),
	}
	for _, row := range p.rowsOf(r, all) {
		link := web.NavItem{Title: row.Title, Href: row.Href}
		switch {
		case row.ID == s.ID:
			view.Row = row
		case row.ID == s.PhaseID:
			view.Phase = link
		case row.PhaseID == s.ID:
			view.Inside = append(view.Inside, row)
		}
		if slices.Contains(s.AfterIds, row.ID) {
			view.Waits = append(view.Waits, link)
		}
		if slices.Contains(row.AfterIds, s.ID) {
			view.Next = append(view.Next, link)
		}
	}
	if view.History, err = historyOf(ctx, tx, v, s.ID); err != nil {
		return err
	}
	return r.Show("schedule/portal_item", view)
}

type changesPage struct {
	*web.Here
	Tabs   []web.NavItem
	List   []noticeRow
	Single bool
}

// noticeRow is one publication; places of its changes lead to what is still there.
type noticeRow struct {
	Notice
	Items []changeRow
}

type changeRow struct {
	Change
	Href string
}

const noticesShown = 50

// changes are the last publications: the old date, the new date, and why.
func (p portal) changes(r *web.Request) error {
	ctx, tx, v := r.Context(), r.Tx(), r.Viewer()
	r.Title("What changed")
	view := changesPage{Here: r.Here(), Tabs: p.tabs(r, "changes")}
	list, err := noticesOf(ctx, tx, v, uuid.Nil, noticesShown)
	if err != nil {
		return err
	}
	all, err := seenAll(ctx, tx, v)
	if err != nil {
		return err
	}
	view.Single = single(all)
	there := make(map[uuid.UUID]bool, len(all))
	for _, s := range all {
		there[s.ID] = true
	}
	for _, n := range list {
		if !n.First && len(n.Changes) == 0 && n.Message == "" {
			continue
		}
		row := noticeRow{Notice: n}
		for _, c := range n.Changes {
			one := changeRow{Change: c}
			if there[c.ItemID] {
				one.Href = r.Path(section, "items", c.ItemID)
			}
			row.Items = append(row.Items, one)
		}
		view.List = append(view.List, row)
	}
	return r.Show("schedule/changes", view)
}

type nextCard struct {
	*web.Here
	Rows   []seenRow
	Single bool
}

const nextOnCard = 4

// card is what comes next, on the dashboard.
func (p portal) card(r *web.Request) (web.Part, bool, error) {
	list, err := comingUp(r.Context(), r.Tx(), r.Viewer(), r.Here().Today(), nextOnCard)
	if err != nil {
		return web.Part{}, false, err
	}
	return web.Draw("schedule/_next_card", nextCard{r.Here(), p.rowsOf(r, list), single(list)}), len(list) > 0, nil
}

type deskCard struct {
	*web.Here
	Lines []deskLine
}

type deskLine struct{ Title, Sub, Href, Kind, Icon string }

// card says what the office has to do about schedules.
func (o office) card(r *web.Request) (web.Part, bool, error) {
	view := deskCard{Here: r.Here()}
	today := r.Here().Today()
	pending, err := pick(r.Context(), r.Tx(), r.Viewer(), filter{State: "pending", Sort: "-changed"}, today, r.Place())
	if err != nil {
		return web.Part{}, false, err
	}
	if pending.Count > 0 {
		line := deskLine{Title: counted(pending.Count, "schedule") + " with changes to publish", Sub: "clients still see the old dates", Href: r.Path(section) + "?state=pending", Kind: "due", Icon: "send"}
		if pending.Count == 1 {
			line.Sub, line.Href = pending.Plans[0].ProjectName, r.Path(section, "projects", pending.Plans[0].ProjectID)
		}
		view.Lines = append(view.Lines, line)
	}
	late, err := lateItems(r.Context(), r.Tx(), r.Viewer(), today, few)
	if err != nil {
		return web.Part{}, false, err
	}
	if late > 0 {
		view.Lines = append(view.Lines, deskLine{Title: counted(late, "item") + " should be done by now", Sub: "of projects under way", Href: r.Path(section) + "?sort=end", Kind: "late", Icon: "clock"})
	}
	return web.Draw("schedule/_desk_card", view), len(view.Lines) > 0, nil
}
