package main

import (
	"context"
	"crypto/tls"
	"io"
	"io/fs"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"portico/platform/access"
	"portico/platform/auth"
	"portico/platform/certificates/acmetest"
	"portico/platform/config"
	"portico/platform/db"
	"portico/platform/domain/dnstest"
	"portico/platform/firm"
	"portico/platform/portaltest"
)

// secured is the program as `portico web` with PORTICO_DOMAIN runs it, beside a site of tests.
type secured struct {
	t      *testing.T
	site   *portaltest.Site
	c      *config.Config
	client *http.Client
}

func secure(t *testing.T) *secured {
	t.Helper()
	site := portaltest.Open(t)
	https, http_ := freePort(t), freePort(t)
	names := dnstest.Start(t)
	names.LeadAll("127.0.0.1")
	authority := acmetest.Start(t, names.Address, http_, https, 90*24*time.Hour)
	c, err := config.Parse(map[string]string{
		"PORTICO_DOMAIN": "portal.example.com", "PORTICO_BIND": "127.0.0.1", "PORTICO_DNS": names.Address,
		"PORTICO_HTTPS_PORT": strconv.Itoa(https), "PORTICO_HTTP_PORT": strconv.Itoa(http_),
		"PORTICO_ACME_URL": authority.URL, "PORTICO_ACME_ROOT": authority.RootFile, "PORTICO_ACME_EMAIL": "ops@example.com",
		"DATABASE_URL": site.Config.DatabaseURL, "REDIS_URL": site.Config.RedisURL, "PORTICO_MAIN_FIRM": "nobody",
		"PORTICO_DATA_DIR": t.TempDir(), "PORTICO_SECRET": strings.Repeat("7e", 32),
	})
	if err != nil {
		t.Fatal(err)
	}
	d, err := listen(c)
	if err != nil {
		t.Fatal(err)
	}
	h, err := open(c, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- serve(ctx, h, d) }()
	s := &secured{t: t, site: site, c: c}
	s.client = &http.Client{
		Timeout: time.Minute, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			TLSClientConfig: &tls.Config{RootCAs: authority.Roots(t)},
			DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
				_, port, _ := net.SplitHostPort(address)
				return (&net.Dialer{}).DialContext(ctx, network, "127.0.0.1:"+port)
			},
		},
	}
	t.Cleanup(func() {
		s.client.CloseIdleConnections()
		cancel()
		if err := <-done; err != nil {
			t.Errorf("serve: %v", err)
		}
		_ = h.Close()
	})
	return s
}

// freePort is one below those that outgoing connections are given: nobody else takes it before it is listened on.
func freePort(t *testing.T) int {
	t.Helper()
	for range 100 {
		port := 10_000 + rand.IntN(20_000)
		l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
		if err != nil {
			continue
		}
		_ = l.Close()
		return port
	}
	t.Fatal("no port is free")
	return 0
}

func (s *secured) origin(host string) string {
	return "https://" + host + ":" + strconv.Itoa(s.c.HTTPSPort)
}

