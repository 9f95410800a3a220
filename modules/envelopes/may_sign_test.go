package envelopes_test

import (
	"testing"

	"portico/modules/envelopes"
	"portico/platform/portaltest"
)

// TestNobodyIsAskedWhoMaySignNothing: a mail to somebody whose link opens a locked door helps neither side. Who is not a
// portal user signs by mail alone, and needs no right.
func TestNobodyIsAskedWhoMaySignNothing(t *testing.T) {
	site := portaltest.Open(t, envelopes.Module)
	ben := site.As("ben")
	at := drafted(t, site, ben, "Wider pantry door")
	tom := site.Person("tom").ContactID
	do(t, site, "update contact set rights = '{send_messages}' where id = ?", tom)
	ben.Open(at).Sees(t, "Tom Rivera may not sign: tick “Sign documents”").SeesNot(t, "Everything is there.")
	ben.Open(at+"/sending").Post(at+"/sending", map[string][]string{"version": {value(t, site, "select version::text from envelopes.envelope where id = ?", at[len("/office/envelopes/"):])}})
	if n := count(t, site, "select count(*) from envelopes.envelope where id = ? and status = 'draft'", at[len("/office/envelopes/"):]); n != 1 {
		t.Error("it went out")
	}
	do(t, site, "update contact set access = 'none' where id = ?", tom)
	ben.Open(at).Sees(t, "Everything is there.")
}
