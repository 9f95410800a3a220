package time

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/day"
	"portico/platform/db"
	"portico/platform/db/paging"
	"portico/platform/money"
	"portico/platform/web"
)

// cursor is where an entry stands in a list.
func (e Entry) cursor(sort string) paging.Cursor {
	if strings.HasSuffix(sort, "length") {
		return paging.Cursor{ID: e.ID, Key: strconv.Itoa(e.Minutes)}
	}
	return paging.Cursor{ID: e.ID, Key: e.WorkDate.String()}
}

// sortedBy reports whether a cursor's key is one of this sort.
func sortedBy(sort string) func(string) bool {
	return func(key string) bool {
		if strings.HasSuffix(sort, "length") {
			_, err := strconv.ParseInt(key, 10, 64)
			return err == nil
		}
		_, err := day.Parse(key)
		return err == nil
	}
}

// stateChoices are what lists can be narrowed to, in the order of an entry's life.
var stateChoices = []choice{
	{"", "All states"}, {"draft", "Drafts"}, {"submitted", "To approve"}, {"unbilled", "Approved, to bill"}, {"handed", "With billing"},
	{"approved", "All approved"}, {"invoiced", "Invoiced"}, {"finalised", "Finalised"},
}

func filterOf(query func(string) string) filter {
	f := filter{Query: query("q"), Sort: query("sort")}
	if slices.ContainsFunc(stateChoices, func(c choice) bool { return c.Value == query("state") }) {
		f.State = query("state")
	}
	f.Person, _ = uuid.Parse(query("person"))
	f.Project, _ = uuid.Parse(query("project"))
	f.Client, _ = uuid.Parse(query("client"))
	f.From, f.To = dayIn(query("from")), dayIn(query("to"))
	if len([]rune(f.Query)) > 100 {
		f.Query = string([]rune(f.Query)[:100])
	}
	if !slices.Contains([]string{"day", "-day", "length", "-length"}, f.Sort) {
		f.Sort = "-day"
	}
	return f
}

// dayIn reads a day of an address; what is none is no day.
func dayIn(text string) day.Day {
	d, err := day.Parse(text)
	if err != nil || d.Year() < 1900 || d.Year() > 2200 {
		return day.Day{}
	}
	return d
}

// entryRow is an entry in a list.
type entryRow struct {
	Entry
	Mark  mark
	Href  string
	Price money.Amount
	Costs bool // the price is shown
}

func entryRowOf(r *web.Request, e Entry) entryRow {
	row := entryRow{Entry: e, Mark: markOf(e.State, e.Handed(), e.Billable), Href: r.Path("time", "entries", e.ID)}
	if _, known := e.Hour(); known && e.Billable && r.Viewer().May(rule) {
		row.Price, row.Costs = e.Price(), true
	}
	return row
}

// listed is a list of time or of expenses, as far as both are the same.
type listed struct {
	*web.Here
	Tabs     []web.NavItem
	Filter   filter
	States   []choice
	People   []choice
	Chips    []web.NavItem
	Turns    paging.Turns
	Rules    bool // owners and admins: they bill and lock
	Approves bool
	Table    string // the same as a table of another program
	Listed   string // how the list is narrowed, for what is done with all of it
}

// Head is a column's heading.
func (v listed) Head(column, title, class string) web.Head {
	return v.Sorts(v.Filter.Sort, column, title, class, false)
}

func (v listed) Prev() string   { return v.Turned(v.Turns).Prev }
func (v listed) Next() string   { return v.Turned(v.Turns).Next }
func (v listed) Narrowed() bool { return v.Filter.narrowed() }

// listed reads how the list is narrowed, and what its page offers. The rows are the caller's.
func (o office) listed(r *web.Request, tab string) (view listed, err error) {
	ctx, tx, v := r.Context(), r.Tx(), r.Viewer()
	view = listed{Here: r.Here(), Filter: filterOf(r.Query), States: stateChoices, Rules: v.May(rule)}
	if view.Tabs, err = o.tabs(r, tab); err != nil {
		return view, err
	}
	if view.Chips, err = chips(r, view.Filter); err != nil {
		return view, err
	}
	if view.Rules {
		people, err := colleagues(ctx, tx, v)
		if err != nil {
			return view, err
		}
		view.People = append([]choice{{"", "Everybody"}}, colleagueChoices(people)...)
	}
	s, err := settingOf(ctx, tx, v)
	view.Approves = view.Rules || s.LeadsApprove
	_, query, _ := strings.Cut(view.URL, "?")
	view.Listed, view.Table = query, r.Path("time", tab+".csv")
	if query != "" {
		view.Table += "?" + query
	}
	return view, err
}

