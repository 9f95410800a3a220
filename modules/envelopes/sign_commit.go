package envelopes

import (
	"encoding/hex"

	"github.com/google/uuid"

	"portico/platform/activity"
	"portico/platform/auth"
	"portico/platform/fault"
	"portico/platform/web"
)

// commit signs, or approves: the recipient's ink and fields, the events, and what follows, in the request's transaction.
func (t table) commit(r *web.Request, s seat, a answer) error {
	ctx, tx, now := r.Context(), r.Tx(), r.Now()
	e, err := hold(ctx, tx, s.viewer, s.Envelope.ID)
	if err != nil {
		return err
	}
	me, ok := e.Recipient(s.Me.ID)
	if !ok {
		return fault.NotFound()
	}
	if !may(e, me, now) {
		return nil // another press was quicker, or it was withdrawn just now: the page says what happened
	}
	me.Signature, me.Initials, me.ConsentedAt, me.SignedAt, me.HostID = a.signature, a.initials, now, now, uuid.Nil
	if s.Way == inPerson {
		me.HostID = s.Host.ID
	}
	if me.OpenedAt.IsZero() {
		me.OpenedAt = now
	}
	if err := setSigned(ctx, tx, s.viewer, me); err != nil {
		return err
	}
	today := r.Here().Today().String()
	for _, f := range e.fieldsFor(me.ID) {
		if err := setValue(ctx, tx, s.viewer, f, a.valueOf(f, today), now); err != nil {
			return err
		}
	}
	consented := s.event("consented", now)
	consented.Note = "Agreement " + agreementNo
	events := []Event{consented}
	if s.Way == inPerson {
		hosted := s.event("hosted", now)
		hosted.Note = "on the device of " + s.Host.Name
		events = append(events, hosted)
	}
	done := s.event("signed", now)
	verb := "signed"
	if me.Role == Approver {
		done, verb = s.event("approved", now), "approved"
	}
	if me.Signature != nil {
		done.Note = me.Signature.Kind
	}
	for _, what := range append(events, done) {
		if err := record(ctx, tx, s.viewer, &e, what); err != nil {
			return err
		}
	}
	text := verb + " the " + e.Kind.Noun().String() + " “" + e.Title + "”"
	if s.Way == inPerson {
		text += ", in person, on the device of " + s.Host.Name
		if err := tell(ctx, tx, s.viewer, e, []told{{What: "hosted", Recipient: me.ID, Host: s.Host.ID}}); err != nil {
			return err
		}
	}
	err = activity.Record(ctx, tx, s.viewer, activity.Entry{
		Verb: "envelopes." + verb, Text: text, ClientID: e.ClientID, ProjectID: e.ProjectID, SubjectID: e.ID, Data: session(s.viewer),
	})
	if err != nil {
		return err
	}
	if e, err = reload(ctx, tx, s.viewer, e); err != nil {
		return err
	}
	t.ring(r.Context(), s.viewer, &e)
	system := auth.System(r.Firm().ID) // what follows is nobody's deed
	if finished(e) {
		return t.finish(ctx, tx, system, &e, now)
	}
	return t.notify(ctx, tx, system, &e, now)
}

// session names the session in which somebody signed who is signed in, so that it can be found again; it opens nothing.
func session(v auth.Viewer) map[string]any {
	if len(v.Session.Hash) == 0 {
		return nil
	}
	return map[string]any{"session": hex.EncodeToString(v.Session.Hash[:min(8, len(v.Session.Hash))])}
}
