package selections

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"portico/platform/day"
	"portico/platform/db/paging"
	"portico/platform/lang"
	"portico/platform/web"
)

const (
	pageSize = 50
	few      = 1000 // up to which lists are counted
)

// option is one of a select's.
type option struct{ Value, Title string }

// stateFilters are what staff's list can be narrowed to.
var stateFilters = []option{
	{"", "All states"}, {"waiting", "Waits for clients"}, {"overdue", "Overdue"}, {"price", "To price"}, {"asked", "Change asked for"}, {"draft", "Drafts"},
	{"approved", "Approved"}, {"order", "To order"}, {"ordered", "Ordered"}, {"over", "Skipped or declined"},
}

// filter is what a list of selections is narrowed to.
type filter struct {
	Query, State    string
	Client, Project uuid.UUID
	Sort            string // due, title, changed; with a minus from the top
	Today           day.Day
}

func filterOf(r *web.Request, today day.Day) filter {
	f := filter{Query: r.Query("q"), Sort: r.Query("sort"), Today: today}
	for _, s := range stateFilters {
		if s.Value == r.Query("state") {
			f.State = s.Value
		}
	}
	f.Client, _ = uuid.Parse(r.Query("client"))
	f.Project, _ = uuid.Parse(r.Query("project"))
	if !slices.Contains([]string{"due", "title", "changed"}, strings.TrimPrefix(f.Sort, "-")) {
		f.Sort = "-changed"
	}
	return f
}

// never stands for no deadline in the order of deadlines.
const never = "9999-12-31"

func (s Selection) cursor(sort string) paging.Cursor {
	c := paging.Cursor{ID: s.ID}
	switch strings.TrimPrefix(sort, "-") {
	case "due":
		if c.Key = s.DueOn.String(); c.Key == "" {
			c.Key = never
		}
	case "title":
		c.Key = strings.ToLower(s.Title)
	case "changed":
		c.Key = s.ChangedAt.UTC().Format(time.RFC3339Nano)
	}
	return c
}

// mark is a state with its colour, word and icon.
type mark struct {
	Kind string
	Text lang.Text
	Icon string
}

// mark says how a selection stands, for either side.
func (s Selection) mark(today day.Day, office bool) mark {
	switch {
	case s.State == Draft:
		return mark{"muted", "Draft", "eye-off"}
	case s.Fixed():
		return mark{"outline", "Fixed", "lock"}
	case !s.OrderedOn.IsZero():
		return mark{"ok", "Ordered", "truck"}
	case s.State == Approved:
		return mark{"ok", "Approved", "lock"}
	case s.State == Skipped:
		return mark{"muted", "Not wanted", "x"}
	case s.State == Declined:
		return mark{"muted", "Declined", "thumbs-down"}
	case s.Overdue(today):
		return mark{"late", "Overdue", ""}
	case s.State == Selected:
		if _, priced := s.Sum(); !priced {
			if office {
				return mark{"due", "Needs a price", "tag"}
			}
			return mark{"info", "We are pricing it", "tag"}
		}
		return mark{"brand", "Chosen", "check"}
	case s.Soon(today):
		return mark{"due", "Due soon", ""}
	case office:
		return mark{"info", "With the client", ""}
	}
	return mark{"info", "To choose", "circle-dashed"}
}

// row is a selection in staff's lists.
type row struct {
	Selection
	Mark mark
	Href string
	Pick string // what is chosen
	Face string // a picture's address
	Sum  string
}

func rowsOf(here *web.Here, list []Selection, today day.Day) []row {
	rows := make([]row, len(list))
	for n, s := range list {
		rows[n] = row{Selection: s, Mark: s.mark(today, true), Href: here.Path("selections", s.ID), Face: faceOf(s, "thumb")}
		var names []string
		for _, c := range s.Picks() {
			names = append(names, c.Title)
		}
		rows[n].Pick = strings.Join(names, ", ")
		if sum, priced := s.Sum(); priced && len(names) > 0 {
			rows[n].Sum = here.Money(s.Money(sum))
		}
	}
	return rows
}

// Says is what a draft holds, in a few words.
func (r row) Says() string {
	if r.Fixed() {
		return "Specification"
	}
	text := counted(r.Offered, "choice", "choices")
	if r.Room != "" {
		text = r.Room + ", " + text
	}
	if r.ToPrice > 0 {
		text += ", " + strconv.Itoa(r.ToPrice) + " without a price"
	}
	return text
}
