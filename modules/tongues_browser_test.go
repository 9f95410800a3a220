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
}
