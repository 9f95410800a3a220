package billing

import (
	"slices"
	"strings"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"portico/modules/billing/gateway"
	"portico/platform/id"
)

// tried is an attempt as the test believes it stands.
type tried struct {
	id       uuid.UUID
	invoice  *believed
	amount   int64
	held     int64
	payment  uuid.UUID // Nil: nothing was paid
	charge   gateway.Charge
	disputed int64
}

// held is what open attempts keep free on an invoice.
func (l *ledger) held(invoice uuid.UUID) (sum int64) {
	for _, a := range l.tries {
		if a.invoice.id == invoice {
			sum += a.held
		}
	}
	return sum
}

// press pays an invoice online: what fits is taken, and what is more than is owed, if nobody else is paying.
func (l *ledger) press() {
	if len(l.invoices) == 0 {
		return
	}
	i := rapid.SampledFrom(l.invoices).Draw(l.t, "invoice")
	free := i.total - l.paid(i.id) - l.held(i.id)
	amount := rapid.Int64Range(1, 400_000).Draw(l.t, "amount")
	if rapid.Bool().Draw(l.t, "all of it") && free > 0 {
		amount = free
	}
	owed := !i.void && l.paid(i.id) < i.total
	fits := owed && (l.held(i.id) == 0 || amount <= free)
	_, err := l.tx.ExecContext(l.ctx, "savepoint press")
	l.must(err)
	batch, err := startBatch(l.ctx, l.tx, l.v, basket{
		ID: id.New(), ClientID: l.project.ClientID, AccountID: l.account, Kind: rapid.SampledFrom([]gateway.Kind{gateway.Card, gateway.Bank}).Draw(l.t, "kind"),
		Currency: l.project.Currency, Items: []basketItem{{i.id, amount}},
	})
	if fits != (err == nil) {
		l.t.Fatalf("%d on an invoice of %d with %d paid and %d held: %v", amount, i.total, l.paid(i.id), l.held(i.id), err)
	}
	if err != nil {
		_, err = l.tx.ExecContext(l.ctx, "rollback to savepoint press")
		l.must(err)
		return
	}
	a := batch.Attempts[0]
	l.tries = append(l.tries, &tried{id: a.ID, invoice: i, amount: amount, held: min(amount, free), charge: gateway.Charge{
		ID: "ch_" + a.ID.String(), Key: a.ID, Firm: l.v.FirmID(), Invoice: i.id, Kind: a.Kind, Amount: amount, Currency: l.project.Currency,
	}})
}

func (l *ledger) say(a *tried) { l.must(l.e.apply(l.ctx, l.tx, l.v, a.id, a.charge)) }

// hear lets the provider say how an attempt stands, also after it had said no.
func (l *ledger) hear() {
	var open []*tried
	for _, a := range l.tries {
		if a.payment == uuid.Nil {
			open = append(open, a)
		}
	}
	if len(open) == 0 {
		return
	}
	a := rapid.SampledFrom(open).Draw(l.t, "attempt")
	a.charge.Status = rapid.SampledFrom([]gateway.Status{gateway.Succeeded, gateway.Succeeded, gateway.Pending, gateway.Failed, gateway.Canceled}).Draw(l.t, "status")
	if a.charge.Status == gateway.Succeeded && rapid.Bool().Draw(l.t, "fee") {
		a.charge.Fee = 1 + a.amount/50
	}
	l.say(a)
	switch a.charge.Status {
	case gateway.Failed, gateway.Canceled:
		a.held = 0
	case gateway.Succeeded:
		a.held = 0
		kept, err := attemptByID(l.ctx, l.tx, l.v, a.id)
		l.must(err)
		p, err := paymentByID(l.ctx, l.tx, l.v, kept.PaymentID)
		l.must(err)
		a.payment = p.ID
		l.payments = append(l.payments, p)
		if part := min(a.amount, a.invoice.total-l.paid(a.invoice.id)-l.held(a.invoice.id)); part > 0 && !a.invoice.void {
			l.stands[[2]uuid.UUID{p.ID, a.invoice.id}] += part
		}
	}
}

