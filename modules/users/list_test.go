package users_test

import (
	"strings"
	"testing"

	_ "portico/modules/users"
	"portico/platform/portaltest"
)

func TestTheListShowsEveryState(t *testing.T) {
	site := portaltest.Open(t)
	site.Both(t, "ben", func(t *testing.T, ben *portaltest.Browser) {
		ben.Open("/office/users").Sees(t, "Portal users", "Accepted", "Not invited", "Invitation opened", "Invitation sent", "Mail came back", "Disabled", "No portal access",
			"550 5.1.1 nobody here has this address", "12 contacts")
		ben.Open("/office/users?state=bounced").Sees(t, "Rania Haddad", "1 contact").SeesNot(t, "Samir Haddad")
		ben.Open("/office/users?portal=off").Sees(t, "Jana Nováková", "1 contact").SeesNot(t, "Ana Rivera")
		ben.Open("/office/users?q=0142").Sees(t, "Tom Rivera", "1 contact").SeesNot(t, "Jana")
		ben.Open("/office/users?q=rivera&state=accepted").Sees(t, "Ana Rivera", "Tom Rivera", "2 contacts").SeesNot(t, "Lucía")
		ben.Open("/office/users?q=omar%40haddad").Sees(t, "Omar Haddad", "1 contact")
		ben.Open("/office/users?q=%21%21").Sees(t, "Nobody found")
		ben.Open("/office/users?sort=-invited")
		if omar := site.Person("omar"); !strings.Contains(ben.Body(), `"/office/clients/`+omar.ClientID.String()+"/contacts/"+omar.ContactID.String()) {
			t.Error("no row leads to Omar's own page")
		}
	})
}
