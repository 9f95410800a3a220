package schedule

import (
	"github.com/google/uuid"

	"portico/platform/web"
)

type changesPage struct {
	*web.Here
	Tabs   []web.NavItem
	List   []noticeRow
	Single bool
}

// noticeRow is one publication; places of its changes lead to what is still there.
type noticeRow struct {
	Notice
	Items []changeRow
}

type changeRow struct {
	Change
	Href string
}

const noticesShown = 50

// changes are the last publications: the old date, the new date, and why.
func (p portal) changes(r *web.Request) error {
	ctx, tx, v := r.Context(), r.Tx(), r.Viewer()
	r.Title("What changed")
	view := changesPage{Here: r.Here(), Tabs: p.tabs(r, "changes")}
	list, err := noticesOf(ctx, tx, v, uuid.Nil, noticesShown)
	if err != nil {
		return err
	}
	all, err := seenAll(ctx, tx, v)
	if err != nil {
		return err
	}
	view.Single = single(all)
	there := make(map[uuid.UUID]bool, len(all))
	for _, s := range all {
		there[s.ID] = true
	}
	for _, n := range list {
		if !n.First && len(n.Changes) == 0 && n.Message == "" {
			continue
		}
		row := noticeRow{Notice: n}
		for _, c := range n.Changes {
			one := changeRow{Change: c}
			if there[c.ItemID] {
				one.Href = r.Path(section, "items", c.ItemID)
			}
			row.Items = append(row.Items, one)
		}
		view.List = append(view.List, row)
	}
	return r.Show("schedule/changes", view)
}
