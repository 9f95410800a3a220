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

// TestReportsInAnyOrder gives every order of four reports, and the same four once more, in the same order and in another:
// the end is the same, with one payment.
func TestReportsInAnyOrder(t *testing.T) {
	s := openTill(t)
	dispute := func(status string) *gateway.Dispute {
		return &gateway.Dispute{ID: "dp_1", Status: status, Amount: 10_000}
	}
	for name, c := range map[string]struct {
		reports        []gateway.Charge
		status         Status
		state          State
		paid, clearing int64
	}{
		"a debit that is taken back": {[]gateway.Charge{
			{Status: gateway.NeedsAction, URL: "https://pay.test/1"}, {Status: gateway.Pending}, {Status: gateway.Succeeded, Fee: 80},
			{Status: gateway.Succeeded, Returned: true, Fee: 80},
		}, Returned, Open, 0, -80},
		"a dispute that is won": {[]gateway.Charge{
			{Status: gateway.NeedsAction, URL: "https://pay.test/1"}, {Status: gateway.Succeeded, Fee: 320},
			{Status: gateway.Succeeded, Fee: 320, Dispute: dispute("open")}, {Status: gateway.Succeeded, Fee: 320, Dispute: dispute("won")},
		}, Succeeded, Paid, 10_000, 9_680},
		"a dispute that is lost": {[]gateway.Charge{
			{Status: gateway.Pending}, {Status: gateway.Succeeded},
			{Status: gateway.Succeeded, Dispute: dispute("open")}, {Status: gateway.Succeeded, Dispute: dispute("lost")},
		}, Disputed, Open, 0, 0},
		"a debit that fails": {[]gateway.Charge{
			{Status: gateway.NeedsAction}, {Status: gateway.Pending}, {Status: gateway.Failed}, {Status: gateway.Failed},
		}, Failed, Open, 0, 0},
	} {
		orders := permutations(c.reports)
		err := s.in(func(ctx context.Context, tx bun.Tx) error {
			a := s.waiting(ctx, tx)
			for n, first := range orders {
				for _, second := range [][]gateway.Charge{first, orders[(7*n+5)%len(orders)]} {
					_, err := tx.ExecContext(ctx, "savepoint waiting")
					s.must(err)
					s.anyOrder(ctx, tx, name, a, slices.Concat(first, second), c.status, c.state, c.paid, c.clearing)
					_, err = tx.ExecContext(ctx, "rollback to waiting")
					s.must(err)
				}
			}
			return errBack
		})
		if !errors.Is(err, errBack) {
			t.Fatal(err)
		}
	}
}

// waiting is a payment of a fresh invoice of which nothing is heard yet.
func (s *till) waiting(ctx context.Context, tx bun.Tx) Attempt {
	s.Helper()
	line := Line{Position: 1, Text: "Work", Quantity: 1000, Price: 10_000}
	line.work()
	invoice, err := addDraft(ctx, tx, s.v, s.project, draftForm{Title: "Work"}, []Line{line})
	s.must(err)
	s.must(setApproved(ctx, tx, s.v, Invoice{ID: invoice, Version: 1}, true))
	on, err := s.e.todayOf(ctx, tx, s.v)
	s.must(err)
	_, err = release(ctx, tx, s.v, []tick{{invoice, 2}}, on)
	s.must(err)
	_, err = tx.NewRaw("update billing.invoice set pay_card = true where firm_id = ? and id = ?", s.v.FirmID(), invoice).Exec(ctx)
	s.must(err)
	batch, err := startBatch(ctx, tx, s.v, s.basket(10_000, invoice))
	s.must(err)
	return batch.Attempts[0]
}

