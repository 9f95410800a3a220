package envelopes

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/day"
	"portico/platform/fault"
	"portico/platform/job"
)

// looked names a document in which something is due.
type looked struct {
	Envelope  uuid.UUID
	Reminders bool
}

var lookAgain = job.New[looked]("envelopes:look")

const (
	mostReminders       = 10 // by themselves; who has not answered by then is better called
	firstHour, lastHour = 8, 18
)

// findDue looks every hour: whose time is over at any hour, whom to remind by daylight.
func (d desk) findDue(ctx context.Context, tx bun.Tx, firm uuid.UUID) error {
	loaded, err := auth.Load(ctx, tx, firm, nil, d.Now())
	if err != nil || loaded.Firm.Suspended {
		return err
	}
	zone, err := day.Zone(loaded.Firm.Zone)
	if err != nil {
		zone = time.UTC
	}
	hour := d.Now().In(zone).Hour()
	daylight := hour >= firstHour && hour < lastHour
	ids, err := dueEnvelopes(ctx, tx, auth.System(firm), d.Now(), daylight)
	if err != nil {
		return err
	}
	list := make([]looked, len(ids))
	for n, one := range ids {
		list[n] = looked{one, daylight}
	}
	return lookAgain.EnqueueEach(ctx, tx, firm, list)
}

// look deals with one document: it notices whose time is over, once, and reminds whoever is due.
func (d desk) look(ctx context.Context, tx bun.Tx, firm uuid.UUID, l looked) error {
	v, now := auth.System(firm), d.Now()
	e, err := hold(ctx, tx, v, l.Envelope)
	if err != nil || !e.Open() {
		return fault.IgnoreNotFound(err)
	}
	for _, r := range e.Recipients {
		if !r.Expired(now) || !r.ExpiredAt.IsZero() {
			continue
		}
		if err := d.expire(ctx, tx, v, &e, r, now); err != nil {
			return err
		}
	}
	if !l.Reminders || e.RemindDays == 0 {
		return nil
	}
	for _, r := range turn(e, now) {
		if due(e, r, now) {
			if _, err := d.remind(ctx, tx, v, &e, r.ID, now); err != nil {
				return err
			}
		}
	}
	return nil
}

// due reports whether a recipient is to be reminded by itself.
func due(e Envelope, r Recipient, now time.Time) bool {
	last := r.NotifiedAt
	if r.RemindedAt.After(last) {
		last = r.RemindedAt
	}
	return e.RemindDays > 0 && !last.IsZero() && r.Reminders < mostReminders && !now.Before(last.AddDate(0, 0, e.RemindDays))
}

func (d desk) expire(ctx context.Context, tx bun.Tx, v auth.Viewer, e *Envelope, r Recipient, now time.Time) error {
	if err := markExpired(ctx, tx, v, r, now); err != nil {
		return err
	}
	r.ExpiredAt = now
	e.put(r)
	if err := record(ctx, tx, v, e, Event{Kind: "expired", At: now, RecipientID: r.ID, Name: r.Name, Email: r.Email}); err != nil {
		return err
	}
	list, err := answers(ctx, tx, v, *e)
	if err != nil {
		return err
	}
	mails := make([]asking, len(list))
	for n := range list {
		mails[n] = asking{e.ID, r.ID, n}
	}
	if err := expiredMail.EnqueueEach(ctx, tx, v.FirmID(), mails); err != nil {
		return err
	}
	d.ring(ctx, v, e)
	return note(ctx, tx, v, *e, "envelopes.expired", "had no answer to “"+e.Title+"” from "+r.Name+" in time", nil)
}
