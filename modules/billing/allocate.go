package billing

import (
	"portico/platform/activity"
	"portico/platform/day"
	"portico/platform/fault"
	"portico/platform/money"
	"portico/platform/web"
)

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
		return fault.Field("amount", money.Advice(err, p.Currency))
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
		return fault.Field("to", reservedNote(r, i))
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
