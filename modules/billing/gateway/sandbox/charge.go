package sandbox

import (
	"time"

	"github.com/google/uuid"

	"portico/modules/billing/gateway"
	"portico/platform/secret"
)

const (
	bankDays   = 4 * 24 * time.Hour // a debit takes so long to arrive or to fail
	returnDays = 2 * 24 * time.Hour // and so long to be taken back
	refundDay  = 24 * time.Hour
	mostTries  = 5 // on one page
)

func refused(code, text string) error { return &gateway.Error{Code: code, Text: text} }

// create makes a charge, or finds the one that was made with the key.
func (l *ledger) create(o gateway.Order) (*charge, error) {
	if o.Key == uuid.Nil || o.Amount <= 0 || len(o.Currency) != 3 || o.Kind != gateway.Card && o.Kind != gateway.Bank {
		return nil, refused("request", "Key, kind, amount and currency are needed.")
	}
	before, err := l.made("charge", o.Key)
	if err != nil {
		return nil, err
	}
	if before != "" {
		c, err := l.charge(before)
		if err == nil && !same(c.Order, o) {
			err = refused("request", "This key was used for another charge.")
		}
		return &c, err
	}
	c := &charge{Order: o, Step: Enter, Charge: gateway.Charge{
		ID: "ch_" + newID(), Key: o.Key, Firm: o.Firm, Invoice: o.Invoice, Status: gateway.NeedsAction, Kind: o.Kind,
		Amount: o.Amount, Currency: o.Currency, Made: l.now,
	}}
	if o.Method != "" {
		m, err := l.method(o.Method)
		if err != nil {
			return nil, err
		}
		if err := l.try(c, m); err != nil {
			return nil, err
		}
		if c.Status == gateway.Failed {
			c.Step = Over
		}
	}
	if c.Status == gateway.NeedsAction {
		if err := l.openPage(c); err != nil {
			return nil, err
		}
	}
	if err := l.remember("charge", o.Key, c.ID); err != nil {
		return nil, err
	}
	return c, l.keep(c)
}

// same: what a key may not be used for twice. Where the payer comes back to may change.
func same(a, b gateway.Order) bool {
	a.Return, b.Return, a.Email, b.Email, a.Description, b.Description, a.Name, b.Name = "", "", "", "", "", "", "", ""
	return a == b
}

func (l *ledger) openPage(c *charge) error {
	c.Page = secret.Token()
	return l.put(pages, c.Page, where{Account: l.ID, Charge: c.ID})
}

func (l *ledger) method(token string) (m method, err error) {
	found, err := l.get(methods, l.own(token), &m)
	if err == nil && !found {
		err = refused("request", "There is no such saved method.")
	}
	return m, err
}

// try charges a card or an account. What became of it stands in the charge, which is not kept yet.
func (l *ledger) try(c *charge, m method) error {
	n, known := numbered(m.Kind, m.Number)
	if !known || m.Kind != c.Kind {
		return refused("request", "This method cannot be used for that.")
	}
	c.Method, c.Number = m.Method, n.Digits
	switch {
	case n.code != "" && !(n.later && c.Kind == gateway.Bank):
		return l.fails(c, n.code)
	case n.most > 0 && c.Amount > n.most:
		return l.fails(c, "limit")
	case n.asks == "always" && c.Order.OffSession:
		return l.fails(c, "authentication")
	case n.asks == "always", n.asks == "first" && !m.Proved && !c.Order.OffSession:
		c.Step = Ask
		return l.tell("charge.requires_action", gateway.AboutCharge, c.ID)
	}
	return l.goes(c)
}

// goes: nothing is in the way of the money any more.
func (l *ledger) goes(c *charge) error {
	c.Failure, c.Step = gateway.Failure{}, Over
	if c.Kind == gateway.Bank {
		c.Status, c.Next = gateway.Pending, l.now.Add(bankDays)
		if err := l.later(bankDays, happening{Charge: c.ID, Deed: Settle}); err != nil {
			return err
		}
		return l.tell("charge.pending", gateway.AboutCharge, c.ID)
	}
	return l.succeeds(c)
}

func (l *ledger) succeeds(c *charge) error {
	c.Status, c.Step, c.Fee, c.Next = gateway.Succeeded, Over, feeOf(c.Kind, c.Amount), time.Time{}
	n, _ := numbered(c.Kind, c.Number)
	switch n.then {
	case Dispute:
		if err := l.later(0, happening{Charge: c.ID, Deed: Dispute}); err != nil {
			return err
		}
	case TakeOut:
		c.Next = l.now.Add(returnDays)
		if err := l.later(returnDays, happening{Charge: c.ID, Deed: TakeOut}); err != nil {
			return err
		}
	}
	return l.tell("charge.succeeded", gateway.AboutCharge, c.ID)
}

func (l *ledger) fails(c *charge, code string) error {
	c.Status, c.Failure, c.Next = gateway.Failed, failure(code, c.Kind), time.Time{}
	return l.tell("charge.failed", gateway.AboutCharge, c.ID)
}

// cancel ends what nobody has paid yet.
func (l *ledger) cancel(id string) (*charge, error) {
	c, err := l.charge(id)
	if err != nil || c.Status != gateway.NeedsAction {
		return &c, err
	}
	c.Status, c.Step, c.Failure = gateway.Canceled, Over, failure("canceled", c.Kind)
	if err := l.tell("charge.canceled", gateway.AboutCharge, c.ID); err != nil {
		return nil, err
	}
	return &c, l.keep(&c)
}

// feeOf is what a provider keeps, about: 2.9 % and 30 of a card, 0.8 % of a debit and 500 at most.
func feeOf(kind gateway.Kind, amount int64) int64 {
	if kind == gateway.Bank {
		return min(amount*8/1000, 500)
	}
	return min(amount*29/1000+30, amount)
}
