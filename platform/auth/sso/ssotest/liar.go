package ssotest

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"
	"time"
)

// Liar is a provider that answers as a test wants. Left alone it is honest.
type Liar struct {
	Issuer string
	URL    *url.URL

	// Claims changes what the token says; Token changes the signed token; Discovery what is published; Answer takes the
	// token endpoint over.
	Claims    func(map[string]any)
	Token     func(token string) string
	Discovery func(map[string]any)
	Answer    func(http.ResponseWriter, *http.Request) bool

	now    func() time.Time
	key    *rsa.PrivateKey
	mu     sync.Mutex
	asked  map[string]url.Values // by code
	Tokens int                   // how often the token endpoint was asked
}

// Lie starts one; now is the clock of the house.
func Lie(t testing.TB, now func() time.Time) *Liar {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	must(t, err)
	l := &Liar{key: key, now: now, asked: map[string]url.Values{}}
	mux := http.NewServeMux()
	mux.HandleFunc("/.well-known/openid-configuration", l.discovery)
	mux.HandleFunc("/keys", l.keys)
	mux.HandleFunc("/token", l.token)
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	l.Issuer = server.URL
	l.URL, err = url.Parse(server.URL)
	must(t, err)
	return l
}

func (l *Liar) discovery(w http.ResponseWriter, _ *http.Request) {
	published := map[string]any{
		"issuer": l.Issuer, "authorization_endpoint": l.Issuer + "/auth", "token_endpoint": l.Issuer + "/token", "jwks_uri": l.Issuer + "/keys",
		"id_token_signing_alg_values_supported": []string{"RS256", "none", "HS256"},
	}
	if l.Discovery != nil {
		l.Discovery(published)
	}
	answer(w, published)
}

func (l *Liar) keys(w http.ResponseWriter, _ *http.Request) {
	answer(w, map[string]any{"keys": []any{map[string]any{
		"kty": "RSA", "use": "sig", "alg": "RS256", "kid": "one",
		"n": text(l.key.N.Bytes()), "e": text(big.NewInt(int64(l.key.E)).Bytes()),
	}}})
}

// Code takes a browser's question, as the page of a provider does, and gives the query to come back with.
func (l *Liar) Code(t testing.TB, address string) url.Values {
	t.Helper()
	asked, err := url.Parse(address)
	must(t, err)
	l.mu.Lock()
	defer l.mu.Unlock()
	code := rand.Text()
	l.asked[code] = asked.Query()
	return url.Values{"code": {code}, "state": {asked.Query().Get("state")}}
}

func (l *Liar) token(w http.ResponseWriter, r *http.Request) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.Tokens++
	if l.Answer != nil && l.Answer(w, r) {
		return
	}
	_ = r.ParseForm()
	asked := l.asked[r.Form.Get("code")]
	delete(l.asked, r.Form.Get("code"))
	proof := sha256.Sum256([]byte(r.Form.Get("code_verifier")))
	if asked == nil || text(proof[:]) != asked.Get("code_challenge") || asked.Get("code_challenge_method") != "S256" || r.Form.Get("redirect_uri") != asked.Get("redirect_uri") {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusBadRequest)
		_, _ = w.Write([]byte(`{"error":"invalid_grant"}`))
		return
	}
	now := l.now()
	claims := map[string]any{
		"iss": l.Issuer, "sub": "one", "aud": asked.Get("client_id"), "nonce": asked.Get("nonce"), "iat": now.Unix(), "exp": now.Add(time.Hour).Unix(),
		"auth_time": now.Unix(),
	}
	if l.Claims != nil {
		l.Claims(claims)
	}
	token := l.Sign(`{"alg":"RS256","kid":"one"}`, claims)
	if l.Token != nil {
		token = l.Token(token)
	}
	answer(w, map[string]any{"access_token": "x", "token_type": "Bearer", "expires_in": 60, "id_token": token})
}

// Sign makes a token with any header.
func (l *Liar) Sign(header string, claims map[string]any) string {
	body, _ := json.Marshal(claims)
	signed := text([]byte(header)) + "." + text(body)
	sum := sha256.Sum256([]byte(signed))
	signature, _ := rsa.SignPKCS1v15(rand.Reader, l.key, crypto.SHA256, sum[:])
	return signed + "." + text(signature)
}

func answer(w http.ResponseWriter, what any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(what)
}

func text(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }
