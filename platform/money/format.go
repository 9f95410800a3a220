package money

import (
	"strings"
	"sync"

	"github.com/bojanz/currency"
)

var formatters sync.Map // locale -> *sync.Pool of *currency.Formatter

// Format writes an amount as the locale does: "$1,234.50", "1.234,50 $". Minus is a real one.
func (a Amount) Format(locale string) string {
	amount, err := currency.NewAmountFromInt64(a.Minor, a.Currency)
	if err != nil { // a currency of the past
		return strings.TrimSpace(a.Plain() + " " + a.Currency)
	}
	known, ok := formatters.Load(locale)
	if !ok {
		known, _ = formatters.LoadOrStore(locale, &sync.Pool{New: func() any { return currency.NewFormatter(currency.NewLocale(locale)) }})
	}
	pool := known.(*sync.Pool)
	f := pool.Get().(*currency.Formatter)
	defer pool.Put(f)
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
