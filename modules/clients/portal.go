package clients

import (
	"context"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/fault"
	"portico/platform/invite"
	"portico/platform/web"
)

// finder loads a client, to be read or to be held.
type finder func(context.Context, bun.IDB, auth.Viewer, uuid.UUID) (Client, error)

type portalView struct {
	*web.Here
	Client             Client
	Project            Project // whose cloud was clicked; the zero Project: the client's
	FirmOn             bool
	Setup, PortalSetup string
	Invites            []Contact // portal users who wait for an invitation
	Others             []Contact // who would become portal users with one
	Users              int       // portal users who would be signed out
}

func (o office) portalView(r *web.Request, client Client) (portalView, error) {
	view := portalView{Here: r.Here(), Client: client, FirmOn: r.Viewer().Firm.PortalOn, Setup: o.setup(r), PortalSetup: o.portalSetup(r, client.ID)}
	contacts, err := contactsOf(r.Context(), r.Tx(), r.Viewer(), client.ID, false)
	for _, c := range contacts {
		switch {
		case c.State() == stateNotInvited:
			view.Invites = append(view.Invites, c)
		case c.State() == stateNone && c.MayInvite():
			view.Others = append(view.Others, c)
		}
		if c.Portal() {
			view.Users++
		}
	}
	return view, err
}

// askPortal is behind the cloud: what a click would do.
func (o office) askPortal(r *web.Request) error {
	client, err := o.client(r)
	if err != nil {
		return err
	}
	view, err := o.portalView(r, client)
	if err != nil {
		return err
	}
	r.Title("Portal of " + client.Name)
	return r.Show("clients/portal", view)
}

// activate turns the client's portal on and invites whoever was ticked.
func (o office) activate(r *web.Request) error {
	client, err := o.held(r)
	if err != nil {
		return err
	}
	if err := o.open(r, client); err != nil {
		return err
	}
	r.Toast("The portal of " + client.Name + " is on.")
	return r.Go(r.Path("clients", client.ID))
}

// open turns the portal of a client that is held on, and invites whoever was ticked.
func (o office) open(r *web.Request, client Client) error {
	var form struct {
		Invite []uuid.UUID `form:"invite"`
	}
	if err := r.Bind(&form); err != nil {
		return err
	}
	if err := o.switchOn(r, &client); err != nil {
		return err
	}
	for _, id := range sorted(form.Invite) {
		contact, err := findContact(r.Context(), r.Tx(), r.Viewer(), client.ID, id)
		if err != nil {
			return err
		}
		if err := o.inviteOne(r, client, contact, ""); err != nil {
			return err
		}
	}
	return nil
}

// switchOn turns the portal of a client that is held on, if the firm's is.
func (office) switchOn(r *web.Request, client *Client) error {
	switch {
	case !r.Viewer().Firm.PortalOn:
		return fault.Conflict("The firm's portal is off. Switch it on before you activate this one.")
	case client.PortalOn:
		return nil
	}
	client.PortalOn = true
	return switchPortal(r.Context(), r.Tx(), r.Viewer(), *client, true)
}

// deactivate turns it off; everybody is signed out at once.
func (o office) deactivate(r *web.Request) error {
	id, err := r.ID("client")
	if err != nil {
		return err
	}
	client, err := holdClient(r.Context(), r.Tx(), r.Viewer(), id)
	if err != nil {
		return err
	}
	if client.PortalOn {
		if err := switchPortal(r.Context(), r.Tx(), r.Viewer(), client, false); err != nil {
			return err
		}
	}
	r.Toast("The portal of " + client.Name + " is off.")
	return r.Go(r.Path("clients", client.ID))
}

// askInvite is behind a contact's cloud.
func (o office) askInvite(r *web.Request) error {
	client, contact, err := o.clientAndContact(r, findClient)
	if err != nil {
		return err
	}
	view, err := o.contactView(r, client)
	if err != nil {
		return err
	}
	view.Contact = contact
	r.Title("Invite " + contact.Name)
	return r.Show("clients/invite", view)
}

// invite sends the single invitation, or sends it again with a fresh link.
func (o office) invite(r *web.Request) error {
	client, contact, err := o.clientAndContact(r, holdClient)
	if err != nil {
		return err
	}
	view, err := o.contactView(r, client)
	if err != nil {
		return err
	}
	view.Contact = contact
	r.Title("Invite " + contact.Name)
	var form struct {
		Note     string `form:"note"`
		Activate bool   `form:"activate"`
	}
	if err := r.Bind(&form); err != nil {
		return err
	}
	view.Note = form.Note
	again := contact.Invited()
	if form.Activate && !client.Archived() {
		if err := o.switchOn(r, &client); err != nil {
			return r.Again("clients/invite", view, err)
		}
	}
	if err := o.inviteOne(r, client, contact, form.Note); err != nil {
		return r.Again("clients/invite", view, err)
	}
	if again {
		r.Toast("The invitation goes to " + contact.Email + " again, with a fresh link.")
	} else {
		r.Toast("The invitation goes to " + contact.Email + ".")
	}
	return r.Go(r.Path("clients", client.ID, "contacts"))
}

// inviteOne promises the mail, if the portals are on and the contact is one to invite.
func (o office) inviteOne(r *web.Request, client Client, contact Contact, note string) error {
	switch {
	case !r.Viewer().Firm.PortalOn:
		return fault.Conflict("The firm's portal is off. Switch it on before you invite anybody.")
	case client.Archived() || !client.PortalOn:
		return fault.Conflict("The portal of " + client.Name + " is off. Switch it on before you invite anybody.")
	case !contact.MayInvite():
		return fault.Conflict(contact.Name + " cannot be invited now: " + contact.State().Text + ".")
	}
	return invite.Invite(r.Context(), r.Tx(), r.Viewer(), contact.ID, note)
}
