package messages

import (
	"slices"

	"github.com/google/uuid"

	"portico/platform/auth"
	"portico/platform/fault"
	"portico/platform/id"
	"portico/platform/module"
	"portico/platform/people"
	"portico/platform/sight"
	"portico/platform/web"
)

// beginView is the form of a new conversation.
type beginView struct {
	*web.Here
	Office     bool
	Trail      []web.NavItem
	Form       startForm
	Thing      *module.Thing
	Client     *choice  // office: whose it is
	Clients    []choice // office: some to choose from
	Query      string
	Projects   []choice
	People     []person
	Who        string // portal: whom it goes to
	MayProject bool
}

// person is a contact that can be told.
type person struct {
	ID          uuid.UUID
	Name, Title string
	Ticked      bool
	Reads       bool // may see the section at all
}

func (d desk) begin(r *web.Request) error {
	form := startForm{ID: id.New(), Subject: cut(r.Query("subject"), 200), About: r.Query("about")}
	form.Client, _ = uuid.Parse(r.Query("client"))
	form.Project, _ = uuid.Parse(r.Query("project"))
	form.Item, _ = uuid.Parse(r.Query("item"))
	view, err := d.beginView(r, form, true)
	if err != nil {
		return err
	}
	return r.Show("messages/new", view)
}

func (d desk) beginView(r *web.Request, form startForm, first bool) (view beginView, err error) {
	r.Title("New message")
	ctx, tx, v := r.Context(), r.Tx(), r.Viewer()
	view = beginView{Here: r.Here(), Office: v.Side == auth.Office, Form: form, Query: r.Query("q"),
		Trail: []web.NavItem{{Title: r.Say("Messages"), Href: r.Path(section)}, {Title: r.Say("New message")}}}
	if view.Form.ID == uuid.Nil {
		view.Form.ID = id.New()
	}
	if thing, err := d.thing(r, form); err == nil {
		view.Thing = &thing
		view.Form.Client, view.Form.Project = or(form.Client, thing.ClientID), or(form.Project, thing.ProjectID)
		if first && form.Subject == "" && thing.PersonID == uuid.Nil {
			view.Form.Subject = cut(thing.Title, 200)
		}
	} else if !fault.Is(err, fault.Missing) {
		return view, err
	}
	if !view.Office {
		view.Form.Client = v.ClientID
		view.Projects = portalProjects(v)
		view.Who = v.Firm.Name
		if view.Thing != nil && view.Thing.PersonID != uuid.Nil {
			view.Who = view.Thing.Title
		}
		if first && view.Form.Project == uuid.Nil && len(view.Projects) == 1 {
			view.Form.Project = view.Projects[0].Value
		}
		return view, nil
	}
	if view.Form.Client == uuid.Nil && view.Form.Project != uuid.Nil {
		if view.Form.Client, err = clientOfProject(ctx, tx, v, view.Form.Project); err != nil {
			return view, err
		}
	}
	if view.Form.Client == uuid.Nil {
		view.Clients, err = someClients(ctx, tx, v, view.Query)
		return view, err
	}
	name, err := clientName(ctx, tx, v, view.Form.Client)
	if err != nil {
		return view, err
	}
	view.Client = &choice{view.Form.Client, name}
	if view.Projects, err = projectsOf(ctx, tx, v, view.Form.Client); err != nil {
		return view, err
	}
	view.People, err = d.peopleOf(r, view.Form, first)
	return view, err
}

func portalProjects(v auth.Viewer) (list []choice) {
	open := v.ProjectIDs(section)
	for _, p := range v.Projects {
		if slices.Contains(open, p.ID) {
			list = append(list, choice{p.ID, p.Name})
		}
	}
	return list
}

func or(a, b uuid.UUID) uuid.UUID {
	if a != uuid.Nil {
		return a
	}
	return b
}

// thing is what the conversation is to be about.
func (d desk) thing(r *web.Request, form startForm) (module.Thing, error) {
	if form.About == "" {
		return module.Thing{}, fault.NotFound()
	}
	return d.Catalog().Thing(r.Context(), r.Tx(), r.Viewer(), form.About, form.Item)
}

