package schedule

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"portico/platform/day"
	"portico/platform/db/paging"
	"portico/platform/web"
)

const (
	pageSize = 50
	few      = 1000 // up to which lists are counted
)

// filter is what the list of schedules is narrowed to.
type filter struct {
	State string // "": of projects that are not over; see stateFilters
	Query string
	Sort  string
}

var stateFilters = []choice{
	{"", "Projects under way"}, {"pending", "With changes to publish"}, {"draft", "Not published"}, {"offline", "Offline or not shared"}, {"late", "Should be over"}, {"all", "All projects"},
}

var sortNames = []string{"changed", "end"}

func filterOf(r *web.Request) filter {
	f := filter{Query: r.Query("q"), Sort: r.Query("sort")}
	for _, s := range stateFilters {
		if s.Value == r.Query("state") {
			f.State = s.Value
		}
	}
	if !slices.Contains(sortNames, strings.TrimPrefix(f.Sort, "-")) {
		f.Sort = "-changed"
	}
	return f
}

// narrowed reports whether anything is left out that one would look for.
func (f filter) narrowed() bool { return f.State != "" || f.Query != "" }

// endless is what no schedule ends after.
const endless = "9999-12-31"

func (p Plan) cursor(sort string) paging.Cursor {
	c := paging.Cursor{ID: p.ProjectID, Key: p.ChangedAt.UTC().Format(time.RFC3339Nano)}
	if strings.TrimPrefix(sort, "-") == "end" {
		c.Key = endless
		if !p.EndOn.IsZero() {
			c.Key = p.EndOn.String()
		}
	}
	return c
}

// sortedBy reports whether a cursor's key is one of this sort.
func sortedBy(sort string) func(key string) bool {
	return func(key string) bool {
		if strings.TrimPrefix(sort, "-") == "end" {
			_, err := day.Parse(key)
			return err == nil
		}
		_, err := time.Parse(time.RFC3339Nano, key)
		return err == nil
	}
}

// page is one page of the list.
type page struct {
	Plans []Plan
	paging.Turns
	Count int
	More  bool
}

// Counted says how many there are.
func (p page) Counted() string {
	if p.More {
		return "More than 1,000 schedules"
	}
	return counted(p.Count, "schedule")
}

// planRow is a schedule in the list.
type planRow struct {
	Plan
	Href, Kind, State string
	Next              string // the next milestone
}

type indexView struct {
	*web.Here
	Tabs   []web.NavItem
	Filter filter
	States []choice
	Rows   []planRow
	Page   page
	New    string
}

// Head is a column's heading.
func (v indexView) Head(column, title, class string) web.Head {
	return v.Sorts(v.Filter.Sort, column, title, class, column == "end")
}

// Prev and Next are the neighbouring pages.
func (v indexView) Prev() string   { return v.Turned(v.Page.Turns).Prev }
func (v indexView) Next() string   { return v.Turned(v.Page.Turns).Next }
func (v indexView) Narrowed() bool { return v.Filter.narrowed() }

// index is the list of all schedules.
func (o office) index(r *web.Request) error {
	r.Title("Schedules")
	f := filterOf(r)
	view := indexView{Here: r.Here(), Tabs: o.tabs(r, "schedules"), Filter: f, States: stateFilters, New: r.Path(section, "new")}
	var err error
	if view.Page, err = pick(r.Context(), r.Tx(), r.Viewer(), f, r.Here().Today(), r.Place().If(sortedBy(f.Sort))); err != nil {
		return err
	}
	view.Rows, err = o.rows(r.Context(), r, view.Page.Plans)
	if err != nil {
		return err
	}
	return r.Show("schedule/index", view)
}

func (o office) rows(ctx context.Context, r *web.Request, list []Plan) ([]planRow, error) {
	var ids []uuid.UUID
	for _, p := range list {
		ids = append(ids, p.ProjectID)
	}
	next, err := nextMilestones(ctx, r.Tx(), r.Viewer(), ids, r.Here().Today())
	rows := make([]planRow, len(list))
	for n, p := range list {
		kind, state := p.state()
		rows[n] = planRow{Plan: p, Href: r.Path(section, "projects", p.ProjectID), Kind: kind, State: state}
		if m, there := next[p.ProjectID]; there {
			rows[n].Next = m.Title + ", " + m.EndOn.Midnight().Format("Jan 2")
		}
	}
	return rows, err
}

// state is what the client has of a schedule: a colour and words.
func (p Plan) state() (kind, words string) {
	switch {
	case !p.Published():
		return "outline", "Not published"
	case !p.Online:
		return "muted", "Offline"
	case !p.Viewable:
		return "muted", "Not for the client"
	case p.Pending():
		return "due", "Changes to publish"
	}
	return "ok", "Published"
}

// Percent is how much of the work is done.
func (p Plan) Percent() string { return strconv.Itoa(p.Done) + " %" }

// Span is when it is.
func (p Plan) Span() Span { return Span{p.StartOn, p.EndOn} }
