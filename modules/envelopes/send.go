package envelopes

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/activity"
	"portico/platform/auth"
	"portico/platform/day"
	"portico/platform/fact"
	"portico/platform/fault"
	"portico/platform/job"
	"portico/platform/secret"
)

// errMoved says that somebody else was quicker.
var errMoved = fault.Conflict("This was changed meanwhile. Look at it again, and repeat what you wanted to do.")

// send lets a draft go out, in the transaction that holds it. What is missing in it was asked before; see lacks.
func (d desk) send(ctx context.Context, tx bun.Tx, v auth.Viewer, e *Envelope, now time.Time) error {
	if e.Status != Draft {
		return errMoved
	}
	if err := markSent(ctx, tx, v, *e, now); err != nil {
		return err
	}
	made := e.CreatedAt
	if made.After(now) {
		made = now
	}
	e.Status, e.SentAt, e.SentBy = Sent, now, v.PersonID
	author := e.Sender
	if author == "" {
		author = v.Name
	}
	for _, what := range []Event{
		{Kind: "created", At: made, PersonID: e.CreatedBy, Name: author},
		{Kind: "sent", At: now, PersonID: v.PersonID, Name: v.Name, Email: v.Email},
	} {
		if err := record(ctx, tx, v, e, what); err != nil {
			return err
		}
	}
	if err := d.notify(ctx, tx, v, e, now); err != nil {
		return err
	}
	signers := []uuid.UUID{}
	for _, r := range e.Recipients {
		if r.Role.Acts() && r.ContactID != uuid.Nil {
			signers = append(signers, r.ContactID)
		}
	}
	if len(signers) > 0 {
		err := d.Bus.Publish(ctx, tx, v.FirmID(), fact.EnvelopeSent{ClientID: e.ClientID, ProjectID: e.ProjectID, EnvelopeID: e.ID, SignerIDs: signers})
		if err != nil {
			return err
		}
	}
	d.ring(ctx, v, e)
	return note(ctx, tx, v, *e, "envelopes.sent", "sent the "+e.Kind.Noun().String()+" “"+e.Title+"” to be signed", nil)
}

// notify asks by mail all whose turn it is and who were not asked yet; whoever reads along is told when it goes out. It is
// called at sending and after each signature.
func (d desk) notify(ctx context.Context, tx bun.Tx, v auth.Viewer, e *Envelope, now time.Time) error {
	if e.Status != Sent {
		return nil
	}
	at := turn(*e, now)
	for _, r := range e.Recipients {
		if r.Role == Viewer && r.ForwardedID == uuid.Nil {
			at = append(at, r)
		}
	}
	var zone *time.Location
	for _, r := range at {
		if !r.NotifiedAt.IsZero() {
			continue
		}
		if zone == nil {
			var err error
			if zone, err = zoneOf(ctx, tx, v); err != nil {
				return err
			}
		}
		if err := d.ask(ctx, tx, v, e, r, deadline(*e, r, now, zone), now); err != nil {
			return err
		}
	}
	return nil
}

// ask makes a recipient's link and promises the mail with it.
func (d desk) ask(ctx context.Context, tx bun.Tx, v auth.Viewer, e *Envelope, r Recipient, until, now time.Time) error {
	r.LinkNo, r.NotifiedAt, r.ExpiresAt = r.LinkNo+1, now, until
	if r.Role != Countersigner { // who signs for the firm signs in
		r.TokenHash = secret.Hash(token(d.Key, r.ID, r.LinkNo))
	}
	if err := markAsked(ctx, tx, v, r); err != nil {
		return err
	}
	e.put(r)
	if err := record(ctx, tx, impersonal(v), e, Event{Kind: "notified", At: now, Side: "system", RecipientID: r.ID, Name: r.Name, Email: r.Email}); err != nil {
		return err
	}
	_, err := askMail.Enqueue(ctx, tx, v.FirmID(), asking{e.ID, r.ID, r.LinkNo})
	return err
}

// put keeps what became of a recipient in the envelope at hand.
func (e *Envelope) put(r Recipient) {
	for n := range e.Recipients {
		if e.Recipients[n].ID == r.ID {
			e.Recipients[n] = r
		}
	}
}

// Recipient is the one with the id.
func (e Envelope) Recipient(one uuid.UUID) (Recipient, bool) {
	for _, r := range e.Recipients {
		if r.ID == one {
			return r, true
		}
	}
	return Recipient{}, false
}

// standsInFor is who handed over to the recipient.
func (e Envelope) standsInFor(r Recipient) (Recipient, bool) {
	for _, from := range e.Recipients {
		if from.ForwardedID == r.ID && r.ID != uuid.Nil {
			return from, true
		}
	}
	return Recipient{}, false
}

// impersonal leaves out from where the viewer came: what the program does by itself came from nowhere.
func impersonal(v auth.Viewer) auth.Viewer {
	v.From = auth.Origin{}
	return v
}

// deadline is the end of the day by which a recipient has to act; zero: whenever.
func deadline(e Envelope, r Recipient, now time.Time, zone *time.Location) time.Time {
	if e.DeadlineDays == 0 || !r.Role.Acts() || r.Role == Countersigner {
		return time.Time{}
	}
	return endOf(day.Of(now.In(zone)).Add(e.DeadlineDays), zone)
}

// endOf is the last moment of a day at a place.
func endOf(d day.Day, zone *time.Location) time.Time {
	at := d.Midnight()
	return time.Date(at.Year(), at.Month(), at.Day()+1, 0, 0, 0, 0, zone).Add(-time.Second).UTC()
}

