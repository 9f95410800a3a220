package billing

import (
	"maps"
	"math/big"
	"strconv"
	"strings"

	"portico/platform/module"
	"portico/platform/money"
	"portico/platform/sheet"
)

// exactly is a number as a file writes it, exactly.
func exactly(a sheet.Amount) *big.Rat {
	scale := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(a.Places)), nil)
	return new(big.Rat).SetFrac(big.NewInt(a.Digits), scale)
}

// inMinor is a number in minor units, halves away from zero.
func inMinor(x *big.Rat, digits int) int64 {
	scaled := new(big.Rat).Mul(x, new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(digits)), nil)))
	half := big.NewRat(1, 2)
	if scaled.Sign() < 0 {
		half.Neg(half)
	}
	scaled.Add(scaled, half)
	n := new(big.Int).Quo(scaled.Num(), scaled.Denom())
	if !n.IsInt64() || n.Int64() > money.Most || n.Int64() < -money.Most {
		return money.Most + 1
	}
	return n.Int64()
}

// number reads a plain number, such as a quantity or a percentage.
func (r recordReader) number(row module.ImportRow, field, title string) (a sheet.Amount, there bool) {
	text := strings.TrimSuffix(row.Get(field), "%")
	if text == "" {
		return a, false
	}
	a, err := sheet.ParseAmount(text, r.s.Comma)
	if err != nil {
		r.Refuse(row.Number, title, "This is not a number.", text)
		return a, false
	}
	return a, true
}

// lines reads the lines of an invoice. A line comes to what the file says; where quantity, price and discount do not
// lead there by our arithmetic, they stand in its text.
func (r recordReader) lines() []Line {
	var list []Line
	for _, row := range r.Rows {
		if l, there := r.line(row); there {
			list = append(list, l...)
		}
	}
	return list
}

func (r recordReader) line(row module.ImportRow) (lines []Line, there bool) {
	what, text := oneLine(row.Get("item")), oneLine(row.Get("text"))
	quantity, counted := r.number(row, "quantity", "Quantity")
	price, priced := r.number(row, "price", "Price of one")
	net, known := r.amount(row, "net", "Line, without tax")
	gross, whole := r.amount(row, "gross", "Line, with tax")
	tax, taxed := r.amount(row, "tax", "Tax")
	more, _ := r.amount(row, "tax2", "Second tax")
	off, reduced := r.amount(row, "discount_amount", "Discount, amount")
	percent, _ := r.number(row, "discount", "Discount, percent")
	rate, rated := r.number(row, "tax_rate", "Tax, percent")
	if what+text == "" && !priced && !known && !whole {
		return nil, false
	}
	tax += more
	switch {
	case what == "":
		what = text
	case text != "" && text != what:
		what += ": " + text
	}
	if what == "" {
		what = "Work"
	}
	l := Line{Text: what, Quantity: money.One}
	exact := big.NewRat(0, 1)
	if priced {
		exact = exactly(price)
		if counted {
			exact.Mul(exact, exactly(quantity))
		}
	}
	worked := inMinor(exact, r.digits)
	switch basis, fits := percent.Minor(2); {
	case reduced && off != 0:
		worked -= off
	case fits && basis > 0 && basis <= int64(money.Whole):
		l.Discount = money.Rate(basis)
		worked -= money.Amount{Minor: worked}.Part(l.Discount).Minor
	case percent.Digits != 0:
		r.Refuse(row.Number, "Discount, percent", "This is not between 0 and 100, or has more than two decimals.", row.Get("discount"))
	}
	want := worked
	switch {
	case whole && gross-tax != worked && (!known || net != worked):
		want = gross - tax
	case !whole && known && net != worked:
		want = net
	case !priced && known:
		want = net
	}
	if n, fits := quantity.Minor(3); counted && fits && n != 0 {
		l.Quantity = money.Quantity(n)
	}
	unit, plain := price.Minor(r.digits)
	l.Price = unit
	if l.work(); !priced || !plain || l.Net != want || want > money.Most || want < -money.Most {
		if counted && priced {
			l.Text += " (" + quantity.String() + " × " + price.String() + ")"
		}
		l.Quantity, l.Price, l.Discount, l.Net = money.One, want, 0, want
	}
	l.Text = shortened(l.Text, longestLine)
	if basis, fits := rate.Minor(2); rated && fits && basis >= 0 && basis <= int64(money.Whole) {
		l.TaxRate = money.Rate(basis)
	}
	l.Tax = money.Amount{Minor: l.Net}.Part(l.TaxRate).Minor
	if taxed && l.Tax != tax {
		if l.TaxRate = rateOf(tax, l.Net); l.TaxRate == 0 && tax != 0 {
			l.Tax = 0
			return []Line{l, {Text: shortened("Tax: "+l.Text, longestLine), Quantity: money.One, Price: tax, Net: tax}}, true
		}
		l.Tax = tax
	}
	return []Line{l}, true
}

