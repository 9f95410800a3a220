package billing

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/modules/billing/gateway"
	"portico/platform/activity"
	"portico/platform/auth"
	"portico/platform/db"
	"portico/platform/fault"
	"portico/platform/id"
	"portico/platform/job"
	"portico/platform/money"
)

// Refund is money given back of a payment.
type Refund struct {
	ID, AttemptID, PaymentID uuid.UUID // AttemptID is Nil for what did not come online: it was given back by hand
	Total                    int64     `bun:"amount"`
	Currency                 string
	Status                   Status
	GatewayID                string
	FailureText              string
	Reason                   string // staff only
	Tries, Looks             int
	SentAt, LookAt           time.Time
	CreatedAt, UpdatedAt     time.Time
	Giver                    string
	PaymentNumber            string
	RefundEnd
}

// Amount is how much it is.
func (r Refund) Amount() money.Amount { return money.Of(r.Total, r.Currency) }

// mark is how it is shown to staff.
func (r Refund) mark() mark {
	switch {
	case r.Ended == elsewhere:
		return mark{"ok", "Paid back another way", ""}
	case r.Ended == givenUp:
		return mark{"muted", "Given up", "x"}
	}
	switch r.Status {
	case Succeeded:
		return mark{"ok", "Refunded", ""}
	case Failed:
		return mark{"late", "Failed", ""}
	case Unknown:
		return mark{"info", "Not known", "clock"}
	case NeedsReview:
		return mark{"late", "Needs a look", ""}
	}
	return mark{"info", "On its way", "clock"}
}

// over reports whether nothing of it is sent or asked about any more.
func (r Refund) over() bool { return r.Status == Failed || r.Ended != "" }

func (s Status) refundRank() int {
	switch s {
	case Pending:
		return 2
	case Succeeded:
		return 3
	case Failed: // also after it was thought done: the money came back
		return 4
	}
	return 1
}

// refunding is a refund to hand to its provider, or to ask about.
type refunding struct{ Refund uuid.UUID }

var settleRefund = job.New[refunding]("billing:refund")

var (
	errDisputed = fault.Conflict("The payer disputes this payment at the bank. Nothing can be refunded before that is decided.")
	errTooMuch  = fault.Conflict("That is more than is left of this payment. Please look at it again.")
)

// startRefund promises to give money back, once per id. Money on account goes first; what is more comes off the invoices,
// which are owed again.
func startRefund(ctx context.Context, tx bun.IDB, v auth.Viewer, payment uuid.UUID, r Refund, now time.Time) (Refund, error) {
	p, err := paymentByID(ctx, tx, v, payment)
	if err != nil {
		return r, err
	}
	if err := holdClient(ctx, tx, v, p.ClientID); err != nil {
		return r, err
	}
	if p, err = paymentByID(ctx, tx, v, payment); err != nil { // as it is now that nobody else moves it
		return r, err
	}
	if was, err := refundByID(ctx, tx, v, r.ID); err == nil || !fault.Is(err, fault.Missing) {
		if err == nil && (was.PaymentID != payment || was.Total != r.Total) {
			err = fault.Conflict("This form was sent before, and differently. Please open it again.")
		}
		return was, err
	}
	left, disputed, err := refundable(ctx, tx, v, payment)
	switch {
	case err != nil:
		return r, err
	case p.Reversed():
		return r, errReversed
	case p.IsCredit():
		return r, fault.Conflict("A credit memo is no money. Reverse it instead.")
	case p.Method == FromDeposit:
		return r, fault.Conflict("This came from a deposit. Reverse it, then give the deposit back.")
	case disputed:
		return r, errDisputed
	case r.Total <= 0 || r.Total > left:
		return r, errTooMuch
	}
	a, err := attemptOfPayment(ctx, tx, v, payment)
	if err != nil && !fault.Is(err, fault.Missing) {
		return r, err
	}
	r.PaymentID, r.AttemptID, r.Currency, r.Status = payment, a.ID, p.Currency, Created
	if r.AttemptID != uuid.Nil { // what could not be booked afterwards is not asked for
		if err := tryGiveBack(ctx, tx, v, r, now); err != nil {
			return r, err
		}
	}
	if err := insertRefund(ctx, tx, v, r); err != nil {
		return r, err
	}
	if r.AttemptID != uuid.Nil {
		_, err = settleRefund.Enqueue(ctx, tx, v.FirmID(), refunding{r.ID})
		return r, err
	}
	r.Status = Succeeded // it was given back by hand: this only says so
	if err := noteRefund(ctx, tx, v, r); err != nil {
		return r, err
	}
	return r, giveBack(ctx, tx, v, r, now)
}

// tryGiveBack says why a refund could not be booked, and leaves nothing behind.
func tryGiveBack(ctx context.Context, tx bun.IDB, v auth.Viewer, r Refund, now time.Time) error {
	tried := errors.New("tried")
	r.ID = id.New()
	err := tx.RunInTx(ctx, nil, func(ctx context.Context, part bun.Tx) error {
		if err := giveBack(ctx, part, v, r, now); err != nil {
			return err
		}
		return tried
	})
	if errors.Is(err, tried) {
		return nil
	}
	return err
}

