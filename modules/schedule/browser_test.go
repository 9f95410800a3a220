package schedule_test

import (
	"testing"

	"github.com/chromedp/chromedp/kb"

	"portico/modules/schedule"
	"portico/platform/portaltest"
)

// TestAPhaseIsDraggedAndPublished is the journey of an office and its client: a bar is dragged, what moves with it is
// looked at, a reason is given, it is published, and the client gets one mail and sees the old and the new dates.
func TestAPhaseIsDraggedAndPublished(t *testing.T) {
	if testing.Short() {
		t.Skip("a real browser is not a unit test")
	}
	portaltest.Chromium(t)
	site := portaltest.Open(t, schedule.Module)
	site.Develop(t)
	at := "/office/schedule/projects/" + projectKeyed(t, site, "maple-street")
	was := startOf(t, site, "Kitchen")
	ben := site.Chrome(t, "ben", 1280, false).Open(at).Quiet()
	ben.Fits(t).Axe(t)
	// two weeks to the right, with the mouse
	ben.Eval(`(() => {
		const name = [...document.querySelectorAll(".schedule-names a")], n = name.findIndex((a) => a.textContent === "Kitchen");
		const gantt = document.querySelector("[data-gantt]"), day = Number(gantt.dataset.day); name[n].scrollIntoView({ block: "center" });
		const chart = document.querySelector(".schedule-chart"), box = chart.getBoundingClientRect(), bar = chart.querySelector(".phase .bar");
		const x = box.left + (Date.parse(name[n].dataset.start) - Date.parse(gantt.dataset.first)) / 86400000 * day + 20, y = box.top + 36 * n + 18;
		const send = (type, to, at) => at.dispatchEvent(new PointerEvent(type, { clientX: to, clientY: y, button: 0, bubbles: true, cancelable: true, pointerType: "mouse", isPrimary: true }));
		send("pointerdown", x, bar); send("pointermove", x + 7 * day, window); send("pointermove", x + 14 * day, window); send("pointerup", x + 14 * day, window);
	})()`, nil)
	ben.Until("what moves with it", `document.querySelector("dialog[open] h1")?.textContent === "Move “Kitchen”?"`)
	ben.Sees(t, "other items move with it").Axe(t)
	if startOf(t, site, "Kitchen") != was {
		t.Error("it moved before anybody said so")
	}
	ben.Fill("Reason", "The workshop is flooded")
	ben.Eval(`document.querySelector("dialog[open] .button.primary").click()`, nil)
	ben.Until("it is kept", `!document.querySelector("dialog[open]") && document.body.innerText.includes("moved with it")`).Quiet()
	if startOf(t, site, "Kitchen") <= was {
		t.Error("it stays")
	}
	// and one day further with the keyboard: shown, then given up, then kept
	ben.Eval(`[...document.querySelectorAll(".schedule-names a")].find((a) => a.textContent === "Paint").focus()`, nil)
	ben.Keys(kb.ArrowRight).Until("it is lifted", `document.querySelector("g.lifted") !== null && document.querySelector("[data-gantt-says]").textContent.startsWith("Paint: ")`)
	ben.Keys(kb.Escape).Until("it is back", `document.querySelector("g.lifted") === null`)
	ben.Keys(kb.ArrowRight).Keys(kb.ArrowRight).Keys(kb.ArrowRight).Keys(kb.ArrowRight).Keys(kb.ArrowRight).Keys(kb.Enter).Until("what moves with it", `document.querySelector("dialog[open] h1")?.textContent === "Move “Paint”?"`)
	ben.Keys(kb.Escape).Until("it is shut, and the focus is back", `!document.querySelector("dialog[open]") && document.activeElement.textContent === "Paint"`)
	// published
	ben.Open(at+"/publication").Until("the reason", `[...document.querySelectorAll("input[name=reason]")].some((i) => i.value === "The workshop is flooded")`)
	ben.Fits(t).Axe(t).Fill("A few words with it", "We keep you posted")
	ana := site.Chrome(t, "ana", 360, true).Open("/portal/maple-street/schedule").Quiet().SeesNot(t, "The workshop is flooded")
	ben.Eval(`document.querySelector("main form .button.primary").click()`, nil)
	ben.Until("it is published", `document.body.innerText.includes("The client gets one mail about it.")`)
	site.Settle(t)
	if got := mails(site, "ana"); len(got) != 1 {
		t.Fatalf("%d mails", len(got))
	}
	ana.Until("her page follows", `document.body.innerText.includes("We keep you posted")`)
	ana.Open("/portal/maple-street/schedule/changes").Quiet().Sees(t, "The workshop is flooded")
	ana.Until("old and new", `[...document.querySelectorAll(".schedule-changes li")].some((li) => li.innerText.includes("Kitchen") && li.querySelector("s") && li.querySelector(".schedule-now"))`)
	ana.Fits(t).Axe(t)
	// on a phone the list comes first; the chart is a press away
	ana.Open("/portal/maple-street/schedule").Quiet().Until("the list", `getComputedStyle(document.querySelector(".schedule-wide")).display === "none" && document.querySelector(".schedule-steps .row") !== null`)
	ana.Open("/portal/maple-street/schedule?view=gantt").Quiet().Fits(t).Axe(t)
	ana.Open("/portal/maple-street/schedule?view=month").Quiet().Fits(t).Axe(t)
}
