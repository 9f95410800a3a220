package messages

import (
	"errors"

	"github.com/google/uuid"

	"portico/platform/activity"
	"portico/platform/auth"
	"portico/platform/fault"
	"portico/platform/inbound"
	"portico/platform/web"
)

type heldView struct {
	*web.Here
	Trail []web.NavItem
	Mails []arrival
}

// mails are those that wait for a decision.
func (d desk) mails(r *web.Request) error {
	r.Title("Mails held back")
	list, err := heldMails(r.Context(), r.Tx(), r.Viewer())
	if err != nil {
		return err
	}
	return r.Show("messages/held", heldView{r.Here(), []web.NavItem{{Title: "Messages", Href: r.Path(section)}, {Title: "Mails held back"}}, list})
}

func (d desk) heldMail(r *web.Request) (arrival, error) {
	id, err := r.ID("mail")
	if err != nil {
		return arrival{}, err
	}
	a, err := arrivalByID(r.Context(), r.Tx(), r.Viewer(), id)
	if err == nil && a.State != "held" {
		err = fault.NotFound()
	}
	return a, err
}

// admitMail puts a mail into its conversation, in the name of the person whose address it came to.
func (d desk) admitMail(r *web.Request) error {
	a, err := d.heldMail(r)
	if err != nil {
		return err
	}
	m, err := d.mailOf(r.Context(), r.Firm().ID, a)
	if errors.Is(err, inbound.ErrUnreadable) {
		return fault.Conflict("The mail cannot be read any more.")
	}
	if err != nil {
		return err
	}
	author, c, err := d.author(r.Context(), r.Tx(), r.Firm().ID, a)
	if fault.Is(err, fault.Missing) {
		return fault.Conflict(a.Person + " may not write in this conversation any more. Give the right back first, or discard the mail.")
	}
	if err != nil {
		return err
	}
	if err := d.admit(r.Context(), r.Tx(), author, c, a, m, r.Viewer().PersonID); err != nil {
		return err
	}
	err = activity.Record(r.Context(), r.Tx(), r.Viewer(), activity.Entry{
		Verb: "messages.mail_admitted", Text: "put a mail that was held back into “" + c.Subject + "” as " + a.Person + "’s", ClientID: c.ClientID, ProjectID: c.ProjectID, SubjectID: c.ID,
	})
	if err != nil {
		return err
	}
	r.Toast("It stands in the conversation now.")
	return r.Go(r.Path(section, c.ID))
}

// discardMail throws a mail away.
func (d desk) discardMail(r *web.Request) error {
	a, err := d.heldMail(r)
	if err != nil {
		return err
	}
	if err := d.finish(r.Context(), r.Tx(), auth.System(r.Firm().ID), a, "discarded", a.Why, uuid.Nil, r.Viewer().PersonID); err != nil {
		return err
	}
	err = activity.Record(r.Context(), r.Tx(), r.Viewer(), activity.Entry{
		Verb: "messages.mail_discarded", Text: "discarded a mail to “" + a.Conversation + "”", ClientID: a.ClientID, SubjectID: a.ConversationID,
	})
	if err != nil {
		return err
	}
	r.Toast("Discarded.")
	return r.Go(r.Path(section, "mails"))
}
