package envelopes

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"

	"portico/platform/activity"
	"portico/platform/fault"
	"portico/platform/web"
)

const longestReason = 1000

type declineForm struct {
	Reason string `form:"reason"`
}

// Check demands a reason: the others are told it.
func (f *declineForm) Check() fault.Fields {
	wrong := fault.Fields{}
	switch n := utf8.RuneCountInString(f.Reason); {
	case n == 0:
		wrong["reason"] = "Say why, so that it can be put right."
	case n < 3 || strings.Trim(f.Reason, ".-!? ") == "":
		wrong["reason"] = "Please say it in a few words."
	case n > longestReason:
		wrong["reason"] = "Use at most 1,000 characters."
	}
	return wrong
}

type declineView struct {
	tableView
	Form declineForm
}

func (t table) declineForm(r *web.Request, s seat) error {
	if s.mood(r.Now()) != toSign {
		return r.Go(s.At)
	}
	if !s.Proved && (s.Way == byLink || s.Way == inPerson) {
		return r.Go(s.prove("/declining"))
	}
	v, err := t.view(r, s)
	if err != nil {
		return err
	}
	r.Title("Decline: %s", s.Envelope.Title)
	return r.Show("envelopes/decline", declineView{tableView: v})
}

// decline ends the envelope: who is still to sign cannot, and all who know of it are told why.
func (t table) decline(r *web.Request, s seat) error {
	if s.mood(r.Now()) != toSign {
		return r.Go(s.At)
	}
	if !s.Proved && (s.Way == byLink || s.Way == inPerson) {
		return r.Go(s.prove("/declining"))
	}
	v, err := t.view(r, s)
	if err != nil {
		return err
	}
	view := declineView{tableView: v}
	wrong := r.Bind(&view.Form)
	if wrong == nil {
		wrong = t.refuse(r, s, view.Form.Reason)
	}
	if wrong != nil {
		r.Title("Decline: %s", s.Envelope.Title)
		return r.Again("envelopes/decline", view, wrong)
	}
	return r.Go(s.At)
}

func (t table) refuse(r *web.Request, s seat, reason string) error {
	ctx, tx, now := r.Context(), r.Tx(), r.Now()
	e, err := hold(ctx, tx, s.viewer, s.Envelope.ID)
	if err != nil {
		return err
	}
	me, ok := e.Recipient(s.Me.ID)
	if !ok || !may(e, me, now) {
		return nil // the page says what happened meanwhile
	}
	if err := setDeclined(ctx, tx, s.viewer, e, me.ID, reason, now); err != nil {
		return err
	}
	what := s.event("declined", now)
	what.Note = reason
	if err := record(ctx, tx, s.viewer, &e, what); err != nil {
		return err
	}
	err = activity.Record(ctx, tx, s.viewer, activity.Entry{
		Verb: "envelopes.declined", Text: "declined the " + e.Kind.Noun().String() + " “" + e.Title + "”", ClientID: e.ClientID, ProjectID: e.ProjectID, SubjectID: e.ID,
		Data: map[string]any{"after": map[string]any{"reason": reason}},
	})
	if err != nil {
		return err
	}
	t.ring(r.Context(), s.viewer, &e)
	staff, err := answers(ctx, tx, s.viewer, e)
	if err != nil {
		return err
	}
	return tell(ctx, tx, s.viewer, e, append(told{What: "declined", Recipient: me.ID}.toStaff(staff), declinedTo(e, me.ID, staff)...))
}

// declinedTo are the others who are told that an envelope was declined: all who were asked, or have signed, but not the one
// who did, nor staff who are told anyway.
func declinedTo(e Envelope, by uuid.UUID, staff []teller) (list []told) {
	for _, one := range e.Recipients {
		asked := !one.NotifiedAt.IsZero() || !one.SignedAt.IsZero()
		known := slices.ContainsFunc(staff, func(t teller) bool { return t.PersonID == one.PersonID })
		if one.ID != by && asked && one.ForwardedID == uuid.Nil && !known {
			list = append(list, told{What: "declined", Recipient: by, To: one.ID})
		}
	}
	return list
}
