package billing

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"

	"portico/platform/fault"
	"portico/platform/money"
)

// Line is one thing on an invoice.
type Line struct {
	Position int
	Text     string
	Quantity money.Quantity
	Price    int64 // of one, in minor units
	Discount money.Rate
	TaxRate  money.Rate
	Net, Tax int64 // worked out: see work

	Source    string    // "": by hand
	SourceID  uuid.UUID // the draw or the charge that it comes from
	Section   uuid.UUID // on a consolidated invoice: the part
	ProjectID uuid.UUID // and its project
}

// work is the arithmetic of a line: price times quantity, less the discount, and the tax on that, each rounded once.
func (l *Line) work() {
	gross := money.Amount{Minor: l.Price}.Times(l.Quantity)
	net := gross.Sub(gross.Part(l.Discount))
	l.Net, l.Tax = net.Minor, net.Part(l.TaxRate).Minor
}

// sum is what lines come to.
type sum struct{ Net, Tax int64 }

func (s sum) total() int64 { return s.Net + s.Tax }

func sumOf(lines []Line) sum {
	var s sum
	for _, l := range lines {
		s.Net, s.Tax = s.Net+l.Net, s.Tax+l.Tax
	}
	return s
}

const (
	mostLines   = 100
	longestLine = 500
	blankLines  = 3 // that a form offers
)

// lineForm is a line as it was typed.
type lineForm struct {
	Text, Quantity, Price, Discount, Tax string
	From                                 string // what it comes from: "time:" and an id; "": nothing but a hand
}

// blank: nothing was typed that anybody would miss.
func (f lineForm) blank() bool { return f.Text == "" && f.Price == "" }

// formOf is a kept line, to be typed over.
func formOf(l Line, currency string) lineForm {
	f := lineForm{Text: l.Text, Quantity: l.Quantity.String(), Price: money.Of(l.Price, currency).Plain(), Tax: l.TaxRate.String()}
	if l.Discount != 0 {
		f.Discount = l.Discount.String()
	}
	if l.SourceID != uuid.Nil {
		f.From = l.Source + ":" + l.SourceID.String()
	}
	return f
}

// linesFrom reads what was typed; blank lines are left out. Each complaint is beside its field: "price-2".
func linesFrom(forms []lineForm, currency, locale string) ([]Line, fault.Fields) {
	wrong := fault.Fields{}
	var lines []Line
	for i, f := range forms {
		if f.blank() {
			continue
		}
		complain := func(field, text string) { wrong[fmt.Sprintf("%s-%d", field, i)] = text }
		l := Line{Position: len(lines) + 1, Text: f.Text, Quantity: money.One}
		l.Source, l.SourceID = f.source()
		switch n := utf8.RuneCountInString(f.Text); {
		case n == 0:
			complain("text", "Say what this line is for.")
		case n > longestLine:
			complain("text", "Use at most 500 characters.")
		}
		price, err := money.Parse(f.Price, currency, locale)
		if err != nil {
			complain("price", money.Advice(err, currency))
		}
		l.Price = price.Minor
		if f.Quantity != "" {
			if l.Quantity, err = money.ParseQuantity(f.Quantity, locale); err != nil {
				complain("quantity", "Enter a number with at most three decimals, such as 1.5.")
			}
		}
		if l.Discount, err = money.ParseShare(f.Discount, locale); err != nil {
			complain("discount", "Enter a percentage between 0 and 100.")
		}
		if l.TaxRate, err = money.ParseShare(f.Tax, locale); err != nil {
			complain("tax", "Enter a percentage between 0 and 100.")
		}
		if l.work(); l.Net > money.Most || l.Net < -money.Most {
			complain("price", "This is more than an invoice can hold.")
		}
		lines = append(lines, l)
	}
	if len(lines) > mostLines {
		wrong["lines"] = "Use at most 100 lines."
	}
	if len(wrong) == 0 {
		switch total := sumOf(lines).total(); {
		case total < 0:
			wrong["lines"] = "The lines come to less than nothing. Give a credit memo instead."
		case total > money.Most:
			wrong["lines"] = "The lines come to more than an invoice can hold."
		}
	}
	return lines, wrong
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }
