package billing

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/activity"
	"portico/platform/auth"
	"portico/platform/day"
	"portico/platform/fault"
)

// How a person ended a refund.
const (
	elsewhere = "elsewhere" // it was paid back by other means
	givenUp   = "given_up"  // nothing goes back: the money stays where it stands
)

// RefundEnd is how a person ended a refund that its provider refused, or of which it never said the end.
type RefundEnd struct {
	Ended         string // "" as long as nobody had to
	EndedNote     string // staff only: why it was given up
	PaidMethod    Method
	PaidReference string
	PaidOn        day.Day
}

var errRefundSettled = fault.Conflict("This refund has been settled meanwhile.")

// needsPerson reports whether somebody has to say how it ends. As long as Portico asks its provider by itself, nobody does.
func (r Refund) needsPerson() bool {
	return r.AttemptID != uuid.Nil && r.Ended == "" && (r.Status == NeedsReview || r.Status == Failed)
}

// Unsure reports whether its provider can be asked what became of it.
func (r Refund) Unsure() bool { return r.Status == Unknown || r.Status == NeedsReview }

// Open reports whether its page has something to do.
func (r Refund) Open() bool { return r.needsPerson() || r.Status == Unknown }

// payableElsewhere says why a refund cannot be booked as paid back by other means: money goes out of a payment once.
func payableElsewhere(ctx context.Context, tx bun.IDB, v auth.Viewer, r Refund) error {
	p, err := paymentByID(ctx, tx, v, r.PaymentID)
	if err != nil {
		return err
	}
	left, disputed, err := refundable(ctx, tx, v, r.PaymentID)
	if r.Status != Failed { // it holds its own amount
		left += r.Total
	}
	switch {
	case err != nil:
		return err
	case p.Reversed():
		return errReversed
	case disputed:
		return errDisputed
	case r.Total > left:
		return errTooMuch
	}
	return nil
}

// endRefund says how a refund ended that a person has to end, once. What its provider reports later is not booked: it is
// listed as money that moved past Portico.
func (e engine) endRefund(ctx context.Context, tx bun.Tx, v auth.Viewer, refund uuid.UUID, end RefundEnd) (Refund, error) {
	if _, err := refundByID(ctx, tx, v, refund); err != nil { // that it may be seen
		return Refund{}, err
	}
	r, err := holdRefund(ctx, tx, v, refund)
	if err != nil {
		return r, err
	}
	if !r.needsPerson() {
		return r, errRefundSettled
	}
	to := Failed
	if end.Ended == elsewhere {
		to = Succeeded
		if err := payableElsewhere(ctx, tx, v, r); err != nil {
			return r, err
		}
	}
	r.Status, r.RefundEnd, r.LookAt = to, end, time.Time{}
	if err := noteRefundEnd(ctx, tx, v, r); err != nil {
		return r, err
	}
	if end.Ended == elsewhere {
		if err := giveBackElsewhere(ctx, tx, v, r); err != nil {
			return r, err
		}
	}
	return r, e.refundEnded(ctx, tx, v, r)
}

// refundEnded tells of it: the attempt's history, the activity, the line above the office, and whoever gets money.
func (e engine) refundEnded(ctx context.Context, tx bun.Tx, v auth.Viewer, r Refund) error {
	all := auth.System(v.FirmID())
	a, err := holdAttempt(ctx, tx, all, r.AttemptID)
	if err != nil {
		return err
	}
	p, err := paymentByID(ctx, tx, all, r.PaymentID)
	if err != nil {
		return err
	}
	did, data := "gave up a refund of "+words(v, r.Amount())+" of "+p.Number, map[string]any{"reason": r.EndedNote}
	step := "A refund of " + words(v, r.Amount()) + " was given up"
	if r.Ended == elsewhere {
		did = "noted that " + words(v, r.Amount()) + " of " + p.Number + " was paid back " + r.PaidMethod.by()
		data = map[string]any{"method": string(r.PaidMethod), "reference": r.PaidReference, "day": r.PaidOn.String()}
		step = "Paid back " + r.PaidMethod.by() + ": " + words(v, r.Amount())
	}
	if err := addStep(ctx, tx, all, a, e.Now(), step); err != nil {
		return err
	}
	if err := e.restate(ctx, tx, all, a); err != nil {
		return err
	}
	if err := sound(ctx, tx, v); err != nil {
		return err
	}
	err = activity.Record(ctx, tx, v, activity.Entry{
		Verb: "billing.refund_ended", Text: did, ClientID: p.ClientID, SubjectID: p.ID, Data: data,
	})
	if err != nil || r.Ended != elsewhere {
		return err
	}
	_, err = announceNews.Enqueue(ctx, tx, v.FirmID(), news{a.ID, newsRefunded, r.ID})
	return err
}

// by is the method as the end of a sentence.
func (m Method) by() string {
	return map[Method]string{Check: "by check", Transfer: "by bank transfer", Cash: "in cash", Other: "another way"}[m]
}