// ask is one request; host "" is that of the address.
func (s *secured) ask(url, host string, headers ...string) (*http.Response, string, error) {
	s.t.Helper()
	r, err := http.NewRequestWithContext(s.t.Context(), http.MethodGet, url, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	r.Host = host
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	answer, err := s.client.Do(r)
	if err != nil {
		return nil, "", err
	}
	defer func() { _ = answer.Body.Close() }()
	body, err := io.ReadAll(answer.Body)
	return answer, string(body), err
}

func (s *secured) see(url string, headers ...string) (*http.Response, string) {
	s.t.Helper()
	answer, body, err := s.ask(url, "", headers...)
	if err != nil {
		s.t.Fatal(err)
	}
	return answer, body
}

// owner does something as the owner of the site's firm.
func (s *secured) owner(site *portaltest.Site, deed func(context.Context, bun.Tx, auth.Viewer) error) {
	s.t.Helper()
	v := auth.Viewer{Side: auth.Office, Firm: auth.Firm{ID: site.FirmID()}, Role: access.Owner}
	err := db.InTx(s.t.Context(), site.Pool, v.FirmID(), func(ctx context.Context, tx bun.Tx) error { return deed(ctx, tx, v) })
	if err != nil {
		s.t.Fatal(err)
	}
}

func TestHTTPSWithCertificatesOfOurOwn(t *testing.T) {
	if testing.Short() {
		t.Skip("it runs an authority")
	}
	s := secure(t)
	demo := s.origin("demo.portal.example.com")
	answer, _ := s.see(demo + "/sign-in")
	if answer.StatusCode != 200 || answer.Header.Get("Strict-Transport-Security") == "" || answer.Proto != "HTTP/1.1" {
		t.Errorf("%d %v", answer.StatusCode, answer.Header)
	}
	for _, c := range answer.Cookies() {
		if !strings.HasPrefix(c.Name, "__Host-") || !c.Secure || !c.HttpOnly || c.Domain != "" || c.Path != "/" {
			t.Errorf("cookie %v", c)
		}
	}
	if len(answer.Cookies()) == 0 {
		t.Error("no cookie")
	}

	maria := s.site.Session("maria")
	if answer, body := s.see(demo+"/office", "Cookie", "__Host-portico="+maria); answer.StatusCode != 200 || !strings.Contains(body, "Maria") {
		t.Errorf("signed in: %d", answer.StatusCode)
	}
	if answer, _ := s.see(demo+"/office", "Cookie", "portico="+maria); answer.StatusCode == 200 {
		t.Error("a cookie that any neighbour of the host could have set counts")
	}
	if answer, body := s.see(s.origin("harbor.portal.example.com")+"/office", "Cookie", "__Host-portico="+maria); answer.StatusCode == 200 || strings.Contains(body, "Maria") {
		t.Errorf("another firm's session: %d", answer.StatusCode)
	}
	// one connection, another host: what counts is what is asked for, and nothing is mixed
	if answer, body, _ := s.ask(demo+"/office", "harbor.portal.example.com", "Cookie", "__Host-portico="+maria, "X-Forwarded-Host", "demo.portal.example.com"); answer.StatusCode == 200 || strings.Contains(body, "Northgate") {
		t.Errorf("harbor's name on a connection for demo: %d", answer.StatusCode)
	}

	// the installation's own name has a certificate, and nobody lives there
	if answer, _ := s.see(s.origin("portal.example.com") + "/"); answer.StatusCode != 421 {
		t.Errorf("the installation's own name: %d", answer.StatusCode)
	}
	if answer, _ := s.see(s.origin("portal.example.com") + "/readyz"); answer.StatusCode != 200 {
		t.Errorf("ready: %d", answer.StatusCode)
	}
	for _, host := range []string{"nobody.portal.example.com", "evil.example", "a.demo.portal.example.com", "demo.portal.example.com.evil.example"} {
		if answer, _, err := s.ask(s.origin(host)+"/", ""); err == nil {
			t.Errorf("%s: a handshake, and %d", host, answer.StatusCode)
		}
	}

	plain := "http://demo.portal.example.com:" + strconv.Itoa(s.c.HTTPPort)
	if answer, _ := s.see(plain+"/portal/all?x=1", "Cookie", "__Host-portico="+maria); answer.StatusCode != 308 || answer.Header.Get("Location") != demo+"/portal/all?x=1" || len(answer.Cookies()) > 0 {
		t.Errorf("plain HTTP: %d %v", answer.StatusCode, answer.Header)
	}
	if answer, _, _ := s.ask(plain+"/", "evil.example"); answer.StatusCode != 421 || answer.Header.Get("Location") != "" {
		t.Errorf("plain HTTP to a stranger's name: %d", answer.StatusCode)
	}
	s.keysArePrivate()
}

func (s *secured) keysArePrivate() {
	s.t.Helper()
	keys := 0
	err := filepath.WalkDir(s.c.Certificates(), func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if filepath.Ext(path) == ".key" {
			if keys++; info.Mode().Perm() != 0o600 {
				s.t.Errorf("%s is %s", path, info.Mode())
			}
		}
		return err
	})
	if err != nil || keys < 3 {
		s.t.Errorf("%d keys, %v", keys, err)
	}
	if err := checkKeys(s.c.Certificates()); err != nil {
		s.t.Error(err)
	}
}

