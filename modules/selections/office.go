package selections

import (
	"time"

	"github.com/google/uuid"

	"portico/platform/module"
	"portico/platform/web"
)

// office are the pages of staff.
type office struct{ desk }

// mostUpload is what one form with pictures may hold.
const mostUpload = 120 << 20

// large is a route that takes pictures.
func large(r web.Route) web.Route {
	r.Time = 5 * time.Minute
	return r.Upto(mostUpload)
}

func officeRoutes(d desk) []web.Route {
	on := office{d}
	return []web.Route{
		web.Get("/", keep, on.index),
		web.Get("/clients/:client", keep, on.client),
		web.Get("/settings", rule, on.settings),
		web.Post("/settings", rule, on.saveSettings),
		web.Get("/templates", keep, on.templates),
		web.Delete("/templates/:template", keep, on.dropTemplate),

		web.Get("/projects/:project", keep, on.project),
		web.Get("/projects/:project/new", keep, on.newSelection),
		web.Post("/projects/:project/selections", keep, on.addSelection),
		web.Get("/projects/:project/release", keep, on.askRelease),
		web.Post("/projects/:project/release", keep, on.releaseSome),
		web.Post("/projects/:project/reminders", keep, on.remind),
		web.Get("/projects/:project/copies", keep, on.askCopy),
		web.Post("/projects/:project/copies", keep, on.copyHere),
		web.Post("/projects/:project/templates", keep, on.saveTemplate),
		web.Get("/projects/:project/headings", keep, on.headings),
		web.Post("/projects/:project/headings", keep, on.addHeading),
		web.Post("/headings/:heading", keep, on.saveHeading),
		web.Delete("/headings/:heading", keep, on.dropHeading),
		web.Post("/projects/:project/book", keep, on.openBook),
		web.Get("/projects/:project/allowances/new", keep, on.newAllowance),
		web.Post("/projects/:project/allowances", keep, on.addAllowance),
		web.Get("/allowances/:allowance", keep, on.editAllowance),
		web.Post("/allowances/:allowance", keep, on.saveAllowance),
		web.Delete("/allowances/:allowance", keep, on.dropAllowance),

		web.Get("/choices/:choice", keep, on.editChoice),
		large(web.Post("/choices/:choice", keep, on.saveChoice)),
		web.Post("/choices/:choice/place", keep, on.placeChoice),
		web.Get("/choices/:choice/deletion", keep, on.askDropChoice),
		web.Delete("/choices/:choice", keep, on.dropChoice),
		web.Delete("/files/:file", keep, on.dropFile),

		web.Get("/:selection", keep, on.selection),
		web.Get("/:selection/edit", keep, on.editSelection),
		web.Post("/:selection", keep, on.saveSelection),
		web.Get("/:selection/deletion", keep, on.askDrop),
		web.Delete("/:selection", keep, on.dropSelection),
		web.Get("/:selection/choices/new", keep, on.newChoice),
		large(web.Post("/:selection/choices", keep, on.addChoice)),
		large(web.Post("/:selection/files", keep, on.addFiles)),
		web.Post("/:selection/release", keep, on.releaseOne),
		web.Delete("/:selection/release", keep, on.takeBack),
		web.Get("/:selection/approval", keep, on.askApproval),
		large(web.Post("/:selection/approval", keep, on.approveFor)),
		web.Get("/:selection/reopening", keep, on.askReopening),
		web.Post("/:selection/reopening", keep, on.reopenNow),
		web.Post("/:selection/order", keep, on.order),
		web.Delete("/:selection/order", keep, on.dropOrder),
		web.Post("/:selection/answer", keep, on.answerRequest),
		web.Post("/:selection/comments", keep, on.talk().add),
		web.Delete("/:selection/comments/:comment", keep, on.talk().drop),
	}
}

