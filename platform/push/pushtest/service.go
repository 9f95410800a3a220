// Package pushtest is a push service for tests, and the browsers that it wakes: it believes no message before it has
// checked who signed it, and reads what is in it as a browser would, by code of its own.
package pushtest

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// Service takes messages for its browsers.
type Service struct {
	t      testing.TB
	server *httptest.Server

	mu       sync.Mutex
	browsers map[string]*Browser
}

// Browser has asked the service for a subscription.
type Browser struct {
	Endpoint, P256dh, Auth string

	service *Service
	path    string
	private *ecdh.PrivateKey
	secret  []byte
	key     string // of the site that may wake it
	answers []Answer
	got     []Message
}

// Answer is what the service says instead of 201.
type Answer struct {
	Status     int
	RetryAfter string
}

// Message is what arrived, decrypted.
type Message struct {
	ID, Title, Body, Path, Tag string

	Raw                     []byte `json:"-"`
	Topic, Urgency, Subject string `json:"-"`
	TTL, Length             int    `json:"-"`
	Expires                 time.Time
}

// Open starts the service.
func Open(t testing.TB) *Service {
	s := &Service{t: t, browsers: map[string]*Browser{}}
	s.server = httptest.NewServer(http.HandlerFunc(s.take))
	t.Cleanup(s.server.Close)
	return s
}

// Subscribe is what a browser does for a site with that public key.
func (s *Service) Subscribe(siteKey string) *Browser {
	private, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		s.t.Fatal(err)
	}
	random := make([]byte, 32)
	_, _ = rand.Read(random)
	b := &Browser{service: s, private: private, secret: random[:16], key: siteKey, path: "/push/" + base64.RawURLEncoding.EncodeToString(random[16:])}
	b.Endpoint = s.server.URL + b.path
	b.P256dh = base64.RawURLEncoding.EncodeToString(private.PublicKey().Bytes())
	b.Auth = base64.RawURLEncoding.EncodeToString(b.secret)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.browsers[b.path] = b
	return b
}

// Next lets the service give these answers before it takes messages for the browser again.
func (b *Browser) Next(answers ...Answer) {
	b.service.mu.Lock()
	defer b.service.mu.Unlock()
	b.answers = append(b.answers, answers...)
}

// Got are the messages that arrived.
func (b *Browser) Got() []Message {
	b.service.mu.Lock()
	defer b.service.mu.Unlock()
	return slices.Clone(b.got)
}

func (s *Service) take(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.browsers[r.URL.Path]
	if b == nil || r.Method != http.MethodPost {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	m, err := b.read(r)
	if err != nil {
		s.t.Errorf("push service: %v", err)
		w.WriteHeader(http.StatusForbidden)
		return
	}
	if len(b.answers) > 0 {
		answer := b.answers[0]
		b.answers = b.answers[1:]
		if answer.RetryAfter != "" {
			w.Header().Set("Retry-After", answer.RetryAfter)
		}
		w.WriteHeader(answer.Status)
		return
	}
	b.got = append(b.got, m)
	w.WriteHeader(http.StatusCreated)
}

func (b *Browser) read(r *http.Request) (m Message, err error) {
	sealed, err := io.ReadAll(r.Body)
	if err != nil {
		return m, err
	}
	if r.Header.Get("Content-Encoding") != "aes128gcm" || len(sealed) > 4096 {
		return m, fmt.Errorf("encoding %q, %d bytes", r.Header.Get("Content-Encoding"), len(sealed))
	}
	subject, expires, err := b.signed(r)
	if err != nil {
		return m, err
	}
	plain, err := b.open(sealed)
	if err != nil {
		return m, err
	}
	if err := json.Unmarshal(plain, &m); err != nil {
		return m, err
	}
	m.Raw, m.Length, m.Subject, m.Expires, m.Topic, m.Urgency = plain, len(sealed), subject, expires, r.Header.Get("Topic"), r.Header.Get("Urgency")
	m.TTL, err = strconv.Atoi(r.Header.Get("TTL"))
	if len(m.Topic) > 32 {
		return m, fmt.Errorf("the topic %q is too long", m.Topic)
	}
	return m, err
}

// signed checks the sender's token (RFC 8292).
func (b *Browser) signed(r *http.Request) (subject string, expires time.Time, err error) {
	text, ok := strings.CutPrefix(r.Header.Get("Authorization"), "vapid t=")
	token, key, both := strings.Cut(text, ", k=")
	parts := strings.Split(token, ".")
	if !ok || !both || len(parts) != 3 {
		return "", expires, errors.New("nobody signed the message")
	}
	if key != b.key {
		return "", expires, errors.New("another key signed the message than the one that the browser asked for")
	}
	point, err := base64.RawURLEncoding.DecodeString(key)
	if err != nil {
		return "", expires, err
	}
	public, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), point)
	if err != nil {
		return "", expires, err
	}
	signature, err := base64.RawURLEncoding.DecodeString(parts[2])
	sum := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	if err != nil || len(signature) != 64 || !ecdsa.Verify(public, sum[:], new(big.Int).SetBytes(signature[:32]), new(big.Int).SetBytes(signature[32:])) {
		return "", expires, errors.New("the signature does not fit")
	}
	var claims struct {
		Aud, Sub string
		Exp      int64
	}
	body, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err == nil {
		err = json.Unmarshal(body, &claims)
	}
	expires = time.Unix(claims.Exp, 0)
	switch {
	case err != nil:
		return "", expires, err
	case claims.Aud != b.service.server.URL:
		return "", expires, fmt.Errorf("signed for %q", claims.Aud)
	case !strings.HasPrefix(claims.Sub, "mailto:") && !strings.HasPrefix(claims.Sub, "https://"):
		return "", expires, fmt.Errorf("the sender is %q", claims.Sub)
	}
	return claims.Sub, expires, nil
}

// open decrypts a message (RFC 8188, RFC 8291).
func (b *Browser) open(sealed []byte) ([]byte, error) {
	if len(sealed) < 86 || sealed[20] != 65 {
		return nil, errors.New("too short")
	}
	salt, size, sender, text := sealed[:16], binary.BigEndian.Uint32(sealed[16:20]), sealed[21:86], sealed[86:]
	if uint32(len(text)) > size {
		return nil, errors.New("more than one record")
	}
	other, err := ecdh.P256().NewPublicKey(sender)
	if err != nil {
		return nil, err
	}
	shared, err := b.private.ECDH(other)
	if err != nil {
		return nil, err
	}
	info := "WebPush: info\x00" + string(b.private.PublicKey().Bytes()) + string(sender)
	first, err := hkdf.Key(sha256.New, shared, b.secret, info, 32)
	if err != nil {
		return nil, err
	}
	key, err := hkdf.Key(sha256.New, first, salt, "Content-Encoding: aes128gcm\x00", 16)
	if err != nil {
		return nil, err
	}
	nonce, err := hkdf.Key(sha256.New, first, salt, "Content-Encoding: nonce\x00", 12)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		return nil, err
	}
	plain, err := aead.Open(nil, nonce, text, nil)
	if err != nil {
		return nil, err
	}
	plain = []byte(strings.TrimRight(string(plain), "\x00"))
	if len(plain) == 0 || plain[len(plain)-1] != 2 {
		return nil, errors.New("no end of the last record")
	}
	return plain[:len(plain)-1], nil
}
