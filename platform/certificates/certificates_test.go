package certificates

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"portico/platform/certificates/acmetest"
	"portico/platform/domain/dnstest"
)

// Each test has a host of its own: what the library has under way for a host, it has under way for all keepers of a process.

// place is a keeper at work: an authority, a name server, and the two listeners.
type place struct {
	keeper      *Keeper
	dir         string
	https, http string
	roots       *x509.CertPool
	asked       atomic.Int64
	known       sync.Map
}

// folder is one for the time of a test. A renewal under way when the test ends still writes, so it is cleared until it
// stays clear.
func folder(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "certificates")
	must(t, err)
	t.Cleanup(func() {
		tick := time.NewTicker(20 * time.Millisecond)
		defer tick.Stop()
		for limit := time.Now().Add(20 * time.Second); ; <-tick.C {
			if err = os.RemoveAll(dir); err == nil {
				return
			}
			if time.Now().After(limit) {
				t.Errorf("the folder cannot be cleared: %v", err)
				return
			}
		}
	})
	return dir
}

func open(t *testing.T, life time.Duration, hosts ...string) *place {
	t.Helper()
	if testing.Short() {
		t.Skip("it builds and runs an authority")
	}
	p := &place{dir: filepath.Join(folder(t), "certificates")}
	for _, host := range hosts {
		p.known.Store(host, true)
	}
	secure, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	plain, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	p.https, p.http = secure.Addr().String(), plain.Addr().String()
	names := dnstest.Start(t)
	names.LeadAll("127.0.0.1")
	authority := acmetest.Start(t, names.Address, port(plain), port(secure), life)
	p.roots = authority.Roots(t)
	p.keeper, err = Open(Options{
		Dir: p.dir, ACME: authority.URL, RootFile: authority.RootFile, Email: "ops@example.com",
		Bind: "127.0.0.1", HTTPPort: port(plain), HTTPSPort: port(secure), Log: slog.New(slog.DiscardHandler),
		Known: func(_ context.Context, host string) error {
			p.asked.Add(1)
			if _, ok := p.known.Load(host); !ok {
				return ErrStranger
			}
			return nil
		},
	})
	must(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, r.Host) })}
	done := make(chan struct{}, 2)
	go func() { _ = server.Serve(p.keeper.Listen(secure)); done <- struct{}{} }()
	go func() {
		_ = p.keeper.ServeRedirects(ctx, plain, func(ctx context.Context, host string) (string, error) {
			name, _, _ := strings.Cut(host, ":")
			_, ok := p.known.Load(name)
			if !ok {
				return "", ErrStranger
			}
			return "https://" + name, nil
		})
		done <- struct{}{}
	}()
	t.Cleanup(func() {
		cancel()
		_ = server.Close()
		<-done
		<-done
		p.keeper.Close()
	})
	return p
}

func port(l net.Listener) int { return l.Addr().(*net.TCPAddr).Port }

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// visit shakes hands as a browser does, and gives the certificate.
func (p *place) visit(host string) (*x509.Certificate, error) {
	c, err := tls.DialWithDialer(&net.Dialer{Timeout: time.Minute}, "tcp", p.https, &tls.Config{ServerName: host, RootCAs: p.roots, NextProtos: []string{"h2", "http/1.1"}})
	if err != nil {
		return nil, err
	}
	defer func() { _ = c.Close() }()
	if got := c.ConnectionState().NegotiatedProtocol; got != "http/1.1" {
		return nil, fmt.Errorf("speaks %q", got)
	}
	return c.ConnectionState().PeerCertificates[0], nil
}

func TestTheFirstVisitGetsACertificateAndTheNextIsFast(t *testing.T) {
	p := open(t, 90*24*time.Hour, "oak.example.com", "elm.example.com")
	began := time.Now()
	first, err := p.visit("oak.example.com")
	must(t, err)
	slow := time.Since(began)
	began = time.Now()
	again, err := p.visit("OAK.example.com")
	must(t, err)
	t.Logf("first visit %s, second %s", slow.Round(time.Millisecond), time.Since(began).Round(time.Millisecond))
	if !first.Equal(again) || time.Since(began) > slow {
		t.Error("the second visit asked for another certificate")
	}

	var group sync.WaitGroup // many first visitors at once are one question
	serials := sync.Map{}
	for range 20 {
		group.Go(func() {
			if c, err := p.visit("elm.example.com"); err != nil {
				t.Error(err)
			} else {
				serials.Store(c.SerialNumber.String(), true)
			}
		})
	}
	group.Wait()
	count := 0
	serials.Range(func(any, any) bool { count++; return true })
	if count != 1 {
		t.Errorf("20 visitors caused %d certificates", count)
	}
	must(t, filepath.WalkDir(p.dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err == nil && info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s can be read by others: %s", path, info.Mode())
		}
		return err
	}))
}

