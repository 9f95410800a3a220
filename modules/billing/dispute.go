package billing

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/modules/billing/gateway"
	"portico/platform/activity"
	"portico/platform/auth"
	"portico/platform/money"
)

// Dispute is a payer's objection to a payment at the bank.
type Dispute struct {
	ID, AttemptID uuid.UUID
	GatewayID     string
	Status        string // open, won, lost
	Total         int64  `bun:"amount"`
	Currency      string
	Reason        string
	AnswerBy      time.Time
	CreatedAt     time.Time
	UpdatedAt     time.Time
}

// Amount is what the payer wants back.
func (d Dispute) Amount() money.Amount { return money.Of(d.Total, d.Currency) }

// mark is how it is shown to staff.
func (d Dispute) mark() mark {
	switch d.Status {
	case "won":
		return mark{"ok", "Won", ""}
	case "lost":
		return mark{"muted", "Lost", "x"}
	}
	return mark{"late", "Open", ""}
}

// dispute keeps what is known of an objection. While it is open its money stands apart and nothing is refunded; won, it
// comes back; lost, it comes off the invoices, which are owed again.
func (e engine) dispute(ctx context.Context, tx bun.Tx, v auth.Viewer, a *Attempt, is gateway.Dispute) error {
	p, err := paymentByID(ctx, tx, v, a.PaymentID)
	if err != nil || p.Reversed() {
		return err
	}
	d, fresh, err := holdDispute(ctx, tx, v, *a, is, min(is.Amount, p.Total-p.Refunded))
	if err != nil || d.ID == uuid.Nil {
		return err
	}
	now := e.Now()
	on, err := e.todayOf(ctx, tx, v)
	if err != nil {
		return err
	}
	if fresh {
		err := book(ctx, tx, v, a.ClientID, "dispute", "dispute", d.ID, a.Currency, on,
			entry{Account: "disputes", Amount: d.Total}, entry{Account: "clearing", Amount: -d.Total})
		if err != nil {
			return err
		}
		if err := e.tellDispute(ctx, tx, v, *a, d, p, newsDisputed, "disputed by the payer", now); err != nil {
			return err
		}
	}
	if is.Status == d.Status || d.Status != "open" {
		return nil
	}
	what, text := newsWon, "won"
	if is.Status == "lost" {
		what, text = newsLost, "lost"
		err = tx.RunInTx(ctx, nil, func(ctx context.Context, part bun.Tx) error {
			return takeOut(ctx, part, v, p.ID, d.Total, "dispute_lost", "dispute", d.ID, now)
		})
		switch {
		case errors.Is(err, errGivenBack):
			return e.gone(ctx, tx, v, a, "A dispute was lost over a deposit that was given back already.", news{a.ID, what, d.ID})
		case errors.Is(err, errTooMuch):
			return e.gone(ctx, tx, v, a, "A dispute was lost over money that was refunded already.", news{a.ID, what, d.ID})
		}
	} else {
		err = book(ctx, tx, v, a.ClientID, "dispute_won", "dispute", d.ID, a.Currency, on,
			entry{Account: "clearing", Amount: d.Total}, entry{Account: "disputes", Amount: -d.Total})
	}
	if err != nil {
		return err
	}
	d.Status = is.Status
	if err := noteDispute(ctx, tx, v, d); err != nil {
		return err
	}
	return e.tellDispute(ctx, tx, v, *a, d, p, what, "dispute "+text, now)
}

func (e engine) tellDispute(ctx context.Context, tx bun.Tx, v auth.Viewer, a Attempt, d Dispute, p Payment, what Occasion, text string, now time.Time) error {
	if err := addStep(ctx, tx, v, a, now, "Dispute over "+words(v, d.Amount())+": "+text); err != nil {
		return err
	}
	err := activity.Record(ctx, tx, v, activity.Entry{
		Verb: "billing.dispute", Text: "heard of " + p.Number + " over " + words(v, d.Amount()) + ": " + text, ClientID: a.ClientID, SubjectID: p.ID,
	})
	if err != nil {
		return err
	}
	_, err = announceNews.Enqueue(ctx, tx, v.FirmID(), news{a.ID, what, d.ID})
	return err
}
