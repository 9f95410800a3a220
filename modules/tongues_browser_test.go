package modules_test

import (
	"testing"

	"portico/platform/lang"
	"portico/platform/portaltest"
)

// TestTheScreenFollowsTheLanguage: long words have room in the bar of a phone, and arrows point the way people read.
func TestTheScreenFollowsTheLanguage(t *testing.T) {
	t.Parallel()
	site := portaltest.Open(t)
	site.Develop(t)
	speak := func(locale string) {
		t.Helper()
		if _, err := site.DB(t).Exec("update person set locale = ? where firm_id = ? and email = ?", locale, site.FirmID(), site.Person("ana").Email); err != nil {
			t.Fatal(err)
		}
	}
	tab := site.Chrome(t, "ana", 360, false)
	for _, locale := range []string{"de-DE", "es-ES", "fr-FR"} {
		speak(locale)
		tab.Open("/portal/all").Fits(t)
		tab.Until("no tab is cut in "+locale, `[...document.querySelectorAll(".tabbar .tab > span")].every((e) => e.scrollWidth <= e.clientWidth + 1) && [...document.querySelectorAll(".tabbar .tab")].every((e) => e.offsetWidth >= 44)`)
	}
	turned := `[...document.querySelectorAll("main .icon")].filter((e) => /#i-chevron-(right|left)$/.test(e.firstElementChild?.getAttribute("href"))).map((e) => getComputedStyle(e).scale)`
	tab.Until("arrows point to the right", turned+`.every((s) => s === "none")`)
	speak(lang.Mirrored)
	tab.Open("/portal/all").Fits(t)
	tab.Until("arrows point to the left", turned+`.length > 0 && `+turned+`.every((s) => s === "-1 1")`)
	tab.Until("a number to call begins with its plus", `(() => { const [text] = document.querySelector(".foot a[href^='tel:'] bdi").childNodes, at = (n) => { const r = document.createRange(); r.setStart(text, n); r.setEnd(text, n + 1); return r.getBoundingClientRect().left; };
		return text.data[0] === "+" && (document.querySelector(".foot a[href^='tel:']").offsetParent === null || at(0) < at(1)); })()`)
	tab.Screen(1280, false).Open("/portal/maple-street/schedule?view=chart").Fits(t)
	tab.Until("time runs from the left", `getComputedStyle(document.querySelector(".schedule-scroll")).direction === "ltr"`)
	tab.Open("/portal/maple-street/selections").Fits(t)
	tab.Until("what is used up of an allowance begins at the right", `getComputedStyle(document.querySelector(".selections-meter")).scale === "-1 1"`)
}
