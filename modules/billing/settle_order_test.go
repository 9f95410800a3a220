package billing

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/uptrace/bun"

	"portico/modules/billing/gateway"
)

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
