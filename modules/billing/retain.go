package billing

import (
	"portico/platform/fault"
	"portico/platform/money"
	"portico/platform/web"
)

// retainForm asks for retainage: all of it, or less.
type retainForm struct {
	Title  string `form:"title"`
	Amount string `form:"amount"`
}

type retainView struct {
	*web.Here
	Trail    []web.NavItem
	Project  party
	Contract contract
	Drafted  money.Amount // in drafts already
	Form     retainForm
	Symbol   string
}

func (o office) retaining(r *web.Request, project party, form retainForm) (retainView, error) {
	r.Title("Invoice the retainage")
	view := retainView{
		Here: r.Here(), Project: project, Form: form, Symbol: money.Symbol(project.Currency, r.Here().Locale()),
		Trail: []web.NavItem{
			{Title: "Billing", Href: r.Path("billing")}, {Title: project.ClientName, Href: r.Path("billing", "clients", project.ClientID)},
			{Title: project.Name, Href: r.Path("billing", "projects", project.ID)}, {Title: "Invoice the retainage"},
		},
	}
	var err error
	if view.Contract, err = contractOf(r.Context(), r.Tx(), r.Viewer(), project); err != nil {
		return view, err
	}
	drafted, err := retainageDrafted(r.Context(), r.Tx(), r.Viewer(), project.ID)
	view.Drafted = view.Contract.of(drafted)
	return view, err
}

// Left is what is kept back and on no draft either.
func (v retainView) Left() money.Amount { return v.Contract.KeptAmount().Sub(v.Drafted) }

func (o office) newRetainage(r *web.Request) error {
	project, err := o.jobOf(r)
	if err != nil {
		return err
	}
	view, err := o.retaining(r, project, retainForm{Title: "Release of retainage"})
	if err != nil {
		return err
	}
	if !view.Left().Positive() {
		r.Warn("Nothing is kept back in this project that is not on an invoice.")
		return r.Go(r.Path("billing", "projects", project.ID))
	}
	view.Form.Amount = view.Left().Plain()
	return r.Show("billing/retainage", view)
}

// addRetainage drafts the invoice that asks for what was kept back.
func (o office) addRetainage(r *web.Request) error {
	project, err := o.jobOf(r)
	if err != nil {
		return err
	}
	if project, err = o.billable(r, project.ID.String()); err != nil {
		return err
	}
	form := retainForm{Title: oneLine(r.Value("title")), Amount: r.Value("amount")}
	view, err := o.retaining(r, project, form)
	if err != nil {
		return err
	}
	project.Currency = view.Contract.Currency
	amount, err := money.Parse(form.Amount, project.Currency, r.Here().Locale())
	problems := fault.Fields{}
	switch {
	case err != nil:
		problems["amount"] = money.Advice(err, project.Currency)
	case !amount.Positive():
		problems["amount"] = "Enter more than nothing."
	case view.Left().Less(amount):
		problems["amount"] = "Only " + r.Here().Money(view.Left()) + " is kept back and on no invoice."
	}
	if n := len([]rune(form.Title)); n == 0 || n > longestTitle {
		problems["title"] = "Say what the invoice is for, in at most 160 characters."
	}
	if len(problems) > 0 {
		return r.Again("billing/retainage", view, fault.InFields(problems))
	}
	line := Line{Position: 1, Text: "Retainage of earlier invoices", Quantity: money.One, Price: amount.Minor}
	line.work()
	invoice, err := addDraft(r.Context(), r.Tx(), r.Viewer(), project, draftForm{Title: form.Title, Kind: Retainage}, []Line{line})
	if err != nil {
		return err
	}
	i := Invoice{ID: invoice, ClientID: project.ClientID, ProjectID: project.ID}
	if err := record(r, i, "billing.drafted", "drafted the invoice “"+form.Title+"” of "+r.Here().Money(amount), nil); err != nil {
		return err
	}
	r.Toast("Saved as a draft. Only staff see it.")
	return r.Go(r.Path("billing", "invoices", invoice))
}