// giveBack books money that went back: what is on account first, then off the invoices, the last ones first.
func giveBack(ctx context.Context, tx bun.IDB, v auth.Viewer, r Refund, now time.Time) error {
	return takeOut(ctx, tx, v, r.PaymentID, r.Total, "refund", "refund", r.ID, now)
}

// refund hands a refund to its provider, or asks what became of it.
func (e engine) refund(ctx context.Context, tx bun.Tx, firm uuid.UUID, s refunding) error {
	v := auth.System(firm)
	r, err := refundByID(ctx, tx, v, s.Refund)
	if err != nil || r.AttemptID == uuid.Nil {
		return err
	}
	a, err := attemptByID(ctx, tx, v, r.AttemptID)
	if err != nil {
		return err
	}
	g, err := e.open(ctx, tx, firm, a.AccountID) // before anything is held, as in settle
	if err != nil {
		return err
	}
	again := false
	err = db.InTx(ctx, e.Pool, firm, func(ctx context.Context, tx bun.Tx) (err error) {
		r, err = holdRefund(ctx, tx, v, s.Refund)
		if err != nil || r.over() {
			return err
		}
		now := e.Now()
		again = r.SentAt.IsZero() || now.Sub(r.SentAt) < keyLives
		if r.Status == Created || r.Status == Submitting {
			r.Status, r.LookAt = Submitting, now.Add(lost)
		} else {
			r.LookAt = now.Add(time.Hour)
		}
		if r.SentAt.IsZero() {
			r.SentAt = now
		}
		r.Tries++
		return noteRefund(ctx, tx, v, r)
	})
	if err != nil || r.over() {
		return err
	}
	is, err := r.ask(ctx, g, a, again)
	said, definite := gateway.Definite(err)
	switch {
	case err == nil:
		return e.applyRefund(ctx, tx, v, r.ID, is)
	case definite && r.Tries == 1:
		return e.applyRefund(ctx, tx, v, r.ID, gateway.Refund{
			Key: r.ID, Charge: a.GatewayID, Amount: r.Total, Status: gateway.Failed, Failure: gateway.Failure{Code: said.Code, Text: said.Text},
		})
	}
	return e.refundUnsure(ctx, tx, v, r.ID)
}

// ask speaks to the provider: what was sent before is looked for first, and sent again only with the same key.
func (r Refund) ask(ctx context.Context, g gateway.Gateway, a Attempt, again bool) (gateway.Refund, error) {
	find := func() (gateway.Refund, error) {
		return called(ctx, func(ctx context.Context) (gateway.Refund, error) { return g.FindRefund(ctx, r.GatewayID, r.ID) })
	}
	send := func() (gateway.Refund, error) {
		return called(ctx, func(ctx context.Context) (gateway.Refund, error) {
			return g.Refund(ctx, gateway.RefundOrder{Key: r.ID, Charge: a.GatewayID, Amount: r.Total, Reason: r.Reason})
		})
	}
	if r.Tries == 1 {
		is, err := send()
		if _, definite := gateway.Definite(err); err == nil || definite {
			return is, err
		}
		is, err = find()
		return is, gateway.Unsure(err)
	}
	is, err := find()
	if errors.Is(err, gateway.ErrUnknown) && again && r.GatewayID == "" {
		return send()
	}
	return is, err
}

func (e engine) refundUnsure(ctx context.Context, tx bun.Tx, v auth.Viewer, refund uuid.UUID) error {
	r, err := holdRefund(ctx, tx, v, refund)
	if err != nil {
		return err
	}
	if r.Status != Submitting && r.Status != Unknown {
		return nil
	}
	now := e.Now()
	if r.Looks >= len(pace) {
		r.Status, r.LookAt = NeedsReview, time.Time{}
		e.Log.Error("a refund needs a person", "firm", v.FirmID(), "refund", r.ID)
		if err := noteRefund(ctx, tx, v, r); err != nil {
			return err
		}
		return sound(ctx, tx, v)
	}
	wait := pace[r.Looks]
	r.Status, r.LookAt, r.Looks = Unknown, now.Add(wait), r.Looks+1
	if err := noteRefund(ctx, tx, v, r); err != nil || wait > quickly {
		return err
	}
	_, err = settleRefund.Enqueue(ctx, tx, v.FirmID(), refunding{r.ID}, job.At(r.LookAt))
	return err
}

