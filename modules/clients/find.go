package clients

import (
	"context"

	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/db/paging"
	"portico/platform/module"
	"portico/platform/search"
	"portico/platform/web"
)

// find answers the palette of the office: clients by their own words and their contacts', and projects.
func find(ctx context.Context, tx bun.Tx, v auth.Viewer, query string, limit int) ([]search.Hit, error) {
	if !v.May(see) || len(search.Typed(query)) == 0 {
		return nil, nil
	}
	page, err := clientFilter{}.listing().pick(ctx, tx, v, query, sorts["name"], paging.Place{})
	if err != nil {
		return nil, err
	}
	rows, err := clientRows(ctx, tx, v, page.IDs[:min(len(page.IDs), limit)])
	if err != nil {
		return nil, err
	}
	var hits []search.Hit
	for _, c := range rows {
		hits = append(hits, search.Hit{Title: c.Name, Detail: c.ContactName, Icon: "users", Href: at("")(c.ID.String())})
	}
	people, err := findContacts(ctx, tx, v, page.IDs, search.Typed(query), limit)
	if err != nil {
		return nil, err
	}
	for _, c := range people {
		hits = append(hits, search.Hit{Title: c.Name, Detail: c.ClientName, Icon: "user", Href: at("/contacts")(c.ClientID.String()), Group: "Contacts"})
	}
	page, err = projectFilter{}.listing().pick(ctx, tx, v, query, sorts["name"], paging.Place{})
	if err != nil {
		return nil, err
	}
	projects, err := projectRows(ctx, tx, v, page.IDs[:min(len(page.IDs), limit)])
	for _, p := range projects {
		hits = append(hits, search.Hit{Title: p.Name, Detail: p.ClientName, Icon: "hammer", Href: atProject("")(p.ID.String()), Group: "Projects"})
	}
	return hits, err
}

// wordsKnown are those that the search knows, to correct what was typed.
func wordsKnown(ctx context.Context, tx bun.Tx, v auth.Viewer, words []string) ([]string, error) {
	ofClients, err := search.Known(ctx, tx, v.FirmID(), "client_word", words)
	if err != nil {
		return nil, err
	}
	ofProjects, err := search.Known(ctx, tx, v.FirmID(), "project_word", words)
	return append(ofClients, ofProjects...), err
}

type cardRow struct{ Title, Detail, Href string }

type cardView struct {
	*web.Here
	Rows []cardRow
}

func (o office) cards() []module.Card {
	return []module.Card{
		{ID: "clients:to_invite", Title: "Clients to invite", Side: auth.Office, Who: see, Order: 40, Draw: o.toInvite},
		{ID: "clients:new", Title: "New this week", Side: auth.Office, Who: see, Order: 50, Path: "clients", Draw: o.newClients},
	}
}

const cardRows = 6

// toInvite are portal users whose portal is on and whom nobody has invited.
func (o office) toInvite(r *web.Request) (web.Part, bool, error) {
	contacts, err := uninvited(r.Context(), r.Tx(), r.Viewer(), cardRows)
	view := cardView{Here: r.Here()}
	for _, c := range contacts {
		view.Rows = append(view.Rows, cardRow{c.Name, c.ClientName, at("/contacts")(c.ClientID.String())})
	}
	return web.Draw("clients/_card_rows", view), len(view.Rows) > 0, err
}

func (o office) newClients(r *web.Request) (web.Part, bool, error) {
	clients, err := addedSince(r.Context(), r.Tx(), r.Viewer(), r.Now().AddDate(0, 0, -7), cardRows)
	view := cardView{Here: r.Here()}
	for _, c := range clients {
		view.Rows = append(view.Rows, cardRow{c.Name, "Added " + r.Here().Ago(c.CreatedAt), at("")(c.ID.String())})
	}
	return web.Draw("clients/_card_rows", view), len(view.Rows) > 0, err
}
