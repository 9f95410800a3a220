package day

import (
	"testing"
	"time"
)

func TestADayIsWhatTheCalendarOfItsZoneSays(t *testing.T) {
	late := time.Date(2026, 3, 8, 9, 30, 0, 0, time.UTC) // a night in which Honolulu, Kiritimati and Chicago disagree
	for zone, want := range map[string]string{"Pacific/Honolulu": "2026-03-07", "Pacific/Kiritimati": "2026-03-08", "America/Chicago": "2026-03-08"} {
		at, err := time.LoadLocation(zone)
		if err != nil {
			t.Fatal(err)
		}
		if got := Of(late.In(at)).String(); got != want {
			t.Errorf("%s: %s, want %s", zone, got, want)
		}
	}
}

func TestADayTravels(t *testing.T) {
	d := New(2026, time.December, 31)
	if d.Add(1).String() != "2027-01-01" || d.Until(d.Add(59)) != 59 || !d.Before(d.Add(1)) || !d.After(d.Add(-1)) {
		t.Errorf("arithmetic of %s", d)
	}
	for _, from := range []any{"2026-12-31", []byte("2026-12-31"), time.Date(2026, 12, 31, 23, 0, 0, 0, time.UTC)} {
		var got Day
		if err := got.Scan(from); err != nil || got != d {
			t.Errorf("scan %v: %s, %v", from, got, err)
		}
	}
	var none Day
	if v, err := none.Value(); v != nil || err != nil || none.String() != "" || none.Scan(nil) != nil {
		t.Error("no date is not NULL")
	}
	for _, bad := range []string{"2026-02-30", "31.12.2026", "today", "2026-1-1"} {
		if _, err := Parse(bad); err == nil {
			t.Errorf("%q was taken", bad)
		}
	}
}
