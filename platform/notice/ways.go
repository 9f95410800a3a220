package notice

import (
	"time"

	"portico/platform/day"
	"portico/platform/post"
)

// Ways are how notices of one kind reach one person.
type Ways struct {
	Mail       Way
	Bell, Push bool
}

// choice is what somebody has chosen for a kind; nil where nothing was.
type choice struct {
	Kind       string
	Mail       *Way
	Bell, Push *bool
}

// over lays a choice over what counts without it. What must be sent stays.
func (k Kind) over(w Ways, c choice) Ways {
	if c.Push != nil {
		w.Push = *c.Push
	}
	if k.Legal {
		return w
	}
	if c.Mail != nil {
		w.Mail = *c.Mail
	}
	if c.Bell != nil {
		w.Bell = *c.Bell
	}
	return w
}

// but is what a choice has to say for w to count instead of was.
func (k Kind) but(w, was Ways) choice {
	c := choice{Kind: k.ID}
	if w.Push != was.Push {
		c.Push = &w.Push
	}
	if k.Legal {
		return c
	}
	if w.Mail != was.Mail {
		c.Mail = &w.Mail
	}
	if w.Bell != was.Bell {
		c.Bell = &w.Bell
	}
	return c
}

func (c choice) empty() bool { return c.Mail == nil && c.Bell == nil && c.Push == nil }

// only silences the mails of those who want nothing but important ones.
func (k Kind) only(w Ways, mails post.Choice) Ways {
	if mails == post.Important && !k.Legal && !k.Waits {
		w.Mail = Off
	}
	return w
}

// Quiet are the hours of the day in which no mail and no push comes, in minutes since midnight. From the same to the same
// is never.
type Quiet struct{ From, Until int }

// Never reports whether there are none.
func (q Quiet) Never() bool { return q.From == q.Until }

// Over says when the quiet ends that holds at an instant, in a zone; false when there is none.
func (q Quiet) Over(now time.Time, zone *time.Location) (time.Time, bool) {
	if q.Never() {
		return time.Time{}, false
	}
	local := now.In(zone)
	at := local.Hour()*60 + local.Minute()
	in, tomorrow := at >= q.From && at < q.Until, 0
	if q.From > q.Until {
		in = at >= q.From || at < q.Until
		if at >= q.From {
			tomorrow = 1
		}
	}
	if !in {
		return time.Time{}, false
	}
	over := time.Date(local.Year(), local.Month(), local.Day()+tomorrow, q.Until/60, q.Until%60, 0, 0, zone)
	if !over.After(now) { // the hour that comes twice, once a year
		over = now.Add(time.Duration(q.Until-at) * time.Minute)
	}
	return over, true
}

// zoneOf is a person's zone, else the firm's.
func zoneOf(names ...string) *time.Location {
	for _, name := range names {
		if name == "" {
			continue
		}
		if zone, err := day.Zone(name); err == nil {
			return zone
		}
	}
	return time.UTC
}

// lastHour is the latest instant at which the clocks of a zone showed that hour.
func lastHour(now time.Time, zone *time.Location, hour int) time.Time {
	local := now.In(zone)
	at := time.Date(local.Year(), local.Month(), local.Day(), hour, 0, 0, 0, zone)
	if at.After(now) {
		at = time.Date(local.Year(), local.Month(), local.Day()-1, hour, 0, 0, 0, zone)
	}
	return at
}
