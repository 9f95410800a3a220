package modules_test

import (
	"net/url"
	"testing"

	"portico/platform/portaltest"
)

// TestColleaguesDoNotReadEachOthersHours: neither on the client's page nor among the firm's news.
func TestColleaguesDoNotReadEachOthersHours(t *testing.T) {
	t.Parallel()
	site := portaltest.Open(t)
	page := "/office/clients/" + site.Person("ana").ClientID.String() + "/activity"
	cell := url.Values{"cell": {"c-0-0"}, "project": {mapleID(t, site)}, "task": {"Very secret tiling"}, "on": {"2027-01-04"}, "c-0-0": {"7:30"}}
	if a := site.As("priya").Post("/office/time/week/cells", cell, "HX-Request", "true"); a.Status != 200 {
		t.Fatalf("%d %s", a.Status, a.Body)
	}
	for _, where := range []string{page, "/office"} {
		site.As("ben").Open(where).SeesNot(t, "Very secret tiling")
		site.As("priya").Open(where).Sees(t, "Very secret tiling")
		site.As("maria").Open(where).Sees(t, "Very secret tiling")
	}
}
