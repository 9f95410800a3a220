package billing

import (
	"strings"

	"portico/platform/module"
	"portico/platform/search"
	"portico/platform/sheet"
)

// imports are what comes over from other programs: invoices with their lines, and what was paid.
func imports() []module.Import {
	return []module.Import{
		{
			ID: "billing:invoices", Title: "Invoices", One: "invoice", Many: "invoices", Order: 40,
			About:  "With their lines, and with what is paid on them. They keep their numbers, and nobody gets a mail.",
			Fields: invoiceFields, Choices: []module.ImportChoice{missingClient, whichProject, alreadyPaid},
			Key: invoiceKey, Look: lookInvoices, Write: writeInvoices, Undo: undoImport, Export: exportInvoices,
		},
		{
			ID: "billing:payments", Title: "Payments", One: "payment", Many: "payments", Order: 50,
			About:  "What clients paid. Each goes to its invoice, by the number; what is over stays on account.",
			Fields: paymentFields, Choices: []module.ImportChoice{sameRow, belowZero},
			Key: paymentKey, Look: lookPayments, Write: writePayments, Undo: undoImport, Export: exportPayments,
		},
	}
}

var (
	missingClient = module.ImportChoice{
		ID: "missing", Title: "A client that is not there yet",
		Options: []module.ImportOption{{Value: "add", Title: "Add it with its name"}, {Value: "refuse", Title: "Refuse the invoice"}},
	}
	whichProject = module.ImportChoice{
		ID: "project", Title: "Invoices that name no project", Help: "Every invoice belongs to a project. A new one is shared with nobody until you share it.",
		Options: []module.ImportOption{
			{Value: "only", Title: "Into the client's only project; with several or none, into one called “" + earlierProject + "”"},
			{Value: "own", Title: "Into a project called “" + earlierProject + "”"}, {Value: "refuse", Title: "Refuse the invoice"},
		},
	}
	alreadyPaid = module.ImportChoice{
		ID: "paid", Title: "What the file says is paid", Help: "If you bring in a list of payments as well, it would be counted twice.",
		Options: []module.ImportOption{{Value: "take", Title: "Take it over: one payment for each invoice"}, {Value: "leave", Title: "Leave it: a list of payments comes later"}},
	}
	sameRow = module.ImportChoice{
		ID: "same", Title: "Rows that say exactly the same",
		Options: []module.ImportOption{{Value: "each", Title: "Each is a payment"}, {Value: "once", Title: "They are one payment"}},
	}
	belowZero = module.ImportChoice{
		ID: "minus", Title: "Amounts below zero",
		Options: []module.ImportOption{{Value: "credit", Title: "They are credits: the client owes less"}, {Value: "refuse", Title: "Refuse the row"}},
	}
)

// earlierProject is where invoices go that belong to no project that is known here.
const earlierProject = "Earlier invoices"

func columnNames(line string) []string { return strings.Split(line, ", ") }

var clientNames = columnNames("client, client name, customer, customer name, bill to, company name, company, organization, organisation, account name, name, kunde, kundenname, firma, cliente")

