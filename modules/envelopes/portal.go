package envelopes

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"portico/platform/auth"
	"portico/platform/db/paging"
	"portico/platform/fault"
	"portico/platform/web"
)

type portal struct{ desk }

func portalRoutes(d desk) []web.Route {
	on := portal{d}
	t := table{d, on.sit}
	routes := append([]web.Route{web.Get("/", see, on.index)}, t.routes("/:envelope", see, sign)...)
	return append(routes, t.handoverRoutes("/:envelope", sign)...)
}

// sit is the place of the contact who is signed in.
func (p portal) sit(r *web.Request) (seat, error) {
	one, err := r.ID("envelope")
	if err != nil {
		return seat{}, err
	}
	v := r.Viewer()
	e, err := byID(r.Context(), r.Tx(), v, one)
	if err != nil {
		return seat{}, err
	}
	me, ok := e.own(ownedBy(v), r.Now())
	if !ok {
		return seat{}, fault.NotFound()
	}
	return seat{Envelope: e, Me: me, Way: byPortal, At: r.Path("envelopes", e.ID), Proved: v.Confirmed(r.Now()) == nil, viewer: v}, nil
}

func ownedBy(v auth.Viewer) func(Recipient) bool {
	return func(one Recipient) bool { return one.ContactID == v.ContactID && one.ContactID != uuid.Nil }
}

// row is an envelope in a contact's list.
type row struct {
	Envelope
	Group  string // waiting, open, done
	Mood   mood
	Title  string
	State  string
	Kind   string
	Until  time.Time
	Href   string
	Signed int
	Of     int
}

// The groups of the list, in their order.
var groups = []struct{ id, title string }{{"waiting", "Waiting for you"}, {"open", "Under way"}, {"done", "Done"}}

type portalView struct {
	*web.Here
	Filters  []web.NavItem
	Projects []web.NavItem // to choose from, where all are in view
	State    string
	Groups   []portalGroup
	Narrowed bool
	paging.Turns
}

type portalGroup struct {
	Title string
	Rows  []row
}

const pageRows = 50

// index are the documents that concern the viewer: what waits for them first.
func (p portal) index(r *web.Request) error {
	r.Title("Contracts")
	rows, err := rowsOf(r.Context(), r.Tx(), r.Here(), r.Now())
	if err != nil {
		return err
	}
	view := portalView{Here: r.Here(), State: r.Query("state")}
	project := r.Query("project")
	for _, g := range append([]struct{ id, title string }{{"", "All"}}, groups...) {
		view.Filters = append(view.Filters, web.NavItem{Title: r.Say(g.title), Href: r.Here().With("state", g.id), Current: g.id == view.State})
	}
	view.Projects = projectsOf(r.Here(), rows, project)
	rows = slices.DeleteFunc(rows, func(one row) bool {
		return view.State != "" && one.Group != view.State || project != "" && one.ProjectKey != project
	})
	view.Narrowed = view.State != "" || project != ""
	rows, turns := paging.Slice(rows, pageRows, r.Place(), func(one row) paging.Cursor { return paging.Cursor{ID: one.ID} })
	view.Turns = r.Here().Turned(turns)
	for _, g := range groups {
		group := portalGroup{Title: r.Say(g.title)}
		for _, one := range rows {
			if one.Group == g.id {
				group.Rows = append(group.Rows, one)
			}
		}
		if len(group.Rows) > 0 {
			view.Groups = append(view.Groups, group)
		}
	}
	return r.Show("envelopes/portal", view)
}

// projectsOf are the projects of which there is something, when there are several in view.
func projectsOf(here *web.Here, rows []row, chosen string) []web.NavItem {
	var items []web.NavItem
	seen := map[string]bool{}
	for _, one := range rows {
		if one.ProjectKey == "" || seen[one.ProjectKey] {
			continue
		}
		seen[one.ProjectKey] = true
		items = append(items, web.NavItem{Title: one.ProjectName, Href: one.ProjectKey, Current: one.ProjectKey == chosen})
	}
	if here.Viewer.Scope != nil || len(items) < 2 && chosen == "" {
		return nil
	}
	return items
}
