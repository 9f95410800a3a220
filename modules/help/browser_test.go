package help_test

import (
	"testing"

	"portico/modules/help"
	"portico/platform/portaltest"
)

func TestSearchAndVoteInARealBrowser(t *testing.T) {
	if testing.Short() {
		t.Skip("a real browser is not a unit test")
	}
	portaltest.Chromium(t)
	site := portaltest.Open(t, help.Module)
	ana := site.Chrome(t, "ana", 360, false).Open("/portal/all/help")
	ana.Fill("Search the help", "warr").Until("the answer", `document.querySelector("#help-shelves").innerText.includes("answers to “warr”") && location.search === "?q=warr"`)
	ana.Fits(t).Axe(t)
	ana.Open("/portal/all/help/articles/your-warranty").Press("No").Until("the thanks", `document.querySelector("#help-useful").innerText.includes("You said no")`)
	ana.Fits(t).Axe(t)

	ben := site.Chrome(t, "ben", 1280, true).Open("/office/help/articles/new")
	ben.Fill("Title", "Keys").Fill("Text", "## Front\nUnder the *mat*.").Press("Preview")
	ben.Until("the preview", `document.querySelector("#help-preview em")?.innerText === "mat"`)
	ben.Fits(t).Axe(t)
}
