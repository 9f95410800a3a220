package sso

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/google/uuid"
	"golang.org/x/oauth2"

	"portico/platform/auth"
	"portico/platform/secret"
)

// Lifetime is how long a person may take at the provider.
const Lifetime = 15 * time.Minute

// skew is how far the clocks of a provider may be from ours.
const skew = 2 * time.Minute

// At is where a sign-in happens: it counts for that firm and that browser, and comes back to that address.
type At struct {
	Firm     uuid.UUID
	Visit    string // names the browser
	Redirect string
}

// Wish is what a sign-in is for.
type Wish struct {
	To      string `json:"t,omitempty"` // the page that was asked for
	Confirm bool   `json:"c,omitempty"` // a step-up: the person must sign in afresh
}

// question is what we asked. It travels as the state: sealed, for one firm and one browser. Its nonce and verifier can be
// read by nobody else, and nothing is stored for those who only look at the door.
type question struct {
	Wish
	Issuer   string `json:"i"`
	ClientID string `json:"d"`
	Nonce    string `json:"n"`
	Verifier string `json:"v"`
	Asked    int64  `json:"a"`
}

const sealing = "sso question"

func (d *Desk) seal(at At, q question) (string, error) {
	text, err := json.Marshal(q)
	if err != nil {
		return "", err
	}
	return base64.RawURLEncoding.EncodeToString(d.Key.Seal(sealing, text, at.Firm[:], []byte(at.Visit))), nil
}

func (d *Desk) open(at At, state string) (q question, err error) {
	sealed, err := base64.RawURLEncoding.DecodeString(state)
	if err != nil || at.Visit == "" {
		return q, trouble(Stale, errors.New("no state of ours"))
	}
	text, err := d.Key.Open(sealing, sealed, at.Firm[:], []byte(at.Visit))
	if err != nil {
		return q, trouble(Stale, errors.New("the state belongs to another browser or firm"))
	}
	if err := json.Unmarshal(text, &q); err != nil {
		return q, trouble(Stale, err)
	}
	if d.Now().Sub(time.Unix(q.Asked, 0)) > Lifetime {
		return q, trouble(Stale, errors.New("the state is too old"))
	}
	return q, nil
}

// Begin gives the address at the provider where the person signs in.
func (d *Desk) Begin(ctx context.Context, p Provider, at At, wish Wish) (address string, err error) {
	k, err := d.discover(ctx, p.Issuer)
	if err != nil {
		return "", err
	}
	q := question{
		Wish: wish, Issuer: p.Issuer, ClientID: p.ClientID, Nonce: secret.Token(), Verifier: oauth2.GenerateVerifier(), Asked: d.Now().Unix(),
	}
	state, err := d.seal(at, q)
	if err != nil {
		return "", err
	}
	options := []oauth2.AuthCodeOption{oidc.Nonce(q.Nonce), oauth2.S256ChallengeOption(q.Verifier)}
	if wish.Confirm {
		options = append(options, oauth2.SetAuthURLParam("prompt", "login"), oauth2.SetAuthURLParam("max_age", "0"))
	}
	client := d.oauth(k, p, "", at.Redirect)
	return client.AuthCodeURL(state, options...), nil
}

// Answer is what the provider sent the browser back with.
type Answer struct {
	State, Code, Issuer string
	Error               string
}

// Proof is what a provider says about a person, checked.
type Proof struct {
	Wish
	Issuer, Subject string
	Email, Name     string
	Said            string // how it checked the person: amr and acr
	Factors         int
}

// Read opens the state of an answer, before anybody is asked anything: what was the sign-in for?
func (d *Desk) Read(at At, a Answer) (Wish, error) {
	q, err := d.open(at, a.State)
	return q.Wish, err
}

