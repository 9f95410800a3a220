package sheet

import (
	"errors"
	"math"
	"strconv"
	"strings"
	"unicode"
)

// Amount is a sum of money as a file writes it: digits without a point, and how many of them stand behind it.
type Amount struct {
	Digits   int64
	Places   int
	Currency string // three letters, when the file says so
}

// ErrAmount refuses what is no amount.
var ErrAmount = errors.New("not an amount")

var symbols = map[string]string{"$": "USD", "€": "EUR", "£": "GBP", "¥": "JPY", "₹": "INR", "₩": "KRW", "₺": "TRY", "zł": "PLN", "US$": "USD", "CA$": "CAD", "C$": "CAD", "A$": "AUD", "AU$": "AUD", "NZ$": "NZD", "kr": "", "CHF": "CHF", "Fr": "CHF", "R": "ZAR", "R$": "BRL"}

// ParseAmount reads $-142.85, (1,234.50), 1.234,50 €, 1'234.50 CHF, 99- and their like. Where only one sign stands
// before three digits, as in 1.234, comma says whether the file writes decimals with a comma.
func ParseAmount(text string, comma bool) (Amount, error) {
	var number, unit strings.Builder
	minus := 0
	var before rune
	for _, r := range strings.TrimSpace(text) {
		last := before
		before = r
		switch {
		case r == '.' && unicode.IsLetter(last): // Fr. 12.50
		case r >= '0' && r <= '9', r == '.', r == ',':
			number.WriteRune(r)
		case r == '-', r == '−', r == '–', r == '(':
			minus++
		case r == ')', r == '+', r == '\'', r == '’', unicode.IsSpace(r), r == '\u202f':
		case unicode.IsLetter(r), unicode.Is(unicode.Sc, r):
			unit.WriteRune(r)
		default:
			return Amount{}, ErrAmount
		}
	}
	digits := number.String()
	if digits == "" || minus > 1 {
		return Amount{}, ErrAmount
	}
	var a Amount
	name := unit.String()
	switch code, is := symbols[name]; {
	case name == "":
	case is:
		a.Currency = code
	case strings.EqualFold(name, "CR"):
		minus++
	case strings.EqualFold(name, "DR"):
	case len(name) == 3 || len(name) == 4 && strings.ContainsAny(name, "$"):
		a.Currency = strings.ToUpper(strings.Trim(name, "$"))
	default:
		return Amount{}, ErrAmount
	}
	whole := strings.TrimRight(digits, ".,")
	point := decimalAt(whole, comma)
	for i := range len(whole) {
		d := whole[i]
		if d < '0' || d > '9' {
			continue
		}
		if a.Digits > (math.MaxInt64-9)/10 {
			return Amount{}, ErrAmount
		}
		a.Digits = a.Digits*10 + int64(d-'0')
		if point >= 0 && i > point {
			a.Places++
		}
	}
	if minus == 1 {
		a.Digits = -a.Digits
	}
	return a, nil
}

// decimalAt finds the sign before the decimals; -1: there are none.
func decimalAt(digits string, comma bool) int {
	dot, com := strings.LastIndexByte(digits, '.'), strings.LastIndexByte(digits, ',')
	last := max(dot, com)
	switch {
	case last < 0:
		return -1
	case dot >= 0 && com >= 0: // the later one
		return last
	case strings.Count(digits, digits[last:last+1]) > 1:
		return -1
	case len(digits)-last-1 == 3 && last > 0 && (com >= 0) != comma && !(dot >= 0 && !comma): // 1,234 or 1.234
		return -1
	}
	return last
}

// Minor gives the amount in the smallest unit of a currency with so many places; false when it does not fit exactly.
func (a Amount) Minor(places int) (int64, bool) {
	n := a.Digits
	for p := a.Places; p > places; p-- {
		if n%10 != 0 {
			return 0, false
		}
		n /= 10
	}
	for p := a.Places; p < places; p++ {
		if n > math.MaxInt64/10 || n < math.MinInt64/10 {
			return 0, false
		}
		n *= 10
	}
	return n, true
}

// String writes it plainly: -142.85.
func (a Amount) String() string {
	sign, n := "", a.Digits
	if n < 0 {
		sign, n = "-", -n
	}
	s := strconv.FormatInt(n, 10)
	for len(s) <= a.Places {
		s = "0" + s
	}
	if a.Places > 0 {
		s = s[:len(s)-a.Places] + "." + s[len(s)-a.Places:]
	}
	return sign + s
}