// leaves takes an amount out of a payment: what is on account first, then off the invoices, the last ones first.
func (l *ledger) leaves(p Payment, amount int64) {
	need := amount - (p.Total - l.used(p.ID) - l.back[p.ID])
	on := slices.Clone(l.invoices)
	slices.SortFunc(on, func(a, b *believed) int { return strings.Compare(b.name, a.name) })
	for _, i := range on {
		at := [2]uuid.UUID{p.ID, i.id}
		if part := min(need, l.stands[at]); part > 0 {
			l.stands[at] -= part
			need -= part
		}
	}
	l.back[p.ID] += amount
}

func (l *ledger) of(p Payment) *tried {
	for _, a := range l.tries {
		if a.payment == p.ID {
			return a
		}
	}
	return nil
}

// giveBack refunds a part of any payment, at the provider or by hand.
func (l *ledger) giveBack() {
	if len(l.payments) == 0 {
		return
	}
	p := rapid.SampledFrom(l.payments).Draw(l.t, "payment")
	amount := rapid.Int64Range(1, p.Total).Draw(l.t, "part")
	a := l.of(p)
	may := !l.reversed(p) && p.Method != Credit && amount <= p.Total-l.back[p.ID] && (a == nil || a.disputed == 0)
	r, err := startRefund(l.ctx, l.tx, l.v, p.ID, Refund{ID: id.New(), Total: amount}, l.e.Now())
	if may != (err == nil) {
		l.t.Fatalf("%d of %d, of which %d went back: %v", amount, p.Total, l.back[p.ID], err)
	}
	if err != nil {
		return
	}
	if a != nil {
		to := rapid.SampledFrom([]gateway.Status{gateway.Succeeded, gateway.Succeeded, gateway.Failed}).Draw(l.t, "refund")
		is := gateway.Refund{ID: "re_" + r.ID.String(), Key: r.ID, Charge: a.charge.ID, Amount: amount, Status: to}
		for range 2 {
			l.must(l.e.applyRefund(l.ctx, l.tx, l.v, r.ID, is))
		}
		if to == gateway.Failed {
			return
		}
		a.charge.Refunded += amount
		l.say(a)
	}
	l.leaves(p, amount)
}

func (l *ledger) reversed(p Payment) bool {
	return !slices.ContainsFunc(l.payments, func(q Payment) bool { return q.ID == p.ID && q.ReversedAt.IsZero() })
}

// object: a payer objects, wins or loses, or the bank takes a debit back.
func (l *ledger) object() {
	for n, p := range l.payments {
		a := l.of(p)
		if a == nil || l.reversed(p) || l.back[p.ID] == p.Total || !rapid.Bool().Draw(l.t, "this one") {
			continue
		}
		switch {
		case a.disputed > 0:
			a.charge.Dispute.Status = rapid.SampledFrom([]string{"won", "lost"}).Draw(l.t, "end")
			l.say(a)
			if a.charge.Dispute.Status == "lost" {
				l.leaves(p, a.disputed)
			}
			a.disputed = 0
		case a.charge.Dispute == nil && rapid.Bool().Draw(l.t, "dispute"):
			a.disputed = p.Total - l.back[p.ID]
			a.charge.Dispute = &gateway.Dispute{ID: "dp_" + a.id.String(), Status: "open", Amount: a.disputed}
			l.say(a)
		case a.charge.Kind == gateway.Bank && a.charge.Dispute == nil:
			a.charge.Returned = true
			l.say(a)
			l.payments[n].ReversedAt = l.e.Now()
			for at := range l.stands {
				if at[0] == p.ID {
					delete(l.stands, at)
				}
			}
		default:
			continue
		}
		return
	}
}
