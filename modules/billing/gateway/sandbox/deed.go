package sandbox

import (
	"time"

	"portico/modules/billing/gateway"
)

// happen does to a charge what a bank, a payer or the firm at the provider's own desk does. What no longer fits is left.
func (l *ledger) happen(id string, deed Deed, byItself bool) error {
	c, err := l.charge(id)
	if err != nil {
		return err
	}
	open := c.Dispute != nil && c.Dispute.Status == "open"
	switch {
	case deed == Settle && c.Status == gateway.Pending:
		n, _ := numbered(c.Kind, c.Number)
		if byItself && n.code != "" {
			err = l.fails(&c, n.code)
		} else {
			err = l.succeeds(&c)
		}
	case deed == Fail && c.Status == gateway.Pending:
		err = l.fails(&c, "insufficient_funds")
	case deed == TakeOut && c.Status == gateway.Succeeded && c.Kind == gateway.Bank && !c.Returned && c.Dispute == nil && c.Refunded == 0:
		c.Returned, c.Failure, c.Next = true, failure("returned", c.Kind), time.Time{}
		err = l.tell("charge.returned", gateway.AboutCharge, c.ID)
	case deed == Dispute && c.Status == gateway.Succeeded && c.Dispute == nil && !c.Returned && c.Refunded < c.Amount:
		c.Dispute = &gateway.Dispute{ID: "dp_" + newID(), Status: "open", Amount: c.Amount - c.Refunded, Reason: "not as described", AnswerBy: l.now.AddDate(0, 0, 10)}
		err = l.tell("dispute.opened", gateway.AboutDispute, c.ID)
	case deed == Win && open, deed == Lose && open:
		if c.Dispute.Status = "won"; deed == Lose {
			c.Dispute.Status = "lost"
		}
		err = l.tell("dispute."+c.Dispute.Status, gateway.AboutDispute, c.ID)
	default:
		if byItself {
			return nil
		}
		return refused("request", "That cannot happen to this payment any more.")
	}
	if err != nil {
		return err
	}
	return l.keep(&c)
}

// advance lets days pass: what is due by then happens now.
func (l *ledger) advance(by time.Duration) error {
	if err := l.forward(due, by); err != nil {
		return err
	}
	var shifted []charge
	err := each(l, charges, func(c charge) bool {
		if !c.Next.IsZero() {
			shifted = append(shifted, c)
		}
		return true
	})
	if err != nil {
		return err
	}
	for _, c := range shifted {
		c.Next = c.Next.Add(-by)
		if err := l.put(charges, l.own(c.ID), c); err != nil {
			return err
		}
	}
	return l.forward(reports, by)
}
