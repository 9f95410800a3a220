package portaltest_test

import (
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
