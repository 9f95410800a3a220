package billing

import (
	"unicode/utf8"

	"github.com/google/uuid"

	"portico/platform/activity"
	"portico/platform/day"
	"portico/platform/fault"
	"portico/platform/id"
	"portico/platform/money"
	"portico/platform/web"
)

// depositForm is a deposit as staff ask for it: so much, or a share of the contract.
type depositForm struct {
	Title   string  `form:"title"`
	Amount  string  `form:"amount"`
	Share   string  `form:"share"`
	DueOn   day.Day `form:"due_on"`
	Message string  `form:"message"`
}

// Check says what is wrong with it, apart from the amounts.
func (f *depositForm) Check() fault.Fields {
	wrong := fault.Fields{}
	f.Title = oneLine(f.Title)
	switch n := utf8.RuneCountInString(f.Title); {
	case n == 0:
		wrong["title"] = "Say what the deposit is for."
	case n > longestTitle:
		wrong["title"] = "Use at most 160 characters."
	}
	if utf8.RuneCountInString(f.Message) > longestText {
		wrong["message"] = "Use at most 2,000 characters."
	}
	return wrong
}

// line works out what is asked for.
func (f depositForm) line(c contract, locale string) (Line, fault.Fields) {
	l := Line{Position: 1, Text: f.Title, Quantity: money.One}
	switch {
	case f.Share != "" && f.Amount != "":
		return l, fault.Fields{"share": "Enter a share or an amount, not both."}
	case f.Share != "":
		share, err := money.ParseShare(f.Share, locale)
		if err != nil || share == 0 {
			return l, fault.Fields{"share": "Enter a percentage between 0 and 100."}
		}
		if c.NowAmount().Minor <= 0 {
			return l, fault.Fields{"share": "The contract sum of this project is not known. Enter an amount, or the sum under Contract and draws first."}
		}
		l.Text += ", " + share.String() + "% of the contract"
		l.Price = c.NowAmount().Part(share).Minor
	default:
		sum, err := money.Parse(f.Amount, c.Currency, locale)
		if err != nil {
			return l, fault.Fields{"amount": money.Advice(err, c.Currency)}
		}
		l.Price = sum.Minor
	}
	if l.work(); l.Net <= 0 {
		return l, fault.Fields{"amount": "Enter more than nothing."}
	}
	return l, nil
}

type depositView struct {
	*web.Here
	Trail    []web.NavItem
	Project  party
	Contract contract
	Form     depositForm
	Symbol   string
	Terms    int
}

func (o office) newDeposit(r *web.Request) error {
	project, err := o.jobOf(r)
	if err != nil {
		return err
	}
	if project, err = o.billable(r, project.ID.String()); err != nil {
		return err
	}
	view, err := o.depositing(r, project, depositForm{Title: "Deposit"})
	if err != nil {
		return err
	}
	return r.Show("billing/deposit", view)
}

func (office) depositing(r *web.Request, project party, form depositForm) (depositView, error) {
	r.Title("Request a deposit")
	view := depositView{
		Here: r.Here(), Project: project, Form: form, Symbol: money.Symbol(project.Currency, r.Here().Locale()),
		Trail: []web.NavItem{
			{Title: "Billing", Href: r.Path("billing")}, {Title: project.ClientName, Href: r.Path("billing", "clients", project.ClientID)},
			{Title: project.Name, Href: r.Path("billing", "projects", project.ID)}, {Title: "Request a deposit"},
		},
	}
	s, err := settingOf(r.Context(), r.Tx(), r.Viewer())
	if err != nil {
		return view, err
	}
	view.Terms = s.TermsDays
	view.Contract, err = contractOf(r.Context(), r.Tx(), r.Viewer(), project)
	view.Contract.Currency = project.Currency
	return view, err
}

// addDeposit drafts the request. It goes out as every invoice does, and is held once it is paid.
func (o office) addDeposit(r *web.Request) error {
	project, err := o.jobOf(r)
	if err != nil {
		return err
	}
	if project, err = o.billable(r, project.ID.String()); err != nil {
		return err
	}
	var form depositForm
	wrong := r.Bind(&form)
	if fault.Is(wrong, fault.Unintelligible) {
		return wrong
	}
	view, err := o.depositing(r, project, form)
	if err != nil {
		return err
	}
	line, problems := form.line(view.Contract, r.Here().Locale())
	if wrong == nil {
		wrong = fault.InFields(problems)
	}
	if wrong != nil {
		return r.Again("billing/deposit", view, wrong)
	}
	draft := draftForm{Title: form.Title, DueOn: form.DueOn, Message: form.Message, Kind: Deposit}
	invoice, err := addDraft(r.Context(), r.Tx(), r.Viewer(), project, draft, []Line{line})
	if err != nil {
		return err
	}
	i := Invoice{ID: invoice, ClientID: project.ClientID, ProjectID: project.ID}
	text := "drafted the deposit “" + form.Title + "” of " + r.Here().Money(money.Of(line.Net, project.Currency))
	if err := record(r, i, "billing.drafted", text, nil); err != nil {
		return err
	}
	r.Toast("Saved as a draft. Only staff see it.")
	return r.Go(r.Path("billing", "invoices", invoice))
}

