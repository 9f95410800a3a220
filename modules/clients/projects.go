package clients

import (
	"github.com/google/uuid"

	"portico/platform/db/paging"
	"portico/platform/fact"
	"portico/platform/fault"
	"portico/platform/web"
)

type projectsView struct {
	*web.Here
	Query, Sort, Status string
	Client              *Client // of one client only
	Rows                []Project
	Page                picked
	Narrowed            bool
	Statuses            []choice
}

func (o office) projects(r *web.Request) error {
	sort, by := sortOf(r.Query("sort"))
	view := projectsView{Here: r.Here(), Query: r.Query("q"), Sort: sort}
	of := uuid.Nil
	if text := r.Query("client"); text != "" {
		id, err := uuid.Parse(text)
		if err != nil {
			return fault.NotFound()
		}
		client, err := findClient(r.Context(), r.Tx(), r.Viewer(), id)
		if err != nil {
			return err
		}
		view.Client, of = &client, client.ID
	}
	filter := projectFilterOf(r.Query("status"), of)
	page, err := filter.listing().pick(r.Context(), r.Tx(), r.Viewer(), view.Query, by, r.Place())
	if err != nil {
		return err
	}
	if view.Rows, err = projectRows(r.Context(), r.Tx(), r.Viewer(), page.IDs); err != nil {
		return err
	}
	view.Page, view.Status = page, filter.Status
	view.Statuses = []choice{{Value: "", Title: "All but archived"}}
	for _, s := range statuses {
		view.Statuses = append(view.Statuses, choice{Value: s, Title: statusTitle(s)})
	}
	view.Statuses = append(view.Statuses, choice{Value: "all", Title: "All"})
	view.Narrowed = view.Query != "" || view.Status != "" || view.Client != nil
	r.Title("Projects")
	return r.Show("clients/projects", view)
}

// Head is a column's heading that sorts.
func (v projectsView) Head(column, title string) web.Head {
	return v.Sorts(v.Sort, column, title, "", column == "name")
}

// Counted says how many there are.
func (v projectsView) Counted() string { return counted(v.Page, len(v.Rows), "project", "projects") }

// Prev and Next are the neighbouring pages.
func (v projectsView) Prev() string { return v.Turned(v.Page.Turns).Prev }
func (v projectsView) Next() string { return v.Turned(v.Page.Turns).Next }

type clientProjectsView struct {
	top
	Projects []Project
}

// projectsOfClient is the tab of the client's page.
func (o office) projectsOfClient(r *web.Request) error {
	client, err := o.client(r)
	if err != nil {
		return err
	}
	head, err := o.top(r, client, "clients:projects")
	if err != nil {
		return err
	}
	view := clientProjectsView{top: head}
	if view.Projects, err = projectsOf(r.Context(), r.Tx(), r.Viewer(), client.ID, true); err != nil {
		return err
	}
	r.Title("Projects of " + client.Name)
	return r.Show("clients/client_projects", view)
}

// projectView is the form of a project, new or not.
type projectView struct {
	*web.Here
	Form      *projectForm
	Project   Project
	Client    Client // whose it is; the zero Client: it has to be found first
	Query     string
	Found     []clientRow
	New       bool
	Meanwhile *meanwhile
}

// Action is where the form goes.
func (v projectView) Action() string {
	if v.New {
		return v.Path("clients", "projects")
	}
	return v.Path("clients", "projects", v.Project.ID)
}

// Back is where its Cancel leads.
func (v projectView) Back() string {
	if v.New {
		return v.Path("clients", v.Client.ID, "projects")
	}
	return v.Path("clients", "projects", v.Project.ID)
}

// Suggested is the short name that the project gets when none is typed.
func (v projectView) Suggested() string {
	if v.Form.Name == "" {
		return ""
	}
	return keyFrom(v.Form.Name)
}

// Statuses are what a project can be.
func (v projectView) Statuses() []choice {
	var list []choice
	for _, s := range statuses {
		list = append(list, choice{Value: s, Title: statusTitle(s)})
	}
	return list
}

// freshProject asks for the client first, unless the address names one.
func (o office) freshProject(r *web.Request) error {
	view := projectView{Here: r.Here(), New: true, Query: r.Query("q")}
	r.Title("New project")
	id, err := uuid.Parse(r.Query("client"))
	if err != nil {
		page, err := clientFilter{}.listing().pick(r.Context(), r.Tx(), r.Viewer(), view.Query, sorts["-added"], paging.Place{})
		if err != nil {
			return err
		}
		view.Found, err = clientRows(r.Context(), r.Tx(), r.Viewer(), page.IDs[:min(len(page.IDs), jumpRows)])
		if err != nil {
			return err
		}
		return r.Show("clients/project_client", view)
	}
	if view.Client, err = findClient(r.Context(), r.Tx(), r.Viewer(), id); err != nil {
		return err
	}
	c := view.Client
	view.Form = &projectForm{
		ClientID: c.ID, Status: planned, Currency: r.Firm().Currency,
		Street: c.Street, City: c.City, Region: c.Region, Postcode: c.Postcode, Country: c.Country,
	}
	return r.Show("clients/project_form", view)
}

