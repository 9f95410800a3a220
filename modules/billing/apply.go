package billing

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/modules/billing/gateway"
	"portico/platform/activity"
	"portico/platform/auth"
	"portico/platform/day"
	"portico/platform/money"
	"portico/platform/web"
)

// rank orders the states up to payment: a report that is behind what is known is passed over, so that the order in which
// reports come does not matter. Unknown and in review stand where the sending stands: any report is news.
func (s Status) rank() int {
	switch s {
	case NeedsAction:
		return 3
	case Pending:
		return 4
	case Failed, Canceled:
		return 5
	case Succeeded, PartBack, Refunded, Disputed, Returned:
		return 6
	}
	return 2
}

func statusOf(c gateway.Charge) Status {
	if c.Returned { // it was paid first, whatever the provider calls it now
		return Succeeded
	}
	return map[gateway.Status]Status{
		gateway.NeedsAction: NeedsAction, gateway.Pending: Pending, gateway.Succeeded: Succeeded, gateway.Failed: Failed,
		gateway.Canceled: Canceled,
	}[c.Status]
}

// apply makes of a provider's report what it means, whatever brought it: an answer, a look, an event or a list. Nothing
// else changes an attempt that was sent.
func (e engine) apply(ctx context.Context, tx bun.Tx, v auth.Viewer, attempt uuid.UUID, c gateway.Charge) error {
	a, err := holdAttempt(ctx, tx, v, attempt)
	if err != nil {
		return err
	}
	if err := e.applied(ctx, tx, v, a, c); err != nil || !a.troubled() && c.Refunded == 0 {
		return err
	}
	return sound(ctx, tx, v) // a person need not look any more, perhaps, or money went back past us
}

func (e engine) applied(ctx context.Context, tx bun.Tx, v auth.Viewer, a Attempt, c gateway.Charge) (err error) {
	if why := a.differs(v.FirmID(), c); why != "" {
		if !a.Open() && (c.Status == gateway.Failed || c.Status == gateway.Canceled) && !c.Returned {
			return nil // no money moved, and nobody waits for any
		}
		return e.review(ctx, tx, v, a, why)
	}
	was := a.Status
	if a.GatewayID == "" {
		a.GatewayID = c.ID
	}
	to := statusOf(c)
	switch {
	case to == "":
		return e.review(ctx, tx, v, a, fmt.Sprintf("The provider says %q, which means nothing here.", c.Status))
	case to.rank() < a.Status.rank():
		return nil
	case to == Succeeded:
		if !a.Paid() {
			if a, err = e.paid(ctx, tx, v, a, c); err != nil || !a.Paid() {
				return err
			}
		}
		return e.after(ctx, tx, v, a, was, c)
	case !a.Open(): // failed is failed
		return nil
	case to == Failed || to == Canceled:
		return e.end(ctx, tx, v, a, to, c.Failure)
	}
	return e.goesOn(ctx, tx, v, a, to, c)
}

// differs says what of a charge is not ours; then no money is moved by itself.
func (a Attempt) differs(firm uuid.UUID, c gateway.Charge) string {
	switch {
	case c.Firm != firm, c.Key != a.ID, c.Invoice != a.InvoiceID:
		return "The provider's payment belongs to something else."
	case a.GatewayID != "" && a.GatewayID != c.ID:
		return "The provider has a second payment, " + c.ID + "."
	case c.Amount != a.Total || c.Currency != a.Currency:
		return "The provider has " + money.Of(c.Amount, c.Currency).Format("en") + " instead of " + a.Amount().Format("en") + "."
	}
	return ""
}

// goesOn: the payer has something to do, or the money is on its way.
func (e engine) goesOn(ctx context.Context, tx bun.Tx, v auth.Viewer, a Attempt, to Status, c gateway.Charge) error {
	now := e.Now()
	was := a
	a.Status, a.URL, a.Looks, a.Review = to, c.URL, 0, ""
	a.LookAt = a.next(now)
	if to == NeedsAction && a.GiveUp {
		a.LookAt = now
	}
	if c.URL == "" && c.Secret != "" {
		b, err := batchByID(ctx, tx, v, a.BatchID)
		if err != nil {
			return err
		}
		a.URL = fieldsAt(b)
	}
	if err := noteStatus(ctx, tx, v, a); err != nil {
		return err
	}
	if c.Secret != "" {
		if err := e.noteFields(ctx, tx, v, a, c.Secret); err != nil {
			return err
		}
	}
	if was.Status == to && was.URL == a.URL {
		return nil
	}
	text := "The payer has to go on at the provider"
	if to == Pending {
		text = "Accepted; the money is on its way"
	}
	e.ring(ctx, v, a)
	if err := addStep(ctx, tx, v, a, now, text); err != nil || !a.GiveUp {
		return err
	}
	return lookLater(ctx, tx, v, a, now)
}

