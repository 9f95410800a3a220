package worker

import (
	"context"
	"time"

	"github.com/robfig/cron/v3"

	"portico/platform/outbox"
)

// tickClock promises clock work once a period, whichever worker is first.
func tickClock(ctx context.Context, c Config, bell outbox.Bell) {
	schedules := schedulesOf(c)
	if len(schedules) == 0 {
		return
	}
	beat := time.NewTicker(time.Second)
	defer beat.Stop()
	for broken := false; ; {
		promised, err := tick(ctx, c, schedules)
		if promised > 0 {
			bell.Ring()
		}
		if err != nil && ctx.Err() == nil && !broken {
			c.Log.Warn("clock waits for a store", "err", outbox.Reason(err))
		}
		broken = err != nil
		select {
		case <-ctx.Done():
			return
		case <-beat.C:
		}
	}
}

// Tick does what the clock does each second, once; for tests and for whoever drains.
func Tick(ctx context.Context, c Config) (int, error) {
	c, _, err := c.prepared()
	if err != nil {
		return 0, err
	}
	return tick(ctx, c, schedulesOf(c))
}

type schedule struct {
	kind string
	once bool
	cron cron.Schedule
}

func schedulesOf(c Config) []schedule {
	var all []schedule
	for _, h := range c.Handlers {
		if h.Cron != "" {
			all = append(all, schedule{h.Name, h.Once, h.Schedule()})
		}
	}
	return all
}

func tick(ctx context.Context, c Config, schedules []schedule) (int, error) {
	now := c.Clock().UTC()
	kinds := make([]string, len(schedules))
	for i, s := range schedules {
		kinds[i] = s.kind
	}
	return outbox.Ticking(ctx, c.Ops, kinds, func(last map[string]time.Time) []outbox.Tick {
		var due []outbox.Tick
		for _, s := range schedules {
			before, seen := last[s.kind]
			if !seen {
				due = append(due, outbox.Tick{Kind: s.kind, Period: now, First: true})
			} else if period := latest(s.cron, before.UTC(), now); !period.IsZero() {
				due = append(due, outbox.Tick{Kind: s.kind, Period: period, Once: s.once})
			}
		}
		return due
	})
}

// forgotten is how far back a missed period counts; a month's job is caught up after a long holiday.
const forgotten = 40 * 24 * time.Hour

// latest is the last period after before and not after now; zero: none. Of several missed ones it is the only one that
// is caught up.
func latest(s cron.Schedule, before, now time.Time) (period time.Time) {
	if start := now.Add(-forgotten); before.Before(start) {
		before = start
	}
	for next := s.Next(before); !next.IsZero() && !next.After(now); next = s.Next(next) {
		period = next
	}
	return period
}
