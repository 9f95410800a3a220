package clients_test

import (
	"strings"
	"testing"

	"portico/modules/clients"
	"portico/platform/access"
	"portico/platform/module"
	"portico/platform/portaltest"
	"portico/platform/web"
)

func house(t *testing.T) *portaltest.Site {
	t.Helper()
	return portaltest.Open(t, clients.Module, setupModule())
}

// setupModule stands for the section to which the hints lead.
func setupModule() module.Module {
	manage := access.Staff("setup:manage", access.Admin)
	return module.Module{
		ID: "setup", Title: "Setup", Summary: "For a test.", Icon: "settings", Toggle: module.Always, Permissions: []access.Permission{manage},
		OfficeNav: []module.Nav{{Title: "Setup", Icon: "settings", Who: manage, Order: 900}},
		Mount: func(module.Platform) (module.Section, error) {
			page := func(r *web.Request) error { return r.Text("Clients can use the portal") }
			return module.Section{Office: []web.Route{web.Get("/portal", manage, page)}}, nil
		},
	}
}

func set(t *testing.T, site *portaltest.Site, query string, args ...any) {
	t.Helper()
	if _, err := site.DB(t).NewRaw(query, args...).Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func look[T any](t *testing.T, site *portaltest.Site, query string, args ...any) (value T) {
	t.Helper()
	if err := site.DB(t).NewRaw(query, args...).Scan(t.Context(), &value); err != nil {
		t.Fatal(err)
	}
	return value
}

func TestAContactsCloudActivatesAndInvites(t *testing.T) {
	site := house(t)
	site.Both(t, "ben", func(t *testing.T, ben *portaltest.Browser) {
		site.Smtp.Forget()
		ben.Open("/office/clients/" + look[string](t, site, "select id::text from client where name = 'Jana Nováková'") + "/contacts")
		ben.Sees(t, "Inviting somebody switches it on, too").Follow("Invite Jana Nováková")
		ben.Sees(t, "The portal of Jana Nováková is activated with it.", "becomes a portal user").Fill("A word of your own", "See you on Monday").Press("Activate and invite")
		ben.Sees(t, "Invited", "Portal on")
		mail := site.MailTo("jana.novakova@example.com")
		if !strings.Contains(mail.Text, "See you on Monday") || !strings.Contains(mail.Text, "Ben Lindqvist of Northgate Builders has opened a portal") {
			t.Errorf("the mail says\n%s", mail.Text)
		}
		jana := site.Browser().OpenMailed(mail).Press("Open my portal")
		jana.Press("Go to my portal")
		if !isIn(jana) {
			t.Error("not inside")
		}
		ben.Open(ben.Path()).Follow("Disable the access of Jana Nováková").Sees(t, "signed out of the portal everywhere at once").Press("Disable access").Sees(t, "Disabled")
		if isIn(jana) {
			t.Error("the session goes on")
		}
	})
}

func TestWithAClosedFirmThereIsNoCloudButAHint(t *testing.T) {
	site := house(t)
	set(t, site, "update firm set portal_on = false")
	client := "/office/clients/" + look[string](t, site, "select id::text from client where name = 'Chen Family'")
	project := "/office/clients/projects/" + look[string](t, site, "select id::text from project where key = 'lakeview-house'")
	contact := client + "/contacts/" + look[string](t, site, "select id::text from contact where name = 'Wei Chen'")
	for _, page := range []string{client, client + "/contacts", project, contact + "/invitation"} {
		maria, ben := site.As("maria").Open(page), site.As("ben").Open(page)
		for _, b := range []*portaltest.Browser{maria, ben} {
			b.Sees(t, "The portal is off for the whole firm")
			if n := b.Count("a.cloud"); n > 0 {
				t.Errorf("%s has %d clouds to press", page, n)
			}
		}
		maria.Follow("Switch it on in Setup").Has(t, 200).Sees(t, "Clients can use the portal")
		ben.Sees(t, "An owner or admin switches it on").SeesNot(t, "Switch it on in Setup")
	}
	if a := site.As("ben").Post(contact+"/invitation", nil); a.Status != 409 {
		t.Errorf("invited by hand: %d", a.Status)
	}
	novak := look[string](t, site, "select id::text from client where name = 'Jana Nováková'")
	if a := site.As("ben").Post("/office/clients/"+novak+"/portal", nil); a.Status != 409 {
		t.Errorf("activated by hand: %d", a.Status)
	}
	if look[bool](t, site, "select portal_on from client where id = ?", novak) || len(site.Mails()) > 0 {
		t.Error("it changed something")
	}
}

func TestAProjectsCloudSharesAndActivates(t *testing.T) {
	site := house(t)
	site.Both(t, "ben", func(t *testing.T, ben *portaltest.Browser) {
		site.Smtp.Forget()
		ben.Open("/office/clients/projects/" + look[string](t, site, "select id::text from project where key = 'pecan-deck'"))
		ben.Follow("Client does not see it").Sees(t, "Show Pecan Drive deck to the client?", "The project is shared", "is activated", "Make a portal user and invite")
		ben.Tick("Jana Nováková").Press("Share and activate").Sees(t, "Client sees it")
		if !strings.Contains(site.MailTo("jana.novakova@example.com").Text, "everything about Pecan Drive deck") {
			t.Error("the invitation does not name the project")
		}
		if !look[bool](t, site, "select p.shared and c.portal_on from project p join client c on c.id = p.client_id where p.key = 'pecan-deck'") {
			t.Error("not shared and activated")
		}
		ben.Follow("Client sees it").Press("Stop showing it").Sees(t, "Client does not see it")
		ben.Follow("Client does not see it").SeesNot(t, "is activated").Press("Share project").Sees(t, "Client sees it")
		set(t, site, "update project set status = 'archived' where key = 'pecan-deck'")
		ben.Open(ben.Path())
		if n := ben.Count("a.cloud"); n > 0 {
			t.Error("an archived project can be shown")
		}
		if a := ben.Post(ben.Path()+"/portal", nil); a.Status != 409 {
			t.Errorf("shown by hand: %d", a.Status)
		}
	})
}

func TestAMailThatCameBackIsMendedByTheRightAddress(t *testing.T) {
	site := house(t)
	site.Both(t, "ben", func(t *testing.T, ben *portaltest.Browser) {
		set(t, site, "update contact set email = 'bounce@example.com' where name = 'Lucía Rivera'")
		ben.Open("/office/clients/" + site.Person("ana").ClientID.String() + "/contacts").Follow("Invite Lucía Rivera").Press("Send invitation")
		site.Settle(t)
		ben.Open(ben.Path()).Sees(t, "Mail came back", "User unknown").Follow("Lucía Rivera")
		ben.Sees(t, "The last mail to bounce@example.com came back: 550 5.1.1", "Ask for the right address and correct it here", "Latest mails", "Northgate Builders has opened your portal", "Came back")
		ben.Fill("Email", "lucia.rivera@example.com").Press("Save changes").Sees(t, "Not invited").SeesNot(t, "Mail came back")
		ben.Follow("Lucía Rivera").SeesNot(t, "came back")
	})
}