// Finish turns an answer into a proof. The caller has spent the state (Spend): an answer counts once.
func (d *Desk) Finish(ctx context.Context, p Provider, at At, a Answer) (Proof, error) {
	q, err := d.open(at, a.State)
	if err != nil {
		return Proof{}, err
	}
	proof := Proof{Wish: q.Wish, Issuer: p.Issuer}
	if q.Issuer != p.Issuer || q.ClientID != p.ClientID {
		return proof, trouble(Stale, errors.New("the settings have changed meanwhile"))
	}
	k, err := d.discover(ctx, p.Issuer)
	if err != nil {
		return proof, err
	}
	if a.Issuer != "" && a.Issuer != p.Issuer || a.Issuer == "" && k.SaysIssuer {
		return proof, trouble(Untrusted, errors.New("the answer names another issuer"))
	}
	if a.Error != "" {
		return proof, refusal(a.Error)
	}
	if a.Code == "" {
		return proof, trouble(Untrusted, errors.New("an answer without a code"))
	}
	claims, err := d.redeem(ctx, k, p, at, q, a.Code)
	if err != nil {
		return proof, err
	}
	proof.Subject, proof.Name, proof.Said = claims.Subject, clip(claims.Name, 200), claims.said()
	return d.judge(p, q, proof, claims)
}

// refusal tells what a provider's error code means for a person.
func refusal(code string) error {
	switch code {
	case "access_denied", "login_required", "interaction_required", "consent_required", "account_selection_required":
		return trouble(Cancelled, nil)
	case "temporarily_unavailable", "server_error":
		return trouble(Away, errors.New(code))
	}
	return trouble(Setup, errors.New("the provider says: "+clip(code, 60)))
}

// redeem exchanges the code and checks the token that comes for it.
func (d *Desk) redeem(ctx context.Context, k known, p Provider, at At, q question, code string) (_ claims, err error) {
	give, err := d.turns.take(p.Issuer, d.Now())
	if err != nil {
		return claims{}, err
	}
	defer func() { give(err, d.Now()) }()
	clientSecret, err := p.open(d.Key, at.Firm)
	if err != nil {
		return claims{}, err
	}
	ctx = oidc.ClientContext(ctx, d.client)
	client := d.oauth(k, p, clientSecret, at.Redirect)
	token, err := client.Exchange(ctx, code, oauth2.VerifierOption(q.Verifier))
	if err != nil {
		return claims{}, exchangeTrouble(err)
	}
	raw, ok := token.Extra("id_token").(string)
	if !ok {
		return claims{}, trouble(Untrusted, errors.New("no id token"))
	}
	id, err := k.VerifierContext(ctx, &oidc.Config{ClientID: p.ClientID, Now: func() time.Time { return d.Now().Add(-skew) }}).Verify(ctx, raw)
	if err != nil {
		return claims{}, tokenTrouble(err)
	}
	return d.claimsOf(ctx, k, p, q, token, id)
}

func exchangeTrouble(err error) error {
	var refused *oauth2.RetrieveError
	if !errors.As(err, &refused) {
		if away(err) {
			return trouble(Away, err)
		}
		return trouble(Untrusted, errors.New("the provider's answer to the code is no token"))
	}
	switch code := refused.ErrorCode; {
	case code == "invalid_grant":
		return trouble(Stale, errors.New("the provider does not take the code"))
	case refused.Response != nil && refused.Response.StatusCode >= 500:
		return trouble(Away, errors.New("the provider is in trouble itself"))
	default:
		return trouble(Setup, errors.New("the provider refuses the client: "+clip(code, 60)))
	}
}

func tokenTrouble(err error) error {
	var expired *oidc.TokenExpiredError
	switch {
	case errors.As(err, &expired), strings.Contains(err.Error(), "(not before)"):
		return trouble(Clock, errors.New("the token is of another time"))
	case strings.Contains(err.Error(), "fetching keys"):
		return trouble(Away, errors.New("the provider's keys cannot be read"))
	}
	return trouble(Untrusted, err)
}

