package modules_test

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"portico/platform/lang"
	"portico/platform/portaltest"
)

// TestScriptsSpeakTheReadersLanguage: what scripts show on a client's pages is said in its language, as the pages are. In the
// language of tests every message stands in brackets.
func TestScriptsSpeakTheReadersLanguage(t *testing.T) {
	if testing.Short() {
		t.Skip("a real browser is not a unit test")
	}
	t.Parallel()
	portaltest.Chromium(t)
	site := portaltest.Open(t)
	site.Develop(t)
	if _, err := site.DB(t).Exec("update person set locale = ? where firm_id = ? and email = ?", lang.Accents, site.FirmID(), site.Person("ana").Email); err != nil {
		t.Fatal(err)
	}
	if _, err := site.DB(t).Exec("update client set uploads_on = true where firm_id = ? and id = ?", site.FirmID(), site.Person("ana").ClientID); err != nil {
		t.Fatal(err)
	}
	ana := site.Chrome(t, "ana", 1280, false).Forgive("ERR_INTERNET_DISCONNECTED").Forgive("ERR_FAILED").Forgive("htmx:").Open("/portal/maple-street/documents").Quiet()
	said := func(what, css, words string) {
		t.Helper()
		ana.Until(what, `[...document.querySelectorAll(`+strconv.Quote(css)+`)].some((e) => { const all = e.textContent + " " + e.innerHTML; return all.includes("⟦") && all.includes(`+strconv.Quote(words)+`); })`)
		var left string // outside the brackets stand names and numbers
		ana.Eval(`[...document.querySelectorAll(`+strconv.Quote(css)+`)].map((e) => [e.textContent, ...[...e.querySelectorAll("[aria-label]"), e].map((i) => i.ariaLabel ?? "")].join(" ").replace(/⟦[^⟧]*⟧/g, "").replace(/walk through\.mp4|Ctrl|Enter|Esc|[KMG]B|[^A-Za-z]+/g, " ").trim()).join(" ").trim()`, &left)
		if left != "" {
			t.Errorf("%s: %q is English", what, left)
		}
	}

	// an upload whose line breaks
	ana.Run(network.Enable())
	line := func(offline bool, speed float64) {
		t.Helper()
		ana.Run(network.EmulateNetworkConditions(offline, 5, -1, speed))
	}
	name := filepath.Join(t.TempDir(), "walk through.mp4")
	body := []byte("\x00\x00\x00\x18ftypmp42" + strings.Repeat("film", 1<<20))
	if err := os.WriteFile(name, body, 0o600); err != nil {
		t.Fatal(err)
	}
	line(false, 1<<20)
	ana.Run(chromedp.SetUploadFiles("form[data-upload] input[type=file]", []string{name}, chromedp.ByQuery))
	said("it is on its way", ".documents-queue li", "% öf")
	line(true, 0)
	said("it waits", ".documents-queue li", "Wáítíng för")
	// what stands behind a button says that there is no line
	ana.Eval(`(htmx.ajax("GET", location.pathname, "#toasts").catch(() => {}), true)`, nil)
	said("there is no connection", "#toasts [data-toast]", "Nö çönnéçtíön")
	line(false, -1)
	ana.Until("it is there", `document.querySelector("#documents-list").innerText.includes("walk through.mp4")`)

	// what is copied, and searched for
	ana.Open("/portal/all/profile").Quiet()
	ana.Eval(`(() => { Object.defineProperty(navigator, "clipboard", { value: { writeText: async () => {} } });
		document.querySelector("main").insertAdjacentHTML("beforeend", '<button type="button" id="copies" data-copy="it"></button>'); document.getElementById("copies").click(); return true; })()`, nil)
	said("it is copied", "#copies", "Cöpíéd")
	said("so says the toast", "#toasts [data-toast]", "Cöpíéd")
	ana.Eval(`(() => { const field = document.querySelector("form[data-guard] input[type=text]"); field.value += "!"; field.dispatchEvent(new Event("input", { bubbles: true })); return true; })()`, nil)
	said("a change is counted", "[data-save-count]", "ünsávéd çhángé")
	ana.Eval(`document.querySelector("form[data-guard]").reset()`, nil)
	ana.Keys("/").Until("the palette", `document.querySelector("dialog.palette[open]")`)
	said("how it is used", ".palette-foot", "wálk")

	// The offline page is said as the page that sent for it, whatever the browser prefers.
	a := site.As("ana").Get("/offline?reads=de")
	if page := string(a.Body); !strings.Contains(page, `<html lang="de"`) || strings.Contains(page, "There is no connection") {
		t.Errorf("the offline page: %.300s", page)
	}
	ana.Until("the service worker came for this language", `(navigator.serviceWorker.getRegistration().then((r) => { globalThis.cameFrom = (r?.active ?? r?.waiting ?? r?.installing)?.scriptURL; }), globalThis.cameFrom?.endsWith("/sw.js?reads=`+lang.Accents+`"))`)
}
