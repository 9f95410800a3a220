package billing

import (
	"strings"
	"testing"

	"portico/platform/day"
)

func dayOf(t *testing.T, text string) day.Day {
	t.Helper()
	d, err := day.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestARhythm(t *testing.T) {
	for _, c := range []struct {
		rhythm rhythm
		starts string
		ends   string
		words  string
		want   string
	}{
		{rhythm{Every: 2, Unit: "week"}, "2026-12-03", "", "every 2 weeks on Thursday", "2026-12-03 2026-12-17 2026-12-31 2027-01-14"},
		{rhythm{Every: 1, Unit: "month", OnDay: 31}, "2026-12-03", "", "every month on the last day of the month", "2026-12-31 2027-01-31 2027-02-28 2027-03-31"},
		{rhythm{Every: 1, Unit: "month", OnDay: 30}, "2028-01-30", "", "every month on the 30th", "2028-01-30 2028-02-29 2028-03-30 2028-04-30"},
		{rhythm{Every: 1, Unit: "month", OnDay: 1}, "2026-12-03", "", "every month on the 1st", "2027-01-01 2027-02-01 2027-03-01 2027-04-01"},
		{rhythm{Every: 1, Unit: "quarter", OnDay: 15}, "2026-11-20", "", "every quarter on the 15th", "2026-12-15 2027-03-15 2027-06-15 2027-09-15"},
		{rhythm{Every: 1, Unit: "year", OnDay: 29}, "2028-02-29", "", "every year on the 29th", "2028-02-29 2029-02-28 2030-02-28 2031-02-28"},
		{rhythm{Every: 1, Unit: "month", OnDay: 2}, "2026-12-01", "2027-02-01", "every month on the 2nd", "2026-12-02 2027-01-02"},
		{rhythm{Every: 3, Unit: "month", OnDay: 3, Times: 2}, "2026-12-01", "", "every 3 months on the 3rd", "2026-12-03 2027-03-03"},
	} {
		c.rhythm.Starts = dayOf(t, c.starts)
		if c.ends != "" {
			c.rhythm.Ends = dayOf(t, c.ends)
		}
		var got []string
		for _, d := range c.rhythm.from(c.rhythm.Starts, 0, 4) {
			got = append(got, d.String())
		}
		if text := strings.Join(got, " "); text != c.want {
			t.Errorf("%s from %s: %s, want %s", c.rhythm, c.starts, text, c.want)
		}
		if c.rhythm.String() != c.words {
			t.Errorf("%q, want %q", c.rhythm.String(), c.words)
		}
	}
}

// TestAChangedRhythmDoesNotBillAMonthTwice moves a template from the 1st to the 15th after its 1st.
func TestAChangedRhythmDoesNotBillAMonthTwice(t *testing.T) {
	h := rhythm{Every: 1, Unit: "month", OnDay: 15, Starts: dayOf(t, "2026-12-01")}
	if next := h.from(h.beyond(dayOf(t, "2026-12-01")), 1, 1); len(next) != 1 || next[0].String() != "2027-01-15" {
		t.Errorf("next is %v", next)
	}
	h.Unit = "week"
	if next := h.from(h.beyond(dayOf(t, "2026-12-08")), 2, 1); len(next) != 1 || next[0].String() != "2026-12-15" {
		t.Errorf("next is %v", next)
	}
}

func TestPlacesInWords(t *testing.T) {
	d := dayOf(t, "2026-12-31")
	if got := fillPlaces("{month} {year}, {quarter}; {last_month} to {next_month}; {date}; {other}", d); got != "December 2026, Q4; November to January; Thu, Dec 31, 2026; {other}" {
		t.Error(got)
	}
	if words := unknownPlace("Care in {moth}"); !strings.Contains(words, "There is no {moth}. Use {month}") {
		t.Error(words)
	}
	if words := unknownPlace("Care {month} {a b}"); words != "" {
		t.Error(words)
	}
}
