package billing

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/modules/billing/gateway"
	"portico/platform/auth"
	"portico/platform/db"
	"portico/platform/fault"
	"portico/platform/job"
	"portico/platform/module"
)

// settling is an attempt to hand to its provider, or to ask the provider about.
type settling struct{ Attempt uuid.UUID }

var (
	settleAttempt = job.New[settling]("billing:settle")
	endAttempt    = job.New[settling]("billing:end") // somebody said that nothing was paid
)

const (
	patience  = 10 * time.Second // with one call to a provider
	keyLives  = 23 * time.Hour   // providers forget a key after a day: then a second request would be a second charge
	abandoned = 30 * time.Minute // a payer who has not come back by then does not
	lost      = 30 * time.Second // a request that was on its way and is not heard of
	quickly   = 5 * time.Minute  // what is due sooner is promised at once; the rest is found by its time
)

// pace is how long to wait before the provider is asked again, whose last answer said nothing. After the last of them a
// person has to look.
var pace = []time.Duration{5 * time.Second, 15 * time.Second, time.Minute, 5 * time.Minute, time.Hour, 24 * time.Hour}

// engine moves money: it alone speaks to providers, and what they say about a charge goes through apply.
//
// Each of its jobs has three parts. What it is about to do is written in a short transaction of its own, so that it is
// known even if this process dies. Then the provider is asked; the job's own transaction is open meanwhile, but has
// written nothing, holds no row and sees no snapshot. What was answered is applied in that transaction, which also
// closes the promise.
type engine struct {
	module.Platform
	open opener
}

func (e engine) handlers() []job.Handler {
	return []job.Handler{
		settleAttempt.Handle(e.settle).Within(time.Minute),
		endAttempt.Handle(e.endUnclear).Within(time.Minute),
		settleSetup.Handle(e.setup).Within(time.Minute),
		settleRefund.Handle(e.refund).Within(time.Minute),
		forgetMethod.Handle(e.forget).Within(time.Minute),
		eventArrived.Handle(e.event).Within(time.Minute),
		job.EveryInstallation("@every 15s", "billing:find_due", e.findDue),
		job.Every("17 * * * *", "billing:compare", e.compareAll),
		compareAccount.Handle(e.compare).Within(5 * time.Minute),
	}
}

// deed is what a provider is asked about an attempt.
type deed string

const (
	toCreate deed = "create"
	toFind   deed = "find" // by its key, when it has no id yet
	toCancel deed = "cancel"
)

// plan is what to do about an attempt: written down before it is done.
type plan struct {
	Deed    deed
	Attempt Attempt
	Again   bool // not found, it may be made with the same key
	Order   gateway.Order
	Gateway gateway.Gateway
}

// settle hands an attempt to its provider, or asks what became of it.
func (e engine) settle(ctx context.Context, tx bun.Tx, firm uuid.UUID, s settling) error {
	v := auth.System(firm)
	a, err := attemptByID(ctx, tx, v, s.Attempt)
	if err != nil {
		return err
	}
	// opened before anything is held: it may want a connection of its own, and whoever holds a client must not wait for one
	g, err := e.open(ctx, tx, firm, a.AccountID)
	if errors.Is(err, errAccountGone) { // the practice provider is not there any more: there can be no money of it
		if a, err = holdAttempt(ctx, tx, v, a.ID); err != nil {
			return err
		}
		return e.end(ctx, tx, v, a, Canceled, gateway.Failure{Code: "canceled", Text: "The practice provider is not there any more."})
	}
	if err != nil {
		return err
	}
	p, err := e.begin(ctx, firm, a.ID, g)
	if err != nil || p.Deed == "" {
		return err
	}
	c, err := p.ask(ctx)
	said, definite := gateway.Definite(err)
	switch {
	case err == nil:
		return e.apply(ctx, tx, v, p.Attempt.ID, c)
	case definite && p.refuses(said):
		return e.refused(ctx, tx, v, p.Attempt.ID, said)
	case errors.Is(err, gateway.ErrUnknown):
		return e.unsure(ctx, tx, v, p.Attempt.ID, "the provider does not know it")
	case definite:
		return e.unsure(ctx, tx, v, p.Attempt.ID, said.Error())
	}
	return e.unsure(ctx, tx, v, p.Attempt.ID, "no answer")
}

