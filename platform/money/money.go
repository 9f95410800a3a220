// Package money holds amounts: whole minor units with a currency, never a fraction of one. Parts always add up.
package money

import (
	"math"
	"math/big"
	"strconv"
	"strings"

	"github.com/bojanz/currency"
)

// Amount is so many minor units (cents, yen, fils) of a currency. The zero Amount is nothing, of no currency.
type Amount struct {
	Minor    int64
	Currency string // ISO 4217
}

// Most is the largest amount that is taken from anybody: what fits, with room to add many of them up.
const Most = 1_000_000_000_000_000

// Of makes an amount of minor units.
func Of(minor int64, currency string) Amount { return Amount{minor, currency} }

// Digits is how many decimals a currency has: 2 for USD, 0 for JPY, 3 for KWD.
func Digits(code string) int {
	if digits, ok := currency.GetDigits(code); ok {
		return int(digits)
	}
	return 2
}

func (a Amount) IsZero() bool        { return a.Minor == 0 }
func (a Amount) Positive() bool      { return a.Minor > 0 }
func (a Amount) Negative() bool      { return a.Minor < 0 }
func (a Amount) Add(b Amount) Amount { return Amount{a.Minor + b.Minor, a.with(b)} }
func (a Amount) Sub(b Amount) Amount { return Amount{a.Minor - b.Minor, a.with(b)} }
func (a Amount) Neg() Amount         { return Amount{-a.Minor, a.Currency} }
func (a Amount) Less(b Amount) bool  { return a.Minor < b.Minor }

// with is the currency of two amounts together. Two currencies never meet: that is a mistake in the program.
func (a Amount) with(b Amount) string {
	switch {
	case a.Currency == b.Currency, b.Currency == "":
		return a.Currency
	case a.Currency == "":
		return b.Currency
	}
	panic("money: " + a.Currency + " and " + b.Currency + " do not add up")
}

// Least is the smaller of two.
func Least(a, b Amount) Amount {
	if b.Minor < a.Minor {
		return b
	}
	return a
}

// Split gives n parts that add up to a: 10.00 in three is 3.34, 3.33, 3.33.
func (a Amount) Split(n int) []Amount {
	weights := make([]int64, n)
	for i := range weights {
		weights[i] = 1
	}
	return a.Share(weights)
}

// Share gives parts in proportion to weights; they add up to a. What is left over goes to the first ones. Weights of
// nothing at all give everything to the first.
func (a Amount) Share(weights []int64) []Amount {
	parts := make([]Amount, len(weights))
	if len(parts) == 0 {
		return parts
	}
	var whole int64
	for _, w := range weights {
		whole += w
	}
	left := a.Minor
	for i, w := range weights {
		parts[i].Currency = a.Currency
		if whole != 0 {
			parts[i].Minor = down(a.Minor, w, whole)
		}
		left -= parts[i].Minor
	}
	step := int64(1)
	if left < 0 {
		step = -1
	}
	for i := 0; left != 0; i = (i + 1) % len(parts) {
		if whole != 0 && weights[i] == 0 {
			continue
		}
		if whole == 0 {
			parts[0].Minor += left
			break
		}
		parts[i].Minor += step
		left -= step
	}
	return parts
}

// Rate is a share in basis points: 825 is 8.25 %.
type Rate int

// Whole is all of it: 100 %.
const Whole Rate = 10_000

// Part is the share of an amount, rounded to the nearest minor unit, halves away from zero.
func (a Amount) Part(r Rate) Amount {
	return Amount{nearest(a.Minor, int64(r), int64(Whole)), a.Currency}
}

// Quantity is a number of things or hours, in thousandths.
type Quantity int64

// One is one of it.
const One Quantity = 1000

// Times is the price of a quantity, rounded to the nearest minor unit, halves away from zero.
func (a Amount) Times(q Quantity) Amount {
	return Amount{nearest(a.Minor, int64(q), int64(One)), a.Currency}
}

// down is a*b/c without its remainder; it does not overflow in between.
func down(a, b, c int64) int64 {
	x := new(big.Int).Mul(big.NewInt(a), big.NewInt(b))
	return clamp(x.Quo(x, big.NewInt(c)))
}

// nearest is a*b/c, halves away from zero; c is positive.
func nearest(a, b, c int64) int64 {
	x := new(big.Int).Mul(big.NewInt(a), big.NewInt(b))
	half := big.NewInt(c / 2)
	if x.Sign() < 0 {
		half.Neg(half)
	}
	return clamp(x.Add(x, half).Quo(x, big.NewInt(c)))
}

// clamp keeps what nobody can owe from turning into its opposite; whoever takes amounts from people bounds them.
func clamp(x *big.Int) int64 {
	if x.IsInt64() {
		return x.Int64()
	}
	if x.Sign() < 0 {
		return math.MinInt64
	}
	return math.MaxInt64
}

// Plain is "1234.50": for fields of forms and for files.
func (a Amount) Plain() string { return decimal(a.Minor, Digits(a.Currency)) }

func decimal(minor int64, digits int) string {
	sign, text := "", strconv.FormatInt(minor, 10)
	if minor < 0 {
		sign, text = "-", text[1:]
	}
	if digits == 0 {
		return sign + text
	}
	if missing := digits + 1 - len(text); missing > 0 {
		text = strings.Repeat("0", missing) + text
	}
	return sign + text[:len(text)-digits] + "." + text[len(text)-digits:]
}

// String is "8.25".
func (r Rate) String() string { return trimmed(int64(r), 2) }

// String is "1.5".
func (q Quantity) String() string { return trimmed(int64(q), 3) }

// Format writes it with the decimal point of a locale: "8,25", and so a quantity.
func (r Rate) Format(locale string) string     { return pointed(r.String(), locale) }
func (q Quantity) Format(locale string) string { return pointed(q.String(), locale) }

func pointed(text, locale string) string {
	return strings.Replace(text, ".", string(decimalPoint(locale)), 1)
}

func trimmed(n int64, digits int) string {
	return strings.TrimSuffix(strings.TrimRight(decimal(n, digits), "0"), ".")
}
