package modules_test

import (
	"testing"

	"portico/platform/portaltest"
)

// What is to be signed is the first thing that a client sees, and the way to it.
func TestWhatIsToBeSignedStandsOnTheFirstPage(t *testing.T) {
	site := portaltest.Open(t)
	ana := site.As("ana").WithHTMX()
	ana.Open("/portal/all").Sees(t, "Waiting for you", "Sign: change to your contract", "Larger kitchen island", "Kitchen design, final")
	ana.Follow("Sign: change to your contract").Has(t, 200).Sees(t, "Your signature is asked for", "Larger kitchen island").Press("Read and sign").Sees(t, "1. Read")
	site.As("grace").WithHTMX().Open("/portal/all").SeesNot(t, "Larger kitchen island")
	site.As("maria").Open("/office/envelopes").Follow("Larger kitchen island").Has(t, 200).Sees(t, "Sign in person").Follow("Sign in person").Sees(t, "Hand this device to Ana")
}
