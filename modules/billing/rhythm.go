package billing

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"portico/platform/day"
)

// rhythm is when something comes again: every so many weeks from its first day, or every so many months, quarters or
// years on a day of the month. A month that is too short has its last day instead.
type rhythm struct {
	Every  int
	Unit   string // week, month, quarter, year
	OnDay  int    // of the month; 31: the last
	Starts day.Day
	Ends   day.Day // zero: no last day
	Times  int     // 0: no last time
}

// at is the n-th day, from 0.
func (h rhythm) at(n int) day.Day {
	if h.Unit == "week" {
		return h.Starts.Add(7 * h.Every * n)
	}
	first := h.Starts.Midnight()
	if onDay(first.Year(), first.Month(), h.OnDay).Before(h.Starts) {
		first = time.Date(first.Year(), first.Month()+1, 1, 0, 0, 0, 0, time.UTC)
	}
	step := h.Every * map[string]int{"month": 1, "quarter": 3, "year": 12}[h.Unit]
	month := time.Date(first.Year(), first.Month()+time.Month(step*n), 1, 0, 0, 0, 0, time.UTC)
	return onDay(month.Year(), month.Month(), h.OnDay)
}

// onDay is a day of a month, or its last one.
func onDay(year int, month time.Month, date int) day.Day {
	last := time.Date(year, month+1, 0, 0, 0, 0, 0, time.UTC).Day()
	return day.New(year, month, min(date, last))
}

// from gives up to most days of the rhythm that are not before d, none after its end. made is how many there were.
func (h rhythm) from(d day.Day, made, most int) []day.Day {
	var days []day.Day
	for n := 0; len(days) < most; n++ {
		at := h.at(n)
		if !h.Ends.IsZero() && at.After(h.Ends) || h.Times > 0 && made+len(days) >= h.Times || at.Year() > 2200 {
			break
		}
		if !at.Before(d) {
			days = append(days, at)
		}
	}
	return days
}

// beyond is the first day on which a changed rhythm may come again: not twice in a month that had its turn, where it
// comes by months.
func (h rhythm) beyond(last day.Day) day.Day {
	if last.IsZero() {
		return h.Starts
	}
	if h.Unit == "week" {
		return last.Add(1)
	}
	at := last.Midnight()
	return day.New(at.Year(), at.Month()+1, 1)
}

// String is it in words: "every 2 weeks from Thu, Dec 3", "every month on the last day".
func (h rhythm) String() string {
	text := "every " + h.Unit
	if h.Every > 1 {
		text = fmt.Sprintf("every %d %ss", h.Every, h.Unit)
	}
	switch {
	case h.Unit == "week":
		return text + " on " + h.Starts.Weekday().String()
	case h.OnDay == 31:
		return text + " on the last day of the month"
	}
	return text + " on the " + ordinal(h.OnDay)
}

func ordinal(n int) string {
	suffix := "th"
	if n < 11 || n > 13 {
		switch n % 10 {
		case 1:
			suffix = "st"
		case 2:
			suffix = "nd"
		case 3:
			suffix = "rd"
		}
	}
	return strconv.Itoa(n) + suffix
}

// wordPlace may stand in a template's words.
type wordPlace struct {
	Name string
	say  func(d day.Day) string
}

// places are all of them, and what becomes of them on a day.
var places = []wordPlace{
	{"month", func(d day.Day) string { return d.Midnight().Month().String() }},
	{"last_month", func(d day.Day) string {
		return day.New(d.Year(), d.Midnight().Month()-1, 1).Midnight().Month().String()
	}},
	{"next_month", func(d day.Day) string {
		return day.New(d.Year(), d.Midnight().Month()+1, 1).Midnight().Month().String()
	}},
	{"quarter", func(d day.Day) string { return "Q" + strconv.Itoa((int(d.Midnight().Month())+2)/3) }},
	{"year", func(d day.Day) string { return strconv.Itoa(d.Year()) }},
	{"date", dateText},
}

var braced = regexp.MustCompile(`\{([a-zA-Z_]*)\}`)

// fillPlaces writes what a day makes of a text.
func fillPlaces(text string, d day.Day) string {
	return braced.ReplaceAllStringFunc(text, func(found string) string {
		for _, p := range places {
			if found == "{"+p.Name+"}" {
				return p.say(d)
			}
		}
		return found
	})
}

// unknownPlace says what stands in braces and is none of ours; "" when all is well.
func unknownPlace(text string) string {
	for _, found := range braced.FindAllStringSubmatch(text, -1) {
		known := slices.ContainsFunc(places, func(p wordPlace) bool { return p.Name == found[1] })
		if !known {
			return "There is no " + found[0] + ". Use " + strings.Join(placeNames(), ", ") + "."
		}
	}
	return ""
}

func placeNames() []string {
	var names []string
	for _, p := range places {
		names = append(names, "{"+p.Name+"}")
	}
	return names
}
