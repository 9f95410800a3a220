package money

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"unicode"

	"github.com/bojanz/currency"
)

// What can be wrong with a typed number.
var (
	ErrNoNumber = errors.New("not a number")
	ErrTooFine  = errors.New("more decimals than there are")
	ErrTooMuch  = errors.New("too large")
)

// Parse reads what people type: "1,234.50", "1.234,50", "$ 1 234", "(5.00)", in digits of any script. A separator that
// could be read in two ways is read as in the locale.
func Parse(text, code, locale string) (Amount, error) {
	minor, err := number(text, Digits(code), locale)
	if err == nil && (minor > Most || minor < -Most) {
		err = ErrTooMuch
	}
	return Amount{minor, code}, err
}

// ParseRate reads "8.25", "8,25" or "8.25 %".
func ParseRate(text, locale string) (Rate, error) {
	n, err := number(text, 2, locale)
	if err == nil && (n > 100*int64(Whole) || n < -100*int64(Whole)) {
		err = ErrTooMuch
	}
	return Rate(n), err
}

// ErrShare says that a share is not one of the whole.
var ErrShare = errors.New("not between 0 and 100 percent")

// ParseShare reads a rate from 0 to 100 %; no text is none. Another one is ErrShare.
func ParseShare(text, locale string) (Rate, error) {
	if text == "" {
		return 0, nil
	}
	r, err := ParseRate(text, locale)
	if err == nil && (r < 0 || r > Whole) {
		err = ErrShare
	}
	return r, err
}

// Advice says beside a field what is wrong with a typed amount.
func Advice(err error, currency string) string {
	switch {
	case errors.Is(err, ErrTooFine):
		if n := Digits(currency); n > 0 {
			return fmt.Sprintf("%s has %d decimals: enter an amount such as %s.", currency, n, Of(125, currency).Plain())
		}
		return currency + " has no decimals: enter a whole number."
	case errors.Is(err, ErrTooMuch):
		return "This is too large."
	}
	return "Enter an amount, such as " + Of(125000, currency).Plain() + "."
}

// ParseQuantity reads "1", "1.5", "1,250" or "0,333".
func ParseQuantity(text, locale string) (Quantity, error) {
	n, err := number(text, 3, locale)
	if err == nil && (n > 1_000_000_000_000 || n < -1_000_000_000_000) {
		err = ErrTooMuch
	}
	return Quantity(n), err
}

func number(text string, digits int, locale string) (int64, error) {
	plain, negative := tidy(text)
	if plain == "" {
		return 0, ErrNoNumber
	}
	whole, part := cut(plain, digits, decimalPoint(locale))
	whole = strings.NewReplacer(".", "", ",", "").Replace(whole)
	if whole == "" && part == "" {
		return 0, ErrNoNumber
	}
	if len(part) > digits {
		if strings.Trim(part[digits:], "0") != "" {
			return 0, ErrTooFine
		}
		part = part[:digits]
	}
	part += strings.Repeat("0", digits-len(part))
	var n int64
	for _, d := range strings.TrimLeft(whole+part, "0") {
		if n > 100_000_000_000_000_000 {
			return 0, ErrTooMuch
		}
		n = n*10 + int64(d-'0')
	}
	if negative {
		n = -n
	}
	return n, nil
}

// tidy leaves digits and the separators between them; "" when there is anything else but signs and names of money.
func tidy(text string) (plain string, negative bool) {
	var b strings.Builder
	for _, r := range strings.TrimSpace(text) {
		switch {
		case unicode.IsDigit(r):
			b.WriteByte(byte('0' + digit(r)))
		case r == '.' || r == ',':
			b.WriteRune(r)
		case r == '٫': // Arabic decimal separator
			b.WriteByte('.')
		case r == '-' || r == '−' || r == '(':
			if b.Len() > 0 {
				return "", false
			}
			negative = true
		case r == ')' && negative, r == '\'' || r == '’' || r == '٬', unicode.IsSpace(r), unicode.Is(unicode.Sc, r), r == '%', r == '+', unicode.IsLetter(r) && r < 'ÿ':
		case unicode.Is(unicode.Cf, r): // marks of direction
		default:
			return "", false
		}
	}
	return strings.Trim(b.String(), ","), negative
}

// digit is the worth of a decimal digit of any script: their blocks of ten begin where the one before is no digit.
func digit(r rune) int {
	n := 0
	for n < 9 && unicode.IsDigit(r-rune(n)-1) {
		n++
	}
	return n
}

// cut parts a number at its decimal separator.
func cut(text string, digits int, point byte) (whole, part string) {
	last := strings.LastIndexAny(text, ".,")
	if last < 0 {
		return text, ""
	}
	sep := text[last]
	after := len(text) - last - 1
	switch {
	case strings.Count(text, string(sep)) > 1: // groups of thousands
		return text, ""
	case strings.ContainsAny(text[:last], ".,"): // both kinds stand there: the last one is the decimal separator
	case sep != point && after == 3: // "1,234" where the point is "."
		return text, ""
	case digits == 0 && after == 3:
		return text, ""
	}
	return text[:last], text[last+1:]
}

var points sync.Map // locale -> byte

// decimalPoint is what stands before the decimals in a locale.
func decimalPoint(locale string) byte {
	if point, known := points.Load(locale); known {
		return point.(byte)
	}
	point := byte('.')
	if amount, err := currency.NewAmountFromInt64(11, "USD"); err == nil {
		f := currency.NewFormatter(currency.NewLocale(locale))
		f.CurrencyDisplay = currency.DisplayNone
		if strings.Contains(f.Format(amount), ",") {
			point = ','
		}
	}
	points.Store(locale, point)
	return point
}
