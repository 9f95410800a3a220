package users

import (
	"context"

	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/db/paging"
	"portico/platform/search"
	"portico/platform/web"
)

// places are the pages here with the words by which people look for them.
var places = []struct{ Title, Words, Icon, Page string }{
	{"Portal users", "portal users invitations invited accepted access sessions bounced disabled", "user-check", ""},
	{"Sendings of invitations", "sendings sending invitations bulk campaign progress invite many", "send", "/sendings"},
}

// find answers the palette. The contacts themselves are found among the clients.
func find(_ context.Context, _ bun.Tx, v auth.Viewer, query string, limit int) ([]search.Hit, error) {
	typed := search.Typed(query)
	if !v.May(see) || len(typed) == 0 {
		return nil, nil
	}
	var hits []search.Hit
	for _, p := range places {
		if meant(typed, p.Words, "", "", "") && len(hits) < limit {
			hits = append(hits, search.Hit{Title: p.Title, Icon: p.Icon, Href: "/office/users" + p.Page})
		}
	}
	return hits, nil
}

type cardView struct {
	*web.Here
	Rows []portalUser
	More string // how many others
	All  string
}

const cardRows = 4

// bounced are portal users whose mail came back, the latest first: they wait for an address that works.
func (o office) bounced(r *web.Request) (web.Part, bool, error) { return o.inState(r, "bounced") }

// unsure are those of whose invitation nobody knows whether it went out: somebody has to ask, or to send it again.
func (o office) unsure(r *web.Request) (web.Part, bool, error) { return o.inState(r, perhaps) }

func (o office) inState(r *web.Request, state string) (web.Part, bool, error) {
	f := filter{State: state}
	page, err := f.pick(r.Context(), r.Tx(), r.Viewer(), order{"invited", true}, paging.Place{})
	if err != nil || len(page.IDs) == 0 {
		return web.Part{}, false, err
	}
	rows, err := load(r.Context(), r.Tx(), r.Viewer(), page.IDs[:min(len(page.IDs), cardRows)])
	view := cardView{Here: r.Here(), Rows: rows, All: r.Path("users") + f.query()}
	if rest := page.Count - len(rows); rest > 0 {
		view.More = "and " + counted(rest, "other", "others")
	}
	return web.Draw("users/_card", view), true, err
}

// Home is the contact's own page.
func (v cardView) Home(u portalUser) string { return contactPath(v.Here, u.ClientID, u.ID) }
