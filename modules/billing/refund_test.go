package billing

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/modules/billing/gateway"
	"portico/platform/id"
)

func (s *till) giveBack(payment uuid.UUID, amount int64) (r Refund, err error) {
	err = s.in(func(ctx context.Context, tx bun.Tx) (err error) {
		r, err = startRefund(ctx, tx, s.v, payment, Refund{ID: id.New(), Total: amount, Reason: "Too much"}, s.site.Now())
		return err
	})
	return r, err
}

func (s *till) refunded(r Refund) {
	s.Helper()
	s.must(s.in(func(ctx context.Context, tx bun.Tx) error { return s.e.refund(ctx, tx, s.v.FirmID(), refunding{r.ID}) }))
}

// bought is an invoice that was paid with a card.
func (s *till) bought(total int64) (attempt, payment uuid.UUID) {
	s.Helper()
	attempt = s.press(s.basket(total, s.bill(total)))
	s.settle(attempt)
	return attempt, s.attempt(attempt).PaymentID
}

func TestRefunds(t *testing.T) {
	s := openTill(t)
	attempt, payment := s.bought(10_000)
	part, err := s.giveBack(payment, 4_000)
	s.must(err)
	if _, err := s.giveBack(payment, 6_001); err == nil {
		t.Error("more is given back than came in")
	}
	s.d.after = []error{errLost}
	s.refunded(part)
	s.refunded(part)
	s.is(attempt, PartBack, Partial, 6_000, 0)
	rest, err := s.giveBack(payment, 6_000)
	s.must(err)
	s.refunded(rest)
	s.is(attempt, Refunded, Open, 0, 0)
	if _, err := s.giveBack(payment, 1); err == nil {
		t.Error("more is given back than came in")
	}
	if len(s.d.refunds) != 2 || s.d.charges[0].Refunded != 10_000 {
		t.Errorf("%d refunds over %d at the provider", len(s.d.refunds), s.d.charges[0].Refunded)
	}
	if told := s.told(); !slices.Equal(told, []string{"paid", "refunded", "refunded"}) {
		t.Errorf("told: %v", told)
	}
	// the bank does not take it: it is on account again
	s.d.refunds[1].Status = gateway.Failed
	s.must(s.in(func(ctx context.Context, tx bun.Tx) error {
		return s.e.lookUp(ctx, tx, s.v, s.d, s.account, gateway.AboutRefund, s.d.refunds[1].ID)
	}))
	s.is(attempt, PartBack, Open, 0, 0)
}

func TestTenRefundsAtOnce(t *testing.T) {
	s := openTill(t)
	_, payment := s.bought(10_000)
	var all sync.WaitGroup
	var mu sync.Mutex
	done := 0
	for range 10 {
		all.Go(func() {
			if _, err := s.giveBack(payment, 3_000); err == nil {
				mu.Lock()
				done++
				mu.Unlock()
			}
		})
	}
	all.Wait()
	if done != 3 {
		t.Errorf("%d refunds of 3,000 out of 10,000", done)
	}
}

// TestMoneyOnAccountIsGivenBackFirst, and money that came by check is given back by hand.
func TestMoneyOnAccountIsGivenBackFirst(t *testing.T) {
	s := openTill(t)
	invoice := s.bill(1_000)
	s.write("update billing.invoice set allow_over = true where id = ?", invoice)
	attempt := s.press(s.basket(3_000, invoice))
	s.settle(attempt)
	r, err := s.giveBack(s.attempt(attempt).PaymentID, 2_000)
	s.must(err)
	s.refunded(r)
	s.is(attempt, PartBack, Paid, 1_000, 0)

	var check Payment
	s.must(s.in(func(ctx context.Context, tx bun.Tx) (err error) {
		check, _, err = addPayment(ctx, tx, s.v, Payment{ClientID: s.project.ClientID, Method: Check, Currency: "USD", Total: 500, ReceivedOn: day0(s)}, id.New())
		return err
	}))
	back, err := s.giveBack(check.ID, 200)
	s.must(err)
	if back.Status != Succeeded {
		t.Errorf("it is %s", back.Status)
	}
	s.agrees()
}