// refuses reports whether a no means that nothing was charged. To a second request with the same key a provider may say
// no for a reason that came up since, while the first one was charged.
func (p plan) refuses(said *gateway.Error) bool {
	if p.Deed != toCreate {
		return false
	}
	switch said.Code {
	case "credentials", "request", "signature", "other":
		return p.Attempt.Tries == 1
	}
	return true
}

// begin decides what is to be done about an attempt and writes it down.
func (e engine) begin(ctx context.Context, firm, attempt uuid.UUID, g gateway.Gateway) (p plan, err error) {
	v := auth.System(firm)
	err = db.InTx(ctx, e.Pool, firm, func(ctx context.Context, tx bun.Tx) error {
		a, err := holdAttempt(ctx, tx, v, attempt)
		if err != nil {
			return fault.IgnoreNotFound(err)
		}
		p, err = e.planned(ctx, tx, v, a)
		p.Gateway = g
		return err
	})
	return p, err
}

func (e engine) planned(ctx context.Context, tx bun.Tx, v auth.Viewer, a Attempt) (plan, error) {
	now := e.Now()
	p := plan{Attempt: a, Deed: toFind}
	switch {
	case a.Status == Waiting, !a.Open() && !a.Paid() && a.GatewayID == "":
		return plan{}, nil
	case a.Status == Created:
		if why, err := mayNot(ctx, tx, v, a); err != nil || why != "" || a.GiveUp {
			if err != nil {
				return plan{}, err
			}
			return plan{}, e.end(ctx, tx, v, a, Canceled, gateway.Failure{Code: "canceled", Text: why})
		}
		p.Deed = toCreate
	case a.Status == NeedsAction && (a.GiveUp || now.Sub(a.SentAt) > abandoned):
		p.Deed = toCancel
	}
	a.LookedAt = now
	if a.Status == Created || a.Status == Submitting {
		a.Status = Submitting
		a.LookAt = now.Add(lost)
	} else {
		a.LookAt = a.next(now)
	}
	if p.Deed == toCreate || a.GatewayID == "" {
		p.Again = a.SentAt.IsZero() || now.Sub(a.SentAt) < keyLives
		if a.SentAt.IsZero() {
			a.SentAt = now
		}
		a.Tries++
		var err error
		if p.Order, err = orderOf(ctx, tx, v, a); err != nil {
			return plan{}, err
		}
	}
	p.Attempt = a
	return p, noteSent(ctx, tx, v, a)
}

// next is when to look again, unless an answer says otherwise.
func (a Attempt) next(now time.Time) time.Time {
	switch a.Status {
	case NeedsAction:
		return now.Add(quickly)
	case Pending:
		return now.Add(time.Hour)
	case Unknown:
		return now.Add(pace[min(a.Looks, len(pace)-1)])
	}
	return time.Time{}
}

// ask speaks to the provider. What was sent before is looked for first, and made again only with the same key, and only
// as long as the provider remembers it.
func (p plan) ask(ctx context.Context) (gateway.Charge, error) {
	switch {
	case p.Deed == toCancel:
		return called(ctx, func(ctx context.Context) (gateway.Charge, error) { return p.Gateway.Cancel(ctx, p.Attempt.GatewayID) })
	case p.Attempt.GatewayID != "":
		return called(ctx, func(ctx context.Context) (gateway.Charge, error) { return p.Gateway.Find(ctx, p.Attempt.GatewayID) })
	case p.Deed == toCreate:
		c, err := p.create(ctx)
		if _, definite := gateway.Definite(err); err == nil || definite {
			return c, err
		}
		c, err = p.find(ctx) // an answer that was lost is often found at once
		return c, gateway.Unsure(err)
	}
	c, err := p.find(ctx)
	if errors.Is(err, gateway.ErrUnknown) && p.Again {
		return p.create(ctx)
	}
	return c, err
}

func (p plan) create(ctx context.Context) (gateway.Charge, error) {
	return called(ctx, func(ctx context.Context) (gateway.Charge, error) { return p.Gateway.Create(ctx, p.Order) })
}

