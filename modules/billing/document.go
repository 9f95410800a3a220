package billing

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/google/uuid"

	"portico/platform/auth"
	"portico/platform/fault"
	"portico/platform/module"
	"portico/platform/paper"
	"portico/platform/people"
	"portico/platform/web"
)

// readerOf is where the reader of a document stands: whoever opens it, and what the office opens is for the client.
func readerOf(r *web.Request, client uuid.UUID) (*web.Here, error) {
	if r.Viewer().Side != auth.Office {
		return r.Here().For(r.Here().Reader()), nil
	}
	reader, err := people.ReaderOf(r.Context(), r.Tx(), r.Viewer(), client)
	return r.Here().For(reader), err
}

// invoiceDocument is the PDF of the same sheet that the page shows.
func invoiceDocument(r *web.Request, p module.Platform, i Invoice) error {
	here, err := readerOf(r, i.ClientID)
	if err != nil {
		return err
	}
	s, err := settingOf(r.Context(), r.Tx(), r.Viewer())
	if err != nil {
		return err
	}
	view, err := sheetOf(r, here, i, s)
	if err != nil {
		return err
	}
	sheet := stationery{p, r.Firm(), here, r.Now()}.sheet(r.Context(), i.onPaper(here), i.Title)
	sheet.From, sheet.To, sheet.Words, sheet.Small = view.From, view.To, i.Paragraphs(), view.Footer
	sheet.Facts = append(sheet.Facts, paper.Pair{Name: here.Say("Project"), Value: i.ProjectName})
	if !i.IssuedOn.IsZero() {
		sheet.Facts = append(sheet.Facts, paper.Pair{Name: here.Say("Date"), Value: here.Reader().Day(i.IssuedOn)})
	}
	if !i.DueOn.IsZero() {
		sheet.Facts = append(sheet.Facts, paper.Pair{Name: here.Say("Due"), Value: here.Reader().Day(i.DueOn), Strong: true})
	}
	if i.IsVoid() {
		sheet.Stamp = here.Say("VOID")
	}
	view.table(&sheet)
	return send(r, sheet, name("invoice", i.Number))
}

// onPaper is the title of an invoice's document.
func (i Invoice) onPaper(here *web.Here) string {
	title := here.Say(i.Kind.Numbered(), i.Number)
	if i.Number == "" {
		title = here.Say(cmp.Or(i.Kind.Title(), "Invoice"))
	}
	if i.IssuedOn.IsZero() {
		return here.Say("%s, draft", title)
	}
	return title
}

// table puts the lines and sums of a sheet on paper.
func (v sheetView) table(sheet *paper.Sheet) {
	sheet.Columns = []paper.Column{{Title: v.Say("What")}}
	if !v.Plain {
		sheet.Columns = append(sheet.Columns, paper.Column{Title: v.Say("Quantity"), Right: true, Width: 20}, paper.Column{Title: v.Say("Price"), Right: true, Width: 30})
	}
	if v.Discounts {
		sheet.Columns = append(sheet.Columns, paper.Column{Title: v.Say("Discount"), Right: true, Width: 20})
	}
	if v.Taxed {
		sheet.Columns = append(sheet.Columns, paper.Column{Title: v.Say("Tax"), Right: true, Width: 16})
	}
	sheet.Columns = append(sheet.Columns, paper.Column{Title: v.Say("Amount"), Right: true, Width: 34})
	for _, l := range v.Lines {
		if l.Section != "" {
			head := make([]string, len(sheet.Columns))
			head[0], head[len(head)-1] = l.Section, v.Money(l.SectionSum)
			sheet.Rows = append(sheet.Rows, head)
		}
		row := []string{l.Text}
		if !v.Plain {
			row = append(row, l.Quantity, v.Money(l.Price))
		}
		if v.Discounts {
			row = append(row, l.Discount)
		}
		if v.Taxed {
			row = append(row, l.TaxRate)
		}
		sheet.Rows = append(sheet.Rows, append(row, v.Money(l.Net)))
	}
	i := v.Invoice
	if len(v.Taxes) > 0 || v.Retained != "" {
		sheet.Sums = append(sheet.Sums, paper.Pair{Name: v.Say("Subtotal"), Value: v.Money(v.Subtotal())})
	}
	for _, t := range v.Taxes {
		sheet.Sums = append(sheet.Sums, paper.Pair{Name: t.Title, Value: v.Money(t.Amount)})
	}
	total := v.Say("Total")
	if v.Retained != "" {
		total = v.Say("Net due")
		if len(v.Taxes) > 0 {
			sheet.Sums = append(sheet.Sums, paper.Pair{Name: v.Say("Gross"), Value: v.Money(i.GrossAmount())})
		}
		sheet.Sums = append(sheet.Sums, paper.Pair{Name: v.Retained, Value: v.Money(i.RetainedAmount().Neg())})
	}
	sheet.Sums = append(sheet.Sums, paper.Pair{Name: total, Value: v.Money(i.Amount()), Strong: true})
	if i.Paid != 0 {
		sheet.Sums = append(sheet.Sums, paper.Pair{Name: v.Say("Paid"), Value: v.Money(i.PaidAmount().Neg())},
			paper.Pair{Name: v.Say("Balance"), Value: v.Money(i.Balance()), Strong: true})
	}
}

