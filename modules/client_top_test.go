package modules_test

import (
	"strings"
	"testing"

	"portico/platform/portaltest"
)

// TestEveryTabOfAClientStandsUnderItsHead: whichever section brings the tab, the client, its neighbours and its portal
// stand above, the menu says Clients, and walking on keeps the tab.
func TestEveryTabOfAClientStandsUnderItsHead(t *testing.T) {
	site := portaltest.Open(t)
	ana := site.Person("ana")
	id := ana.ClientID.String()
	maria := site.As("maria")
	for _, path := range []string{"/office/clients/" + id, "/office/clients/" + id + "/contacts", "/office/setup/clients/" + id, "/office/transfer/clients/" + id, "/office/billing/clients/" + id} {
		page := maria.Open(path).Has(t, 200).Sees(t, "Go to a client", "View as")
		if !strings.Contains(page.Body(), `href="/office/clients" aria-current="page"`) {
			t.Errorf("%s: the menu does not say Clients", path)
		}
		for _, near := range []string{"prev", "next"} {
			if link := page.Find(`a[rel="` + near + `"]`); link != nil {
				href := attrOf(link, "href")
				if strings.Count(href, "/") != strings.Count(path, "/") || !strings.HasPrefix(href, path[:strings.Index(path, id)]) {
					t.Errorf("%s: the %s client is at %s", path, near, href)
				}
			}
		}
	}
	who := maria.Open("/office/setup/clients/"+id+"/who").Sees(t, "Who sees what", "Go to a client")
	if !strings.Contains(who.Body(), `href="/office/clients" aria-current="page"`) {
		t.Error("below a tab the menu does not say Clients")
	}
}
