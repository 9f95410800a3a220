// Package acmetest runs a real certificate authority on this machine, for tests: Let's Encrypt's own pebble.
package acmetest

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// version is the pebble that is built; it is no dependency of the program.
const version = "v2.10.1"

// Authority is a running one. It validates hosts for real, at the ports it was told.
type Authority struct {
	URL      string // its directory
	RootFile string // PEM: whom to trust when talking to it
	manage   string
	client   *http.Client
}

// Start runs an authority until the test ends. names is the name server that it asks, life how long its certificates live.
func Start(t testing.TB, names string, httpPort, httpsPort int, life time.Duration) *Authority {
	t.Helper()
	program, err := pebble()
	if err != nil {
		t.Skipf("NOT TESTED: pebble, the authority that certificates are tested with, cannot be built here: %v", err)
	}
	dir := t.TempDir()
	root := certificate(t, dir)
	listen, manage := free(t), free(t)
	config, err := json.Marshal(map[string]any{"pebble": map[string]any{
		"listenAddress": listen, "managementListenAddress": manage,
		"certificate": filepath.Join(dir, "cert.pem"), "privateKey": filepath.Join(dir, "key.pem"),
		"httpPort": httpPort, "tlsPort": httpsPort, "keyAlgorithm": "ecdsa",
		"retryAfter": map[string]int{"authz": 1, "order": 1},
		"profiles":   map[string]any{"default": map[string]any{"description": "for tests", "validityPeriod": int(life.Seconds())}},
	}})
	must(t, err)
	must(t, os.WriteFile(filepath.Join(dir, "pebble.json"), config, 0o600))
	c := exec.Command(program, "-config", filepath.Join(dir, "pebble.json"), "-dnsserver", names)
	c.Env = append(os.Environ(), "PEBBLE_VA_NOSLEEP=1", "PEBBLE_WFE_NONCEREJECT=5")
	said := &quiet{}
	c.Stdout, c.Stderr = said, said
	must(t, c.Start())
	t.Cleanup(func() {
		_ = c.Process.Kill()
		_ = c.Wait()
		if t.Failed() {
			t.Logf("pebble: %s", said)
		}
	})
	a := &Authority{URL: "https://" + listen + "/dir", RootFile: filepath.Join(dir, "cert.pem"), manage: "https://" + manage}
	a.client = &http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: root}}}
	deadline := time.Now().Add(30 * time.Second)
	for {
		if _, err = a.get(a.URL); err == nil {
			return a
		}
		if time.Now().After(deadline) {
			t.Fatalf("pebble does not start: %v: %s", err, said)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// Roots are whom a browser trusts that trusts this authority.
func (a *Authority) Roots(t testing.TB) *x509.CertPool {
	t.Helper()
	text, err := a.get(a.manage + "/roots/0")
	must(t, err)
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(text) {
		t.Fatal("no root")
	}
	return roots
}

func (a *Authority) get(url string) ([]byte, error) {
	answer, err := a.client.Get(url)
	if err != nil {
		return nil, err
	}
	defer func() { _ = answer.Body.Close() }()
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: %s", url, answer.Status)
	}
	return io.ReadAll(answer.Body)
}

// pebble builds the program once, in a folder that later runs find again.
var pebble = sync.OnceValues(func() (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = os.TempDir()
	}
	dir := filepath.Join(cache, "portico-test", "pebble-"+version)
	program := filepath.Join(dir, "pebble")
	if _, err := os.Stat(program); err == nil {
		return program, nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	fresh, err := os.MkdirTemp("", "portico-pebble-")
	if err != nil {
		return "", err
	}
	defer func() { _ = os.RemoveAll(fresh) }()
	build := exec.CommandContext(ctx, "go", "install", "github.com/letsencrypt/pebble/v2/cmd/pebble@"+version)
	build.Dir, build.Env = fresh, append(os.Environ(), "GOBIN="+fresh, "GOFLAGS=-trimpath")
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w: %s", err, bytes.TrimSpace(out))
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	body, err := os.ReadFile(filepath.Join(fresh, "pebble"))
	if err != nil {
		return "", err
	}
	next := program + fmt.Sprintf(".%d", os.Getpid())
	if err := os.WriteFile(next, body, 0o755); err != nil {
		return "", err
	}
	return program, os.Rename(next, program)
})

// certificate is what the authority itself answers with.
func certificate(t testing.TB, dir string) *x509.CertPool {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	shape := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: "pebble"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, shape, shape, &key.PublicKey, key)
	must(t, err)
	private, err := x509.MarshalPKCS8PrivateKey(key)
	must(t, err)
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	must(t, os.WriteFile(filepath.Join(dir, "cert.pem"), text, 0o600))
	must(t, os.WriteFile(filepath.Join(dir, "key.pem"), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}), 0o600))
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(text)
	return roots
}

func free(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// quiet keeps the last words of a program.
type quiet struct {
	mu sync.Mutex
	b  strings.Builder
}

func (q *quiet) Write(p []byte) (int, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.b.Write(p)
}

func (q *quiet) String() string {
	q.mu.Lock()
	defer q.mu.Unlock()
	text := q.b.String()
	return text[max(0, len(text)-4000):]
}
