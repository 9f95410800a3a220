package schedule_test

import (
	"fmt"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"

	"portico/modules/schedule"
	"portico/platform/portaltest"
)

// TestAFingerMovesABarOnceItRests on it; a finger that goes on scrolls, and one that taps opens the item.
func TestAFingerMovesABarOnceItRests(t *testing.T) {
	if testing.Short() {
		t.Skip("a real browser is not a unit test")
	}
	portaltest.Chromium(t)
	site := portaltest.Open(t, schedule.Module)
	at := "/office/schedule/projects/" + projectKeyed(t, site, "maple-street")
	ben := site.Chrome(t, "ben", 768, false)
	ben.Run(emulation.SetTouchEmulationEnabled(true)).Open(at + "?zoom=week").Quiet()
	bar := func(name string) (x, y float64) {
		var place [2]float64
		ben.Eval(fmt.Sprintf(`(() => {
			const names = [...document.querySelectorAll(".schedule-names a")], n = names.findIndex((a) => a.textContent === %q), gantt = document.querySelector("[data-gantt]");
			const scroll = document.querySelector(".schedule-scroll"), chart = document.querySelector(".schedule-chart"), left = (Date.parse(names[n].dataset.start) - Date.parse(gantt.dataset.first)) / 86400000 * gantt.dataset.day;
			scroll.scrollIntoView({ block: "start", behavior: "instant" }); scroll.scrollTo({ left: left - 100, top: 36 * n - 200, behavior: "instant" });
			const box = chart.getBoundingClientRect();
			return [box.left + left + 12, box.top + 36 * n + 18];
		})()`, name), &place)
		return place[0], place[1]
	}
	touch := func(kind input.TouchType, points ...*input.TouchPoint) {
		ben.Run(input.DispatchTouchEvent(kind, points))
	}
	x, y := bar("Paint")
	// it goes on before it has rested: the chart scrolls, and nothing is moved
	var before, after float64
	ben.Eval(`document.querySelector(".schedule-scroll").scrollLeft`, &before)
	touch(input.TouchStart, &input.TouchPoint{X: x, Y: y})
	for n := range 12 {
		touch(input.TouchMove, &input.TouchPoint{X: x + float64(10*n), Y: y})
	}
	touch(input.TouchEnd)
	ben.Until("it scrolls", fmt.Sprintf(`document.querySelector(".schedule-scroll").scrollLeft < %f - 20`, before))
	ben.Until("nothing is lifted", `!document.querySelector("g.lifted, dialog[open]")`)
	// it rests, and then moves by ten days
	ben.Open(at + "?zoom=week").Quiet()
	x, y = bar("Paint")
	ben.Eval(`document.querySelector(".schedule-scroll").scrollLeft`, &before)
	touch(input.TouchStart, &input.TouchPoint{X: x, Y: y})
	ben.Until("it is lifted", `document.querySelector("g.lifted") !== null`)
	for n := range 11 {
		touch(input.TouchMove, &input.TouchPoint{X: x + float64(12*n), Y: y + float64(n)})
	}
	ben.Until("it says where it would lie", `document.querySelector("[data-gantt-says]").textContent.startsWith("Paint: ")`)
	ben.Eval(`document.querySelector(".schedule-scroll").scrollLeft`, &after)
	if before != after {
		t.Errorf("the chart scrolled from %.0f to %.0f under a bar that is held", before, after)
	}
	touch(input.TouchEnd)
	ben.Until("what moves with it", `document.querySelector("dialog[open] h1")?.textContent === "Move “Paint”?"`)
	ben.Fits(t).Axe(t)
	// one that taps opens the item
	ben.Open(at + "?zoom=week").Quiet()
	x, y = bar("Paint")
	touch(input.TouchStart, &input.TouchPoint{X: x, Y: y})
	touch(input.TouchEnd)
	ben.Until("the item", `location.pathname.includes("/items/")`)
}
