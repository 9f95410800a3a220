package billing

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"sync"
	"testing"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/modules/billing/gateway"
	"portico/platform/fault"
	"portico/platform/lang"
)

// unclearRefund is a refund of which the provider has not said the end for days; it heard of it all the same.
func (s *till) unclearRefund(payment uuid.UUID, amount int64) Refund {
	s.Helper()
	r, err := s.giveBack(payment, amount)
	s.must(err)
	s.write("update outbox set done_at = now() where kind = 'billing:refund' and done_at is null")
	s.write("update billing.refund set status = 'needs_review', tries = 5, sent_at = now() where id = ?", r.ID)
	s.must(s.in(func(ctx context.Context, tx bun.Tx) error { return sound(ctx, tx, s.v) }))
	return r
}

// didIt has the provider give the money back, whatever Portico knows of it, and says how.
func (s *till) didIt(r Refund, attempt uuid.UUID) gateway.Refund {
	s.Helper()
	is, err := s.d.Refund(s.Context(), gateway.RefundOrder{Key: r.ID, Charge: s.attempt(attempt).GatewayID, Amount: r.Total})
	s.must(err)
	return is
}

func (s *till) reports(is gateway.Refund) {
	s.Helper()
	s.must(s.in(func(ctx context.Context, tx bun.Tx) error {
		return s.e.lookUp(ctx, tx, s.v, s.d, s.account, gateway.AboutRefund, is.ID)
	}))
}

func (s *till) end(r Refund, end RefundEnd) error {
	return s.in(func(ctx context.Context, tx bun.Tx) error {
		_, err := s.e.endRefund(ctx, tx, s.v, r.ID, end)
		return err
	})
}

func (s *till) cash() int64 {
	return read[int64](s, `select coalesce(sum(e.amount), 0)::bigint from billing.entry e
		join billing.journal j on j.firm_id = e.firm_id and j.id = e.journal_id
		where e.account = 'cash' and j.kind = 'refund_elsewhere'`)
}

func byCheck(s *till) RefundEnd {
	return RefundEnd{Ended: elsewhere, PaidMethod: Check, PaidReference: "1042", PaidOn: day0(s)}
}

func TestStaffSayHowARefundEnds(t *testing.T) {
	s := openTill(t)
	attempt, payment := s.bought(10_000)
	at := "/office/billing/payments/" + payment.String()
	r := s.unclearRefund(payment, 4_000)
	maria := s.site.As("maria")
	if a := s.site.As("ben").Get("/office/billing/unsettled/refunds/" + r.ID.String()); a.Status != 404 {
		t.Errorf("a member sees it: %d", a.Status)
	}
	maria.Open(at).Sees(t, "Needs a look", "Billing: a payment needs you.").Follow("Settle")
	maria.Sees(t, "Ask the provider again", "Check number or the text of the transfer", "Nothing goes back")
	maria.Fill("Paid on", "2099-01-01").Press("Note that it was paid back").Has(t, 422).Sees(t, "This day is still to come")
	maria.Fill("Paid on", day0(s).String()).Fill("Reference", "1042").Press("Note that it was paid back").Has(t, 200)
	maria.Sees(t, "Paid back another way", "Check, ", "1042", "Partly refunded").SeesNot(t, "Settle", "needs you")
	maria.Open("/office/billing/unsettled").Sees(t, "All is settled")
	s.is(attempt, PartBack, Partial, 6_000, 0)
	if n := s.cash(); n != -4_000 {
		t.Errorf("%d left the till", n)
	}
	if n := read[int](s, "select count(*) from activity where verb = 'billing.refund_ended'"); n != 1 {
		t.Errorf("%d entries in the activity", n)
	}
	if told := s.told(); !slices.Equal(told, []string{"paid", "refunded"}) {
		t.Errorf("told: %v", told)
	}
	s.must(s.in(func(ctx context.Context, tx bun.Tx) error {
		is, err := refundByID(ctx, tx, s.v, r.ID)
		if words := is.arrives(lang.English.Say); words != "It was sent by check on "+lang.English.Day(day0(s))+". Reference: 1042." {
			t.Errorf("the mail says: %q", words)
		}
		return err
	}))

	// the bank refuses one: it is given up, and the money may go back by another refund
	no, err := s.giveBack(payment, 2_000)
	s.must(err)
	s.d.before = []error{&gateway.Error{Code: "charge_expired", Text: "This card cannot take money back."}}
	s.refunded(no)
	maria.Open("/office/billing/unsettled").Sees(t, "cannot take money back").SeesNot(t, "Look again").Follow("Settle")
	maria.SeesNot(t, "Ask the provider again").Press("Give the refund up").Has(t, 422).Sees(t, "Say why")
	maria.Fill("Reason", "She keeps it as a credit").Press("Give the refund up").Has(t, 200).Sees(t, "Given up", "She keeps it as a credit")
	s.is(attempt, PartBack, Partial, 6_000, 0)
	form := url.Values{"do": {"given_up"}, "reason": {"Again"}}
	if a := maria.Post("/office/billing/unsettled/refunds/"+no.ID.String(), form); a.Status != 303 {
		t.Errorf("pressed twice: %d", a.Status)
	}
	if _, err := s.giveBack(payment, 6_000); err != nil {
		t.Error(err)
	}
}

