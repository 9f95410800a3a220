package money

import (
	"strings"

	"github.com/bojanz/currency"
)

// Format writes an amount as the locale does: "$1,234.50", "1.234,50 $". Minus is a real one.
func (a Amount) Format(locale string) string {
	if p := patternOf(locale, a.Currency); p != nil {
		return p.write(a.Minor)
	}
	return byLibrary(a, currency.NewFormatter(currency.NewLocale(locale)))
}

func byLibrary(a Amount, f *currency.Formatter) string {
	amount, err := currency.NewAmountFromInt64(a.Minor, a.Currency)
	if err != nil { // a currency of the past
		return strings.TrimSpace(a.Plain() + " " + a.Currency)
	}
	return strings.Replace(f.Format(amount), "-", "−", 1)
}

// Symbol is how the locale writes the currency beside a field: "$", "€".
func Symbol(code, locale string) string {
	symbol, ok := currency.GetSymbol(code, currency.NewLocale(locale))
	if !ok {
		return code
	}
	return symbol
}
