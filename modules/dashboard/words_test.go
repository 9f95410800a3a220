package dashboard

import (
	"testing"
	"time"

	"portico/platform/day"
	"portico/platform/lang"
)

func TestTheGreetingGoesByTheReadersClock(t *testing.T) {
	at := time.Date(2026, 12, 3, 4, 30, 0, 0, time.UTC) // of the night before in Chicago
	for _, c := range []struct{ zone, name, want string }{
		{"America/Chicago", "Ana Rivera", "Good evening, Ana"},
		{"UTC", "Ana", "Good morning, Ana"},
		{"Asia/Tokyo", "  Ana  ", "Good afternoon, Ana"},
		{"Asia/Kolkata", "", "Good morning"},
	} {
		zone, err := time.LoadLocation(c.zone)
		if err != nil {
			t.Fatal(err)
		}
		if got := greeting(lang.English, at.In(zone), c.name); got != c.want {
			t.Errorf("in %s: %q, not %q", c.zone, got, c.want)
		}
	}
}

func TestTheCalendarTellsHowFarAProjectHasCome(t *testing.T) {
	d := func(date int) day.Day { return day.New(2026, 12, date) }
	for _, c := range []struct {
		name                string
		today, starts, ends day.Day
		want                course
	}{
		{"the first day", d(3), d(3), d(12), course{1, 10}},
		{"the last day", d(12), d(3), d(12), course{10, 10}},
		{"before it starts", d(2), d(3), d(12), course{}},
		{"later than planned", d(13), d(3), d(12), course{}},
		{"no end is known", d(5), d(3), day.Day{}, course{}},
		{"one day", d(3), d(3), d(3), course{1, 1}},
	} {
		if got := courseOf(c.today, c.starts, c.ends); got != c.want {
			t.Errorf("%s: %+v, not %+v", c.name, got, c.want)
		}
	}
}

func TestOnlyLinesThatSaySomethingAreSteps(t *testing.T) {
	if got := lines(" one \n\n  \ntwo\r\n"); len(got) != 2 || got[0] != "one" || got[1] != "two" {
		t.Errorf("%q", got)
	}
}
