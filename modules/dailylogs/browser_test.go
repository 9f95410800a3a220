package dailylogs_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/network"

	"portico/modules/dailylogs"
	"portico/platform/portaltest"
)

// TestALogFromAPhoneInTheRain writes a log with twelve photos over a bad line that is cut half way, closes the page, and
// comes back: all twelve arrive, each once, and the log is submitted.
func TestALogFromAPhoneInTheRain(t *testing.T) {
	if testing.Short() {
		t.Skip("a real browser is not a unit test")
	}
	portaltest.Chromium(t)
	site := portaltest.Open(t, dailylogs.Module)
	do(t, site, "delete from dailylogs.log where firm_id = ? and state = 'draft'", site.FirmID())
	do(t, site, "delete from file where firm_id = ? and purpose = 'dailylogs' and id not in (select file_id from dailylogs.photo)", site.FirmID())
	do(t, site, "update dailylogs.question set required = false where firm_id = ?", site.FirmID())
	dir := t.TempDir()
	var photos []string
	for n := range 12 {
		name := filepath.Join(dir, fmt.Sprintf("IMG_%04d.jpg", n+1))
		if err := os.WriteFile(name, picture(t, n, 320, 240), 0o600); err != nil {
			t.Fatal(err)
		}
		photos = append(photos, name)
	}
	log := begin(t, site, "diego", "maple-street")
	there := func() string {
		return one(t, site, "select count(*) from dailylogs.photo where log_id = ? and removed_at is null", log)
	}
	diego := site.Chrome(t, "diego", 360, false).Forgive("ERR_INTERNET_DISCONNECTED").Forgive("ERR_FAILED").Open("/office/dailylogs/" + log + "/edit").Quiet()
	diego.Fits(t).Axe(t)
	refuses(t, diego, log, filepath.Join(dir, "notes.jpg"))
	diego.Run(network.Enable())
	line := func(offline bool, speed float64) {
		diego.Run(network.EmulateNetworkConditions(offline, 40, -1, speed))
	}
	line(false, 24<<10) // bytes a second
	diego.Attach("Choose photos", photos...)
	diego.Fill("What was done", "Roof is on, in the rain.")
	diego.Until("some are there", `document.querySelectorAll("#dailylogs-photos li:not(.arriving)").length >= 4`)
	line(true, 0)
	diego.Until("it waits", `[...document.querySelectorAll(".dailylogs-photo .state")].some((s) => s.textContent.startsWith("Waiting for the connection"))`)
	if n := there(); n == "0" || n == "12" {
		t.Fatalf("%s photos when the line was cut", n)
	}
	diego.Fill("What was done", "Roof is on, in the rain. Gutters tomorrow.").Press("Submit log")
	diego.Until("it says that it waits", `document.querySelector("[data-dailylog-state]").textContent.includes("submitted when all have arrived")`)
	diego.Fits(t)
	// the page is closed; what was typed, the photos and the wish to submit are on the device
	diego.Open("about:blank")
	if n := there(); n == "12" || one(t, site, "select state from dailylogs.log where id = ?", log) != "draft" {
		t.Fatalf("%s photos without a line", n)
	}
	line(false, -1)
	diego.Open("/office/dailylogs/" + log + "/edit")
	diego.Until("it is submitted by itself", `location.pathname === "/office/dailylogs/`+log+`" && document.body.innerText.includes("Gutters tomorrow.")`)
	if n := there(); n != "12" {
		t.Errorf("%s photos", n)
	}
	if n := one(t, site, "select count(distinct encode(f.sha256, 'hex')) from dailylogs.photo p join file f on f.firm_id = p.firm_id and f.id = p.file_id where p.log_id = ?", log); n != "12" {
		t.Errorf("%s different photos", n)
	}
	if n := one(t, site, "select count(*) from file where firm_id = ? and purpose = 'dailylogs' and id not in (select file_id from dailylogs.photo where firm_id = ?)", site.FirmID(), site.FirmID()); n != "0" {
		t.Errorf("%s files that belong to no photo", n)
	}
	if state := one(t, site, "select state || ' ' || revision from dailylogs.log where id = ?", log); state != "submitted 1" {
		t.Error(state)
	}
	var left string
	diego.Quiet().Eval(`Object.keys(localStorage).filter((k) => k.startsWith("portico.dailylog.")).join()`, &left)
	if left != "" {
		t.Errorf("on the device is still %s", left)
	}
	site.Develop(t)
	diego.Open("/office/dailylogs/" + log).Quiet().Fits(t).Axe(t)

	// the client looks at them, without a jump
	ana := site.Chrome(t, "ana", 360, true).Open("/portal/all/dailylogs").Quiet().Sees(t, "Gutters tomorrow.").Fits(t).Axe(t)
	ana.Eval(`document.querySelector("a[data-picture]").click()`, nil)
	ana.Until("it opens large", `document.querySelector(".documents-box img")?.naturalWidth > 0`)
	ana.Eval(`document.querySelector(".documents-box .close").click()`, nil)
	var boxes string
	ana.Eval(`[...document.querySelectorAll(".dailylogs-box")].map((b) => { const r = b.getBoundingClientRect(); return Math.round(100 * r.width / r.height); }).filter((r) => Math.abs(r - 133) > 2).join()`, &boxes)
	if boxes != "" {
		t.Errorf("boxes that are not 4 to 3: %s", boxes)
	}
	for _, width := range []int{360, 1280} {
		still(t, ana.Screen(width, false).Open("/portal/all/dailylogs"))
		still(t, ana.Open("/portal/all/dailylogs/photos"))
	}
	if text := ana.Text(); strings.Contains(text, "IMG_") {
		t.Error("a client reads a file's name")
	}
}

