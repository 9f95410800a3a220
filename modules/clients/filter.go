package clients

import (
	"github.com/google/uuid"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/schema"
)

// clientFilter is what a list of clients can be narrowed to.
type clientFilter struct {
	Archived bool
	Portal   string // "", on, off
	Kind     string // "", household, company
}

func clientFilterOf(state, portal, kind string) clientFilter {
	f := clientFilter{Archived: state == "archived"}
	if portal == "on" || portal == "off" {
		f.Portal = portal
	}
	if kind == "household" || kind == "company" {
		f.Kind = kind
	}
	return f
}

// listing says which stretches of the indexes the filter means.
func (f clientFilter) listing() listing {
	state := bun.Safe("t.archived_at is null")
	if f.Archived {
		state = "t.archived_at is not null"
	}
	portals, kinds := []bool{false, true}, []string{"company", "household"}
	if f.Portal != "" {
		portals = []bool{f.Portal == "on"}
	}
	if f.Kind != "" {
		kinds = []string{f.Kind}
	}
	l := listing{
		Table: "client", Words: "client_word", Column: "client_id",
		Filter: bun.SafeQuery("(? and t.portal_on in (?) and t.kind in (?))", state, bun.List(portals), bun.List(kinds)),
	}
	for _, portal := range portals {
		for _, kind := range kinds {
			l.Stretches = append(l.Stretches, bun.SafeQuery("(? and t.portal_on = ? and t.kind = ?)", state, portal, kind))
		}
	}
	return l
}

// projectFilter is what a list of projects can be narrowed to.
type projectFilter struct {
	Status string    // "": all but archived ones
	Client uuid.UUID // Nil: of all clients
}

func projectFilterOf(status string, client uuid.UUID) projectFilter {
	if !isStatus(status) && status != "all" {
		status = ""
	}
	return projectFilter{status, client}
}

func (f projectFilter) listing() listing {
	wanted := []string{planned, active, completed}
	switch {
	case f.Status == "all":
		wanted = statuses
	case f.Status != "":
		wanted = []string{f.Status}
	}
	of := schema.QueryAppender(bun.Safe("true"))
	if f.Client != uuid.Nil {
		of = bun.SafeQuery("t.client_id = ?", f.Client)
	}
	l := listing{
		Table: "project", Words: "project_word", Column: "project_id",
		Filter: bun.SafeQuery("(t.status in (?) and ?)", bun.List(wanted), of),
	}
	for _, status := range wanted {
		l.Stretches = append(l.Stretches, bun.SafeQuery("(t.status = ? and ?)", status, of))
	}
	return l
}
