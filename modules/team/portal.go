package team

import (
	"portico/platform/module"
	"portico/platform/web"
)

// section is the switch that opens the pages here.
const section = "team"

type portal struct{ module.Platform }

type teamView struct {
	*web.Here
	Mates []mate
	More  int // who is not among them
}

func (p portal) load(r *web.Request) (teamView, error) {
	all, err := visible(r.Context(), r.Tx(), r.Viewer())
	view := teamView{Here: r.Here(), Mates: mates(all, len(r.Viewer().ProjectIDs(section)) > 1)}
	for i := range view.Mates {
		if m := &view.Mates[i]; m.Reachable {
			m.Talk = p.Catalog().Talk(r.Viewer(), "team", m.PersonID)
		}
	}
	return view, err
}

// index is everybody who works on the projects in view.
func (p portal) index(r *web.Request) error {
	r.Title("Your team")
	view, err := p.load(r)
	if err != nil {
		return err
	}
	return r.Show("team/index", view)
}

const matesOnCard = 3

// mates is the card of the first page.
func (p portal) mates(r *web.Request) (part web.Part, ok bool, err error) {
	view, err := p.load(r)
	if err != nil || len(view.Mates) == 0 {
		return part, false, err
	}
	if view.More = max(0, len(view.Mates)-matesOnCard); view.More > 0 {
		view.Mates = view.Mates[:matesOnCard]
	}
	return web.Draw("team/_mates", view), true, nil
}