// refuses sends something that is no photo: the form says why it was not taken, and so does the list of logs, whenever one
// comes back, until somebody leaves it out.
func refuses(t *testing.T, diego *portaltest.Tab, log, name string) {
	t.Helper()
	if err := os.WriteFile(name, []byte("no photo at all"), 0o600); err != nil {
		t.Fatal(err)
	}
	refused := `.innerText.includes("Choose a picture")`
	diego.Attach("Choose photos", name)
	diego.Until("the form says why", `document.querySelector(".dailylogs-photo.failed")?`+refused)
	for range 2 {
		diego.Open("/office/dailylogs").Until("the list says why", `document.querySelector(".dailylogs-stuck li")?`+refused)
	}
	diego.Sees(t, "Photos that were not taken").Sees(t, "notes.jpg").Fits(t).Axe(t)
	diego.Eval(`document.querySelector(".dailylogs-stuck [data-leave]").click()`, nil)
	diego.Until("it is left out", `document.querySelector("[data-dailylogs-waiting]").hidden`)
	diego.Open("/office/dailylogs/" + log + "/edit").Quiet()
	var left int
	if diego.Eval(`document.querySelectorAll(".dailylogs-photo").length`, &left); left != 0 {
		t.Errorf("%d photos are still there", left)
	}
}

// still scrolls through a page until all its photos are there: they are fetched on the way, and nothing moves for them.
func still(t *testing.T, tab *portaltest.Tab) {
	t.Helper()
	tab.Eval(`window.moved = 0; new PerformanceObserver((list) => { for (const e of list.getEntries()) window.moved += e.value; }).observe({ type: "layout-shift", buffered: true })`, nil)
	tab.Until("all photos are there", `(() => {
		const photos = [...document.querySelectorAll(".dailylogs-box img")], next = photos.find((i) => !i.complete);
		next?.scrollIntoView();
		return photos.length > 11 && !next && photos.every((i) => i.naturalWidth > 0 && i.loading === "lazy");
	})()`)
	var moved float64
	if tab.Quiet().Eval(`window.moved`, &moved); moved > 0 {
		t.Errorf("%s moves while photos come: a shift of %.4f", tab.Path(), moved)
	}
}
