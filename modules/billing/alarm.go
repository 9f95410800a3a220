package billing

import (
	"context"
	"strconv"

	"github.com/uptrace/bun"

	"portico/platform/alarm"
	"portico/platform/auth"
)

// sound raises the line above the office's pages while the books or payments need a person, and takes it down once they
// do not. It is called where that changes, and with every look at the books, which finds what was not said at once: a job
// that was given up, or two people who settle the last two things at the same time.
func sound(ctx context.Context, tx bun.IDB, v auth.Viewer) error {
	t, err := troubleOf(ctx, tx, v)
	if err != nil {
		return err
	}
	if t.Said && t.Payments == 0 { // not only with the next look
		if err := dropFinding(ctx, tx, v, endsAreSaid); err != nil {
			return err
		}
	}
	return alarm.Say(ctx, tx, v.FirmID(), "billing", t.line())
}

func (t trouble) line() alarm.Line {
	l := alarm.Line{Path: "billing/unsettled", Action: "Look at it"}
	switch {
	case t.Payments == 1:
		l.Text = "Billing: a payment needs you."
	case t.Payments > 1:
		l.Text = "Billing: " + strconv.Itoa(t.Payments) + " payments need you."
	case t.Findings > 0:
		l.Text = "Billing: the books do not agree."
	case t.Jobs > 0:
		l.Text = "Billing: work that could not be done was given up."
	default:
		return alarm.Line{}
	}
	return l
}

// troubled reports whether a person has to look at an attempt.
func (a Attempt) troubled() bool { return a.Status == NeedsReview || a.Review != "" }
