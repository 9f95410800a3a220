package door_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/auth/sso"
	"portico/platform/auth/sso/ssotest"
	"portico/platform/db"
	"portico/platform/portaltest"
)

// withSSO is the demo in which the firm has a provider of its own.
func withSSO(t *testing.T) (*portaltest.Site, *ssotest.Liar) {
	t.Helper()
	site := portaltest.Configured(t, map[string]string{"PORTICO_SSO_PRIVATE": "yes", "PORTICO_MAIN_FIRM": "harbor"})
	liar := ssotest.Lie(t, site.Now)
	liar.Claims = called("ben", "ben@northgate.example")
	provide(t, site, liar.Issuer)
	return site, liar
}

func provide(t *testing.T, site *portaltest.Site, issuer string) {
	t.Helper()
	desk := sso.NewDesk(site.Host.Key, true, site.Now)
	err := db.InTx(t.Context(), site.Pool, site.FirmID(), func(ctx context.Context, tx bun.Tx) error {
		_, err := desk.Save(ctx, tx, auth.System(site.FirmID()), sso.Provider{
			Name: "Passgate", Issuer: issuer, ClientID: "portico", Domains: []string{"northgate.example"}, Enabled: true,
		}, "secret")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// called makes the provider speak of somebody.
func called(subject, email string) func(map[string]any) {
	return func(c map[string]any) { c["sub"], c["email"], c["email_verified"] = subject, email, true }
}

// begin is the press of the button; it gives where the browser is sent.
func begin(t *testing.T, b *portaltest.Browser, to string) string {
	t.Helper()
	a := b.Get("/sign-in/sso" + to)
	if a.Status != 303 {
		t.Fatalf("the button leads nowhere: %d\n%s", a.Status, a.Body)
	}
	return a.Header.Get("Location")
}

// through is the whole way with the liar.
func through(t *testing.T, b *portaltest.Browser, liar *ssotest.Liar, to string) *portaltest.Browser {
	t.Helper()
	return b.Open(sso.Callback + "?" + liar.Code(t, begin(t, b, to)).Encode())
}

func TestStaffComeInWithTheFirmsOwnProvider(t *testing.T) {
	site, liar := withSSO(t)
	ben := site.Browser()
	ben.Open("/sign-in?to=%2Foffice%2Fhelp").Sees(t, "Sign in with Passgate")
	at, err := url.Parse(begin(t, ben, "?to=%2Foffice%2Fhelp"))
	if err != nil {
		t.Fatal(err)
	}
	q := at.Query()
	if q.Get("response_type") != "code" || q.Get("code_challenge_method") != "S256" || q.Get("nonce") == "" || q.Get("redirect_uri") != site.URL()+sso.Callback || !strings.Contains(q.Get("scope"), "openid") {
		t.Errorf("asked %v", q)
	}
	a := ben.Get(sso.Callback + "?" + liar.Code(t, at.String()).Encode())
	if a.Status != 303 || a.Header.Get("Location") != "/office/help" {
		t.Errorf("%d to %s", a.Status, a.Header.Get("Location"))
	}
	if !isSo(t, site, "select exists (select from session s where s.sso and s.factors = 1 and s.person_id = ?)", site.Person("ben").ID) {
		t.Error("no session")
	}
	if got := begin(t, ben, ""); got != "/office" {
		t.Errorf("who is in is sent away again: %s", got)
	}
	ben.Post("/sign-out", nil)
	if a := ben.Get("/switch"); a.Status != 303 || !strings.HasPrefix(a.Header.Get("Location"), "/sign-in") {
		t.Errorf("signed out, and yet %d", a.Status)
	}
}

func isSo(t *testing.T, site *portaltest.Site, query string, args ...any) (yes bool) {
	t.Helper()
	if err := site.DB(t).NewRaw(query, args...).Scan(t.Context(), &yes); err != nil {
		t.Fatal(err)
	}
	return yes
}

func TestTheButtonIsThereOnlyWhereTheFirmHasAProvider(t *testing.T) {
	site, liar := withSSO(t)
	harbor := site.Firm("harbor").Browser()
	harbor.Open("/sign-in").SeesNot(t, "Passgate")
	harbor.Open("/sign-in/sso").Has(t, 404).Sees(t, "There is no single sign-on here")
	// at another address of the firm the browser is led to the one that the provider knows
	provide(t, site.Firm("harbor"), liar.Issuer)
	if to := begin(t, harbor, "?to=%2Foffice"); to != "http://localhost"+site.URL()[len("http://demo.localhost"):]+"/sign-in/sso?to=%2Foffice" {
		t.Errorf("led to %s", to)
	}
	arrange(t, site, "update sso_provider set enabled = false")
	site.Browser().Open("/sign-in").SeesNot(t, "Passgate").Open("/sign-in/sso").Has(t, 404)
	site.Browser().Open(sso.Callback+"?code=x&state=y").Has(t, 404)
}

// Each attack begins an honest sign-in and changes one thing. None may end with a session.
func TestADishonestAnswerSignsNobodyIn(t *testing.T) {
	site, liar := withSSO(t)
	honest, back := liar.Claims, site.Snapshot(t)
	but := func(change func(map[string]any)) func() {
		return func() { liar.Claims = func(c map[string]any) { honest(c); change(c) } }
	}
	for _, attack := range []struct {
		name   string
		lie    func()
		change func(url.Values)
		status int
		sees   string
	}{
		{"a foreign state", nil, func(q url.Values) { q.Set("state", strings.Repeat("A", 300)) }, 410, "no longer good"},
		{"no state", nil, func(q url.Values) { q.Del("state") }, 410, "no longer good"},
		{"no code", nil, func(q url.Values) { q.Del("code") }, 403, "cannot trust"},
		{"another code", nil, func(q url.Values) { q.Set("code", "made-up") }, 410, "no longer good"},
		{"another issuer in the answer", nil, func(q url.Values) { q.Set("iss", "https://evil.example") }, 403, "cannot trust"},
		{"cancelled", nil, func(q url.Values) { q.Del("code"); q.Set("error", "access_denied") }, 403, "You are not signed in"},
		{"the provider is ill", nil, func(q url.Values) { q.Del("code"); q.Set("error", "server_error") }, 503, "does not answer"},
		{"refused for a scope", nil, func(q url.Values) { q.Del("code"); q.Set("error", "invalid_scope") }, 403, "not set up right"},
		{"wrong nonce", but(func(c map[string]any) { c["nonce"] = "replayed" }), nil, 403, "cannot trust"},
		{"no nonce", but(func(c map[string]any) { delete(c, "nonce") }), nil, 403, "cannot trust"},
		{"for another audience", but(func(c map[string]any) { c["aud"] = "shop" }), nil, 403, "cannot trust"},
		{"for several, made for another", but(func(c map[string]any) { c["aud"], c["azp"] = []string{"portico", "shop"}, "shop" }), nil, 403, "cannot trust"},
		{"for several, made for nobody", but(func(c map[string]any) { c["aud"] = []string{"portico", "shop"} }), nil, 403, "cannot trust"},
		{"another issuer in the token", but(func(c map[string]any) { c["iss"] = "https://evil.example" }), nil, 403, "cannot trust"},
		{"nobody", but(func(c map[string]any) { c["sub"] = "" }), nil, 403, "cannot trust"},
		{"expired", but(func(c map[string]any) { c["exp"] = site.Now().Add(-time.Hour).Unix() }), nil, 403, "clocks do not agree"},
		{"from the future", but(func(c map[string]any) { c["iat"] = site.Now().Add(time.Hour).Unix() }), nil, 403, "clocks do not agree"},
		{"not valid yet", but(func(c map[string]any) { c["nbf"] = site.Now().Add(time.Hour).Unix() }), nil, 403, "clocks do not agree"},
		{"unverified", but(func(c map[string]any) { c["email_verified"] = false }), nil, 403, "not confirmed there"},
		{"nobody vouches", but(func(c map[string]any) { delete(c, "email_verified") }), nil, 403, "not confirmed there"},
		{"a word of Microsoft's from somebody else", but(func(c map[string]any) { delete(c, "email_verified"); c["xms_edov"] = true }), nil, 403, "not confirmed there"},
		{"no address", but(func(c map[string]any) { delete(c, "email") }), nil, 403, "not confirmed there"},
		{"an address that is two", but(func(c map[string]any) { c["email"] = "ben@northgate.example, x@northgate.example" }), nil, 403, "not confirmed there"},
		{"other domain", but(func(c map[string]any) { c["email"] = "ben@gmail.com" }), nil, 403, "not of Northgate Builders"},
		{"a domain that ends alike", but(func(c map[string]any) { c["email"] = "ben@evil-northgate.example" }), nil, 403, "not of Northgate Builders"},
		{"nobody of the staff", but(func(c map[string]any) { c["email"] = "stranger@northgate.example" }), nil, 403, "Nobody here has this address"},
		{"not signed", func() {
			liar.Token = func(token string) string {
				parts := strings.Split(token, ".")
				return "eyJhbGciOiJub25lIn0." + parts[1] + "."
			}
		}, nil, 403, "cannot trust"},
		{"signed with a word that we know, too", func() {
			liar.Token = func(token string) string { return "eyJhbGciOiJIUzI1NiJ9." + strings.SplitN(token, ".", 2)[1] }
		}, nil, 403, "cannot trust"},
		{"changed after it was signed", func() {
			liar.Token = func(token string) string {
				parts := strings.Split(token, ".")
				return parts[0] + "." + parts[1][:len(parts[1])-4] + "AAAA." + parts[2]
			}
		}, nil, 403, "cannot trust"},
		{"no token", func() { liar.Token = func(string) string { return "" } }, nil, 403, "cannot trust"},
		{"another access token", but(func(c map[string]any) { c["at_hash"] = "AAAAAAAAAAAAAAAAAAAAAA" }), nil, 403, "cannot trust"},
		{"the client is refused", func() {
			liar.Answer = func(w http.ResponseWriter, _ *http.Request) bool {
				w.Header().Set("Content-Type", "application/json")
				w.WriteHeader(401)
				_, _ = w.Write([]byte(`{"error":"invalid_client"}`))
				return true
			}
		}, nil, 403, "not set up right"},
		{"the provider breaks down", func() {
			liar.Answer = func(w http.ResponseWriter, _ *http.Request) bool { w.WriteHeader(502); return true }
		}, nil, 503, "does not answer"},
		{"the provider answers something else", func() {
			liar.Answer = func(w http.ResponseWriter, _ *http.Request) bool {
				_, _ = w.Write([]byte("<h1>Hello</h1>"))
				return true
			}
		}, nil, 403, "cannot trust"},
	} {
		t.Run(attack.name, func(t *testing.T) {
			liar.Claims, liar.Token, liar.Answer = honest, nil, nil
			if attack.lie != nil {
				attack.lie()
			}
			b := site.Browser().For(t)
			query := liar.Code(t, begin(t, b, "?to=%2Foffice"))
			if attack.change != nil {
				attack.change(query)
			}
			a := b.Get(sso.Callback + "?" + query.Encode())
			if a.Status != attack.status || !strings.Contains(string(a.Body), attack.sees) {
				t.Errorf("%d, want %d with %q:\n%s", a.Status, attack.status, attack.sees, a.Body)
			}
			if a.Status >= 500 && attack.status < 500 || strings.Contains(string(a.Body), "Something went wrong") {
				t.Error("an apology instead of a page")
			}
			if b.Cookie("portico") != "" || sessions(t, site) != 0 {
				t.Error("somebody is signed in")
			}
			if !strings.Contains(a.Header.Get("Referrer-Policy"), "no-referrer") {
				t.Error("the code would be told to others")
			}
		})
		back()
	}
}

func TestAnAnswerCountsOnceInTheBrowserThatAskedForTheFirmItAskedFor(t *testing.T) {
	site, liar := withSSO(t)
	provide(t, site.Firm("harbor"), liar.Issuer)
	ben, thief := site.Browser(), site.Browser()
	query := liar.Code(t, begin(t, ben, "")).Encode()

	thief.Open("/sign-in").Open(sso.Callback+"?"+query).Has(t, 410).Sees(t, "no longer good")
	if liar.Tokens != 0 {
		t.Error("the code of another browser was taken to the provider")
	}
	other := site.Firm("harbor").Browser()
	other.Open("/sign-in").Open(sso.Callback+"?"+query).Has(t, 410)
	// the same browser name at the other firm does not help either
	if a := other.Get(sso.Callback+"?"+query, "Cookie", "portico-visit="+ben.Cookie("portico-visit")); a.Status != 410 {
		t.Errorf("another firm takes the answer: %d", a.Status)
	}
	if a := ben.Get(sso.Callback + "?" + query); a.Status != 303 {
		t.Fatalf("the honest one: %d\n%s", a.Status, a.Body)
	}
	asked := liar.Tokens
	ben.Open(sso.Callback+"?"+query).Has(t, 410).Sees(t, "Go on as Ben")
	if liar.Tokens != asked || sessions(t, site) != 1 {
		t.Error("the same answer counted twice")
	}

	late := site.Browser()
	query = liar.Code(t, begin(t, late, "")).Encode()
	site.Advance(sso.Lifetime + time.Minute)
	late.Open(sso.Callback+"?"+query).Has(t, 410)
}

func TestTwoTabsMaySignInAtOnce(t *testing.T) {
	site, liar := withSSO(t)
	ben := site.Browser()
	first, second := begin(t, ben, "?to=%2Foffice%2Fhelp"), begin(t, ben, "")
	if a := ben.Get(sso.Callback + "?" + liar.Code(t, first).Encode()); a.Status != 303 || a.Header.Get("Location") != "/office/help" {
		t.Errorf("%d %s", a.Status, a.Header.Get("Location"))
	}
	if a := ben.Get(sso.Callback + "?" + liar.Code(t, second).Encode()); a.Status != 303 {
		t.Errorf("%d", a.Status)
	}
}

func TestTheWayBackFromAProviderStaysOnThisSite(t *testing.T) {
	site, liar := withSSO(t)
	for _, to := range []string{"https://evil.example/", "//evil.example", "/\\evil.example", "/sign-out", "javascript:alert(1)", "/portal/all"} {
		b := site.Browser()
		query := liar.Code(t, begin(t, b, "?to="+url.QueryEscape(to)))
		if a := b.Get(sso.Callback + "?" + query.Encode() + "&to=" + url.QueryEscape(to)); a.Header.Get("Location") != "/office" {
			t.Errorf("%s: %d to %s", to, a.Status, a.Header.Get("Location"))
		}
	}
}

func TestAnAccountBelongsToOnePersonForGood(t *testing.T) {
	site, liar := withSSO(t)
	through(t, site.Browser(), liar, "")
	ben, priya := site.Person("ben").ID, site.Person("priya").ID
	who := "select person_id = ? from session order by created_at desc limit 1"

	// the address changes at the provider, to one that is another's here: the account is still Ben's
	liar.Claims = called("ben", "priya@northgate.example")
	through(t, site.Browser(), liar, "")
	if !isSo(t, site, who, ben) {
		t.Error("a changed address has taken over another's account")
	}
	// a new account with Ben's address is not Ben
	liar.Claims = called("somebody new", "ben@northgate.example")
	through(t, site.Browser(), liar, "").Has(t, 403).Sees(t, "This is another account")
	// until somebody who may says so
	arrange(t, site, "delete from sso_account where person_id = ?", ben)
	if a := through(t, site.Browser(), liar, ""); a.Cookie("portico") == "" || !isSo(t, site, who, ben) {
		t.Error("the new account does not open after the old one was forgotten")
	}
	liar.Claims = called("priya", "priya@northgate.example")
	through(t, site.Browser(), liar, "")
	if !isSo(t, site, who, priya) {
		t.Error("priya is not in")
	}
	if !isSo(t, site, "select count(*) = 3 from activity where verb = 'staff.sso'") {
		t.Error("who was tied to which account is not on record")
	}
}

func TestDisabledStaffAndClientsDoNotComeIn(t *testing.T) {
	site, liar := withSSO(t)
	arrange(t, site, "update staff set disabled_at = now() where person_id = ?", site.Person("ben").ID)
	through(t, site.Browser(), liar, "").Has(t, 403).Sees(t, "Your access is switched off")
	if isSo(t, site, "select exists (select from sso_account)") {
		t.Error("an account was tied to somebody who may not come in")
	}
	arrange(t, site, "update sso_provider set domains = '{northgate.example,example.com}'")
	liar.Claims = called("ana", "ana.rivera@example.com")
	through(t, site.Browser(), liar, "").Has(t, 403).Sees(t, "Nobody here has this address", "a••••@example.com")
}

func TestWhoeverHasAnAddressOfTheFirmJoinsWhereTheFirmHasAskedForIt(t *testing.T) {
	site, liar := withSSO(t)
	arrange(t, site, "update sso_provider set joins = true")
	liar.Claims = func(c map[string]any) { called("nora", "nora@northgate.example")(c); c["name"] = "Nora Quist" }
	nora := through(t, site.Browser(), liar, "")
	if nora.Cookie("portico") == "" || !isSo(t, site, "select role = 'member' from staff where person_id = ?", site.Person("nora").ID) {
		t.Error("nora is no member")
	}
	if !isSo(t, site, "select count(*) = 1 from activity where verb = 'staff.joined'") {
		t.Error("that is not on record")
	}
	liar.Claims = called("stranger", "stranger@evil.example")
	through(t, site.Browser(), liar, "").Has(t, 403)
	liar.Claims = func(c map[string]any) { called("max", "max@northgate.example")(c); c["email_verified"] = false }
	through(t, site.Browser(), liar, "").Has(t, 403)
}

func TestTheProvidersSecondFactorCountsWhereTheFirmSaysSo(t *testing.T) {
	site, liar := withSSO(t)
	arrange(t, site, "update firm set second_factor = '{member}'")
	back := site.Snapshot(t)
	for _, c := range []struct {
		name  string
		ticks bool
		amr   any
		in    bool
	}{
		{"not ticked", false, []string{"mfa"}, false}, {"ticked, and it says so", true, []string{"pwd", "mfa"}, true},
		{"ticked, and it says nothing", true, nil, true}, {"ticked, but a password was all", true, []string{"pwd"}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			arrange(t, site, "update sso_provider set second_factor = ?", c.ticks)
			liar.Claims = func(claims map[string]any) {
				called("ben", "ben@northgate.example")(claims)
				if c.amr != nil {
					claims["amr"] = c.amr
				}
			}
			b := site.Browser().For(t)
			a := b.Get(sso.Callback + "?" + liar.Code(t, begin(t, b, "")).Encode())
			if got := a.Header.Get("Location") == "/office"; got != c.in {
				t.Errorf("sent to %s", a.Header.Get("Location"))
			}
		})
		back()
	}
}

func TestWhereItIsRequiredNothingElseOpensTheOffice(t *testing.T) {
	site, liar := withSSO(t)
	ben, maria := site.As("ben"), site.As("maria")
	ask(site.Browser(), "ben@northgate.example")
	early := site.MailTo("ben")
	site.Settle(t)
	site.Rest()
	arrange(t, site, "update sso_provider set required = true")

	if a := ben.Get("/switch"); a.Status != 303 || !strings.HasPrefix(a.Header.Get("Location"), "/sign-in") {
		t.Errorf("a session of before goes on: %d %s", a.Status, a.Header.Get("Location"))
	}
	if a := maria.Get("/switch"); a.Status != 200 {
		t.Errorf("the owner's session of two factors has ended: %d", a.Status)
	}
	site.Browser().OpenMailed(early).Press("Continue").Has(t, 403).Sees(t, "Please sign in with Passgate")
	other := ask(site.Browser(), "ben@northgate.example").Sees(t, "Check your mail")
	letter := site.MailTo("ben")
	if letter.Subject != "Sign in to Northgate Builders" || strings.Contains(letter.Text, "/sign-in/link/") || codeShape.MatchString(letter.Text) {
		t.Errorf("the mail opens something:\n%s", letter.Text)
	}
	if got := portaltest.MailedLink(t, letter); got != site.URL()+"/sign-in/sso" {
		t.Errorf("the mail leads to %s", got)
	}
	if a := through(t, other, liar, ""); a.Cookie("portico") == "" {
		t.Error("single sign-on does not open it either")
	}

	// an owner keeps the mailed link, and shows a second factor there
	owner := ask(site.Browser(), "maria@northgate.example")
	owner.OpenMailed(site.MailTo("maria")).Press("Continue").Sees(t, "Protect your account")
	// and comes in with the provider as everybody
	liar.Claims = called("maria", "maria@northgate.example")
	if a := through(t, site.Browser(), liar, ""); a.Cookie("portico") == "" {
		t.Error("the owner does not come in")
	}
}

func TestAClientsSessionIsNoWayAroundIt(t *testing.T) {
	site, liar := withSSO(t)
	arrange(t, site, "update contact set person_id = ?, access = 'portal' where id = ?", site.Person("ben").ID, site.Person("ana").ContactID)
	arrange(t, site, "update sso_provider set required = true")
	contact := one1[string](t, site, "select id::text from contact where person_id = ?", site.Person("ben").ID)
	ben := ask(site.Browser(), "ben@northgate.example")
	ben.OpenMailed(site.MailTo("ben")).Press("Continue")
	if !in(ben) {
		t.Fatal("as a client of the firm he comes in by mail")
	}
	if a := ben.Post("/switch?as=office", nil); a.Header.Get("Location") != "/sign-in/sso" {
		t.Errorf("from there into the office: %d %s", a.Status, a.Header.Get("Location"))
	}
	if through(t, ben, liar, ""); !isSo(t, site, "select count(*) = 1 and bool_and(sso and contact_id is null) from session") {
		t.Error("he is not in the office")
	}
	// nor is the provider, which the firm rules, a way into what belongs to its client
	if a := ben.Post("/switch?as="+contact, nil); a.Status != 403 || !strings.Contains(string(a.Body), "Please use a mailed link") {
		t.Errorf("the provider speaks for a client: %d\n%s", a.Status, a.Body)
	}
	if !isSo(t, site, "select count(*) = 1 and bool_and(contact_id is null) from session") {
		t.Error("the session in the office has ended, or another has begun")
	}
	ben.Post("/sign-out", nil)
	ask(ben, "ben@northgate.example")
	ben.OpenMailed(site.MailTo("ben")).Press("Continue")
	if !in(ben) {
		t.Error("the mailed link does not open the portal")
	}
}

// Whoever rules a provider can make it say any address. In other firms that must be worth nothing.
func TestAProviderSpeaksForItsOwnFirmOnly(t *testing.T) {
	site, liar := withSSO(t)
	victim := "victim@northgate.example"
	for _, key := range []string{"demo", "harbor"} {
		arrange(t, site, `
			with p as (
				insert into person (firm_id, id, email, name) select firm_id, gen_random_uuid(), ?, 'Vic Tim' from firm where key = ? returning firm_id, id)
			insert into staff (firm_id, person_id, role) select firm_id, id, 'member' from p`, victim, key)
	}
	liar.Claims = called("anything", victim)
	thief := through(t, site.Browser(), liar, "")
	if thief.Cookie("portico") == "" {
		t.Fatal("in the own firm the provider is believed")
	}
	harbor := site.Firm("harbor").FirmID().String()
	thief.Open("/switch").SeesNot(t, "Harbor")
	if a := thief.Post("/switch?firm="+harbor, nil); a.Status != 404 {
		t.Errorf("handed over into another firm: %d %s", a.Status, a.Header.Get("Location"))
	}
	// nor later, with something that was set up meanwhile
	arrange(t, site, "update session set sso = false")
	arrange(t, site, "delete from sso_account")
	if a := thief.Post("/switch?firm="+harbor, nil); a.Status != 404 {
		t.Errorf("handed over later: %d %s", a.Status, a.Header.Get("Location"))
	}
}

func TestTheSignInFormSaysTheSameWhereSingleSignOnIsRequired(t *testing.T) {
	site, _ := withSSO(t)
	arrange(t, site, "update sso_provider set required = true")
	links, passwords := map[string]bool{}, map[string]bool{}
	for _, email := range []string{"ben@northgate.example", "maria@northgate.example", "ana.rivera@example.com", "nobody@northgate.example"} {
		b := ask(site.Browser(), email)
		links[b.Path()+strings.ReplaceAll(b.Text(), email, "")] = true
		b.Open("/sign-in?with=password").Fill("Email", email).Fill("Password", "wrong horse battery").Press("Sign in").Has(t, 422)
		passwords[strings.ReplaceAll(b.Text(), email, "")] = true
	}
	if len(links) != 1 || len(passwords) != 1 {
		t.Errorf("the form tells people apart: %d and %d answers", len(links), len(passwords))
	}
}

func one1[T any](t *testing.T, site *portaltest.Site, query string, args ...any) (value T) {
	t.Helper()
	if err := site.DB(t).NewRaw(query, args...).Scan(t.Context(), &value); err != nil {
		t.Fatal(err)
	}
	return value
}

func TestAStepUpSignsInAfresh(t *testing.T) {
	site, liar := withSSO(t)
	ben := through(t, site.Browser(), liar, "")
	stale := func() { arrange(t, site, "update session set confirmed_at = now() - interval '1 hour'") }
	fresh := func() bool {
		return isSo(t, site, "select bool_or(confirmed_at > now() - interval '1 minute') from session where sso")
	}
	stale()
	ben.Open("/sign-in/confirm?to=%2Foffice%2Fprofile").Sees(t, "Sign in again with Passgate")
	at := begin(t, ben, "?confirm=1&to=%2Foffice%2Fprofile")
	if !strings.Contains(at, "prompt=login") || !strings.Contains(at, "max_age=0") {
		t.Errorf("no fresh sign-in was asked for: %s", at)
	}
	if a := ben.Get(sso.Callback + "?" + liar.Code(t, at).Encode()); a.Header.Get("Location") != "/office/profile" || !fresh() {
		t.Errorf("not confirmed: %d %s", a.Status, a.Header.Get("Location"))
	}
	for name, lie := range map[string]func(map[string]any){
		"an old sign-in":    func(c map[string]any) { c["auth_time"] = site.Now().Add(-time.Hour).Unix() },
		"no word about it":  func(c map[string]any) { delete(c, "auth_time") },
		"somebody else":     called("priya", "priya@northgate.example"),
		"somebody unknown":  called("max", "max@northgate.example"),
		"not the real name": func(c map[string]any) { c["nonce"] = "x" },
	} {
		stale()
		liar.Claims = func(c map[string]any) { called("ben", "ben@northgate.example")(c); lie(c) }
		through(t, ben, liar, "?confirm=1").Has(t, 403).Sees(t, "Confirm another way")
		if fresh() {
			t.Errorf("%s: confirmed", name)
		}
	}
	if n := sessions(t, site); n != 1 {
		t.Errorf("%d sessions", n)
	}
	// whoever has a second factor of their own shows that one
	arrange(t, site, "update person set totp_at = now(), totp_secret = 'x' where id = ?", site.Person("ben").ID)
	arrange(t, site, "update session set factors = 2")
	stale()
	ben.Open("/sign-in/confirm").SeesNot(t, "Sign in again with Passgate")
	// and does not come around it by the address that the button would have led to
	refuses := func(when string) {
		t.Helper()
		through(t, ben, liar, "?confirm=1&to=%2Foffice%2Fprofile").Has(t, 403).Sees(t, "Please use your second factor", "Confirm another way")
		if fresh() {
			t.Errorf("%s: the password at the provider stood for the authenticator", when)
		}
	}
	liar.Claims = called("ben", "ben@northgate.example")
	refuses("the provider checks no second factor")
	arrange(t, site, "update sso_provider set second_factor = true")
	liar.Claims = func(c map[string]any) { called("ben", "ben@northgate.example")(c); c["amr"] = []string{"pwd"} }
	refuses("it says that it checked a password alone")
	liar.Claims = func(c map[string]any) {
		called("ben", "ben@northgate.example")(c)
		c["amr"] = []string{"pwd", "otp"}
	}
	if a := through(t, ben, liar, "?confirm=1&to=%2Foffice%2Fprofile"); a.Path() != "/office/profile" || !fresh() {
		t.Errorf("where it counts, it does not: at %s", a.Path())
	}
}

func TestAProviderThatIsAwayLeavesTheOtherDoorsOpen(t *testing.T) {
	site, liar := withSSO(t)
	arrange(t, site, "update sso_provider set issuer = 'http://127.0.0.1:1'")
	a := site.Browser().Get("/sign-in/sso")
	for _, words := range []string{"Passgate does not answer", "Sign in another way"} {
		if a.Status != 503 || !strings.Contains(string(a.Body), words) {
			t.Errorf("%d, and no %q:\n%s", a.Status, words, a.Body)
		}
	}
	liar.Discovery = func(published map[string]any) { published["authorization_endpoint"] = "javascript:alert(1)" }
	arrange(t, site, "update sso_provider set issuer = ?", liar.Issuer)
	site.Browser().Open("/sign-in/sso").Has(t, 403).Sees(t, "not set up right")
	liar.Discovery = func(published map[string]any) { published["issuer"] = "https://evil.example" }
	site.Browser().Open("/sign-in/sso").Has(t, 403).Sees(t, "not set up right")
}

func TestAProviderMustSayInItsAnswerWhoItIsIfItPromisedTo(t *testing.T) {
	site, liar := withSSO(t)
	liar.Discovery = func(published map[string]any) {
		published["authorization_response_iss_parameter_supported"] = true
	}
	through(t, site.Browser(), liar, "").Has(t, 403).Sees(t, "cannot trust")
	b := site.Browser()
	query := liar.Code(t, begin(t, b, ""))
	query.Set("iss", liar.Issuer)
	if a := b.Get(sso.Callback + "?" + query.Encode()); a.Status != 303 {
		t.Errorf("%d", a.Status)
	}
}
