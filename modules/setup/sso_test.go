package setup_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"portico/modules/setup"
	"portico/platform/auth/sso"
	"portico/platform/auth/sso/ssotest"
	"portico/platform/portaltest"
)

// openWithProvider is a firm in the neighbourhood of a real provider, at which people of the firm have accounts.
func openWithProvider(t *testing.T) (*portaltest.Site, *ssotest.Provider) {
	t.Helper()
	site := portaltest.Configured(t, map[string]string{"PORTICO_SSO_PRIVATE": "yes", "PORTICO_MAIN_FIRM": "harbor"}, setup.Module)
	provider := ssotest.Start(t, site.URL()+sso.Callback,
		ssotest.Person("id-ben", "Ben Whitaker", "ben@northgate.example"), ssotest.Person("id-maria", "Maria Okafor", "maria@northgate.example"),
		ssotest.Person("id-nora", "Nora Quist", "nora@northgate.example"), ssotest.Person("id-eve", "Eve Stranger", "eve@elsewhere.example"))
	return site, provider
}

// setUp is what an owner does to switch single sign-on on.
func setUp(t *testing.T, maria *portaltest.Browser, provider *ssotest.Provider) {
	t.Helper()
	maria.Open("/office/setup").Sees(t, "Single sign-on").Open("/office/setup/sso").Sees(t, sso.Callback, "Owners keep a way in")
	maria.Fill("Name", "Passgate").Fill("Issuer", provider.Issuer).Fill("Client ID", provider.ClientID).Fill("Client secret", provider.Secret).
		Fill("Email domains", "northgate.example").Tick("Staff can sign in with it").Press("Save changes").Sees(t, "Saved.", "Nobody has signed in with these settings yet")
}

// comeIn signs in at the provider, wherever the site has sent the browser.
func comeIn(t *testing.T, b *portaltest.Browser, provider *ssotest.Provider, username, query string) *portaltest.Browser {
	t.Helper()
	a := b.Get("/sign-in/sso" + query)
	if a.Status != 303 || !strings.HasPrefix(a.Header.Get("Location"), provider.Issuer) {
		t.Fatalf("not sent to the provider: %d %s", a.Status, a.Header.Get("Location"))
	}
	return b.Open(provider.SignIn(t, a.Header.Get("Location"), username))
}

func TestAnOwnerSetsSingleSignOnUpAndStaffComeIn(t *testing.T) {
	site, provider := openWithProvider(t)
	site.Both(t, "maria", func(t *testing.T, maria *portaltest.Browser) {
		maria.Open("/office/setup/sso").Fill("Issuer", provider.Issuer+"nowhere").Press("Test the connection").Sees(t, "No OpenID Connect provider answers")
		maria.Fill("Issuer", strings.TrimSuffix(provider.Issuer, "/")).Press("Test the connection").Sees(t, "Enter exactly that")
		maria.Fill("Issuer", provider.Issuer).Press("Test the connection").Sees(t, "says all that is needed", provider.Issuer+"auth")
		maria.Press("Save changes").Has(t, 422).Sees(t, "Enter the client ID", "Enter at least one")
		setUp(t, maria, provider)

		ben := site.Browser().For(t)
		ben.Open("/sign-in").Sees(t, "Sign in with Passgate")
		comeIn(t, ben, provider, "ben@northgate.example", "")
		if !strings.HasPrefix(ben.Path(), "/office") || ben.Status() == 401 {
			t.Errorf("ben is at %s", ben.Path())
		}
		if got := one[string](t, site, "select said from sso_account where person_id = ?", site.Person("ben").ID); got != "pwd" {
			t.Errorf("the provider says it checked %q", got)
		}
		maria.Open("/office/setup/activity").Sees(t, "changed single sign-on", "Client secret", "tied an account at Passgate")
		maria.SeesNot(t, provider.Secret)
		maria.Open("/office/setup/sso").Sees(t, "The last proof")
		if strings.Contains(maria.Body(), "a secret") {
			t.Error("the page shows the secret again")
		}
		if one[bool](t, site, "select position('secret' in encode(client_secret, 'escape')) > 0 from sso_provider") {
			t.Error("the secret is not sealed")
		}

		comeIn(t, site.Browser().For(t), provider, "eve@elsewhere.example", "").Has(t, 403).Sees(t, "This account is not of", "e••••@elsewhere.example")
		comeIn(t, site.Browser().For(t), provider, "nora@northgate.example", "").Has(t, 403).Sees(t, "Nobody here has this address")
		maria.Tick("Make a member of people who are not on the list").Press("Save changes").Sees(t, "Saved.")
		comeIn(t, site.Browser().For(t), provider, "nora@northgate.example", "")
		maria.Open("/office/setup/staff").Sees(t, "Nora Quist")
	})
}

