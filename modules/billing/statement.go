package billing

import (
	"time"

	"github.com/google/uuid"

	"portico/platform/day"
	"portico/platform/lang"
	"portico/platform/money"
)

// statement is what was owed at the beginning of a span of days, what came and went in it, and what is owed at its end.
type statement struct {
	From, To         day.Day
	Currency         string
	Opening, Closing int64
	Invoiced, Paid   int64 // in the span; invoiced is less what was made void
	Rows             []statementRow
	Cut              bool // there are more rows than are shown
}

// statementRow is one booking, as it changes what is owed.
type statementRow struct {
	OnDay    day.Day
	Kind     string // issue, void or apply
	Amount   int64  // + is owed, - is paid
	Currency string
	Number   string // of the invoice or the receipt; "" where payments are not shown
	Title    string
	Method   Method
	Source   uuid.UUID
	Balance  int64 // after it
}

// AmountOf is what the row changes, and After what is owed then.
func (r statementRow) AmountOf() money.Amount { return money.Of(r.Amount, r.Currency) }
func (r statementRow) After() money.Amount    { return money.Of(r.Balance, r.Currency) }

// Noted is its title, or the payment's reference as it reads alone.
func (r statementRow) Noted() any { return noted(r.Method, r.Title) }

// Words say what happened.
func (r statementRow) Words() lang.Message {
	what := "Payment"
	switch r.Method {
	case Credit:
		what = "Credit memo"
	case FromDeposit:
		what = "From the deposit"
	}
	switch {
	case r.Kind == "issue":
		return lang.M("Invoice %s", r.Number)
	case r.Kind == "void":
		return lang.M("Invoice %s made void", r.Number)
	case r.Amount > 0:
		return lang.M("%s %s taken back", lang.Text(what), r.Number)
	}
	return lang.M("%s %s", lang.Text(what), r.Number)
}

// figures of the statement as money.
func (s statement) OpeningAmount() money.Amount  { return money.Of(s.Opening, s.Currency) }
func (s statement) ClosingAmount() money.Amount  { return money.Of(s.Closing, s.Currency) }
func (s statement) InvoicedAmount() money.Amount { return money.Of(s.Invoiced, s.Currency) }
func (s statement) PaidAmount() money.Amount     { return money.Of(s.Paid, s.Currency) }

// settle works out the sums and the balance after each row.
func (s *statement) settle() {
	s.Closing = s.Opening
	for i := range s.Rows {
		r := &s.Rows[i]
		s.Closing += r.Amount
		r.Balance = s.Closing
		if r.Kind == "issue" || r.Kind == "void" {
			s.Invoiced += r.Amount
		} else {
			s.Paid -= r.Amount
		}
	}
}

// span is the range of days that an address asks for; otherwise this year so far.
func span(from, to string, today day.Day) (day.Day, day.Day) {
	begin, err := day.Parse(from)
	if err != nil || begin.Year() < 1900 || begin.Year() > 2200 {
		begin = day.New(today.Year(), time.January, 1)
	}
	end, err := day.Parse(to)
	if err != nil || end.Year() < 1900 || end.Year() > 2200 {
		end = today
	}
	if end.Before(begin) {
		begin, end = end, begin
	}
	return begin, end
}
