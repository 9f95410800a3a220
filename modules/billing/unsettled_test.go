package billing

import (
	"context"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"portico/modules/billing/gateway"
	"portico/platform/id"
	"portico/platform/module"
	"portico/worker"
)

// work lets the double's engine keep what was promised.
func (s *till) work() {
	s.Helper()
	_, err := worker.Drain(s.Context(), worker.Config{
		App: s.site.Pool, Ops: s.site.Ops, Log: s.site.Log,
		Handlers: append(s.e.handlers(), newsroom{module.Platform{}}.handlers()...),
	})
	s.must(err)
}

func TestStaffRefund(t *testing.T) {
	s := openTill(t)
	attempt, payment := s.bought(10_000)
	at := "/office/billing/payments/" + payment.String()
	maria := s.site.As("maria")
	maria.Open(at).Sees(t, "Paid online", "Paid: R-", "ch_"+attempt.String(), "Double").SeesNot(t, "Reverse")
	maria.Follow("Refund").Fill("Amount", "40.00").Press("Refund").Has(t, 422).Sees(t, "Say why", "Tick this to go on")
	maria.Fill("Amount", "100.01").Fill("Reason", "Tiles came broken").Tick("Give this money back").Press("Refund").Has(t, 422).Sees(t, "Only $100.00 can still be refunded")
	maria.Fill("Amount", "40.00").Press("Refund").Has(t, 200).Sees(t, "Given back", "On its way", "Tiles came broken")
	s.work()
	maria.Open(at).Sees(t, "Refunded", "Partly refunded", "Refunded $40.00")
	s.is(attempt, PartBack, Partial, 6_000, 0)
	if a := maria.Post(at+"/reversal", nil); a.Status == 200 || a.Status == 303 {
		t.Errorf("an online payment was reversed by hand: %d", a.Status)
	}
	// dispute: shown, and no refund
	s.d.charges[0].Dispute = &gateway.Dispute{ID: "dp", Status: "open", Amount: 6_000, Reason: "not as described", AnswerBy: time.Now().Add(72 * time.Hour)}
	s.settle(attempt)
	maria.Open(at).Sees(t, "Disputed at the bank", "not as described", "Answer at the provider by")
	maria.Follow("Refund").Sees(t, "Nothing can be refunded").Fill("Reason", "x").Tick("Give this money back").Press("Refund").Has(t, 409).Sees(t, "Nothing can be refunded")
}

