package clients

import (
	"slices"

	"portico/platform/access"
	"portico/platform/fault"
	"portico/platform/web"
)

type contactsView struct {
	top
	Links    []web.NavItem // what other sections offer beside the list
	Contacts []Contact
	Archived int
}

// contacts lists all contacts of a client, archived ones last.
func (o office) contacts(r *web.Request) error {
	client, err := o.client(r)
	if err != nil {
		return err
	}
	head, err := o.top(r, client, "clients:contacts")
	if err != nil {
		return err
	}
	view := contactsView{top: head, Links: o.tabs(r, "contacts", client.ID)}
	if view.Contacts, err = contactsOf(r.Context(), r.Tx(), r.Viewer(), client.ID, true); err != nil {
		return err
	}
	r.Title("Contacts of " + client.Name)
	return r.Show("clients/contacts", view)
}

// contactView is the form of a contact, new or not: in a dialog, or as a page.
type contactView struct {
	*web.Here
	Form      *contactForm
	Client    Client
	Contact   Contact
	New       bool
	Projects  []Project // of the client, not archived
	all       []Project // archived ones, too
	Sight     *sightView
	Links     []web.NavItem // what other sections offer beside it
	FirmOn    bool
	Setup     string
	Note      string // of an invitation
	Same      *Contact
	Meanwhile *meanwhile
	Mails     []sentMail // the latest
}

// Doubt says that nobody knows whether the last mail has arrived; "" when somebody does, or it does not matter any more.
func (v contactView) Doubt() string {
	if len(v.Mails) == 0 || v.Mails[0].State != "unsure" || v.Contact.State() != stateInvited {
		return ""
	}
	return v.Mails[0].Why()
}

// Action is where the form goes.
func (v contactView) Action() string {
	if v.New {
		return v.Path("clients", v.Client.ID, "contacts")
	}
	return v.Path("clients", v.Client.ID, "contacts", v.Contact.ID)
}

// Back is the list.
func (v contactView) Back() string { return v.Path("clients", v.Client.ID, "contacts") }

// OpenPortal reports whether an invitation could be used at once.
func (v contactView) OpenPortal() bool { return v.FirmOn && v.Client.PortalOn }

// Rights are the ticks of the form.
func (v contactView) Rights() []choice {
	var rights []choice
	for _, r := range access.AllRights {
		rights = append(rights, choice{Value: string(r), Title: r.Title(), Current: slices.Contains(v.Form.Rights, string(r))})
	}
	return rights
}

// Choices are the projects to which a contact can be limited.
func (v contactView) Choices() []choice {
	var list []choice
	for _, p := range v.Projects {
		title := p.Name
		if !p.Shared {
			title += " (not shared yet)"
		}
		list = append(list, choice{Value: p.ID.String(), Title: title, Current: slices.Contains(v.Form.Projects, p.ID)})
	}
	return list
}

// Sends reports whether the form offers to invite.
func (v contactView) Sends() bool {
	return v.OpenPortal() && (v.New || v.Contact.State() == stateNone || v.Contact.State() == stateNotInvited)
}

func (o office) contactView(r *web.Request, client Client) (contactView, error) {
	all, err := projectsOf(r.Context(), r.Tx(), r.Viewer(), client.ID, true)
	view := contactView{
		Here: r.Here(), Client: client, all: all, FirmOn: r.Viewer().Firm.PortalOn, Setup: o.setup(r), Links: o.tabs(r, "contacts", client.ID),
	}
	for _, p := range all {
		if p.Status != archived {
			view.Projects = append(view.Projects, p)
		}
	}
	return view, err
}

func (o office) freshContact(r *web.Request) error {
	client, err := o.client(r)
	if err != nil {
		return err
	}
	view, err := o.contactView(r, client)
	if err != nil {
		return err
	}
	view.New, view.Form = true, newContactForm()
	r.Title("New contact")
	return r.Show("clients/contact", view)
}

