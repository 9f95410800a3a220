package clients_test

import (
	"net/url"
	"strings"
	"testing"

	"portico/modules/clients"
	"portico/platform/portaltest"
)

func TestStaffInviteAContact(t *testing.T) {
	site := portaltest.Open(t, clients.Module)
	site.Both(t, "ben", func(t *testing.T, ben *portaltest.Browser) {
		ben.Open("/office/clients").Follow("Jana Nováková").Follow("Contacts").
			Sees(t, "No portal access", "The portal of this client is off").SeesNot(t, "Send invitation")
		ben.Follow("Add a contact").Sees(t, "Nobody can be invited while this client's portal is off.").
			Fill("Name", "Petr Novák").Tick("Grant access to the portal").Press("Add contact")
		ben.Has(t, 422).Sees(t, "A portal user signs in by email: enter an address, or take the access away.")
		ben.Fill("Email", "Petr@Example.com").Press("Add contact")
		ben.Open("/office/clients").Follow("Jana Nováková").Follow("Contacts").Sees(t, "Petr Novák", "petr@example.com", "Not invited")

		ben.Follow("Portal off").Sees(t, "Activate the portal of Jana Nováková?", "Petr Novák").Press("Activate portal")
		ben.Open("/office/clients").Follow("Jana Nováková").Sees(t, "Portal on").Follow("Contacts").Sees(t, "Invited", "Send again Petr Novák")
		site.Settle(t)
		if got := site.Mails(); len(got) != 1 || got[0].To[0].Address != "petr@example.com" {
			t.Fatalf("one invitation was expected: %d mails", len(got))
		}
		ben.Follow("Send again Petr Novák").Fill("A word of your own", "See you on Friday.").Press("Send again")
		site.Settle(t)
		if got := site.Mails(); len(got) != 2 {
			t.Errorf("a second mail was expected: %d mails", len(got))
		}
		ben.Follow("Send again Petr Novák").Sees(t, "See you on Friday.").Press("Send again") // what it said before stands there
		got := site.Mails()
		if len(got) != 3 || !strings.Contains(got[2].Text, "See you on Friday.") {
			t.Errorf("the third mail says something else: %d mails", len(got))
		}
		site.Browser().OpenMailed(got[1]).Has(t, 410).Sees(t, "There is a newer link")
		site.Browser().OpenMailed(got[2]).Has(t, 200)
	})
}

// isIn reports whether the browser holds a session that counts.
func isIn(b *portaltest.Browser) bool {
	return strings.HasPrefix(b.Get("/portal").Header.Get("Location"), "/portal/")
}

func TestDisablingEndsEverythingAtOnce(t *testing.T) {
	site := portaltest.Open(t, clients.Module)
	ana := site.As("ana")
	if !isIn(ana) {
		t.Fatal("Ana is not in to begin with")
	}
	ben := site.As("ben").Open("/office/clients").Follow("Ana & Tom Rivera").Follow("Contacts")
	ben.Follow("Disable access").Sees(t, "signed out of the portal everywhere at once").Press("Disable access").Sees(t, "Disabled")
	if isIn(ana) {
		t.Error("Ana is still in")
	}
	ben.Press("Enable access").Sees(t, "Accepted").SeesNot(t, "Disabled")
	if isIn(ana) {
		t.Error("an ended session lives again")
	}
}

func TestDeactivatingThePortalEndsSessions(t *testing.T) {
	site := portaltest.Open(t, clients.Module)
	grace := site.As("grace")
	if !isIn(grace) {
		t.Fatal("Grace is not in to begin with")
	}
	ben := site.As("ben").Open("/office/clients").Follow("Chen Family").Follow("Portal on")
	ben.Sees(t, "2 portal users are signed out at once").Press("Deactivate portal").Sees(t, "Portal off", "deactivated the portal of Chen Family")
	if isIn(grace) {
		t.Error("Grace is still in")
	}
}

func TestASecondEditorIsToldWhatChanged(t *testing.T) {
	site := portaltest.Open(t, clients.Module)
	for _, page := range []struct{ open, field, button string }{
		{"client", "Phone", "Save changes"}, {"project", "Summary", "Save changes"}, {"contact", "Title", "Save changes"},
	} {
		t.Run(page.open, func(t *testing.T) {
			defer site.Snapshot(t)()
			edit := func(who string) *portaltest.Browser {
				b := site.As(who).Open("/office/clients").Follow("Haddad & Sons LLC")
				switch page.open {
				case "client":
					return b.Follow("Edit")
				case "project":
					return b.Follow("Orchard Lane addition").Follow("Edit")
				}
				return b.Follow("Omar Haddad")
			}
			maria, ben := edit("maria"), edit("ben")
			maria.Fill(page.field, "0123 4567").Press(page.button).Has(t, 200)
			ben.Fill(page.field, "0987 6543").Press(page.button).Has(t, 422).
				Sees(t, "Maria Okafor saved this", "0123 4567", "0987 6543", "Nothing was overwritten.")
			if got := ben.Value(page.field); got != "0987 6543" {
				t.Errorf("what Ben typed was lost: %q", got)
			}
			ben.Press(page.button).Has(t, 200)
			if got := edit("maria").Value(page.field); got != "0987 6543" {
				t.Errorf("saved is %q", got)
			}
		})
	}
}

