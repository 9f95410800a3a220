package documents

import (
	"time"

	"github.com/google/uuid"

	"portico/platform/auth"
	"portico/platform/lang"
	"portico/platform/web"
)

// place is where files lie: a folder, the top of a project, or the top of a client.
type place struct {
	ID         uuid.UUID
	Kind       string // folder, project, client
	Name       string
	ClientID   uuid.UUID
	ClientName string
	ProjectID  uuid.UUID
	Project    string
	ParentID   uuid.UUID
	PlaceID    uuid.UUID   // what it lies in
	Chain      []uuid.UUID `bun:",array"`
	Shared     bool        // a folder: itself; the top is always open
	Version    int
	Archived   bool   // the client
	Above      []step `bun:"-"` // folders on the way, topmost first, without itself
}

// step is a folder on the way.
type step struct {
	ID     uuid.UUID
	Name   string
	Shared bool
}

// Folder reports whether it is one.
func (p place) Folder() bool { return p.Kind == "folder" }

// Open reports whether clients see what is shared in it.
func (p place) Open() bool {
	for _, s := range p.Above {
		if !s.Shared {
			return false
		}
	}
	return !p.Folder() || p.Shared
}

// shut is the folder above that hides it; "" when none does.
func (p place) shut() string {
	for _, s := range p.Above {
		if !s.Shared {
			return s.Name
		}
	}
	return ""
}

// path is its page's address.
func (p place) path(here *web.Here) string { return placePath(here, p.Kind, p.ID) }

// Path is path, for templates.
func (p place) Path(here *web.Here) string { return p.path(here) }

func placePath(here *web.Here, kind string, id uuid.UUID) string {
	switch kind {
	case "folder":
		return here.Path("documents", "folders", id)
	case "project":
		if v := here.Viewer; v.Side == auth.Portal && v.Scope != nil {
			return here.Path("documents")
		}
		return here.Path("documents", "projects", id)
	}
	if here.Viewer.Side == auth.Portal {
		return here.Path("documents")
	}
	return here.Path("documents", "clients", id)
}

// Folder is one in a list.
type Folder struct {
	ID, ClientID, ProjectID, PlaceID uuid.UUID
	Name                             string
	Shared                           bool
	Version                          int
	Files                            int // in it, as far as the viewer sees; up to few
	TrashedAt                        time.Time
	TrashedBy                        string
	Kind                             string // "project": the top of one
}

// CountText says how much is in it.
func (f Folder) CountText() lang.Message {
	switch {
	case f.Files == 0:
		return lang.Message{}
	case f.Files >= mostCounted:
		return lang.M("%s+ files", mostCounted)
	}
	return lang.N(f.Files, "%s file", "%s files")
}

// trail are the crumbs that lead to a place, or to something in it.
func trail(here *web.Here, p place, last string) []web.NavItem {
	var items []web.NavItem
	v := here.Viewer
	if v.Side == auth.Office {
		start := web.NavItem{Title: here.Say("Documents"), Href: here.Path("documents")}
		if !p.Folder() && last == "" { // a tab of a client's or project's page
			start = web.NavItem{Title: "Clients", Href: here.Path("clients")}
		}
		items = append(items, start, web.NavItem{Title: p.ClientName, Href: placePath(here, "client", p.ClientID)})
	} else {
		items = append(items, web.NavItem{Title: here.Say("Documents"), Href: here.Path("documents")})
	}
	if p.ProjectID != uuid.Nil && (v.Side == auth.Office || v.Scope == nil) {
		items = append(items, web.NavItem{Title: p.Project, Href: placePath(here, "project", p.ProjectID)})
	}
	for _, s := range p.Above {
		items = append(items, web.NavItem{Title: s.Name, Href: placePath(here, "folder", s.ID)})
	}
	if p.Folder() {
		items = append(items, web.NavItem{Title: p.Name, Href: p.path(here)})
	}
	if last != "" {
		return append(items, web.NavItem{Title: last})
	}
	items[len(items)-1].Href = ""
	return items
}

// back is the page of what a place lies in; "" at the start.
func back(here *web.Here, p place) string {
	items := trail(here, p, "")
	if len(items) < 2 {
		return ""
	}
	return items[len(items)-2].Href
}