func TestHTTPSFollowsTheFirmsAddresses(t *testing.T) {
	if testing.Short() {
		t.Skip("it runs an authority")
	}
	s := secure(t)
	s.owner(s.site, func(ctx context.Context, tx bun.Tx, v auth.Viewer) error { return firm.Rename(ctx, tx, v, "northgate") })
	renamed := s.site.Firm("northgate")
	s.owner(renamed, func(ctx context.Context, tx bun.Tx, v auth.Viewer) error {
		return firm.AddDomain(ctx, tx, firm.Hosts{Base: "portal.example.com"}, v, "portal.northgate.example")
	})
	maria := renamed.Session("maria")
	answer, body := s.see(s.origin("demo.portal.example.com")+"/office/clients?q=a%20b", "Cookie", "__Host-portico="+maria)
	if answer.StatusCode != 308 || answer.Header.Get("Location") != s.origin("northgate.portal.example.com")+"/office/clients?q=a%20b" || body != "" {
		t.Errorf("the former address: %d %s %q", answer.StatusCode, answer.Header.Get("Location"), body)
	}
	for _, host := range []string{"northgate.portal.example.com", "portal.northgate.example"} {
		if answer, body := s.see(s.origin(host)+"/office", "Cookie", "__Host-portico="+maria); answer.StatusCode != 200 || !strings.Contains(body, "Maria") {
			t.Errorf("%s: %d", host, answer.StatusCode)
		}
	}
	harbor := s.site.Firm("harbor")
	s.owner(harbor, func(ctx context.Context, tx bun.Tx, v auth.Viewer) error { return firm.Suspend(ctx, tx, v, true) })
	if answer, _, err := s.ask(s.origin("harbor.portal.example.com")+"/", ""); err == nil {
		t.Errorf("a certificate for a suspended firm, and %d", answer.StatusCode)
	}
}

func TestCheckSaysWhatCertificatesLack(t *testing.T) {
	for name, environment := range map[string]map[string]string{
		"PORTICO_DOMAIN": {"PORTICO_ACME_EMAIL": "ops@example.com"},
	} {
		c, err := config.Parse(environment)
		if err != nil {
			t.Fatal(err)
		}
		said := ""
		checkEncryption(t.Context(), c, nil, func(what string, err error) { said += what + ": " + err.Error() })
		if !strings.Contains(said, name) {
			t.Errorf("it says %q", said)
		}
	}
	names := dnstest.Start(t)
	names.Lead("portal.example.com", "203.0.113.7")
	c, err := config.Parse(map[string]string{"PORTICO_DOMAIN": "portal.example.com", "PORTICO_DNS": names.Address, "PORTICO_ACME_URL": "https://127.0.0.1:1/dir", "PORTICO_ACME_ROOT": "/nowhere.pem"})
	if err != nil {
		t.Fatal(err)
	}
	dns := resolver(c)
	if err := checkName(t.Context(), dns, "portal.example.com", c.Domain); err != nil {
		t.Error(err)
	}
	if err := checkName(t.Context(), dns, "acme.portal.example.com", c.Domain); err == nil || !strings.Contains(err.Error(), "*.portal.example.com") {
		t.Errorf("no wildcard: %v", err)
	}
	if err := checkAuthority(t.Context(), c); err == nil || !strings.Contains(err.Error(), "PORTICO_ACME_ROOT") {
		t.Errorf("no root: %v", err)
	}
	c.ACMERoot = ""
	if err := checkAuthority(t.Context(), c); err == nil || !strings.Contains(err.Error(), "PORTICO_ACME_URL") {
		t.Errorf("no authority: %v", err)
	}
}
