package billing

import (
	"context"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/activity"
	"portico/platform/auth"
	"portico/platform/fault"
	"portico/platform/live"
	"portico/platform/module"
	"portico/platform/web"
)

// payer are the pages on which a contact pays.
type payer struct{ module.Platform }

// payingRoutes are all pages of paying.
func payingRoutes(p module.Platform) []web.Route { return append(payRoutes(p), walletRoutes(p)...) }

func payRoutes(p module.Platform) []web.Route {
	on := payer{p}
	return []web.Route{
		web.Get("/payments/new", pay, on.checkout),
		web.Post("/payments", pay, on.pay).Tries("pay", 60, paySpan),
		web.Get("/batches/:batch", pay, on.result),
		web.Get("/batches/:batch/card", pay, on.fields),
		web.Delete("/batches/:batch", pay, on.giveUp),
		web.Get("/batches/:batch/receipts/:attempt", pay, on.receipt),
	}
}

// asked are the invoices that an address names.
func asked(r *web.Request) ([]uuid.UUID, error) {
	var ids []uuid.UUID
	seen := map[uuid.UUID]bool{}
	for _, text := range r.Queries("invoice") {
		one, err := uuid.Parse(text)
		if err != nil {
			return nil, fault.NotFound()
		}
		if !seen[one] {
			seen[one], ids = true, append(ids, one)
		}
	}
	if len(ids) > mostPaidAtOnce {
		return nil, fault.Invalid("Please pay at most 50 invoices at once.")
	}
	return ids, nil
}

// checkout shows what is about to be paid, and asks with what.
func (p payer) checkout(r *web.Request) error {
	ids, err := asked(r)
	if err != nil {
		return err
	}
	if len(ids) == 0 { // nothing was ticked
		r.Warn("Tick the invoices that you want to pay.")
		return r.Go(r.Path("billing"))
	}
	view, err := p.view(r, ids, askedForm(r, ids))
	if err != nil {
		return err
	}
	return r.Show("billing/pay", view)
}

func (p payer) view(r *web.Request, ids []uuid.UUID, form payForm) (checkout, error) {
	r.Title("Pay")
	ctx, tx, v := r.Context(), r.Tx(), r.Viewer()
	t, err := cashierOf(ctx, tx, v)
	if err != nil {
		return checkout{}, err
	}
	list, err := invoicesByID(ctx, tx, v, ids)
	if err != nil {
		return checkout{}, err
	}
	c := checkoutOf(r, t, list, form)
	c.Trail = []web.NavItem{{Title: r.Say("Billing"), Href: r.Path("billing")}, {Title: r.Say("Pay")}}
	c.Action, c.Back, c.Methods, c.Keeps = r.Path("billing", "payments"), r.Path("billing"), r.Path("billing", "methods"), true
	at := r.Path("billing", "payments", "new")
	for n := range c.Apart {
		c.Apart[n].Href = at + "?" + c.Apart[n].Href
	}
	for n := range c.Left {
		c.Left[n].Href = r.Path("billing", "invoices", c.Left[n].ID)
	}
	if len(ids) == 1 {
		c.Back = r.Path("billing", "invoices", ids[0])
	}
	query := ""
	for _, row := range c.Rows {
		query = with(query, "invoice", row.ID.String())
	}
	c.at(at, query)
	kept, err := savedOf(ctx, tx, v, today(r.Firm(), r.Now()))
	if err != nil {
		return checkout{}, err
	}
	c.offers(kept)
	return c, nil
}

// pay promises the payment. A page that is sent twice is one payment, and what somebody else is paying meanwhile is
// refused with the reason.
func (p payer) pay(r *web.Request) error {
	var form payForm
	wrong := r.Bind(&form)
	if fault.Is(wrong, fault.Unintelligible) {
		return wrong
	}
	form.Amounts = r.Values("amount")
	if form.Key == uuid.Nil || len(form.Invoices) == 0 || len(form.Invoices) > mostPaidAtOnce {
		return errOldForm
	}
	at := r.Path("billing", "batches", form.Key)
	_, err := batchByID(r.Context(), r.Tx(), r.Viewer(), form.Key)
	if err == nil { // pressed twice
		return r.Go(at)
	}
	if !fault.Is(err, fault.Missing) {
		return err
	}
	view, err := p.view(r, form.Invoices, form)
	if err != nil {
		return err
	}
	if form.Do == "total" {
		return r.Go(view.typed())
	}
	if wrong == nil {
		v := r.Viewer()
		wrong = begin(r, p.Bell, view, v, basket{ClientID: v.ClientID, ContactID: v.ContactID, Return: r.Origin() + at + "?back=1"})
	}
	if fault.Is(wrong, fault.Clash) { // the other press of a double click was quicker
		if _, err := batchByID(r.Context(), r.Tx(), r.Viewer(), form.Key); err == nil {
			return r.Go(at)
		}
	}
	if wrong != nil {
		return p.again(r, form, wrong)
	}
	return r.Go(at + "?go=1")
}

// clientTopic is heard by all contacts of a client, who then look for themselves.
func clientTopic(client uuid.UUID) string { return "billing@client:" + client.String() }

// begin starts what the page shows. What it holds back is undone when another part of it cannot be paid.
func begin(r *web.Request, bell *live.Bell, view checkout, v auth.Viewer, more basket) error {
	b, err := view.basket()
	if err != nil {
		return err
	}
	b.ClientID, b.ContactID, b.LinkID, b.Return = more.ClientID, more.ContactID, more.LinkID, more.Return
	bell.Publish(r.Context(), v.FirmID(), clientTopic(b.ClientID))
	return r.Tx().RunInTx(r.Context(), nil, func(ctx context.Context, tx bun.Tx) error {
		if _, err := startBatch(ctx, tx, v, b); err != nil {
			return err
		}
		text := "started to pay " + view.Money(view.Total) + " online"
		if b.LinkID != uuid.Nil {
			text = "let " + view.Money(view.Total) + " be paid online through a payment link"
		}
		return activity.Record(ctx, tx, v, activity.Entry{Verb: "billing.paying", Text: text, ClientID: b.ClientID, SubjectID: b.ID})
	})
}

// again shows the page as things are now, with what was wrong.
func (p payer) again(r *web.Request, form payForm, wrong error) error {
	if fault.Is(wrong, fault.Clash) {
		form.Key = uuid.Nil // what is paid from here on is another payment
	}
	view, err := p.view(r, form.Invoices, form)
	if err != nil {
		return err
	}
	return r.Again("billing/pay", view, wrong)
}

// giveUp ends what is not paid yet.
func (p payer) giveUp(r *web.Request) error {
	b, err := p.load(r)
	if err != nil {
		return err
	}
	if err := cancelBatch(r.Context(), r.Tx(), r.Viewer(), b.ID); err != nil {
		return err
	}
	return r.Go(r.Path("billing", "batches", b.ID))
}

// cameBack asks the provider how a payment stands when the payer returns from its page.
func (p payer) cameBack(r *web.Request, b Batch) error {
	if b.Settled() {
		return nil
	}
	v := r.Viewer()
	return r.Deliver(func(ctx context.Context, tx bun.Tx) error { return hurry(ctx, tx, v, b.ID) })
}
