package billing

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/modules/billing/gateway"
	"portico/platform/fault"
	"portico/platform/id"
)

func TestOneOfTwoTabsPays(t *testing.T) {
	s := openTill(t)
	invoice := s.bill(10_000)
	var all sync.WaitGroup
	errs := make([]error, 8)
	for n := range errs {
		all.Go(func() { _, errs[n] = s.start(s.basket(10_000, invoice)) })
	}
	all.Wait()
	won := 0
	for _, err := range errs {
		switch {
		case err == nil:
			won++
		case !fault.Is(err, fault.Clash) || !strings.Contains(err.Error(), "is already being paid by Ana Rivera"):
			t.Errorf("the others hear: %v", err)
		}
	}
	if won != 1 {
		t.Fatalf("%d tabs pay", won)
	}
	attempt := read[uuid.UUID](s, "select id from billing.attempt where invoice_id = ?", invoice)
	s.is(attempt, Created, Open, 0, 10_000)
	if !s.invoice(invoice).Processing() {
		t.Error("it is not said to be processing")
	}
	s.settle(attempt)
	s.settle(attempt)
	s.is(attempt, Succeeded, Paid, 10_000, 0)
	if s.d.creates != 1 {
		t.Errorf("%d charges", s.d.creates)
	}
	if _, err := s.start(s.basket(10_000, invoice)); err == nil || !strings.Contains(err.Error(), "not owed any more") {
		t.Errorf("paid again: %v", err)
	}
}

func TestTheSameFormIsTheSameBatch(t *testing.T) {
	s := openTill(t)
	b := s.basket(4_000, s.bill(10_000), s.bill(5_000))
	first, err := s.start(b)
	s.must(err)
	again, err := s.start(b)
	s.must(err)
	if again.ID != first.ID || len(again.Attempts) != 2 || read[int](s, "select count(*) from billing.attempt where batch_id = ?", b.ID) != 2 {
		t.Errorf("%+v", again)
	}
	b.Items[0].Amount++
	if _, err := s.start(b); !fault.Is(err, fault.Clash) {
		t.Errorf("another payment under the same id: %v", err)
	}
}

// TestABankDebitFailsAfterDays: as long as it is on its way nothing is paid, and nobody else may pay.
func TestABankDebitFailsAfterDays(t *testing.T) {
	s := openTill(t)
	s.write("update billing.method set token = 'pm_bank', kind = 'bank' where id = ?", s.method)
	invoice := s.bill(10_000)
	b := s.basket(10_000, invoice)
	b.Kind = gateway.Bank
	attempt := s.press(b)
	s.settle(attempt)
	s.is(attempt, Pending, Open, 0, 10_000)
	for range 4 {
		s.site.Clock.Advance(24 * time.Hour)
		s.settle(attempt)
	}
	s.is(attempt, Pending, Open, 0, 10_000)
	s.d.charges[0].Status, s.d.charges[0].Failure = gateway.Failed, gateway.Failure{Code: "insufficient_funds", Text: "There is not enough money on it."}
	s.settle(attempt)
	s.is(attempt, Failed, Open, 0, 0)
	if told := s.told(); !slices.Equal(told, []string{"failed"}) {
		t.Errorf("told: %v", told)
	}
	s.write("update billing.method set token = 'pm_good', kind = 'card' where id = ?", s.method)
	again := s.press(s.basket(10_000, invoice))
	s.settle(again)
	s.is(again, Succeeded, Paid, 10_000, 0)
}

func TestAnAbandonedPageIsEndedAtTheProviderFirst(t *testing.T) {
	s := openTill(t)
	invoice := s.bill(10_000)
	b := s.basket(10_000, invoice)
	b.MethodID = uuid.Nil
	attempt := s.press(b)
	s.settle(attempt)
	s.is(attempt, NeedsAction, Open, 0, 10_000)
	if a := s.attempt(attempt); a.URL == "" {
		t.Error("the payer has nowhere to go")
	}
	s.site.Clock.Advance(abandoned + time.Minute)
	s.must(s.e.findDue(t.Context(), bun.Tx{}))
	s.settle(attempt)
	s.is(attempt, Canceled, Open, 0, 0)
	if i := s.invoice(invoice); i.Total != 10_000 { // no surcharge stays
		t.Errorf("the total is %d", i.Total)
	}
	// the payer was quicker
	b.ID = id.New()
	attempt = s.press(b)
	s.settle(attempt)
	s.d.charges[1].Status = gateway.Succeeded
	s.must(s.in(func(ctx context.Context, tx bun.Tx) error { return cancelBatch(ctx, tx, s.v, b.ID) }))
	s.settle(attempt)
	s.is(attempt, Succeeded, Paid, 10_000, 0)
}
