package billing

import (
	"context"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/job"
	"portico/platform/module"
)

// settling is an attempt to hand to its provider, or to ask the provider about.
type settling struct{ Attempt uuid.UUID }

// settingUp is a method that its payer enters on the provider's page.
type settingUp struct{ Batch uuid.UUID }

// arrived is what a provider reported: the row is there already.
type arrived struct {
	Account uuid.UUID
	Event   string
}

var (
	settleAttempt = job.New[settling]("billing:settle")
	settleSetup   = job.New[settingUp]("billing:setup")
	eventArrived  = job.New[arrived]("billing:event")
)

// engine moves money: it alone speaks to providers, and what they say goes through apply.
type engine struct {
	module.Platform
	open opener
}

func (e engine) handlers() []job.Handler {
	return []job.Handler{settleAttempt.Handle(e.settle), settleSetup.Handle(e.setup), eventArrived.Handle(e.event)}
}

func (e engine) settle(ctx context.Context, tx bun.Tx, firm uuid.UUID, s settling) error { return nil }
func (e engine) setup(ctx context.Context, tx bun.Tx, firm uuid.UUID, s settingUp) error { return nil }
func (e engine) event(ctx context.Context, tx bun.Tx, firm uuid.UUID, a arrived) error   { return nil }
