package billing

import (
	"github.com/google/uuid"

	"portico/platform/activity"
	"portico/platform/day"
	"portico/platform/fault"
	"portico/platform/id"
	"portico/platform/money"
	"portico/platform/web"
)

type paymentRow struct {
	Payment
	Mark mark
	Href string
}

type paymentsView struct {
	*web.Here
	Tabs       []web.NavItem
	Client     party // the zero party: all clients
	Rows       []paymentRow
	Left       bool // only what is not all applied
	Prev, Next string
}

// payments lists what came in, the newest first.
func (o office) payments(r *web.Request) error {
	r.Title("Payments")
	view := paymentsView{Here: r.Here(), Tabs: o.tabs(r, "payments"), Left: r.Query("show") == "unapplied"}
	if text := r.Query("client"); text != "" {
		client, err := uuid.Parse(text)
		if err != nil {
			return fault.NotFound()
		}
		if view.Client, err = clientByID(r.Context(), r.Tx(), r.Viewer(), client); err != nil {
			return err
		}
	}
	at, back := r.Query("after"), r.Query("before") != ""
	if back {
		at = r.Query("before")
	}
	from := cursorOf(at, "due")
	list, p, err := listPayments(r.Context(), r.Tx(), r.Viewer(), view.Client.ID, view.Left, from, back && !from.isZero())
	if err != nil {
		return err
	}
	view.Rows = o.paymentRows(r, list)
	view.Prev, view.Next = turn(r.Here(), "before", p.Prev), turn(r.Here(), "after", p.Next)
	return r.Show("billing/payments", view)
}

func (office) paymentRows(r *web.Request, list []Payment) []paymentRow {
	rows := make([]paymentRow, len(list))
	for n, p := range list {
		rows[n] = paymentRow{p, p.mark(), r.Path("billing", "payments", p.ID)}
	}
	return rows
}

type paymentView struct {
	*web.Here
	Trail       []web.NavItem
	Payment     Payment
	Mark        mark
	Allocations []Allocation
	Open        []choice // invoices that it can be put on
	Settles     bool
	Amount      string
	To          string
	Moved       movement
	Refundable  bool
}

func (office) loadPayment(r *web.Request) (Payment, error) {
	id, err := r.ID("payment")
	if err != nil {
		return Payment{}, err
	}
	return paymentByID(r.Context(), r.Tx(), r.Viewer(), id)
}

func (o office) payment(r *web.Request) error {
	p, err := o.loadPayment(r)
	if err != nil {
		return err
	}
	view, err := o.paymentView(r, p)
	if err != nil {
		return err
	}
	return r.Show("billing/payment", view)
}

func (o office) paymentView(r *web.Request, p Payment) (paymentView, error) {
	r.Title(p.Number)
	view := paymentView{
		Here: r.Here(), Payment: p, Mark: p.mark(), Settles: r.Viewer().May(settle), Amount: p.Left().Plain(),
		Trail: []web.NavItem{
			{Title: "Billing", Href: r.Path("billing")},
			{Title: p.ClientName, Href: r.Path("billing", "clients", p.ClientID)},
			{Title: p.Number},
		},
	}
	var err error
	if view.Allocations, err = allocationsOfPayments(r.Context(), r.Tx(), r.Viewer(), p.ID); err != nil {
		return view, err
	}
	if view.Moved, err = movementOf(r, p); err != nil {
		return view, err
	}
	view.Refundable = view.Settles && !p.Reversed() && !p.IsCredit() && p.Refunded < p.Total
	if p.Left().Positive() && view.Settles {
		view.Open, err = o.openChoices(r, p.ClientID, p.Currency)
	}
	return view, err
}

// mostOpen is how many open invoices a list to choose from holds.
const mostOpen = 100

func (office) openChoices(r *web.Request, client uuid.UUID, currency string) ([]choice, error) {
	open, err := openInvoices(r.Context(), r.Tx(), r.Viewer(), client, mostOpen)
	var list []choice
	for _, i := range open {
		if i.Currency == currency {
			list = append(list, choice{i.ID.String(), i.Number + ", " + i.Title + ": " + r.Here().Money(i.Balance()) + " owed"})
		}
	}
	return list, err
}

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
	id, err := r.ID("client")
	if err != nil {
		return party{}, err
	}
	return clientByID(r.Context(), r.Tx(), r.Viewer(), id)
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
		return Payment{}, fault.Field("amount", amountWords(err, form.Currency))
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
			return p, fault.Field("to", underWay(r, i))
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

