package billing

import (
	"context"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/day"
	"portico/platform/fault"
	"portico/platform/id"
	"portico/platform/money"
)

// check is a payment that came past the portal, on an invoice or, with uuid.Nil, on account.
func (s *till) check(total int64, invoice uuid.UUID) (payment uuid.UUID) {
	s.Helper()
	s.must(s.in(func(ctx context.Context, tx bun.Tx) error {
		p, err := s.checked(ctx, tx, total, invoice)
		payment = p.ID
		return err
	}))
	return payment
}

func (s *till) checked(ctx context.Context, tx bun.Tx, total int64, invoice uuid.UUID) (Payment, error) {
	p, _, err := addPayment(ctx, tx, s.v, Payment{ClientID: s.project.ClientID, Method: Check, Currency: "USD", Total: total, ReceivedOn: day0(s)}, id.New())
	if err != nil || invoice == uuid.Nil {
		return p, err
	}
	i, err := invoiceByID(ctx, tx, s.v, invoice)
	if err != nil {
		return p, err
	}
	return p, allocate(ctx, tx, s.v, p, i, total, day0(s))
}

// behind lets do run while the client is held: it has read what it reads before it waits. What happens meanwhile is
// committed first.
func (s *till) behind(meanwhile func(context.Context, bun.Tx) error, do func()) {
	s.Helper()
	var all sync.WaitGroup
	s.must(s.in(func(ctx context.Context, tx bun.Tx) error {
		if err := holdClient(ctx, tx, s.v, s.project.ClientID); err != nil {
			return err
		}
		all.Go(do)
		for read[int](s, "select count(*) from pg_locks where not granted") == 0 {
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(5 * time.Millisecond):
			}
		}
		return meanwhile(ctx, tx)
	}))
	all.Wait()
}

// TestAReversalKnowsWhatWentBackMeanwhile: a colleague notes a refund while the reversal waits for the client's money.
func TestAReversalKnowsWhatWentBackMeanwhile(t *testing.T) {
	s := openTill(t)
	payment := s.check(10_000, s.bill(10_000))
	maria := s.site.As("maria").For(t)
	s.behind(func(ctx context.Context, tx bun.Tx) error {
		_, err := startRefund(ctx, tx, s.v, payment, Refund{ID: id.New(), Total: 3_000, Reason: "Too much"}, s.site.Now())
		return err
	}, func() {
		if a := maria.Post("/office/billing/payments/"+payment.String()+"/reversal", url.Values{"reason": {"It bounced"}}); a.Status != 303 {
			t.Errorf("%d %s", a.Status, a.Body)
		}
	})
	s.agrees()
	if n := read[int64](s, "select coalesce(sum(e.amount), 0)::bigint from billing.entry e join billing.journal j on j.firm_id = e.firm_id and j.id = e.journal_id where e.account = 'cash' and j.source_id = ?", payment); n != 3_000 {
		t.Errorf("%d cents of it are in the till beside the 3000 that went back", n)
	}
}

// TestARefundKnowsOfAReversalMeanwhile: nothing goes back of a payment that was taken out of the books.
func TestARefundKnowsOfAReversalMeanwhile(t *testing.T) {
	s := openTill(t)
	payment := s.check(10_000, s.bill(10_000))
	s.behind(func(ctx context.Context, tx bun.Tx) error {
		p, err := paymentByID(ctx, tx, s.v, payment)
		if err != nil {
			return err
		}
		standing, err := allocationsOfPayments(ctx, tx, s.v, payment)
		if err != nil {
			return err
		}
		return reverse(ctx, tx, s.v, p, standing, "It bounced", day0(s))
	}, func() {
		if _, err := s.giveBack(payment, 3_000); !fault.Is(err, fault.Clash) {
			t.Errorf("the refund hears: %v", err)
		}
	})
	s.agrees()
}

// TestAutopayChargesWhatIsOwedWhenItCharges: a check comes in while the charge waits for the client's money. The invoice
// takes more than is owed, but nobody has said to pay more.
func TestAutopayChargesWhatIsOwedWhenItCharges(t *testing.T) {
	s := openTill(t)
	invoice := s.bill(10_000)
	s.write("update billing.invoice set allow_over = true where id = ?", invoice)
	s.write("update project set shared = true where id = ?", s.project.ID)
	s.write("insert into billing.autopay (firm_id, contact_id, client_id, method_id) values (?, ?, ?, ?)", s.v.FirmID(), s.contact, s.project.ClientID, s.method)
	s.write("insert into billing.autopay_charge (firm_id, invoice_id, contact_id, charge_on) values (?, ?, ?, ?)", s.v.FirmID(), invoice, s.contact, day0(s))
	s.behind(func(ctx context.Context, tx bun.Tx) error {
		_, err := s.checked(ctx, tx, 6_000, invoice)
		return err
	}, func() {
		s.must(s.in(func(ctx context.Context, tx bun.Tx) error {
			return wallet{s.e.Platform}.charge(ctx, tx, s.v.FirmID(), autopayDue{invoice, s.contact})
		}))
	})
	if why := read[string](s, "select dropped from billing.autopay_charge where invoice_id = ?", invoice); why != "" {
		t.Fatalf("it was given up: %s", why)
	}
	attempt := read[uuid.UUID](s, "select id from billing.attempt where invoice_id = ?", invoice)
	if total := s.attempt(attempt).Total; total != 4_000 {
		t.Errorf("%d cents are charged, and 4000 are owed", total)
	}
	s.settle(attempt)
	s.is(attempt, Succeeded, Paid, 10_000, 0)
}