// useForm is where a part of what is held goes.
type useForm struct {
	To        string    `form:"to"` // an invoice's id, or none: on account
	Amount    string    `form:"amount"`
	Method    Method    `form:"method"` // of money that goes back
	OnDay     day.Day   `form:"on_day"`
	Reference string    `form:"reference"`
	Key       uuid.UUID `form:"key"`
}

// Check demands the form's own key.
func (f *useForm) Check() fault.Fields {
	wrong := fault.Fields{}
	f.Reference = oneLine(f.Reference)
	if utf8.RuneCountInString(f.Reference) > longestTitle {
		wrong["reference"] = "Use at most 160 characters."
	}
	if f.Key == uuid.Nil {
		wrong[""] = "This form is out of date. Please open it again."
	}
	return wrong
}

type useView struct {
	*web.Here
	Trail   []web.NavItem
	Deposit Invoice
	Form    useForm
	Open    []choice
	Methods []choice
	Back    bool // money goes back to the client
	Symbol  string
	Action  string
}

// held loads a deposit of which something is held.
func (o office) held(r *web.Request) (Invoice, error) {
	i, err := o.load(r)
	if err == nil && i.Kind != Deposit {
		err = fault.NotFound()
	}
	return i, err
}

func (o office) using(r *web.Request, i Invoice, form useForm, back bool) (useView, error) {
	at := r.Path("billing", "invoices", i.ID)
	title, noun := "Use the deposit", "uses"
	if back {
		title, noun = "Give the deposit back", "returns"
	}
	r.Title(title)
	view := useView{
		Here: r.Here(), Deposit: i, Form: form, Back: back, Symbol: money.Symbol(i.Currency, r.Here().Locale()), Action: at + "/" + noun,
		Trail: []web.NavItem{
			{Title: "Billing", Href: r.Path("billing")}, {Title: i.ClientName, Href: r.Path("billing", "clients", i.ClientID)},
			{Title: i.Name(), Href: at}, {Title: title},
		},
	}
	for _, m := range offline {
		view.Methods = append(view.Methods, choice{string(m), m.Title()})
	}
	open, err := openInvoices(r.Context(), r.Tx(), r.Viewer(), i.ClientID, mostOpen)
	for _, one := range open {
		if one.Currency == i.Currency && one.Kind != Deposit {
			view.Open = append(view.Open, choice{one.ID.String(), one.Number + ", " + one.Title + ": " + r.Here().Money(one.Balance()) + " owed"})
		}
	}
	view.Open = append(view.Open, choice{toNone, "On account, for any later invoice"})
	return view, err
}

func (o office) newUse(r *web.Request) error    { return o.askUse(r, false) }
func (o office) newReturn(r *web.Request) error { return o.askUse(r, true) }

func (o office) askUse(r *web.Request, back bool) error {
	i, err := o.held(r)
	if err != nil {
		return err
	}
	if !i.Held().Positive() {
		return r.Go(r.Path("billing", "invoices", i.ID))
	}
	form := useForm{Key: id.New(), Amount: i.Held().Plain(), OnDay: today(r.Firm(), r.Now()), Method: Check, To: r.Query("to")}
	if to, err := uuid.Parse(form.To); err == nil {
		if target, err := invoiceByID(r.Context(), r.Tx(), r.Viewer(), to); err == nil && target.Owed() {
			form.Amount = money.Least(i.Held(), target.Balance()).Plain()
		}
	}
	view, err := o.using(r, i, form, back)
	if err != nil {
		return err
	}
	return r.Show("billing/use", view)
}

func (o office) addUse(r *web.Request) error    { return o.use(r, false, o.used) }
func (o office) addReturn(r *web.Request) error { return o.use(r, true, o.gaveBack) }

