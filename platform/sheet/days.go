package sheet

import (
	"errors"
	"regexp"
	"strconv"
	"strings"
	"time"

	"portico/platform/day"
)

// Order is in which order a file writes days, months and years.
type Order string

const (
	DayFirst   Order = "dmy"
	MonthFirst Order = "mdy"
	YearFirst  Order = "ymd"
)

// Days counts what the dates of a column say about their order.
type Days struct {
	Dates    int  `json:"dates"` // written as numbers with the year at the end
	DayFirst int  `json:"day"`   // the first number is more than 12
	MonthOne int  `json:"month"` // the second one is
	Dotted   bool `json:"dotted,omitempty"`
}

var numbers = regexp.MustCompile(`^(\d{1,4})([-/. ])(\d{1,2})[-/. ](\d{1,4})(?:[T ,].*)?$`)

func (d *Days) see(cell string) {
	m := numbers.FindStringSubmatch(cell)
	if m == nil || len(m[1]) > 2 {
		return
	}
	d.Dates++
	d.Dotted = d.Dotted || m[2] == "."
	if n, _ := strconv.Atoi(m[1]); n > 12 {
		d.DayFirst++
	}
	if n, _ := strconv.Atoi(m[3]); n > 12 {
		d.MonthOne++
	}
}

// Order is the likelier one; sure is false when no date of the column decides it.
func (d Days) Order(usual Order) (order Order, sure bool) {
	switch {
	case d.DayFirst > d.MonthOne:
		return DayFirst, d.MonthOne == 0
	case d.MonthOne > d.DayFirst:
		return MonthFirst, d.DayFirst == 0
	case d.Dotted:
		return DayFirst, true
	}
	return usual, d.Dates == 0
}

// ErrDay refuses what is no date.
var ErrDay = errors.New("not a date")

var signs, ordinals = strings.NewReplacer(",", " ", ".", " ", "-", " "), strings.NewReplacer("1st ", "1 ", "2nd ", "2 ", "3rd ", "3 ", "th ", " ")

var wordy = []string{"Jan 2 2006", "January 2 2006", "2 Jan 2006", "2 January 2006", "Jan 2 06", "2 Jan 06", "Mon Jan 2 2006", "Monday January 2 2006", "2006 Jan 2"}

// ParseDay reads a date in the forms that programs write; order decides what 3/4/2021 is. A time behind it is dropped.
func ParseDay(text string, order Order) (day.Day, error) {
	text = strings.TrimSpace(text)
	if m := numbers.FindStringSubmatch(text); m != nil {
		return dayOf(m[1], m[3], m[4], m[2], order)
	}
	if len(text) == 8 && strings.Trim(text, "0123456789") == "" { // 20210128
		return dayOf(text[:4], text[4:6], text[6:], "-", YearFirst)
	}
	if n, err := strconv.Atoi(strings.TrimSuffix(text, ".0")); err == nil && n > 20_000 && n < 80_000 { // days since 1900, as Excel keeps them
		return day.New(1899, time.December, 30).Add(n), nil
	}
	plain := inEnglish(oneLine(ordinals.Replace(signs.Replace(text + " "))))
	for _, form := range wordy {
		if t, err := time.Parse(form, plain); err == nil {
			return day.Of(t), nil
		}
		if words := strings.Fields(plain); len(words) > len(strings.Fields(form)) {
			if t, err := time.Parse(form, strings.Join(words[:len(strings.Fields(form))], " ")); err == nil {
				return day.Of(t), nil
			}
		}
	}
	return day.Day{}, ErrDay
}

func dayOf(a, b, c, sign string, order Order) (day.Day, error) {
	year, month, date := c, a, b
	switch {
	case len(a) == 4:
		year, month, date = a, b, c
	case len(a) > 2 || len(c) == 3 || len(c) == 1:
		return day.Day{}, ErrDay
	case order == YearFirst && len(c) == 2:
		year, month, date = a, b, c
	case order == DayFirst || sign == "." && order != MonthFirst:
		month, date = b, a
	}
	y, m, d := number(year), number(month), number(date)
	if len(year) == 2 {
		if y += 1900; y < 1970 {
			y += 100
		}
	}
	if m < 1 || m > 12 || d < 1 || y < 1900 || y > 2200 {
		return day.Day{}, ErrDay
	}
	made := day.New(y, time.Month(m), d)
	if made.Midnight().Day() != d { // 31 February
		return day.Day{}, ErrDay
	}
	return made, nil
}

func number(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		return -1
	}
	return n
}
