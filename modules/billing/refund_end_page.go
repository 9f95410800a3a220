package billing

import (
	"unicode/utf8"

	"portico/platform/day"
	"portico/platform/fault"
	"portico/platform/web"
)

type refundEndView struct {
	*web.Here
	Trail   []web.NavItem
	Refund  Refund
	Mark    mark
	Payment Payment
	Form    refundEndForm
	Methods []choice
	Ends    bool   // a person has to say how it ends
	Why     string // it cannot be paid back by other means
	Action  string
	Looks   string
}

// refundEndForm says how a refund ended.
type refundEndForm struct {
	Do        string  `form:"do"` // elsewhere or given_up
	Method    Method  `form:"method"`
	Reference string  `form:"reference"`
	PaidOn    day.Day `form:"paid_on"`
	Reason    string  `form:"reason"`
}

// end is what it says, or what is wrong with it.
func (f refundEndForm) end(p Payment, today day.Day) (RefundEnd, fault.Fields) {
	wrong := fault.Fields{}
	if f.Do != elsewhere {
		if n := utf8.RuneCountInString(oneLine(f.Reason)); n == 0 {
			wrong["reason"] = "Say why. Only staff read it."
		} else if n > 500 {
			wrong["reason"] = "Use at most 500 characters."
		}
		return RefundEnd{Ended: givenUp, EndedNote: f.Reason}, wrong
	}
	end := RefundEnd{Ended: elsewhere, PaidMethod: f.Method, PaidReference: oneLine(f.Reference), PaidOn: f.PaidOn}
	if f.Method.by() == "" {
		wrong["method"] = "Choose one from the list."
	}
	if utf8.RuneCountInString(end.PaidReference) > longestTitle {
		wrong["reference"] = "Use at most 160 characters."
	}
	switch {
	case f.PaidOn.IsZero():
		wrong["paid_on"] = "Enter the day."
	case f.PaidOn.After(today.Add(1)): // tomorrow is today somewhere
		wrong["paid_on"] = "This day is still to come."
	case f.PaidOn.Before(p.ReceivedOn):
		wrong["paid_on"] = "The payment came on " + dateText(p.ReceivedOn) + ". It cannot have gone back before."
	}
	return end, wrong
}

func (unsettledDesk) loadRefund(r *web.Request) (Refund, error) {
	return web.Find(r, "refund", refundByID)
}

func (d unsettledDesk) refundEndView(r *web.Request, is Refund, form refundEndForm) (refundEndView, error) {
	p, err := paymentByID(r.Context(), r.Tx(), r.Viewer(), is.PaymentID)
	if err != nil {
		return refundEndView{}, err
	}
	r.Title("Refund of " + p.Number)
	at := r.Path("billing", "unsettled", "refunds", is.ID)
	view := refundEndView{
		Here: r.Here(), Refund: is, Mark: is.mark(), Payment: p, Form: form, Ends: is.needsPerson(), Action: at, Looks: at + "/looks",
		Trail: []web.NavItem{
			{Title: "Billing", Href: r.Path("billing")}, {Title: p.Number, Href: r.Path("billing", "payments", p.ID)}, {Title: "Refund"},
		},
	}
	for _, m := range offline {
		view.Methods = append(view.Methods, choice{string(m), m.Title()})
	}
	if !view.Ends {
		return view, nil
	}
	if err := payableElsewhere(r.Context(), r.Tx(), r.Viewer(), is); err != nil {
		why, ok := fault.Of(err)
		if !ok {
			return view, err
		}
		view.Why = why.Error()
	}
	return view, nil
}

// refund asks how a refund ended.
func (d unsettledDesk) refund(r *web.Request) error {
	is, err := d.loadRefund(r)
	if err != nil {
		return err
	}
	view, err := d.refundEndView(r, is, refundEndForm{Method: Check, PaidOn: today(r.Firm(), r.Now())})
	if err != nil {
		return err
	}
	return r.Show("billing/unsettled_refund", view)
}

// settleRefund takes what a person says of it.
func (d unsettledDesk) settleRefund(r *web.Request) error {
	is, err := d.loadRefund(r)
	if err != nil {
		return err
	}
	var form refundEndForm
	wrong := r.Bind(&form)
	if fault.Is(wrong, fault.Unintelligible) {
		return wrong
	}
	if wrong == nil {
		wrong = d.ended(r, is, form)
	}
	switch f, ok := fault.Of(wrong); {
	case ok && f == errRefundSettled:
		r.Warn("This has been settled meanwhile.")
	case wrong != nil:
		view, err := d.refundEndView(r, is, form)
		if err != nil {
			return err
		}
		return r.Again("billing/unsettled_refund", view, wrong)
	}
	return r.Go(r.Path("billing", "payments", is.PaymentID))
}

func (d unsettledDesk) ended(r *web.Request, is Refund, form refundEndForm) error {
	p, err := paymentByID(r.Context(), r.Tx(), r.Viewer(), is.PaymentID)
	if err != nil {
		return err
	}
	end, wrong := form.end(p, today(r.Firm(), r.Now()))
	if len(wrong) > 0 {
		return fault.InFields(wrong)
	}
	if _, err := d.engine.endRefund(r.Context(), r.Tx(), r.Viewer(), is.ID, end); err != nil {
		return err
	}
	if end.Ended == elsewhere {
		r.Toast("Noted: " + r.Here().Money(is.Amount()) + " was paid back " + end.PaidMethod.by() + ".")
	} else {
		r.Toast("The refund is given up. The money stays where it stands.")
	}
	return nil
}
