package time

import (
	"strconv"
	"testing"
	"time"

	"pgregory.net/rapid"

	"portico/platform/day"
)

// Hours are read as people type them.
func TestTypedHours(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{
		"": 0, "1:30": 90, "1.5": 90, "1,5": 90, "90m": 90, "90 min": 90, "1h 30m": 90, "1h30": 90, "1 h": 60, "2": 120, "0:05": 5, ":45": 45, ".25": 15, "0": 0,
		"24": 1440, "24:00": 1440, "8 hours": 480, "1.333333": 80, "0.01": 1, "7:05": 425, "2 std": 120,
	} {
		if got, err := minutesIn(text); err != nil || got != want {
			t.Errorf("%q is %d minutes (%v), want %d", text, got, err, want)
		}
	}
	for _, text := range []string{"x", "1:60", "1:3x", "-1", "25", "24:01", "1441m", "1.2.3", "1:30:00", "h", "m", "1h90m", "999999999999", "1e3", "+5", "½"} {
		if got, err := minutesIn(text); err == nil {
			t.Errorf("%q is %d minutes", text, got)
		}
	}
}

// What is written is read back, and hours of tables come back to the minute.
func TestWrittenHoursAreReadBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		minutes := rapid.IntRange(0, mostMinutes).Draw(t, "minutes")
		for _, text := range []string{clock(minutes), hours(minutes)} {
			if got, err := minutesIn(text); err != nil || got != minutes {
				t.Fatalf("%d minutes are written %q and read as %d (%v)", minutes, text, got, err)
			}
		}
	})
}

// A stopped timer is rounded as the firm does: never to nothing, never to more than a day.
func TestTimersAreRounded(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		ran  time.Duration
		step int
		up   bool
		want int
	}{
		{61 * time.Second, 1, true, 2}, {61 * time.Second, 1, false, 1}, {60 * time.Second, 1, true, 1}, {3 * time.Second, 15, false, 15}, {0, 1, true, 1},
		{-time.Hour, 6, true, 6}, {22 * time.Minute, 15, false, 15}, {23 * time.Minute, 15, false, 30}, {16 * time.Minute, 15, true, 30}, {15 * time.Minute, 15, true, 15},
		{61 * time.Minute, 6, true, 66}, {50 * time.Hour, 1, true, 1440},
	} {
		if got := booked(c.ran, c.step, c.up); got != c.want {
			t.Errorf("%v by %d (up: %v) is %d, want %d", c.ran, c.step, c.up, got, c.want)
		}
	}
}

// A week begins on the day that the firm chose, in every year.
func TestWeeksBegin(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d := day.New(2020, time.January, 1).Add(rapid.IntRange(0, 6000).Draw(t, "days"))
		for sunday, first := range map[bool]time.Weekday{true: time.Sunday, false: time.Monday} {
			s := Setting{SundayFirst: sunday}
			w := s.weekOf(d)
			if w.Weekday() != first || w.After(d) || w.Until(d) > 6 {
				t.Fatalf("the week of %s begins on %s", d, w)
			}
		}
	})
}

// An hour's price times the hours is what the same line of an invoice comes to.
func TestWorth(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		hour    int64
		minutes int
		want    int64
	}{{8500, 60, 8500}, {8500, 90, 12750}, {10000, 20, 3330}, {9999, 1, 170}, {8500, 0, 0}} {
		if got := worth(c.hour, c.minutes, "USD").Minor; got != c.want {
			t.Errorf("%d minutes at %d are %d, want %d", c.minutes, c.hour, got, c.want)
		}
	}
}

// The chart begins with all that was agreed, ends with what is left, and stays in its box.
func TestTheChartStaysInItsBox(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		b := Budget{Agreed: rapid.IntRange(1, 100_000).Draw(t, "agreed")}
		first := day.New(2026, time.January, 1)
		var used []burnt
		for n := range rapid.IntRange(1, 900).Draw(t, "days") {
			minutes := rapid.IntRange(1, 600).Draw(t, "minutes "+strconv.Itoa(n))
			used = append(used, burnt{first.Add(n), minutes})
			b.Used += minutes
		}
		c := draw(b, used, first.Add(len(used)+rapid.IntRange(0, 30).Draw(t, "later")))
		if !c.There || c.EndX < chartLeft || c.EndX > chartRight || c.EndY < chartTop || c.EndY > chartBottom || c.Zero > chartBottom || c.Top != chartTop || c.Over != (b.Used > b.Agreed) {
			t.Fatalf("%+v", c)
		}
	})
}
