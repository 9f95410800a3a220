package schedule

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"portico/platform/day"
	"portico/platform/lang"
)

// What a chart measures, in pixels. style.css has the height of a row, too.
const (
	rowHigh  = 36
	barHigh  = 18
	mostWide = 24000
)

// bar is one row of a chart.
type bar struct {
	ID            uuid.UUID
	Title, Href   string
	Sub           string // read out, and shown at the name: its days
	Kind          Kind
	In            bool // it stands in a phase
	Span          Span
	Base          Span // the baseline: staff only
	Progress      int
	Workdays      int
	Color         string
	Hidden, Late  bool // staff: clients do not see it; it should be over
	Held          bool // it has begun
	X, Y, W, Done int  // where it is drawn
	BaseX, BaseW  int
}

// Class is how it is drawn.
func (b bar) Class() string {
	class := string(b.Kind)
	if b.Color != "" && slices.ContainsFunc(colors, func(c choice) bool { return c.Value == b.Color }) {
		class += " " + b.Color
	}
	if b.Hidden {
		class += " unseen"
	}
	if b.Progress == 100 {
		class += " over"
	}
	return class
}

// chart is a Gantt as the server draws it.
type chart struct {
	Label      string
	Reader     *lang.Reader // whose the names of the months are; nil: English
	Bars       []bar
	DayWide    int
	Wide, High int
	First      day.Day
	Months     []label // the upper scale
	Marks      []label // the lower one
	Rest       string  // a path over the days without work
	Lines      string  // a path of the borders of months
	Arrows     string  // a path of what depends on what
	Heads      string  // and of its heads
	Stubs      string  // what waits for something that is not shown
	Today      int     // -1: not on the chart
	Row        int     // the first that is not over today
	Moves      string  // where a moved bar asks what moves with it; "": nobody moves here
	Zooms      []zoom
	Sticky     bool
}

// label is a word of a scale.
type label struct {
	X    int
	Text string
}

// zoom is how much of the time one sees at once.
type zoom struct {
	Title, Href string
	Current     bool
}

// zooms are the widths of a day.
var zooms = []struct {
	id, title string
	wide      int
}{{"day", "Days", 30}, {"week", "Weeks", 12}, {"month", "Months", 4}}

// widthOf is the width of a day: as asked for, else so that one sees much of it at once.
func widthOf(asked string, days int) (wide int, id string) {
	for _, z := range zooms {
		if z.id == asked {
			return max(1, min(z.wide, mostWide/max(days, 1))), z.id
		}
	}
	switch {
	case days <= 45:
		return 30, "day"
	case days <= 200:
		return 12, "week"
	}
	return max(1, min(4, mostWide/max(days, 1))), "month"
}

// draw places the bars and all around them. waits are what each bar waits for; what is not among the bars has no name
// and is only a stub.
func draw(c chart, links []Link, calendar Calendar, today day.Day, asked string) chart {
	if len(c.Bars) == 0 {
		return c
	}
	span := c.Bars[0].Span
	for _, b := range c.Bars {
		for _, s := range []Span{b.Span, b.Base} {
			if !s.Start.IsZero() && s.Start.Before(span.Start) {
				span.Start = s.Start
			}
			span.End = later(span.End, s.End)
		}
	}
	if near := 120; today.Until(span.Start) < near && span.End.Until(today) < near { // today is seen where it is near
		if today.Before(span.Start) {
			span.Start = today
		}
		span.End = later(span.End, today)
	}
	c.First = span.Start.Add(-3)
	for c.First.Weekday() != time.Monday {
		c.First = c.First.Add(-1)
	}
	last := span.End.Add(10)
	days := c.First.Until(last) + 1
	var id string
	c.DayWide, id = widthOf(asked, days)
	days = min(days, mostWide/c.DayWide*4)
	c.Wide, c.High = days*c.DayWide, len(c.Bars)*rowHigh
	for n := range c.Zooms {
		c.Zooms[n].Current = zooms[n].id == id
	}
	at := func(d day.Day) int { return min(max(c.First.Until(d)*c.DayWide, 0), c.Wide) }
	place := make(map[uuid.UUID]int, len(c.Bars))
	for n := range c.Bars {
		b := &c.Bars[n]
		place[b.ID] = n
		b.X, b.Y, b.W = at(b.Span.Start), n*rowHigh+(rowHigh-barHigh)/2, at(b.Span.End.Add(1))-at(b.Span.Start)
		if b.Kind == Milestone {
			b.X += c.DayWide/2 - 9
		}
		b.Done = b.W * b.Progress / 100
		if !b.Base.Start.IsZero() {
			b.BaseX, b.BaseW = at(b.Base.Start), at(b.Base.End.Add(1))-at(b.Base.Start)
		}
	}
	c.scale(days, calendar)
	c.Row = max(0, slices.IndexFunc(c.Bars, func(b bar) bool { return !b.Span.End.Before(today) }))
	c.Today = -1
	if x := c.First.Until(today); x >= 0 && x < days {
		c.Today = x*c.DayWide + c.DayWide/2
	}
	c.connect(links, place)
	return c
}

