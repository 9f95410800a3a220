package users

import (
	"strings"

	"github.com/google/uuid"

	"portico/platform/db/paging"
	"portico/platform/module"
	"portico/platform/web"
)

// office are the pages of the list; there are none on the portal's side.
type office struct{ p module.Platform }

// choice is one of a few.
type choice struct{ Value, Title string }

type indexView struct {
	*web.Here
	Filter          filter
	Sort            string
	Rows            []portalUser
	Page            picked
	States, Portals []choice
	Gate            gate
	MayBar          bool
	Export          string
}

// gate says whether anybody can be invited at all, and where that is switched on.
type gate struct {
	Open  bool
	Setup string // "" for who may not go there
}

func (o office) gate(r *web.Request) gate {
	g := gate{Open: r.Viewer().Firm.PortalOn}
	for _, m := range o.p.Catalog().Modules {
		for _, nav := range m.OfficeNav {
			if m.ID == "setup" && nav.Path == "" && r.Viewer().May(nav.Who) {
				g.Setup = r.Path(m.ID, "portal")
			}
		}
	}
	return g
}

func (o office) index(r *web.Request) error {
	sort, by := orderOf(r.Query("sort"))
	f := filterOf(r.Query("state"), r.Query("portal"), r.Query("q"))
	page, err := f.pick(r.Context(), r.Tx(), r.Viewer(), by, placeFor(r, f, by))
	if err != nil {
		return err
	}
	rows, err := load(r.Context(), r.Tx(), r.Viewer(), page.IDs)
	if err != nil {
		return err
	}
	r.Title("Portal users")
	view := indexView{
		Here: r.Here(), Filter: f, Sort: sort, Rows: rows, Page: page, Gate: o.gate(r), MayBar: r.Viewer().May(barring),
		States:  []choice{{"", "Any state"}},
		Portals: []choice{{"", "Any client"}, {"on", "Client’s portal on"}, {"off", "Client’s portal off"}},
		Export:  r.Path("users", "list.csv") + f.query("sort", r.Query("sort")),
	}
	for _, s := range states {
		view.States = append(view.States, choice{s.Name, s.Text})
		if s.Name == "invited" {
			view.States = append(view.States, choice{doubtful.Name, doubtful.Text})
		}
	}
	return r.Show("users/index", view)
}

// placeFor reads where a page begins: a search that is too wide to sort goes on by its words.
func placeFor(r *web.Request, f filter, by order) paging.Place {
	if f.Query != "" && r.Query("before") == "" {
		return r.Place()
	}
	return by.placeIn(r.Place())
}

// Head is a column's heading that sorts.
func (v indexView) Head(column, title string) web.Head {
	class := ""
	if column == "accepted" || column == "seen" {
		class = "hide-medium"
	}
	return v.Sorts(v.Sort, column, title, class, column == "name")
}

// Counted says how many there are.
func (v indexView) Counted() string {
	switch p := v.Page; {
	case p.ByWord:
		return "Very many match"
	case p.Count < 0:
		return counted(len(v.Rows), "contact", "contacts") + " on this page"
	case p.More:
		return "More than " + counted(p.Count, "contact", "contacts")
	case p.Prev == "" && p.Next == "":
		return counted(p.Count, "contact", "contacts")
	default:
		return thousands(len(v.Rows)) + " of " + counted(p.Count, "contact", "contacts")
	}
}

// Everyone is the label of the box that ticks more than the page shows; "" when the page shows all.
func (v indexView) Everyone() string {
	switch p := v.Page; {
	case p.Prev == "" && p.Next == "":
		return ""
	case p.Count < 0 || p.More:
		return "All that match, on every page"
	default:
		return "All " + thousands(p.Count) + " that match, on every page"
	}
}

// Prev and Next are the neighbouring pages.
func (v indexView) Prev() string { return v.Turned(v.Page.Turns).Prev }
func (v indexView) Next() string { return v.Turned(v.Page.Turns).Next }

// Home is the contact's own page.
func (v indexView) Home(u portalUser) string { return contactPath(v.Here, u.ClientID, u.ID) }

func contactPath(here *web.Here, client, contact uuid.UUID) string {
	return here.Path("clients", client, "contacts", contact)
}

// crumbs lead back to the list.
func crumbs(here *web.Here, more ...web.NavItem) []web.NavItem {
	return append([]web.NavItem{{Title: "Portal users", Href: here.Path("users")}}, more...)
}

// harmless keeps a spreadsheet from running what somebody typed as a formula.
func harmless(cell string) string {
	if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
		return "'" + cell
	}
	return cell
}
