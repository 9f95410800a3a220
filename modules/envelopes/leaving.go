package envelopes

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/people"
)

// handOver passes on what somebody was to sign for the firm, or to get a copy of, when that person leaves. What went out
// keeps the change in its history.
func (d desk) handOver(ctx context.Context, tx bun.Tx, v auth.Viewer, from, to uuid.UUID) (n int, err error) {
	ids, err := awaitedFrom(ctx, tx, v, from)
	if err != nil || to == uuid.Nil {
		return len(ids), err
	}
	heir, err := people.StaffMailbox(ctx, tx, v, to)
	if err != nil {
		return 0, err
	}
	for _, one := range ids {
		e, err := hold(ctx, tx, v, one)
		if err != nil {
			return n, err
		}
		if err := d.passOn(ctx, tx, v, &e, from, heir); err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

// passOn puts the heir into the place of whoever leaves; where the heir signs already, that is enough.
func (d desk) passOn(ctx context.Context, tx bun.Tx, v auth.Viewer, e *Envelope, from uuid.UUID, heir people.Mailbox) error {
	now := d.Now()
	for _, r := range e.Recipients {
		if r.PersonID != from || r.Role.Acts() && r.Done() {
			continue
		}
		what := Event{Kind: "forwarded", At: now, RecipientID: r.ID, PersonID: v.PersonID, Name: r.Name, Email: r.Email, Note: "to " + heir.Name}
		if there, ok := e.staff(heir.PersonID, r.Role); ok {
			r.ForwardedID = there.ID
		} else {
			r.PersonID, r.Name, r.Email, r.NotifiedAt = heir.PersonID, heir.Name, heir.Email, time.Time{}
		}
		if err := replaceStaff(ctx, tx, v, r); err != nil {
			return err
		}
		e.put(r)
		if e.Status == Draft {
			continue
		}
		if err := record(ctx, tx, v, e, what); err != nil {
			return err
		}
	}
	if err := index(ctx, tx, v, e.ID); err != nil {
		return err
	}
	if err := d.notify(ctx, tx, v, e, now); err != nil {
		return err
	}
	return note(ctx, tx, v, *e, "envelopes.handed_over", "handed over to "+heir.Name+" what was to be signed on “"+e.Title+"”", nil)
}

// staff is the recipient who is that member of staff, in that role.
func (e Envelope) staff(person uuid.UUID, role Role) (Recipient, bool) {
	for _, r := range e.Recipients {
		if r.PersonID == person && r.Role == role && r.ForwardedID == uuid.Nil {
			return r, true
		}
	}
	return Recipient{}, false
}
