// Package gatewaytest asks every gateway the same questions: whatever provider stands behind it, money moves once, a lost
// answer can be found again, and a report is believed only if it is signed.
package gatewaytest

import (
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"portico/modules/billing/gateway"
	"portico/platform/id"
)

// Subject is a gateway with a payer in front of it.
type Subject struct {
	gateway.Gateway
	Firm uuid.UUID
	// Kind is what is paid with; Card when empty.
	Kind gateway.Kind
	// Pay has the payer pay on the provider's page, well.
	Pay func(t *testing.T, c gateway.Charge)
	// Save has the payer enter a method there.
	Save func(t *testing.T, s gateway.Setup)
	// Report is a report about a charge as the provider would send it, signed with a secret.
	Report func(t *testing.T, secret, ref string, at time.Time) (gateway.Header, []byte)
	// Secrets are the two that count: the one in use, and the one before.
	Secrets [2]string

	NoRefunds bool // the provider gives nothing back: it says so, and does nothing
	NoSaving  bool // it keeps no methods: it says so
	NoKeys    bool // it does not refuse a key that is used for something else
	NoTimes   bool // its reports carry no time
}

// Order is a charge of a new invoice.
func (s Subject) Order(change ...func(*gateway.Order)) gateway.Order {
	o := gateway.Order{
		Key: id.New(), Firm: s.Firm, Invoice: id.New(), Kind: gateway.Card, Amount: 12345, Currency: "USD",
		Description: "Invoice INV-1042", Email: "ana@example.com", Name: "Ana Rivera", Return: "http://portal.test/portal/all/billing/batches/1",
	}
	if s.Kind != "" {
		o.Kind = s.Kind
	}
	for _, c := range change {
		c(&o)
	}
	return o
}

// Run asks.
func Run(t *testing.T, open func(t *testing.T) Subject) {
	for name, ask := range map[string]func(*testing.T, Subject){
		"a key is one charge":                       onceAKey,
		"a key with another amount is refused":      sameKeyOtherAmount,
		"a lost answer is found by its key":         foundByKey,
		"what was paid stays paid":                  paid,
		"canceled or paid, never both":              cancelRace,
		"money is given back once a key":            refundedOnce,
		"no more is given back than was paid":       refundedTooMuch,
		"a method is kept, charged and forgotten":   kept,
		"the list has what was made":                listed,
		"a report is believed only if it is signed": reported,
	} {
		t.Run(name, func(t *testing.T) { ask(t, open(t)) })
	}
}

