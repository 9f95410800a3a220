package time

import (
	"errors"

	"github.com/google/uuid"

	"portico/platform/activity"
	"portico/platform/day"
	"portico/platform/fault"
	"portico/platform/files"
	"portico/platform/id"
	"portico/platform/money"
	"portico/platform/web"
)

// expenseForm is an expense as it was typed.
type expenseForm struct {
	Project       uuid.UUID `form:"project"`
	SpentOn       day.Day   `form:"spent_on"`
	Category      string    `form:"category"`
	Vendor        string    `form:"vendor"`
	Cost          string    `form:"cost"`
	Tax           string    `form:"tax"`
	Markup        string    `form:"markup"`
	ClientNote    string    `form:"client_note"`
	InternalNotes string    `form:"internal_notes"`
	Billable      bool      `form:"billable"`
	Receipt       *web.File `form:"receipt"`
	NoReceipt     bool      `form:"no_receipt"` // the one that is there goes
	Submit        bool      `form:"submit"`     // hand it in at once
	Version       int       `form:"version"`
	Key           uuid.UUID `form:"key"` // made with the form: pressed twice, it is one expense
}

// ProjectID is the chosen project; "" for none.
func (f expenseForm) ProjectID() string { return idText(f.Project) }

func (f expenseForm) Check() fault.Fields {
	wrong := fault.Fields{}
	if f.Project == uuid.Nil {
		wrong["project"] = "Choose a project."
	}
	if f.SpentOn.IsZero() {
		wrong["spent_on"] = "Enter the day."
	}
	for name, one := range map[string]struct {
		text   string
		most   int
		needed bool
	}{"category": {f.Category, 60, true}, "vendor": {f.Vendor, 120, false}, "client_note": {f.ClientNote, longestNote, false}, "internal_notes": {f.InternalNotes, longestText, false}} {
		switch {
		case one.needed && one.text == "":
			wrong[name] = "Say what it was for."
		case tooLong(one.text, one.most):
			wrong[name] = "This is too long."
		}
	}
	return wrong
}

func expenseFormOf(e Expense) expenseForm {
	f := expenseForm{
		Project: e.ProjectID, SpentOn: e.SpentOn, Category: e.Category, Vendor: e.Vendor, Cost: e.Spent().Plain(), Markup: e.Markup.String(),
		ClientNote: e.ClientNote, InternalNotes: e.InternalNotes, Billable: e.Billable, Version: e.Version,
	}
	if e.Tax > 0 {
		f.Tax = money.Of(e.Tax, e.Currency).Plain()
	}
	return f
}

// onto changes an expense as was typed; amounts are the project's currency.
func (f expenseForm) onto(e Expense, currency, locale string) (Expense, error) {
	e.ProjectID, e.SpentOn, e.Category, e.Vendor, e.ClientNote, e.InternalNotes, e.Billable, e.Version, e.Currency = f.Project, f.SpentOn, oneLine(f.Category), oneLine(f.Vendor), f.ClientNote, f.InternalNotes, f.Billable, f.Version, currency
	wrong := fault.Fields{}
	cost, err := money.Parse(f.Cost, currency, locale)
	switch {
	case err != nil:
		wrong["cost"] = money.Advice(err, currency)
	case !cost.Positive():
		wrong["cost"] = "Enter more than nothing."
	case cost.Minor > 1_000_000_000_000:
		wrong["cost"] = "This is too large."
	}
	tax := money.Of(0, currency)
	if f.Tax != "" {
		if tax, err = money.Parse(f.Tax, currency, locale); err != nil {
			wrong["tax"] = money.Advice(err, currency)
		} else if tax.Negative() || wrong["cost"] == "" && cost.Less(tax) {
			wrong["tax"] = "The tax is part of the amount: enter less than that."
		}
	}
	if e.Markup, err = money.ParseShare(f.Markup, locale); err != nil {
		wrong["markup"] = "Enter a percentage between 0 and 100."
	}
	e.Cost, e.Tax = cost.Minor, tax.Minor
	e.Price = e.price()
	return e, fault.InFields(wrong)
}

// facts are what the log keeps of an expense.
func (e Expense) facts() map[string]any {
	return map[string]any{
		"day": e.SpentOn.String(), "category": e.Category, "vendor": e.Vendor, "cost": e.Spent().Plain(), "tax": money.Of(e.Tax, e.Currency).Plain(),
		"markup": e.Markup.String(), "client note": e.ClientNote, "internal notes": e.InternalNotes, "billable": e.Billable,
		"project": e.ProjectID.String(), "receipt": e.ReceiptID.String(),
	}
}