func TestADisputeFreezesRefunds(t *testing.T) {
	s := openTill(t)
	for _, end := range []string{"won", "lost"} {
		attempt, payment := s.bought(10_000)
		c := s.d.charges[len(s.d.charges)-1]
		c.Dispute = &gateway.Dispute{ID: "dp_" + end, Status: "open", Amount: 10_000, Reason: "fraudulent", AnswerBy: time.Now().Add(time.Hour)}
		s.settle(attempt)
		s.is(attempt, Disputed, Paid, 10_000, 0)
		if _, err := s.giveBack(payment, 1); err == nil || !strings.Contains(err.Error(), "disputes") {
			t.Errorf("refund during a dispute: %v", err)
		}
		c.Dispute = &gateway.Dispute{ID: "dp_" + end, Status: end, Amount: 10_000}
		s.settle(attempt)
		if end == "won" {
			s.is(attempt, Succeeded, Paid, 10_000, 0)
		} else {
			s.is(attempt, Disputed, Open, 0, 0)
		}
	}
	if left := read[int64](s, "select coalesce(sum(amount), 0) from billing.entry where firm_id = ? and account = 'disputes'", s.v.FirmID()); left != 0 {
		t.Errorf("%d stays disputed", left)
	}
	if told := s.told(); !slices.Equal(told, []string{"paid", "disputed", "won", "paid", "disputed", "lost"}) {
		t.Errorf("told: %v", told)
	}
}

// TestMoneyThatWasNotMovedHere is listed, and put on nothing.
func TestMoneyThatWasNotMovedHere(t *testing.T) {
	s := openTill(t)
	attempt, _ := s.bought(10_000)
	s.d.charges[0].Refunded = 2_500
	s.d.charges = append(s.d.charges,
		&gateway.Charge{ID: "ch_desk", Status: gateway.Succeeded, Kind: gateway.Card, Amount: 700, Currency: "USD"},
		&gateway.Charge{ID: "ch_tried", Status: gateway.Failed, Kind: gateway.Card, Amount: 700, Currency: "USD"},
		&gateway.Charge{ID: "ch_orphan", Key: id.New(), Firm: s.v.FirmID(), Status: gateway.Succeeded, Kind: gateway.Card, Amount: 900, Currency: "USD"})
	for range 2 {
		s.must(s.in(func(ctx context.Context, tx bun.Tx) error {
			return s.e.compare(ctx, tx, s.v.FirmID(), comparing{s.account})
		}))
	}
	s.is(attempt, Succeeded, Paid, 10_000, 0)
	for what, amount := range map[string]int64{"charge": 700, "refund": 2_500, "orphan": 900} {
		if n := read[int](s, "select count(*) from billing.stray where what = ? and amount = ?", what, amount); n != 1 {
			t.Errorf("%s: listed %d times", what, n)
		}
	}
}