func must[T any](t *testing.T) func(v T, err error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func onceAKey(t *testing.T, s Subject) {
	o := s.Order()
	first := must[gateway.Charge](t)(s.Create(t.Context(), o))
	if first.Status != gateway.NeedsAction || first.URL == "" || first.Key != o.Key || first.Firm != o.Firm || first.Invoice != o.Invoice ||
		first.Amount != o.Amount || first.Currency != o.Currency || first.Kind != o.Kind || first.ID == "" {
		t.Fatalf("%+v", first)
	}
	again := must[gateway.Charge](t)(s.Create(t.Context(), o))
	if again.ID != first.ID || again.URL != first.URL {
		t.Errorf("the same key made %s and %s", first.ID, again.ID)
	}
	if other := must[gateway.Charge](t)(s.Create(t.Context(), s.Order())); other.ID == first.ID {
		t.Error("two keys made one charge")
	}
}

func sameKeyOtherAmount(t *testing.T, s Subject) {
	if s.NoKeys {
		t.Skip("this provider does not look")
	}
	o := s.Order()
	must[gateway.Charge](t)(s.Create(t.Context(), o))
	o.Amount++
	_, err := s.Create(t.Context(), o)
	if said, ok := gateway.Definite(err); !ok || said.Code != "request" {
		t.Errorf("said %v", err)
	}
}

func foundByKey(t *testing.T, s Subject) {
	if _, err := s.FindByKey(t.Context(), id.New()); !errors.Is(err, gateway.ErrUnknown) {
		t.Errorf("a key that nobody used: %v", err)
	}
	if _, err := s.Find(t.Context(), "ch_nobody"); !errors.Is(err, gateway.ErrUnknown) {
		t.Errorf("an id that nobody has: %v", err)
	}
	o := s.Order()
	made := must[gateway.Charge](t)(s.Create(t.Context(), o))
	found := must[gateway.Charge](t)(s.FindByKey(t.Context(), o.Key))
	if found.ID != made.ID || found.Key != o.Key || found.Firm != o.Firm || found.Invoice != o.Invoice || found.Amount != o.Amount {
		t.Errorf("made %+v, found %+v", made, found)
	}
}

func paid(t *testing.T, s Subject) {
	o := s.Order()
	made := must[gateway.Charge](t)(s.Create(t.Context(), o))
	s.Pay(t, made)
	is := must[gateway.Charge](t)(s.Find(t.Context(), made.ID))
	if is.Status != gateway.Succeeded || is.Amount != o.Amount || is.Method.Last4 == "" && o.Kind == gateway.Card || is.URL != "" {
		t.Fatalf("%+v", is)
	}
	if after := must[gateway.Charge](t)(s.Cancel(t.Context(), made.ID)); after.Status != gateway.Succeeded {
		t.Errorf("canceled after it was paid: %s", after.Status)
	}
	if again := must[gateway.Charge](t)(s.Create(t.Context(), o)); again.ID != made.ID || again.Status != gateway.Succeeded {
		t.Errorf("the key asked again: %+v", again)
	}
}

func cancelRace(t *testing.T, s Subject) {
	made := must[gateway.Charge](t)(s.Create(t.Context(), s.Order()))
	canceled := must[gateway.Charge](t)(s.Cancel(t.Context(), made.ID))
	if canceled.Status != gateway.Canceled {
		t.Fatalf("canceled: %s", canceled.Status)
	}
	if again := must[gateway.Charge](t)(s.Cancel(t.Context(), made.ID)); again.Status != gateway.Canceled {
		t.Errorf("canceled twice: %s", again.Status)
	}
	made = must[gateway.Charge](t)(s.Create(t.Context(), s.Order()))
	var both sync.WaitGroup
	said := make([]gateway.Charge, 2)
	both.Go(func() { said[0], _ = s.Cancel(t.Context(), made.ID) })
	both.Go(func() { said[1], _ = s.Cancel(t.Context(), made.ID) })
	both.Wait()
	if is := must[gateway.Charge](t)(s.Find(t.Context(), made.ID)); is.Status != gateway.Canceled {
		t.Errorf("canceled by two: %s (they heard %s and %s)", is.Status, said[0].Status, said[1].Status)
	}
}

func refundedOnce(t *testing.T, s Subject) {
	c := s.paidCharge(t)
	o := gateway.RefundOrder{Key: id.New(), Charge: c.ID, Amount: 5000, Reason: "came broken"}
	first, err := s.Refund(t.Context(), o)
	if s.NoRefunds {
		if said, ok := gateway.Definite(err); !ok || said.Code != "unsupported" {
			t.Errorf("said %v", err)
		}
		return
	}
	must[gateway.Refund](t)(first, err)
	again := must[gateway.Refund](t)(s.Refund(t.Context(), o))
	if first.ID == "" || first.ID != again.ID || first.Amount != o.Amount || first.Key != o.Key || first.Charge != c.ID {
		t.Errorf("%+v, %+v", first, again)
	}
	if is := must[gateway.Charge](t)(s.Find(t.Context(), c.ID)); is.Refunded != o.Amount {
		t.Errorf("given back: %d", is.Refunded)
	}
	byID := must[gateway.Refund](t)(s.FindRefund(t.Context(), first.ID, uuid.Nil))
	byKey := must[gateway.Refund](t)(s.FindRefund(t.Context(), "", o.Key))
	if byID.ID != first.ID || byKey.ID != first.ID {
		t.Errorf("found %+v and %+v", byID, byKey)
	}
	if _, err := s.FindRefund(t.Context(), "", id.New()); !errors.Is(err, gateway.ErrUnknown) {
		t.Errorf("a refund's key that nobody used: %v", err)
	}
}

func refundedTooMuch(t *testing.T, s Subject) {
	if s.NoRefunds {
		t.Skip("this provider gives nothing back")
	}
	c := s.paidCharge(t)
	_, err := s.Refund(t.Context(), gateway.RefundOrder{Key: id.New(), Charge: c.ID, Amount: c.Amount + 1})
	if _, ok := gateway.Definite(err); !ok {
		t.Errorf("said %v", err)
	}
}

func (s Subject) paidCharge(t *testing.T) gateway.Charge {
	t.Helper()
	c := must[gateway.Charge](t)(s.Create(t.Context(), s.Order()))
	s.Pay(t, c)
	return c
}

func kept(t *testing.T, s Subject) {
	o := gateway.SaveOrder{Key: id.New(), Kind: gateway.Card, Name: "Ana Rivera", Email: "ana@example.com", Return: "http://portal.test/profile"}
	if s.Kind != "" {
		o.Kind = s.Kind
	}
	began, err := s.Gateway.Save(t.Context(), o)
	if s.NoSaving {
		if said, ok := gateway.Definite(err); !ok || said.Code != "unsupported" {
			t.Errorf("said %v", err)
		}
		return
	}
	must[gateway.Setup](t)(began, err)
	if again := must[gateway.Setup](t)(s.Gateway.Save(t.Context(), o)); again.ID != began.ID {
		t.Errorf("the same key began %s and %s", began.ID, again.ID)
	}
	if began.Status != gateway.NeedsAction || began.URL == "" {
		t.Fatalf("%+v", began)
	}
	s.Save(t, began)
	done := must[gateway.Setup](t)(s.FindSetup(t.Context(), began.ID))
	if done.Status != gateway.Succeeded || done.Method.Token == "" || done.Method.Customer == "" || done.Method.Last4 == "" || done.Key != o.Key {
		t.Fatalf("%+v", done)
	}
	order := s.Order(func(o *gateway.Order) {
		o.Method, o.Customer, o.OffSession = done.Method.Token, done.Method.Customer, true
	})
	if c := must[gateway.Charge](t)(s.Create(t.Context(), order)); c.Status != gateway.Succeeded {
		t.Errorf("charged: %+v", c)
	}
	for range 2 {
		if err := s.Forget(t.Context(), done.Method.Token); err != nil {
			t.Error(err)
		}
	}
	order.Key = id.New()
	if c, err := s.Create(t.Context(), order); err == nil && c.Status == gateway.Succeeded {
		t.Error("a forgotten method was charged")
	}
}

func listed(t *testing.T, s Subject) {
	made := must[gateway.Charge](t)(s.Create(t.Context(), s.Order()))
	s.Pay(t, made)
	from := made.Made.Add(-time.Minute)
	found := 0
	for _, c := range must[[]gateway.Charge](t)(s.List(t.Context(), from)) {
		if c.ID == made.ID {
			found++
			if c.Status != gateway.Succeeded || c.Key != made.Key || c.Amount != made.Amount {
				t.Errorf("%+v", c)
			}
		}
	}
	if found != 1 {
		t.Errorf("it is in the list %d times", found)
	}
	if later := must[[]gateway.Charge](t)(s.List(t.Context(), made.Made.Add(50*time.Hour))); len(later) != 0 {
		t.Errorf("what was made two days later: %d", len(later))
	}
}

func reported(t *testing.T, s Subject) {
	made := must[gateway.Charge](t)(s.Create(t.Context(), s.Order()))
	now := made.Made
	for i, secret := range s.Secrets {
		header, body := s.Report(t, secret, made.ID, now)
		e, err := s.Verify(header, body, now)
		if err != nil || e.ID == "" || e.Type == "" || e.Object != gateway.AboutCharge || e.Ref != made.ID {
			t.Errorf("secret %d: %+v, %v", i, e, err)
		}
		damaged := append([]byte(nil), body...)
		damaged[len(damaged)/2] ^= 1
		s.refuses(t, "a changed report", header, damaged, now)
		s.refuses(t, "an unsigned report", gateway.Header{}, body, now)
		if !s.NoTimes {
			s.refuses(t, "a stale report", header, body, now.Add(time.Hour))
		}
	}
	header, body := s.Report(t, "somebody else's", made.ID, now)
	s.refuses(t, "a forged report", header, body, now)
	s.refuses(t, "rubbish", header, []byte("{"), now)
}

func (s Subject) refuses(t *testing.T, what string, header gateway.Header, body []byte, now time.Time) {
	t.Helper()
	if e, err := s.Verify(header, body, now); err == nil {
		t.Errorf("%s is believed: %+v", what, e)
	} else if said, ok := gateway.Definite(err); !ok || said.Code != "signature" {
		t.Errorf("%s: %v", what, err)
	}
}
