package documents_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp/kb"

	"portico/modules/documents"
	"portico/platform/portaltest"
)

// TestABadLineCostsNothing sends a film from a phone whose line breaks half way.
func TestABadLineCostsNothing(t *testing.T) {
	if testing.Short() {
		t.Skip("a real browser is not a unit test")
	}
	portaltest.Chromium(t)
	site := portaltest.Open(t, documents.Module)
	site.Develop(t)
	clip(t, site, true)
	body := noise(5 << 20)
	name := filepath.Join(t.TempDir(), "walk through.mp4")
	if err := os.WriteFile(name, body, 0o600); err != nil {
		t.Fatal(err)
	}
	ana := site.Chrome(t, "ana", 360, false).Forgive("ERR_INTERNET_DISCONNECTED").Forgive("ERR_FAILED").Open("/portal/maple-street/documents").Quiet()
	ana.Run(network.Enable())
	line := func(offline bool, speed float64) {
		ana.Run(network.EmulateNetworkConditions(offline, 5, -1, speed))
	}
	line(false, 1<<20)
	ana.Attach("Upload files", name)
	ana.Until("a third is there", `document.querySelector(".documents-queue progress")?.value > 30`)
	line(true, 0)
	ana.Until("it waits", `document.querySelector(".documents-queue .state")?.textContent.startsWith("Waiting for the connection")`)
	ana.Fits(t)
	line(false, -1)
	ana.Until("it is there", `document.querySelector("#documents-list").innerText.includes("walk through.mp4")`)
	ana.Quiet().Fits(t).Axe(t)
	if n := id(t, site, "select count(*)::text from documents.upload where firm_id = ?", site.FirmID()); n != "1" {
		t.Errorf("it was begun %s times", n)
	}
	if a := site.As("ben").Get("/files/" + fileOf(t, site, "walk through.mp4") + "/original"); !bytes.Equal(a.Body, body) {
		t.Errorf("%d, %d bytes", a.Status, len(a.Body))
	}
}

func TestStaffDropFilesAndSeeThemArrive(t *testing.T) {
	if testing.Short() {
		t.Skip("a real browser is not a unit test")
	}
	portaltest.Chromium(t)
	site := portaltest.Open(t, documents.Module)
	site.Develop(t)
	ben := site.Chrome(t, "ben", 1280, true).Open("/office/documents/projects/" + projectOf(t, site, "maple-garden")).Quiet()
	ben.Eval(`(() => { const all = new DataTransfer(); for (const n of ["one", "two", "three"]) all.items.add(new File(["file " + n], n + ".txt", { type: "text/plain" }));
		document.querySelector("[data-drop]").dispatchEvent(new DragEvent("drop", { bubbles: true, cancelable: true, dataTransfer: all })); })()`, nil)
	ben.Until("three wait", `document.querySelectorAll(".documents-queue li").length === 3`)
	ben.Press("Share with the client").Press("Leave out two.txt")
	ben.Eval(`document.querySelector("[data-upload-plain]").click()`, nil)
	ben.Until("two are there", `["one.txt", "three.txt"].every((n) => document.querySelector("#documents-list").innerText.includes(n))`)
	ben.Quiet().Fits(t).Axe(t)
	if n := id(t, site, "select string_agg(name, ' ' order by name) from documents.document where shared and project_id = ?", projectOf(t, site, "maple-garden")); n != "one.txt three.txt" {
		t.Errorf("shared: %s", n)
	}
	// and so does whoever has the page open already, without loading it again
	ana := site.Chrome(t, "ana", 360, false).Open("/portal/maple-garden/documents").Quiet().Sees(t, "one.txt")
	site.As("ben").Open("/office/documents/files/" + documentOf(t, site, "one.txt")).Press("Hide from the client")
	ana.Until("it is gone", `!document.querySelector("#documents-list").innerText.includes("one.txt")`)
	// what is refused is said beside the file
	do(t, site, "update documents.setting set quota = used + 1 where firm_id = ?", site.FirmID())
	ben.Eval(`(() => { const all = new DataTransfer(); all.items.add(new File(["no room"], "four.txt"));
		document.querySelector("[data-drop]").dispatchEvent(new DragEvent("drop", { bubbles: true, cancelable: true, dataTransfer: all }));
		document.querySelector("[data-upload-plain]").click(); })()`, nil)
	ben.Until("there is no room", `document.querySelector(".documents-queue .failed .state")?.textContent.includes("no room")`)
}

func TestPhotosAreLookedAtWithTheKeyboard(t *testing.T) {
	if testing.Short() {
		t.Skip("a real browser is not a unit test")
	}
	portaltest.Chromium(t)
	site := portaltest.Open(t, documents.Module)
	site.Develop(t)
	ana := site.Chrome(t, "ana", 360, false).Open("/portal/all/documents/folders/" + folderOf(t, site, "Photos") + "?view=grid").Quiet()
	ana.Eval(`document.querySelector("a[data-picture]").click()`, nil)
	ana.Until("the first", `document.querySelector(".documents-box p")?.textContent === "The wall is out: the living room from the kitchen (1 of 3)"`)
	ana.Axe(t)
	ana.Keys(kb.ArrowRight).Keys(kb.ArrowRight).Keys(kb.ArrowRight)
	ana.Until("the last, a HEIC", `document.querySelector(".documents-box p").textContent.endsWith("(3 of 3)") && document.querySelector(".documents-box img").naturalWidth > 0`)
	ana.Keys(kb.Escape).Until("it is shut", `document.querySelector(".documents-box") === null && document.activeElement.matches("a[data-picture]")`)
	pdf := documentOf(t, site, "Kitchen plan.pdf")
	ana.Open("/portal/all/documents/files/"+pdf).Until("its pages", `document.querySelectorAll("[data-pdf] canvas").length === 4 && document.querySelector("[data-pdf] canvas[data-drawn]") !== null`)
	ana.Fits(t).Axe(t)
}