// listView is a list of entries.
type listView struct {
	listed
	Rows []entryRow
	Sum  tally
}

// Counted says how much all of the list comes to.
func (v listView) Counted() string {
	if v.Sum.Count == 0 {
		return ""
	}
	return counted(v.Sum.Count, "entry", "entries") + ", " + clock(v.Sum.Minutes) + " hours"
}

// Every offers to do something with all of the list, when not all of it stands on the page.
func (v listView) Every() string { return every(v.Sum.Count, len(v.Rows)) }

func every(count, shown int) string {
	switch {
	case count <= shown:
		return ""
	case count > mostAtOnce:
		return "All " + strconv.Itoa(count) + " of this list, the oldest " + strconv.Itoa(mostAtOnce) + " at a time"
	}
	return "All " + strconv.Itoa(count) + " of this list"
}

// PersonID and the others keep a form's fields.
func (f filter) PersonID() string  { return idText(f.Person) }
func (f filter) ProjectID() string { return idText(f.Project) }
func (f filter) ClientID() string  { return idText(f.Client) }

func idText(id uuid.UUID) string {
	if id == uuid.Nil {
		return ""
	}
	return id.String()
}

func (o office) entries(r *web.Request) error {
	r.Title("All time")
	page, err := o.listed(r, "entries")
	if err != nil {
		return err
	}
	view := listView{listed: page}
	list, turns, err := listOf[Entry](r.Context(), r.Tx(), r.Viewer(), ofTime, view.Filter, r.Place().If(sortedBy(view.Filter.Sort)))
	if err != nil {
		return err
	}
	view.Turns = turns
	if view.Sum, err = tallyOf(r.Context(), r.Tx(), r.Viewer(), view.Filter); err != nil {
		return err
	}
	for _, e := range list {
		view.Rows = append(view.Rows, entryRowOf(r, e))
	}
	return r.Show("time/entries", view)
}

// chips are the project and client that a list is narrowed to.
func chips(r *web.Request, f filter) (all []web.NavItem, err error) {
	if f.Project != uuid.Nil {
		w, err := workByID(r.Context(), r.Tx(), r.Viewer(), f.Project)
		if err != nil {
			return nil, err
		}
		all = append(all, web.NavItem{Title: w.Name, Href: r.Here().With("project", "")})
	}
	if f.Client != uuid.Nil {
		name, err := clientName(r.Context(), r.Tx(), r.Viewer(), f.Client)
		if err != nil {
			return nil, err
		}
		all = append(all, web.NavItem{Title: name, Href: r.Here().With("client", "")})
	}
	return all, nil
}

// entriesTable is the list as a table of other programs, with the names that the import finds.
func (o office) entriesTable(r *web.Request) error {
	return table(o, r, ofTime, "time.csv", entryColumns, func(e Entry) (uuid.UUID, []string) { return e.ID, entryCells(e, r.Viewer().May(rule)) })
}

// table sends all of a list.
func table[T written](o office, r *web.Request, k kind, name string, columns []string, cells func(T) (uuid.UUID, []string)) error {
	f, v, ctx := filterOf(r.Query), r.Viewer(), r.Lasting()
	return r.Sheet(name, columns, func(add func(...string) error) error {
		return db.InTx(ctx, o.Pool, v.FirmID(), func(_ context.Context, tx bun.Tx) error {
			for last := uuid.Nil; ; {
				list, err := after[T](ctx, tx, v, k, f, last)
				if err != nil || len(list) == 0 {
					return err
				}
				for _, e := range list {
					var row []string
					last, row = cells(e)
					if err := add(row...); err != nil {
						return err
					}
				}
			}
		})
	})
}

var entryColumns = []string{"Client", "Project", "Date", "Person", "Task", "Hours", "Note for the client", "Internal notes", "Billable", "State", "Rate", "Amount", "Currency"}

func entryCells(e Entry, rates bool) []string {
	cells := []string{e.Client, e.Project, e.WorkDate.String(), e.Person, e.Task, hours(e.Minutes), e.ClientNote, e.InternalNotes, yesNo(e.Billable), string(e.State), "", "", e.Currency}
	if hour, known := e.Hour(); known && rates && e.Billable {
		cells[10], cells[11] = money.Of(hour, e.Currency).Plain(), e.Price().Plain()
	}
	return cells
}

func yesNo(yes bool) string {
	if yes {
		return "yes"
	}
	return "no"
}