func (p plan) find(ctx context.Context) (gateway.Charge, error) {
	return called(ctx, func(ctx context.Context) (gateway.Charge, error) { return p.Gateway.FindByKey(ctx, p.Attempt.ID) })
}

// called gives a call its time.
func called[T any](ctx context.Context, call func(context.Context) (T, error)) (T, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return call(ctx)
}

// unsure: it was sent, and nobody knows what became of it. That is no failure: the provider is asked again, and after the
// last time a person has to.
func (e engine) unsure(ctx context.Context, tx bun.Tx, v auth.Viewer, attempt uuid.UUID, why string) error {
	a, err := holdAttempt(ctx, tx, v, attempt)
	if err != nil {
		return err
	}
	now := e.Now()
	switch a.Status {
	case Created, Submitting, Unknown:
		a.Status = Unknown
	case NeedsReview:
		return nil
	default: // it is known how it was: asked again in its time
		return nil
	}
	if a.Looks >= len(pace) {
		return e.review(ctx, tx, v, a, "The provider was asked many times and did not say what became of it: "+why+".")
	}
	a.LookAt = now.Add(pace[a.Looks])
	a.Looks++
	if err := noteStatus(ctx, tx, v, a); err != nil {
		return err
	}
	if err := addStep(ctx, tx, v, a, now, "Sent, and not known what became of it: "+why); err != nil {
		return err
	}
	e.ring(ctx, v, a)
	return lookLater(ctx, tx, v, a, now)
}

// lookLater promises the next look, if it is soon.
func lookLater(ctx context.Context, tx bun.Tx, v auth.Viewer, a Attempt, now time.Time) error {
	wait := a.LookAt.Sub(now)
	if a.LookAt.IsZero() || wait > quickly {
		return nil
	}
	_, err := settleAttempt.Enqueue(ctx, tx, v.FirmID(), settling{a.ID}, job.At(a.LookAt))
	return err
}

// refused: the provider made no charge, and says so.
func (e engine) refused(ctx context.Context, tx bun.Tx, v auth.Viewer, attempt uuid.UUID, said *gateway.Error) error {
	a, err := holdAttempt(ctx, tx, v, attempt)
	if err != nil || !a.Open() || a.GatewayID != "" {
		return err
	}
	text := said.Text
	if said.Code == "credentials" || said.Code == "request" {
		e.Log.Error("a provider refuses us", "firm", v.FirmID(), "account", a.AccountID, "code", said.Code)
		text = "Online payment is not possible at the moment."
	}
	return e.end(ctx, tx, v, a, Failed, gateway.Failure{Code: said.Code, Text: text})
}

// endUnclear ends an attempt that needed a person, once the provider has said again that it has no money of it.
func (e engine) endUnclear(ctx context.Context, tx bun.Tx, firm uuid.UUID, s settling) error {
	v := auth.System(firm)
	a, err := attemptByID(ctx, tx, v, s.Attempt)
	if err != nil || a.Status != NeedsReview {
		return err
	}
	p := plan{Attempt: a}
	if p.Gateway, err = e.open(ctx, tx, firm, a.AccountID); err != nil {
		return err
	}
	c, err := p.ask(ctx)
	if err != nil && !errors.Is(err, gateway.ErrUnknown) {
		return err
	}
	if a, err = holdAttempt(ctx, tx, v, s.Attempt); err != nil || a.Status != NeedsReview {
		return err
	}
	switch to := statusOf(c); {
	case c.ID == "", to == Failed, to == Canceled, to == Succeeded && c.Refunded >= c.Amount:
		if err := e.end(ctx, tx, v, a, Canceled, gateway.Failure{Code: "canceled"}); err != nil {
			return err
		}
		return sound(ctx, tx, v)
	}
	return e.review(ctx, tx, v, a, "The provider does have this payment, "+c.ID+". Refund or cancel it there first. "+a.differs(firm, c))
}

func (e engine) ring(ctx context.Context, v auth.Viewer, a Attempt) {
	e.Bell.Publish(ctx, v.FirmID(), batchTopic(a.BatchID))
	e.Bell.Publish(ctx, v.FirmID(), clientTopic(a.ClientID))
}