func TestStaffKeepProjects(t *testing.T) {
	site := portaltest.Open(t, clients.Module)
	site.Both(t, "ben", func(t *testing.T, ben *portaltest.Browser) {
		ben.Open("/office/clients/projects").Sees(t, "Maple Street remodel", "Lakeview house").Follow("New project").Follow("Chen Family")
		ben.Fill("Name", "Lakeview house").Fill("Start", "2027-05-01").Fill("End", "2027-04-01").Press("Create project")
		ben.Has(t, 422).Sees(t, "The end comes before the start.")
		ben.Fill("End", "").Fill("Short name", "maple-street").Press("Create project")
		ben.Has(t, 422).Sees(t, "Another project has this short name.")
		ben.Fill("Short name", "").Fill("Name", "Lakeview house!").Tick("Shared with the client").Press("Create project")
		ben.Has(t, 200).Sees(t, "lakeview-house-2", "Planned", "added the project Lakeview house!")
		ben.Follow("Edit").Choose("Status", "Active").Press("Save changes").Sees(t, "Active", "changed status of Lakeview house!")
		ben.Open("/office/clients/projects?q=lakev&status=active").Sees(t, "Lakeview house!", "1 project")
		ben.Open("/office/clients/projects?q=chen").Sees(t, "2 projects")
	})
}

func TestContactsAreCopied(t *testing.T) {
	site := portaltest.Open(t, clients.Module)
	site.Both(t, "ben", func(t *testing.T, ben *portaltest.Browser) {
		ben.Open("/office/clients").Follow("Ana & Tom Rivera").Follow("Contacts")
		tom := site.Person("tom").ContactID.String()
		path, _, _ := strings.Cut(ben.Path(), "?")
		ben.Open(path+"/"+tom+"/copy").Sees(t, "Maple Street garden").Press("Maple Street garden").Sees(t, "2 projects only")
		ben.Open(path+"/"+tom+"/copy?q=chen").Press("Copy here").Sees(t, "Contacts", "Tom Rivera", "Grace Chen")
		ben.Open(path+"/"+tom+"/copy?q=chen").Press("Copy here").Sees(t, "is a contact of Chen Family already")
	})
}

func TestAnotherFirmsIdsAreNotFound(t *testing.T) {
	site := portaltest.Open(t, clients.Module)
	harbor := site.Firm("harbor")
	var client, contact, project string
	row := harbor.DB(t).QueryRowContext(t.Context(), `
		select c.id, ct.id, p.id from client c
		join contact ct on ct.firm_id = c.firm_id and ct.client_id = c.id
		join project p on p.firm_id = c.firm_id and p.client_id = c.id
		where c.firm_id = ? and c.name = 'Seabrook Foundation'`, harbor.FirmID())
	if err := row.Scan(&client, &contact, &project); err != nil {
		t.Fatal(err)
	}
	own := site.Person("omar").ClientID.String()
	maria := site.As("maria")
	for _, path := range []string{
		"/" + client, "/" + client + "/edit", "/" + client + "/contacts", "/" + client + "/projects", "/" + client + "/activity", "/" + client + "/portal",
		"/" + client + "/archive", "/" + client + "/contacts/" + contact, "/" + own + "/contacts/" + contact, "/" + own + "/contacts/" + contact + "/copy",
		"/projects/" + project, "/projects/" + project + "/edit", "/projects/" + project + "/activity", "/projects?client=" + client,
		"/projects/new?client=" + client, "/nonsense", "/projects/nonsense",
	} {
		if got := maria.Get("/office/clients" + path).Status; got != 404 {
			t.Errorf("GET %s: %d", path, got)
		}
	}
	changed := site.Changed(t, func() {
		for path, form := range map[string]url.Values{
			"/" + client: {"name": {"Mine"}, "kind": {"company"}, "version": {"1"}}, "/" + client + "/archive": nil, "/" + client + "/portal": nil,
			"/" + client + "/portal?_method=DELETE": nil, "/archive": {"id": {client}}, "/" + client + "/contacts": {"name": {"Me"}},
			"/" + own + "/contacts/" + contact: {"name": {"Me"}, "version": {"1"}}, "/" + own + "/contacts/" + contact + "/disabled": nil,
			"/" + own + "/contacts/" + contact + "/invitation": nil, "/" + own + "/contacts/" + contact + "/archive": nil,
			"/projects":            {"client": {client}, "name": {"Mine"}, "status": {"active"}, "currency": {"USD"}},
			"/projects/" + project: {"name": {"Mine"}, "status": {"active"}, "currency": {"USD"}, "version": {"1"}},
			"/" + own + "/contacts/" + site.Person("omar").ContactID.String() + "/copy": {"to_client": {client}},
		} {
			if got := maria.Post("/office/clients"+path, form).Status; got != 404 {
				t.Errorf("POST %s: %d", path, got)
			}
		}
	})
	if len(changed) > 0 {
		t.Errorf("something was changed: %v", changed)
	}
	for _, who := range []string{"ana", "grace"} {
		if got := site.As(who).Get("/office/clients").Status; got != 404 {
			t.Errorf("%s sees the register: %d", who, got)
		}
	}
}

func TestTheListIsExportedAndArchivedInBulk(t *testing.T) {
	site := portaltest.Open(t, clients.Module)
	ben := site.As("ben")
	body := ben.Get("/office/clients/list.csv?kind=company")
	if body.Status != 200 || !strings.Contains(string(body.Body), "Haddad & Sons LLC") || strings.Contains(string(body.Body), "Chen Family") || !strings.Contains(string(body.Body), "'+1 512") {
		t.Errorf("%d %s", body.Status, body.Body)
	}
	ben.Open("/office/clients").Tick("Tick Chen Family").Tick("Tick Jana Nováková").Press("Archive").Sees(t, "2 clients archived.", "2 clients").SeesNot(t, "Chen Family")
	ben.Open("/office/clients?state=archived").Sees(t, "Chen Family").Tick("Tick Chen Family").Press("Restore").Sees(t, "3 clients")
}
