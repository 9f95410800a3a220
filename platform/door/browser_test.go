package door_test

import (
	"context"
	"testing"

	"github.com/chromedp/cdproto/webauthn"
	"github.com/chromedp/chromedp"

	"portico/platform/portaltest"
)

// phoneWithFinger gives the browser an authenticator of its own, as a phone has one.
func phoneWithFinger(b *portaltest.Tab) *portaltest.Tab {
	return b.Run(webauthn.Enable(), chromedp.ActionFunc(func(ctx context.Context) error {
		_, err := webauthn.AddVirtualAuthenticator(&webauthn.VirtualAuthenticatorOptions{
			Protocol: webauthn.AuthenticatorProtocolCtap2, Transport: webauthn.AuthenticatorTransportInternal,
			HasResidentKey: true, HasUserVerification: true, IsUserVerified: true, AutomaticPresenceSimulation: true,
		}).Do(ctx)
		return err
	}))
}

func TestAPasskeyMadeAtTheFirstVisitOpensTheNext(t *testing.T) {
	site := open(t)
	arrange(t, site, "update contact set invited_at = now() where email = 'wei.chen@example.com'")
	wei := phoneWithFinger(site.Chrome(t, "wei", 360, false)).Open("/welcome")
	wei.Sees(t, "Good to see you, Wei")
	wei.Press("Use fingerprint or face").Until("the passkey is kept", `document.body.innerText.includes("Your passkey is ready")`)
	wei.Fits(t).Axe(t)

	wei.Forgive("404") // no section is imported here, so there is no page behind the door
	wei.Press("Go to my portal").Until("inside", `location.pathname === "/portal/all"`)
	signOut(wei)
	wei.Open("/sign-in").Press("Use a passkey").Until("inside again", `location.pathname === "/portal/all"`)
	if !signedIn(t, site, "Wei Chen", 2) {
		t.Error("no session with two factors")
	}
}

func TestAPasskeyIsTheSecondFactorThatAFirmForces(t *testing.T) {
	site := open(t)
	arrange(t, site, "update firm set second_factor = '{owner}'")
	maria := phoneWithFinger(site.Chrome(t, "", 1280, true))
	maria.Forgive("404")
	signIn := func() {
		ask(site.Browser(), "maria@northgate.example")
		maria.Open(linkIn(t, site.MailTo("maria"))).Press("Continue")
	}
	signIn()
	maria.Until("the duty", `document.body.innerText.includes("Protect your account")`)
	maria.Press("Use fingerprint or face").Until("inside", `location.pathname === "/office"`)
	signOut(maria)
	signIn()
	maria.Until("the second step", `document.body.innerText.includes("One more step")`)
	maria.Fits(t).Axe(t)
	maria.Press("Use a passkey").Until("inside again", `location.pathname === "/office"`)
	if !signedIn(t, site, "Maria Okafor", 2) {
		t.Error("no session with two factors")
	}
}

func TestALinkPressesItselfOnlyWhereItWasAskedFor(t *testing.T) {
	site := open(t)
	ana := site.Chrome(t, "", 360, false)
	ana.Forgive("404")
	ana.Open("/sign-in").Fill("Email", "ana.rivera@example.com").Press("Email me a link")
	ana.Sees(t, "Check your mail")
	link := linkIn(t, site.MailTo("ana"))
	other := site.Chrome(t, "", 1280, false).Open(link).Quiet()
	other.Sees(t, "Sign in as Ana")
	ana.Open(link).Until("inside", `location.pathname === "/portal/all"`)
}

func signedIn(t *testing.T, site *portaltest.Site, name string, factors int) (yes bool) {
	t.Helper()
	err := site.DB(t).NewRaw(`
		select exists (select from session s join person p on p.firm_id = s.firm_id and p.id = s.person_id
			where p.name = ? and s.factors = ?)`, name, factors).Scan(t.Context(), &yes)
	if err != nil {
		t.Fatal(err)
	}
	return yes
}

// signOut ends the session in the tab's own browser, and waits for the answer.
func signOut(tab *portaltest.Tab) {
	tab.Forgive("[object Event]") // the live stream of the page ends with its session
	tab.Eval(`(window.left = false, fetch("/sign-out", {method: "POST"}).then(() => { window.left = true }), true)`, nil)
	tab.Until("signed out", `window.left === true`)
}
