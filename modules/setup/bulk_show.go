package setup

import (
	"slices"

	"github.com/google/uuid"

	"portico/platform/fault"
	"portico/platform/web"
)

const (
	bulkClients = 50
	bulkChanges = 8 // of one client, at most
)

// bulkLine is one client of a change: what became of it, or would.
type bulkLine struct {
	ID      uuid.UUID
	Name    string
	Href    string
	Result  string
	Changes []change
	More    int // changes that are not told here: the client's own log has them all
}

// Few changes are read at once.
func (l bulkLine) Few() bool { return len(l.Changes) <= 3 }

type bulkView struct {
	*web.Here
	Trail []web.NavItem
	Bulk  bulk
	Words []string
	Plan  []planLine
	Shown string // the result in view
	Tabs  []web.NavItem
	Lines []bulkLine
	Next  string
	First bool
}

// planLine is a piece of the plan in words.
type planLine struct {
	Label, Was, Becomes string
	Clients             int
}

// bulk shows a change of many clients: what it would do, how far it is, what became of each client.
func (o office) bulk(r *web.Request) error {
	id, err := r.ID("bulk")
	if err != nil {
		return err
	}
	b, err := findBulk(r.Context(), r.Tx(), r.Viewer(), id)
	if err != nil {
		return err
	}
	r.Title("Change many clients")
	named := titles(o.catalog())
	view := bulkView{
		Here: r.Here(), Bulk: b, Words: b.words(named), Shown: r.Query("result"),
		Trail: append(o.trail(r), web.NavItem{Title: "Change many clients", Href: r.Path("setup", "bulk")}),
	}
	for _, p := range b.Plan {
		view.Plan = append(view.Plan, planLine{labelOf(p.Key, named), p.Was, p.Becomes, p.Clients})
	}
	if err := view.tabs(); err != nil {
		return err
	}
	after, _ := uuid.Parse(r.Query("after")) // what is no id is the start
	view.First = after == uuid.Nil
	rows, err := rowsOfBulk(r.Context(), r.Tx(), r.Viewer(), id, view.Shown, after, bulkClients+1)
	if err != nil {
		return err
	}
	if len(rows) > bulkClients {
		rows = rows[:bulkClients]
		view.Next = r.Here().With("after", rows[bulkClients-1].ID)
	}
	for _, row := range rows {
		view.Lines = append(view.Lines, lineOf(r, b, row, named))
	}
	return r.Show("setup/bulk", view)
}

// tabs are the results that there are; the first is in view unless the address names another.
func (v *bulkView) tabs() error {
	offered := slices.Clone(results)
	if v.Bulk.Draft() {
		offered = []option{{due, "Would change"}, {idle, "Nothing to change"}}
	} else if v.Bulk.Waiting() > 0 {
		offered = append(offered, option{due, "Not yet"})
	}
	if v.Shown == "" {
		v.Shown = offered[0].Value
		for _, o := range offered {
			if v.Bulk.Counts[o.Value] > 0 {
				v.Shown = o.Value
				break
			}
		}
	}
	there := slices.ContainsFunc(append(slices.Clone(results), option{Value: due}, option{Value: idle}), func(o option) bool { return o.Value == v.Shown })
	if !there {
		return fault.NotFound()
	}
	for _, o := range offered {
		n := v.Bulk.Counts[o.Value]
		if o.Value == due && !v.Bulk.Draft() {
			n = v.Bulk.Waiting()
		}
		v.Tabs = append(v.Tabs, web.NavItem{Title: o.Title, Badge: n, Href: v.With("result", o.Value), Current: o.Value == v.Shown})
	}
	return nil
}

// lineOf says of a client that waits what would change now, and of another what did.
func lineOf(r *web.Request, b bulk, row bulkRow, named map[string]string) bulkLine {
	l := bulkLine{ID: row.ID, Name: row.Name, Href: r.Path("setup", "clients", row.ID), Result: row.Result}
	was, is := row.Before, row.After
	if row.Result == due || row.Result == idle {
		was, is = b.differs(row.clientRow)
	}
	l.Changes = changesOf(map[string]any{"before": was, "after": is}, named)
	if len(l.Changes) > bulkChanges {
		l.More = len(l.Changes) - bulkChanges
		l.Changes = l.Changes[:bulkChanges]
	}
	return l
}
