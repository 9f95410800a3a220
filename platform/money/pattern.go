package money

import (
	"strconv"
	"strings"
	"sync"

	"github.com/bojanz/currency"
)

// pattern is how a locale writes amounts of a currency, learned from the library's answers: a list of invoices writes
// forty amounts, and finding the locale's rules anew for each was a tenth of its cost.
type pattern struct {
	plus, minus    [2]string // what stands before and after the figures
	point, comma   string    // before the minor units, and between groups
	first, further int       // digits of the last group and of those before it; 0: no groups
	shortest       int       // numbers of fewer digits have no groups
	minor          int       // digits after the point
}

type written struct{ locale, currency string }

var patterns sync.Map // written -> *pattern; nil for what cannot be written by a pattern

func patternOf(locale, code string) *pattern {
	at := written{locale, code}
	if known, ok := patterns.Load(at); ok {
		return known.(*pattern)
	}
	minor, ok := currency.GetDigits(code)
	if !ok { // what is no currency is not remembered: anybody could think up many
		return nil
	}
	known, _ := patterns.LoadOrStore(at, learn(locale, code, int(minor)))
	return known.(*pattern)
}

// samples are written by a pattern as by the library, or the pattern is not used.
var samples = []int64{0, 1, 12, 123, 1234, 12345, 123456, 1234567, 98765432, 987654321, 9876543210, 123456789012, 9007199254740993}

func learn(locale, code string, minor int) *pattern {
	f := currency.NewFormatter(currency.NewLocale(locale))
	library := func(minor int64) string { return byLibrary(Amount{minor, code}, f) }
	p := &pattern{minor: minor, shortest: 1}
	long := int64(987654321)
	for range minor {
		long *= 10
	}
	whole, ok := p.cut(library(long), &p.plus)
	if !ok {
		return nil
	}
	_, _ = p.cut(library(-long), &p.minus)
	groups := strings.FieldsFunc(whole, func(r rune) bool { return r < '0' || r > '9' })
	if n := len(groups); n > 1 {
		p.first, p.further = len(groups[n-1]), len(groups[n-2])
		rest := strings.TrimPrefix(whole, groups[0])
		p.comma = rest[:strings.IndexFunc(rest, func(r rune) bool { return r >= '0' && r <= '9' })]
		p.shortest = p.first + 1
		short := int64(1234)
		for range minor {
			short *= 10
		}
		if !strings.Contains(library(short), p.comma+"234") {
			p.shortest++
		}
	}
	for _, sample := range samples {
		if p.write(sample) != library(sample) || p.write(-sample) != library(-sample) {
			return nil
		}
	}
	return p
}

// cut takes the figures out of an amount and gives the whole units with their groups.
func (p *pattern) cut(text string, around *[2]string) (whole string, ok bool) {
	from, to := strings.IndexAny(text, "0123456789"), strings.LastIndexAny(text, "0123456789")
	if from < 0 { // other digits
		return "", false
	}
	*around = [2]string{text[:from], text[to+1:]}
	whole = text[from : to+1]
	if p.minor == 0 {
		return whole, true
	}
	end := len(whole) - p.minor
	last := strings.LastIndexAny(whole[:max(end, 0)], "0123456789")
	if last < 0 {
		return "", false
	}
	p.point = whole[last+1 : end]
	return whole[:last+1], true
}

func (p *pattern) write(minor int64) string {
	around, figures := p.plus, uint64(minor)
	if minor < 0 {
		around, figures = p.minus, -figures
	}
	var room [20]byte
	digits := strconv.AppendUint(room[:0], figures, 10)
	var padded [20]byte
	if short := p.minor + 1 - len(digits); short > 0 {
		digits = append(append(padded[:0], "00000000"[:short]...), digits...)
	}
	whole, rest := digits[:len(digits)-p.minor], digits[len(digits)-p.minor:]
	out := make([]byte, 0, 48)
	out = append(out, around[0]...)
	for n, digit := range whole {
		if left := len(whole) - n; n > 0 && p.first > 0 && len(whole) >= p.shortest && left >= p.first && (left-p.first)%p.further == 0 {
			out = append(out, p.comma...)
		}
		out = append(out, digit)
	}
	if p.minor > 0 {
		out = append(append(out, p.point...), rest...)
	}
	return string(append(out, around[1]...))
}
