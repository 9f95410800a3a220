package billing

import (
	"context"
	"testing"

	"github.com/uptrace/bun"

	"portico/modules/billing/gateway"
)

// TestMoneyThatGoesTwiceIsForAPerson: a refund is under way when the payer objects at the bank, and both take the money.
// The books hold what can be true of one payment; what is beyond that a person hears of, and nothing is tried for ever.
func TestMoneyThatGoesTwiceIsForAPerson(t *testing.T) {
	for _, order := range []string{"refund first", "dispute first"} {
		t.Run(order, func(t *testing.T) {
			s := openTill(t)
			attempt, payment := s.bought(10_000)
			back, err := s.giveBack(payment, 4_000)
			s.must(err)
			says := func(status string) {
				s.d.charges[0].Dispute = &gateway.Dispute{ID: "dp_1", Status: status, Amount: 10_000, Reason: "fraudulent"}
				s.settle(attempt)
				s.settle(attempt)
			}
			says("open")
			if order == "refund first" {
				s.refunded(back)
				says("lost")
				s.is(attempt, Disputed, Partial, 6_000, 0)
				if a := s.attempt(attempt); a.Review == "" {
					t.Error("nobody hears of it")
				}
				return
			}
			says("lost")
			s.refunded(back)
			s.refunded(back)
			if i := s.invoice(s.attempt(attempt).InvoiceID); i.Paid != 0 || i.State != Open {
				t.Errorf("%s with %d paid", i.State, i.Paid)
			}
			if status := read[Status](s, "select status from billing.refund where id = ?", back.ID); status != NeedsReview {
				t.Errorf("the refund is %s", status)
			}
			s.must(s.in(func(ctx context.Context, tx bun.Tx) error {
				broken, err := invariants(ctx, tx, s.v.FirmID(), true)
				for _, b := range broken { // that more went than came is true, and the alarm rings for it
					if b.Name != "nobody has to say what became of an online payment" && b.Name != "no more went back than came in, and the payment says how much" {
						t.Errorf("the books break: %v", b)
					}
				}
				return err
			}))
		})
	}
}
