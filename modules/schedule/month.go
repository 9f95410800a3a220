package schedule

import (
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"

	"portico/platform/day"
	"portico/platform/web"
)

// month is a sheet of a calendar.
type month struct {
	Title      string
	Prev, Next string
	Weeks      []week
	Days       []string // the names of the days of the week
	Rows       []seenRow
}

// week is a row of the sheet: its days, and what lies over them.
type week struct {
	Days  []monthDay
	Lies  []lying
	Lanes int
}

type monthDay struct {
	Text       string
	Out, Today bool // of another month
	ISO        string
}

// lying is the part of an item that lies in one week.
type lying struct {
	Row        seenRow
	Class      string // where it begins, how long it is, in which lane: see style.css
	Goes, Came bool   // it goes on after the week, or began before
}

// mostLanes is how many things lie over one week before the rest is only counted below.
const mostLanes = 6

// monthOf draws the month in the address, else the one in which something is next.
func monthOf(r *web.Request, rows []seenRow) month {
	today := r.Here().Today()
	first := day.New(today.Year(), today.Midnight().Month(), 1)
	if asked, err := time.Parse("2006-01", r.Query("month")); err == nil && asked.Year() >= 1900 && asked.Year() <= 2200 {
		first = day.Of(asked)
	} else if next, found := nextMonth(rows, first); found {
		first = next
	}
	at := first.Midnight()
	last := day.Of(at.AddDate(0, 1, -1))
	m := month{
		Title: r.Here().Reader().Date(at, "January 2006"),
		Prev:  r.Path(section) + "?view=month&month=" + at.AddDate(0, -1, 0).Format("2006-01"),
		Next:  r.Path(section) + "?view=month&month=" + at.AddDate(0, 1, 0).Format("2006-01"),
	}
	begin := first
	for begin.Weekday() != time.Monday {
		begin = begin.Add(-1)
	}
	for n := range 7 {
		m.Days = append(m.Days, r.Here().Reader().Date(begin.Add(n), "Mon"))
	}
	for _, row := range rows {
		if !row.EndOn.Before(first) && !row.StartOn.After(last) {
			m.Rows = append(m.Rows, row)
		}
	}
	lying := withoutFull(m.Rows, rows)
	for monday := begin; !monday.After(last); monday = monday.Add(7) {
		m.Weeks = append(m.Weeks, weekOf(monday, first, last, today, lying))
	}
	return m
}

// nextMonth is the month of the first thing that is not over, when there is nothing in this one.
func nextMonth(rows []seenRow, first day.Day) (day.Day, bool) {
	last := day.Of(first.Midnight().AddDate(0, 1, -1))
	var next day.Day
	for _, row := range rows {
		if !row.EndOn.Before(first) && !row.StartOn.After(last) {
			return first, true
		}
		if row.StartOn.After(last) && (next.IsZero() || row.StartOn.Before(next)) {
			next = row.StartOn
		}
	}
	if next.IsZero() {
		return first, false
	}
	return day.New(next.Year(), next.Midnight().Month(), 1), true
}

// weekOf puts what lies in a week into lanes, the longest first where they begin together.
func weekOf(monday, first, last, today day.Day, rows []seenRow) week {
	var w week
	for n := range 7 {
		d := monday.Add(n)
		w.Days = append(w.Days, monthDay{
			Text: strconv.Itoa(d.Midnight().Day()), Out: d.Before(first) || d.After(last), Today: d == today, ISO: d.String(),
		})
	}
	sunday := monday.Add(6)
	var lanes [mostLanes]int // the first free day of each
	for start := range 7 {
		for _, row := range rows {
			from, to := row.StartOn, row.EndOn
			came := from.Before(monday)
			if came {
				from = monday
			}
			goes := to.After(sunday)
			if goes {
				to = sunday
			}
			if to.Before(from) || monday.Until(from) != start {
				continue
			}
			for lane := range lanes {
				if lanes[lane] > start {
					continue
				}
				days := from.Until(to) + 1
				lanes[lane] = start + days
				w.Lies = append(w.Lies, lying{
					Row: row, Goes: goes, Came: came,
					Class: "at-" + strconv.Itoa(start+1) + " for-" + strconv.Itoa(days) + " lane-" + strconv.Itoa(lane+1),
				})
				w.Lanes = max(w.Lanes, lane+1)
				break
			}
		}
	}
	return w
}

// withoutFull leaves out phases of which parts are shown: these say more.
func withoutFull(some, all []seenRow) []seenRow {
	full := map[uuid.UUID]bool{}
	for _, row := range all {
		if row.Kind == Task {
			full[row.PhaseID] = true
		}
	}
	return slices.DeleteFunc(slices.Clone(some), func(row seenRow) bool { return row.Kind == Phase && full[row.ID] })
}
