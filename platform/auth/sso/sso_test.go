package sso

import (
	"context"
	"errors"
	"net/netip"
	"strings"
	"testing"
	"time"

	"portico/platform/auth/sso/ssotest"
	"portico/platform/fault"
	"portico/platform/outside"
	"portico/platform/secret"
)

func TestPrivateNetworksAreNoPlaceForAProvider(t *testing.T) {
	for address, want := range map[string]bool{
		"8.8.8.8": true, "2606:4700::1111": true, "172.32.0.1": true, "100.128.0.1": true,
		"127.0.0.1": false, "127.9.9.9": false, "::1": false, "0.0.0.0": false, "::": false, "10.1.2.3": false, "172.16.0.1": false,
		"192.168.1.1": false, "169.254.169.254": false, "fe80::1": false, "fe80::1%eth0": false, "fc00::1": false, "fd12::1": false, "fec0::1": false,
		"100.64.0.1": false, "198.18.0.1": false, "192.0.0.8": false, "224.0.0.1": false, "ff02::1": false, "255.255.255.255": false, "240.0.0.1": false,
		"::ffff:127.0.0.1": false, "::ffff:10.0.0.1": false, "64:ff9b::7f00:1": false, "64:ff9b::a9fe:a9fe": false, "2002:7f00:1::": false, "2001::1": false,
	} {
		if got := outside.Public(netip.MustParseAddr(address)); got != want {
			t.Errorf("%s: %v", address, got)
		}
	}
}

// The guard looks at the address that is called, not at the name, so that no name and no redirect leads around it.
func TestTheGuardStandsAtTheCall(t *testing.T) {
	liar := ssotest.Lie(t, time.Now)
	for _, address := range []string{
		liar.Issuer, strings.Replace(liar.Issuer, "http://", "https://", 1), "https://localhost:" + liar.URL.Port(), "https://[::1]:" + liar.URL.Port(),
		"https://localhost.localdomain:" + liar.URL.Port(), "https://2130706433:" + liar.URL.Port(), "https://127.1:" + liar.URL.Port(),
	} {
		found := NewDesk(secret.NewKey(), false, time.Now).Test(t.Context(), address)
		if found.Reached || found.Problem == "" {
			t.Errorf("%s was reached: %+v", address, found)
		}
	}
	_, err := outside.Client(callTime, false).Get("https://127.0.0.1:" + liar.URL.Port())
	if !errors.Is(err, outside.ErrPrivate) {
		t.Errorf("called all the same: %v", err)
	}
	found := NewDesk(secret.NewKey(), true, time.Now).Test(t.Context(), liar.Issuer+"/.well-known/openid-configuration")
	if !found.Reached || found.Problem != "" || found.Issuer != liar.Issuer {
		t.Errorf("where it is allowed: %+v", found)
	}
}

func TestATestOfTheConnectionSaysWhatIsWrong(t *testing.T) {
	liar := ssotest.Lie(t, time.Now)
	test := func(issuer string) Found { return NewDesk(secret.NewKey(), true, time.Now).Test(t.Context(), issuer) }
	for issuer, want := range map[string]string{
		"": "Enter the issuer's address", "gopher://x": "must begin with https://", "https://a:b@c.example": "the address alone", "https://c.example/?x": "the address alone",
		"http://127.0.0.1:1": "Nobody answers", liar.Issuer + "/nowhere": "No OpenID Connect provider answers", liar.Issuer + "/": "Enter exactly that",
	} {
		if got := test(issuer); !strings.Contains(got.Problem, want) {
			t.Errorf("%q: %q, want %q", issuer, got.Problem, want)
		}
	}
	liar.Discovery = func(published map[string]any) {
		published["code_challenge_methods_supported"], published["claims_supported"] = []string{"plain"}, []string{"sub"}
	}
	if got := test(liar.Issuer); len(got.Warnings) != 2 {
		t.Errorf("no warnings: %+v", got)
	}
	liar.Discovery = func(published map[string]any) { published["token_endpoint"] = "" }
	if got := test(liar.Issuer); !strings.Contains(got.Problem, "does not say where people sign in") {
		t.Errorf("%+v", got)
	}
	liar.Discovery = func(published map[string]any) { published["padding"] = strings.Repeat("x", outside.MostBytes) }
	if got := test(liar.Issuer); got.Problem == "" {
		t.Error("an answer without end was read")
	}
}

func TestWhatAFirmSaysAboutItsProviderIsChecked(t *testing.T) {
	good := Provider{Name: "Okta", Issuer: "https://x.okta.example", ClientID: "abc", Domains: []string{"@Firm.Example ", "firm.example", ""}, Enabled: true}
	p := good
	if err := p.check(false, "secret"); err != nil || len(p.Domains) != 1 || p.Domains[0] != "firm.example" {
		t.Errorf("%v %+v", err, p)
	}
	for field, spoil := range map[string]func(*Provider){
		"name": func(p *Provider) { p.Name = " " }, "issuer": func(p *Provider) { p.Issuer = "http://x.okta.example" },
		"client_id": func(p *Provider) { p.ClientID = "" }, "domains": func(p *Provider) { p.Domains = nil },
		"required": func(p *Provider) { p.Required, p.Enabled = true, false },
		"joins":    func(p *Provider) { p.Joins, p.Domains = true, []string{"firm.example", "gmail.com"} },
	} {
		p := good
		spoil(&p)
		f, ok := fault.Of(p.check(false, "secret"))
		if !ok || f.Fields[field] == "" || len(f.Fields) != 1 {
			t.Errorf("%s: %+v", field, f)
		}
	}
	for _, domain := range []string{"firm", "*.firm.example", "a b.example", "firm.example.", "https://firm.example", "x@firm.example"} {
		p := good
		p.Domains = []string{domain}
		if err := p.check(false, "secret"); err == nil {
			t.Errorf("%q is a domain", domain)
		}
	}
	p = good
	if f, _ := fault.Of(p.check(false, "")); f == nil || f.Fields["client_secret"] == "" {
		t.Error("no secret is asked for")
	}
}

func TestASlowProviderKeepsNobodyElseWaiting(t *testing.T) {
	now := time.Now()
	all := turns{each: map[string]int{}, slow: map[string]time.Time{}}
	var gives []func(error, time.Time)
	for n := range turnsEach + 1 {
		give, err := all.take("slow", now)
		if (err == nil) != (n < turnsEach) {
			t.Fatalf("turn %d: %v", n, err)
		}
		if err == nil {
			gives = append(gives, give)
		}
	}
	if give, err := all.take("quick", now); err != nil {
		t.Error("another provider waits with it")
	} else {
		give(nil, now)
	}
	for _, give := range gives {
		give(trouble(Away, context.DeadlineExceeded), now)
	}
	if _, err := all.take("slow", now.Add(rest-time.Second)); err == nil {
		t.Error("it is asked again at once")
	}
	if give, err := all.take("slow", now.Add(rest+time.Second)); err != nil {
		t.Error("it is never asked again")
	} else {
		give(nil, now)
	}
	if all.all != 0 || len(all.each) != 0 {
		t.Errorf("turns are lost: %+v", all.each)
	}
}

func TestTheConnectionIsGivenUpInTime(t *testing.T) {
	liar := ssotest.Lie(t, time.Now)
	wait := make(chan struct{})
	liar.Discovery = func(map[string]any) { <-wait }
	defer close(wait)
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if found := NewDesk(secret.NewKey(), true, time.Now).Test(ctx, liar.Issuer); !strings.Contains(found.Problem, "Nobody answers") {
		t.Errorf("%+v", found)
	}
}
