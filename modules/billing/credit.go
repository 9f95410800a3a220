package billing

import (
	"fmt"
	"strconv"

	"github.com/google/uuid"

	"portico/platform/activity"
	"portico/platform/day"
	"portico/platform/fault"
	"portico/platform/id"
	"portico/platform/money"
	"portico/platform/paper"
	"portico/platform/web"
)

// creditLine is what of an invoice's line is credited, with the tax of it.
type creditLine struct {
	Position  int
	InvoiceID uuid.UUID
	Text      string
	Net, Tax  int64
	TaxRate   money.Rate
}

// creditable is a line of an invoice with what of it was credited before.
type creditable struct {
	Line
	CreditedNet, CreditedTax int64
}

// left is what of the line can still be credited.
func (l creditable) left() int64 { return l.Net - l.CreditedNet }

// credit takes so much of the line back. Its tax is worked out as on the invoice; the last cent of a line takes the last
// cent of its tax.
func (l creditable) credit(invoice uuid.UUID, net int64) creditLine {
	c := creditLine{Position: l.Position, InvoiceID: invoice, Text: l.Text, Net: net, TaxRate: l.TaxRate}
	rest := l.Tax - l.CreditedTax
	if c.Tax = rest; net < l.left() {
		c.Tax = min(rest, money.Amount{Minor: net}.Part(l.TaxRate).Minor)
	}
	return c
}

// creditForm is a credit for lines of an invoice.
type creditForm struct {
	Reference string    `form:"reference"`
	OnDay     day.Day   `form:"on_day"`
	Notes     string    `form:"notes"`
	Key       uuid.UUID `form:"key"`

	Nets map[int]string // as typed, by the line's position
}

// Check says what is wrong with it, apart from the lines.
func (f *creditForm) Check() fault.Fields {
	wrong := fault.Fields{}
	f.Reference = oneLine(f.Reference)
	switch n := len([]rune(f.Reference)); {
	case n == 0:
		wrong["reference"] = "Say what the credit is for. The client reads it."
	case n > longestTitle:
		wrong["reference"] = "Use at most 160 characters."
	}
	if f.OnDay.IsZero() {
		wrong["on_day"] = "Enter the day."
	}
	if len([]rune(f.Notes)) > longestText {
		wrong["notes"] = "Use at most 2,000 characters."
	}
	if f.Key == uuid.Nil {
		wrong[""] = "This form is out of date. Please open it again."
	}
	return wrong
}

// lines reads what was typed beside the lines.
func (f creditForm) lines(i Invoice, among []creditable, locale string) ([]creditLine, fault.Fields) {
	wrong := fault.Fields{}
	var lines []creditLine
	for _, l := range among {
		text := f.Nets[l.Position]
		if text == "" {
			continue
		}
		field := fmt.Sprintf("net-%d", l.Position)
		net, err := money.Parse(text, i.Currency, locale)
		switch {
		case err != nil:
			wrong[field] = money.Advice(err, i.Currency)
		case net.Negative():
			wrong[field] = "Enter more than nothing."
		case net.Minor > l.left():
			wrong[field] = "Only " + i.amount(l.left()).Format(locale) + " of this line is left to credit."
		case net.Positive():
			lines = append(lines, l.credit(i.ID, net.Minor))
		}
	}
	switch left := leftToCredit(among, lines); {
	case len(wrong) > 0:
	case len(lines) == 0:
		wrong["lines"] = "Enter an amount beside at least one line."
	case left < 0:
		wrong["lines"] = "Other lines take something off these: this credit would be " + i.amount(-left).Format(locale) + " more than the invoice asks for them."
	}
	return lines, wrong
}

// leftToCredit is what the lines of an invoice come to, taxes and discounts in it, less what was credited of them before
// and is now.
func leftToCredit(among []creditable, now []creditLine) (left int64) {
	for _, l := range among {
		left += l.Net + l.Tax - l.CreditedNet - l.CreditedTax
	}
	for _, l := range now {
		left -= l.Net + l.Tax
	}
	return left
}

type creditView struct {
	*web.Here
	Trail   []web.NavItem
	Invoice Invoice
	Form    creditForm
	Rows    []creditRow
	Symbol  string
}

// creditRow is a line of the form.
type creditRow struct {
	At, Text, Value string
	Net, Left       money.Amount
	TaxRate         money.Rate
}

// credited loads an invoice whose lines can be credited.
func (o office) credited(r *web.Request) (Invoice, []creditable, error) {
	i, err := o.load(r)
	if err != nil {
		return i, nil, err
	}
	if !i.IsReleased() || i.Kind != Work && i.Kind != Consolidated {
		return i, nil, fault.NotFound()
	}
	lines, err := creditables(r.Context(), r.Tx(), r.Viewer(), i.ID)
	return i, lines, err
}

func (o office) crediting(r *web.Request, i Invoice, lines []creditable, form creditForm) creditView {
	r.Title("Credit lines of " + i.Number)
	at := r.Path("billing", "invoices", i.ID)
	view := creditView{
		Here: r.Here(), Invoice: i, Form: form, Symbol: money.Symbol(i.Currency, r.Here().Locale()),
		Trail: []web.NavItem{
			{Title: "Billing", Href: r.Path("billing")}, {Title: i.ClientName, Href: r.Path("billing", "clients", i.ClientID)},
			{Title: i.Name(), Href: at}, {Title: "Credit lines"},
		},
	}
	for _, l := range lines {
		if l.Net > 0 {
			view.Rows = append(view.Rows, creditRow{
				strconv.Itoa(l.Position), l.Text, form.Nets[l.Position], i.amount(l.Net), i.amount(l.left()), l.TaxRate,
			})
		}
	}
	return view
}

