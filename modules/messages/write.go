package messages

import (
	"time"

	"github.com/google/uuid"

	"portico/platform/activity"
	"portico/platform/auth"
	"portico/platform/fault"
	"portico/platform/id"
	"portico/platform/web"
)

// send adds a message. A script gets the thread with it, and an empty form.
func (d desk) send(r *web.Request) error {
	c, err := d.conversation(r)
	if err != nil {
		return err
	}
	var form sayForm
	wrong := r.Bind(&form)
	if wrong == nil {
		var files []coming
		if files, err = comingFrom(form.attached()); err != nil {
			return err
		}
		_, wrong = d.say(r.Context(), r.Tx(), r.Viewer(), c, said{ID: form.ID, Body: form.Body, Internal: form.Internal, Files: files})
	}
	if wrong != nil {
		return d.sendAgain(r, c, form, wrong)
	}
	if !r.IsPart() {
		return r.Go(r.Path(section, c.ID) + "#compose")
	}
	if c, err = d.conversation(r); err != nil {
		return err
	}
	talk, err := d.talk(r, c)
	if err != nil {
		return err
	}
	compose, err := d.composer(r, c)
	if err != nil {
		return err
	}
	compose.Clears, talk.OOB = true, true
	return r.Parts(web.Draw("messages/_compose", compose), web.Draw("messages/_talk", talk))
}

func (d desk) sendAgain(r *web.Request, c Conversation, form sayForm, wrong error) error {
	if _, words := fault.Of(wrong); !words || fault.Is(wrong, fault.Missing) {
		return wrong
	}
	c.Draft = form.Body
	if r.IsPart() {
		compose, err := d.composer(r, c)
		if err != nil {
			return err
		}
		compose.Body, compose.Internal, compose.Kept = form.Body, form.Internal, false
		return r.Again("messages/_compose", compose, wrong)
	}
	view, err := d.whole(r, c)
	if err != nil {
		return err
	}
	view.Thread.Compose.Body, view.Thread.Compose.Internal = form.Body, form.Internal
	return r.Again("messages/inbox", view, wrong)
}

func (d desk) message(r *web.Request) (Conversation, Message, error) {
	c, err := d.conversation(r)
	if err != nil {
		return c, Message{}, err
	}
	id, err := r.ID("message")
	if err != nil {
		return c, Message{}, err
	}
	m, err := messageByID(r.Context(), r.Tx(), r.Viewer(), c.ID, id)
	return c, m, err
}

// edit corrects a message within a quarter of an hour. Everybody sees that it was corrected.
func (d desk) edit(r *web.Request) error {
	c, m, err := d.message(r)
	if err != nil {
		return err
	}
	if !m.by(r.Viewer()) || m.Withdrawn() {
		return fault.NotFound()
	}
	var form sayForm
	wrong := r.Bind(&form)
	if wrong == nil && !m.editable(r.Viewer(), r.Now()) {
		wrong = fault.Conflict("A message can be changed for 15 minutes. Send another one instead.")
	}
	if wrong != nil {
		view, err := d.whole(r, c)
		if err != nil {
			return err
		}
		for i := range view.Thread.Messages {
			if one := &view.Thread.Messages[i]; one.ID == m.ID && one.MayEdit {
				one.Editing, one.Body, view.Thread.Editing = true, form.Body, true
			}
		}
		return r.Again("messages/inbox", view, wrong)
	}
	if form.Body == m.Body {
		return r.Go(r.Path(section, c.ID))
	}
	if err := changeBody(r.Context(), r.Tx(), r.Viewer(), m.ID, form.Body); err != nil {
		return err
	}
	err = activity.Record(r.Context(), r.Tx(), r.Viewer(), activity.Entry{
		Verb: "messages.edited", Text: "changed a message in “" + c.Subject + "”", ClientID: c.ClientID, ProjectID: c.ProjectID, SubjectID: m.ID, Part: true,
	})
	if err != nil {
		return err
	}
	d.ring(r.Context(), r.Viewer(), c, m.Internal)
	return r.Go(r.Path(section, c.ID) + "#message-" + m.ID.String())
}

