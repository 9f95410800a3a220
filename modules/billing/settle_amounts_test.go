package billing

import (
	"context"
	"strings"
	"testing"

	"github.com/uptrace/bun"

	"portico/modules/billing/gateway"
	"portico/platform/fault"
)

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
