package billing

import (
	"unicode/utf8"

	"github.com/google/uuid"

	"portico/platform/activity"
	"portico/platform/fault"
	"portico/platform/id"
	"portico/platform/money"
	"portico/platform/web"
)

type refundView struct {
	*web.Here
	Trail    []web.NavItem
	Payment  Payment
	Form     refundForm
	Left     money.Amount
	Disputed bool
	Online   bool
	Action   string
	Back     string
}

// refundForm is money to be given back.
type refundForm struct {
	Amount string    `form:"amount"`
	Reason string    `form:"reason"`
	Sure   bool      `form:"sure"`
	Key    uuid.UUID `form:"key"`
}

// Check demands a reason, and that it is meant.
func (f *refundForm) Check() fault.Fields {
	wrong := fault.Fields{}
	if n := utf8.RuneCountInString(f.Reason); n == 0 {
		wrong["reason"] = "Say why. Only staff read it."
	} else if n > 500 {
		wrong["reason"] = "Use at most 500 characters."
	}
	if !f.Sure {
		wrong["sure"] = "Tick this to go on: money that went back does not come again."
	}
	if f.Key == uuid.Nil {
		wrong[""] = "This form is out of date. Please open it again."
	}
	return wrong
}

func (d unsettledDesk) refundView(r *web.Request, p Payment, form refundForm) (refundView, error) {
	r.Title("Refund " + p.Number)
	at := r.Path("billing", "payments", p.ID)
	view := refundView{
		Here: r.Here(), Payment: p, Form: form, Online: p.Method.Online(), Action: at + "/refunds", Back: at,
		Trail: []web.NavItem{{Title: "Billing", Href: r.Path("billing")}, {Title: p.Number, Href: at}, {Title: "Refund"}},
	}
	left, disputed, err := refundable(r.Context(), r.Tx(), r.Viewer(), p.ID)
	view.Left, view.Disputed = money.Of(left, p.Currency), disputed
	return view, err
}

func (d unsettledDesk) newRefund(r *web.Request) error {
	p, err := d.loadPayment(r)
	if err != nil {
		return err
	}
	view, err := d.refundView(r, p, refundForm{Key: id.New()})
	if err != nil {
		return err
	}
	view.Form.Amount = view.Left.Plain()
	if p.Reversed() || p.IsCredit() || p.Method == FromDeposit || !view.Left.Positive() {
		return r.Go(view.Back)
	}
	return r.Show("billing/refund", view)
}

func (d unsettledDesk) addRefund(r *web.Request) error {
	p, err := d.loadPayment(r)
	if err != nil {
		return err
	}
	var form refundForm
	wrong := r.Bind(&form)
	if fault.Is(wrong, fault.Unintelligible) {
		return wrong
	}
	amount, mistyped := money.Parse(form.Amount, p.Currency, r.Here().Locale())
	switch {
	case wrong != nil:
	case mistyped != nil:
		wrong = fault.Field("amount", money.Advice(mistyped, p.Currency))
	case !amount.Positive():
		wrong = fault.Field("amount", "Enter more than nothing.")
	default:
		wrong = d.refunded(r, p, form, amount)
	}
	if wrong != nil {
		view, err := d.refundView(r, p, form)
		if err != nil {
			return err
		}
		return r.Again("billing/refund", view, wrong)
	}
	return r.Go(r.Path("billing", "payments", p.ID))
}

func (unsettledDesk) refunded(r *web.Request, p Payment, form refundForm, amount money.Amount) error {
	ctx, tx, v := r.Context(), r.Tx(), r.Viewer()
	left, _, err := refundable(ctx, tx, v, p.ID)
	if err != nil {
		return err
	}
	if left < amount.Minor && left > 0 {
		return fault.Field("amount", "Only "+r.Here().Money(money.Of(left, p.Currency))+" can still be refunded.")
	}
	is, err := startRefund(ctx, tx, v, p.ID, Refund{ID: form.Key, Total: amount.Minor, Reason: form.Reason}, r.Now())
	if err != nil {
		return err
	}
	text := "asked the provider to give back "
	if is.AttemptID == uuid.Nil {
		text = "gave back "
		r.Toast("Noted: " + r.Here().Money(amount) + " was given back.")
	} else {
		r.Toast(r.Here().Money(amount) + " is on its way back.")
	}
	return activity.Record(ctx, tx, v, activity.Entry{
		Verb: "billing.refund", Text: text + r.Here().Money(amount) + " of " + p.Number, ClientID: p.ClientID, SubjectID: p.ID,
		Data: map[string]any{"reason": form.Reason},
	})
}