// read binds a form onto an expense, with its receipt kept.
func (o office) read(r *web.Request, form *expenseForm, was Expense) (e Expense, w work, err error) {
	err = r.Bind(form)
	if err != nil {
		return was, w, err
	}
	if w, err = o.openFor(r, was.ProjectID, form.Project); err != nil {
		return was, w, err
	}
	if e, err = form.onto(was, w.Currency, r.Here().Locale()); err != nil {
		return e, w, err
	}
	e.Currency = w.Currency
	if form.NoReceipt {
		e.ReceiptID, e.ReceiptMedia = uuid.Nil, ""
	}
	if form.Receipt == nil || form.Receipt.Name == "" && form.Receipt.Size == 0 {
		return e, w, nil
	}
	from, err := form.Receipt.Open()
	if err != nil {
		return e, w, err
	}
	row, err := o.Files.Take(r.Context(), r.Tx(), r.Viewer(), files.Upload{
		Purpose: purpose, Audience: files.ForSection, ClientID: w.ClientID, Name: form.Receipt.Name, From: from, Most: receiptBytes,
	})
	if said, ok := fault.Of(err); ok {
		return e, w, fault.Field("receipt", said.Message)
	}
	if err != nil {
		return e, w, err
	}
	if kind := files.Kind(row.Media); !kind.Picture() && kind != files.PDF {
		return e, w, fault.Field("receipt", "Choose a photo or a PDF.")
	}
	e.ReceiptID, e.ReceiptMedia = row.ID, row.Media
	return e, w, nil
}

func (o office) addExpense(r *web.Request) error {
	var form expenseForm
	mine := Expense{PersonID: r.Viewer().PersonID}
	e, w, err := o.read(r, &form, mine)
	fresh := false
	if err == nil {
		e.ID = orNew(form.Key)
		fresh, err = addExpense(r.Context(), r.Tx(), r.Viewer(), e)
	}
	if err == nil && fresh && form.Submit {
		_, err = submitAll(r.Context(), r.Tx(), r.Viewer(), ofExpense, []uuid.UUID{e.ID})
	}
	if err == nil && !fresh && e.ReceiptID != uuid.Nil {
		err = o.Files.Drop(r.Context(), r.Tx(), r.Firm().ID, e.ReceiptID) // it is kept with the first
	}
	if err != nil {
		if errors.Is(err, errSent) {
			form.Key = id.New()
		}
		view, drawn := o.expenseView(r, mine, form)
		if drawn != nil {
			return drawn
		}
		return r.Again("time/expense", view, err)
	}
	if fresh {
		err = record(r, w.ClientID, w.ID, e.ID, "time.spent", "wrote down "+spentText(r, e), map[string]any{"after": e.facts()})
	}
	if err != nil {
		return err
	}
	if form.Submit {
		r.Toast("Submitted: " + spentText(r, e) + ".")
	} else {
		r.Toast("Kept as a draft: " + spentText(r, e) + ".")
	}
	return r.Go(r.Path("time", "expenses"))
}

func (o office) saveExpense(r *web.Request) error {
	was, err := o.loadExpense(r)
	if err != nil {
		return err
	}
	if err := onlyOwn(r, was.PersonID, "Only "+was.Person+" can change this. You can send it back with a word on what to mend."); err != nil {
		return err
	}
	var form expenseForm
	is, w, err := o.read(r, &form, was)
	if err == nil && !was.Editable() {
		err = errLocked
	}
	if err == nil {
		err = saveExpense(r.Context(), r.Tx(), r.Viewer(), is)
	}
	if err == nil && was.ReceiptID != uuid.Nil && was.ReceiptID != is.ReceiptID {
		err = o.Files.Drop(r.Context(), r.Tx(), r.Firm().ID, was.ReceiptID)
	}
	if err == nil && form.Submit {
		_, err = submitAll(r.Context(), r.Tx(), r.Viewer(), ofExpense, []uuid.UUID{is.ID})
	}
	if err != nil {
		if fault.Is(err, fault.Clash) {
			form.Version = was.Version
		}
		view, drawn := o.expenseView(r, was, form)
		if drawn != nil {
			return drawn
		}
		return r.Again("time/expense", view, err)
	}
	if err := record(r, w.ClientID, w.ID, is.ID, "time.changed", "changed "+spentText(r, is), activity.Changes(was.facts(), is.facts())); err != nil {
		return err
	}
	r.Toast("Saved.")
	return r.Go(r.Path("time", "expenses", is.ID))
}

func (o office) dropExpense(r *web.Request) error {
	e, err := o.loadExpense(r)
	if err != nil {
		return err
	}
	if err := onlyOwn(r, e.PersonID, "Only "+e.Person+" can delete this."); err != nil {
		return err
	}
	if !e.Editable() {
		return errLocked
	}
	if err := drop(r.Context(), r.Tx(), r.Viewer(), ofExpense, e.ID); err != nil {
		return err
	}
	if e.ReceiptID != uuid.Nil {
		if err := o.Files.Drop(r.Context(), r.Tx(), r.Firm().ID, e.ReceiptID); err != nil {
			return err
		}
	}
	if err := record(r, e.ClientID, e.ProjectID, e.ID, "time.deleted", "deleted "+spentText(r, e), map[string]any{"before": e.facts()}); err != nil {
		return err
	}
	r.Toast("Deleted.")
	return r.Go(r.Path("time", "expenses"))
}
