package profile_test

import (
	"net/url"
	"regexp"
	"testing"

	"portico/modules/profile"
	"portico/platform/portaltest"
)

func arrange(t *testing.T, site *portaltest.Site, query string, args ...any) {
	t.Helper()
	if _, err := site.DB(t).NewRaw(query, args...).Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func location(a portaltest.Answer) string { return a.Header.Get("Location") }

func confirmFor(path string) string { return "/sign-in/confirm?to=" + url.QueryEscape(path) }

// asContact gives Maria, who owns the firm and has an authenticator app, a place in Ana's portal, and signs her in there
// as her mail alone does.
func asContact(t *testing.T, site *portaltest.Site) *portaltest.Browser {
	t.Helper()
	contact, maria := site.Person("ana").ContactID, site.Person("maria").ID
	arrange(t, site, "update contact set person_id = ? where id = ?", maria, contact)
	arrange(t, site, "update person set totp_at = now(), totp_secret = 'x' where id = ?", maria)
	b := site.Browser()
	b.SetSession(site.SessionOf("maria", contact))
	return b
}

func TestThePortalIsNoWayRoundTheSecondFactorOfStaff(t *testing.T) {
	site := portaltest.Open(t, profile.Module)
	maria := asContact(t, site)
	for _, path := range []string{"/portal/all/profile/passkeys", "/portal/all/profile/password", "/portal/all/profile/export"} {
		if a := maria.Get(path); location(a) != confirmFor(path) {
			t.Errorf("a fresh mail alone opens %s: %d %s", path, a.Status, location(a))
		}
	}
	if a := maria.Post("/portal/all/profile/passkeys/options", nil); a.Status == 200 {
		t.Error("a passkey can be added, and it would open the office")
	}
	arrange(t, site, "update person set welcomed_at = null where email = 'maria@northgate.example'")
	if a := maria.Post("/welcome/passkey/options", nil); a.Status != 404 {
		t.Errorf("the welcome adds a passkey: %d", a.Status)
	}
	maria.Open("/sign-in/confirm?to=/portal/all/profile/passkeys").SeesNot(t, "Email me a code")
	arrange(t, site, "update session set factors = 2")
	maria.Open("/portal/all/profile/passkeys").Has(t, 200).Sees(t, "Your passkeys")
}

func TestFilesAreClosedUntilTheSecondFactorIsShown(t *testing.T) {
	site := portaltest.Open(t, profile.Module)
	grace := site.Person("grace")
	arrange(t, site, `
		insert into file (firm_id, id, purpose, audience, client_id, name, media, size, sha256, variants, state, created_by)
		values (?, '01990000-0000-7000-8000-000000000001', 'test', 'client', ?, 'site.jpg', 'image/jpeg', 1, decode(repeat('00', 32), 'hex'), '{}', 'new', ?)`,
		site.FirmID(), grace.ClientID, grace.ID)
	const path = "/files/01990000-0000-7000-8000-000000000001/medium"
	maria := site.As("maria")
	arrange(t, site, "update person set totp_at = now(), totp_secret = 'x' where email = 'maria@northgate.example'")
	arrange(t, site, "update session set factors = 1")
	if a := maria.Get("/office/profile"); location(a) != "/sign-in/second-factor" {
		t.Fatalf("no duty: %d", a.Status)
	}
	if a := maria.Get(path); a.Status != 404 {
		t.Errorf("before the second factor a file answers %d", a.Status)
	}
	arrange(t, site, "update session set factors = 2")
	if a := maria.Get(path); a.Status != 200 {
		t.Errorf("after it: %d", a.Status)
	}
}

var handover = regexp.MustCompile(`action="(/switch\?firm=[^"]*)"`)

func TestAHandoverIsNotAFreshProof(t *testing.T) {
	site := portaltest.Open(t, profile.Module)
	ana := site.As("ana").Open("/switch")
	form := handover.FindStringSubmatch(ana.Body())
	if form == nil {
		t.Fatalf("no way to the other firm: %s", ana.Text())
	}
	there, err := url.Parse(location(ana.Post(form[1], nil)))
	if err != nil {
		t.Fatal(err)
	}
	harbor := site.Firm("harbor").Browser().Open(there.Path).Press("Continue")
	if a := harbor.Get("/portal/all/profile/passkeys"); location(a) != confirmFor("/portal/all/profile/passkeys") {
		t.Errorf("no proof is asked for: %d %s", a.Status, location(a))
	}
}

func TestAKeptPictureIsAskedAboutEachTime(t *testing.T) {
	site := portaltest.Open(t, profile.Module)
	ana := site.As("ana")
	ana.Open("/portal/all/profile").Attach("Photo", "ana.png", picture()).Press("Save details")
	site.Settle(t)
	path := "/files/" + text(t, site, "select photo_id::text from person where email = 'ana.rivera@example.com'") + "/thumb"
	first := ana.Get(path)
	mark := first.Header.Get("ETag")
	if first.Status != 200 || mark == "" || first.Header.Get("Cache-Control") != "private, no-cache" {
		t.Fatalf("%d, %q, %q", first.Status, mark, first.Header.Get("Cache-Control"))
	}
	if again := ana.Get(path, "If-None-Match", mark); again.Status != 304 || len(again.Body) != 0 {
		t.Errorf("again: %d", again.Status)
	}
	if got := site.As("maria").Get(path).Status; got != 200 {
		t.Errorf("staff see the photo of a contact with %d", got)
	}
	for _, stranger := range []string{"grace", "omar"} {
		if got := site.As(stranger).Get(path).Status; got != 404 {
			t.Errorf("%s, another client, sees it with %d", stranger, got)
		}
	}
	arrange(t, site, "update contact set disabled_at = now() where email = 'ana.rivera@example.com'")
	if after := ana.Get(path, "If-None-Match", mark); after.Status != 404 {
		t.Errorf("after her access has ended: %d", after.Status)
	}
}

func TestAClosedPortalIsSilentAndAScopeHasAName(t *testing.T) {
	site := portaltest.Open(t, profile.Module)
	ana := site.As("ana")
	for _, scope := range []string{"%00", "%ff", "%20", "nowhere"} {
		if a := ana.Get("/portal/" + scope + "/profile"); a.Status != 404 {
			t.Errorf("/portal/%s answers %d", scope, a.Status)
		}
	}
	arrange(t, site, "update firm set portal_on = false")
	if a := ana.Get("/live", "Accept", "text/event-stream"); a.Status != 204 {
		t.Errorf("the stream of a closed portal answers %d", a.Status)
	}
}

func TestATalkedIntoAddressOpensNoOtherFirm(t *testing.T) {
	site := portaltest.Open(t, profile.Module)
	tom := site.As("tom")
	tom.Open("/portal/all/profile/address").Fill("New address", "ruth@seabrook.example").Press("Send both messages")
	for _, mail := range []string{"tom", "ruth@seabrook.example"} { // Ruth is somebody at Harbor Events, and presses the button
		site.Browser().Open(path(portaltest.MailedLink(t, site.MailTo(mail)))).Press("Yes, change it")
	}
	if got := text(t, site, "select count(*)::text from person where email = 'ruth@seabrook.example'"); got != "2" {
		t.Fatalf("the address is that of %s", got)
	}
	harbor := "/switch?firm=" + site.Firm("harbor").FirmID().String()
	tom.Open("/switch").SeesNot(t, "Harbor Events", "Seabrook")
	if a := tom.Post(harbor, nil); a.Status != 404 {
		t.Errorf("Tom comes in as Ruth: %d %s", a.Status, location(a))
	}
}
