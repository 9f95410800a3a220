package envelopes

import (
	"github.com/google/uuid"

	"portico/platform/db/paging"
	"portico/platform/module"
	"portico/platform/web"
)

// office are the pages of staff.
type office struct{ desk }

func officeRoutes(d desk) []web.Route {
	on := office{d}
	return []web.Route{
		web.Get("/", keep, on.index),
		web.Get("/clients/:client", keep, on.client),
		web.Get("/projects/:project", keep, on.project),

		web.Get("/new", keep, on.newDraft),
		large(web.Post("/", keep, on.addDraft)),

		web.Get("/templates", rule, on.templates),
		web.Get("/templates/new", rule, on.newTemplate),
		web.Post("/templates", rule, on.addTemplate),
		web.Get("/templates/:template", rule, on.editTemplate),
		web.Get("/templates/:template/document", rule, on.previewTemplate),
		web.Post("/templates/:template", rule, on.saveTemplate),
		web.Delete("/templates/:template", rule, on.dropTemplate),
		web.Get("/settings", rule, on.settings),
		web.Post("/settings", rule, on.saveSettings),

		web.Get("/:envelope", keep, on.envelope),
		web.Get("/:envelope/edit", keep, on.editDraft),
		large(web.Post("/:envelope", keep, on.saveDraft)),
		web.Get("/:envelope/people", keep, on.people),
		web.Post("/:envelope/people", keep, on.savePeople),
		web.Get("/:envelope/fields", keep, on.fields),
		web.Post("/:envelope/fields", keep, on.saveFields),
		web.Get("/:envelope/deletion", keep, on.askDeletion),
		web.Delete("/:envelope", keep, on.deleteDraft),

		web.Get("/:envelope/sending", keep, on.askSending),
		web.Post("/:envelope/sending", keep, on.sendNow),
		web.Post("/:envelope/reminders", keep, on.remindNow),
		web.Get("/:envelope/recipients/:recipient/deadline", keep, on.askDeadline),
		web.Post("/:envelope/recipients/:recipient/deadline", keep, on.saveDeadline),
		web.Get("/:envelope/withdrawal", keep, on.askWithdrawal),
		web.Post("/:envelope/withdrawal", keep, on.withdrawNow),
		web.Get("/:envelope/correction", keep, on.askCorrection),
		web.Post("/:envelope/correction", keep, on.correctNow),
	}
}

// tabs are the parts of the section.
func (o office) tabs(r *web.Request, current string) []web.NavItem {
	items := []web.NavItem{{Title: "Documents", Href: r.Path("envelopes"), Current: current == "documents"}}
	if r.Viewer().May(rule) {
		items = append(items,
			web.NavItem{Title: "Templates", Href: r.Path("envelopes", "templates"), Current: current == "templates"},
			web.NavItem{Title: "Settings", Href: r.Path("envelopes", "settings"), Current: current == "settings"})
	}
	return items
}

type listView struct {
	*web.Here
	Tabs          []web.NavItem
	Filter        filter
	States, Kinds []choice
	Chips         []web.NavItem // the client and project it is narrowed to
	Rows          []listRow
	Page          page
	New           string
}

// Head is a column's heading.
func (v listView) Head(column, title, class string) web.Head {
	return v.Sorts(v.Filter.Sort, column, title, class, column == "title")
}

// Prev and Next are the neighbouring pages.
func (v listView) Prev() string    { return v.Turned(v.Page.Turns).Prev }
func (v listView) Next() string    { return v.Turned(v.Page.Turns).Next }
func (v listView) Narrowed() bool  { return v.Filter.narrowed() }
func (v listView) Counted() string { return v.Page.Counted() }

// ClientID and ProjectID keep what the list is narrowed to; "" when it is not.
func (v listView) ClientID() string  { return idText(v.Filter.Client) }
func (v listView) ProjectID() string { return idText(v.Filter.Project) }

func idText(id uuid.UUID) string {
	if id == uuid.Nil {
		return ""
	}
	return id.String()
}

func kindChoices() []choice {
	var list []choice
	for _, k := range Kinds {
		list = append(list, choice{string(k), k.Title()})
	}
	return list
}

