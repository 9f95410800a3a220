package time

import (
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"portico/platform/day"
	"portico/platform/web"
)

// line is a row of the week sheet.
type line struct {
	N                     int
	ProjectID             uuid.UUID
	Task, Project, Client string
	Cells                 []cell
	Minutes               int
	Empty                 bool // nothing is written in it: it can be taken off
}

// What names its task.
func (l line) What() string { return Entry{Task: l.Task}.What() }

// Sum is its hours.
func (l line) Sum() string { return clock(l.Minutes) }

// column is a day of the week sheet.
type column struct {
	On             day.Day
	Name, Date     string
	Minutes        int
	Weekend, Today bool
}

// Sum is its hours.
func (c column) Sum() string {
	if c.Minutes == 0 {
		return "–"
	}
	return clock(c.Minutes)
}

// sheet is a week of one person.
type sheet struct {
	Week    day.Day
	Lines   []line
	Columns []column
	Minutes int
	Drafts  int // entries that can be handed in
	Waiting int // entries that are handed in and not approved
	Back    []string
	Pieces  []piece
}

// Sum is all of its hours.
func (s sheet) Sum() string { return clock(s.Minutes) }

// arrange makes rows and fields of a week's entries.
func arrange(here *web.Here, week day.Day, pieces []piece, writes bool) sheet {
	s := sheet{Week: week}
	for n := range 7 {
		d := week.Add(n)
		s.Columns = append(s.Columns, column{
			On: d, Name: d.Midnight().Format("Mon"), Date: d.Midnight().Format("Jan 2"), Weekend: weekend(d), Today: d == here.Today(),
		})
	}
	for _, p := range pieces {
		n := len(s.Lines) - 1
		if n < 0 || s.Lines[n].ProjectID != p.ProjectID || s.Lines[n].Task != p.Task {
			n++
			s.Lines = append(s.Lines, newLine(here, week, n, p, writes))
		}
		if p.ID == uuid.Nil {
			continue
		}
		at := week.Until(p.WorkDate)
		s.Lines[n].Cells[at].take(p)
		s.Lines[n].Empty = false
		s.Lines[n].Minutes += p.Minutes
		s.Columns[at].Minutes += p.Minutes
		s.Minutes += p.Minutes
		switch {
		case p.State == Draft && p.Minutes > 0:
			s.Drafts++
		case p.State == Submitted:
			s.Waiting++
		}
		if p.Returned != "" && !slices.Contains(s.Back, p.Returned) {
			s.Back = append(s.Back, p.Returned)
		}
		s.Pieces = append(s.Pieces, p)
	}
	slices.SortStableFunc(s.Pieces, func(a, b piece) int { return strings.Compare(a.WorkDate.String(), b.WorkDate.String()) })
	return s
}

func weekend(d day.Day) bool { return d.Weekday() == 0 || d.Weekday() == 6 }

func newLine(here *web.Here, week day.Day, n int, p piece, writes bool) line {
	l := line{N: n, ProjectID: p.ProjectID, Task: p.Task, Project: p.Project, Client: p.Client, Empty: true}
	for at := range 7 {
		d := week.Add(at)
		l.Cells = append(l.Cells, cell{
			Here: here, ID: "c-" + strconv.Itoa(n) + "-" + strconv.Itoa(at), Key: cellKey{p.ProjectID, p.Task, d}, Week: week,
			Project: p.Project, Task: l.What(), Weekend: weekend(d), Today: d == here.Today(), Locked: !writes,
		})
	}
	return l
}
