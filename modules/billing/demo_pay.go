package billing

import (
	"context"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/modules/billing/gateway"
	"portico/modules/billing/gateway/sandbox"
	"portico/platform/auth"
	"portico/platform/id"
	"portico/platform/job"
	"portico/platform/module"
)

// demoPaying is what the demo's contacts have done about paying: it needs the practice provider, which answers only once
// everything runs.
type demoPaying struct{ Ana, Omar uuid.UUID }

var tellPaying = job.New[demoPaying]("billing:tell_paying")

func tellPayingHandler(p module.Platform) job.Handler {
	return tellPaying.Handle(func(ctx context.Context, tx bun.Tx, firm uuid.UUID, d demoPaying) error {
		return demoWallet{p, firm}.tell(ctx, tx, d)
	}).Within(time.Minute)
}

// demoWallet fills the wallets of the demo's contacts: Ana has a card and a bank account, and pays a part of an invoice
// from the account; Omar lets his card be charged by itself.
type demoWallet struct {
	module.Platform
	firm uuid.UUID
}

func (w demoWallet) tell(ctx context.Context, tx bun.Tx, d demoPaying) error {
	v := auth.System(w.firm)
	t, err := cashierOf(ctx, tx, v)
	if err != nil || t.Provider != "sandbox" || w.Sandbox == "" {
		return err
	}
	if _, err := w.keep(ctx, tx, t, d.Ana, gateway.Card, "4242424242424242"); err != nil {
		return err
	}
	bank, err := w.keep(ctx, tx, t, d.Ana, gateway.Bank, "000123456789")
	if err != nil {
		return err
	}
	card, err := w.keep(ctx, tx, t, d.Omar, gateway.Card, "5555555555554444")
	if err != nil {
		return err
	}
	client, err := clientOfContact(ctx, tx, v, d.Omar)
	if err != nil {
		return err
	}
	if err := saveAutopay(ctx, tx, auth.Viewer{Side: auth.Portal, Firm: v.Firm, ContactID: d.Omar, ClientID: client}, card); err != nil {
		return err
	}
	return w.payPart(ctx, tx, t, d.Ana, bank)
}

// keep saves a method as its contact would.
func (w demoWallet) keep(ctx context.Context, tx bun.Tx, t cashier, contact uuid.UUID, kind gateway.Kind, digits string) (uuid.UUID, error) {
	v := auth.System(w.firm)
	g, err := openAccount(w.Platform)(ctx, tx, w.firm, t.AccountID)
	if err != nil {
		return uuid.Nil, err
	}
	s, err := g.Save(ctx, gateway.SaveOrder{Key: id.New(), Kind: kind})
	if err != nil {
		return uuid.Nil, err
	}
	page := s.URL[strings.LastIndexByte(s.URL, '/')+1:]
	if _, err := sandbox.NewDesk(w.Sandbox).Enter(ctx, page, sandbox.Entry{Number: digits, Routing: sandbox.Routing}); err != nil {
		return uuid.Nil, err
	}
	if s, err = g.FindSetup(ctx, s.ID); err != nil {
		return uuid.Nil, err
	}
	return addMethod(ctx, tx, v, Batch{ContactID: contact, AccountID: t.AccountID, Keep: true}, s.Method)
}

// payPart has a part of what is due last be paid, and be on its way.
func (w demoWallet) payPart(ctx context.Context, tx bun.Tx, t cashier, contact, method uuid.UUID) error {
	v := auth.System(w.firm)
	client, err := clientOfContact(ctx, tx, v, contact)
	if err != nil {
		return err
	}
	open, err := openInvoices(ctx, tx, v, client, mostOpen)
	if err != nil || len(open) == 0 {
		return err
	}
	i := open[len(open)-1]
	_, err = startBatch(ctx, tx, v, basket{
		ID: id.New(), ClientID: client, ContactID: contact, AccountID: t.AccountID, Kind: gateway.Bank, MethodID: method, Currency: i.Currency,
		Items: []basketItem{{i.ID, min(250000, i.Free().Minor)}},
	})
	return err
}
