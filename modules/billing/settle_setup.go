package billing

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/modules/billing/gateway"
	"portico/platform/auth"
	"portico/platform/db"
	"portico/platform/job"
)

// settingUp is a method that its payer enters on the provider's page.
type settingUp struct{ Batch uuid.UUID }

// forgetting is a method that was removed here, and is to be removed at the provider.
type forgetting struct{ Method uuid.UUID }

var (
	settleSetup  = job.New[settingUp]("billing:setup")
	forgetMethod = job.New[forgetting]("billing:forget")
)

// setup begins the saving of a method, or asks what became of it.
func (e engine) setup(ctx context.Context, tx bun.Tx, firm uuid.UUID, s settingUp) error {
	v := auth.System(firm)
	b, err := batchByID(ctx, tx, v, s.Batch)
	if err != nil {
		return err
	}
	g, err := e.open(ctx, tx, firm, b.AccountID) // before anything is held, as in settle
	if err != nil {
		return err
	}
	var order gateway.SaveOrder
	err = db.InTx(ctx, e.Pool, firm, func(ctx context.Context, tx bun.Tx) (err error) {
		b, err = holdBatch(ctx, tx, v, s.Batch)
		if err != nil || b.entered() {
			return err
		}
		if order, err = saveOrderOf(ctx, tx, v, b); err != nil {
			return err
		}
		if b.SentAt.IsZero() {
			b.SentAt = e.Now()
		}
		b.LookAt = e.Now().Add(lost)
		return noteSetup(ctx, tx, v, b)
	})
	if err != nil {
		return err
	}
	if b.entered() {
		return e.enteredLate(ctx, tx, v, b, g)
	}
	if b.givenUp() {
		return e.applySetup(ctx, tx, v, b.ID, gateway.Setup{ID: b.SetupID, Key: b.ID, Status: gateway.Canceled})
	}
	is, err := called(ctx, func(ctx context.Context) (gateway.Setup, error) {
		if b.SetupID != "" {
			return g.FindSetup(ctx, b.SetupID)
		}
		return g.Save(ctx, order)
	})
	said, definite := gateway.Definite(err)
	switch {
	case definite && b.SetupID == "":
		is = gateway.Setup{Key: b.ID, Status: gateway.Failed, Failure: gateway.Failure{Code: said.Code, Text: said.Text}}
	case err != nil && !errors.Is(err, gateway.ErrUnknown):
		return e.setupUnsure(ctx, tx, v, b.ID)
	case err != nil:
		is = gateway.Setup{Key: b.ID, Status: gateway.Canceled}
	}
	return e.applySetup(ctx, tx, v, b.ID, is)
}

// entered reports whether the saving of the method is over, or was never begun.
func (b Batch) entered() bool {
	return b.SetupStatus != SetupCreated && b.SetupStatus != gateway.NeedsAction
}

// givenUp reports whether the payer wants nothing of it any more.
func (b Batch) givenUp() bool {
	return len(b.Attempts) > 0 && !slices.ContainsFunc(b.Attempts, func(a Attempt) bool { return !a.GiveUp })
}

func (e engine) setupUnsure(ctx context.Context, tx bun.Tx, v auth.Viewer, batch uuid.UUID) error {
	b, err := holdBatch(ctx, tx, v, batch)
	if err != nil || b.entered() {
		return err
	}
	wait := pace[min(b.Looks, len(pace)-1)]
	b.LookAt = e.Now().Add(wait)
	b.Looks++
	if e.Now().Sub(b.SentAt) > abandoned {
		return e.setupOver(ctx, tx, v, b, gateway.Canceled, "The provider did not answer.")
	}
	if err := noteSetup(ctx, tx, v, b); err != nil || wait > quickly {
		return err
	}
	_, err = settleSetup.Enqueue(ctx, tx, v.FirmID(), settingUp{b.ID}, job.At(b.LookAt))
	return err
}

// applySetup makes of what the provider says about a saving what it means. With the method the attempts that waited for
// it begin, each on its own.
func (e engine) applySetup(ctx context.Context, tx bun.Tx, v auth.Viewer, batch uuid.UUID, s gateway.Setup) error {
	b, err := holdBatch(ctx, tx, v, batch)
	if err != nil || s.Key != b.ID {
		return err
	}
	if b.entered() {
		return e.unwanted(ctx, tx, v, b, s)
	}
	b.SetupID = s.ID
	switch s.Status {
	case gateway.Succeeded:
		return e.setupDone(ctx, tx, v, b, s)
	case gateway.Failed, gateway.Canceled:
		return e.setupOver(ctx, tx, v, b, s.Status, s.Failure.Text)
	}
	if e.Now().Sub(b.SentAt) > abandoned {
		return e.setupOver(ctx, tx, v, b, gateway.Canceled, "")
	}
	changed := b.SetupStatus != gateway.NeedsAction
	b.SetupStatus, b.SetupURL, b.Looks, b.LookAt = gateway.NeedsAction, s.URL, 0, e.Now().Add(quickly)
	if changed {
		e.ringSetup(ctx, v, b)
	}
	return noteSetup(ctx, tx, v, b)
}