// TestALineIsCreditedOfAnInvoiceThatIsOwed: a colleague makes it void while the credit waits.
func TestALineIsCreditedOfAnInvoiceThatIsOwed(t *testing.T) {
	s := openTill(t)
	invoice := s.bill(10_000)
	maria := s.site.As("maria").For(t)
	form := url.Values{"reference": {"Scratched"}, "on_day": {day0(s).String()}, "key": {id.New().String()}, "net-1": {"30"}}
	s.behind(func(ctx context.Context, tx bun.Tx) error {
		i, err := invoiceByID(ctx, tx, s.v, invoice)
		if err != nil {
			return err
		}
		return void(ctx, tx, s.v, i, "Wrong client", day0(s))
	}, func() {
		if a := maria.Post("/office/billing/invoices/"+invoice.String()+"/credits", form); a.Status == 303 {
			t.Errorf("a credit was given for a void invoice: %d", a.Status)
		}
	})
	if n := read[int](s, "select count(*) from billing.credit_line where invoice_id = ?", invoice); n != 0 {
		t.Errorf("%d lines of a void invoice are credited", n)
	}
	s.agrees()
}

// TestAVoidInvoiceLeavesNoCredit: what was credited of its lines would stay on account, for nothing.
func TestAVoidInvoiceLeavesNoCredit(t *testing.T) {
	s := openTill(t)
	invoice := s.bill(10_000)
	payment := s.check(10_000, invoice)
	maria := s.site.As("maria").For(t)
	form := url.Values{"reference": {"Scratched"}, "on_day": {day0(s).String()}, "key": {id.New().String()}, "net-1": {"30"}}
	if a := maria.Post("/office/billing/invoices/"+invoice.String()+"/credits", form); a.Status != 303 {
		t.Fatalf("%d %s", a.Status, a.Body)
	}
	credit := read[uuid.UUID](s, "select payment_id from billing.credit_line where invoice_id = ?", invoice)
	maria.Post("/office/billing/payments/"+payment.String()+"/reversal", url.Values{"reason": {"It bounced"}})
	voids := func() error {
		return s.in(func(ctx context.Context, tx bun.Tx) error {
			i, err := invoiceByID(ctx, tx, s.v, invoice)
			if err != nil {
				return err
			}
			return void(ctx, tx, s.v, i, "Wrong client", day0(s))
		})
	}
	if err := voids(); !fault.Is(err, fault.Clash) {
		t.Errorf("it is void, and its credit stays: %v", err)
	}
	maria.Post("/office/billing/payments/"+credit.String()+"/reversal", url.Values{"reason": {"The invoice was wrong"}})
	s.must(voids())
	s.agrees()
}

// TestNoMoreIsCreditedThanTheLinesComeTo: a discount that stands as a line of its own is not given a second time.
func TestNoMoreIsCreditedThanTheLinesComeTo(t *testing.T) {
	s := openTill(t)
	var invoice uuid.UUID
	s.must(s.in(func(ctx context.Context, tx bun.Tx) (err error) {
		lines := []Line{
			{Position: 1, Text: "Work", Quantity: money.One, Price: 10_000, TaxRate: 1000},
			{Position: 2, Text: "Discount", Quantity: money.One, Price: -2_000, TaxRate: 1000},
		}
		for n := range lines {
			lines[n].work()
		}
		if invoice, err = addDraft(ctx, tx, s.v, s.project, draftForm{Title: "Work"}, lines); err != nil {
			return err
		}
		if err := setApproved(ctx, tx, s.v, Invoice{ID: invoice, Version: 1}, true); err != nil {
			return err
		}
		_, err = release(ctx, tx, s.v, []tick{{invoice, 2}}, day.Of(s.site.Now()))
		return err
	}))
	maria := s.site.As("maria").For(t)
	credit := func(net string) int {
		form := url.Values{"reference": {"All of it"}, "on_day": {day0(s).String()}, "key": {id.New().String()}, "net-1": {net}}
		return maria.Post("/office/billing/invoices/"+invoice.String()+"/credits", form).Status
	}
	if status := credit("100"); status != 422 {
		t.Errorf("110.00 was given back of 88.00: %d", status)
	}
	if status := credit("50"); status != 303 {
		t.Errorf("a part: %d", status)
	}
	if status := credit("30.01"); status != 422 {
		t.Errorf("a cent too much: %d", status)
	}
	if status := credit("30"); status != 303 {
		t.Errorf("the rest: %d", status)
	}
	if i := s.invoice(invoice); i.State != Paid || i.Paid != 8_800 {
		t.Errorf("%s with %d paid", i.State, i.Paid)
	}
	s.agrees()
}
