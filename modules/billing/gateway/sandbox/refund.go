package sandbox

import (
	"github.com/google/uuid"

	"portico/modules/billing/gateway"
)

// refund is money given back as we keep it.
type refund struct {
	gateway.Refund
	Order gateway.RefundOrder
}

func (l *ledger) refund(id string) (r refund, err error) {
	found, err := l.get(refunds, l.own(id), &r)
	if err == nil && !found {
		err = gateway.ErrUnknown
	}
	return r, err
}

// giveBack gives money back, once per key.
func (l *ledger) giveBack(o gateway.RefundOrder) (refund, error) {
	if o.Key == uuid.Nil || o.Amount <= 0 {
		return refund{}, refused("request", "Key and amount are needed.")
	}
	before, err := l.made("refund", o.Key)
	if err != nil {
		return refund{}, err
	}
	if before != "" {
		r, err := l.refund(before)
		if err == nil && (r.Order.Charge != o.Charge || r.Order.Amount != o.Amount) {
			err = refused("request", "This key was used for another refund.")
		}
		return r, err
	}
	c, err := l.charge(o.Charge)
	if err != nil {
		return refund{}, err
	}
	switch {
	case c.Status != gateway.Succeeded || c.Returned:
		return refund{}, refused("request", "This payment has not arrived, so nothing can be given back.")
	case c.Dispute != nil && c.Dispute.Status != "won":
		return refund{}, refused("request", "This payment is disputed.")
	case o.Amount > c.Amount-c.Refunded:
		return refund{}, refused("limit", "That is more than is left of this payment.")
	}
	r := refund{Order: o, Refund: gateway.Refund{ID: "re_" + newID(), Key: o.Key, Charge: o.Charge, Amount: o.Amount, Status: gateway.Succeeded}}
	n, _ := numbered(c.Kind, c.Number)
	if c.Kind == gateway.Bank || n.rebels {
		r.Status = gateway.Pending
		if err := l.later(refundDay, happening{Charge: c.ID, Refund: r.ID}); err != nil {
			return r, err
		}
	}
	c.Refunded += o.Amount
	if err := l.keep(&c); err != nil {
		return r, err
	}
	if err := l.remember("refund", o.Key, r.ID); err != nil {
		return r, err
	}
	if err := l.tell("refund."+string(r.Status), gateway.AboutRefund, r.ID); err != nil {
		return r, err
	}
	return r, l.put(refunds, l.own(r.ID), r)
}

// refundDue: a refund that was pending arrives, or comes back.
func (l *ledger) refundDue(id string) error {
	r, err := l.refund(id)
	if err != nil || r.Status != gateway.Pending {
		return err
	}
	c, err := l.charge(r.Charge)
	if err != nil {
		return err
	}
	r.Status = gateway.Succeeded
	if n, _ := numbered(c.Kind, c.Number); n.rebels {
		r.Status, r.Failure = gateway.Failed, gateway.Failure{Code: "other", Text: "The bank could not take the refund."}
		c.Refunded -= r.Amount
	}
	if err := l.keep(&c); err != nil {
		return err
	}
	if err := l.tell("refund."+string(r.Status), gateway.AboutRefund, r.ID); err != nil {
		return err
	}
	return l.put(refunds, l.own(r.ID), r)
}