// paid puts the money into the books: once, because the attempt's id is the payment's key.
func (e engine) paid(ctx context.Context, tx bun.Tx, v auth.Viewer, a Attempt, c gateway.Charge) (Attempt, error) {
	now := e.Now()
	if practised, err := onlyPractised(ctx, tx, v, a); err != nil || practised {
		if err == nil {
			err = e.end(ctx, tx, v, a, Canceled, gateway.Failure{Code: "canceled", Text: "It was practised only: no money moved."})
		}
		return a, err
	}
	if a.Open() {
		if err := letGo(ctx, tx, v, a); err != nil {
			return a, err
		}
	}
	i, err := invoiceByID(ctx, tx, v, a.InvoiceID)
	if err != nil {
		return a, err
	}
	on, err := e.todayOf(ctx, tx, v)
	if err != nil {
		return a, err
	}
	p, _, err := addPayment(ctx, tx, v, Payment{
		ClientID: a.ClientID, Method: Method(a.Kind), Currency: a.Currency, Total: a.Total, ReceivedOn: on, Reference: wordsOf(c.Method),
	}, a.ID)
	if err != nil {
		return a, err
	}
	if part := min(a.Total, i.Free().Minor); part > 0 { // the rest stays on account
		if err := allocate(ctx, tx, v, p, i, part, latest(on, i.IssuedOn)); err != nil {
			return a, err
		}
	}
	a.Status, a.PaymentID, a.EndedAt, a.URL, a.LookAt, a.Looks, a.Review = Succeeded, p.ID, now, "", time.Time{}, 0, ""
	if err := noteStatus(ctx, tx, v, a); err != nil {
		return a, err
	}
	if err := addStep(ctx, tx, v, a, now, "Paid: "+p.Number); err != nil {
		return a, err
	}
	if err := e.batchOver(ctx, tx, v, a); err != nil {
		return a, err
	}
	e.ring(ctx, v, a)
	err = activity.Record(ctx, tx, v, activity.Entry{
		Verb: "billing.paid", Text: "received " + words(v, a.Amount()) + " online for " + i.Name() + ", " + p.Number,
		ClientID: a.ClientID, ProjectID: i.ProjectID, SubjectID: p.ID, Data: map[string]any{"provider_id": a.GatewayID},
	})
	if err != nil {
		return a, err
	}
	_, err = announceNews.Enqueue(ctx, tx, v.FirmID(), news{Attempt: a.ID, What: newsPaid})
	return a, err
}

// after is what may happen to a payment once it was made. Each of these facts only ever grows, so that the state is a
// function of them and not of the order in which they became known.
func (e engine) after(ctx context.Context, tx bun.Tx, v auth.Viewer, a Attempt, was Status, c gateway.Charge) error {
	if err := e.fee(ctx, tx, v, &a, c); err != nil {
		return err
	}
	if c.Dispute != nil {
		if err := e.dispute(ctx, tx, v, &a, *c.Dispute); err != nil {
			return err
		}
	}
	if c.Returned {
		if err := e.returned(ctx, tx, v, &a); err != nil {
			return err
		}
	}
	if err := foreignRefund(ctx, tx, v, a, c); err != nil {
		return err
	}
	return e.restate(ctx, tx, v, a)
}

// restate works out how a paid attempt stands now.
func (e engine) restate(ctx context.Context, tx bun.Tx, v auth.Viewer, a Attempt) error {
	to, err := standing(ctx, tx, v, a)
	if err != nil {
		return err
	}
	changed := to != a.Status
	a.Status = to
	if err := noteStatus(ctx, tx, v, a); err != nil || !changed {
		return err
	}
	e.ring(ctx, v, a)
	return nil
}

// fee books what the provider keeps, once it is known.
func (e engine) fee(ctx context.Context, tx bun.Tx, v auth.Viewer, a *Attempt, c gateway.Charge) error {
	if c.Fee <= 0 || a.Fee != 0 {
		return nil
	}
	a.Fee = c.Fee
	on, err := e.todayOf(ctx, tx, v)
	if err != nil {
		return err
	}
	return book(ctx, tx, v, a.ClientID, "fee", "attempt", a.ID, a.Currency, on,
		entry{Account: "fees", Amount: c.Fee}, entry{Account: "clearing", Amount: -c.Fee})
}

