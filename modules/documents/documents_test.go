package documents_test

import (
	"strings"
	"testing"

	"portico/modules/documents"
	"portico/platform/portaltest"
)

func TestClientsSeeWhatIsSharedAndNothingElse(t *testing.T) {
	site := portaltest.Open(t, documents.Module)
	site.Settle(t)
	site.Both(t, "ana", func(t *testing.T, ana *portaltest.Browser) {
		ana.Open("/portal/maple-street/documents").Has(t, 200).
			Sees(t, "Plans", "Photos", "Where we saw the lamp.jpg").SeesNot(t, "Purchasing", "Notes for the bank", "Lakeview")
		ana.Follow("Plans").Sees(t, "Kitchen plan.pdf", "The island is 10 cm longer.").Follow("Kitchen plan.pdf").Sees(t, "Version", "2", "4 pages").SeesNot(t, "Versions")
		ana.Open("/portal/all/documents").Sees(t, "Maple Street remodel", "Contracts").SeesNot(t, "Attic")
	})
	_ = strings.Contains
}
