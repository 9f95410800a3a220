package envelopes

import (
	"cmp"
	"context"
	"time"

	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/day"
	"portico/platform/module"
	"portico/platform/search"
	"portico/platform/web"
)

// waiting answers what waits for the viewer's signature.
func (d desk) waiting(ctx context.Context, tx bun.Tx, v auth.Viewer) ([]module.Todo, error) {
	if !v.May(sign) {
		return nil, nil
	}
	here := &web.Here{Viewer: v}
	rows, err := rowsOf(ctx, tx, here, d.Now())
	if err != nil {
		return nil, err
	}
	var todos []module.Todo
	for _, one := range rows {
		if one.Group != "waiting" {
			break
		}
		me, _ := one.own(ownedBy(v), d.Now())
		todo := module.Todo{Title: deed(here, one.Envelope, me), Detail: one.Title, Href: one.Href, Icon: "signature", Kind: "sign"}
		if one.ProjectName != "" {
			todo.Detail += ", " + one.ProjectName
		}
		if !one.Until.IsZero() {
			todo.Due = day.Of(one.Until.In(homeOf(v)))
		}
		todos = append(todos, todo)
	}
	return todos, nil
}

// zoneOf is where the viewer lives.
func homeOf(v auth.Viewer) *time.Location {
	zone, err := day.Zone(cmp.Or(v.Zone, v.Firm.Zone))
	if err != nil {
		return time.UTC
	}
	return zone
}

// portalHits answers the search of the portal.
func (d desk) portalHits(ctx context.Context, tx bun.Tx, v auth.Viewer, typed string, limit int) ([]search.Hit, error) {
	if !v.May(see) {
		return nil, nil
	}
	rows, err := rowsOf(ctx, tx, &web.Here{Viewer: v}, d.Now())
	if err != nil {
		return nil, err
	}
	var hits []search.Hit
	for _, one := range rows {
		if len(hits) < limit && matches(one.Envelope, typed) {
			hits = append(hits, search.Hit{Title: one.Title, Detail: one.Envelope.Kind.Title() + ", " + one.State, Icon: "signature", Href: one.Href})
		}
	}
	return hits, nil
}

type cardView struct {
	*web.Here
	Rows []row
	Href string
}

// card are the documents of the viewer that are under way, or were signed lately; what waits for the viewer stands in the
// first card of the dashboard already.
func (p portal) card(r *web.Request) (web.Part, bool, error) {
	rows, err := rowsOf(r.Context(), r.Tx(), r.Here(), r.Now())
	if err != nil {
		return web.Part{}, false, err
	}
	view := cardView{Here: r.Here(), Href: r.Path("envelopes")}
	for _, one := range rows {
		if one.Group != "waiting" && len(view.Rows) < 3 {
			view.Rows = append(view.Rows, one)
		}
	}
	return web.Draw("envelopes/_card", view), len(view.Rows) > 0, nil
}

func portalCards(d desk) []module.Card {
	return []module.Card{{ID: "envelopes:open", Title: "Contracts", Side: auth.Portal, Who: see, Order: 45, Path: "envelopes", Draw: portal{d}.card}}
}

// ownParts are the documents that the viewer was asked to sign, and what they did, for the export of their own data.
func ownParts(ctx context.Context, tx bun.Tx, v auth.Viewer) ([]module.Table, error) {
	list, err := partsOf(ctx, tx, v)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	table := module.Table{Name: "contracts", Columns: []string{"document", "role", "asked", "opened", "agreed", "signed", "declined", "reason"}}
	said := func(at time.Time) string {
		if at.IsZero() {
			return ""
		}
		return at.UTC().Format(time.RFC3339)
	}
	for _, p := range list {
		table.Rows = append(table.Rows, []string{
			p.Title, p.Role, said(p.NotifiedAt), said(p.OpenedAt), said(p.ConsentedAt), said(p.SignedAt), said(p.DeclinedAt), p.Reason,
		})
	}
	return []module.Table{table}, nil
}