// returned: the bank took a debit back that was paid. It comes off its invoices, which are owed again.
func (e engine) returned(ctx context.Context, tx bun.Tx, v auth.Viewer, a *Attempt) error {
	p, err := paymentByID(ctx, tx, v, a.PaymentID)
	if err != nil || p.Reversed() {
		return err
	}
	on, err := e.todayOf(ctx, tx, v)
	if err != nil {
		return err
	}
	standing, err := allocationsOfPayments(ctx, tx, v, p.ID)
	if err != nil {
		return err
	}
	err = tx.RunInTx(ctx, nil, func(ctx context.Context, part bun.Tx) error {
		return reverse(ctx, part, v, p, standing, "The bank took the debit back.", latest(on, p.ReceivedOn))
	})
	if errors.Is(err, errGivenBack) {
		return e.gone(ctx, tx, v, a, "The bank took back a deposit that was given back already.", news{Attempt: a.ID, What: newsReturned})
	}
	if err != nil {
		return err
	}
	if err := addStep(ctx, tx, v, *a, e.Now(), "Taken back by the bank"); err != nil {
		return err
	}
	err = activity.Record(ctx, tx, v, activity.Entry{
		Verb: "billing.returned", Text: "lost the bank debit " + p.Number + " of " + words(v, p.Amount()) + ": the bank took it back",
		ClientID: a.ClientID, SubjectID: p.ID,
	})
	if err != nil {
		return err
	}
	_, err = announceNews.Enqueue(ctx, tx, v.FirmID(), news{Attempt: a.ID, What: newsReturned})
	return err
}

// gone: money was taken from us that we gave back already. The books cannot say that by themselves: a person hears of it.
func (e engine) gone(ctx context.Context, tx bun.Tx, v auth.Viewer, a *Attempt, why string, what news) error {
	if a.Review == why {
		return nil
	}
	if err := e.review(ctx, tx, v, *a, why); err != nil {
		return err
	}
	a.Review = why
	_, err := announceNews.Enqueue(ctx, tx, v.FirmID(), what)
	return err
}

// end: it is certain that nothing will be paid. The amount is free again.
func (e engine) end(ctx context.Context, tx bun.Tx, v auth.Viewer, a Attempt, to Status, why gateway.Failure) error {
	now := e.Now()
	if !a.Open() {
		return nil
	}
	if err := letGo(ctx, tx, v, a); err != nil {
		return err
	}
	tells := to == Failed && (a.Status == Pending || now.Sub(a.CreatedAt) > 10*time.Minute)
	auto := false
	if to == Failed && !tells {
		b, err := batchByID(ctx, tx, v, a.BatchID)
		if err != nil {
			return err
		}
		auto = b.Auto
	}
	a.Status, a.FailureCode, a.FailureText, a.EndedAt, a.URL, a.LookAt, a.Looks, a.Review = to, why.Code, why.Text, now, "", time.Time{}, 0, ""
	if err := noteStatus(ctx, tx, v, a); err != nil {
		return err
	}
	if err := forgetGuest(ctx, tx, v, a.BatchID); err != nil { // there will be no receipt
		return err
	}
	text := "Not paid: " + why.Text
	if to == Canceled {
		text = "Given up"
	}
	if err := addStep(ctx, tx, v, a, now, text); err != nil {
		return err
	}
	if err := e.batchOver(ctx, tx, v, a); err != nil {
		return err
	}
	e.ring(ctx, v, a)
	if !tells && !auto {
		return nil
	}
	_, err := announceNews.Enqueue(ctx, tx, v.FirmID(), news{Attempt: a.ID, What: newsFailed})
	return err
}

// review hands an attempt to a person. Its amount stays held: nobody knows whether it was paid.
func (e engine) review(ctx context.Context, tx bun.Tx, v auth.Viewer, a Attempt, why string) error {
	if a.Review == why {
		return nil
	}
	now := e.Now()
	e.Log.Error("an online payment needs a person", "firm", v.FirmID(), "attempt", a.ID)
	a.Review = why
	if a.Open() {
		a.Status, a.LookAt = NeedsReview, time.Time{}
	}
	if err := noteStatus(ctx, tx, v, a); err != nil {
		return err
	}
	e.ring(ctx, v, a)
	if err := addStep(ctx, tx, v, a, now, "A person has to look: "+why); err != nil {
		return err
	}
	return sound(ctx, tx, v)
}

// todayOf is the day at the firm's place.
func (e engine) todayOf(ctx context.Context, tx bun.Tx, v auth.Viewer) (day.Day, error) {
	zone, err := zoneOf(ctx, tx, v)
	return today(auth.Firm{Zone: zone}, e.Now()), err
}

func words(v auth.Viewer, a money.Amount) string {
	here := web.Here{Viewer: v}
	return here.Money(a)
}

// wordsOf names a method for a receipt: "Visa 4242".
func wordsOf(m gateway.Method) string {
	if m.Last4 == "" {
		return ""
	}
	return oneLine(m.Brand + " " + m.Last4)
}
