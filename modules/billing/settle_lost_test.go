package billing

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"portico/modules/billing/gateway"
	"portico/platform/id"
)

// TestAnAnswerThatIsLost: whatever happens on the line, it is one charge, and it is found.
func TestAnAnswerThatIsLost(t *testing.T) {
	for name, faults := range map[string]func(*double){
		"before":             func(d *double) { d.before = []error{errLost} },
		"after":              func(d *double) { d.after = []error{errLost} },
		"after and the look": func(d *double) { d.after, d.looks = []error{errLost}, []error{errLost} },
		"before, twice":      func(d *double) { d.before = []error{errLost, errLost} },
		"away for a while":   func(d *double) { d.before, d.looks = []error{errLost, errLost}, []error{errLost, errLost, errLost} },
	} {
		t.Run(name, func(t *testing.T) {
			s := openTill(t)
			faults(s.d)
			attempt := s.press(s.basket(10_000, s.bill(10_000)))
			for range 5 {
				s.settle(attempt)
			}
			s.is(attempt, Succeeded, Paid, 10_000, 0)
			if s.d.creates != 1 {
				t.Errorf("%d charges", s.d.creates)
			}
		})
	}
}

// TestAWorkerThatDies: it was written down that the request was about to be sent, and nobody knows whether it was.
func TestAWorkerThatDies(t *testing.T) {
	s := openTill(t)
	attempt := s.press(s.basket(10_000, s.bill(10_000)))
	_, err := s.e.begin(t.Context(), s.v.FirmID(), attempt, s.d)
	s.must(err)
	s.is(attempt, Submitting, Open, 0, 10_000)
	back := s.in(func(ctx context.Context, tx bun.Tx) error { // killed between the answer and the commit
		s.must(s.e.settle(ctx, tx, s.v.FirmID(), settling{attempt}))
		return errBack
	})
	if !errors.Is(back, errBack) || s.d.creates != 1 {
		t.Fatal(back, s.d.creates)
	}
	s.is(attempt, Submitting, Open, 0, 10_000)
	s.site.Clock.Advance(lost + time.Second)
	s.must(s.e.findDue(t.Context(), bun.Tx{}))
	if n := read[int](s, "select count(*) from outbox where kind = 'billing:settle' and payload->>'Attempt' = ?", attempt.String()); n != 2 {
		t.Errorf("%d promises", n)
	}
	s.settle(attempt)
	s.is(attempt, Succeeded, Paid, 10_000, 0)
	if s.d.creates != 1 {
		t.Errorf("%d charges", s.d.creates)
	}
}

func TestAKeyIsNotUsedForADay(t *testing.T) {
	s := openTill(t)
	s.d.before, s.d.looks = []error{errLost}, []error{errLost}
	attempt := s.press(s.basket(10_000, s.bill(10_000)))
	s.settle(attempt)
	s.is(attempt, Unknown, Open, 0, 10_000)
	s.site.Clock.Advance(keyLives + time.Minute)
	for range len(pace) + 2 {
		s.settle(attempt)
	}
	s.is(attempt, NeedsReview, Open, 0, 10_000)
	if s.d.creates != 0 {
		t.Error("it was made after the provider forgot its key")
	}
	a := s.attempt(attempt)
	if a.Review == "" || !a.LookAt.IsZero() {
		t.Errorf("%+v", a)
	}
}

// TestANoThatProvesNothing: the first request may have been charged; that the second is refused says nothing about it.
func TestANoThatProvesNothing(t *testing.T) {
	s := openTill(t)
	s.d.after, s.d.looks = []error{errLost}, []error{errLost, gateway.ErrUnknown}
	attempt := s.press(s.basket(10_000, s.bill(10_000)))
	s.settle(attempt)
	s.d.before = []error{&gateway.Error{Code: "credentials", Text: "The key was changed."}}
	s.settle(attempt)
	s.is(attempt, Unknown, Open, 0, 10_000)
	s.settle(attempt)
	s.is(attempt, Succeeded, Paid, 10_000, 0)

	refused := s.press(s.basket(500, s.bill(500)))
	s.d.before = []error{&gateway.Error{Code: "declined", Text: "The card was declined."}}
	s.settle(refused)
	s.is(refused, Failed, Open, 0, 0)
}

// TestANoToALookProvesNothing: the charge went out, its answer was lost, and the provider does not let us look. Nothing is
// freed that may have been paid.
func TestANoToALookProvesNothing(t *testing.T) {
	s := openTill(t)
	s.d.after, s.d.looks = []error{errLost}, []error{&gateway.Error{Code: "credentials", Text: "This key may not read."}}
	attempt := s.press(s.basket(10_000, s.bill(10_000)))
	s.settle(attempt)
	s.is(attempt, Unknown, Open, 0, 10_000)
	s.settle(attempt)
	s.is(attempt, Succeeded, Paid, 10_000, 0)
}

func TestWhatDoesNotMatchIsForAPerson(t *testing.T) {
	for name, change := range map[string]func(*gateway.Charge){
		"amount":   func(c *gateway.Charge) { c.Amount++ },
		"currency": func(c *gateway.Charge) { c.Currency = "EUR" },
		"firm":     func(c *gateway.Charge) { c.Firm = id.New() },
		"invoice":  func(c *gateway.Charge) { c.Invoice = id.New() },
	} {
		t.Run(name, func(t *testing.T) {
			s := openTill(t)
			s.d.after, s.d.looks = []error{errLost}, []error{errLost}
			attempt := s.press(s.basket(10_000, s.bill(10_000)))
			s.settle(attempt)
			change(s.d.charges[0])
			s.settle(attempt)
			s.settle(attempt)
			s.is(attempt, NeedsReview, Open, 0, 10_000)
		})
	}
}