// ring tells open pages that something has changed.
func (d desk) ring(ctx context.Context, v auth.Viewer, e *Envelope) {
	d.Bell.Publish(ctx, v.FirmID(), "envelopes@client:"+e.ClientID.String())
}

// note writes what staff did to a document into the activity log.
func note(ctx context.Context, tx bun.IDB, v auth.Viewer, e Envelope, verb, text string, data map[string]any) error {
	return activity.Record(ctx, tx, v, activity.Entry{Verb: verb, Text: text, ClientID: e.ClientID, ProjectID: e.ProjectID, SubjectID: e.ID, Data: data})
}

// leastBetween keeps people from being reminded twice in a row, such as by a button pressed twice.
const leastBetween = 10 * time.Minute

// remind mails those again whose turn it is: all, or the one who is named. It answers how many it are.
func (d desk) remind(ctx context.Context, tx bun.Tx, v auth.Viewer, e *Envelope, only uuid.UUID, now time.Time) (n int, err error) {
	var mails []asking
	for _, r := range turn(*e, now) {
		last := r.NotifiedAt
		if r.RemindedAt.After(last) {
			last = r.RemindedAt
		}
		if only != uuid.Nil && r.ID != only || r.NotifiedAt.IsZero() || now.Sub(last) < leastBetween {
			continue
		}
		r.RemindedAt, r.Reminders = now, r.Reminders+1
		if err := markReminded(ctx, tx, v, r); err != nil {
			return n, err
		}
		e.put(r)
		what := Event{Kind: "reminded", At: now, RecipientID: r.ID, PersonID: v.PersonID, Name: r.Name, Email: r.Email}
		if v.Side == auth.Program {
			what.Side = "system"
		}
		if err := record(ctx, tx, v, e, what); err != nil {
			return n, err
		}
		mails = append(mails, asking{e.ID, r.ID, r.LinkNo})
	}
	return len(mails), remindMail.EnqueueEach(ctx, tx, v.FirmID(), mails)
}

// extend gives a recipient until the end of a day. The mail with the link goes out again.
func (d desk) extend(ctx context.Context, tx bun.Tx, v auth.Viewer, e *Envelope, r Recipient, until day.Day, now time.Time) error {
	zone, err := zoneOf(ctx, tx, v)
	if err != nil {
		return err
	}
	r.ExpiresAt, r.ExpiredAt = endOf(until, zone), time.Time{}
	if err := markExtended(ctx, tx, v, r); err != nil {
		return err
	}
	e.put(r)
	what := Event{Kind: "extended", At: now, RecipientID: r.ID, PersonID: v.PersonID, Name: r.Name, Email: r.Email, Note: "until " + until.String()}
	if err := record(ctx, tx, v, e, what); err != nil {
		return err
	}
	if _, err := askMail.Enqueue(ctx, tx, v.FirmID(), asking{e.ID, r.ID, r.LinkNo}); err != nil {
		return err
	}
	d.ring(ctx, v, e)
	return note(ctx, tx, v, *e, "envelopes.extended", "gave "+r.Name+" until "+dateText(until)+" to answer “"+e.Title+"”", nil)
}

// voidable reports whether a document can be made void: while it waits, and a change order also when all have approved it.
// A contract that was signed is ended by another one.
func (e Envelope) voidable() bool {
	return e.Status == Sent || e.Status == Complete && e.Kind == ChangeOrder
}

// withdraw makes a document void that went out. Whoever was asked is told why.
func (d desk) withdraw(ctx context.Context, tx bun.Tx, v auth.Viewer, e *Envelope, reason string, corrected bool, now time.Time) error {
	if !e.voidable() && e.Status != Declined {
		return fault.Conflict("This cannot be made void any more.")
	}
	open, approved := e.Status == Sent, e.Status == Complete
	if err := markVoid(ctx, tx, v, *e, reason, now); err != nil {
		return err
	}
	e.Status, e.VoidedAt, e.VoidReason = Void, now, reason
	kind := "voided"
	if corrected {
		kind = "corrected"
	}
	if err := record(ctx, tx, v, e, Event{Kind: kind, At: now, PersonID: v.PersonID, Name: v.Name, Email: v.Email, Note: reason}); err != nil {
		return err
	}
	var mails []asking
	for _, r := range e.Recipients {
		if (open && !r.NotifiedAt.IsZero() || approved) && r.Role != Countersigner && r.ForwardedID == uuid.Nil {
			mails = append(mails, asking{e.ID, r.ID, r.LinkNo})
		}
	}
	if err := voidMail.EnqueueEach(ctx, tx, v.FirmID(), mails); err != nil {
		return err
	}
	if approved {
		err := d.Bus.Publish(ctx, tx, v.FirmID(), fact.ChangeOrderVoided{ID: e.ID, ClientID: e.ClientID, ProjectID: e.ProjectID})
		if err != nil {
			return err
		}
	}
	d.ring(ctx, v, e)
	return note(ctx, tx, v, *e, "envelopes.voided", "made the "+e.Kind.Noun().String()+" “"+e.Title+"” void", map[string]any{"reason": reason})
}

func sendHandlers(d desk) []job.Handler {
	return []job.Handler{
		askMail.Handle(d.mailAsk).Within(time.Minute),
		remindMail.Handle(d.mailReminder).Within(time.Minute),
		voidMail.Handle(d.mailVoid).Within(time.Minute),
		expiredMail.Handle(d.mailExpired).Within(time.Minute),
		lookAgain.Handle(d.look),
		job.Every("23 * * * *", "envelopes:find_due", d.findDue),
	}
}
