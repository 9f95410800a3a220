package messages

import (
	"time"

	"github.com/google/uuid"

	"portico/platform/activity"
	"portico/platform/day"
	"portico/platform/fault"
	"portico/platform/people"
	"portico/platform/web"
)

// sleep is a time until which a conversation can be put off.
type sleep struct {
	ID, Title string
	At        time.Time
}

// sleeps are the usual ones, in the reader's zone: this afternoon while it is morning, tomorrow, Monday, in a week.
func sleeps(now time.Time) []sleep {
	at := func(days, hour int) time.Time {
		return time.Date(now.Year(), now.Month(), now.Day()+days, hour, 0, 0, 0, now.Location())
	}
	var list []sleep
	if now.Hour() < 13 {
		list = append(list, sleep{"later", "This afternoon", at(0, 15)})
	}
	list = append(list, sleep{"tomorrow", "Tomorrow", at(1, 8)})
	if monday := (8 - int(now.Weekday())) % 7; monday > 1 {
		list = append(list, sleep{"monday", "Monday", at(monday, 8)})
	}
	return append(list, sleep{"week", "In a week", at(7, 8)}, sleep{"month", "In a month", at(30, 8)})
}

// trace leaves an entry of what was done with a conversation, and lets the staff's pages look again.
func (d desk) trace(r *web.Request, c Conversation, verb, text string, before, after any) error {
	d.ring(r.Context(), r.Viewer(), c, true)
	data := map[string]any{}
	if before != nil || after != nil {
		data = map[string]any{"before": before, "after": after}
	}
	return activity.Record(r.Context(), r.Tx(), r.Viewer(), activity.Entry{
		Verb: verb, Text: text + " “" + c.Subject + "”", ClientID: c.ClientID, ProjectID: c.ProjectID, SubjectID: c.ID, Part: true, Data: data,
	})
}

func (d desk) back(r *web.Request, c Conversation) error { return r.Go(r.Path(section, c.ID)) }

// assign gives a conversation to somebody, or to nobody.
func (d desk) assign(r *web.Request) error {
	c, err := d.conversation(r)
	if err != nil {
		return err
	}
	name, to := "nobody", uuid.Nil
	if given := r.Value("person"); given != "" {
		if to, err = uuid.Parse(given); err != nil {
			return fault.NotFound()
		}
		who, err := people.StaffMailbox(r.Context(), r.Tx(), r.Viewer(), to)
		if err != nil {
			return err
		}
		name = who.Name
		if err := addParticipant(r.Context(), r.Tx(), r.Viewer(), c, to, uuid.Nil); err != nil {
			return err
		}
	}
	if to == c.AssignedTo {
		return d.back(r, c)
	}
	if err := setAssignee(r.Context(), r.Tx(), r.Viewer(), c.ID, to); err != nil {
		return err
	}
	if to != uuid.Nil && to != r.Viewer().PersonID {
		if _, err := assignedMail.Enqueue(r.Context(), r.Tx(), r.Firm().ID, assigned{Conversation: c.ID, Person: to, By: r.Viewer().PersonID}); err != nil {
			return err
		}
	}
	r.Toast("Given to " + name + ".")
	if err := d.trace(r, c, "messages.assigned", "gave to "+name+" the conversation", c.AssigneeName, name); err != nil {
		return err
	}
	return d.back(r, c)
}

// snooze puts a conversation off.
func (d desk) snooze(r *web.Request) error {
	c, err := d.conversation(r)
	if err != nil {
		return err
	}
	until, err := d.until(r)
	if err != nil {
		return err
	}
	if err := setSnooze(r.Context(), r.Tx(), r.Viewer(), c.ID, until); err != nil {
		return err
	}
	if err := d.promiseWaking(r.Context(), r.Tx(), r.Firm().ID, c.ID, until); err != nil {
		return err
	}
	r.Toast("Put off until " + r.Here().Local(until).Format("Mon, Jan 2, 15:04") + ".")
	if err := d.trace(r, c, "messages.snoozed", "put off the conversation", nil, stamp(until)); err != nil {
		return err
	}
	return r.Go(r.Path(section))
}

