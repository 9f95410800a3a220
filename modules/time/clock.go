package time

import (
	"errors"
	"strconv"
	"strings"
	"time"
)

// mostMinutes is a day.
const mostMinutes = 24 * 60

var (
	errNoTime  = errors.New("not a length of time")
	errTooLong = errors.New("more than a day")
)

// minutesIn reads a length of time as people type it: 1:30, 1.5, 1,5, 90m, 1h 30m, 1h30, 2h. A bare number is hours.
// Nothing is nothing.
func minutesIn(text string) (int, error) {
	text = strings.ToLower(strings.Join(strings.Fields(text), ""))
	if text == "" {
		return 0, nil
	}
	if len(text) > 12 {
		return 0, errNoTime
	}
	minutes, err := lengthIn(text)
	if err == nil && minutes > mostMinutes {
		err = errTooLong
	}
	return minutes, err
}

func lengthIn(text string) (int, error) {
	for _, word := range []string{"minutes", "minute", "mins", "min"} {
		text = strings.ReplaceAll(text, word, "m")
	}
	for _, word := range []string{"hours", "hour", "hrs", "hr", "std"} {
		text = strings.ReplaceAll(text, word, "h")
	}
	if hours, minutes, ok := strings.Cut(text, ":"); ok {
		return together(hours, minutes)
	}
	if hours, minutes, ok := strings.Cut(text, "h"); ok {
		minutes = strings.TrimSuffix(minutes, "m")
		if minutes == "" {
			return decimal(hours)
		}
		return together(hours, minutes)
	}
	if minutes, ok := strings.CutSuffix(text, "m"); ok {
		return whole(minutes, 1<<20)
	}
	return decimal(text)
}

// together are hours and minutes of the clock: 1:30.
func together(hours, minutes string) (int, error) {
	h := 0
	var err error
	if hours != "" {
		h, err = whole(hours, 1<<16)
	}
	m, wrong := whole(minutes, 59)
	return h*60 + m, errors.Join(err, wrong)
}

func whole(text string, most int) (int, error) {
	n, err := strconv.ParseUint(text, 10, 31)
	if err != nil || int(n) > most {
		return 0, errNoTime
	}
	return int(n), nil
}

// decimal are hours with a point or comma, to the nearest minute.
func decimal(text string) (int, error) {
	before, after, _ := strings.Cut(strings.Replace(text, ",", ".", 1), ".")
	if before == "" && after == "" || len(after) > 6 {
		return 0, errNoTime
	}
	if before == "" {
		before = "0"
	}
	hours, err := whole(before, 1<<16)
	if err != nil || after == "" {
		return hours * 60, err
	}
	part, err := whole(after, 999_999)
	if err != nil {
		return 0, err
	}
	scale := 1
	for range after {
		scale *= 10
	}
	return hours*60 + (part*60*2+scale)/(2*scale), nil
}

// advice says how to mend a length of time.
func advice(err error) string {
	if errors.Is(err, errTooLong) {
		return "A day has 24 hours."
	}
	return "Enter hours, such as 1:30, 1.5 or 90m."
}

// clock writes minutes as 1:30.
func clock(minutes int) string {
	sign := ""
	if minutes < 0 {
		sign, minutes = "−", -minutes
	}
	rest := strconv.Itoa(minutes % 60)
	if len(rest) < 2 {
		rest = "0" + rest
	}
	return sign + strconv.Itoa(minutes/60) + ":" + rest
}

// hours writes minutes as decimal hours for tables of other programs: 1.5, 0.17.
func hours(minutes int) string {
	text := strconv.Itoa((minutes*100*2 + 60) / 120)
	for len(text) < 3 {
		text = "0" + text
	}
	text = text[:len(text)-2] + "." + text[len(text)-2:]
	return strings.TrimSuffix(strings.TrimRight(text, "0"), ".")
}

// booked is what a stopped timer comes to: whole minutes, rounded as the firm does, at least one step, at most a day.
func booked(ran time.Duration, step int, up bool) int {
	seconds := max(int64(ran/time.Second), 0)
	unit := int64(max(step, 1)) * 60
	n := (seconds + unit/2) / unit
	if up {
		n = (seconds + unit - 1) / unit
	}
	return int(min(max(n, 1)*unit/60, mostMinutes))
}
