package time

import (
	"strconv"
	"strings"

	"github.com/google/uuid"

	"portico/platform/day"
	"portico/platform/lang"
	"portico/platform/web"
)

// budgetView is a budget as both sides see it: figures and a chart.
type budgetView struct {
	Budget
	There bool
	Chart chart
}

// Left is what is left; less than nothing when more was used than agreed.
func (b Budget) Left() int { return b.Agreed - b.Used }

// Over reports whether more was used than agreed.
func (b Budget) Over() bool { return b.Used > b.Agreed }

// Percent is how much of it is used, at most all of it.
func (b Budget) Percent() int { return min(100, b.Used*100/max(b.Agreed, 1)) }

// The figures in words.
func (b Budget) AgreedText() string   { return clock(b.Agreed) }
func (b Budget) UsedText() string     { return clock(b.Used) }
func (b Budget) InvoicedText() string { return clock(b.Invoiced) }
func (b Budget) LeftText() string     { return clock(b.Left()) }

// RestText is what is left, or what was used beyond, whichever the label says.
func (b Budget) RestText() string { return clock(max(b.Left(), -b.Left())) }

// Words say in a sentence how it stands.
func (b Budget) Words() lang.Message {
	if b.Over() {
		return lang.M("%s of %s hours used, %s more than agreed", clock(b.Used), clock(b.Agreed), clock(-b.Left()))
	}
	return lang.M("%s of %s hours used, %s left", clock(b.Used), clock(b.Agreed), clock(b.Left()))
}

// chart is a line of hours that are left, from the day of the first work until now. All is in units of its own box.
type chart struct {
	There             bool
	Width, Height     int
	Line, Area        string // points
	Top, Zero, Bottom int    // where all that was agreed, nothing and the axis are
	EndX, EndY        int    // the last point
	First, Last       lang.Date
	Label             lang.Message
	Over              bool
}

const (
	chartWidth, chartHeight = 640, 200
	chartLeft, chartRight   = 8, 632
	chartTop, chartBottom   = 12, 188
	mostPoints              = 400
)

// draw works a chart out of what was used day by day.
func draw(b Budget, used []burnt, until day.Day) chart {
	if len(used) == 0 || b.Agreed <= 0 {
		return chart{}
	}
	first, last := used[0].WorkDate.Add(-1), used[len(used)-1].WorkDate
	if until.After(last) {
		last = until
	}
	lowest := min(0, b.Left())
	x := func(d day.Day) int {
		return chartLeft + (chartRight-chartLeft)*first.Until(d)/max(first.Until(last), 1)
	}
	y := func(left int) int { return chartTop + (chartBottom-chartTop)*(b.Agreed-left)/max(b.Agreed-lowest, 1) }
	left := b.Agreed
	points := [][2]int{{x(first), y(left)}}
	every := max(1, len(used)/mostPoints)
	for n, u := range used {
		left -= u.Minutes
		if n%every == 0 || n == len(used)-1 {
			points = append(points, [2]int{x(u.WorkDate), y(left)})
		}
	}
	end := points[len(points)-1]
	if at := x(last); at > end[0] {
		end = [2]int{at, end[1]}
		points = append(points, end)
	}
	c := chart{
		There: true, Width: chartWidth, Height: chartHeight, Top: y(b.Agreed), Zero: y(0), Bottom: chartBottom, EndX: end[0], EndY: end[1],
		First: lang.Date{At: used[0].WorkDate, Layout: "Mon, Jan 2, 2006"}, Last: lang.Date{At: last, Layout: "Mon, Jan 2, 2006"}, Over: b.Over(), Label: lang.M("Hours left of %s: %s", b.Name, b.Words()),
	}
	c.Line = joined(points)
	c.Area = joined(append(append([][2]int{{points[0][0], c.Zero}}, points...), [2]int{end[0], c.Zero}))
	return c
}

func joined(points [][2]int) string {
	var b strings.Builder
	for n, p := range points {
		if n > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(strconv.Itoa(p[0]) + "," + strconv.Itoa(p[1]))
	}
	return b.String()
}

// budgetOf is the budget of one project, with its chart, if the viewer may see it.
func budgetOf(r *web.Request, project uuid.UUID) (budgetView, error) {
	list, err := budgets(r.Context(), r.Tx(), r.Viewer(), []uuid.UUID{project})
	if err != nil || len(list) == 0 {
		return budgetView{}, err
	}
	used, err := burning(r.Context(), r.Tx(), r.Viewer(), project)
	if err != nil {
		return budgetView{}, err
	}
	return budgetView{Budget: list[0], There: true, Chart: draw(list[0], used, today(r))}, nil
}

// mostCharts is how many charts a page draws.
const mostCharts = 6

// budgetsIn are the budgets of all projects in view.
func budgetsIn(r *web.Request) (all []budgetView, err error) {
	list, err := budgets(r.Context(), r.Tx(), r.Viewer(), openIn(r.Viewer(), budget))
	if err != nil {
		return nil, err
	}
	for n, b := range list {
		one := budgetView{Budget: b, There: true}
		if n < mostCharts {
			used, err := burning(r.Context(), r.Tx(), r.Viewer(), b.ProjectID)
			if err != nil {
				return nil, err
			}
			one.Chart = draw(b, used, today(r))
		}
		all = append(all, one)
	}
	return all, nil
}
