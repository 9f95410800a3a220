package door_test

import (
	"net/url"
	"regexp"
	"testing"

	"portico/platform/portaltest"
)

func TestEveryEndOfALinkHasAPageWorthReading(t *testing.T) {
	site := open(t)
	ask(site.Browser(), "ana.rivera@example.com")
	mail := site.MailTo("ana")
	back := site.Snapshot(t)
	for _, end := range []struct {
		name, change string
		status       int
		sees         []string
	}{
		{"old", "update link set expires_at = now() - interval '1 minute'", 410, []string{"This link is too old", "Send me a new link"}},
		{"newer", "update link set ended_at = now()", 410, []string{"There is a newer link", "Send me a new link"}},
		{"address changed", "update person set email = 'ana@new.example' where email = 'ana.rivera@example.com'", 410,
			[]string{"This link went to a former address", "a••••@example.com", "+1 512 555 0100"}},
		{"disabled", "update contact set disabled_at = now() where email = 'ana.rivera@example.com'", 403,
			[]string{"Your access is switched off", "office@northgate.example"}},
		{"no portal user any more", "update contact set access = 'none' where email = 'ana.rivera@example.com'", 403,
			[]string{"Your access is switched off"}},
		{"the client's portal is off", "update client set portal_on = false", 403, []string{"The portal is closed for now", "+1 512 555 0100"}},
		{"the firm's portal is off", "update firm set portal_on = false", 403, []string{"The portal is closed for now"}},
		{"the firm is suspended", "update firm set status = 'suspended'", 403, []string{"The portal is closed for now"}},
	} {
		t.Run(end.name, func(t *testing.T) {
			arrange(t, site, end.change)
			b := site.Browser().For(t).OpenMailed(mail).Has(t, end.status).Sees(t, end.sees...)
			if answer := b.Post("/sign-in/link", url.Values{"token": {tokenIn(t, mail)}}); answer.Status == 303 || b.Cookie("portico") != "" {
				t.Errorf("signed in all the same: %d", answer.Status)
			}
		})
		site.Rest()
		back()
	}
}

func TestDisabledAccessEndsWithTheNextRequest(t *testing.T) {
	site := open(t)
	ana := site.As("ana")
	if !in(ana) {
		t.Fatal("ana is not in")
	}
	arrange(t, site, "update contact set disabled_at = now() where id = ?", site.Person("ana").ContactID)
	if in(ana) {
		t.Error("a disabled contact goes on")
	}
	ask(ana, "ana.rivera@example.com").Sees(t, "Check your mail")
	for _, mail := range site.Mails() {
		t.Errorf("a mail to %s", mail.Recipient)
	}
}

func TestAClosedPortalSaysWhomToAsk(t *testing.T) {
	site := open(t)
	ana := site.As("ana")
	ana.Open("/closed")
	if ana.Path() == "/closed" {
		t.Error("an open portal says that it is closed")
	}
	arrange(t, site, "update client set portal_on = false where id = ?", site.Person("ana").ClientID)
	ana.Open("/closed").Has(t, 200).Sees(t, "The portal is closed for now", "Ana & Tom Rivera", "+1 512 555 0100")
	ana.Press("Sign out").Sees(t, "You are signed out.", "Sign in")
	if ana.Cookie("portico") != "" {
		t.Error("the cookie is still there")
	}
}

func TestTheStartKnowsWhereOneBelongs(t *testing.T) {
	site := open(t)
	for who, want := range map[string]string{"ana": "/portal/all", "maria": "/office"} {
		if answer := site.As(who).Get("/"); answer.Header.Get("Location") != want {
			t.Errorf("%s starts at %s", who, answer.Header.Get("Location"))
		}
	}
	if answer := site.Stranger().Get("/"); answer.Header.Get("Location") != "/sign-in" {
		t.Errorf("a stranger starts at %s", answer.Header.Get("Location"))
	}
	if answer := site.Stranger().Get("/portal"); answer.Header.Get("Location") != "/sign-in?to=%2Fportal" {
		t.Errorf("a stranger at /portal is sent to %s", answer.Header.Get("Location"))
	}
	if answer := site.As("ana").Get("/sign-in"); answer.Header.Get("Location") != "/portal/all" {
		t.Errorf("whoever is in is asked again: %d", answer.Status)
	}
}

func TestATypingErrorLosesNothing(t *testing.T) {
	site := open(t)
	b := ask(site.Browser(), "ana.rivera@")
	b.Has(t, 422).Sees(t, "Enter your address in full")
	if got := b.Value("Email"); got != "ana.rivera@" {
		t.Errorf("the field shows %q", got)
	}
}

func TestOnePersonSwitchesBetweenPlacesAndFirms(t *testing.T) {
	site := open(t)
	ana := site.As("ana")
	ana.Open("/switch").Sees(t, "Where to?", "Northgate Builders", "Harbor Events")
	answer := ana.Post(actionOf(t, ana, "/switch?firm="), nil)
	to := answer.Header.Get("Location")
	there, err := url.Parse(to)
	if err != nil || answer.Status != 303 || there.Host != mustHost(t, site.Firm("harbor").URL()) {
		t.Fatalf("switching answers %d, to %s", answer.Status, to)
	}

	harbor := site.Firm("harbor").Browser().Open(there.Path)
	harbor.Sees(t, "Sign in as Ana", "Harbor Events")
	if in(harbor) {
		t.Error("looking at a handover signed in")
	}
	harbor.Press("Continue")
	if !in(harbor) {
		t.Fatalf("not in: %s", harbor.Text())
	}
	site.Firm("harbor").Browser().Open(there.Path).Has(t, 410)
	if answer := site.As("grace").Post(actionOf(t, ana.Open("/switch"), "/switch?firm="), nil); answer.Status != 404 {
		t.Errorf("a stranger to Harbor Events gets %d", answer.Status)
	}
}

// actionOf finds the address of the form that begins so.
func actionOf(t *testing.T, b *portaltest.Browser, start string) string {
	t.Helper()
	found := regexp.MustCompile(`action="(` + regexp.QuoteMeta(start) + `[^"]*)"`).FindStringSubmatch(b.Body())
	if found == nil {
		t.Fatalf("no form to %s: %s", start, b.Text())
	}
	return found[1]
}

func mustHost(t *testing.T, address string) string {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return u.Host
}