// TestSeveralWithANewMethod: it is entered once; then each invoice is charged on its own, and forgets nothing but the method.
func TestSeveralWithANewMethod(t *testing.T) {
	s := openTill(t)
	b := s.basket(1_000, s.bill(1_000), s.bill(1_000), s.bill(1_000))
	b.MethodID = uuid.Nil
	batch, err := s.start(b)
	s.must(err)
	setup := func() {
		s.must(s.in(func(ctx context.Context, tx bun.Tx) error { return s.e.setup(ctx, tx, s.v.FirmID(), settingUp{b.ID}) }))
	}
	setup()
	s.must(s.in(func(ctx context.Context, tx bun.Tx) error {
		batch, err = batchByID(ctx, tx, s.v, b.ID)
		return err
	}))
	if batch.Next() == "" || batch.Settled() {
		t.Errorf("%+v", batch)
	}
	s.d.setups[0].Status, s.d.setups[0].Method = gateway.Succeeded, gateway.Method{Token: "pm_new", Customer: "cus_1", Kind: gateway.Card, Brand: "Visa", Last4: "4242"}
	s.d.methods["pm_new"] = gateway.Succeeded
	setup()
	for _, a := range batch.Attempts {
		s.settle(a.ID)
		s.is(a.ID, Succeeded, Paid, 1_000, 0)
	}
	if n := read[int](s, "select count(*) from billing.method where token = 'pm_new' and removed_at is not null"); n != 1 {
		t.Error("a method that was entered once is kept")
	}
	method := read[uuid.UUID](s, "select id from billing.method where token = 'pm_new'")
	s.must(s.in(func(ctx context.Context, tx bun.Tx) error {
		return s.e.forget(ctx, tx, s.v.FirmID(), forgetting{method})
	}))
	if !slices.Equal(s.d.forgot, []string{"pm_new"}) {
		t.Errorf("forgotten: %v", s.d.forgot)
	}

	// given up on the provider's page: nothing is paid, and all is free again
	b = s.basket(1_000, s.bill(1_000), s.bill(1_000))
	b.MethodID = uuid.Nil
	batch, err = s.start(b)
	s.must(err)
	setup()
	s.site.Clock.Advance(abandoned + time.Minute)
	setup()
	for _, a := range batch.Attempts {
		s.is(a.ID, Canceled, Open, 0, 0)
	}

	// entered there all the same, with the report lost: it is found when the provider's page is closed, and forgotten there
	late := s.d.setups[len(s.d.setups)-1]
	late.Status, late.Method = gateway.Succeeded, gateway.Method{Token: "pm_late", Customer: "cus_1", Kind: gateway.Card, Brand: "Visa", Last4: "1881"}
	look := func() []settingUp {
		s.site.Clock.Advance(26 * time.Hour)
		var due dueNow
		s.must(s.in(func(ctx context.Context, tx bun.Tx) (err error) {
			due, err = takeDue(ctx, tx, s.v, s.site.Now())
			return err
		}))
		return due.Batches
	}
	if due := look(); !slices.Contains(due, settingUp{b.ID}) {
		t.Fatalf("nobody looks once more: %v", due)
	}
	setup()
	setup()
	for _, a := range batch.Attempts {
		s.is(a.ID, Canceled, Open, 0, 0)
	}
	unwanted := read[uuid.UUID](s, "select id from billing.method where token = 'pm_late' and removed_at is not null and not kept")
	s.must(s.in(func(ctx context.Context, tx bun.Tx) error {
		return s.e.forget(ctx, tx, s.v.FirmID(), forgetting{unwanted})
	}))
	if !slices.Equal(s.d.forgot, []string{"pm_new", "pm_late"}) {
		t.Errorf("forgotten: %v", s.d.forgot)
	}
	if n := read[int](s, "select count(*) from outbox where kind = 'billing:forget' and payload->>'Method' = ?", unwanted.String()); n != 1 {
		t.Errorf("%d promises to forget it", n)
	}
	if due := look(); slices.Contains(due, settingUp{b.ID}) {
		t.Error("it is looked for for ever")
	}
}

// TestADepositThatWasGivenBackIsNotGivenTwice: neither by the provider on our word, nor unseen when the bank takes it.
func TestADepositThatWasGivenBackIsNotGivenTwice(t *testing.T) {
	s := openTill(t)
	attempt, payment := s.bought(10_000)
	s.write("update billing.invoice set kind = 'deposit', used = 4000 where id = ?", s.attempt(attempt).InvoiceID)
	if _, err := s.giveBack(payment, 8_000); !errors.Is(err, errGivenBack) {
		t.Errorf("8,000 of 6,000 are asked for: %v", err)
	}
	if n := len(s.d.refunds); n != 0 {
		t.Errorf("the provider was asked for %d refunds", n)
	}
	_, err := s.giveBack(payment, 5_000)
	s.must(err)
	use := func(amount int64) error {
		return s.in(func(ctx context.Context, tx bun.Tx) error {
			return useDeposit(ctx, tx, s.v, s.attempt(attempt).InvoiceID, amount)
		})
	}
	if err := use(1_001); err == nil {
		t.Error("what is on its way back was used")
	}
	s.must(use(1_000))

	s.d.charges[0].Returned = true
	s.settle(attempt)
	s.settle(attempt)
	if a := s.attempt(attempt); a.Status != Succeeded || a.Review == "" {
		t.Errorf("the bank's return: %s %q", a.Status, a.Review)
	}
	if told := s.told(); !slices.Equal(told, []string{"paid", "returned"}) {
		t.Errorf("told: %v", told)
	}
	maria := s.site.As("maria")
	maria.Open("/office/billing/unsettled").Sees(t, "given back already").Press("I have seen to it").SeesNot(t, "given back already")
}