func (o office) contact(r *web.Request) error {
	client, contact, err := o.clientAndContact(r, findClient)
	if err != nil {
		return err
	}
	view, err := o.contactView(r, client)
	if err != nil {
		return err
	}
	view.Contact, view.Form = contact, contactFormOf(contact)
	if view.Sight, err = o.sightOf(r, contact); err != nil {
		return err
	}
	if view.Mails, err = mailsTo(r.Context(), r.Tx(), r.Viewer(), contact.ID); err != nil {
		return err
	}
	r.Title(contact.Name)
	return r.Show("clients/contact", view)
}

func (o office) createContact(r *web.Request) error {
	client, err := o.held(r)
	if err != nil {
		return err
	}
	view, err := o.contactView(r, client)
	if err != nil {
		return err
	}
	form := &contactForm{}
	view.New, view.Form = true, form
	r.Title("New contact")
	if err := r.Bind(form); err != nil {
		return r.Again("clients/contact", view, err)
	}
	contact := form.onto(Contact{ClientID: client.ID}).withProjects(view.all)
	if !form.Anyway {
		same, is, err := sameContact(r.Context(), r.Tx(), r.Viewer(), contact)
		if err != nil {
			return err
		}
		if is {
			view.Same = &same
			return r.Again("clients/contact", view, fault.Invalid("There is a contact of this name already."))
		}
	}
	if err := insertContact(r.Context(), r.Tx(), r.Viewer(), client, &contact); err != nil {
		return r.Again("clients/contact", view, err)
	}
	if form.Invite && form.Grant {
		if err := o.inviteOne(r, client, contact, ""); err != nil {
			return r.Again("clients/contact", view, err)
		}
		r.Toast(contact.Name + " was added and is being invited.")
	} else {
		r.Toast(contact.Name + " was added.")
	}
	return r.Go(view.Back())
}

func (o office) saveContact(r *web.Request) error {
	client, contact, err := o.clientAndContact(r, holdClient)
	if err != nil {
		return err
	}
	view, err := o.contactView(r, client)
	if err != nil {
		return err
	}
	form := &contactForm{}
	view.Contact, view.Form = contact, form
	r.Title(contact.Name)
	wrong := r.Bind(form)
	contact = contact.withProjects(view.all)
	after := form.onto(contact).keepingUnseen(contact, view.Projects).withProjects(view.all)
	if view.Sight, err = o.sightOf(r, after); err != nil {
		return err
	}
	if wrong != nil {
		return r.Again("clients/contact", view, wrong)
	}
	if form.Version != contact.Version {
		view.Meanwhile, err = o.meanwhile(r, client.ID, contact.ID, contact.fields(), after.fields())
		if err != nil {
			return err
		}
		form.Version = contact.Version
		return r.Again("clients/contact", view, fault.Invalid("Somebody else has changed this contact meanwhile."))
	}
	moved := false
	if len(changed(contact.fields(), after.fields())) > 0 {
		if moved, err = updateContact(r.Context(), r.Tx(), r.Viewer(), contact, after); err != nil {
			return r.Again("clients/contact", view, err)
		}
	}
	switch {
	case form.Invite && form.Grant:
		if err := o.inviteOne(r, client, after, ""); err != nil {
			return r.Again("clients/contact", view, err)
		}
		r.Toast(after.Name + " was saved and is being invited.")
	case moved:
		r.Warn(after.Name + " has a new address and was signed out. Send a new invitation.")
	default:
		r.Toast(after.Name + " was saved.")
	}
	return r.Go(view.Back())
}

// held loads the client of the address for a change of what belongs to it.
func (o office) held(r *web.Request) (Client, error) {
	id, err := r.ID("client")
	if err != nil {
		return Client{}, err
	}
	client, err := holdClient(r.Context(), r.Tx(), r.Viewer(), id)
	if err == nil && client.Archived() {
		err = fault.Conflict("This client is archived. Restore it first.")
	}
	return client, err
}

func (o office) clientAndContact(r *web.Request, load finder) (Client, Contact, error) {
	id, err := r.ID("client")
	if err != nil {
		return Client{}, Contact{}, err
	}
	person, err := r.ID("contact")
	if err != nil {
		return Client{}, Contact{}, err
	}
	client, err := load(r.Context(), r.Tx(), r.Viewer(), id)
	if err != nil {
		return Client{}, Contact{}, err
	}
	contact, err := findContact(r.Context(), r.Tx(), r.Viewer(), client.ID, person)
	return client, contact, err
}
