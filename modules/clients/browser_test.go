package clients_test

import (
	"testing"

	"portico/modules/clients"
	"portico/platform/portaltest"
)

// TestTheRegisterInARealBrowser looks at every page on a phone in the dark and at a desk in the light, and does what only
// scripts do: dialogs, the jump-to menu, the search that follows the typing.
func TestTheRegisterInARealBrowser(t *testing.T) {
	site := portaltest.Open(t, clients.Module)
	rivera := "/office/clients/" + site.Person("ana").ClientID.String()
	maria := site.Chrome(t, "maria", 360, true)
	for _, path := range []string{
		"/office/clients", "/office/clients?q=zzz", "/office/clients?state=archived", "/office/clients/new", "/office/clients/jump?q=riv", rivera, rivera + "/edit",
		rivera + "/contacts", rivera + "/projects", rivera + "/activity", rivera + "/portal", "/office/clients/projects", "/office/clients/projects/new",
	} {
		maria.LookOver(t, path)
	}
	for _, width := range []int{360, 1280} {
		maria.Screen(width, width == 360)
		maria.Open(rivera+"/contacts").Press("Invite Lucía Rivera").Until("the dialog", `document.querySelector("dialog[open] textarea")`).Axe(t)
		maria.Open(rivera+"/contacts").Press("Add a contact").Fill("Name", "Ana Rivera").Fill("Email", "ana.rivera@example.com").Press("Add contact").
			Until("the warning", `document.querySelector("dialog[open]")?.textContent.includes("has a contact of this name")`).Fits(t).Axe(t)
		maria.Open(rivera).Press("Go to a client").Fill("Name, mail or phone of the client", "had").
			Until("one client", `document.querySelectorAll("#jump-list a").length === 1`).Axe(t).Press("Haddad & Sons LLC").Sees(t, "Omar Haddad")
		maria.Open("/office/clients").Fill("Search clients, contacts, mails, phones", "chen").
			Until("one row", `document.querySelectorAll("#clients-list tbody tr").length === 1 && document.querySelector("#clients-export").href.endsWith("q=chen&state=&portal=&kind=") && location.search.includes("q=chen")`)
	}
}