// claims are what we read of a token.
type claims struct {
	Subject       string   `json:"-"`
	Email         string   `json:"email"`
	EmailVerified loose    `json:"email_verified"`
	DomainOwned   loose    `json:"xms_edov"` // Microsoft's word for it: the tenant has proved that the domain is its own
	Name          string   `json:"name"`
	AMR           []string `json:"amr"`
	ACR           string   `json:"acr"`
	AuthTime      int64    `json:"auth_time"`
	Party         string   `json:"azp"`
}

func (c claims) said() string {
	said := strings.Join(c.AMR, " ")
	if c.ACR != "" {
		said = strings.TrimSpace(said + " acr:" + c.ACR)
	}
	return clip(said, 200)
}

// loose is a yes that some providers send as text or number.
type loose bool

func (l *loose) UnmarshalJSON(text []byte) error {
	switch strings.Trim(string(text), `"`) {
	case "true", "1":
		*l = true
	}
	return nil
}

func (d *Desk) claimsOf(ctx context.Context, k known, p Provider, q question, token *oauth2.Token, id *oidc.IDToken) (claims, error) {
	c := claims{}
	if err := id.Claims(&c); err != nil {
		return c, trouble(Untrusted, errors.New("the token cannot be read"))
	}
	c.Subject = id.Subject
	switch {
	case !secret.Same([]byte(id.Nonce), []byte(q.Nonce)):
		return c, trouble(Untrusted, errors.New("the token answers another question"))
	case len(id.Audience) > 1 && c.Party != p.ClientID, c.Party != "" && c.Party != p.ClientID:
		return c, trouble(Untrusted, errors.New("the token was made for another client"))
	case id.Subject == "" || len(id.Subject) > 255:
		return c, trouble(Untrusted, errors.New("the token names nobody"))
	case id.IssuedAt.After(d.Now().Add(5 * time.Minute)):
		return c, trouble(Clock, errors.New("the token comes from the future"))
	}
	if id.AccessTokenHash != "" {
		if err := id.VerifyAccessToken(token.AccessToken); err != nil {
			return c, trouble(Untrusted, err)
		}
	}
	if c.Email != "" || k.UserInfoURL == "" {
		return c, nil
	}
	info, err := k.UserInfo(ctx, oauth2.StaticTokenSource(token))
	if err != nil {
		return c, trouble(Away, errors.New("the provider does not tell about the person"))
	}
	if info.Subject != id.Subject {
		return c, trouble(Untrusted, errors.New("the provider tells about somebody else"))
	}
	c.Email, c.EmailVerified = info.Email, loose(info.EmailVerified)
	if c.Name == "" {
		_ = info.Claims(&struct {
			Name *string `json:"name"`
		}{&c.Name})
	}
	return c, nil
}

// judge asks whether the address may be believed, and the sign-in is as fresh as was asked for.
func (d *Desk) judge(p Provider, q question, proof Proof, c claims) (Proof, error) {
	email, ok := auth.CleanEmail(c.Email)
	if !ok {
		return proof, trouble(Unverified, errors.New("no address"))
	}
	if vouched := bool(c.EmailVerified) || bool(c.DomainOwned) && microsoft(p.Issuer); !vouched {
		return proof, &Failure{Trouble: Unverified, Email: email}
	}
	if !p.Lets(email) {
		return proof, &Failure{Trouble: Foreign, Email: email}
	}
	proof.Email, proof.Factors = email, 1
	if p.counts(c.AMR) {
		proof.Factors = 2
	}
	if q.Confirm && (c.AuthTime == 0 || time.Unix(c.AuthTime, 0).Before(time.Unix(q.Asked, 0).Add(-skew))) {
		return proof, trouble(Tired, fmt.Errorf("auth_time %d", c.AuthTime))
	}
	return proof, nil
}

func microsoft(issuer string) bool {
	return strings.HasPrefix(issuer, "https://login.microsoftonline.com/")
}
