package billing

import (
	"github.com/google/uuid"

	"portico/platform/activity"
	"portico/platform/fault"
	"portico/platform/id"
	"portico/platform/money"
	"portico/platform/web"
)

type enterView struct {
	*web.Here
	Trail      []web.NavItem
	Client     party
	Form       paymentForm
	Credit     bool
	Open       []choice
	Methods    []choice
	Currencies []choice
	Action     string
	Back       string
	Symbol     string
}

func (o office) newPayment(r *web.Request) error { return o.enter(r, Check) }
func (o office) newCredit(r *web.Request) error  { return o.enter(r, Credit) }

// enter shows the form; the address may name the invoice that is paid.
func (o office) enter(r *web.Request, method Method) error {
	client, err := o.billed(r)
	if err != nil {
		return err
	}
	form := paymentForm{Method: method, To: toOldest, ReceivedOn: today(r.Firm(), r.Now()), Key: id.New(), Currency: r.Query("currency")}
	if invoice, err := uuid.Parse(r.Query("invoice")); err == nil {
		i, err := invoiceByID(r.Context(), r.Tx(), r.Viewer(), invoice)
		if err != nil {
			return err
		}
		if i.ClientID == client.ID && i.Owed() {
			form.To, form.Currency = i.ID.String(), i.Currency
			if method != Credit {
				form.Amount = i.Balance().Plain()
			}
		}
	}
	view, err := o.entering(r, client, form)
	if err != nil {
		return err
	}
	return r.Show("billing/enter", view)
}

func (office) billed(r *web.Request) (party, error) {
	return web.Find(r, "client", clientByID)
}

func (o office) entering(r *web.Request, client party, form paymentForm) (enterView, error) {
	view := enterView{
		Here: r.Here(), Client: client, Credit: form.Method == Credit, Back: r.Path("billing", "clients", client.ID),
		Trail: []web.NavItem{{Title: "Billing", Href: r.Path("billing")}, {Title: client.Name, Href: r.Path("billing", "clients", client.ID)}},
	}
	title, noun := "Record a payment", "payments"
	if view.Credit {
		title, noun = "Give a credit", "credits"
	}
	r.Title(title)
	view.Action = r.Path("billing", "clients", client.ID, noun)
	view.Trail = append(view.Trail, web.NavItem{Title: title})
	currencies, err := currenciesOf(r.Context(), r.Tx(), r.Viewer(), client.ID)
	if err != nil {
		return view, err
	}
	if form.Currency == "" && len(currencies) > 0 {
		form.Currency = currencies[0]
	}
	for _, c := range currencies {
		view.Currencies = append(view.Currencies, choice{c, c})
	}
	for _, m := range offline {
		view.Methods = append(view.Methods, choice{string(m), m.Title()})
	}
	view.Form, view.Symbol = form, money.Symbol(form.Currency, r.Here().Locale())
	open, err := o.openChoices(r, client.ID, form.Currency)
	view.Open = append([]choice{{toOldest, "The oldest open invoices first"}}, open...)
	view.Open = append(view.Open, choice{toNone, "No invoice yet: keep it on account"})
	return view, err
}

func (o office) addPayment(r *web.Request) error { return o.add(r, "") }
func (o office) addCredit(r *web.Request) error  { return o.add(r, Credit) }

func (o office) add(r *web.Request, method Method) error {
	client, err := o.billed(r)
	if err != nil {
		return err
	}
	var form paymentForm
	wrong := r.Bind(&form)
	if fault.Is(wrong, fault.Unintelligible) {
		return wrong
	}
	if method == Credit && form.Method != Credit || method != Credit && form.Method == Credit {
		return fault.BadRequest("This form does not belong here.")
	}
	var p Payment
	if wrong == nil {
		p, wrong = o.paid(r, client, form)
	}
	if wrong != nil {
		view, err := o.entering(r, client, form)
		if err != nil {
			return err
		}
		return r.Again("billing/enter", view, wrong)
	}
	return r.Go(r.Path("billing", "payments", p.ID))
}

