package notice

import (
	"testing"
	"time"

	"portico/platform/post"
)

func at(t *testing.T, zone, text string) (time.Time, *time.Location) {
	t.Helper()
	where, err := time.LoadLocation(zone)
	if err != nil {
		t.Fatal(err)
	}
	when, err := time.ParseInLocation("2006-01-02 15:04", text, where)
	if err != nil {
		t.Fatal(err)
	}
	return when, where
}

func TestQuietHoursEndByTheReadersClock(t *testing.T) {
	night, lunch := Quiet{21 * 60, 7 * 60}, Quiet{12 * 60, 13*60 + 30}
	for name, c := range map[string]struct {
		quiet    Quiet
		zone, at string
		want     string // "": not quiet
	}{
		"in the evening":                    {night, "America/Chicago", "2026-12-03 22:15", "2026-12-04T07:00:00-06:00"},
		"in the small hours":                {night, "America/Chicago", "2026-12-04 06:59", "2026-12-04T07:00:00-06:00"},
		"when it is over":                   {night, "America/Chicago", "2026-12-04 07:00", ""},
		"before it begins":                  {night, "America/Chicago", "2026-12-04 20:59", ""},
		"within one day":                    {lunch, "Asia/Kolkata", "2026-12-04 12:00", "2026-12-04T13:30:00+05:30"},
		"the last day of a year":            {night, "Pacific/Kiritimati", "2026-12-31 23:30", "2027-01-01T07:00:00+14:00"},
		"the night that is an hour shorter": {night, "America/Chicago", "2027-03-13 23:00", "2027-03-14T07:00:00-05:00"},
		"the night that is an hour longer":  {night, "America/Chicago", "2026-10-31 23:00", "2026-11-01T07:00:00-06:00"},
		"an end that there is not":          {Quiet{22 * 60, 2*60 + 30}, "Europe/Berlin", "2027-03-27 23:00", "2027-03-28T03:30:00+02:00"},
		"no quiet at all":                   {Quiet{60, 60}, "Europe/Berlin", "2027-03-27 01:00", ""},
		"the islands in the west":           {night, "Pacific/Honolulu", "2026-12-03 23:30", "2026-12-04T07:00:00-10:00"},
	} {
		now, zone := at(t, c.zone, c.at)
		over, quiet := c.quiet.Over(now.UTC(), zone)
		got := ""
		if quiet {
			got = over.In(zone).Format(time.RFC3339)
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// Whatever the zone and the day: the quiet ends in the future, at that time of the clock, and then it is not quiet.
func TestQuietAlwaysEnds(t *testing.T) {
	for _, name := range []string{"America/Chicago", "Europe/Berlin", "Australia/Lord_Howe", "America/St_Johns", "Africa/Casablanca", "Pacific/Apia"} {
		zone, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, q := range []Quiet{{21 * 60, 7 * 60}, {60, 2*60 + 30}, {0, 1*60 + 45}, {23*60 + 30, 90}} {
			for now := time.Date(2026, 3, 1, 0, 10, 0, 0, time.UTC); now.Year() < 2027; now = now.Add(37 * time.Minute) {
				over, quiet := q.Over(now, zone)
				if !quiet {
					continue
				}
				if !over.After(now) || over.Sub(now) > 25*time.Hour {
					t.Fatalf("%s, %v at %s: until %s", name, q, now.In(zone), over.In(zone))
				}
			}
		}
	}
}

func TestTheLastHourIsNeverTomorrows(t *testing.T) {
	for _, c := range []struct{ zone, at, want string }{
		{"America/Chicago", "2026-12-03 07:59", "2026-12-02T08:00:00-06:00"},
		{"America/Chicago", "2026-12-03 08:00", "2026-12-03T08:00:00-06:00"},
		{"America/Chicago", "2026-11-01 09:00", "2026-11-01T08:00:00-06:00"},
		{"Pacific/Kiritimati", "2027-01-01 00:30", "2026-12-31T08:00:00+14:00"},
	} {
		now, zone := at(t, c.zone, c.at)
		if got := lastHour(now, zone, 8).Format(time.RFC3339); got != c.want {
			t.Errorf("%s %s: %s", c.zone, c.at, got)
		}
	}
}

func TestWhoSaysHowNoticesCome(t *testing.T) {
	off, daily, no := Off, Daily, false
	news, law, waits := Kind{ID: "gazette:news"}, Kind{ID: "gazette:law", Legal: true}, Kind{ID: "gazette:waits", Waits: true}
	firm, person := choice{Mail: &daily}, choice{Mail: &off, Bell: &no, Push: &no}
	for name, c := range map[string]struct {
		kind  Kind
		both  [2]choice
		mails post.Choice
		want  Ways
	}{
		"nobody":                             {news, [2]choice{}, post.Everything, Ways{Now, true, false}},
		"the firm":                           {news, [2]choice{firm, {}}, post.Everything, Ways{Daily, true, false}},
		"the person before the firm":         {news, [2]choice{firm, person}, post.Everything, Ways{Off, false, false}},
		"who wants only important mails":     {news, [2]choice{}, post.Important, Ways{Off, true, false}},
		"what waits is important":            {waits, [2]choice{}, post.Important, Ways{Now, true, true}},
		"what waits can be switched off":     {waits, [2]choice{{}, person}, post.Important, Ways{Off, false, false}},
		"what must be sent is sent anyway":   {law, [2]choice{firm, person}, post.Important, Ways{Now, true, false}},
		"what must be sent may come by push": {law, [2]choice{}, post.Everything, Ways{Now, true, true}},
	} {
		r := reach{mails: c.mails, choices: map[string][2]choice{c.kind.ID: c.both}}
		if got := r.ways(c.kind); got != c.want {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
}