// TestALateRefundIsNotBookedTwice: the provider gives back what a person has ended; it is listed once, however it is heard of.
func TestALateRefundIsNotBookedTwice(t *testing.T) {
	for name, end := range map[string]RefundEnd{"paid by check": {Ended: elsewhere}, "given up": {Ended: givenUp, EndedNote: "The provider is silent"}} {
		t.Run(name, func(t *testing.T) {
			s := openTill(t)
			attempt, payment := s.bought(10_000)
			r := s.unclearRefund(payment, 4_000)
			paid := int64(10_000)
			status, state := Succeeded, Paid
			if end.Ended == elsewhere {
				end, paid, status, state = byCheck(s), 6_000, PartBack, Partial
			}
			s.must(s.end(r, end))
			s.refunded(r) // a job that was promised before: nothing is sent any more
			if len(s.d.refunds) != 0 {
				t.Fatal("it was sent to the provider after all")
			}
			is := s.didIt(r, attempt)
			for range 2 {
				s.reports(is)
				s.settle(attempt)
				s.work()
			}
			s.is(attempt, status, state, paid, 0)
			if n := read[int64](s, "select sum(amount)::bigint from billing.stray where what = 'refund' and settled_at is null"); n != 4_000 {
				t.Errorf("%d is listed", n)
			}
			maria := s.site.As("maria")
			maria.Open("/office/billing/unsettled").Sees(t, "made at the provider", "needs you").Follow("$40.00").Press("Write it into the books").Has(t, 200)
			s.is(attempt, PartBack, Partial, paid-4_000, 0)
			s.settle(attempt)
			maria.Open("/office/billing/unsettled").Sees(t, "All is settled")

			// and so does the next one, of the same payment
			next := s.unclearRefund(payment, 1_000)
			s.must(s.end(next, RefundEnd{Ended: givenUp, EndedNote: "Again"}))
			s.reports(s.didIt(next, attempt))
			s.work()
			maria.Open("/office/billing/unsettled").Sees(t, "$10.00", "made at the provider")
		})
	}
}

// TestTwoWhoEndARefundAtOnce: it ends one way, and money leaves once.
func TestTwoWhoEndARefundAtOnce(t *testing.T) {
	s := openTill(t)
	attempt, payment := s.bought(10_000)
	r := s.unclearRefund(payment, 4_000)
	var all sync.WaitGroup
	var mu sync.Mutex
	var late, done int
	for n := range 8 {
		all.Go(func() {
			end := byCheck(s)
			if n%2 == 1 {
				end = RefundEnd{Ended: givenUp, EndedNote: "No"}
			}
			err := s.end(r, end)
			mu.Lock()
			defer mu.Unlock()
			switch {
			case err == nil:
				done++
			case errors.Is(err, errRefundSettled):
				late++
			default:
				t.Error(err)
			}
		})
	}
	all.Wait()
	if done != 1 || late != 7 {
		t.Errorf("%d ended it, %d were late", done, late)
	}
	if n := s.cash(); n != 0 && n != -4_000 {
		t.Errorf("%d left the till", n)
	}
	if a := s.attempt(attempt); a.Status != PartBack && a.Status != Succeeded {
		t.Errorf("it is %s", a.Status)
	}
	s.agrees()
}

// TestTheProviderReportsWhileStaffPress: whoever comes first is in the books, and the other is not.
func TestTheProviderReportsWhileStaffPress(t *testing.T) {
	for _, first := range []string{"provider", "staff"} {
		t.Run(first, func(t *testing.T) {
			s := openTill(t)
			attempt, payment := s.bought(10_000)
			r := s.unclearRefund(payment, 4_000)
			is := s.didIt(r, attempt)
			report := func(ctx context.Context, tx bun.Tx) error { return s.e.applyRefund(ctx, tx, s.v, r.ID, is) }
			press := func(ctx context.Context, tx bun.Tx) error {
				_, err := s.e.endRefund(ctx, tx, s.v, r.ID, byCheck(s))
				return err
			}
			if first == "provider" {
				s.behind(report, func() {
					if err := s.in(press); !fault.Is(err, fault.Clash) {
						t.Errorf("staff hear: %v", err)
					}
				})
			} else {
				s.behind(press, func() { s.must(s.in(report)) })
			}
			s.work()
			s.is(attempt, PartBack, Partial, 6_000, 0)
			strays := map[string]int{"provider": 0, "staff": 1}[first]
			if n := read[int](s, "select count(*) from billing.stray where settled_at is null"); n != strays {
				t.Errorf("%d are listed", n)
			}
		})
	}
}

// TestMoneyThatIsGoneIsNotPaidBackAgain: after a lost dispute a refund can only be given up, and during one not be paid.
func TestMoneyThatIsGoneIsNotPaidBackAgain(t *testing.T) {
	s := openTill(t)
	attempt, payment := s.bought(10_000)
	r := s.unclearRefund(payment, 4_000)
	for _, status := range []string{"open", "lost"} {
		s.d.charges[0].Dispute = &gateway.Dispute{ID: "dp", Status: status, Amount: 10_000, Reason: "fraudulent"}
		s.settle(attempt)
		s.settle(attempt)
		if err := s.end(r, byCheck(s)); !fault.Is(err, fault.Clash) {
			t.Errorf("%s: %v", status, err)
		}
		s.site.As("maria").Open("/office/billing/unsettled/refunds/"+r.ID.String()).Sees(t, "Nothing goes back").SeesNot(t, "Note that it was paid back")
	}
	s.must(s.end(r, RefundEnd{Ended: givenUp, EndedNote: "The bank took it"}))
	s.is(attempt, Disputed, Open, 0, 0)
}
