package sso

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"portico/platform/outside"
	"portico/platform/secret"
)

// Desk speaks with providers on behalf of all firms.
type Desk struct {
	Key     secret.Key
	Private bool // providers may stand in private networks, and without TLS
	Now     func() time.Time

	client *http.Client
	turns  turns
	mu     sync.Mutex
	known  map[string]known
}

// known is what an issuer has published, for a while.
type known struct {
	*oidc.Provider
	Published
	until time.Time
}

// Published is what a provider says about itself.
type Published struct {
	AuthURL     string   `json:"authorization_endpoint"`
	TokenURL    string   `json:"token_endpoint"`
	KeysURL     string   `json:"jwks_uri"`
	UserInfoURL string   `json:"userinfo_endpoint"`
	PKCE        []string `json:"code_challenge_methods_supported"`
	Claims      []string `json:"claims_supported"`
	SaysIssuer  bool     `json:"authorization_response_iss_parameter_supported"`
}

// NewDesk makes one. It does no I/O.
func NewDesk(key secret.Key, private bool, now func() time.Time) *Desk {
	return &Desk{
		Key: key, Private: private, Now: now, client: outside.Client(callTime, private), known: map[string]known{},
		turns: turns{each: map[string]int{}, slow: map[string]time.Time{}},
	}
}

const (
	knownFor  = 10 * time.Minute
	knownMost = 1000
)

// discover reads what an issuer publishes, or remembers it.
func (d *Desk) discover(ctx context.Context, issuer string) (known, error) {
	d.mu.Lock()
	k, ok := d.known[issuer]
	d.mu.Unlock()
	if ok && d.Now().Before(k.until) {
		return k, nil
	}
	k, err := d.ask(ctx, issuer)
	if err != nil {
		return k, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.known) >= knownMost {
		clear(d.known)
	}
	d.known[issuer] = k
	return k, nil
}

func (d *Desk) ask(ctx context.Context, issuer string) (_ known, err error) {
	give, err := d.turns.take(issuer, d.Now())
	if err != nil {
		return known{}, err
	}
	defer func() { give(err, d.Now()) }()
	provider, err := oidc.NewProvider(oidc.ClientContext(ctx, d.client), issuer)
	var mismatch *oidc.IssuerMismatchError
	switch {
	case errors.As(err, &mismatch):
		return known{}, trouble(Setup, err)
	case err != nil && away(err):
		return known{}, trouble(Away, err)
	case err != nil:
		return known{}, trouble(Away, errors.New("no OpenID Connect provider answers there")) // whatever else answered is not ours to repeat
	}
	k := known{Provider: provider, until: d.Now().Add(knownFor)}
	if err := provider.Claims(&k.Published); err != nil {
		return known{}, trouble(Setup, err)
	}
	for _, address := range []string{k.AuthURL, k.TokenURL, k.KeysURL} {
		u, err := url.Parse(address)
		if err != nil || u.Host == "" || u.Scheme != "https" && !(d.Private && u.Scheme == "http") {
			return known{}, trouble(Setup, errors.New("the provider names an address that is missing or not encrypted"))
		}
	}
	return k, nil
}

// Found is what a test of the connection finds.
type Found struct {
	Published
	Reached  bool
	Issuer   string // as the provider spells it
	Problem  string // "" : all is well
	Warnings []string
}

// Test asks a provider what it publishes, now.
func (d *Desk) Test(ctx context.Context, issuer string) Found {
	issuer, problem := cleanIssuer(issuer, d.Private)
	found := Found{Issuer: issuer, Problem: problem}
	if problem != "" {
		return found
	}
	k, err := d.ask(ctx, issuer)
	var mismatch *oidc.IssuerMismatchError
	f, _ := Of(err)
	switch {
	case err == nil:
		found.Reached, found.Published = true, k.Published
	case errors.As(err, &mismatch):
		found.Reached = true
		found.Problem = fmt.Sprintf("A provider answers there, but calls itself %s. Enter exactly that, if it is yours.", clip(mismatch.Discovered, 200))
	case errors.Is(err, outside.ErrPrivate):
		found.Problem = "This address lies in a private network. Whoever runs this installation can allow it: PORTICO_SSO_PRIVATE=yes."
	case f != nil && f.Trouble == Setup:
		found.Reached, found.Problem = true, "A provider answers there, but does not say where people sign in, or not over https."
	case away(err):
		found.Problem = "Nobody answers at this address. Check its spelling, and whether it can be reached from the internet."
	default:
		found.Problem = "No OpenID Connect provider answers at this address. Enter the issuer, not the page where people sign in."
	}
	if found.Problem == "" {
		found.Warnings = k.warnings()
	}
	return found
}

func (p Published) warnings() (all []string) {
	if len(p.PKCE) > 0 && !contains(p.PKCE, "S256") {
		all = append(all, "It does not support PKCE with S256, by which a stolen code is worth nothing.")
	}
	if len(p.Claims) > 0 && !contains(p.Claims, "email") {
		all = append(all, "It does not list the email address among what it tells. Without an address nobody can be recognised.")
	}
	return all
}

func contains(all []string, one string) bool {
	for _, s := range all {
		if s == one {
			return true
		}
	}
	return false
}

func clip(s string, n int) string {
	if s = strings.ToValidUTF8(s, ""); len(s) > n {
		s = strings.ToValidUTF8(s[:n], "")
	}
	return s
}

// oauth is the client that a provider knows us as.
func (d *Desk) oauth(k known, p Provider, clientSecret, redirect string) oauth2.Config {
	return oauth2.Config{
		ClientID: p.ClientID, ClientSecret: clientSecret, RedirectURL: redirect, Endpoint: k.Endpoint(),
		Scopes: []string{oidc.ScopeOpenID, "email", "profile"},
	}
}
