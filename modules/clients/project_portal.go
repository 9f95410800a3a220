package clients

import (
	"portico/platform/fault"
	"portico/platform/web"
)

// Cloud is the state of a project's cloud: green when the client sees the project in an open portal.
func (p projectPage) Cloud() string {
	if p.FirmOn && p.Project.ClientOn && p.Project.Visible() {
		return "on"
	}
	return "off"
}

// askProjectPortal is behind a project's cloud: what a click would do.
func (o office) askProjectPortal(r *web.Request) error {
	project, err := o.projectOf(r)
	if err != nil {
		return err
	}
	client, err := findClient(r.Context(), r.Tx(), r.Viewer(), project.ClientID)
	if err != nil {
		return err
	}
	view, err := o.portalView(r, client)
	if err != nil {
		return err
	}
	view.Project = project
	r.Title("What the client sees of " + project.Name)
	return r.Show("clients/project_portal", view)
}

// showProject shares the project, turns the client's portal on, and invites whoever was ticked.
func (o office) showProject(r *web.Request) error {
	client, project, err := o.heldProject(r)
	if err != nil {
		return err
	}
	switch {
	case client.Archived():
		return fault.Conflict("This client is archived. Restore it first.")
	case project.Status == archived:
		return fault.Conflict("An archived project is never shown. Change its status first.")
	}
	if err := o.open(r, client); err != nil {
		return err
	}
	if err := o.share(r, project, true); err != nil {
		return err
	}
	r.Toast(client.Name + " can see " + project.Name + " now.")
	return r.Go(r.Path("clients", "projects", project.ID))
}

// hideProject takes the project from the client's eyes; the portal stays as it is.
func (o office) hideProject(r *web.Request) error {
	client, project, err := o.heldProject(r)
	if err != nil {
		return err
	}
	if err := o.share(r, project, false); err != nil {
		return err
	}
	r.Toast(client.Name + " can no longer see " + project.Name + ".")
	return r.Go(r.Path("clients", "projects", project.ID))
}

func (office) share(r *web.Request, project Project, shared bool) error {
	if project.Shared == shared {
		return nil
	}
	after := project
	after.Shared = shared
	return updateProject(r.Context(), r.Tx(), r.Viewer(), project, after)
}

// heldProject loads the project of the address and its client, for a change of either.
func (o office) heldProject(r *web.Request) (Client, Project, error) {
	project, err := o.projectOf(r)
	if err != nil {
		return Client{}, Project{}, err
	}
	client, err := holdClient(r.Context(), r.Tx(), r.Viewer(), project.ClientID)
	if err != nil {
		return Client{}, Project{}, err
	}
	project, err = o.projectOf(r) // again, now that nobody else writes
	return client, project, err
}