func (o office) newLineCredit(r *web.Request) error {
	i, lines, err := o.credited(r)
	if err != nil {
		return err
	}
	return r.Show("billing/credit", o.crediting(r, i, lines, creditForm{OnDay: today(r.Firm(), r.Now()), Key: id.New()}))
}

// addLineCredit gives a credit memo for lines. It goes on their invoice as far as that is owed; the rest stays on account.
func (o office) addLineCredit(r *web.Request) error {
	i, lines, err := o.credited(r)
	if err != nil {
		return err
	}
	form := creditForm{Nets: map[int]string{}}
	wrong := r.Bind(&form)
	if fault.Is(wrong, fault.Unintelligible) {
		return wrong
	}
	for _, l := range lines {
		form.Nets[l.Position] = r.Value("net-" + strconv.Itoa(l.Position))
	}
	var p Payment
	if wrong == nil {
		p, wrong = o.lineCredit(r, i, form)
	}
	if wrong != nil {
		return r.Again("billing/credit", o.crediting(r, i, lines, form), wrong)
	}
	return r.Go(r.Path("billing", "payments", p.ID))
}

func (office) lineCredit(r *web.Request, i Invoice, form creditForm) (Payment, error) {
	ctx, tx, v := r.Context(), r.Tx(), r.Viewer()
	if form.OnDay.After(today(r.Firm(), r.Now()).Add(1)) {
		return Payment{}, fault.Field("on_day", "This day is still to come.")
	}
	if err := holdClient(ctx, tx, v, i.ClientID); err != nil {
		return Payment{}, err
	}
	i, err := invoiceByID(ctx, tx, v, i.ID) // as it is now that nobody else moves it
	if err != nil {
		return Payment{}, err
	}
	if !i.IsReleased() {
		return Payment{}, errMoved
	}
	among, err := creditables(ctx, tx, v, i.ID)
	if err != nil {
		return Payment{}, err
	}
	if kept, err := paymentByKey(ctx, tx, v, form.Key); err != nil || kept.ID != uuid.Nil {
		return kept, err // the form was sent twice
	}
	lines, problems := form.lines(i, among, r.Here().Locale())
	if len(problems) > 0 {
		return Payment{}, fault.InFields(problems)
	}
	p := Payment{ClientID: i.ClientID, ClientName: i.ClientName, Method: Credit, Currency: i.Currency, ReceivedOn: form.OnDay, Reference: form.Reference, Notes: form.Notes}
	for _, l := range lines {
		p.Total, p.Tax = p.Total+l.Net+l.Tax, p.Tax+l.Tax
	}
	p, _, err = addPayment(ctx, tx, v, p, form.Key)
	if err != nil {
		return p, err
	}
	if err := putCreditLines(ctx, tx, v, p.ID, lines); err != nil {
		return p, err
	}
	if part := min(p.Total, i.Balance().Minor); part > 0 {
		if err := allocate(ctx, tx, v, p, i, part, latest(form.OnDay, i.IssuedOn)); err != nil {
			return p, err
		}
	}
	r.Toast("Given as " + p.Number + ".")
	return p, activity.Record(ctx, tx, v, activity.Entry{
		Verb: "billing.received", Text: "gave a credit of " + r.Here().Money(p.Amount()) + " for lines of " + i.Number + ", " + p.Number,
		ClientID: i.ClientID, ProjectID: i.ProjectID, SubjectID: p.ID, Data: map[string]any{"reference": p.Reference, "on": p.ReceivedOn.String()},
	})
}

// creditSheet puts the lines of a credit memo on paper, and where it stands; false: it has none, or not all of it is the
// viewer's.
func creditSheet(here *web.Here, sheet *paper.Sheet, p Payment, lines []creditLine, standing []Allocation) bool {
	sum, tax := money.Of(0, p.Currency), money.Of(0, p.Currency)
	for _, l := range lines {
		sum, tax = sum.Add(money.Of(l.Net, p.Currency)), tax.Add(money.Of(l.Tax, p.Currency))
		sheet.Rows = append(sheet.Rows, []string{l.Text, l.TaxRate.Format(here.Locale()) + "%", here.Money(money.Of(l.Net, p.Currency))})
	}
	if len(lines) == 0 || sum.Add(tax) != p.Amount() {
		sheet.Rows = nil
		return false
	}
	sheet.Columns = []paper.Column{{Title: here.Say("What")}, {Title: here.Say("Tax"), Right: true, Width: 20}, {Title: here.Say("Amount"), Right: true, Width: 40}}
	sheet.Sums = []paper.Pair{
		{Name: here.Say("Subtotal"), Value: here.Money(sum)}, {Name: here.Say("Tax"), Value: here.Money(tax)}, {Name: here.Say("Credit"), Value: here.Money(p.Amount()), Strong: true},
	}
	left := p.Amount()
	for _, a := range standing {
		sheet.Sums = append(sheet.Sums, paper.Pair{Name: here.Say("Put on %s", a.InvoiceNumber), Value: here.Money(a.Amount())})
		left = left.Sub(a.Amount())
	}
	if left.Positive() && !p.Reversed() {
		sheet.Sums = append(sheet.Sums, paper.Pair{Name: here.Say("On account"), Value: here.Money(left)})
	}
	return true
}
