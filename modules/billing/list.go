package billing

import (
	"encoding/base64"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"portico/platform/day"
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

// cursor is the row after or before which a page begins; the zero one is the start of the list.
type cursor struct {
	Key string // the day or the amount it is sorted by
	ID  uuid.UUID
}

func (c cursor) isZero() bool { return c.ID == uuid.Nil }

func (c cursor) String() string {
	if c.isZero() {
		return ""
	}
	return base64.RawURLEncoding.EncodeToString(append(c.ID[:], c.Key...))
}

// cursorOf reads what String wrote for this sort; what nobody wrote is the start.
func cursorOf(text, sort string) cursor {
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || len(raw) < 16 {
		return cursor{}
	}
	c := cursor{ID: uuid.UUID(raw[:16]), Key: string(raw[16:])}
	switch strings.TrimPrefix(sort, "-") {
	case "due":
		if _, err := day.Parse(c.Key); err != nil {
			return cursor{}
		}
	case "amount":
		if _, err := strconv.ParseInt(c.Key, 10, 64); err != nil {
			return cursor{}
		}
	default:
		c.Key = ""
	}
	return c
}

// page is one page of a list, and the ways on.
type page struct {
	IDs        []uuid.UUID
	Prev, Next string // cursors; "": there is none
	Count      int    // of the whole list, up to few
	More       bool   // there are more than Count
}

// key is where a row stands.
type key struct {
	ID     uuid.UUID
	DueKey day.Day
	Total  int64
}

func (k key) cursor(sort string) cursor {
	switch strings.TrimPrefix(sort, "-") {
	case "due":
		return cursor{k.DueKey.String(), k.ID}
	case "amount":
		return cursor{strconv.FormatInt(k.Total, 10), k.ID}
	}
	return cursor{ID: k.ID}
}

// cut makes a page of rows that were read with one more than fits; read backwards, they come turned round.
func cut(keys []key, from cursor, back bool, sort string) page {
	more := len(keys) > pageSize
	keys = keys[:min(len(keys), pageSize)]
	if back {
		slices.Reverse(keys)
	}
	var p page
	for _, k := range keys {
		p.IDs = append(p.IDs, k.ID)
	}
	if len(keys) == 0 {
		return p
	}
	if more && back || !back && !from.isZero() {
		p.Prev = keys[0].cursor(sort).String()
	}
	if more && !back || back {
		p.Next = keys[len(keys)-1].cursor(sort).String()
	}
	return p
}

// turn is a neighbouring page's address; "" when there is none.
func turn(here *web.Here, name, cursor string) string {
	if cursor == "" {
		return ""
	}
	u, err := url.Parse(here.With(name, cursor))
	if err != nil {
		return ""
	}
	q := u.Query()
	q.Del(map[string]string{"before": "after", "after": "before"}[name])
	u.RawQuery = q.Encode()
	return u.String()
}

// head is a column's heading that sorts.
type head struct{ Title, Href, Sort, Class string }

func headOf(here *web.Here, sort, column, title, class string) head {
	h := head{Title: title, Class: class}
	next := column
	switch sort {
	case column:
		h.Sort, next = "ascending", "-"+column
	case "-" + column:
		h.Sort = "descending"
	default:
		if column != "due" {
			next = "-" + column
		}
	}
	h.Href = here.With("sort", next)
	return h
}