// peopleOf are the contacts of a client who can be told. At first those are ticked who can read it.
func (d desk) peopleOf(r *web.Request, form startForm, first bool) (list []person, err error) {
	c, err := sight.Load(r.Context(), r.Tx(), r.Viewer(), form.Client)
	if err != nil {
		return nil, err
	}
	for _, contact := range c.Contacts {
		if contact.Access != "portal" {
			continue
		}
		p := person{ID: contact.ID, Name: contact.Name, Title: contact.Title, Reads: c.Levels(r.Firm(), contact).May(see).On}
		p.Ticked = first && p.Reads || slices.Contains(form.People, contact.ID)
		list = append(list, p)
	}
	return list, nil
}

// start begins a conversation.
func (d desk) start(r *web.Request) error {
	var form startForm
	wrong := r.Bind(&form)
	view, err := d.beginView(r, form, false)
	if err != nil {
		return err
	}
	if wrong != nil {
		return r.Again("messages/new", view, wrong)
	}
	c, people, wrong := d.chosen(r, view)
	if wrong == nil {
		first := form.first()
		files, err := comingFrom(first.attached())
		if err != nil {
			return err
		}
		c.ID = newID(form.ID)
		c, wrong = d.beginWith(r.Context(), r.Tx(), r.Viewer(), c, people, said{ID: c.ID, Body: form.Body, Files: files})
	}
	if wrong != nil {
		return r.Again("messages/new", view, wrong)
	}
	r.Toast("Sent.")
	return r.Go(r.Path(section, c.ID))
}

// chosen is the conversation that the form describes, and who takes part: all of it is asked for again, whatever the
// form says.
func (d desk) chosen(r *web.Request, view beginView) (c Conversation, others []part, err error) {
	v, form := r.Viewer(), view.Form
	c = Conversation{ClientID: form.Client, ProjectID: form.Project, Subject: form.Subject}
	if c.ProjectID != uuid.Nil && !slices.ContainsFunc(view.Projects, func(p choice) bool { return p.Value == c.ProjectID }) {
		return c, nil, fault.Field("project", "Choose one from the list.")
	}
	if c.ProjectID == uuid.Nil && v.Limited {
		return c, nil, fault.Field("project", "Choose the project that it is about.")
	}
	if view.Thing != nil {
		c.ItemSection, c.ItemID = form.About, form.Item
		if view.Thing.PersonID != uuid.Nil {
			c.AssignedTo = view.Thing.PersonID
			others = append(others, part{PersonID: view.Thing.PersonID})
		}
	}
	if !view.Office {
		return c, others, nil
	}
	if view.Client == nil {
		return c, nil, fault.Field("client", "Choose a client first.")
	}
	c.Internal, c.AssignedTo = form.Internal, v.PersonID
	if c.Internal {
		return c, others, nil
	}
	for _, p := range view.People {
		if !slices.Contains(form.People, p.ID) {
			continue
		}
		who, err := people.ContactMailbox(r.Context(), r.Tx(), v, p.ID)
		if err != nil {
			return c, nil, err
		}
		others = append(others, part{PersonID: who.PersonID, ContactID: p.ID})
	}
	return c, others, nil
}

// couldTakePart are the contacts that do not yet.
func (d desk) couldTakePart(r *web.Request, c Conversation, there []part) (list []part, err error) {
	if c.Internal {
		return nil, nil
	}
	loaded, err := sight.Load(r.Context(), r.Tx(), r.Viewer(), c.ClientID)
	if err != nil {
		return nil, err
	}
	for _, contact := range loaded.Contacts {
		if contact.Access == "portal" && !slices.ContainsFunc(there, func(p part) bool { return p.ContactID == contact.ID }) {
			list = append(list, part{ContactID: contact.ID, Name: contact.Name, Title: contact.Title})
		}
	}
	return list, nil
}
