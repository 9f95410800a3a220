package clients_test

import (
	"testing"

	"portico/modules/clients"
	"portico/platform/portaltest"
)

func TestStaffFindClients(t *testing.T) {
	site := portaltest.Open(t, clients.Module)
	site.Both(t, "ben", func(t *testing.T, ben *portaltest.Browser) {
		ben.Open("/office/clients").Sees(t, "4 clients", "Ana & Tom Rivera", "Chen Family", "Haddad & Sons LLC", "Jana Nováková")
		for typed, found := range map[string]string{
			"riv": "Ana & Tom Rivera", "novak": "Jana Nováková", "omar@haddad": "Haddad & Sons LLC", "555-0151": "Chen Family", "tom RIVERA": "Ana & Tom Rivera",
		} {
			ben.Open("/office/clients?q=" + typed[:1])
			ben.Open("/office/clients").Fill("Search clients, contacts, mails, phones", typed).Submit().Sees(t, found, "1 client")
		}
		ben.Open("/office/clients?kind=company").Sees(t, "Haddad & Sons LLC").SeesNot(t, "Chen Family")
		ben.Open("/office/clients?portal=off").Sees(t, "Jana Nováková").SeesNot(t, "Chen Family")
		ben.Open("/office/clients?q=zzz").Sees(t, "No client found")
		ben.Open("/office/clients?q=%26%26").Sees(t, "No client found")
		ben.Open("/office/clients?after=nonsense&sort=-added").Sees(t, "4 clients")
		ben.Open("/office/clients").Follow("Chen Family").Sees(t, "Grace Chen", "Lakeview house")
	})
}

func TestStaffAddAClient(t *testing.T) {
	site := portaltest.Open(t, clients.Module)
	site.Both(t, "ben", func(t *testing.T, ben *portaltest.Browser) {
		ben.Open("/office/clients").Follow("New client").
			Fill("Name", "  ").Fill("Email", "nobody@nowhere@x").Fill("Phone", "call me").Fill("Notes", "Likes tea.").Press("Create client")
		ben.Has(t, 422).Sees(t, "Enter the name of the household or company.", "Enter an address such as ana@example.com.", "Enter a phone number such as +1 512 555 0141.")
		if got := ben.Value("Notes"); got != "Likes tea." {
			t.Errorf("notes were lost: %q", got)
		}
		ben.Fill("Name", "Zola Weber").Fill("Email", "zola@weber.example").Fill("Phone", "").Press("Create client")
		ben.Has(t, 200).Sees(t, "Zola Weber was added.", "Likes tea.", "added the client Zola Weber")

		ben.Open("/office/clients/new").Fill("Name", "ZOLA weber").Fill("Email", "zola@weber.example").Press("Create client")
		ben.Has(t, 422).Sees(t, "There is a client of this name and address already", "Create anyway")
		ben.Press("Create anyway").Has(t, 200).Sees(t, "ZOLA weber was added.")
	})
}
