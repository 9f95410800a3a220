package dashboard

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"portico/platform/module"
	"portico/platform/search"
	"portico/platform/web"
)

const (
	hitsShown = 6                      // under one heading
	hitsAlone = 15                     // under the only heading
	hookTime  = 400 * time.Millisecond // for one section's answer
	longQuery = 100
)

// group is what one section found.
type group struct {
	Title string
	Items []found
}

type found struct{ Title, Sub, Href, Icon string }

type paletteView struct {
	*web.Here
	Query  string
	Groups []group
	Missed bool // a section did not answer
}

// palette finds pages and whatever the sections know: the list alone for the palette's script, else a page to search on.
func (o office) palette(r *web.Request) error {
	r.Title("Search")
	query := r.Query("q")
	if runes := []rune(query); len(runes) > longQuery {
		query = string(runes[:longQuery])
	}
	view := paletteView{Here: r.Here(), Query: query}
	if pages := o.pages(r, query); len(pages) > 0 {
		view.Groups = append(view.Groups, group{"Pages", pages})
	}
	o.ask(r, &view)
	if r.IsPart() {
		return r.Parts(web.Draw("_palette", view))
	}
	return r.Show("dashboard/palette", view)
}

// pages are the ways of the menu that the viewer may go and whose name has all words that were typed.
func (o office) pages(r *web.Request, query string) (pages []found) {
	typed := search.Typed(query)
	for _, m := range o.Catalog().Modules {
		for _, nav := range m.OfficeNav {
			if r.Viewer().May(nav.Who) && named(nav.Title+" "+m.Title, typed) {
				pages = append(pages, found{nav.Title, "", o.href(r, m, nav), nav.Icon})
			}
		}
	}
	return pages
}

func (o office) href(r *web.Request, m module.Mounted, nav module.Nav) string {
	if m.ID == r.Here().Module { // this one stands at the start
		return r.Path()
	}
	return strings.TrimSuffix(r.Path(m.ID)+"/"+strings.Trim(nav.Path, "/"), "/")
}

// ask lets every section search, each apart.
func (o office) ask(r *web.Request, view *paletteView) {
	if len(search.Typed(view.Query)) == 0 {
		return
	}
	began := len(view.Groups)
	for _, m := range o.inOrder() {
		if m.Search == nil {
			continue
		}
		err := r.Apart(hookTime, func() error {
			hits, err := m.Search(r.Context(), r.Tx(), r.Viewer(), view.Query, hitsAlone)
			if err != nil || len(hits) == 0 {
				return err
			}
			view.Groups = append(view.Groups, grouped(m, hits)...)
			return nil
		})
		if err != nil {
			r.Log().Error("search failed", "module", m.ID, "err", err)
			view.Missed = true
		}
	}
	if found := view.Groups[began:]; len(found) > 1 { // side by side each is short
		for n, g := range found {
			found[n].Items = g.Items[:min(len(g.Items), hitsShown)]
		}
	}
}

// inOrder are the sections as they stand in the menu, so that clients come before what is theirs.
func (o office) inOrder() []module.Mounted {
	list := slices.Clone(o.Catalog().Modules)
	place := func(m module.Mounted) int {
		if len(m.OfficeNav) == 0 {
			return 1000
		}
		return m.OfficeNav[0].Order
	}
	slices.SortStableFunc(list, func(a, b module.Mounted) int { return cmp.Compare(place(a), place(b)) })
	return list
}

// grouped puts one section's hits under their headings, in the order in which it gave them.
func grouped(m module.Mounted, hits []search.Hit) (groups []group) {
	at := map[string]int{}
	for _, h := range hits {
		title := cmp.Or(h.Group, m.Title)
		if _, ok := at[title]; !ok {
			at[title] = len(groups)
			groups = append(groups, group{Title: title})
		}
		if g := &groups[at[title]]; len(g.Items) < hitsAlone {
			g.Items = append(g.Items, found{h.Title, h.Detail, h.Href, cmp.Or(h.Icon, m.Icon)})
		}
	}
	return groups
}

// named reports whether each typed word begins a word of the name.
func named(name string, typed []string) bool {
	words := search.Words(name)
	for _, t := range typed {
		begins := false
		for _, w := range words {
			begins = begins || strings.HasPrefix(w, t)
		}
		if !begins {
			return false
		}
	}
	return true
}
