package envelopes_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"portico/modules/envelopes"
	"portico/platform/portaltest"
)

// TestFieldsArePlacedByDraggingAndByKeys puts fields onto the pages of a PDF: at a desk with the mouse and the keyboard, on
// a phone with a finger.
func TestFieldsArePlacedByDraggingAndByKeys(t *testing.T) {
	if testing.Short() {
		t.Skip("a real browser is not a unit test")
	}
	portaltest.Chromium(t)
	site := portaltest.Open(t, envelopes.Module)
	who := site.As("ben")
	who.Open("/office/envelopes/new?project="+projectOf(t, site, "maple-street")).
		Tick("A PDF of yours").Choose("What it is", "Change order").Fill("Title", "Wider pantry door").Attach("PDF", "door.pdf", pdf(t, "Door")).Press("Go on")
	who.Fill("Contract sum, price of the change, or deposit", "480").Press("Save and go on").
		Press("Add a person").Choose("Who (2)", "Tom Rivera (tom.rivera@example.com)").Press("Save and go on")
	envelope := envelopeOf(t, site, "Wider pantry door")
	fields := func() string {
		return value(t, site, `
			select coalesce(string_agg(split_part(r.name, ' ', 1) || ' ' || f.kind || ' ' || f.page || ' ' || f.x || ' ' || f.y || ' ' || f.w || ' ' || f.h, '; ' order by f.page, f.y, f.x), '')
			from envelopes.field f join envelopes.recipient r on r.firm_id = f.firm_id and r.id = f.recipient_id where f.envelope_id = ?`, envelope)
	}
	saved := func(tab *portaltest.Tab) {
		t.Helper()
		tab.Until("it is saved", `document.querySelector("[data-place-state]").textContent.startsWith("Saved.")`)
	}
	point := func(tab *portaltest.Tab, css string, x, y float64) (at [2]float64) {
		t.Helper()
		tab.Eval(fmt.Sprintf(`(() => { const r = document.querySelector(%q).getBoundingClientRect(); return [r.left + r.width * %g, r.top + r.height * %g]; })()`, css, x, y), &at)
		return at
	}
	mouse := func(tab *portaltest.Tab, from, to [2]float64) {
		t.Helper()
		tab.Run(chromedp.MouseEvent(input.MousePressed, from[0], from[1], chromedp.ButtonLeft),
			chromedp.MouseEvent(input.MouseMoved, (from[0]+to[0])/2, (from[1]+to[1])/2, chromedp.ButtonLeft),
			chromedp.MouseEvent(input.MouseMoved, to[0], to[1], chromedp.ButtonLeft),
			chromedp.MouseEvent(input.MouseReleased, to[0], to[1], chromedp.ButtonLeft))
	}

	desk := site.Chrome(t, "ben", 1280, false).Open("/office/envelopes/"+envelope+"/fields").Until("the pages are drawn", `document.querySelector(".envelopes-place.live canvas[data-drawn]") !== null`)
	mouse(desk, point(desk, `[data-place-kind="signature"]`, .5, .5), point(desk, `.envelopes-place-sheet`, .5, .3))
	saved(desk)
	if got := fields(); !strings.HasPrefix(got, "Ana signature 1 3") {
		t.Fatalf("dragged: %s", got)
	}
	// it is moved by a drag, then by keys, resized, removed, and there again
	mouse(desk, point(desk, `.envelopes-place-mark`, .4, .5), point(desk, `.envelopes-place-sheet`, .3, .4))
	saved(desk)
	var before, after [4]int
	var kind, name string
	var page int
	read := func(into *[4]int) {
		t.Helper()
		if _, err := fmt.Sscan(fields(), &name, &kind, &page, &into[0], &into[1], &into[2], &into[3]); err != nil {
			t.Fatalf("%q: %v", fields(), err)
		}
	}
	read(&before)
	if before[0] > 2600 || before[1] < 3000 {
		t.Errorf("moved to %v", before)
	}
	desk.Keys(kb.ArrowRight).Keys(kb.ArrowRight).Keys(kb.ArrowUp).Run(chromedp.KeyEvent(kb.ArrowRight, chromedp.KeyModifiers(input.ModifierShift)))
	saved(desk)
	read(&after)
	if after != [4]int{before[0] + 100, before[1] - 50, before[2] + 50, before[3]} {
		t.Errorf("by keys from %v to %v", before, after)
	}
	desk.Keys(kb.Delete)
	saved(desk)
	if got := fields(); got != "" {
		t.Errorf("removed: %s", got)
	}
	desk.Run(chromedp.KeyEvent("z", chromedp.KeyModifiers(input.ModifierCtrl)))
	saved(desk)
	read(&before)
	if before != after {
		t.Errorf("undone: %v", before)
	}
	// with the keyboard alone: whom it is for, what it is, on which page
	desk.Run(chromedp.Focus(`[data-color="1"]`)).Keys(kb.ArrowDown).Run(chromedp.Focus(`[data-place-kind="signature"]`)).Keys(kb.Enter)
	desk.Until("it has the focus", `document.activeElement.matches(".envelopes-place-mark.chosen")`).Keys(kb.PageDown)
	saved(desk)
	if got := fields(); !strings.Contains(got, "; Tom signature 2 ") {
		t.Errorf("by keys: %s", got)
	}
	desk.Fits(t).Axe(t)

	// on a phone a finger does the same, and what was placed is there
	phone := site.Chrome(t, "ben", 360, false).Run(emulation.SetTouchEmulationEnabled(true)).Open("/office/envelopes/"+envelope+"/fields").Until("the pages are drawn", `document.querySelector(".envelopes-place.live canvas[data-drawn]") !== null`)
	phone.Eval(`document.querySelector('[data-place-kind="date"]').click()`, nil)
	saved(phone)
	phone.Eval(`document.querySelector(".envelopes-place-mark.chosen").scrollIntoView({ block: "center", behavior: "instant" })`, nil)
	from := point(phone, `.envelopes-place-mark.chosen`, .5, .5)
	touch := func(kind input.TouchType, points ...*input.TouchPoint) chromedp.Action {
		return input.DispatchTouchEvent(kind, append([]*input.TouchPoint{}, points...))
	}
	was := fields()
	phone.Run(touch(input.TouchStart, &input.TouchPoint{X: from[0], Y: from[1]}), touch(input.TouchMove, &input.TouchPoint{X: from[0] + 20, Y: from[1] - 20}),
		touch(input.TouchMove, &input.TouchPoint{X: from[0] + 40, Y: from[1] - 60}), touch(input.TouchEnd))
	saved(phone)
	phone.Until("it was sent", `!document.querySelector("[data-place-state]").textContent.startsWith("Saving")`)
	if got := fields(); got == was || !strings.Contains(got, "Ana date ") {
		t.Errorf("by finger: %s", got)
	}
	phone.Fits(t).Axe(t)

	// somebody else has changed it meanwhile: that is said, and nothing is lost on either side
	desk.Run(chromedp.Focus(".envelopes-place-mark")).Keys(kb.ArrowLeft)
	desk.Forgive("409").Until("it says so", `document.querySelector("[data-place-state].late")?.textContent.includes("changed meanwhile")`)
	who.Open("/office/envelopes/"+envelope).Sees(t, "Everything is there.")

	// an open page follows what happens, and keeps its pages
	who.Follow("Send change order").Press("Send change order")
	site.Settle(t)
	phone.Open("/office/envelopes/"+envelope).Until("the pages are drawn", `document.querySelector("[data-pdf] canvas[data-drawn]") !== null`)
	who.Open("/office/envelopes/" + envelope).Follow("More time for Ana Rivera").Press("Give time")
	phone.Until("it is told", `document.querySelector("#envelope-side").innerText.includes("Given more time: Ana Rivera")`)
	phone.Until("the pages are still there", `document.querySelector("[data-pdf] canvas[data-drawn]") !== null`).Fits(t).Axe(t)
}