func (o office) createProject(r *web.Request) error {
	form := &projectForm{}
	wrong := r.Bind(form)
	client, err := holdClient(r.Context(), r.Tx(), r.Viewer(), form.ClientID)
	if err != nil {
		return err
	}
	view := projectView{Here: r.Here(), Form: form, Client: client, New: true}
	r.Title("New project")
	if wrong == nil && client.Archived() {
		wrong = fault.Invalid("This client is archived. Restore it first.")
	}
	if wrong != nil {
		return r.Again("clients/project_form", view, wrong)
	}
	project := form.onto(Project{ClientID: client.ID, ClientName: client.Name})
	if err := insertProject(r.Context(), r.Tx(), r.Viewer(), client, &project); err != nil {
		return r.Again("clients/project_form", view, err)
	}
	if err := tellClient(r.Context(), r.Tx(), r.Viewer(), Project{}, project); err != nil {
		return err
	}
	r.Toast(project.Name + " was added.")
	return r.Go(r.Path("clients", "projects", project.ID))
}

type projectPage struct {
	*web.Here
	Project Project
	Tabs    []web.NavItem
	Latest  []happening
	Older   string
	FirmOn  bool
	Setup   string // where the firm's portal is switched; "" for who may not
}

func (o office) project(r *web.Request) error { return o.projectTab(r, "clients/project", 6) }

func (o office) projectActivity(r *web.Request) error {
	return o.projectTab(r, "clients/project_activity", activityPage)
}

func (o office) projectTab(r *web.Request, view string, entries int) error {
	project, err := o.projectOf(r)
	if err != nil {
		return err
	}
	page := projectPage{Here: r.Here(), Project: project, Tabs: o.tabs(r, "project", project.ID), FirmOn: r.Viewer().Firm.PortalOn, Setup: o.setup(r)}
	if page.Latest, err = o.happenings(r, uuid.Nil, project.ID, entries); err != nil {
		return err
	}
	page.Older = older(r.Here(), page.Latest, entries)
	r.Title(project.Name)
	return r.Show(view, page)
}

func (o office) projectOf(r *web.Request) (Project, error) {
	return web.Find(r, "project", findProject)
}

func (o office) editProject(r *web.Request) error {
	project, err := o.projectOf(r)
	if err != nil {
		return err
	}
	r.Title("Edit " + project.Name)
	return r.Show("clients/project_form", projectView{Here: r.Here(), Form: projectFormOf(project), Project: project, Client: clientOf(project)})
}

func clientOf(p Project) Client { return Client{ID: p.ClientID, Name: p.ClientName} }

func (o office) saveProject(r *web.Request) error {
	_, project, err := o.heldProject(r)
	if err != nil {
		return err
	}
	form := &projectForm{}
	view := projectView{Here: r.Here(), Form: form, Project: project, Client: clientOf(project)}
	r.Title("Edit " + project.Name)
	if err := r.Bind(form); err != nil {
		return r.Again("clients/project_form", view, err)
	}
	after := form.onto(project)
	if form.Version != project.Version {
		view.Meanwhile, err = o.meanwhile(r, project.ClientID, project.ID, project.fields(), after.fields())
		if err != nil {
			return err
		}
		form.Version = project.Version
		return r.Again("clients/project_form", view, fault.Invalid("Somebody else has changed this project meanwhile."))
	}
	if len(changed(project.fields(), after.fields())) == 0 {
		return r.Go(r.Path("clients", "projects", project.ID))
	}
	if err := updateProject(r.Context(), r.Tx(), r.Viewer(), project, after); err != nil {
		return r.Again("clients/project_form", view, err)
	}
	if after.Status != project.Status {
		err := o.p.Bus.Publish(r.Context(), r.Tx(), r.Viewer().FirmID(), fact.ProjectStatusChanged{
			ClientID: project.ClientID, ProjectID: project.ID, From: project.Status, To: after.Status, ByID: r.Viewer().PersonID,
		})
		if err != nil {
			return err
		}
	}
	r.Toast("Saved.")
	return r.Go(r.Path("clients", "projects", project.ID))
}
