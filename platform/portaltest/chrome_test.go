package portaltest_test

import (
	"strings"
	"testing"

	"portico/platform/portaltest"
)

func TestARealBrowserShowsThePage(t *testing.T) {
	site := portaltest.Open(t)
	for _, width := range []int{360, 1280} {
		ana := site.Chrome(t, "ana", width, width == 360)
		ana.Open("/no/such/page").Sees(t, "There is nothing here").SeesNot(t, "Harbor").Fits(t).Axe(t)
	}
}

// TestWhatStandsAroundPagesIsLookedAtAnewWhenItChanges: axe leaves out only what it found fine before.
func TestWhatStandsAroundPagesIsLookedAtAnewWhenItChanges(t *testing.T) {
	site := portaltest.Open(t)
	tab := site.Chrome(t, "ana", 1280, false)
	tab.Forgive("404").Open("/no/such/page").Axe(t).Axe(t)
	var heard listener
	heard.TB = t
	tab.Eval(`document.querySelector("header, nav").insertAdjacentHTML("beforeend", "<img src='/favicon.svg'>")`, nil).Axe(&heard)
	if !strings.Contains(heard.heard.String(), "axe at") {
		t.Error("a picture without words in the head of the page goes unnoticed")
	}
	heard.heard.Reset()
	tab.Eval(`document.querySelector("header img, nav img").remove(); document.querySelector("main").insertAdjacentHTML("beforeend", "<img src='/favicon.svg'>")`, nil).Axe(&heard)
	if !strings.Contains(heard.heard.String(), "axe at") {
		t.Error("a picture without words in the page goes unnoticed")
	}
}

// listener is a test that takes note of complaints instead of failing.
type listener struct {
	testing.TB
	heard strings.Builder
}

func (l *listener) Helper()                           {}
func (l *listener) Errorf(format string, args ...any) { l.heard.WriteString(format) }

func TestTheBrowserComplains(t *testing.T) {
	site := portaltest.Open(t)
	tab := site.Chrome(t, "ana", 360, false)
	tab.Open("/no/such/page").Eval(`document.body.insertAdjacentHTML("beforeend", "<img src='/favicon.svg'><div>x</div>"); document.body.lastChild.style.width = "2000px"`, nil)
	var axe, width listener
	axe.TB, width.TB = t, t
	tab.Forgive("404").Axe(&axe)
	tab.Fits(&width)
	if !strings.Contains(axe.heard.String(), "axe at") || !strings.Contains(width.heard.String(), "wider") {
		t.Error("a picture without words, or a page that is too wide, goes unnoticed")
	}
}
