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
	"portico/platform/fault"
	"portico/platform/id"
	"portico/platform/job"
	"portico/platform/module"
)

// demoPaying is what the demo's contacts have done about paying: it needs the practice provider, which answers only once
// everything runs.
type demoPaying struct{ Ana, Omar, Priya uuid.UUID }

// demoRefund is a payment of which staff give a part back, as soon as it is there.
type demoRefund struct {
	Batch, Priya uuid.UUID
	Looks        int
}

var (
	tellPaying = job.New[demoPaying]("billing:tell_paying")
	tellRefund = job.New[demoRefund]("billing:tell_refund")
)

func tellPayingHandlers(p module.Platform) []job.Handler {
	return []job.Handler{
		tellPaying.Handle(func(ctx context.Context, tx bun.Tx, firm uuid.UUID, d demoPaying) error {
			return demoWallet{p, firm}.tell(ctx, tx, d)
		}).Within(time.Minute),
		tellRefund.Handle(func(ctx context.Context, tx bun.Tx, firm uuid.UUID, d demoRefund) error {
			return demoWallet{p, firm}.refund(ctx, tx, d)
		}),
	}
}

// demoWallet fills the wallets of the demo's contacts: Ana has a card and a bank account, pays a part of an invoice from the
// account, and gets back a part of what she paid by card. Omar lets his card be charged by itself, and disputes what another
// card of his paid.
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
	visa, err := w.enter(ctx, tx, t, d.Ana, gateway.Card, "4242424242424242", true)
	if err != nil {
		return err
	}
	bank, err := w.enter(ctx, tx, t, d.Ana, gateway.Bank, "000123456789", true)
	if err != nil {
		return err
	}
	card, err := w.enter(ctx, tx, t, d.Omar, gateway.Card, "5555555555554444", true)
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
	if _, err := w.payPart(ctx, tx, t, basket{ContactID: d.Ana, Kind: gateway.Bank, MethodID: bank}, 250000, last); err != nil {
		return err
	}
	paid, err := w.payPart(ctx, tx, t, basket{ContactID: d.Ana, Kind: gateway.Card, MethodID: visa}, 60000, first)
	if err != nil || paid == uuid.Nil {
		return err
	}
	if _, err := tellRefund.Enqueue(ctx, tx, w.firm, demoRefund{Batch: paid, Priya: d.Priya}, job.At(w.Now().Add(demoPause))); err != nil {
		return err
	}
	disputed, err := w.enter(ctx, tx, t, d.Omar, gateway.Card, "4000000000000259", false)
	if err != nil {
		return err
	}
	_, err = w.payPart(ctx, tx, t, basket{ContactID: d.Omar, Kind: gateway.Card, MethodID: disputed}, 120000, first)
	return err
}

const demoPause = 2 * time.Second

// refund gives back a part of a payment once it is there.
func (w demoWallet) refund(ctx context.Context, tx bun.Tx, d demoRefund) error {
	v := auth.System(w.firm)
	b, err := batchByID(ctx, tx, v, d.Batch)
	if err != nil || len(b.Attempts) == 0 {
		return fault.IgnoreNotFound(err)
	}
	a := b.Attempts[0]
	if !a.Paid() {
		if d.Looks++; !a.Open() || d.Looks > 60 {
			return nil
		}
		_, err := tellRefund.Enqueue(ctx, tx, w.firm, d, job.At(w.Now().Add(demoPause)))
		return err
	}
	v.PersonID = d.Priya
	_, err = startRefund(ctx, tx, v, a.PaymentID, Refund{ID: id.New(), Total: a.Total / 4, Reason: "Two doors came scratched; she keeps them."}, w.Now())
	return err
}

// enter has a contact enter a method at the provider, and perhaps keep it.
func (w demoWallet) enter(ctx context.Context, tx bun.Tx, t cashier, contact uuid.UUID, kind gateway.Kind, digits string, keep bool) (uuid.UUID, error) {
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
	return addMethod(ctx, tx, v, Batch{ContactID: contact, AccountID: t.AccountID, Keep: keep}, s.Method)
}

// payPart has a part of what is owed be paid: of what is due last, or first.
func (w demoWallet) payPart(ctx context.Context, tx bun.Tx, t cashier, b basket, most int64, which func([]Invoice) Invoice) (uuid.UUID, error) {
	v := auth.System(w.firm)
	client, err := clientOfContact(ctx, tx, v, b.ContactID)
	if err != nil {
		return uuid.Nil, err
	}
	open, err := openInvoices(ctx, tx, v, client, mostOpen)
	if err != nil || len(open) == 0 {
		return uuid.Nil, err
	}
	i := which(open)
	b.ID, b.ClientID, b.AccountID, b.Currency = id.New(), client, t.AccountID, i.Currency
	b.Items = []basketItem{{i.ID, min(most, i.Free().Minor)}}
	_, err = startBatch(ctx, tx, v, b)
	return b.ID, err
}

func first(open []Invoice) Invoice { return open[0] }
func last(open []Invoice) Invoice  { return open[len(open)-1] }