// tabs are the parts of the section.
func (o office) tabs(r *web.Request, current string) []web.NavItem {
	items := []web.NavItem{
		{Title: "All selections", Href: r.Path("selections"), Current: current == "list"},
		{Title: "Templates", Href: r.Path("selections", "templates"), Current: current == "templates"},
	}
	if r.Viewer().May(rule) {
		items = append(items, web.NavItem{Title: "Settings", Href: r.Path("selections", "settings"), Current: current == "settings"})
	}
	return items
}

type listView struct {
	*web.Here
	Top    module.ClientTop // of a client's tab
	Tabs   []web.NavItem
	Filter filter
	States []option
	Chips  []web.NavItem // what it is narrowed to
	Rows   []row
	page   page
	At     string // the list's own address
}

// Head is a column's heading.
func (v listView) Head(column, title, class string) web.Head {
	return v.Sorts(v.Filter.Sort, column, title, class, column != "changed")
}

// Prev and Next are the neighbouring pages.
func (v listView) Prev() string    { return v.Turned(v.page.Turns).Prev }
func (v listView) Next() string    { return v.Turned(v.page.Turns).Next }
func (v listView) Counted() string { return v.page.Counted() }
func (v listView) Narrowed() bool {
	return v.Filter.Query != "" || v.Filter.State != "" || len(v.Chips) > 0
}

// ProjectID keeps what the list is narrowed to; "" when it is not.
func (v listView) ProjectID() string {
	if v.Filter.Project == uuid.Nil {
		return ""
	}
	return v.Filter.Project.String()
}

// index is the list of all selections.
func (o office) index(r *web.Request) error {
	r.Title("Selections")
	f := filterOf(r, r.Here().Today())
	f.Client = uuid.Nil
	view := listView{Here: r.Here(), Tabs: o.tabs(r, "list"), Filter: f, States: stateFilters, At: r.Path("selections")}
	if f.Project != uuid.Nil {
		p, err := projectByID(r.Context(), r.Tx(), r.Viewer(), f.Project)
		if err != nil {
			return err
		}
		view.Chips = append(view.Chips, web.NavItem{Title: p.Name, Href: r.Here().With("project", "")})
	}
	return o.show(r, view)
}

// client is the tab of a client's page.
func (o office) client(r *web.Request) error {
	id, err := r.ID("client")
	if err != nil {
		return err
	}
	name, err := clientName(r.Context(), r.Tx(), r.Viewer(), id)
	if err != nil {
		return err
	}
	r.Title("Selections of " + name)
	f := filterOf(r, r.Here().Today())
	f.Client = id
	view := listView{Here: r.Here(), Filter: f, States: stateFilters, At: r.Path("selections", "clients", id)}
	if view.Top, err = o.Catalog().ClientTop(r, id, name, "selections:client"); err != nil {
		return err
	}
	return o.show(r, view)
}

func (o office) show(r *web.Request, view listView) error {
	found, err := listed(r.Context(), r.Tx(), r.Viewer(), view.Filter, r.Place().If(sorts.Fits(view.Filter.Sort)))
	if err != nil {
		return err
	}
	view.page, view.Rows = found, rowsOf(r.Here(), found.Selections, r.Here().Today())
	return r.Show("selections/index", view)
}

// load finds the selection of the address.
func (office) load(r *web.Request) (Selection, error) {
	return web.Find(r, "selection", byID)
}

// at finds the project of the address.
func (office) at(r *web.Request) (project, error) {
	return web.Find(r, "project", projectByID)
}

// trail leads from the section to a project, and on.
func trail(r *web.Request, client, name string, projectID uuid.UUID, rest ...web.NavItem) []web.NavItem {
	items := []web.NavItem{{Title: "Selections", Href: r.Path("selections")}, {Title: client + ": " + name, Href: r.Path("selections", "projects", projectID)}}
	return append(items, rest...)
}

func (s Selection) trail(r *web.Request, last string) []web.NavItem {
	items := trail(r, s.ClientName, s.ProjectName, s.ProjectID)
	if last == "" {
		return append(items, web.NavItem{Title: s.Title})
	}
	return append(items, web.NavItem{Title: s.Title, Href: r.Path("selections", s.ID)}, web.NavItem{Title: last})
}
