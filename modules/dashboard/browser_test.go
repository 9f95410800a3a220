package dashboard_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/uptrace/bun"

	"portico/modules/dashboard"
	"portico/platform/auth"
	"portico/platform/module"
	"portico/platform/portaltest"
	"portico/platform/search"
	"portico/platform/web"
)

func TestTheFirstPageInARealBrowser(t *testing.T) {
	var tries atomic.Int32 // cards are drawn by the server's goroutines
	site := portaltest.Open(t, dashboard.Module, rough{
		cards: []module.Card{{ID: "rough:shy", Title: "A shy card", Side: auth.Portal, Who: seeRough, Order: 25, Draw: func(*web.Request) (web.Part, bool, error) {
			if tries.Add(1) < 3 {
				return web.Part{}, false, errors.New("not yet")
			}
			return web.Draw("rough/_word", "here I am"), true, nil
		}}},
	}.module())
	ana := site.Chrome(t, "ana", 360, false).Open("/portal/all")
	ana.Sees(t, "This part takes longer than usual").Fits(t).Axe(t)
	ana.Until("the card has asked again, in vain", `document.body.innerText.includes("This part does not answer right now")`)
	ana.Press("Try again").Until("the card is there", `document.body.innerText.includes("here I am")`)
	site.Chrome(t, "grace", 1280, true).Open("/portal/all").Sees(t, "Everything is finished").Fits(t).Axe(t)
}

func TestThePaletteByKeyboard(t *testing.T) {
	site := portaltest.Open(t, dashboard.Module, rough{search: func(_ context.Context, _ bun.Tx, _ auth.Viewer, query string, _ int) ([]search.Hit, error) {
		return []search.Hit{{Title: "Found " + query, Detail: "somewhere", Href: "/office/palette?q=" + query}}, nil
	}}.module())
	maria := site.Chrome(t, "maria", 1280, true).Open("/office").Fits(t).Axe(t)
	maria.Run(chromedp.KeyEvent("k", chromedp.KeyModifiers(input.ModifierCtrl))).Until("the palette is open", `document.querySelector("dialog.palette[open] [role=option]")`)
	maria.Keys("tiles").Until("the section has answered", `document.querySelector(".palette-list").innerText.includes("Found tiles")`).Axe(t)
	maria.Keys(kb.Enter).Until("the hit is open", `location.search === "?q=tiles"`).Sees(t, "somewhere")
	site.Chrome(t, "ben", 360, false).Open("/office/palette?q=tiles").Sees(t, "Found tiles").Fits(t).Axe(t)
}
