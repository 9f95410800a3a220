package envelopes

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"portico/platform/db/paging"
	"portico/platform/web"
)

const (
	pageSize = 50
	few      = 1000 // up to which lists are counted
)

// filter is what the list of documents is narrowed to.
type filter struct {
	State           string // "": all; see stateFilters
	Kind            Kind
	Client, Project uuid.UUID
	Query           string
	Sort            string // made, title or amount; with a minus from the top
}

// choice is one of a select's.
type choice struct{ Value, Title string }

// stateFilters are what the list can be narrowed to.
var stateFilters = []choice{
	{"", "All states"}, {"clients", "Waits for clients"}, {"us", "Waits for us"}, {"expired", "Expired"}, {"draft", "Drafts"}, {"complete", "Complete"}, {"over", "Declined or void"},
}

var sortNames = []string{"made", "title", "amount"}

func filterOf(r *web.Request) filter {
	f := filter{Query: r.Query("q"), Sort: r.Query("sort")}
	for _, s := range stateFilters {
		if s.Value == r.Query("state") {
			f.State = s.Value
		}
	}
	if kind := Kind(r.Query("kind")); slices.Contains(Kinds, kind) {
		f.Kind = kind
	}
	f.Client, _ = uuid.Parse(r.Query("client"))
	f.Project, _ = uuid.Parse(r.Query("project"))
	if !slices.Contains(sortNames, strings.TrimPrefix(f.Sort, "-")) {
		f.Sort = "-made"
	}
	return f
}

// narrowed reports whether anything is left out.
func (f filter) narrowed() bool {
	return f.State != "" || f.Kind != "" || f.Query != "" || f.Client != uuid.Nil || f.Project != uuid.Nil
}

func (e Envelope) cursor(sort string) paging.Cursor {
	c := paging.Cursor{ID: e.ID}
	switch strings.TrimPrefix(sort, "-") {
	case "title":
		c.Key = strings.ToLower(e.Title)
	case "amount":
		c.Key = strconv.FormatInt(e.Total, 10)
	}
	return c
}

// page is one page of the list, and the ways on.
type page struct {
	Envelopes []Envelope
	paging.Turns
	Count int  // of the whole list, up to few
	More  bool // there are more than Count
}

// Counted says how many there are.
func (p page) Counted() string {
	switch {
	case p.More:
		return "More than 1,000 documents"
	case p.Count == 1:
		return "1 document"
	case p.Count == few:
		return "1,000 documents"
	}
	return strconv.Itoa(p.Count) + " documents"
}

// listRow is a document in a list.
type listRow struct {
	Envelope
	Step   Step
	Detail string // for whom it waits, or since when it is what it is
	Href   string
}

func listRows(here *web.Here, list []Envelope, now time.Time) []listRow {
	rows := make([]listRow, len(list))
	for n, e := range list {
		rows[n] = listRow{e, e.step(now), e.detail(here, now), here.Path("envelopes", e.ID)}
	}
	return rows
}

// detail says in a few words what a document waits for, or since when it is over.
func (e Envelope) detail(here *web.Here, now time.Time) string {
	on := func(what string, at time.Time) string {
		if at.IsZero() {
			return ""
		}
		return what + " " + here.Local(at).Format("Jan 2, 2006")
	}
	switch e.Status {
	case Sent:
		waits := turn(e, now)
		if len(waits) == 0 {
			return late(e, now)
		}
		return "Waits for " + names(waits)
	case Declined:
		for _, r := range e.Recipients {
			if !r.DeclinedAt.IsZero() {
				return on("By "+r.Name+",", e.DeclinedAt)
			}
		}
		return on("On", e.DeclinedAt)
	case Void:
		return on("Since", e.VoidedAt)
	case Complete:
		return on("Since", e.CompletedAt)
	case Sealing:
		return "The final file is being made"
	}
	return on("Begun", e.CreatedAt)
}

// late names those whose time is over.
func late(e Envelope, now time.Time) string {
	var over []Recipient
	for _, r := range e.Recipients {
		if r.Expired(now) {
			over = append(over, r)
		}
	}
	if len(over) == 0 {
		return ""
	}
	return "No answer from " + names(over)
}

// names are the first two of some people, and how many more there are.
func names(list []Recipient) string {
	switch len(list) {
	case 0:
		return ""
	case 1:
		return list[0].Name
	case 2:
		return list[0].Name + " and " + list[1].Name
	}
	return list[0].Name + " and " + strconv.Itoa(len(list)-1) + " more"
}