func TestASecretIsNotSentToAnotherProviderAndASettingNotLost(t *testing.T) {
	site, provider := openWithProvider(t)
	maria := site.As("maria")
	setUp(t, maria, provider)
	maria.Fill("Issuer", "https://evil.example").Press("Save changes").Has(t, 422).Sees(t, "Enter the secret again")
	maria.Open("/office/setup/sso").Tick("Require it of staff").Press("Save changes").Has(t, 422).Sees(t, "First save without this")
	maria.Open("/office/setup/sso").Fill("Name", "Gate").Press("Save changes").Sees(t, "Saved.")
	if a := comeIn(t, site.Browser(), provider, "ben@northgate.example", ""); a.Cookie("portico") == "" {
		t.Error("the secret that was kept does not work")
	}

	other := site.As("maria")
	other.Open("/office/setup/sso")
	maria.Open("/office/setup/sso").Fill("Name", "Passgate").Press("Save changes").Sees(t, "Saved.")
	other.Fill("Name", "Okta").Press("Save changes").Has(t, 409).Sees(t, "Somebody has changed this")
	if other.Value("Name") != "Okta" {
		t.Error("what was typed is lost")
	}
	other.Press("Save changes").Sees(t, "Saved.")
}

func TestOnlyOwnersSetTheProvider(t *testing.T) {
	site, provider := openWithProvider(t)
	for _, who := range []string{"priya", "ben"} {
		b := site.As(who)
		for _, a := range []portaltest.Answer{
			b.Get("/office/setup/sso"), b.Post("/office/setup/sso", url.Values{"name": {"x"}}), b.Post("/office/setup/sso/tests", url.Values{"issuer": {provider.Issuer}}),
		} {
			if a.Status != 404 {
				t.Errorf("%s: %d", who, a.Status)
			}
		}
	}
	site.As("priya").Open("/office/setup").SeesNot(t, "Single sign-on")
}

func TestTheProviderIsSetWithAFreshFactorOnly(t *testing.T) {
	site, provider := openWithProvider(t)
	maria := site.As("maria")
	maria.Open("/office/setup/sso").Fill("Name", "Passgate").Fill("Issuer", provider.Issuer).Fill("Client ID", "x").Fill("Client secret", "y").Fill("Email domains", "northgate.example")
	grow(t, site)
	maria.Press("Save changes").Has(t, 422).Sees(t, "Confirm that it is you")
	if maria.Value("Name") != "Passgate" || maria.Value("Issuer") != provider.Issuer {
		t.Error("what was typed is lost")
	}
	if one[bool](t, site, "select exists (select from sso_provider)") {
		t.Error("it was saved")
	}
}

// grow lets all sessions grow too old for what is protected.
func grow(t *testing.T, site *portaltest.Site) {
	t.Helper()
	if _, err := site.DB(t).NewRaw("update session set confirmed_at = now() - interval '1 hour'").Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func TestRequiredOfStaffAndTheProviderFalls(t *testing.T) {
	site, provider := openWithProvider(t)
	site.Work()
	maria := site.As("maria")
	setUp(t, maria, provider)
	comeIn(t, maria.Open("/sign-in"), provider, "maria@northgate.example", "?confirm=1&to=%2Foffice%2Fsetup%2Fsso").Sees(t, "The last proof")
	maria.Tick("Require it of staff").Press("Save changes").Sees(t, "Saved.")
	maria.Open("/office/setup/staff/new").Fill("Name", "Nora Quist").Fill("Email", "nora@northgate.example").Press("Send the invitation")
	site.Settle(t)
	if letter := site.MailTo("nora@northgate.example"); !strings.Contains(letter.Text, "/sign-in/sso") || strings.Contains(letter.Text, "/sign-in/link/") {
		t.Errorf("the invitation leads elsewhere:\n%s", letter.Text)
	}
	comeIn(t, site.Browser(), provider, "nora@northgate.example", "?to=%2Foffice%2Fsetup")

	provider.Stop()
	owner := site.Browser()
	owner.Open("/sign-in").Fill("Email", "maria@northgate.example").Press("Email me a link")
	site.Settle(t)
	owner.OpenMailed(site.MailTo("maria")).Press("Continue").Sees(t, "Protect your account")
}

func TestSingleSignOnInARealBrowser(t *testing.T) {
	site, provider := openWithProvider(t)
	setUp(t, site.As("maria"), provider)
	ben := site.Chrome(t, "", 1280, false)
	ben.Forgive("404") // the dashboard is not part of this house, and the provider has no icon
	ben.Open("/sign-in").Fits(t).Axe(t).Press("Sign in with Passgate")
	ben.Until("at the provider", `document.querySelector("#username") !== null`)
	ben.Run(chromedp.SetValue("#username", "ben@northgate.example", chromedp.ByQuery), chromedp.SetValue("#password", "horse battery staple", chromedp.ByQuery),
		chromedp.Click("button[type=submit]", chromedp.ByQuery))
	ben.Until("inside", `location.pathname === "/office"`)
	if !one[bool](t, site, "select exists (select from session where sso and person_id = ?)", site.Person("ben").ID) {
		t.Error("no session")
	}

	maria := site.Chrome(t, "maria", 360, true)
	maria.Open("/office/setup/sso").Fits(t).Axe(t)
	maria.Press("Test the connection").Until("tested", `document.body.innerText.includes("says all that is needed")`)
	maria.Fits(t).Axe(t)
}
