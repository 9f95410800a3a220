package dashboard

import (
	"time"

	"portico/platform/auth"
	"portico/platform/web"
)

const (
	hitsShown = 6                      // under one heading
	hitsAlone = 15                     // under the only heading
	hookTime  = 400 * time.Millisecond // for one section's answer
	longQuery = 100
)

// palette is the search of staff: the list alone for the palette's script, else a page to search on.
func (o office) palette(r *web.Request) error { return o.search(r, "palette") }

// search is the same for clients: over what they may see.
func (p portal) search(r *web.Request) error { return p.board.search(r, "search") }

func (b board) search(r *web.Request, page string) error {
	r.Title("Search")
	view := searchView{b.find(r), r.Path(page)}
	if r.IsPart() {
		return r.Parts(web.Draw("_palette", view))
	}
	return r.Show("dashboard/palette", view)
}

type searchView struct {
	findView
	Action string // the page itself
}

// Asks says over what is searched.
func (v searchView) Asks() string {
	if v.Viewer.Side == auth.Portal {
		return v.Say("Search everything")
	}
	return "Search clients, contacts, projects and pages"
}

// Advice helps where nothing was found.
func (v searchView) Advice() string {
	if v.Viewer.Side == auth.Portal {
		return "Try the beginning of a name, a number or a word of the title."
	}
	return "Try the beginning of a name, an address or the last four digits of a phone number."
}