// index is the list of all documents, and of one client or project when the address names it.
func (o office) index(r *web.Request) error {
	r.Title("Contracts")
	f := filterOf(r)
	view := listView{Here: r.Here(), Tabs: o.tabs(r, "documents"), Filter: f, States: stateFilters, New: r.Path("envelopes", "new")}
	view.Kinds = append([]choice{{"", "All kinds"}}, kindChoices()...)
	if f.Client != uuid.Nil {
		c, err := clientByID(r.Context(), r.Tx(), r.Viewer(), f.Client)
		if err != nil {
			return err
		}
		view.Chips = append(view.Chips, web.NavItem{Title: c.Name, Href: r.Here().With("client", "")})
	}
	if f.Project != uuid.Nil {
		p, err := projectByID(r.Context(), r.Tx(), r.Viewer(), f.Project)
		if err != nil {
			return err
		}
		view.Chips = append(view.Chips, web.NavItem{Title: p.Name, Href: r.Here().With("project", "")})
	}
	var err error
	if view.Page, err = pick(r.Context(), r.Tx(), r.Viewer(), f, r.Place().If(sorts.Fits(f.Sort))); err != nil {
		return err
	}
	view.Rows = listRows(r.Here(), view.Page.Envelopes, r.Now())
	return r.Show("envelopes/office", view)
}

type clientView struct {
	*web.Here
	Top     module.ClientTop // a client's; a project has a trail and tabs
	Trail   []web.NavItem
	Tabs    []web.NavItem
	Client  account
	Project account // the zero account: all of the client's
	Rows    []listRow
	More    string // the list of all, when these are not
	New     string
}

// client is the tab of a client's page.
func (o office) client(r *web.Request) error {
	id, err := r.ID("client")
	if err != nil {
		return err
	}
	client, err := clientByID(r.Context(), r.Tx(), r.Viewer(), id)
	if err != nil {
		return err
	}
	r.Title("Contracts of " + client.Name)
	view := clientView{Here: r.Here(), Client: client, New: r.Path("envelopes", "new") + "?client=" + client.ID.String()}
	if view.Top, err = o.Catalog().ClientTop(r, client.ID, client.Name, "envelopes:client"); err != nil {
		return err
	}
	return o.showOf(r, view, filter{Client: client.ID, Sort: "-made"})
}

// project is the tab of a project's page.
func (o office) project(r *web.Request) error {
	id, err := r.ID("project")
	if err != nil {
		return err
	}
	project, err := projectByID(r.Context(), r.Tx(), r.Viewer(), id)
	if err != nil {
		return err
	}
	r.Title("Contracts of " + project.Name)
	view := clientView{
		Here: r.Here(), Client: account{ID: project.ClientID, Name: project.ClientName, Archived: project.Archived || project.Status == "archived"}, Project: project,
		New: r.Path("envelopes", "new") + "?project=" + project.ID.String(),
		Trail: []web.NavItem{
			{Title: "Clients", Href: r.Path("clients")}, {Title: project.ClientName, Href: r.Path("clients", project.ClientID)},
			{Title: project.Name, Href: r.Path("clients", "projects", project.ID)}, {Title: "Contracts"},
		},
	}
	for _, tab := range o.Catalog().Tabs("project", r.Viewer()) {
		view.Tabs = append(view.Tabs, web.NavItem{Title: tab.Title, Href: tab.Path(project.ID.String()), Current: tab.ID == "envelopes:project"})
	}
	return o.showOf(r, view, filter{Client: project.ClientID, Project: project.ID, Sort: "-made"})
}

func (office) showOf(r *web.Request, view clientView, f filter) error {
	found, err := pick(r.Context(), r.Tx(), r.Viewer(), f, paging.Place{})
	if err != nil {
		return err
	}
	if found.Next != "" {
		view.More = r.Path("envelopes") + "?client=" + f.Client.String()
		if f.Project != uuid.Nil {
			view.More += "&project=" + f.Project.String()
		}
	}
	view.Rows = listRows(r.Here(), found.Envelopes, r.Now())
	return r.Show("envelopes/client", view)
}

// load finds the document of the address.
func (office) load(r *web.Request) (Envelope, error) {
	return web.Find(r, "envelope", byID)
}

// holding is load for what changes it.
func (office) holding(r *web.Request) (Envelope, error) {
	id, err := r.ID("envelope")
	if err != nil {
		return Envelope{}, err
	}
	return hold(r.Context(), r.Tx(), r.Viewer(), id)
}