// underWay says why an invoice takes no other money at the moment.
func underWay(r *web.Request, i Invoice) string {
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

// allocate puts what is left of a payment on an invoice.
func (o office) allocate(r *web.Request) error {
	p, err := o.loadPayment(r)
	if err != nil {
		return err
	}
	var form struct {
		To     string `form:"to"`
		Amount string `form:"amount"`
	}
	wrong := r.Bind(&form)
	if fault.Is(wrong, fault.Unintelligible) {
		return wrong
	}
	if wrong == nil {
		wrong = o.allocated(r, p, form.To, form.Amount)
	}
	if wrong != nil {
		view, err := o.paymentView(r, p)
		if err != nil {
			return err
		}
		view.Amount, view.To = form.Amount, form.To
		return r.Again("billing/payment", view, wrong)
	}
	return r.Go(r.Path("billing", "payments", p.ID))
}

func (o office) allocated(r *web.Request, p Payment, to, typed string) error {
	ctx, tx, v := r.Context(), r.Tx(), r.Viewer()
	if err := holdClient(ctx, tx, v, p.ClientID); err != nil {
		return err
	}
	p, err := paymentByID(ctx, tx, v, p.ID) // as it is now that nobody else moves it
	if err != nil {
		return err
	}
	if p.Reversed() {
		return errReversed
	}
	amount, err := money.Parse(typed, p.Currency, r.Here().Locale())
	switch {
	case err != nil:
		return fault.Field("amount", amountWords(err, p.Currency))
	case !amount.Positive():
		return fault.Field("amount", "Enter more than nothing.")
	case p.Left().Less(amount):
		return fault.Field("amount", "Only "+r.Here().Money(p.Left())+" of it is left.")
	}
	if to == toOldest || to == toNone || to == "" {
		return fault.Field("to", "Choose an invoice.")
	}
	targets, err := o.targets(r, p, to)
	if err != nil {
		return err
	}
	i := targets[0]
	if i.Balance().Less(amount) {
		return fault.Field("amount", "Only "+r.Here().Money(i.Balance())+" is owed on it.")
	}
	if i.Free().Less(amount) {
		return fault.Field("to", underWay(r, i))
	}
	on := latest(today(r.Firm(), r.Now()), latest(p.ReceivedOn, i.IssuedOn))
	if err := allocate(ctx, tx, v, p, i, amount.Minor, on); err != nil {
		return err
	}
	r.Toast(r.Here().Money(amount) + " now stands on " + i.Number + ".")
	return activity.Record(ctx, tx, v, activity.Entry{
		Verb: "billing.applied", Text: "put " + r.Here().Money(amount) + " of " + p.Number + " on " + i.Number,
		ClientID: p.ClientID, ProjectID: i.ProjectID, SubjectID: p.ID,
	})
}

func latest(a, b day.Day) day.Day {
	if a.Before(b) {
		return b
	}
	return a
}

func (o office) reversing(r *web.Request, p Payment, form reasonForm) reasonView {
	at := r.Path("billing", "payments", p.ID)
	r.Title("Reverse " + p.Number)
	return reasonView{
		Here: r.Here(), Form: form, Action: at + "/reversal", Back: at, Confirm: "Reverse this " + p.Noun(),
		Title: "Reverse " + p.Number,
		Text:  "For a check that bounced or an entry that was wrong. It comes off its invoices, which are owed again. The books keep both.",
		Trail: []web.NavItem{{Title: "Billing", Href: r.Path("billing")}, {Title: p.Number, Href: at}, {Title: "Reverse"}},
	}
}

// askReverse demands a reason first.
func (o office) askReverse(r *web.Request) error {
	p, err := o.loadPayment(r)
	if err != nil {
		return err
	}
	if p.Reversed() {
		return r.Go(r.Path("billing", "payments", p.ID))
	}
	return r.Show("billing/reason", o.reversing(r, p, reasonForm{}))
}

func (o office) reverse(r *web.Request) error {
	p, err := o.loadPayment(r)
	if err != nil {
		return err
	}
	var form reasonForm
	wrong := r.Bind(&form)
	if wrong == nil {
		wrong = o.reversed(r, p, form.Reason)
	}
	if wrong != nil {
		return r.Again("billing/reason", o.reversing(r, p, form), wrong)
	}
	r.Toast(p.Number + " is reversed.")
	return r.Go(r.Path("billing", "payments", p.ID))
}

func (office) reversed(r *web.Request, p Payment, reason string) error {
	ctx, tx, v := r.Context(), r.Tx(), r.Viewer()
	if err := holdClient(ctx, tx, v, p.ClientID); err != nil {
		return err
	}
	if p.Method.Online() {
		return fault.Conflict("This payment came online. Refund it, then the provider gives the money back.")
	}
	standing, err := allocationsOfPayments(ctx, tx, v, p.ID)
	if err != nil {
		return err
	}
	if err := reverse(ctx, tx, v, p, standing, reason, today(r.Firm(), r.Now())); err != nil {
		return err
	}
	return activity.Record(ctx, tx, v, activity.Entry{
		Verb: "billing.reversed", Text: "reversed the " + p.Noun() + " " + p.Number + " of " + r.Here().Money(p.Amount()),
		ClientID: p.ClientID, SubjectID: p.ID, Data: map[string]any{"reason": reason},
	})
}