func (o office) use(r *web.Request, back bool, how func(*web.Request, Invoice, useForm, money.Amount) error) error {
	i, err := o.held(r)
	if err != nil {
		return err
	}
	var form useForm
	wrong := r.Bind(&form)
	if fault.Is(wrong, fault.Unintelligible) {
		return wrong
	}
	if wrong == nil {
		wrong = o.useOf(r, i, form, how)
	}
	if wrong != nil {
		view, err := o.using(r, i, form, back)
		if err != nil {
			return err
		}
		return r.Again("billing/use", view, wrong)
	}
	return r.Go(r.Path("billing", "invoices", i.ID))
}

// useOf reads the amount of what is held now that nobody else moves it.
func (o office) useOf(r *web.Request, i Invoice, form useForm, how func(*web.Request, Invoice, useForm, money.Amount) error) error {
	if err := holdClient(r.Context(), r.Tx(), r.Viewer(), i.ClientID); err != nil {
		return err
	}
	i, err := invoiceByID(r.Context(), r.Tx(), r.Viewer(), i.ID)
	if err != nil {
		return err
	}
	amount, err := money.Parse(form.Amount, i.Currency, r.Here().Locale())
	switch {
	case err != nil:
		return fault.Field("amount", money.Advice(err, i.Currency))
	case !amount.Positive():
		return fault.Field("amount", "Enter more than nothing.")
	}
	return how(r, i, form, amount)
}

// used puts a part of a deposit on an invoice, or on account: a payment of its own kind, which is reversed like any other.
func (o office) used(r *web.Request, i Invoice, form useForm, amount money.Amount) error {
	ctx, tx, v := r.Context(), r.Tx(), r.Viewer()
	var target Invoice
	if form.To != toNone {
		targets, err := o.targets(r, Payment{ClientID: i.ClientID, Currency: i.Currency}, form.To)
		if err != nil {
			return err
		}
		if target = targets[0]; target.Kind == Deposit {
			return fault.Field("to", "Choose one from the list.")
		}
		if target.Balance().Less(amount) {
			return fault.Field("amount", "Only "+r.Here().Money(target.Balance())+" is owed on it.")
		}
	}
	on := today(r.Firm(), r.Now())
	p := Payment{
		ClientID: i.ClientID, Method: FromDeposit, Currency: i.Currency, Total: amount.Minor, ReceivedOn: on, Reference: i.Number, DepositID: i.ID,
	}
	p, fresh, err := addPayment(ctx, tx, v, p, form.Key)
	if fault.Is(err, fault.Clash) {
		return fault.Field("amount", "Only "+r.Here().Money(i.Held())+" is held.")
	}
	if err != nil || !fresh {
		return err
	}
	where := "on account"
	if target.ID != uuid.Nil {
		if err := allocate(ctx, tx, v, p, target, amount.Minor, latest(on, target.IssuedOn)); err != nil {
			return err
		}
		where = "on " + target.Number
	}
	r.Toast(r.Here().Money(amount) + " of the deposit now stands " + where + ".")
	return activity.Record(ctx, tx, v, activity.Entry{
		Verb: "billing.applied", Text: "put " + r.Here().Money(amount) + " of the deposit " + i.Number + " " + where,
		ClientID: i.ClientID, ProjectID: i.ProjectID, SubjectID: i.ID,
	})
}

// gaveBack notes that money of a deposit went back to the client past the portal.
func (o office) gaveBack(r *web.Request, i Invoice, form useForm, amount money.Amount) error {
	if !contains([]string{string(Check), string(Transfer), string(Cash), string(Other)}, string(form.Method)) {
		return fault.Field("method", "Choose one from the list.")
	}
	if form.OnDay.IsZero() {
		return fault.Field("on_day", "Enter the day.")
	}
	if form.OnDay.After(today(r.Firm(), r.Now()).Add(1)) {
		return fault.Field("on_day", "This day is still to come.")
	}
	fresh, err := addReturn(r.Context(), r.Tx(), r.Viewer(), i,
		returned{Method: form.Method, Total: amount.Minor, OnDay: form.OnDay, Reference: form.Reference}, form.Key)
	if fault.Is(err, fault.Clash) {
		return fault.Field("amount", "Only "+r.Here().Money(i.Held())+" is held.")
	}
	if err != nil || !fresh {
		return err
	}
	r.Toast("Noted: " + r.Here().Money(amount) + " went back.")
	return record(r, i, "billing.returned", "gave "+r.Here().Money(amount)+" of the deposit "+i.Number+" back", map[string]any{
		"method": form.Method.Title(), "reference": form.Reference, "on": form.OnDay.String(),
	})
}
