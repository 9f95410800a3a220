package billing

import (
	"cmp"
	"strings"

	"github.com/google/uuid"

	"portico/platform/fault"
	"portico/platform/module"
	"portico/platform/paper"
	"portico/platform/web"
)

// letterpaper is a sheet with the firm's looks.
func letterpaper(r *web.Request, p module.Platform, title, sub string) paper.Sheet {
	return stationery{p, r.Firm(), r.Here(), r.Now()}.sheet(r.Context(), title, sub)
}

// invoiceDocument is the PDF of the same sheet that the page shows.
func invoiceDocument(r *web.Request, p module.Platform, i Invoice) error {
	s, err := settingOf(r.Context(), r.Tx(), r.Viewer())
	if err != nil {
		return err
	}
	view, err := sheetOf(r, i, s)
	if err != nil {
		return err
	}
	what := cmp.Or(i.Kind.Title(), "Invoice")
	title := strings.TrimSpace(what + " " + i.Number)
	if i.IssuedOn.IsZero() {
		title += ", draft"
	}
	sheet := letterpaper(r, p, title, i.Title)
	sheet.From, sheet.To, sheet.Words, sheet.Small = view.From, view.To, i.Paragraphs(), view.Footer
	sheet.Facts = append(sheet.Facts, paper.Pair{Name: "Project", Value: i.ProjectName})
	if !i.IssuedOn.IsZero() {
		sheet.Facts = append(sheet.Facts, paper.Pair{Name: "Date", Value: dateText(i.IssuedOn)})
	}
	if !i.DueOn.IsZero() {
		sheet.Facts = append(sheet.Facts, paper.Pair{Name: "Due", Value: dateText(i.DueOn), Strong: true})
	}
	if i.IsVoid() {
		sheet.Stamp = "VOID"
	}
	view.table(&sheet)
	return send(r, sheet, name("invoice", i.Number))
}

// table puts the lines and sums of a sheet on paper.
func (v sheetView) table(sheet *paper.Sheet) {
	sheet.Columns = []paper.Column{{Title: "What"}}
	if !v.Plain {
		sheet.Columns = append(sheet.Columns, paper.Column{Title: "Quantity", Right: true, Width: 20}, paper.Column{Title: "Price", Right: true, Width: 30})
	}
	if v.Discounts {
		sheet.Columns = append(sheet.Columns, paper.Column{Title: "Discount", Right: true, Width: 20})
	}
	if v.Taxed {
		sheet.Columns = append(sheet.Columns, paper.Column{Title: "Tax", Right: true, Width: 16})
	}
	sheet.Columns = append(sheet.Columns, paper.Column{Title: "Amount", Right: true, Width: 34})
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
		sheet.Sums = append(sheet.Sums, paper.Pair{Name: "Subtotal", Value: v.Money(v.Subtotal())})
	}
	for _, t := range v.Taxes {
		sheet.Sums = append(sheet.Sums, paper.Pair{Name: t.Title, Value: v.Money(t.Amount)})
	}
	total := "Total"
	if v.Retained != "" {
		total = "Net due"
		if len(v.Taxes) > 0 {
			sheet.Sums = append(sheet.Sums, paper.Pair{Name: "Gross", Value: v.Money(i.GrossAmount())})
		}
		sheet.Sums = append(sheet.Sums, paper.Pair{Name: v.Retained, Value: v.Money(i.RetainedAmount().Neg())})
	}
	sheet.Sums = append(sheet.Sums, paper.Pair{Name: total, Value: v.Money(i.Amount()), Strong: true})
	if i.Paid != 0 {
		sheet.Sums = append(sheet.Sums, paper.Pair{Name: "Paid", Value: v.Money(i.PaidAmount().Neg())},
			paper.Pair{Name: "Balance", Value: v.Money(i.Balance()), Strong: true})
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
	sheet, err := receiptSheet(r.Context(), r.Tx(), r.Viewer(), stationery{p, r.Firm(), r.Here(), r.Now()}, pay, uuid.Nil)
	if err != nil {
		return err
	}
	return send(r, sheet, name(map[bool]string{true: "credit", false: "receipt"}[pay.IsCredit()], pay.Number))
}

// document is the PDF of the statement that the page shows.
func (v statementView) document(r *web.Request, p module.Platform) error {
	sheet := letterpaper(r, p, "Statement", dateText(v.From)+" to "+dateText(v.To))
	sheet.To = v.Address
	sheet.Columns = []paper.Column{
		{Title: "What"}, {Title: "Day", Right: true, Width: 36}, {Title: "Amount", Right: true, Width: 34}, {Title: "Owed then", Right: true, Width: 34},
	}
	for _, s := range v.Statements {
		sheet.Rows = append(sheet.Rows, []string{"Owed before", dateText(s.From), "", v.Money(s.OpeningAmount())})
		for _, row := range s.Rows {
			what := row.Words().String()
			if row.Title != "" {
				what += ": " + row.Title
			}
			sheet.Rows = append(sheet.Rows, []string{what, dateText(row.OnDay), v.Money(row.AmountOf()), v.Money(row.After())})
		}
		sheet.Sums = append(sheet.Sums,
			paper.Pair{Name: "Owed before", Value: v.Money(s.OpeningAmount())}, paper.Pair{Name: "Invoiced", Value: v.Money(s.InvoicedAmount())},
			paper.Pair{Name: "Paid", Value: v.Money(s.PaidAmount().Neg())}, paper.Pair{Name: "Owed now", Value: v.Money(s.ClosingAmount()), Strong: true})
		if s.Cut {
			sheet.Small = append(sheet.Small, "There is more than fits here. Choose a shorter time.")
		}
	}
	for _, a := range v.Unapplied {
		sheet.Words = append(sheet.Words, v.Money(a)+" is on account and stands on no invoice yet.")
	}
	return send(r, sheet, "statement-"+v.From.String()+"-"+v.To.String()+".pdf")
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
	return view.document(r, o.Platform)
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
	return view.document(r, p.Platform)
}
