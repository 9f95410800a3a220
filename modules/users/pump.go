package users

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/activity"
	"portico/platform/auth"
	"portico/platform/fact"
	"portico/platform/fault"
	"portico/platform/id"
	invitation "portico/platform/invite"
	"portico/platform/job"
	"portico/platform/people"
)

// beat is one look of a sending after itself. Each promises the next, so that there is one at a time whatever the number
// of workers, and none for sendings that are over. Turn tells the chain that counts from one that somebody replaced.
type beat struct {
	Sending uuid.UUID `json:"sending"`
	Turn    int       `json:"turn"`
}

var pumped = job.New[beat]("users:pump")

const topic = "sendings"

// pump notes what became of the mails that are out, and hands out as many more as the rate allows. All of it is one
// transaction: whoever dies in the middle has done nothing.
func (o office) pump(ctx context.Context, tx bun.Tx, firm uuid.UUID, b beat) error {
	v := auth.System(firm)
	s, now, err := holdSending(ctx, tx, v, b.Sending)
	if err != nil || s.Turn != b.Turn {
		return err
	}
	v.PersonID, v.Name = s.ByID, s.ByName // what happens is in the name of whoever asked for it
	t, err := settle(ctx, tx, v, s.ID)
	if err != nil {
		return err
	}
	if s.State == running {
		if err := o.stopForLeaver(ctx, tx, v, &s); err != nil {
			return err
		}
	}
	if s.State == running {
		if t, err = o.release(ctx, tx, v, &s, t, now); err != nil {
			return err
		}
	}
	if err := saveSending(ctx, tx, v, &s); err != nil {
		return err
	}
	o.p.Bell.Publish(ctx, firm, topic)
	next := s.next(now, t)
	if next.IsZero() {
		return nil
	}
	_, err = pumped.Enqueue(ctx, tx, firm, b, job.At(next))
	return err
}

// stopForLeaver pauses what was begun by somebody who does not work here any more: their words go out no longer, and
// nothing more is done in their name. Whoever resumes it goes on in the own name.
func (o office) stopForLeaver(ctx context.Context, tx bun.Tx, v auth.Viewer, s *Sending) error {
	if s.ByID == uuid.Nil {
		return nil
	}
	by, err := people.FindStaff(ctx, tx, v, s.ByID)
	if err == nil && by.Active() {
		return nil
	}
	if err != nil && !fault.Is(err, fault.Missing) {
		return err
	}
	s.State, s.HeldUp = paused, false
	return activity.Record(ctx, tx, auth.System(v.FirmID()), activity.Entry{
		Verb: "users.sending_paused", Text: "paused a sending: the access of " + s.ByName + " was switched off", SubjectID: s.ID,
	})
}

// release hands out what is due. Each contact is asked again whether it may be invited.
func (o office) release(ctx context.Context, tx bun.Tx, v auth.Viewer, s *Sending, t traffic, now time.Time) (traffic, error) {
	n, paid := s.due(now, t)
	s.HeldUp = t.heldUp()
	rows, more, err := waiting(ctx, tx, v, s.ID, n)
	if err != nil {
		return t, err
	}
	if len(rows) > 0 {
		s.PaidUntil = paid
		for i := range rows {
			if rows[i].Mail == uuid.Nil {
				rows[i].Mail = id.New()
			}
		}
		left, err := invitation.Many(ctx, tx, v, s.Again, s.Note, rows)
		if err != nil {
			return t, err
		}
		if err := released(ctx, tx, v, s.ID, rows, left); err != nil {
			return t, err
		}
		t.Flying += len(rows) - len(left)
	}
	if !more && t.Flying+t.Refused == 0 {
		s.State, s.FinishedAt, s.HeldUp = finished, now, false
	}
	return t, nil
}

// noteAcceptance follows a contact that has come in.
func (o office) noteAcceptance(ctx context.Context, tx bun.Tx, firm uuid.UUID, f fact.PortalActivated) error {
	v := auth.System(firm)
	sendings, err := invitedBy(ctx, tx, v, f.ContactID)
	if err != nil {
		return err
	}
	for _, id := range sendings { // the sending before its rows, as everywhere
		s, _, err := holdSending(ctx, tx, v, id)
		if err != nil {
			return err
		}
		if err := accepted(ctx, tx, v, id, f.ContactID); err != nil {
			return err
		}
		if err := saveSending(ctx, tx, v, &s); err != nil {
			return err
		}
	}
	if err := invitation.Arrived(ctx, tx, firm, f.ContactID); err != nil {
		return err
	}
	o.p.Bell.Publish(ctx, firm, topic)
	return nil
}