// applyRefund makes of what a provider says about a refund what it means.
func (e engine) applyRefund(ctx context.Context, tx bun.Tx, v auth.Viewer, refund uuid.UUID, is gateway.Refund) error {
	r, err := holdRefund(ctx, tx, v, refund)
	if err != nil || r.AttemptID == uuid.Nil {
		return err
	}
	a, err := holdAttempt(ctx, tx, v, r.AttemptID)
	if err != nil {
		return err
	}
	if r.Ended != "" { // by a person: what the provider did all the same is found at the charge, and listed
		_, err := settleAttempt.Enqueue(ctx, tx, v.FirmID(), settling{a.ID})
		return err
	}
	if is.Key != r.ID || is.Charge != a.GatewayID || is.Amount != r.Total {
		e.Log.Error("a refund needs a person", "firm", v.FirmID(), "refund", r.ID)
		if r.Status != Succeeded {
			r.Status, r.LookAt = NeedsReview, time.Time{}
		}
		if err := noteRefund(ctx, tx, v, r); err != nil {
			return err
		}
		return sound(ctx, tx, v)
	}
	to := map[gateway.Status]Status{gateway.Pending: Pending, gateway.Succeeded: Succeeded, gateway.Failed: Failed}[is.Status]
	if to == "" || to.refundRank() < r.Status.refundRank() || to == r.Status {
		return nil
	}
	was := r.Status
	r.Status, r.FailureText, r.Looks, r.LookAt = to, is.Failure.Text, 0, time.Time{}
	if is.ID != "" {
		r.GatewayID = is.ID
	}
	if to == Pending {
		r.LookAt = e.Now().Add(time.Hour)
	}
	if err := noteRefund(ctx, tx, v, r); err != nil {
		return err
	}
	if was == NeedsReview || to == Failed {
		if err := sound(ctx, tx, v); err != nil {
			return err
		}
	}
	var text string
	switch {
	case to == Succeeded:
		text = "Refunded " + words(v, r.Amount())
		err = tx.RunInTx(ctx, nil, func(ctx context.Context, part bun.Tx) error { return giveBack(ctx, part, v, r, e.Now()) })
		if errors.Is(err, errTooMuch) || errors.Is(err, errGivenBack) {
			return e.refundedTwice(ctx, tx, v, r, was)
		}
	case to == Failed && was == Succeeded:
		text = "A refund of " + words(v, r.Amount()) + " came back"
		err = takeBackIn(ctx, tx, v, r, e.Now())
	case to == Failed:
		text = "A refund of " + words(v, r.Amount()) + " failed: " + r.FailureText
	default:
		text = "A refund of " + words(v, r.Amount()) + " is on its way"
	}
	if err != nil {
		return err
	}
	if err := addStep(ctx, tx, v, a, e.Now(), text); err != nil {
		return err
	}
	if err := e.restate(ctx, tx, v, a); err != nil {
		return err
	}
	if to != Succeeded {
		return nil
	}
	p, err := paymentByID(ctx, tx, v, r.PaymentID)
	if err != nil {
		return err
	}
	err = activity.Record(ctx, tx, v, activity.Entry{
		Verb: "billing.refunded", Text: "gave back " + words(v, r.Amount()) + " of " + p.Number, ClientID: p.ClientID, SubjectID: p.ID,
	})
	if err != nil {
		return err
	}
	_, err = announceNews.Enqueue(ctx, tx, v.FirmID(), news{a.ID, newsRefunded, r.ID})
	return err
}

// refundedTwice: the provider gave money back that had gone another way meanwhile. The books cannot say that by
// themselves: a person has to look.
func (e engine) refundedTwice(ctx context.Context, tx bun.Tx, v auth.Viewer, r Refund, was Status) error {
	r.Status, r.LookAt = NeedsReview, time.Time{}
	if err := noteRefund(ctx, tx, v, r); err != nil || was == NeedsReview {
		return err
	}
	e.Log.Error("a refund needs a person", "firm", v.FirmID(), "refund", r.ID)
	a, err := attemptByID(ctx, tx, v, r.AttemptID)
	if err != nil {
		return err
	}
	if err := addStep(ctx, tx, v, a, e.Now(), "A person has to look: "+words(v, r.Amount())+" was refunded that had gone another way"); err != nil {
		return err
	}
	return sound(ctx, tx, v)
}

// bookForeignRefund books money that the provider gave back without us: somebody has seen it and says so.
func (e engine) bookForeignRefund(ctx context.Context, tx bun.Tx, v auth.Viewer, s Stray) error {
	a, err := holdAttempt(ctx, tx, v, s.AttemptID)
	if err != nil {
		return err
	}
	left, _, err := refundable(ctx, tx, v, s.PaymentID)
	if err != nil {
		return err
	}
	if s.Total > left {
		return errTooMuch
	}
	r := Refund{ID: id.New(), PaymentID: s.PaymentID, Total: s.Total, Currency: s.Currency}
	if err := bookForeign(ctx, tx, v, s, r); err != nil {
		return err
	}
	if err := giveBack(ctx, tx, v, r, e.Now()); err != nil {
		return err
	}
	if err := addStep(ctx, tx, v, a, e.Now(), "Refunded "+words(v, r.Amount())+" at the provider"); err != nil {
		return err
	}
	return e.restate(ctx, tx, v, a)
}
