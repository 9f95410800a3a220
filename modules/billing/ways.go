package billing

import (
	"strings"

	"portico/platform/activity"
	"portico/platform/fault"
	"portico/platform/money"
	"portico/platform/web"
)

// waysForm is how an invoice may be paid online.
type waysForm struct {
	Told bool   `form:"ways"` // the form asked; else it is as the firm's settings say, or as it was
	Card bool   `form:"pay_card"`
	Bank bool   `form:"pay_bank"`
	Min  string `form:"min_payment"` // "": as the firm says
	Over bool   `form:"allow_over"`

	least int64
}

// read reads the least payment. Its complaint is beside the field.
func (f *waysForm) read(currency, locale string) string {
	if f.least = 0; f.Min == "" {
		return ""
	}
	amount, err := money.Parse(f.Min, currency, locale)
	switch {
	case err != nil:
		return money.Advice(err, currency)
	case !amount.Positive():
		return "Enter more than nothing, or leave it open."
	}
	f.least = amount.Minor
	return ""
}

func waysNow(i Invoice) waysForm {
	f := waysForm{Told: true, Card: i.PayCard, Bank: i.PayBank, Over: i.AllowOver, least: i.MinPayment}
	if i.MinPayment > 0 {
		f.Min = money.Of(i.MinPayment, i.Currency).Plain()
	}
	return f
}

// usualWays are those of a new invoice.
func usualWays(s Setting) waysForm {
	return waysForm{Told: true, Card: s.PayCard, Bank: s.PayBank, Over: s.AllowOver}
}

// says reports whether an invoice may be paid like that already.
func (f waysForm) says(i Invoice) bool {
	return !f.Told || f.Card == i.PayCard && f.Bank == i.PayBank && f.Over == i.AllowOver && f.least == i.MinPayment
}

// facts are what the log keeps of it.
func (f waysForm) facts() map[string]any {
	return map[string]any{"by card": f.Card, "by bank": f.Bank, "at least": f.Min, "more than owed": f.Over}
}

// WaysText is how it may be paid online, in words.
func (i Invoice) WaysText() string {
	var ways []string
	if i.PayCard {
		ways = append(ways, "card")
	}
	if i.PayBank {
		ways = append(ways, "bank payment")
	}
	if len(ways) == 0 {
		return "Not online"
	}
	text := strings.Join(ways, " or ")
	return strings.ToUpper(text[:1]) + text[1:]
}

// LeastPayment is the least part payment of its own; nothing: as the firm says.
func (i Invoice) LeastPayment() money.Amount { return i.amount(i.MinPayment) }

// waysRoutes change how an invoice may be paid that has left the house.
func waysRoutes(o office) []web.Route {
	return []web.Route{
		web.Get("/invoices/:invoice/ways", settle, o.ways),
		web.Post("/invoices/:invoice/ways", settle, o.saveWays),
	}
}

type waysView struct {
	*web.Here
	Part     bool
	Trail    []web.NavItem
	Invoice  Invoice
	Ways     waysForm
	FirmSays string
	Symbol   string
}

// firmSays is what holds where an invoice says nothing of part payments.
func (s Setting) firmSays(here *web.Here, currency string) string {
	switch {
	case !s.PartPayment:
		return "The firm takes the whole balance only."
	case s.MinPayment > 0 && currency == here.Viewer.Firm.Currency:
		return "Left open, a part of at least " + here.Money(money.Of(s.MinPayment, currency)) + " may be paid, as the firm's settings say."
	}
	return "Left open, any part may be paid, as the firm's settings say."
}

func (o office) waysView(r *web.Request, i Invoice, form waysForm) (waysView, error) {
	r.Title("How " + i.Name() + " can be paid")
	s, err := settingOf(r.Context(), r.Tx(), r.Viewer())
	return waysView{
		Here: r.Here(), Part: r.IsPart(), Invoice: i, Ways: form, FirmSays: s.firmSays(r.Here(), i.Currency), Symbol: money.Symbol(i.Currency, r.Here().Locale()),
		Trail: []web.NavItem{{Title: "Billing", Href: r.Path("billing")}, {Title: i.Name(), Href: r.Path("billing", "invoices", i.ID)}, {Title: "How it can be paid"}},
	}, err
}

func (o office) ways(r *web.Request) error {
	i, err := o.load(r)
	if err != nil {
		return err
	}
	view, err := o.waysView(r, i, waysNow(i))
	if err != nil {
		return err
	}
	return r.Show("billing/ways", view)
}

func (o office) saveWays(r *web.Request) error {
	i, err := o.load(r)
	if err != nil {
		return err
	}
	var form waysForm
	if err := r.Bind(&form); err != nil {
		return err
	}
	form.Told = true
	var wrong error
	if problem := form.read(i.Currency, r.Here().Locale()); problem != "" {
		wrong = fault.Field("min_payment", problem)
	}
	if wrong != nil {
		view, err := o.waysView(r, i, form)
		if err != nil {
			return err
		}
		return r.Again("billing/ways", view, wrong)
	}
	if err := setWays(r.Context(), r.Tx(), r.Viewer(), i.ID, form); err != nil {
		return err
	}
	if err := record(r, i, "billing.ways", "changed how the invoice "+i.Name()+" can be paid", activity.Changes(waysNow(i).facts(), form.facts())); err != nil {
		return err
	}
	r.Toast("Saved.")
	return r.Go(r.Path("billing", "invoices", i.ID))
}