// paid keeps a payment and puts it where it was said to go. What is more than is owed stays on account.
func (o office) paid(r *web.Request, client party, form paymentForm) (Payment, error) {
	ctx, tx, v := r.Context(), r.Tx(), r.Viewer()
	currencies, err := currenciesOf(ctx, tx, v, client.ID)
	if err != nil {
		return Payment{}, err
	}
	if !contains(currencies, form.Currency) {
		return Payment{}, fault.Field("currency", "Choose one from the list.")
	}
	amount, err := money.Parse(form.Amount, form.Currency, r.Here().Locale())
	if err != nil {
		return Payment{}, fault.Field("amount", money.Advice(err, form.Currency))
	}
	if !amount.Positive() {
		return Payment{}, fault.Field("amount", "Enter more than nothing.")
	}
	if form.ReceivedOn.After(today(r.Firm(), r.Now()).Add(1)) {
		return Payment{}, fault.Field("received_on", "This day is still to come.")
	}
	p := Payment{
		ClientID: client.ID, ClientName: client.Name, Method: form.Method, Currency: form.Currency, Total: amount.Minor,
		ReceivedOn: form.ReceivedOn, Reference: form.Reference, Notes: form.Notes,
	}
	p, fresh, err := addPayment(ctx, tx, v, p, form.Key)
	if err != nil || !fresh {
		return p, err
	}
	text := "recorded a payment of " + r.Here().Money(amount) + ", " + p.Number
	if p.IsCredit() {
		text = "gave a credit of " + r.Here().Money(amount) + ", " + p.Number
	}
	err = activity.Record(ctx, tx, v, activity.Entry{
		Verb: "billing.received", Text: text, ClientID: client.ID, SubjectID: p.ID,
		Data: map[string]any{"method": p.Method.Title(), "reference": p.Reference, "on": p.ReceivedOn.String()},
	})
	if err != nil || form.To == toNone {
		return p, err
	}
	targets, err := o.targets(r, p, form.To)
	if err != nil {
		return p, err
	}
	left := p.Total
	for _, i := range targets {
		if form.To != toOldest && i.Reserved > 0 && i.Free().Minor < min(left, i.Balance().Minor) {
			return p, fault.Field("to", reservedNote(r, i))
		}
		part := min(left, i.Free().Minor)
		if part <= 0 || i.Currency != p.Currency {
			continue
		}
		on := p.ReceivedOn
		if on.Before(i.IssuedOn) { // paid before it was billed: it stands there from the bill's day on
			on = i.IssuedOn
		}
		if err := allocate(ctx, tx, v, p, i, part, on); err != nil {
			return p, err
		}
		left -= part
	}
	if left == 0 {
		r.Toast("Recorded as " + p.Number + ".")
	} else {
		r.Toast("Recorded as " + p.Number + ". " + r.Here().Money(money.Of(left, p.Currency)) + " stays on account.")
	}
	return p, nil
}

// targets are the invoices that money goes to, in order.
func (office) targets(r *web.Request, p Payment, to string) ([]Invoice, error) {
	if to == toOldest {
		return openInvoices(r.Context(), r.Tx(), r.Viewer(), p.ClientID, mostOpen)
	}
	id, err := uuid.Parse(to)
	if err != nil {
		return nil, fault.Field("to", "Choose one from the list.")
	}
	i, err := invoiceByID(r.Context(), r.Tx(), r.Viewer(), id)
	switch {
	case fault.Is(err, fault.Missing), err == nil && (i.ClientID != p.ClientID || i.Currency != p.Currency):
		return nil, fault.Field("to", "Choose one from the list.")
	case err == nil && !i.Owed():
		return nil, fault.Field("to", "This invoice is not owed any more.")
	}
	return []Invoice{i}, err
}

// reservedNote says why an invoice takes no other money at the moment.
func reservedNote(r *web.Request, i Invoice) string {
	return r.Here().Money(i.ReservedAmount()) + " of it is being paid online at the moment. Wait until that is settled, or keep this money on account."
}

func contains(list []string, s string) bool {
	for _, one := range list {
		if one == s {
			return true
		}
	}
	return false
}
