package dashboard

import (
	"context"
	"html/template"
	"strings"
	"time"

	"portico/platform/fault"
	"portico/platform/module"
	"portico/platform/web"
)

const (
	cardTime  = time.Second     // for one card while the page waits
	pageTime  = 3 * time.Second // for all of them together
	aloneTime = 3 * time.Second // for one that is fetched by itself
)

// board draws cards, whosever they are.
type board struct{ module.Platform }

// panel is a card as far as it got.
type panel struct {
	ID, Title string
	Body      template.HTML
	Href      string // where it is fetched by itself
	More      string // what stands behind it
	Wide      bool
	Place     int  // among all of the page, from 1
	Late      bool // it did not come in time, or broke
	Again     bool // and fetches itself once more
}

// Anchor is its id in the page.
func (p panel) Anchor() string { return "card-" + strings.ReplaceAll(p.ID, ":", "-") }

// panels draws all cards that the viewer may see, each apart: what fails or is slow leaves a quiet place that asks again.
func (b board) panels(r *web.Request) []panel {
	page, cancel := context.WithTimeout(r.Context(), pageTime)
	defer cancel()
	var drawn []panel
	for _, card := range b.Catalog().Cards(r.Viewer()) {
		p, ok := panel{}, true
		if page.Err() != nil {
			p = b.frame(r, card)
			p.Late = true
		} else {
			p, ok = b.draw(r, card, cardTime)
		}
		if ok {
			p.Again, p.Place = p.Late, len(drawn)+1
			drawn = append(drawn, p)
		}
	}
	return drawn
}

// draw is one card; ok is false when it has nothing to show.
func (b board) draw(r *web.Request, card module.Card, within time.Duration) (p panel, ok bool) {
	p = b.frame(r, card)
	err := r.Apart(within, func() error {
		part, something, err := card.Draw(r)
		if err != nil || !something {
			return err
		}
		ok = true
		p.Body, err = r.Drawn(part)
		return err
	})
	if fault.Is(err, fault.Missing) {
		return p, false
	}
	if err != nil {
		r.Log().Error("card failed", "card", card.ID, "err", err)
		p.Body, p.Late, ok = "", true, true
	}
	return p, ok
}

func (b board) frame(r *web.Request, card module.Card) panel {
	p := panel{ID: card.ID, Title: r.Say(card.Title), Wide: card.Wide, Href: r.Path("cards", card.ID)}
	if card.Path != "" {
		p.More = r.Path() + "/" + card.Path
	}
	return p
}

type cardView struct {
	*web.Here
	Panel panel
}

// card answers with one card by itself: to a script the card, or nothing when it has nothing to show; to a plain
// browser a page with it.
func (b board) card(r *web.Request) error {
	for _, card := range b.Catalog().Cards(r.Viewer()) {
		if card.ID != r.Param("card") {
			continue
		}
		p, ok := b.draw(r, card, aloneTime)
		switch {
		case r.IsPart() && !ok:
			return r.Parts()
		case r.IsPart():
			return r.Parts(web.Draw("dashboard/_card", p))
		}
		r.Title(card.Title)
		return r.Show("dashboard/card", cardView{r.Here(), p})
	}
	return fault.NotFound()
}

// columns parts the panels into what stands in the middle and what stands at the side.
func columns(all []panel) (main, side []panel) {
	for _, p := range all {
		if p.Wide {
			main = append(main, p)
		} else {
			side = append(side, p)
		}
	}
	return main, side
}