func (e engine) setupDone(ctx context.Context, tx bun.Tx, v auth.Viewer, b Batch, s gateway.Setup) error {
	if s.Method.Kind == "" {
		s.Method.Kind = b.Kind
	}
	method, err := addMethod(ctx, tx, v, b, s.Method)
	if err != nil {
		return err
	}
	if method == uuid.Nil {
		return e.setupOver(ctx, tx, v, b, gateway.Failed, "This payment method belongs to somebody else.")
	}
	b.MethodID, b.SetupStatus, b.SetupURL, b.LookAt = method, gateway.Succeeded, "", time.Time{}
	if err := noteSetup(ctx, tx, v, b); err != nil {
		return err
	}
	if b.Keep {
		if _, err := methodMail.Enqueue(ctx, tx, v.FirmID(), methodChanged{Contact: b.ContactID, Method: method}); err != nil {
			return err
		}
	}
	var jobs []settling
	for _, a := range b.Attempts {
		if a.Status == Waiting {
			a.Status, a.LookAt = Created, e.Now().Add(quickly)
			if err := noteStatus(ctx, tx, v, a); err != nil {
				return err
			}
			jobs = append(jobs, settling{a.ID})
		}
	}
	e.ringSetup(ctx, v, b)
	return settleAttempt.EnqueueEach(ctx, tx, v.FirmID(), jobs)
}

// setupOver: there will be no method, so nothing of the batch is paid.
func (e engine) setupOver(ctx context.Context, tx bun.Tx, v auth.Viewer, b Batch, to gateway.Status, text string) error {
	b.SetupStatus, b.SetupText, b.SetupURL, b.LookAt = to, text, "", time.Time{}
	if b.left() { // the provider's page is open for a day, whoever has left it
		b.LookAt = e.Now().Add(keyLives + 2*time.Hour)
	}
	if err := noteSetup(ctx, tx, v, b); err != nil {
		return err
	}
	for _, a := range b.Attempts {
		if a.Status != Waiting {
			continue
		}
		if err := e.end(ctx, tx, v, a, Canceled, gateway.Failure{Code: "canceled", Text: text}); err != nil {
			return err
		}
	}
	e.ringSetup(ctx, v, b)
	return nil
}

// batchOver lets go of a method that was entered for a batch alone, once nothing of it is open.
func (e engine) batchOver(ctx context.Context, tx bun.Tx, v auth.Viewer, a Attempt) error {
	method, err := spentMethod(ctx, tx, v, a.BatchID)
	if err != nil || method == uuid.Nil {
		return err
	}
	_, err = forgetMethod.Enqueue(ctx, tx, v.FirmID(), forgetting{method})
	return err
}

// forget removes at the provider what was removed here.
func (e engine) forget(ctx context.Context, tx bun.Tx, firm uuid.UUID, f forgetting) error {
	account, token, err := tokenOf(ctx, tx, auth.System(firm), f.Method)
	if err != nil || token == "" {
		return err
	}
	g, err := e.open(ctx, tx, firm, account)
	if err != nil {
		return err
	}
	_, err = called(ctx, func(ctx context.Context) (any, error) { return nil, g.Forget(ctx, token) })
	return err
}

// left reports whether the saving of a method was given up here, while the provider's page for it may still be open.
func (b Batch) left() bool { return b.SetupStatus == gateway.Canceled && b.SetupID != "" }

// enteredLate looks once more, when the provider's page is closed for certain, whether a method was entered there after
// it had been given up here.
func (e engine) enteredLate(ctx context.Context, tx bun.Tx, v auth.Viewer, b Batch, g gateway.Gateway) error {
	if !b.left() || b.LookAt.IsZero() {
		return nil
	}
	is, err := called(ctx, func(ctx context.Context) (gateway.Setup, error) { return g.FindSetup(ctx, b.SetupID) })
	if err != nil && !errors.Is(err, gateway.ErrUnknown) {
		return err
	}
	if err == nil {
		if err := e.applySetup(ctx, tx, v, b.ID, is); err != nil {
			return err
		}
	}
	if b, err = holdBatch(ctx, tx, v, b.ID); err != nil {
		return err
	}
	b.LookAt = time.Time{}
	return noteSetup(ctx, tx, v, b)
}

// unwanted lets the provider forget a method that was entered there when nobody here waited for it any more.
func (e engine) unwanted(ctx context.Context, tx bun.Tx, v auth.Viewer, b Batch, s gateway.Setup) error {
	if !b.left() || s.Status != gateway.Succeeded || s.Method.Token == "" {
		return nil
	}
	if s.Method.Kind == "" {
		s.Method.Kind = b.Kind
	}
	method, err := addUnwanted(ctx, tx, v, b, s.Method)
	if err != nil || method == uuid.Nil {
		return err
	}
	_, err = forgetMethod.Enqueue(ctx, tx, v.FirmID(), forgetting{method})
	return err
}

func (e engine) ringSetup(ctx context.Context, v auth.Viewer, b Batch) {
	e.Bell.Publish(ctx, v.FirmID(), b.Topic())
	e.Bell.Publish(ctx, v.FirmID(), clientTopic(b.ClientID))
}