func (s *till) anyOrder(ctx context.Context, tx bun.Tx, name string, a Attempt, reports []gateway.Charge, status Status, state State, paid, clearing int64) {
	s.Helper()
	for _, c := range reports {
		c.ID, c.Key, c.Firm, c.Invoice, c.Amount, c.Currency = "ch_1", a.ID, s.v.FirmID(), a.InvoiceID, 10_000, "USD"
		s.must(s.e.apply(ctx, tx, s.v, a.ID, c))
	}
	a, err := attemptByID(ctx, tx, s.v, a.ID)
	s.must(err)
	i, err := invoiceByID(ctx, tx, s.v, a.InvoiceID)
	s.must(err)
	var payments int
	var cleared int64
	s.must(tx.NewRaw("select count(*) from billing.payment where firm_id = ? and form_key = ?", s.v.FirmID(), a.ID).Scan(ctx, &payments))
	s.must(tx.NewRaw("select coalesce(sum(amount), 0) from billing.entry where firm_id = ? and account = 'clearing'", s.v.FirmID()).Scan(ctx, &cleared))
	want := 1
	if status == Failed {
		want = 0
	}
	if a.Status != status || i.State != state || i.Paid != paid || i.Reserved != 0 || payments != want || cleared != clearing {
		s.Fatalf("%s: %v: the attempt is %s, the invoice %s with %d paid and %d reserved, %d payments, %d cleared", name, reports, a.Status, i.State, i.Paid, i.Reserved, payments, cleared)
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

func TestWhatIsPaidTooMuchStaysOnAccount(t *testing.T) {
	s := openTill(t)
	invoice, later := s.bill(1_000), s.bill(595)
	if _, err := s.start(s.basket(1_595, invoice)); err == nil || !strings.Contains(err.Error(), "is owed on") {
		t.Errorf("more than is owed: %v", err)
	}
	s.write("update billing.invoice set allow_over = true where id = ?", invoice)
	attempt := s.press(s.basket(1_595, invoice))
	s.is(attempt, Created, Open, 0, 1_000)
	s.settle(attempt)
	s.is(attempt, Succeeded, Paid, 1_000, 0)
	s.must(s.in(func(ctx context.Context, tx bun.Tx) error {
		p, err := paymentByID(ctx, tx, s.v, s.attempt(attempt).PaymentID)
		if err != nil || p.Left().Minor != 595 {
			t.Errorf("left: %v %v", p.Left(), err)
		}
		i, err := invoiceByID(ctx, tx, s.v, later)
		if err != nil {
			return err
		}
		return allocate(ctx, tx, s.v, p, i, 595, i.IssuedOn)
	}))
	if i := s.invoice(later); i.State != Paid {
		t.Errorf("the next invoice is %s", i.State)
	}
	s.agrees()
}

func TestNothingElseMovesWhileItIsBeingPaid(t *testing.T) {
	s := openTill(t)
	invoice := s.bill(10_000)
	attempt := s.press(s.basket(6_000, invoice))
	i := s.invoice(invoice)
	if i.Processing() || i.Free().Minor != 4_000 {
		t.Errorf("%v free", i.Free())
	}
	err := s.in(func(ctx context.Context, tx bun.Tx) error { return void(ctx, tx, s.v, i, "wrong", i.IssuedOn) })
	if !fault.Is(err, fault.Clash) || !strings.Contains(err.Error(), "being paid online") {
		t.Errorf("void: %v", err)
	}
	maria := s.site.As("maria")
	maria.Open("/office/billing/clients/"+s.project.ClientID.String()+"/payments/new?invoice="+invoice.String()).
		Fill("Amount", "100.00").Press("Record").Has(t, 422).Sees(t, "$60.00 of it is being paid online at the moment")
	maria.Fill("Amount", "40.00").Press("Record").Has(t, 200).Sees(t, "Recorded as")
	s.settle(attempt)
	s.is(attempt, Succeeded, Paid, 10_000, 0)
}

// TestMoneyThatComesAfterANo is never lost: what fits goes on the invoice, the rest on account.
func TestMoneyThatComesAfterANo(t *testing.T) {
	s := openTill(t)
	s.write("update billing.method set token = 'pm_bad' where id = ?", s.method)
	invoice := s.bill(10_000)
	attempt := s.press(s.basket(10_000, invoice))
	s.settle(attempt)
	s.is(attempt, Failed, Open, 0, 0)
	s.write("update billing.method set token = 'pm_good' where id = ?", s.method)
	other := s.press(s.basket(7_000, invoice))
	s.d.charges[0].Status = gateway.Succeeded
	s.must(s.in(func(ctx context.Context, tx bun.Tx) error {
		return s.e.compare(ctx, tx, s.v.FirmID(), comparing{s.account})
	}))
	s.is(attempt, Succeeded, Partial, 3_000, 7_000)
	s.settle(other)
	s.is(other, Succeeded, Paid, 10_000, 0)
	if left := read[int64](s, "select unapplied from billing.total where firm_id = ? and client_id = ? and project_id is null and currency = 'USD'", s.v.FirmID(), s.project.ClientID); left < 7_000 {
		t.Errorf("%d on account", left)
	}
}
