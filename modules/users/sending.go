package users

import (
	"time"

	"github.com/google/uuid"
)

// The states of a sending.
const (
	running   = "running"
	paused    = "paused"
	cancelled = "cancelled"
	finished  = "finished"
)

// perhaps is the state of a row whose mail may have gone out: its worker died, or the line broke, at the one moment from
// which the mail server may have it. It is not sent again by itself.
const perhaps = "perhaps"

// usualRate is how many mails a minute a sending asks of the mail server unless staff say otherwise; fastest is what
// they may say.
const (
	usualRate = 600
	fastest   = 60_000
)

// Sending asks many contacts into the portal.
type Sending struct {
	ID         uuid.UUID
	Again      bool
	Note       string
	State      string
	Rate       int
	ByID       uuid.UUID
	ByName     string
	PaidUntil  time.Time
	Turn       int
	Tally      map[string]int `bun:"type:jsonb"`
	Total      int
	HeldUp     bool
	CreatedAt  time.Time
	FinishedAt time.Time
}

// Title says what it is.
func (s Sending) Title() string {
	if s.Again {
		return "Invitations sent again"
	}
	return "Portal invitations"
}

// of counts rows by state; states of rows are counted together where people see one.
func (s Sending) of(states ...string) (n int) {
	for _, state := range states {
		n += s.Tally[state]
	}
	return n
}

// Wanted is how many mails there are to be: all but the skipped ones.
func (s Sending) Wanted() int { return s.Total - s.of("skipped") }

// Settled is how many of them are decided.
func (s Sending) Settled() int { return s.Wanted() - s.of("waiting", "released") }

// Sent is how many mails the server has taken.
func (s Sending) Sent() int { return s.of("sent", "opened", "accepted") }

// Perhaps is of how many mails we cannot tell whether they went out.
func (s Sending) Perhaps() int { return s.of(perhaps) }

// Queued is how many mails are still to come.
func (s Sending) Queued() int { return s.of("waiting", "released") }

// Opened is how many have looked at the page behind their link.
func (s Sending) Opened() int { return s.of("opened", "accepted") }

// Badge is its state in a word and a colour.
func (s Sending) Badge() state {
	switch {
	case s.State == running && s.HeldUp:
		return state{s.State, "Mail server is slow", "due", "clock"}
	case s.State == running:
		return state{s.State, "Sending", "info", "send"}
	case s.State == paused:
		return state{s.State, "Paused", "due", "pause"}
	case s.State == cancelled:
		return state{s.State, "Cancelled", "muted", "circle-x"}
	}
	return state{s.State, "Finished", "ok", ""}
}

// tick is how often a sending that runs looks after itself.
const tick = time.Second

// share of a minute that one mail costs.
func (s Sending) cost() time.Duration { return time.Minute / time.Duration(s.Rate) }

// burst bounds what a late look may catch up on, so that a pause is not paid back in one go.
func (s Sending) burst() time.Duration { return max(5*tick, s.cost()) }

// traffic is what is under way.
type traffic struct {
	Flying  int // handed out, not refused and not sent yet
	Refused int // the mail server said no to them, and they will be tried again
	Recent  int // handed out in the last minute
}

// heldUp reports that the mail server turns away so much that more would not help.
func (t traffic) heldUp() bool { return t.Refused >= 5 && 2*t.Refused >= t.Recent }

// due is how many mails may be handed out now, by the rate and by what is still under way; paid is the clock after that.
// While the mail server is slow, one mail a minute asks how it is.
func (s Sending) due(now time.Time, t traffic) (n int, paid time.Time) {
	from := s.PaidUntil
	if t.heldUp() {
		if now.Sub(from) < time.Minute {
			return 0, from
		}
		return 1, now
	}
	if early := now.Add(-s.burst()); from.Before(early) {
		from = early
	}
	n = int(now.Sub(from) / s.cost())
	n = max(0, min(n, max(100, s.Rate/6)-t.Flying))
	return n, from.Add(time.Duration(n) * s.cost())
}

// next is when a sending wants to be looked at again; zero: never. Long after the last mail there is still somebody who
// opens it or whose mail comes back.
func (s Sending) next(now time.Time, t traffic) time.Time {
	under := t.Flying+t.Refused > 0
	switch {
	case s.State == running:
		return latest(now.Add(tick), s.PaidUntil.Add(s.cost()))
	case under:
		return now.Add(2 * tick)
	case s.State == paused:
		return time.Time{}
	}
	switch age := now.Sub(s.FinishedAt); {
	case age < time.Hour:
		return now.Add(time.Minute)
	case age < 24*time.Hour:
		return now.Add(15 * time.Minute)
	case age < 8*24*time.Hour:
		return now.Add(2 * time.Hour)
	}
	return time.Time{}
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