// rateOf is the rate that is nearest to a tax; zero when there is none between 0 and 100.
func rateOf(tax, net int64) money.Rate {
	if net == 0 || tax == 0 || (tax < 0) != (net < 0) {
		return 0
	}
	rate := inMinor(new(big.Rat).Mul(big.NewRat(tax, net), big.NewRat(int64(money.Whole), 1)), 0)
	if rate > int64(money.Whole) {
		return 0
	}
	return max(money.Rate(rate), 1)
}

// withTax spreads the tax of a whole invoice over its lines.
func withTax(lines []Line, tax int64) []Line {
	weights, net := make([]int64, len(lines)), int64(0)
	for n, l := range lines {
		weights[n] = max(l.Net, 0)
		net += l.Net
		if l.Net < 0 || l.Tax != 0 {
			return append(lines, extraLine("Tax", tax))
		}
	}
	rate := rateOf(tax, net)
	if rate == 0 {
		return append(lines, extraLine("Tax", tax))
	}
	for n, part := range (money.Amount{Minor: tax}).Share(weights) {
		lines[n].Tax = part.Minor
		if part.Minor != 0 {
			lines[n].TaxRate = rate
		}
	}
	return lines
}

func extraLine(text string, amount int64) Line {
	return Line{Text: text, Quantity: money.One, Price: amount, Net: amount}
}

// settle makes the lines come to the file's total: what stands beside them in the file becomes a line, a row that is
// there twice counts once where that is what was meant, and what is left over is said.
func (r recordReader) settle(lines []Line, total int64, given bool) []Line {
	first := r.Rows[0]
	field := func(id, title string) int64 {
		for _, row := range r.Rows {
			if row.Get(id) != "" {
				minor, _ := r.amount(row, id, title)
				return minor
			}
		}
		return 0
	}
	off, ship, adjust, tax := field("discount_total", "Discount on the whole"), field("shipping", "Shipping"), field("adjustment", "Adjustment"), field("tax_total", "Tax of the whole")
	if off < 0 {
		off = -off
	}
	if len(lines) == 0 {
		lines = []Line{extraLine("As invoiced before", total-tax+off-ship-adjust)}
	}
	with := func(lines []Line) []Line {
		lines = append([]Line{}, lines...)
		for _, x := range []Line{extraLine("Discount", -off), extraLine("Shipping", ship), extraLine("Adjustment", adjust)} {
			if x.Net != 0 {
				lines = append(lines, x)
			}
		}
		if sumOf(lines).Tax == 0 && tax != 0 {
			lines = withTax(lines, tax)
		}
		return lines
	}
	if !given {
		return with(lines)
	}
	for _, tried := range [][]Line{with(lines), lines} {
		if sumOf(tried).total() == total {
			return tried
		}
	}
	if once, left := r.once(); left > 0 {
		if again := with(once.lines()); sumOf(again).total() == total {
			r.mild(first.Number, "Item", "The same row stands there "+strconv.Itoa(left+1)+" times. By the total it counts once.", first.Get("number"))
			return again
		}
	}
	tried := with(lines)
	is := sumOf(tried).total()
	r.mild(first.Number, "Total", "The lines come to "+money.Of(is, r.currency).Plain()+". A line makes up the difference to the total.", money.Of(total, r.currency).Plain())
	return append(tried, extraLine("Difference to the total", total-is))
}

// once is the record without rows that say the same as the one before them.
func (r recordReader) once() (recordReader, int) {
	kept := *r.Record
	kept.Rows, kept.Wrong = nil, nil
	for n, row := range r.Rows {
		if n == 0 || !maps.Equal(row.Values, r.Rows[n-1].Values) {
			kept.Rows = append(kept.Rows, row)
		}
	}
	left := len(r.Rows) - len(kept.Rows)
	r.Record = &kept
	return r, left
}
