package certificates

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/caddyserver/certmagic"
	"golang.org/x/time/rate"
)

const (
	lookups    = 100              // strange hosts a second that are looked up, in one process
	wrongHosts = 20               // of one neighbourhood in a minute; then no more are looked up for it
	coolDown   = 15 * time.Minute // after the authority refused a host: its own limit is five an hour
	trusted    = 24 * time.Hour   // so long a host counts as ours while the database is away
	most       = 10_000           // of everything that is remembered: strangers make names up
)

// ErrStranger says that a host is none of this installation; any other error, that it could not be learnt.
var ErrStranger = errors.New("not a host of this installation")

var (
	errFlood   = errors.New("too many unknown hosts")
	errRefused = errors.New("the authority refused this host a short while ago")
)

// guard decides for whom a certificate is asked. Names come from strangers: the database and the authority must not work
// for whoever makes some up.
type guard struct {
	known func(ctx context.Context, host string) error
	rate  *rate.Limiter

	mu      sync.Mutex
	minute  time.Time
	wrong   map[netip.Prefix]int
	ours    map[string]time.Time // hosts that were ours, and when
	cooling map[string]time.Time // hosts that were refused, and until when
}

func newGuard(known func(context.Context, string) error) *guard {
	return &guard{
		known: known, rate: rate.NewLimiter(lookups, lookups),
		wrong: map[netip.Prefix]int{}, ours: map[string]time.Time{}, cooling: map[string]time.Time{},
	}
}

// decide is asked before a certificate is loaded, asked for or renewed. What it refuses is forgotten, so it must not refuse
// a host of ours for a passing reason.
func (g *guard) decide(ctx context.Context, host string) error {
	from := neighbourhoodOf(ctx)
	was := g.wasOurs(host)
	if !was && (g.blamed(from) || !g.rate.Allow()) {
		return errFlood
	}
	err := g.known(ctx, host)
	switch {
	case err == nil:
		g.note(host)
	case errors.Is(err, ErrStranger):
		g.blame(from, host)
	case was:
		return nil
	}
	return err
}

func (g *guard) wasOurs(host string) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	at, ok := g.ours[host]
	return ok && time.Since(at) < trusted
}

func (g *guard) note(host string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.ours) > most {
		clear(g.ours)
	}
	g.ours[host] = time.Now()
}

func (g *guard) blamed(from netip.Prefix) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if now := time.Now(); now.Sub(g.minute) > time.Minute || len(g.wrong) > most {
		g.minute = now
		clear(g.wrong)
	}
	return g.wrong[from] >= wrongHosts
}

func (g *guard) blame(from netip.Prefix, host string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	delete(g.ours, host)
	if from.IsValid() {
		g.wrong[from]++
	}
}

// careful asks the authority once, and not again soon after a refusal: the next visitor tries again later.
type careful struct {
	*certmagic.ACMEIssuer
	guard *guard
}

// Issue asks for one certificate.
func (c careful) Issue(ctx context.Context, csr *x509.CertificateRequest) (*certmagic.IssuedCertificate, error) {
	host := ""
	if len(csr.DNSNames) > 0 {
		host = csr.DNSNames[0]
	}
	if c.guard.cooled(host) {
		return nil, certmagic.ErrNoRetry{Err: errRefused}
	}
	issued, err := c.ACMEIssuer.Issue(ctx, csr)
	if err != nil {
		c.guard.failed(host)
		return nil, certmagic.ErrNoRetry{Err: err}
	}
	return issued, nil
}

func (g *guard) cooled(host string) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	until, ok := g.cooling[host]
	return ok && time.Now().Before(until)
}

func (g *guard) failed(host string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.cooling) > most {
		clear(g.cooling)
	}
	g.cooling[host] = time.Now().Add(coolDown)
}

// neighbourhoodOf is where the handshake of a context comes from.
func neighbourhoodOf(ctx context.Context) netip.Prefix {
	hello, ok := ctx.Value(certmagic.ClientHelloInfoCtxKey).(*tls.ClientHelloInfo)
	if !ok || hello.Conn == nil {
		return netip.Prefix{}
	}
	return neighbourhood(hello.Conn.RemoteAddr())
}

// neighbourhood is what strangers are counted by: an address, or a /64 of IPv6.
func neighbourhood(of net.Addr) netip.Prefix {
	at, ok := of.(*net.TCPAddr)
	if !ok {
		return netip.Prefix{}
	}
	ip, bits := at.AddrPort().Addr().Unmap(), 32
	if ip.Is6() {
		bits = 64
	}
	prefix, _ := ip.Prefix(bits)
	return prefix
}
