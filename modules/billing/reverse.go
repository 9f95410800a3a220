package billing

import (
	"portico/platform/activity"
	"portico/platform/fault"
	"portico/platform/web"
)

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
	p, err := paymentByID(ctx, tx, v, p.ID) // with what went back of it until now
	if err != nil {
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
