package time_test

import (
	"fmt"
	"testing"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp/kb"

	"portico/modules/time"
	"portico/platform/portaltest"
)

// TestTheWeekSheetUnderTheFingers in a real browser: keys walk, a piece of a table is pasted, whoever types faster than the
// answers loses nothing, a mistake is told beside its field, and what is typed without a connection arrives when it is
// back.
func TestTheWeekSheetUnderTheFingers(t *testing.T) {
	portaltest.Chromium(t)
	t.Parallel()
	site := portaltest.Open(t, time.Module)
	maple, attic := project(t, site, "maple-street"), project(t, site, "maple-attic")
	const week = "2026-08-03"
	for task, in := range map[string]string{"Tiling": maple, "Framing": attic} {
		do(t, site, "insert into time.line (firm_id, person_id, week, client_id, project_id, task) select firm_id, ?, ?, client_id, id, ? from project where id = ?", site.Person("diego").ID, week, task, in)
	}
	diego := site.Chrome(t, "diego", 1280, false).Open("/office/time?week=" + week)
	at := func(name string) {
		t.Helper()
		diego.Until("the focus on "+name, fmt.Sprintf("document.activeElement.name === %q", name))
	}
	says := func(name, value string) {
		t.Helper()
		diego.Until(name+" to say "+value, fmt.Sprintf("document.querySelector(\"[name='%s']\").value === %q", name, value))
	}
	kept := func(on, task string) int {
		t.Helper()
		return one[int](t, site, "select coalesce(sum(minutes), 0) from time.entry where work_date = ? and task = ?", on, task)
	}
	sum := func(text string) {
		t.Helper()
		diego.Until("the week to be "+text, fmt.Sprintf(`document.querySelector("#week-sum").textContent === %q`, text)).Quiet()
	}

	// keys
	diego.Eval(`document.querySelector("[name='c-0-0']").focus()`, nil)
	diego.Keys("1:30").Keys(kb.ArrowRight)
	at("c-0-1")
	diego.Keys(kb.ArrowDown)
	at("c-1-1")
	diego.Keys("2").Keys(kb.ArrowUp)
	at("c-0-1")
	diego.Keys(kb.ArrowLeft)
	at("c-0-0")
	diego.Keys("\r")
	at("c-1-0")
	diego.Keys("45m").Keys("\r") // the last row: it stays there, and is saved
	at("c-1-0")
	sum("4:15")
	says("c-0-0", "1:30")
	says("c-1-1", "2:00")
	says("c-1-0", "0:45")

	// a piece of a table
	paste := func(name, text string) {
		diego.Eval(fmt.Sprintf(`(() => { const cell = document.querySelector("[name='%s']"), data = new DataTransfer(); cell.focus(); data.setData("text/plain", %q);
			cell.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true })); })()`, name, text), nil)
	}
	paste("c-0-2", "1\t2,5\t\t0:15\n3\t4\n")
	sum("15:00")
	says("c-0-3", "2:30")
	says("c-0-5", "0:15")
	says("c-1-3", "4:00")
	if n := one[int](t, site, "select sum(minutes) from time.entry where work_date between '2026-08-03' and '2026-08-09' and person_id = ?", site.Person("diego").ID); n != 900 {
		t.Errorf("%d minutes are kept", n)
	}

	// faster than the answers
	line := func(offline bool, latency float64) {
		diego.Run(network.EmulateNetworkConditions(offline, latency, -1, -1))
	}
	line(false, 700)
	diego.Eval(`document.querySelector("[name='c-0-4']").focus()`, nil)
	diego.Keys("1").Keys(kb.ArrowRight)
	at("c-0-5")
	diego.Keys(kb.ArrowLeft)
	at("c-0-4")
	diego.Keys("3:2") // before the answer to the 1
	diego.Until("the answer", `document.querySelector("[name='c-0-4'][data-unsaved]")`)
	says("c-0-4", "3:2")
	diego.Keys("0").Keys("\t")
	line(false, 0)
	sum("18:20")
	says("c-0-4", "3:20")

	// a mistake
	diego.Eval(`document.querySelector("[name='c-1-4']").focus()`, nil)
	diego.Keys("soon").Keys("\t")
	diego.Until("the advice", `document.querySelector("#wrong-c-1-4[role=alert]") && document.querySelector("[name='c-1-4']").getAttribute("aria-describedby") === "wrong-c-1-4"`)
	says("c-1-4", "soon")
	at("c-1-5")
	diego.Axe(t)
	diego.Eval(`document.querySelector("[name='c-1-4']").focus()`, nil)
	diego.Keys("0:40").Keys("\t")
	sum("19:00")
	diego.Until("no advice", `!document.querySelector("#wrong-c-1-4")`)

	// no connection
	diego.Forgive("ERR_INTERNET_DISCONNECTED").Forgive("htmx:sendError").Forgive("htmx:afterRequest")
	line(true, 0)
	diego.Eval(`document.querySelector("[name='c-0-6']").focus()`, nil)
	diego.Keys("1").Keys("\t")
	diego.Until("it to be told", `document.querySelector("[name='c-0-6'][data-unsaved='lost']") && document.querySelector("#week-saved").textContent.includes("not saved yet")`)
	diego.Fits(t).Axe(t)
	if n := kept("2026-08-09", "Framing") + kept("2026-08-09", "Tiling"); n != 0 {
		t.Errorf("%d minutes arrived without a connection", n)
	}
	line(false, 0)
	sum("20:00")
	says("c-0-6", "1:00")
	diego.Until("no mark", `!document.querySelector("[data-unsaved]")`)
	if n := kept("2026-08-09", "Framing") + kept("2026-08-09", "Tiling"); n != 60 {
		t.Errorf("%d minutes arrived", n)
	}
}
