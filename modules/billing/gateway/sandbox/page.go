package sandbox

import (
	"time"

	"github.com/google/uuid"

	"portico/modules/billing/gateway"
	"portico/platform/secret"
)

// save begins the saving of a method.
func (l *ledger) save(o gateway.SaveOrder) (*setup, error) {
	if o.Key == uuid.Nil || o.Kind != gateway.Card && o.Kind != gateway.Bank {
		return nil, refused("request", "Key and kind are needed.")
	}
	before, err := l.made("setup", o.Key)
	if err != nil {
		return nil, err
	}
	if before != "" {
		s, err := l.setup(before)
		if err == nil && (s.Order.Kind != o.Kind || s.Order.Customer != o.Customer) {
			err = refused("request", "This key was used for another method.")
		}
		return &s, err
	}
	s := &setup{Order: o, Step: Enter, Page: secret.Token(), Setup: gateway.Setup{ID: "set_" + newID(), Key: o.Key, Status: gateway.NeedsAction}}
	if err := l.put(pages, s.Page, where{Account: l.ID, Setup: s.ID}); err != nil {
		return nil, err
	}
	if err := l.remember("setup", o.Key, s.ID); err != nil {
		return nil, err
	}
	return s, l.keepSetup(s)
}

// entered is what a payer typed, as a method that is not kept; only its brand and its last digits ever are.
func entered(kind gateway.Kind, e Entry, now time.Time) (method, error) {
	n, known := numbered(kind, e.Number)
	switch {
	case !known:
		return method{}, refused("unknown_number", "This is no practice number. Use one of those below, and never a real one.")
	case kind == gateway.Bank && e.Routing != Routing:
		return method{}, refused("unknown_routing", "The practice bank's routing number is "+Routing+".")
	}
	m := method{Number: n.Digits, Method: gateway.Method{Kind: kind, Brand: n.Brand, Last4: n.Digits[len(n.Digits)-4:]}}
	if kind == gateway.Card {
		m.Expires = time.Date(now.Year()+3, 12, 31, 0, 0, 0, 0, time.UTC)
	}
	return m, nil
}

// enter takes a card or an account for a charge. A refused one can be replaced by another, some times.
func (l *ledger) enter(c *charge, e Entry) error {
	if c.Status != gateway.NeedsAction || c.Step != Enter {
		return nil
	}
	m, err := entered(c.Kind, e, l.now)
	if err != nil {
		return err
	}
	if err := l.try(c, m); err != nil {
		return err
	}
	return l.stays(c)
}

// stays: whoever was refused on the page may try another card there.
func (l *ledger) stays(c *charge) error {
	if c.Status == gateway.Failed {
		if c.Tries++; c.Tries < mostTries {
			c.Status, c.Step = gateway.NeedsAction, Enter
		} else {
			c.Step = Over
		}
	}
	return l.keep(c)
}

// answer is what the payer tells the bank. A saved card has no page to fall back to.
func (l *ledger) answer(c *charge, yes bool) error {
	if c.Status != gateway.NeedsAction || c.Step != Ask {
		return nil
	}
	if yes {
		if err := l.goes(c); err != nil {
			return err
		}
		if c.Order.Method != "" {
			if err := l.proved(c.Order.Method); err != nil {
				return err
			}
		}
		return l.keep(c)
	}
	if err := l.fails(c, "authentication"); err != nil {
		return err
	}
	if c.Order.Method != "" {
		c.Step = Over
		return l.keep(c)
	}
	return l.stays(c)
}

func (l *ledger) proved(token string) error {
	m, err := l.method(token)
	if err != nil {
		return err
	}
	m.Proved = true
	return l.put(methods, l.own(token), m)
}

// enterSetup takes a card or an account to keep.
func (l *ledger) enterSetup(s *setup, e Entry) error {
	if s.Status != gateway.NeedsAction || s.Step != Enter {
		return nil
	}
	m, err := entered(s.Order.Kind, e, l.now)
	if err != nil {
		return err
	}
	n, _ := numbered(m.Kind, m.Number)
	s.Method, s.Number, s.Failure = m.Method, m.Number, gateway.Failure{}
	switch {
	case n.code != "" && !n.later:
		s.Method, s.Number, s.Failure = gateway.Method{}, "", failure(n.code, m.Kind)
		return l.keepSetup(s)
	case n.asks != "":
		s.Step = Ask
		return l.keepSetup(s)
	}
	return l.saved(s, false)
}

// saved keeps the method.
func (l *ledger) saved(s *setup, proved bool) error {
	s.Status, s.Step = gateway.Succeeded, Over
	s.Method.Token = "pm_" + newID()
	if s.Method.Customer = s.Order.Customer; s.Method.Customer == "" {
		s.Method.Customer = "cus_" + newID()
	}
	if err := l.put(methods, l.own(s.Method.Token), method{Method: s.Method, Number: s.Number, Proved: proved}); err != nil {
		return err
	}
	if err := l.tell("setup.succeeded", gateway.AboutSetup, s.ID); err != nil {
		return err
	}
	return l.keepSetup(s)
}

func (l *ledger) answerSetup(s *setup, yes bool) error {
	if s.Status != gateway.NeedsAction || s.Step != Ask {
		return nil
	}
	if yes {
		return l.saved(s, true)
	}
	s.Step, s.Method, s.Number, s.Failure = Enter, gateway.Method{}, "", failure("authentication", s.Order.Kind)
	return l.keepSetup(s)
}

// leave: the payer goes back without.
func (l *ledger) leaveSetup(s *setup) error {
	if s.Status != gateway.NeedsAction {
		return nil
	}
	s.Status, s.Step, s.Failure = gateway.Canceled, Over, failure("canceled", s.Order.Kind)
	if err := l.tell("setup.canceled", gateway.AboutSetup, s.ID); err != nil {
		return err
	}
	return l.keepSetup(s)
}

func (l *ledger) forget(token string) error {
	return l.tx.Bucket(methods).Delete([]byte(l.own(token)))
}

func (c *charge) page(l *ledger) Page {
	return Page{
		Token: c.Page, Firm: l.Firm, Step: c.Step, Kind: c.Kind, Amount: c.Amount, Currency: c.Currency, Description: c.Order.Description,
		Email: c.Order.Email, Return: c.Order.Return, Status: c.Status, Failure: c.Failure, Brand: c.Method.Brand, Last4: c.Method.Last4,
	}
}

func (s *setup) page(l *ledger) Page {
	return Page{
		Token: s.Page, Firm: l.Firm, Step: s.Step, Saving: true, Kind: s.Order.Kind, Email: s.Order.Email, Return: s.Order.Return,
		Status: s.Status, Failure: s.Failure, Brand: s.Method.Brand, Last4: s.Method.Last4,
	}
}
