// Package sso lets staff sign in with a provider of their firm's own, by OpenID Connect: authorization code, PKCE, and a
// state and nonce that belong to one browser. A provider says who somebody is; whether that person works here, and may
// come in, is decided by the firm's own list.
package sso

import (
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"portico/platform/auth"
	"portico/platform/fault"
)

// Callback is where a provider sends people back to.
const Callback = "/sign-in/sso/callback"

// Provider is what a firm has said about its provider. The zero Provider is none.
type Provider struct {
	Name         string // as the button says it
	Issuer       string
	ClientID     string
	Domains      []string // of the addresses that are let in
	Enabled      bool
	Required     bool      // staff come in no other way; owners keep the mailed link
	SecondFactor bool      // the provider checks one
	Joins        bool      // whoever comes with one of the domains becomes a member
	ProvedAt     time.Time // the last sign-in with this issuer and client; zero: none yet
	Version      int       // 0: nothing is kept yet

	sealed []byte
}

// HasSecret reports whether a client secret is kept.
func (p Provider) HasSecret() bool { return len(p.sealed) > 0 }

// Lets reports whether an address has one of the domains.
func (p Provider) Lets(email string) bool {
	_, domain, _ := strings.Cut(email, "@")
	for _, d := range p.Domains {
		if d == domain {
			return true
		}
	}
	return false
}

// counts decides whether a sign-in counts as two factors: the firm must say that its provider checks a second one, and
// where the provider tells how it checked (amr), that must not be a password alone.
func (p Provider) counts(amr []string) bool {
	if !p.SecondFactor {
		return false
	}
	for _, how := range amr {
		switch how {
		case "pwd", "pin", "kba", "rba", "geo", "wia", "user":
		default: // mfa, otp, hwk, swk, fpt, face, ...
			return true
		}
	}
	return len(amr) == 0
}

// check tidies what was typed, and says what is wrong with it.
func (p *Provider) check(private bool, secret string) error {
	fields := fault.Fields{}
	p.Name = strings.Join(strings.Fields(p.Name), " ")
	if p.Name == "" || utf8.RuneCountInString(p.Name) > 40 {
		fields["name"] = "Enter the name that the button says, such as Okta. At most 40 characters."
	}
	issuer, problem := cleanIssuer(p.Issuer, private)
	p.Issuer = issuer
	if problem != "" {
		fields["issuer"] = problem
	}
	p.ClientID = strings.TrimSpace(p.ClientID)
	if p.ClientID == "" || len(p.ClientID) > 300 {
		fields["client_id"] = "Enter the client ID that your provider shows for this application."
	}
	if secret == "" && !p.HasSecret() {
		fields["client_secret"] = "Enter the client secret that your provider shows for this application."
	} else if len(secret) > 1000 {
		fields["client_secret"] = "This is too long for a client secret."
	}
	p.Domains, problem = cleanDomains(p.Domains)
	switch {
	case problem != "":
		fields["domains"] = problem
	case len(p.Domains) == 0:
		fields["domains"] = "Enter at least one, such as example.com. Only addresses of these domains are let in."
	}
	if p.Joins {
		for _, d := range p.Domains {
			if everybodys[d] {
				fields["joins"] = "Anybody can get an address at " + d + ", so nobody may join by it alone. Invite your people instead, or take the domain out."
			}
		}
	}
	if p.Required && !p.Enabled {
		fields["required"] = "Switch single sign-on on before you require it."
	}
	return fault.InFields(fields)
}

// everybodys are domains at which anybody can have an address.
var everybodys = func() map[string]bool {
	all := map[string]bool{}
	for d := range strings.FieldsSeq(`gmail.com googlemail.com outlook.com hotmail.com live.com msn.com yahoo.com ymail.com
		icloud.com me.com mac.com aol.com gmx.com gmx.de gmx.net web.de mail.com mail.ru yandex.com proton.me protonmail.com
		zoho.com fastmail.com qq.com 163.com 126.com t-online.de orange.fr free.fr comcast.net`) {
		all[d] = true
	}
	return all
}()

// cleanIssuer takes the issuer as people paste it. Its spelling counts to the last slash, so that only what cannot
// belong to it is taken away.
func cleanIssuer(typed string, private bool) (issuer, problem string) {
	issuer = strings.TrimSuffix(strings.TrimSpace(typed), "/.well-known/openid-configuration")
	u, err := url.Parse(issuer)
	switch {
	case issuer == "" || err != nil || u.Host == "" || u.Opaque != "" || len(issuer) > 500:
		return issuer, "Enter the issuer's address, such as https://login.example.com."
	case u.Scheme != "https" && !(private && u.Scheme == "http"):
		return issuer, "The address must begin with https://."
	case u.User != nil || u.RawQuery != "" || u.Fragment != "":
		return issuer, "Enter the address alone: no name, question mark or # in it."
	}
	return issuer, ""
}

const mostDomains = 50

func cleanDomains(typed []string) (domains []string, problem string) {
	seen := map[string]bool{}
	for _, d := range typed {
		d = strings.ToLower(strings.TrimPrefix(strings.TrimSpace(d), "@"))
		if d == "" || seen[d] {
			continue
		}
		if _, ok := auth.CleanEmail("a@" + d); !ok || !strings.Contains(d, ".") || strings.ContainsAny(d, "/:@*") || strings.HasSuffix(d, ".") {
			return typed, d + " is no domain. Enter domains such as example.com."
		}
		seen[d] = true
		domains = append(domains, d)
	}
	if len(domains) > mostDomains {
		return typed, "Enter at most 50 domains."
	}
	return domains, ""
}
