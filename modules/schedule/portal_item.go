package schedule

import (
	"slices"
	"time"

	"portico/platform/web"
)

type itemPage struct {
	*web.Here
	Trail   []web.NavItem
	Row     seenRow
	Phase   web.NavItem
	Waits   []web.NavItem
	Next    []web.NavItem
	Inside  []seenRow // of a phase
	History []itemChange
	Event   string
	Talk    string // where one asks about it; "": nowhere
}

// itemChange is what was once told of an item.
type itemChange struct {
	Change
	At time.Time
}

// seen is the item in the address.
func (p portal) seen(r *web.Request) (Shown, error) {
	id, err := r.ID("item")
	if err != nil {
		return Shown{}, err
	}
	return seenByID(r.Context(), r.Tx(), r.Viewer(), id)
}

// item is one item: when it is, what it waits for, what became of it.
func (p portal) item(r *web.Request) error {
	s, err := p.seen(r)
	if err != nil {
		return err
	}
	ctx, tx, v := r.Context(), r.Tx(), r.Viewer()
	r.Title(s.Title)
	all, err := seenOf(ctx, tx, v, s.ProjectID)
	if err != nil {
		return err
	}
	view := itemPage{
		Here: r.Here(), Trail: []web.NavItem{{Title: r.Say("Schedule"), Href: r.Path(section)}, {Title: s.Title}}, Event: r.Path(section, "items", s.ID, "event"),
		Talk: p.Catalog().Talk(v, section, s.ID),
	}
	for _, row := range p.rowsOf(r, all) {
		link := web.NavItem{Title: row.Title, Href: row.Href}
		switch {
		case row.ID == s.ID:
			view.Row = row
		case row.ID == s.PhaseID:
			view.Phase = link
		case row.PhaseID == s.ID:
			view.Inside = append(view.Inside, row)
		}
		if slices.Contains(s.AfterIds, row.ID) {
			view.Waits = append(view.Waits, link)
		}
		if slices.Contains(row.AfterIds, s.ID) {
			view.Next = append(view.Next, link)
		}
	}
	if view.History, err = historyOf(ctx, tx, v, s.ID); err != nil {
		return err
	}
	return r.Show("schedule/portal_item", view)
}