var invoiceFields = []module.ImportField{
	{ID: "client", Title: "Client", Needed: true, Names: clientNames},
	{ID: "number", Title: "Number", Help: "Rows with one number are one invoice.", Names: columnNames("invoice number, invoice #, invoice no, invoice no., invoice, number, no, no., doc number, document number, num, rechnungsnummer, facture")},
	{ID: "date", Title: "Date", Day: true, Needed: true, Names: columnNames("invoice date, date issued, issue date, issued, date, invoicedate, created, create date, txn date, rechnungsdatum")},
	{ID: "due", Title: "Due", Day: true, Help: "Without it: so many days after its date as your settings say.", Names: columnNames("due date, due, duedate, payment due, fällig, fälligkeitsdatum")},
	{ID: "status", Title: "State", Help: "Draft, sent, partial, paid or void.", Names: columnNames("invoice status, status, state, payment status")},
	{ID: "total", Title: "Total", Amount: true, Help: "Of the invoice, tax included. Without it the lines are added up.", Names: columnNames("total, invoice total, invoice amount, total amount, amount, grand total, gross amount, gesamtbetrag")},
	{ID: "paid", Title: "Paid", Amount: true, Names: columnNames("paid, amount paid, paid amount, paid to date, total paid, payments")},
	{ID: "balance", Title: "Balance", Amount: true, Help: "What is still owed.", Names: columnNames("balance, balance due, amount due, open balance, outstanding, due amount, remaining")},
	{ID: "paid_on", Title: "Paid on", Day: true, Names: columnNames("date paid, paid date, last payment date, payment date, paid on")},
	{ID: "currency", Title: "Currency", Names: columnNames("currency, currency code")},
	{ID: "title", Title: "What it is for", Names: columnNames("subject, invoice title, title, invoice description, memo, reference")},
	{ID: "project", Title: "Project", Names: columnNames("project name, project, job name, job, matter, event")},
	{ID: "email", Title: "Client's email", Help: "Tells two clients of one name apart.", Names: columnNames("email, client email, customer email, e-mail, email address")},
	{ID: "message", Title: "Message", Help: "Clients read it.", Names: columnNames("public notes, customer notes, message, notes to customer, customer memo")},
	{ID: "notes", Title: "Internal notes", Help: "Clients never see them.", Names: columnNames("private notes, internal notes, private note")},
	{ID: "tax_total", Title: "Tax of the whole", Amount: true, Names: columnNames("total tax, tax total, tax amount, invoice tax, sales tax")},
	{ID: "discount_total", Title: "Discount on the whole", Amount: true, Names: columnNames("entity discount amount, discount total, total discount, invoice discount amount")},
	{ID: "shipping", Title: "Shipping", Amount: true, Names: columnNames("shipping charge, shipping, shipping amount, freight")},
	{ID: "adjustment", Title: "Adjustment", Amount: true, Names: columnNames("adjustment, round off, rounding")},

	{ID: "item", Title: "Item", Group: "Line", Names: columnNames("item name, item product, item, product, product/service, line item, service, artikel")},
	{ID: "text", Title: "Description", Group: "Line", Names: columnNames("item description, item notes, item desc, line description, description, beschreibung")},
	{ID: "quantity", Title: "Quantity", Group: "Line", Names: columnNames("quantity, item quantity, qty, line quantity, hours, menge")},
	{ID: "price", Title: "Price of one", Group: "Line", Amount: true, Names: columnNames("item price, item cost, rate, unit price, price, unit cost, item rate, line rate, einzelpreis")},
	{ID: "discount", Title: "Discount, percent", Group: "Line", Names: columnNames("discount percentage, line discount, discount %, item discount")},
	{ID: "discount_amount", Title: "Discount, amount", Group: "Line", Amount: true, Names: columnNames("discount amount, line discount amount, item discount amount")},
	{ID: "tax_rate", Title: "Tax, percent", Group: "Line", Names: columnNames("item tax %, tax rate, tax %, vat %, vat rate, tax percentage, line tax rate, item tax rate")},
	{ID: "tax", Title: "Tax", Group: "Line", Amount: true, Names: columnNames("tax 1 amount, item tax amount, line tax, item tax1 amount, line tax amount, vat amount")},
	{ID: "tax2", Title: "Second tax", Group: "Line", Amount: true, Names: columnNames("tax 2 amount, item tax2 amount")},
	{ID: "net", Title: "Line, without tax", Group: "Line", Amount: true, Names: columnNames("line subtotal, item total, item amount, line amount, line net")},
	{ID: "gross", Title: "Line, with tax", Group: "Line", Amount: true, Names: columnNames("line total, item gross")},
}

var paymentFields = []module.ImportField{
	{ID: "client", Title: "Client", Needed: true, Or: []string{"invoice"}, Names: clientNames},
	{ID: "invoice", Title: "Invoice number", Help: "Without one it stays on the client's account.", Names: columnNames("invoice number, invoice #, invoice no, invoice no., invoice, applied to invoice, invoices, document number")},
	{ID: "amount", Title: "Amount", Needed: true, Amount: true, Names: columnNames("amount, payment amount, amount paid, paid, total, amount applied, betrag")},
	{ID: "date", Title: "Date", Needed: true, Day: true, Names: columnNames("payment date, date, paid on, date paid, transaction date, paid date, datum")},
	{ID: "method", Title: "How", Names: columnNames("payment method, method, payment type, type, payment mode, mode, how")},
	{ID: "number", Title: "Receipt number", Names: columnNames("payment number, receipt number, receipt #, receipt no, payment no")},
	{ID: "reference", Title: "Reference", Help: "Clients read it.", Names: columnNames("reference, reference number, transaction reference, reference#, check number, check no, transaction id, reference no")},
	{ID: "currency", Title: "Currency", Names: columnNames("currency, currency code")},
	{ID: "email", Title: "Client's email", Help: "Tells two clients of one name apart.", Names: columnNames("email, client email, customer email, e-mail")},
	{ID: "notes", Title: "Internal notes", Help: "Clients never see them.", Names: columnNames("private notes, internal notes, notes, note, description, memo")},
}

// foldName is how names and numbers are compared.
func foldName(name string) string { return strings.Join(strings.Fields(search.Fold(name)), " ") }

// recordReader reads the values of one row, and complains about those that it cannot read.
type recordReader struct {
	*module.Record
	s        module.ImportSettings
	currency string
	digits   int
}

// amount is a sum of money; nothing is zero, and there is false.
func (r recordReader) amount(row module.ImportRow, field, title string) (minor int64, there bool) {
	text := row.Get(field)
	if text == "" {
		return 0, false
	}
	a, err := sheet.ParseAmount(text, r.s.Comma)
	if err != nil {
		r.Refuse(row.Number, title, "This is not an amount.", text)
		return 0, false
	}
	minor, fits := a.Minor(r.digits)
	if !fits {
		r.Refuse(row.Number, title, r.currency+" has fewer decimals than this.", text)
	}
	return minor, fits
}

// mild notes what is left out or put right; the rest is taken.
func (r recordReader) mild(row int, field, reason, value string) {
	r.Wrong = append(r.Wrong, module.Problem{Row: row, Field: field, Reason: reason, Value: value, Mild: true})
}

// shortened keeps a text within a number of letters.
func shortened(text string, most int) string {
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most-1]) + "…"
	}
	return text
}
