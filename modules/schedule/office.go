package schedule

import (
	"portico/platform/fault"
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
