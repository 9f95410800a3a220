package clients

import (
	"slices"

	"github.com/google/uuid"

	"portico/platform/db/paging"
	"portico/platform/fault"
	"portico/platform/web"
)

// askView asks before something is done to a contact.
type askView struct {
	*web.Here
	Client   Client
	Contact  Contact
	Query    string
	Clients  []clientRow // where it could be copied to
	Projects []Project
}

func (o office) askDisable(r *web.Request) error {
	return o.ask(r, "clients/disable", "Disable access of ")
}
func (o office) askArchiveContact(r *web.Request) error {
	return o.ask(r, "clients/archive_contact", "Archive ")
}

func (o office) ask(r *web.Request, view, title string) error {
	client, contact, err := o.clientAndContact(r, findClient)
	if err != nil {
		return err
	}
	r.Title(title + contact.Name)
	return r.Show(view, askView{Here: r.Here(), Client: client, Contact: contact})
}

// disable ends everything of the contact at once. It asks for a fresh factor: a stolen session must not lock people out.
func (o office) disable(r *web.Request) error { return o.setDisabled(r, true) }
func (o office) enable(r *web.Request) error  { return o.setDisabled(r, false) }

func (o office) setDisabled(r *web.Request, disable bool) error {
	if err := r.Viewer().Confirmed(r.Now()); err != nil {
		return err
	}
	client, contact, err := o.clientAndContact(r, holdClient)
	if err != nil {
		return err
	}
	if !contact.Portal() {
		return fault.Conflict("This contact has no portal access.")
	}
	if err := disableContact(r.Context(), r.Tx(), r.Viewer(), contact, disable); err != nil {
		return err
	}
	r.Toast(map[bool]string{true: "The access of " + contact.Name + " is disabled.", false: "The access of " + contact.Name + " is enabled again."}[disable])
	return r.Go(r.Path("clients", client.ID, "contacts"))
}

func (o office) archiveContact(r *web.Request) error { return o.putContactAway(r, true) }
func (o office) restoreContact(r *web.Request) error { return o.putContactAway(r, false) }

func (o office) putContactAway(r *web.Request, away bool) error {
	client, contact, err := o.clientAndContact(r, holdClient)
	if err != nil {
		return err
	}
	if err := archiveContact(r.Context(), r.Tx(), r.Viewer(), contact, away); err != nil {
		return err
	}
	r.Toast(contact.Name + map[bool]string{true: " was archived.", false: " was restored."}[away])
	return r.Go(r.Path("clients", client.ID, "contacts"))
}

// askCopy offers the client's other projects and, by search, other clients.
func (o office) askCopy(r *web.Request) error {
	client, contact, err := o.clientAndContact(r, findClient)
	if err != nil {
		return err
	}
	view := askView{Here: r.Here(), Client: client, Contact: contact, Query: r.Query("q")}
	projects, err := projectsOf(r.Context(), r.Tx(), r.Viewer(), client.ID, false)
	if err != nil {
		return err
	}
	for _, p := range projects {
		if contact.Limited && !slices.Contains(contact.Projects, p.ID) {
			view.Projects = append(view.Projects, p)
		}
	}
	if view.Query != "" {
		page, err := clientFilter{}.listing().pick(r.Context(), r.Tx(), r.Viewer(), view.Query, sorts["name"], paging.Place{})
		if err != nil {
			return err
		}
		found := slices.DeleteFunc(page.IDs, func(id uuid.UUID) bool { return id == client.ID })
		if view.Clients, err = clientRows(r.Context(), r.Tx(), r.Viewer(), found[:min(len(found), jumpRows)]); err != nil {
			return err
		}
	}
	r.Title("Copy " + contact.Name)
	return r.Show("clients/copy", view)
}

// copy makes the contact known at another client, or shows a limited one another project.
func (o office) copy(r *web.Request) error {
	client, contact, err := o.clientAndContact(r, holdClient)
	if err != nil {
		return err
	}
	var form struct {
		Client  uuid.UUID `form:"to_client"`
		Project uuid.UUID `form:"to_project"`
	}
	if err := r.Bind(&form); err != nil {
		return err
	}
	if form.Project != uuid.Nil {
		project, err := findProject(r.Context(), r.Tx(), r.Viewer(), form.Project)
		if err != nil {
			return err
		}
		if project.ClientID != client.ID {
			return fault.NotFound()
		}
		if !contact.Limited {
			return fault.Conflict("This contact sees all shared projects already.")
		}
		if err := copyToProject(r.Context(), r.Tx(), r.Viewer(), contact, project); err != nil {
			return err
		}
		r.Toast(contact.Name + " may now see " + project.Name + " too.")
		return r.Go(r.Path("clients", client.ID, "contacts"))
	}
	to, err := holdClient(r.Context(), r.Tx(), r.Viewer(), form.Client)
	if err != nil {
		return err
	}
	_, made, err := copyToClient(r.Context(), r.Tx(), r.Viewer(), contact, to)
	if err != nil {
		return err
	}
	if made {
		r.Toast(contact.Name + " was copied to " + to.Name + ", without portal access.")
	} else {
		r.Warn(contact.Name + " is a contact of " + to.Name + " already.")
	}
	return r.Go(r.Path("clients", to.ID, "contacts"))
}