func TestAnUnknownHostGetsNoCertificate(t *testing.T) {
	p := open(t, 90*24*time.Hour, "elm2.example.com")
	for _, host := range []string{"nobody.example.com", "elm2.example.com.evil.example", "", "127.0.0.1", "*.example.com", "xn--nk-0ja.example.com"} {
		if c, err := p.visit(host); err == nil {
			t.Errorf("%q: a certificate for %v", host, c.DNSNames)
		}
	}
	if _, err := os.ReadDir(filepath.Join(p.dir, "acme")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the authority was asked for something: %v", err)
	}
	for n := range 200 {
		_, _ = p.visit(fmt.Sprintf("made-up-%d.example.com", n))
	}
	if asked := p.asked.Load(); asked > wrongHosts+10 {
		t.Errorf("%d made-up hosts were looked up", asked)
	}
	if _, err := p.visit("elm2.example.com"); err == nil {
		t.Error("from where a flood comes, nothing new is asked for")
	}
	p.keeper.guard.mu.Lock() // a minute later
	clear(p.keeper.guard.wrong)
	p.keeper.guard.mu.Unlock()
	if _, err := p.visit("elm2.example.com"); err != nil {
		t.Error(err)
	}
	for n := range 100 { // and who has its certificate is served in every flood
		_, _ = p.visit(fmt.Sprintf("more-%d.example.com", n))
	}
	if _, err := p.visit("elm2.example.com"); err != nil {
		t.Error(err)
	}
}

func TestCertificatesAreRenewed(t *testing.T) {
	p := open(t, time.Minute, "ash.example.com") // such a short life is always near its end
	first, err := p.visit("ash.example.com")
	must(t, err)
	deadline := time.After(5 * time.Minute)
	for {
		now, err := p.visit("ash.example.com")
		must(t, err)
		if !now.Equal(first) {
			return
		}
		select {
		case <-deadline:
			t.Fatal("not renewed")
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// TestAHostThatCannotBeValidatedIsNotAskedForAgain: the name server leads elsewhere, as while its owner still sets it up.
func TestAHostThatCannotBeValidatedIsNotAskedForAgain(t *testing.T) {
	p := open(t, time.Hour, "fir.example.com")
	p.keeper.guard.failed("fir.example.com")
	began := time.Now()
	if _, err := p.visit("fir.example.com"); err == nil {
		t.Error("asked again at once")
	}
	if took := time.Since(began); took > 30*time.Second {
		t.Errorf("the visitor was kept waiting for %s", took)
	}
	p.keeper.guard.mu.Lock()
	clear(p.keeper.guard.cooling)
	p.keeper.guard.mu.Unlock()
	if _, err := p.visit("fir.example.com"); err != nil {
		t.Error(err)
	}
}

func TestPlainHTTPLeadsToHTTPS(t *testing.T) {
	p := open(t, time.Hour, "yew.example.com")
	ask := func(method, host, path string) *http.Response {
		r, err := http.NewRequestWithContext(t.Context(), method, "http://"+p.http+path, strings.NewReader("x=1"))
		must(t, err)
		r.Host = host
		answer, err := (&http.Transport{}).RoundTrip(r)
		must(t, err)
		_ = answer.Body.Close()
		return answer
	}
	for _, method := range []string{"GET", "POST", "HEAD"} {
		answer := ask(method, "yew.example.com", "/portal/all?a=b%20c")
		if answer.StatusCode != 308 || answer.Header.Get("Location") != "https://yew.example.com/portal/all?a=b%20c" || answer.Header.Get("Set-Cookie") != "" {
			t.Errorf("%s: %d %v", method, answer.StatusCode, answer.Header)
		}
	}
	for _, host := range []string{"evil.example", "", "yew.example.com@evil.example"} {
		if answer := ask("GET", host, "/"); answer.StatusCode < 400 || answer.Header.Get("Location") != "" {
			t.Errorf("%q: %d to %s", host, answer.StatusCode, answer.Header.Get("Location"))
		}
	}
	if answer := ask("GET", "yew.example.com", "/.well-known/acme-challenge/../../etc/passwd"); answer.StatusCode == 200 {
		t.Error("a challenge that nobody asked for")
	}
}

func TestWhoSendsSlowlyHoldsUpNobody(t *testing.T) {
	p := open(t, time.Hour, "bay.example.com")
	_, err := p.visit("bay.example.com")
	must(t, err)
	hold := func(n int) {
		for range n {
			c, err := net.Dial("tcp", p.https)
			must(t, err)
			t.Cleanup(func() { _ = c.Close() })
		}
	}
	hold(shakesOfOne / 2)
	if _, err := p.visit("bay.example.com"); err != nil {
		t.Error(err)
	}
	hold(shakesOfOne) // as many as one neighbourhood may have, and more
	c, err := net.Dial("tcp", p.https)
	must(t, err)
	defer func() { _ = c.Close() }()
	must(t, c.SetReadDeadline(time.Now().Add(30*time.Second)))
	if _, err := c.Read(make([]byte, 1)); err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("not hung up on: %v", err)
	}
}

func TestADatabaseThatIsAwayTakesNoHostDown(t *testing.T) {
	answers := map[string]error{"oak.example.com": nil}
	g := newGuard(func(_ context.Context, host string) error {
		if err, ok := answers[host]; ok {
			return err
		}
		return ErrStranger
	})
	if err := g.decide(t.Context(), "oak.example.com"); err != nil {
		t.Fatal(err)
	}
	answers["oak.example.com"] = errors.New("the database is away")
	if err := g.decide(t.Context(), "oak.example.com"); err != nil {
		t.Errorf("a host that was ours: %v", err)
	}
	answers["elm.example.com"] = errors.New("the database is away")
	if err := g.decide(t.Context(), "elm.example.com"); err == nil {
		t.Error("nobody has ever said that this is ours")
	}
	delete(answers, "oak.example.com")
	if err := g.decide(t.Context(), "oak.example.com"); !errors.Is(err, ErrStranger) {
		t.Errorf("given up: %v", err)
	}
	g.wrong[netip.Prefix{}] = wrongHosts
	if err := g.decide(t.Context(), "oak.example.com"); err == nil {
		t.Error("it is still trusted after it was given up")
	}
}
