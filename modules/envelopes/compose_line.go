package envelopes

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"portico/platform/day"
	"portico/platform/fault"
	"portico/platform/money"
	"portico/platform/web"
)

const (
	mostLines   = 100
	mostStages  = 40
	longestLine = 500
)

// lineForm is a line of the price table as it was typed.
type lineForm struct{ Text, Quantity, Price, Tax string }

func (f lineForm) blank() bool { return f.Text == "" && f.Price == "" }

// stageForm is a line of the payment schedule as it was typed.
type stageForm struct{ Title, Share, Amount, DueOn string }

func (f stageForm) blank() bool { return f.Title == "" && f.Share == "" && f.Amount == "" }

// column is a column of a form's table, as long as the first one.
func column(r *web.Request, name string, rows int) []string {
	values := r.Values(name)
	list := make([]string, rows)
	for n := range list {
		if n < len(values) {
			list[n] = strings.TrimSpace(values[n])
		}
	}
	return list
}

func linesTyped(r *web.Request) []lineForm {
	rows := min(len(r.Values("line_text")), mostLines+20)
	text, quantity, price, tax := column(r, "line_text", rows), column(r, "line_quantity", rows), column(r, "line_price", rows), column(r, "line_tax", rows)
	list := make([]lineForm, rows)
	for n := range list {
		list[n] = lineForm{oneLine(text[n]), quantity[n], price[n], tax[n]}
	}
	return list
}

func stagesTyped(r *web.Request) []stageForm {
	rows := min(len(r.Values("stage_title")), mostStages+20)
	title, share, amount, due := column(r, "stage_title", rows), column(r, "stage_share", rows), column(r, "stage_amount", rows), column(r, "stage_due", rows)
	list := make([]stageForm, rows)
	for n := range list {
		list[n] = stageForm{oneLine(title[n]), share[n], amount[n], due[n]}
	}
	return list
}

// without leaves out one of a list, as its button asks.
func without[T any](list []T, do, button string) []T {
	text, asked := strings.CutPrefix(do, button)
	if at, err := strconv.Atoi(text); asked && err == nil && at >= 0 && at < len(list) {
		return slices.Delete(slices.Clone(list), at, at+1)
	}
	return list
}

// linesFrom reads a price table. Blank lines are left out.
func linesFrom(forms []lineForm, currency, locale string) (lines []Line, wrong fault.Fields) {
	wrong = fault.Fields{}
	for n, f := range forms {
		if f.blank() {
			continue
		}
		complain := func(field, text string) { wrong[fmt.Sprintf("%s-%d", field, n)] = text }
		l := Line{Position: len(lines) + 1, Text: f.Text, Quantity: int64(money.One)}
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
			quantity, err := money.ParseQuantity(f.Quantity, locale)
			if err != nil {
				complain("quantity", "Enter a number with at most three decimals, such as 1.5.")
			}
			l.Quantity = int64(quantity)
		}
		tax, err := money.ParseShare(f.Tax, locale)
		if err != nil {
			complain("tax", "Enter a percentage between 0 and 100.")
		}
		l.TaxRate = int(tax)
		if net := l.net(currency).Minor; net > money.Most || net < -money.Most {
			complain("price", "This is more than a document can hold.")
		}
		lines = append(lines, l)
	}
	if len(lines) > mostLines {
		wrong["lines"] = "Use at most 100 lines."
	}
	return lines, wrong
}

// net is what a line comes to, before taxes.
func (l Line) net(currency string) money.Amount {
	return money.Of(l.Price, currency).Times(money.Quantity(l.Quantity))
}

// sumOf is what the lines come to before taxes, and the taxes.
func sumOf(lines []Line, currency string) (net, tax money.Amount) {
	net, tax = money.Of(0, currency), money.Of(0, currency)
	for _, l := range lines {
		one := l.net(currency)
		net, tax = net.Add(one), tax.Add(one.Part(money.Rate(l.TaxRate)))
	}
	return net, tax
}

// stagesFrom reads a payment schedule. Blank lines are left out.
func stagesFrom(forms []stageForm, currency, locale string) (stages []Stage, wrong fault.Fields) {
	wrong = fault.Fields{}
	for n, f := range forms {
		if f.blank() {
			continue
		}
		complain := func(field, text string) { wrong[fmt.Sprintf("%s-%d", field, n)] = text }
		s := Stage{Position: len(stages) + 1, Title: f.Title}
		switch n := utf8.RuneCountInString(f.Title); {
		case n == 0:
			complain("stage", "Say when this is paid.")
		case n > 120:
			complain("stage", "Use at most 120 characters.")
		}
		share, err := money.ParseShare(f.Share, locale)
		if err != nil {
			complain("share", "Enter a percentage between 0 and 100.")
		}
		s.Share = int(share)
		switch {
		case f.Amount != "" && s.Share != 0:
			complain("stage_amount", "Enter a share or an amount, not both.")
		case f.Amount != "":
			amount, err := money.Parse(f.Amount, currency, locale)
			if err != nil {
				complain("stage_amount", money.Advice(err, currency))
			} else if amount.Minor <= 0 {
				complain("stage_amount", "Enter more than nothing.")
			}
			s.Amount = amount.Minor
		case s.Share == 0 && err == nil:
			complain("share", "Enter a share or an amount.")
		}
		if f.DueOn != "" {
			on, err := day.Parse(f.DueOn)
			if err != nil || on.Year() < 1900 || on.Year() > 2200 {
				complain("due", "Enter a date, such as 2026-12-03.")
			} else {
				s.DueOn = on.String()
			}
		}
		stages = append(stages, s)
	}
	if len(stages) > mostStages {
		wrong["stages"] = "Use at most 40 lines."
	}
	return stages, wrong
}

// planned is what each stage comes to. Shares of the whole come to the whole to the cent.
func planned(stages []Stage, total money.Amount) (each []money.Amount, all money.Amount) {
	all = money.Of(0, total.Currency)
	whole, last := 0, -1
	for n, s := range stages {
		one := money.Of(s.Amount, total.Currency)
		if s.Share != 0 {
			one = total.Part(money.Rate(s.Share))
			whole, last = whole+s.Share, n
		}
		each, all = append(each, one), all.Add(one)
	}
	if whole == int(money.Whole) && last >= 0 {
		fixed := money.Of(0, total.Currency)
		for _, s := range stages {
			fixed = fixed.Add(money.Of(s.Amount, total.Currency))
		}
		if rest := total.Add(fixed).Sub(all); !rest.IsZero() {
			each[last], all = each[last].Add(rest), all.Add(rest)
		}
	}
	return each, all
}

// parseStages reads the payment schedule of a template, one a line: "On signing, 30%".
func parseStages(text string) (stages []Stage, problem string) {
	for line := range strings.Lines(text) {
		if line = oneLine(line); line == "" {
			continue
		}
		at := strings.LastIndex(line, ",")
		if at < 1 {
			return nil, "Write each line as “On signing, 30%”."
		}
		share, err := money.ParseShare(strings.TrimSuffix(strings.TrimSpace(line[at+1:]), "%"), "en-US")
		if err != nil || share == 0 {
			return nil, "Write each line as “On signing, 30%”."
		}
		stages = append(stages, Stage{Position: len(stages) + 1, Title: strings.TrimSpace(line[:at]), Share: int(share)})
	}
	if len(stages) > mostStages {
		return nil, "Use at most 40 lines."
	}
	return stages, ""
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }
