package envelopes

import (
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"

	"portico/platform/access"
	"portico/platform/activity"
	"portico/platform/auth"
	"portico/platform/fault"
	"portico/platform/id"
	"portico/platform/web"
)

type handoverForm struct {
	Name   string `form:"name"`
	Email  string `form:"email"`
	Reason string `form:"reason"`
	Agree  bool   `form:"agree"`
}

// Check demands who it is, why, and that whoever passes it on knows what that means.
func (f *handoverForm) Check() fault.Fields {
	wrong := fault.Fields{}
	f.Name = strings.Join(strings.Fields(f.Name), " ")
	switch n := utf8.RuneCountInString(f.Name); {
	case n < 2:
		wrong["name"] = "Enter the full name of who is to sign."
	case n > longestName:
		wrong["name"] = "Use at most 120 characters."
	}
	email, ok := auth.CleanEmail(f.Email)
	if !ok {
		wrong["email"] = "Enter a mail address, such as ana@example.com."
	} else {
		f.Email = email
	}
	switch n := utf8.RuneCountInString(f.Reason); {
	case n < 3:
		wrong["reason"] = "Say in a few words why somebody else signs."
	case n > 300:
		wrong["reason"] = "Use at most 300 characters."
	}
	if !f.Agree {
		wrong["agree"] = "Please agree first."
	}
	return wrong
}

type handoverView struct {
	tableView
	Form handoverForm
}

// mayPass reports whether a recipient may let somebody else act: once, and only who was asked in the first place.
func (s seat) mayPass() bool {
	for _, r := range s.Envelope.Recipients {
		if r.ForwardedID == s.Me.ID {
			return false
		}
	}
	return (s.Way == byPortal || s.Way == byLink) && s.Me.PersonID == uuid.Nil && s.Me.Role != Countersigner
}

// handoverRoutes are where a recipient lets somebody else act.
func (t table) handoverRoutes(at string, act access.Permission) []web.Route {
	return []web.Route{
		web.Get(at+"/handover", act, t.seated(t.handoverForm)),
		web.Post(at+"/handover", act, t.seated(t.handover)),
	}
}

func (t table) handoverForm(r *web.Request, s seat) error {
	view, ok, err := t.handoverView(r, s)
	if err != nil || !ok {
		return err
	}
	return r.Show("envelopes/handover", view)
}

// handoverView is the form, or sends whoever may not pass it on to where they belong.
func (t table) handoverView(r *web.Request, s seat) (view handoverView, ok bool, err error) {
	switch {
	case s.mood(r.Now()) != toSign || !s.mayPass():
		return view, false, r.Go(s.At)
	case !s.Proved && s.viewer.ViewAs == uuid.Nil:
		return view, false, r.Go(s.prove("/handover"))
	}
	v, err := t.view(r, s)
	r.Title("Hand over: %s", s.Envelope.Title)
	return handoverView{tableView: v}, err == nil, err
}

func (t table) handover(r *web.Request, s seat) error {
	view, ok, err := t.handoverView(r, s)
	if err != nil || !ok {
		return err
	}
	wrong := r.Bind(&view.Form)
	if wrong == nil {
		wrong = t.pass(r, s, view.Form)
	}
	if wrong != nil {
		return r.Again("envelopes/handover", view, wrong)
	}
	return r.Go(s.At)
}

// pass lets somebody else act from now on. Both names stand in the certificate; the link of the one who passes it on opens
// nothing any more.
func (t table) pass(r *web.Request, s seat, form handoverForm) error {
	ctx, tx, now := r.Context(), r.Tx(), r.Now()
	e, err := hold(ctx, tx, s.viewer, s.Envelope.ID)
	if err != nil {
		return err
	}
	me, ok := e.Recipient(s.Me.ID)
	if !ok || !may(e, me, now) {
		return nil
	}
	for _, one := range e.Recipients {
		if one.Email == form.Email {
			return fault.Field("email", "This address is one of the recipients already.")
		}
	}
	switch staff, err := isStaff(ctx, tx, s.viewer, form.Email); {
	case err != nil:
		return err
	case staff || form.Email == r.Firm().Email:
		return fault.Field("email", "Nobody of "+r.Firm().Name+" may sign in your place.")
	}
	next := Recipient{ID: id.New(), Name: form.Name, Email: form.Email}
	if err := addStandIn(ctx, tx, s.viewer, me, next); err != nil {
		return err
	}
	what := s.event("forwarded", now)
	what.Note = "to " + next.Name + ", " + next.Email + ": " + form.Reason
	if err := record(ctx, tx, s.viewer, &e, what); err != nil {
		return err
	}
	err = activity.Record(ctx, tx, s.viewer, activity.Entry{
		Verb: "envelopes.forwarded", Text: "handed the " + e.Kind.Noun().String() + " “" + e.Title + "” over to " + next.Name,
		ClientID: e.ClientID, ProjectID: e.ProjectID, SubjectID: e.ID,
		Data: map[string]any{"before": map[string]any{"signs": me.Name}, "after": map[string]any{"signs": next.Name, "reason": form.Reason}},
	})
	if err != nil {
		return err
	}
	if e, err = reload(ctx, tx, s.viewer, e); err != nil {
		return err
	}
	t.ring(r.Context(), s.viewer, &e)
	staff, err := answers(ctx, tx, s.viewer, e)
	if err != nil {
		return err
	}
	if err := tell(ctx, tx, s.viewer, e, told{What: "passed", Recipient: me.ID}.toStaff(staff)); err != nil {
		return err
	}
	return t.notify(ctx, tx, auth.System(r.Firm().ID), &e, now)
}