// name is what a downloaded file is called: small plain letters.
func name(what, number string) string {
	clean := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9', r == '-':
			return r
		case r >= 'A' && r <= 'Z':
			return r + 'a' - 'A'
		}
		return -1
	}, number)
	if clean = strings.Trim(clean, "-"); clean != "" {
		what += "-" + clean
	}
	return what + ".pdf"
}

func send(r *web.Request, sheet paper.Sheet, name string) error {
	body, err := paper.Draw(sheet)
	if err != nil {
		return err
	}
	return r.Download(name, "application/pdf", body)
}

// receiptDocument is the PDF of a payment or a credit memo, with where it stands.
func receiptDocument(r *web.Request, p module.Platform, pay Payment) error {
	here, err := readerOf(r, pay.ClientID)
	if err != nil {
		return err
	}
	sheet, err := receiptSheet(r.Context(), r.Tx(), r.Viewer(), stationery{p, r.Firm(), here, r.Now()}, pay, uuid.Nil)
	if err != nil {
		return err
	}
	return send(r, sheet, name(map[bool]string{true: "credit", false: "receipt"}[pay.IsCredit()], pay.Number))
}

// document is the PDF of the statement that the page shows.
func (v statementView) document(r *web.Request, p module.Platform, client uuid.UUID) error {
	here, err := readerOf(r, client)
	if err != nil {
		return err
	}
	day := here.Reader().Day
	sheet := stationery{p, r.Firm(), here, r.Now()}.sheet(r.Context(), here.Say("Statement"), here.Say("From %s to %s", v.From, v.To))
	sheet.To = v.Address
	sheet.Columns = []paper.Column{
		{Title: here.Say("What")}, {Title: here.Say("Day"), Right: true, Width: 36}, {Title: here.Say("Amount"), Right: true, Width: 34}, {Title: here.Say("Owed then"), Right: true, Width: 34},
	}
	for _, s := range v.Statements {
		sheet.Rows = append(sheet.Rows, []string{here.Say("Owed before"), day(s.From), "", here.Money(s.OpeningAmount())})
		for _, row := range s.Rows {
			sheet.Rows = append(sheet.Rows, []string{row.onPaper(here), day(row.OnDay), here.Money(row.AmountOf()), here.Money(row.After())})
		}
		sheet.Sums = append(sheet.Sums,
			paper.Pair{Name: here.Say("Owed before"), Value: here.Money(s.OpeningAmount())}, paper.Pair{Name: here.Say("Invoiced"), Value: here.Money(s.InvoicedAmount())},
			paper.Pair{Name: here.Say("Paid"), Value: here.Money(s.PaidAmount().Neg())}, paper.Pair{Name: here.Say("Owed now"), Value: here.Money(s.ClosingAmount()), Strong: true})
		if s.Cut {
			sheet.Small = append(sheet.Small, here.Say("There is more than fits here. Choose a shorter time."))
		}
	}
	for _, a := range v.Unapplied {
		sheet.Words = append(sheet.Words, here.Say("%s is on account and stands on no invoice yet.", a))
	}
	return send(r, sheet, "statement-"+v.From.String()+"-"+v.To.String()+".pdf")
}

// onPaper says what happened, and what it was for.
func (r statementRow) onPaper(here *web.Here) string {
	what := fmt.Sprint(here.Reader().Words(r.Words()))
	if r.Title != "" {
		what += ": " + fmt.Sprint(here.Reader().Words(r.Noted()))
	}
	return what
}

func (o office) document(r *web.Request) error {
	i, err := o.load(r)
	if err != nil {
		return err
	}
	return invoiceDocument(r, o.Platform, i)
}

func (o office) receipt(r *web.Request) error {
	p, err := o.loadPayment(r)
	if err != nil {
		return err
	}
	return receiptDocument(r, o.Platform, p)
}

func (o office) statementDocument(r *web.Request) error {
	client, err := o.billed(r)
	if err != nil {
		return err
	}
	view, err := statementOf(r, client)
	if err != nil {
		return err
	}
	return view.document(r, o.Platform, client.ID)
}

// document of an invoice that is only coming does not exist: it may still change.
func (p portal) document(r *web.Request) error {
	i, err := p.load(r)
	if err != nil {
		return err
	}
	if i.IsApproved() {
		return fault.NotFound()
	}
	return invoiceDocument(r, p.Platform, i)
}

func (p portal) receipt(r *web.Request) error {
	id, err := r.ID("payment")
	if err != nil {
		return err
	}
	pay, err := paymentByID(r.Context(), r.Tx(), r.Viewer(), id)
	if err != nil {
		return err
	}
	return receiptDocument(r, p.Platform, pay)
}

func (p portal) statementDocument(r *web.Request) error {
	view, err := p.statementView(r)
	if err != nil {
		return err
	}
	return view.document(r, p.Platform, r.Viewer().ClientID)
}