// scale writes the days, weeks and months above the chart, and shades the days without work.
func (c *chart) scale(days int, calendar Calendar) {
	var rest, lines strings.Builder
	high, said := strconv.Itoa(c.High), cmp.Or(c.Reader, lang.English)
	for n := range days {
		d := c.First.Add(n)
		x := n * c.DayWide
		at := d.Midnight()
		if at.Day() == 1 || n == 0 {
			if n == 0 && c.First.Add(12).Midnight().Month() != at.Month() {
				continue // the next name would be written over it
			}
			format := "January 2006"
			if c.DayWide*30 < 110 {
				format = "Jan"
				if at.Month() == time.January || n == 0 {
					format = "Jan 06"
				}
			}
			c.Months = append(c.Months, label{x + 4, said.Date(at, format)})
			if at.Day() == 1 {
				lines.WriteString("M" + strconv.Itoa(x) + " 0V" + high)
			}
		}
		switch {
		case c.DayWide >= 24:
			c.Marks = append(c.Marks, label{x + c.DayWide/2, strconv.Itoa(at.Day())})
		case c.DayWide >= 8 && d.Weekday() == time.Monday:
			c.Marks = append(c.Marks, label{x + c.DayWide/2, strconv.Itoa(at.Day())})
		}
		if c.DayWide >= 8 && !calendar.Works(d) {
			w := strconv.Itoa(c.DayWide)
			rest.WriteString("M" + strconv.Itoa(x) + " 0h" + w + "V" + high + "h-" + w + "z")
		}
	}
	c.Rest, c.Lines = rest.String(), lines.String()
}

// connect draws what depends on what.
func (c *chart) connect(links []Link, place map[uuid.UUID]int) {
	arrows, heads, stubs := make([]byte, 0, 48*len(links)), make([]byte, 0, 32*len(links)), make([]byte, 0, 64)
	stubbed := map[int]bool{}
	for _, l := range links {
		to, there := place[l.To]
		if !there {
			continue
		}
		b := c.Bars[to]
		end := b.X
		y := b.Y + barHigh/2
		from, known := place[l.From]
		if !known {
			if !stubbed[to] {
				stubbed[to] = true
				stubs = step(stubs, 'M', end-14, y)
				stubs = step(stubs, 'H', end-5)
				heads = step(heads, 'M', end, y)
				heads = append(heads, "l-6-4v8z"...)
			}
			continue
		}
		a := c.Bars[from]
		start, ay := a.X+max(a.W, 18), a.Y+barHigh/2
		if a.Kind == Milestone {
			start = a.X + 18
		}
		if l.Relation == StartStart {
			start = a.X
		}
		if l.Relation == FinishFinish {
			end = b.X + b.W
			out := max(start, end) + 8
			arrows = step(arrows, 'M', start, ay)
			arrows = step(arrows, 'H', out)
			arrows = step(arrows, 'V', y)
			arrows = step(arrows, 'H', end+5)
			heads = step(heads, 'M', end, y)
			heads = append(heads, "l6-4v8z"...)
			continue
		}
		arrows = step(arrows, 'M', start, ay)
		switch {
		case l.Relation == StartStart:
			arrows = step(arrows, 'H', min(start, end)-8)
			arrows = step(arrows, 'V', y)
		case end-start >= 12:
			arrows = step(arrows, 'H', end-8)
			arrows = step(arrows, 'V', y)
		default: // round the end of the one and before the start of the other
			between := ay + rowHigh/2
			if to < from {
				between = ay - rowHigh/2
			}
			arrows = step(arrows, 'H', start+6)
			arrows = step(arrows, 'V', between)
			arrows = step(arrows, 'H', end-8)
			arrows = step(arrows, 'V', y)
		}
		arrows = step(arrows, 'H', end-5)
		heads = step(heads, 'M', end, y)
		heads = append(heads, "l-6-4v8z"...)
	}
	c.Arrows, c.Heads, c.Stubs = string(arrows), string(heads), string(stubs)
}
