package billing

import (
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"portico/platform/day"
	"portico/platform/db/paging"
	"portico/platform/web"
)

const (
	pageSize = 50
	few      = 1000 // up to which lists are counted
)

// filter is what a list of invoices is narrowed to.
type filter struct {
	State   string // "": all; a state, owed, or overdue
	Client  uuid.UUID
	Project uuid.UUID
	Query   string
	Sort    string // made, due or amount; with a minus from the top
	Today   day.Day
}

// stateFilters are what a list can be narrowed to, in the order of an invoice's life.
var stateFilters = []struct {
	Value, Title string
	States       []string
}{
	{"", "All states", []string{"draft", "approved", "open", "partial", "paid", "void"}},
	{"draft", "Drafts", []string{"draft"}},
	{"approved", "To release", []string{"approved"}},
	{"owed", "Owed", []string{"open", "partial"}},
	{"overdue", "Overdue", []string{"open", "partial"}},
	{"processing", "Processing", []string{"open", "partial"}},
	{"paid", "Paid", []string{"paid"}},
	{"void", "Void", []string{"void"}},
}

func (f filter) states() []string {
	for _, s := range stateFilters {
		if s.Value == f.State {
			return s.States
		}
	}
	return stateFilters[0].States
}

// narrowed reports whether anything is left out.
func (f filter) narrowed() bool {
	return f.State != "" || f.Query != "" || f.Client != uuid.Nil || f.Project != uuid.Nil
}

var sortNames = []string{"made", "due", "amount"}

func filterOf(r *web.Request, today day.Day) filter {
	f := filter{Query: r.Query("q"), Sort: r.Query("sort"), Today: today}
	for _, s := range stateFilters {
		if s.Value == r.Query("state") {
			f.State = s.Value
		}
	}
	f.Client, _ = uuid.Parse(r.Query("client"))
	f.Project, _ = uuid.Parse(r.Query("project"))
	if !slices.Contains(sortNames, strings.TrimPrefix(f.Sort, "-")) {
		f.Sort = "-made"
		if f.State == "overdue" {
			f.Sort = "due"
		}
	}
	if f.State == "overdue" && strings.TrimPrefix(f.Sort, "-") != "due" {
		f.Sort = "due" // the order of its index
	}
	return f
}

// sortedBy reports whether a cursor's key is one of this sort.
func sortedBy(sort string) func(key string) bool {
	return func(key string) bool {
		var err error
		switch strings.TrimPrefix(sort, "-") {
		case "due":
			_, err = day.Parse(key)
		case "amount":
			_, err = strconv.ParseInt(key, 10, 64)
		}
		return err == nil
	}
}

// page is one page of a list, and the ways on.
type page struct {
	IDs []uuid.UUID
	paging.Turns
	Count int  // of the whole list, up to few
	More  bool // there are more than Count
}

// key is where a row stands.
type key struct {
	ID     uuid.UUID
	DueKey day.Day
	Total  int64
}

func (k key) cursor(sort string) paging.Cursor {
	c := paging.Cursor{ID: k.ID}
	switch strings.TrimPrefix(sort, "-") {
	case "due":
		c.Key = k.DueKey.String()
	case "amount":
		c.Key = strconv.FormatInt(k.Total, 10)
	}
	return c
}