// until is what was chosen: one of the usual times, or a day.
func (d desk) until(r *web.Request) (time.Time, error) {
	chosen := r.Value("until")
	for _, s := range sleeps(r.Here().Now) {
		if s.ID == chosen {
			return s.At, nil
		}
	}
	on, err := day.Parse(r.Value("day"))
	if err != nil || !on.After(r.Here().Today()) {
		return time.Time{}, fault.Invalid("Choose a day after today.")
	}
	at := on.Midnight()
	return time.Date(at.Year(), at.Month(), at.Day(), 8, 0, 0, 0, r.Here().Now.Location()), nil
}

func (d desk) wake(r *web.Request) error {
	c, err := d.conversation(r)
	if err != nil {
		return err
	}
	if err := setSnooze(r.Context(), r.Tx(), r.Viewer(), c.ID, time.Time{}); err != nil {
		return err
	}
	if err := d.trace(r, c, "messages.woken", "brought back the conversation", stamp(c.SnoozedUntil), nil); err != nil {
		return err
	}
	return d.back(r, c)
}

func (d desk) close(r *web.Request) error  { return d.setClosed(r, true) }
func (d desk) reopen(r *web.Request) error { return d.setClosed(r, false) }

func (d desk) setClosed(r *web.Request, closed bool) error {
	c, err := d.conversation(r)
	if err != nil {
		return err
	}
	if c.Closed() == closed {
		return d.back(r, c)
	}
	if err := setClosed(r.Context(), r.Tx(), r.Viewer(), c.ID, closed); err != nil {
		return err
	}
	if !c.Internal { // clients see that it is closed, too
		d.ring(r.Context(), r.Viewer(), c, false)
	}
	verb, text := "messages.reopened", "opened again the conversation"
	if closed {
		verb, text = "messages.closed", "closed the conversation"
		r.Toast("Closed. It opens again by itself when the client writes.")
	}
	if err := d.trace(r, c, verb, text, c.Closed(), closed); err != nil {
		return err
	}
	if closed {
		return r.Go(r.Path(section))
	}
	return d.back(r, c)
}

// takePart lets a contact hear of a conversation by mail, or no more.
func (d desk) takePart(r *web.Request) error {
	c, err := d.conversation(r)
	if err != nil {
		return err
	}
	contact, err := uuid.Parse(r.Value("contact"))
	if err != nil || c.Internal {
		return fault.NotFound()
	}
	who, err := people.ContactMailbox(r.Context(), r.Tx(), r.Viewer(), contact)
	if err != nil {
		return err
	}
	parts, err := partsOf(r.Context(), r.Tx(), r.Viewer(), c.ID)
	if err != nil {
		return err
	}
	others, err := d.couldTakePart(r, c, parts)
	if err != nil {
		return err
	}
	if r.Value("leave") != "" {
		if err := dropParticipant(r.Context(), r.Tx(), r.Viewer(), c, contact); err != nil {
			return err
		}
		r.Toast(who.Name + " gets no more mails about it.")
		if err := d.trace(r, c, "messages.left", "took "+who.Name+" out of the conversation", nil, nil); err != nil {
			return err
		}
		return d.back(r, c)
	}
	for _, p := range others {
		if p.ContactID != contact {
			continue
		}
		if err := addParticipant(r.Context(), r.Tx(), r.Viewer(), c, who.PersonID, contact); err != nil {
			return err
		}
		r.Toast(who.Name + " takes part now.")
		if err := d.trace(r, c, "messages.joined", "added "+who.Name+" to the conversation", nil, nil); err != nil {
			return err
		}
		return d.back(r, c)
	}
	return fault.NotFound()
}

// ofClient are the conversations of one client, below its head.
func (d desk) ofClient(r *web.Request) error {
	client, err := r.ID("client")
	if err != nil {
		return err
	}
	name, err := clientName(r.Context(), r.Tx(), r.Viewer(), client)
	if err != nil {
		return err
	}
	r.Title(name + ": messages")
	f := filterOf(r)
	f.Client = client
	if r.Query("box") == "" {
		f.Box = boxAll
	}
	view, err := d.list(r, f, uuid.Nil, r.Path(section, "clients", client))
	if err != nil {
		return err
	}
	view.New += "?client=" + client.String()
	top, err := d.Catalog().ClientTop(r, client, name, "messages:client")
	if err != nil {
		return err
	}
	view.Top = &top
	return r.Show("messages/client", view)
}