func TestStaffLookAtTrouble(t *testing.T) {
	s := openTill(t)
	maria := s.site.As("maria")
	maria.Open("/office/billing/unsettled").Has(t, 200).Sees(t, "All is settled")
	if a := s.site.As("ben").Get("/office/billing/unsettled"); a.Status != 404 {
		t.Errorf("a member sees it: %d", a.Status)
	}
	s.d.after, s.d.looks = []error{errLost}, []error{errLost}
	attempt := s.press(s.basket(10_000, s.bill(10_000)))
	s.settle(attempt)
	maria.Open("/office/billing/unsettled").Sees(t, "Not known", "Look again").SeesNot(t, "Nothing was paid")
	s.d.charges[0].Amount++
	maria.Press("Look again").Sees(t, "asked now")
	s.work()
	maria.Open("/office/billing/unsettled").Sees(t, "Needs a look", "The provider has $100.01 instead of $100.00")
	a := auditor{module.Platform{Log: s.site.Log, Now: s.site.Now}}
	s.must(s.in(func(ctx context.Context, tx bun.Tx) error { return a.lately(ctx, tx, s.v.FirmID()) }))
	maria.Open("/office/billing/payments").Sees(t, "Billing: a payment needs you.", "Look at it")
	s.site.As("ben").Open("/office/billing").SeesNot(t, "needs you")
	s.site.As("ana").Open("/portal/all/billing").SeesNot(t, "needs you")
	maria.Follow("Look at it").Sees(t, "Needs a look")
	maria.Press("Nothing was paid")
	s.work()
	s.is2(t, attempt, NeedsReview)
	maria.Open("/office/billing/unsettled").Sees(t, "does have this payment")
	s.d.charges[0].Status = gateway.Canceled
	maria.Press("Nothing was paid")
	s.work()
	s.is(attempt, Canceled, Open, 0, 0)
	maria.Open("/office/billing/unsettled").SeesNot(t, "needs you").Sees(t, "All is settled")

	// money that came past us
	s.d.charges = append(s.d.charges, &gateway.Charge{ID: "ch_desk", Status: gateway.Succeeded, Kind: gateway.Card, Amount: 70_000, Currency: "USD"},
		&gateway.Charge{ID: "ch_else", Status: gateway.Succeeded, Kind: gateway.Card, Amount: 900, Currency: "USD"})
	s.must(s.in(func(ctx context.Context, tx bun.Tx) error {
		return s.e.compare(ctx, tx, s.v.FirmID(), comparing{s.account})
	}))
	maria.Open("/office/billing").Sees(t, "Billing: 2 payments need you.")
	number := s.invoice(s.bill(70_000)).Number
	maria.Open("/office/billing/unsettled").Sees(t, "Unreconciled money", "$700.00").Follow("$700.00")
	maria.Fill("Number of an invoice", "INV-none").Press("Write it into the books").Has(t, 422).Sees(t, "No invoice has this number")
	maria.Fill("Number of an invoice", number).Press("Write it into the books").Has(t, 200).Sees(t, "kept on account of Ana").SeesNot(t, "$700.00 ")
	maria.Follow("$9.00").Press("Leave it out").Has(t, 422).Fill("Reason", "The other shop").Press("Leave it out").Has(t, 200)
	maria.Open("/office/billing/unsettled").Sees(t, "All is settled")
	s.agrees()

	// a refund at the provider
	bought, payment := s.bought(5_000)
	s.d.charges[len(s.d.charges)-1].Refunded = 2_000
	s.settle(bought)
	s.is(bought, Succeeded, Paid, 5_000, 0)
	maria.Open("/office/billing/unsettled").Follow("$20.00").Press("Write it into the books").Has(t, 200)
	s.is(bought, PartBack, Partial, 3_000, 0)
	maria.Open("/office/billing/payments/"+payment.String()).Sees(t, "Made at the provider")

	// jobs that were given up
	dead := id.New()
	s.write("insert into outbox (firm_id, id, kind, payload, dead_at, last_error) values (?, ?, 'billing:settle', ?, now(), 'the provider is away')",
		s.v.FirmID(), dead, `{"Attempt": "`+bought.String()+`"}`)
	maria.Open("/office/billing/unsettled").Sees(t, "Jobs that were given up", "the provider is away").Press("Retry billing:settle").Sees(t, "tried again")
	s.work()
	maria.Open("/office/billing/unsettled").Sees(t, "All is settled")
}

func (s *till) is2(t *testing.T, attempt any, status Status) {
	t.Helper()
	if got := read[string](s, "select status from billing.attempt where id = ?", attempt); got != string(status) {
		t.Errorf("it is %s, not %s", got, status)
	}
}

// TestOwnersAreToldOnce of each thing that is found, and see it until it is mended.
func TestOwnersAreToldOnce(t *testing.T) {
	s := openTill(t)
	s.bought(10_000)
	s.write("update outbox set done_at = now() where kind = 'billing:settle'") // it is settled, with the double
	s.site.Settle(t)
	a := auditor{module.Platform{Log: s.site.Log, Now: s.site.Now}}
	look := func() {
		s.must(s.in(func(ctx context.Context, tx bun.Tx) error { return a.lately(ctx, tx, s.v.FirmID()) }))
	}
	look()
	before := len(s.site.Mails())
	s.write("update billing.invoice set reserved = 1 where firm_id = ? and paid = 0 and total > 1 and stage = 'released' and id in (select id from billing.invoice where client_id = ? and paid = 0 and total > 1 and stage = 'released' limit 1)", s.v.FirmID(), s.project.ClientID)
	look()
	look()
	mails := s.site.Mails()
	if n := len(mails) - before; n != 1 {
		t.Fatalf("%d mails", n)
	}
	mail := s.site.MailTo("maria")
	if mail.Subject != "Payments of Northgate Builders need a look" {
		t.Error(mail.Subject)
	}
	s.site.As("maria").Open("/office/billing").Sees(t, "Billing: the books do not agree.").Follow("Look at it").Sees(t, "Not so that an invoice keeps free what is being paid")
	s.write("update billing.invoice set reserved = 0 where firm_id = ?", s.v.FirmID())
	look()
	s.site.As("maria").Open("/office/billing/unsettled").Sees(t, "All is settled").SeesNot(t, "do not agree")
	if n := len(s.site.Mails()) - before; n != 1 {
		t.Errorf("%d mails", n)
	}
}