// withdraw takes a message back; a mark stays in its place.
func (d desk) withdraw(r *web.Request) error {
	c, m, err := d.message(r)
	if err != nil {
		return err
	}
	if !m.withdrawable(r.Viewer()) {
		return fault.NotFound()
	}
	if err := withdrawMessage(r.Context(), r.Tx(), r.Viewer(), m.ID); err != nil {
		return err
	}
	err = activity.Record(r.Context(), r.Tx(), r.Viewer(), activity.Entry{
		Verb: "messages.withdrawn", Text: "withdrew a message in “" + c.Subject + "”", ClientID: c.ClientID, ProjectID: c.ProjectID, SubjectID: m.ID, Part: true,
	})
	if err != nil {
		return err
	}
	d.ring(r.Context(), r.Viewer(), c, m.Internal)
	if !r.IsPart() {
		return r.Go(r.Path(section, c.ID))
	}
	talk, err := d.talk(r, c)
	if err != nil {
		return err
	}
	return r.Parts(web.Draw("messages/_talk", talk))
}

// read notes how far the viewer has read; the page says so once somebody really looks at it.
func (d desk) read(r *web.Request) error {
	c, err := d.conversation(r)
	if err != nil {
		return err
	}
	to, err := time.Parse(time.RFC3339Nano, r.Value("to"))
	if err != nil || to.After(r.Now().Add(time.Hour)) || to.Year() < 2000 {
		return fault.Invalid("That is no message of this conversation.")
	}
	moved, err := noteRead(r.Context(), r.Tx(), r.Viewer(), c.ID, to)
	if err != nil {
		return err
	}
	if err := d.Notices.Seen(r.Context(), r.Tx(), r.Viewer(), section, c.ID); err != nil {
		return err
	}
	if moved {
		v := r.Viewer()
		for _, topic := range []string{"messages", "unread"} { // this person's other pages
			d.Bell.Publish(r.Context(), v.FirmID(), topic+"@person:"+v.PersonID.String())
		}
		if v.Side == auth.Portal {
			d.Bell.Publish(r.Context(), v.FirmID(), "messages") // receipts are for staff
		}
	}
	if r.IsPart() {
		r.Status(204)
		return nil
	}
	return r.Go(r.Path(section, c.ID))
}

// draftForm is what somebody has begun to write.
type draftForm struct {
	Body     string `form:"body"`
	Internal bool   `form:"internal"`
}

// Check cuts what is too long to be sent anyway.
func (f *draftForm) Check() fault.Fields {
	f.Body = cut(f.Body, longestBody)
	return nil
}

// typingFor is how long somebody counts as writing after the last key.
const typingFor = 6 * time.Second

// keepDraft keeps what was typed so far, and lets the others see that somebody writes.
func (d desk) keepDraft(r *web.Request) error {
	c, err := d.conversation(r)
	if err != nil {
		return err
	}
	var form draftForm
	if err := r.Bind(&form); err != nil {
		return err
	}
	v := r.Viewer()
	internal := v.Side == auth.Office && (form.Internal || c.Internal)
	if err := saveDraft(r.Context(), r.Tx(), v, c.ID, form.Body, internal); err != nil {
		return err
	}
	until := time.Time{}
	if form.Body != "" {
		until = r.Now().Add(typingFor)
	}
	if err := noteTyping(r.Context(), r.Tx(), v, c.ID, internal, until); err != nil {
		return err
	}
	to := "@client:" + c.ClientID.String()
	if internal {
		to = ""
	}
	d.Bell.Publish(r.Context(), v.FirmID(), "typing"+to)
	if r.IsPart() {
		r.Status(204)
		return nil
	}
	r.Toast("Your draft is kept.")
	return r.Go(r.Path(section, c.ID))
}

// typingView is who writes at this moment.
type typingView struct {
	*web.Here
	Base  string
	Names []string
}

func (d desk) whoTypes(r *web.Request) error {
	c, err := d.conversation(r)
	if err != nil {
		return err
	}
	if !r.IsPart() {
		return r.Go(r.Path(section, c.ID))
	}
	names, err := typists(r.Context(), r.Tx(), r.Viewer(), c.ID, r.Now())
	if err != nil {
		return err
	}
	for i := range names {
		names[i] = firstName(names[i])
	}
	return r.Parts(web.Draw("messages/_typing", typingView{Here: r.Here(), Base: r.Path(section, c.ID), Names: names}))
}

// newID is chosen by a page, so that a form that is sent twice does one thing.
func newID(given uuid.UUID) uuid.UUID {
	if given != uuid.Nil {
		return given
	}
	return id.New()
}
