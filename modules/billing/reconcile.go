package billing

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/modules/billing/gateway"
	"portico/platform/auth"
	"portico/platform/db"
	"portico/platform/job"
)

// arrived is what a provider reported: the row is there already.
type arrived struct {
	Account uuid.UUID
	Event   string
}

// comparing is an account whose list is to be compared with ours.
type comparing struct{ Account uuid.UUID }

var (
	eventArrived   = job.New[arrived]("billing:event")
	compareAccount = job.New[comparing]("billing:compare_account")
)

const (
	dueAtOnce = 500
	overlap   = time.Hour // that much of what was seen is looked at again
)

// findDue promises a look at everything whose time has come, in every firm. Each look sets its next time itself; should
// it be lost, it is found again here.
func (e engine) findDue(ctx context.Context, _ bun.Tx) error {
	firms, err := firmsDue(ctx, e.Ops, e.Now())
	if err != nil {
		return err
	}
	for _, firm := range firms {
		err := db.InTx(ctx, e.Pool, firm, func(ctx context.Context, tx bun.Tx) error {
			due, err := takeDue(ctx, tx, auth.System(firm), e.Now())
			if err != nil {
				return err
			}
			err = settleAttempt.EnqueueEach(ctx, tx, firm, due.Attempts)
			if err == nil {
				err = settleSetup.EnqueueEach(ctx, tx, firm, due.Batches)
			}
			if err == nil {
				err = settleRefund.EnqueueEach(ctx, tx, firm, due.Refunds)
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// event looks up what a provider reported something about. What the report itself says counts for nothing.
func (e engine) event(ctx context.Context, tx bun.Tx, firm uuid.UUID, a arrived) error {
	v := auth.System(firm)
	object, ref, ok, err := eventOf(ctx, tx, v, a)
	if err != nil || !ok {
		return err
	}
	if object != gateway.AboutNothing {
		g, err := e.open(ctx, tx, firm, a.Account)
		if err != nil {
			return err
		}
		if err := e.lookUp(ctx, tx, v, g, a.Account, object, ref); err != nil {
			return err
		}
	}
	return closeEvent(ctx, tx, v, a)
}

func (e engine) lookUp(ctx context.Context, tx bun.Tx, v auth.Viewer, g gateway.Gateway, account uuid.UUID, object gateway.Object, ref string) error {
	switch object {
	case gateway.AboutRefund:
		is, err := called(ctx, func(ctx context.Context) (gateway.Refund, error) { return g.FindRefund(ctx, ref, uuid.Nil) })
		if err != nil {
			return gone(err)
		}
		if _, err := refundByID(ctx, tx, v, is.Key); err == nil {
			return e.applyRefund(ctx, tx, v, is.Key, is)
		}
		ref = is.Charge // not ours: its charge says how much went back
	case gateway.AboutSetup:
		is, err := called(ctx, func(ctx context.Context) (gateway.Setup, error) { return g.FindSetup(ctx, ref) })
		if err != nil {
			return gone(err)
		}
		batch, err := batchOfSetup(ctx, tx, v, account, is.ID, is.Key)
		if err != nil || batch == uuid.Nil {
			return err
		}
		return e.applySetup(ctx, tx, v, batch, is)
	}
	c, err := called(ctx, func(ctx context.Context) (gateway.Charge, error) { return g.Find(ctx, ref) })
	if err != nil {
		return gone(err)
	}
	return e.reported(ctx, tx, v, account, c)
}

// gone: there is no such object, so there is nothing to do.
func gone(err error) error {
	if errors.Is(err, gateway.ErrUnknown) {
		return nil
	}
	return err
}

// reported applies a charge to its attempt, or lists it as something that Portico did not do.
func (e engine) reported(ctx context.Context, tx bun.Tx, v auth.Viewer, account uuid.UUID, c gateway.Charge) error {
	attempt, err := attemptOfCharge(ctx, tx, v, account, c.ID, c.Key)
	if err != nil {
		return err
	}
	if attempt != uuid.Nil {
		return e.apply(ctx, tx, v, attempt, c)
	}
	if err := noteStray(ctx, tx, v, account, c); err != nil {
		return err
	}
	return sound(ctx, tx, v)
}

// compareAll promises the comparison of each account that was ever used.
func (e engine) compareAll(ctx context.Context, tx bun.Tx, firm uuid.UUID) error {
	accounts, err := accountsUsed(ctx, tx, auth.System(firm))
	if err != nil {
		return err
	}
	return compareAccount.EnqueueEach(ctx, tx, firm, accounts)
}

// compare reads what a provider made or changed since the last time, and an hour before. It finds what no event told of:
// payments whose event was lost, payments that were made past us, and money that went back.
func (e engine) compare(ctx context.Context, tx bun.Tx, firm uuid.UUID, c comparing) error {
	v := auth.System(firm)
	since, err := listedTo(ctx, tx, v, c.Account)
	if err != nil {
		return err
	}
	g, err := e.open(ctx, tx, firm, c.Account)
	if err != nil {
		return err
	}
	begun := e.Now()
	var stopped error
	limited, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	if !since.IsZero() {
		since = since.Add(-overlap)
	}
	list, err := g.List(limited, since)
	if err != nil {
		return err
	}
	for _, charge := range list {
		same, err := knows(ctx, tx, v, c.Account, charge)
		if err != nil {
			return err
		}
		if same {
			continue
		}
		// each on its own, so that nobody waits for the length of the list
		err = db.InTx(ctx, e.Pool, firm, func(ctx context.Context, tx bun.Tx) error { return e.reported(ctx, tx, v, c.Account, charge) })
		if err != nil && stopped == nil { // one that cannot be booked keeps no other from being looked at
			stopped = fmt.Errorf("compare charges: %w", err)
		}
	}
	if err := noteListed(ctx, tx, v, c.Account, begun); err != nil {
		return err
	}
	if stopped != nil {
		e.Log.Error("a charge could not be compared", "firm", firm, "err", stopped)
	}
	return nil
}
