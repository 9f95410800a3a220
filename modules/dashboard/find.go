package dashboard

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"portico/platform/auth"
	"portico/platform/module"
	"portico/platform/search"
	"portico/platform/web"
)

// group is what one section found.
type group struct {
	Title string
	Items []hit
}

type hit struct {
	Title, Sub []search.Piece
	Href, Icon string
}

type findView struct {
	*web.Here
	Query  string
	Meant  string // nothing was found with the query; this is near to it and finds something
	Groups []group
	Missed bool // a section did not answer
	Short  bool // nothing was typed yet
}

// find looks for pages and for whatever the sections know, as the viewer may see it.
func (b board) find(r *web.Request) findView {
	query := r.Query("q")
	if runes := []rune(query); len(runes) > longQuery {
		query = string(runes[:longQuery])
	}
	view := findView{Here: r.Here(), Query: query, Short: len(search.Typed(query)) == 0}
	if pages := b.pages(r, query); len(pages) > 0 {
		view.Groups = append(view.Groups, group{r.Say("Pages"), pages})
	}
	if view.Short {
		return view
	}
	if hits := b.ask(r, &view, query); len(hits) > 0 || len(view.Groups) > 0 || view.Missed {
		view.Groups = append(view.Groups, hits...)
		return view
	}
	for _, meant := range b.meant(r, query) {
		if hits := b.ask(r, &view, meant); len(hits) > 0 {
			view.Groups, view.Meant = hits, meant
			break
		}
	}
	return view
}

// pages are the ways of the menu that the viewer may go and whose name has all words that were typed.
func (b board) pages(r *web.Request, query string) (pages []hit) {
	typed := search.Typed(query)
	for _, m := range b.inOrder(r.Viewer().Side) {
		for _, nav := range navOf(m, r.Viewer().Side) {
			if r.Viewer().May(nav.Who) && named(nav.Title+" "+m.Title+" "+r.Say(nav.Title), typed) {
				pages = append(pages, hit{search.Mark(r.Say(nav.Title), typed), nil, b.href(r, m, nav), nav.Icon})
			}
		}
	}
	return pages
}

func navOf(m module.Mounted, side auth.Side) []module.Nav {
	if side == auth.Portal {
		return m.PortalNav
	}
	return m.OfficeNav
}

func (b board) href(r *web.Request, m module.Mounted, nav module.Nav) string {
	if m.ID == r.Here().Module { // this one stands at the start
		return r.Path()
	}
	return strings.TrimSuffix(r.Path(m.ID)+"/"+strings.Trim(nav.Path, "/"), "/")
}

// ask lets every section search, each apart.
func (b board) ask(r *web.Request, view *findView, query string) (groups []group) {
	typed := search.Typed(query)
	for _, m := range b.inOrder(r.Viewer().Side) {
		if m.Search == nil {
			continue
		}
		err := r.Apart(hookTime, func() error {
			hits, err := m.Search(r.Context(), r.Tx(), r.Viewer(), query, hitsAlone)
			if err != nil || len(hits) == 0 {
				return err
			}
			groups = append(groups, grouped(r.Here(), m, hits, typed)...)
			return nil
		})
		if err != nil {
			r.Log().Error("search failed", "module", m.ID, "err", err)
			view.Missed = true
		}
	}
	if len(groups) > 1 { // side by side each is short
		for n, g := range groups {
			groups[n].Items = g.Items[:min(len(g.Items), hitsShown)]
		}
	}
	return groups
}

// meant are searches near to one that found nothing.
func (b board) meant(r *web.Request, query string) (queries []string) {
	err := r.Apart(hookTime, func() (err error) {
		queries, err = search.Corrections(r.Context(), search.Typed(query), func(ctx context.Context, words []string) ([]string, error) {
			var known []string
			for _, m := range b.Catalog().Modules {
				if m.Words == nil {
					continue
				}
				some, err := m.Words(ctx, r.Tx(), r.Viewer(), words)
				if err != nil {
					return nil, err
				}
				known = append(known, some...)
			}
			return known, nil
		})
		return err
	})
	if err != nil { // nothing was promised
		r.Log().Error("correcting a search failed", "err", err)
	}
	return queries
}

// inOrder are the sections as they stand in the menu, so that clients come before what is theirs.
func (b board) inOrder(side auth.Side) []module.Mounted {
	list := slices.Clone(b.Catalog().Modules)
	place := func(m module.Mounted) int {
		nav := navOf(m, side)
		if len(nav) == 0 {
			return 1000
		}
		return nav[0].Order
	}
	slices.SortStableFunc(list, func(a, b module.Mounted) int { return cmp.Compare(place(a), place(b)) })
	return list
}

// grouped puts one section's hits under their headings, in the order in which it gave them.
func grouped(here *web.Here, m module.Mounted, hits []search.Hit, typed []string) (groups []group) {
	at := map[string]int{}
	for _, h := range hits {
		title := cmp.Or(h.Group, m.Title)
		if _, ok := at[title]; !ok {
			at[title] = len(groups)
			groups = append(groups, group{Title: here.Say(title)})
		}
		if g := &groups[at[title]]; len(g.Items) < hitsAlone {
			g.Items = append(g.Items, hit{search.Mark(h.Title, typed), search.Mark(h.Detail, typed), h.Href, cmp.Or(h.Icon, m.Icon)})
		}
	}
	return groups
}

// named reports whether each typed word begins a word of the name.
func named(name string, typed []string) bool {
	words := search.Words(name)
	for _, t := range typed {
		if !slices.ContainsFunc(words, func(w string) bool { return strings.HasPrefix(w, t) }) {
			return false
		}
	}
	return true
}
