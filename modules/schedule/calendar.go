package schedule

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"portico/platform/day"
)

// Week says on which days of the week the firm works: bit 0 is Sunday.
type Week int

// MondayToFriday is what a firm has that has set nothing.
const MondayToFriday Week = 0b0111110

// Has reports whether the day of the week is one of work.
func (w Week) Has(on time.Weekday) bool { return w&(1<<on) != 0 }

// DayOff is an exception of the week: a holiday, or a day on which work is done all the same.
type DayOff struct {
	ID          uuid.UUID
	ProjectID   uuid.UUID // Nil: of the whole firm
	First, Last day.Day
	Works       bool // a Saturday that is worked on
	Name        string
}

// Calendar says which days are worked on.
type Calendar struct {
	week   Week
	except map[day.Day]bool
}

// NewCalendar makes a calendar. A project's own exceptions count before the firm's, and a day on which work is done
// before a holiday.
func NewCalendar(week Week, exceptions []DayOff) Calendar {
	if week&127 == 0 {
		week = MondayToFriday
	}
	c := Calendar{week: week, except: map[day.Day]bool{}}
	inOrder := slices.Clone(exceptions)
	slices.SortStableFunc(inOrder, func(a, b DayOff) int { return a.weight() - b.weight() })
	for _, e := range inOrder {
		for d := e.First; !d.After(e.Last); d = d.Add(1) {
			c.except[d] = e.Works
		}
	}
	return c
}

func (d DayOff) weight() (n int) {
	if d.ProjectID != uuid.Nil {
		n = 2
	}
	if d.Works {
		n++
	}
	return n
}

// Works reports whether the day is worked on.
func (c Calendar) Works(d day.Day) bool {
	if len(c.except) > 0 {
		if works, except := c.except[d]; except {
			return works
		}
	}
	return c.week.Has(d.Weekday())
}

// restful is after how many days without work a calendar is taken for one that never works again.
const restful = 1500

// Next is the first day of work on or after d.
func (c Calendar) Next(d day.Day) day.Day { return c.seek(d, 1) }

// Prev is the last day of work on or before d.
func (c Calendar) Prev(d day.Day) day.Day { return c.seek(d, -1) }

func (c Calendar) seek(d day.Day, way int) day.Day {
	at := d
	for range restful {
		if c.Works(at) {
			return at
		}
		at = at.Add(way)
	}
	return d
}

// Shift is the n-th day of work after d, or before it where n is negative; 0 is d itself.
func (c Calendar) Shift(d day.Day, n int) day.Day {
	way := 1
	if n < 0 {
		way, n = -1, -n
	}
	for range n {
		d = c.seek(d.Add(way), way)
	}
	return d
}

// End is the last of n days of work of which the first is start, or the next day of work.
func (c Calendar) End(start day.Day, n int) day.Day { return c.Shift(c.Next(start), max(n, 1)-1) }

// Begin is the first of n days of work that end on end, or on the last day of work before it.
func (c Calendar) Begin(end day.Day, n int) day.Day { return c.Shift(c.Prev(end), 1-max(n, 1)) }

// Count is how many days of work there are from first to last.
func (c Calendar) Count(first, last day.Day) (n int) {
	for d := first; !d.After(last); d = d.Add(1) {
		if c.Works(d) {
			n++
		}
	}
	return n
}

// Between is how many days of work lie from one day to the other: Shift(from, Between(from, to)) is to, where both are
// worked on.
func (c Calendar) Between(from, to day.Day) int {
	if to.Before(from) {
		return -c.Count(to, from.Add(-1))
	}
	return c.Count(from.Add(1), to)
}

// Words are the days of an exception.
func (d DayOff) Words() string { return Span{d.First, d.Last}.Words().String() }

// Own reports whether it is of one project.
func (d DayOff) Own() bool { return d.ProjectID != uuid.Nil }
