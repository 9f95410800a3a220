// Package portaltest is the harness of every test that speaks of people: the real platform on a real PostgreSQL and a
// real Valkey or Redis, real mail, workers in the test's own process. It joins the house as cmd/portico does.
//
//	site := portaltest.Open(t, billing.Module)
//	site.Both(t, "ana", func(t *testing.T, ana *portaltest.Browser) {
//		ana.Open("/portal/all/billing").Follow("INV-1042").Fill("Amount", "250.00").Press("Pay")
//		ana.Sees(t, "Paid in full")
//	})
//
// People are called by their first name, as the demo story knows them: maria owns the firm, priya and ben work there;
// ana, tom, grace and omar are clients. Site.Firm("harbor") is the other firm of the story.
package portaltest

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"
	"github.com/uptrace/bun"

	"portico/platform/db"
	"portico/platform/host"
	"portico/platform/mail"
	"portico/platform/mail/mailtest"
	"portico/platform/module"
	"portico/platform/secret"
	"portico/platform/signet"
)

// Site is one installation that lives as long as its test. The embedded house can be reached for what people cannot
// see; look twice before you do.
type Site struct {
	*host.Host
	*Clock
	// Smtp is the mail server that the site's mails go to; it can be told to fail.
	Smtp *mailtest.Server

	t        testing.TB
	key      string // the firm that As speaks of
	database string
	port     string
	owner    *bun.DB
	queue    redis.UniversalClient

	shared *running
}

// running is what all firms' views of a site have in common.
type running struct {
	mu     sync.Mutex
	stop   func()            // ends the worker; nil: it does not run
	hashed map[string]hashed // the tables as Hash and Changed read them last
	wire   *http.Transport
	fine   fine
}

// transport leads every name of the site to its listener.
func (r *running) transport(address string) *http.Transport {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.wire == nil {
		r.wire = &http.Transport{
			DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
				return (&net.Dialer{}).DialContext(ctx, network, address)
			},
			MaxIdleConnsPerHost: 8,
		}
	}
	return r.wire
}

// Open builds the house with the given modules, or with all that the test imports, on a fresh copy of the demo story.
func Open(t testing.TB, modules ...module.Module) *Site {
	t.Helper()
	return open(t, story, nil, modules)
}

// Configured is Open with some variables of the environment set, such as PORTICO_TRUSTED_PROXIES.
func Configured(t testing.TB, environment map[string]string, modules ...module.Module) *Site {
	t.Helper()
	return open(t, story, environment, modules)
}

// OpenEmpty builds the house without a firm in it.
func OpenEmpty(t testing.TB, modules ...module.Module) *Site {
	t.Helper()
	return open(t, empty, nil, modules)
}

func open(t testing.TB, kind templateKind, environment map[string]string, modules []module.Module) *Site {
	t.Helper()
	if testing.Short() {
		t.Skip("a whole house is not a unit test")
	}
	if len(modules) == 0 {
		modules = module.All()
	}
	house, err := startHouse()
	must(t, err)
	files := t.TempDir()
	database, err := house.clone(t.Context(), kind, modules, files)
	must(t, err)

	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	_, port, _ := net.SplitHostPort(l.Addr().String())
	site := &Site{
		Clock: &Clock{}, t: t, key: "demo", database: database, port: port, shared: &running{},
		Smtp: mailtest.Start(t),
	}
	transport, err := mail.OpenSMTP(site.Smtp.URL)
	must(t, err)
	number, giveBack := house.redisNumber()
	c, err := house.config(database, number, port, files, environment)
	must(t, err)
	look, err := house.look(modules)
	must(t, err)
	site.Host, err = host.Open(host.Options{
		Config: c, Log: logTo(t), Now: site.Now, Key: testKey, Signet: testSignet(), Transport: transport, Modules: modules, Look: look,
	})
	must(t, err)
	site.owner, err = db.Open(house.url(database), db.Options{MaxConns: 2})
	must(t, err)
	options, err := redis.ParseURL(c.RedisURL)
	must(t, err)
	site.queue = redis.NewClient(options)
	must(t, site.queue.FlushDB(t.Context()).Err())

	stop := site.serve(l)
	t.Cleanup(func() {
		site.Rest()
		site.shared.transport(site.Address()).CloseIdleConnections()
		stop()
		_ = site.owner.Close()
		_ = site.queue.Close()
		house.drop(database)
		giveBack()
	})
	return site
}

// testKey is the same for all, so that a copied database can be read.
var testKey = must1(secret.ParseKey(strings.Repeat("7e", 32)))

// testSignet is made once a test binary.
var testSignet = sync.OnceValue(func() signet.Signet {
	return must1(signet.Parse(must1(signet.New("portico.test", time.Now()))))
})

func (s *Site) serve(l net.Listener) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := s.Serve(ctx, l); err != nil {
			s.t.Errorf("serve: %v", err)
		}
	}()
	return func() {
		cancel()
		<-done
		if err := s.Close(); err != nil {
			s.t.Errorf("close: %v", err)
		}
	}
}

// Firm gives the same site as another firm's people see it.
func (s *Site) Firm(key string) *Site {
	other := *s
	other.key = key
	return &other
}

// Key is the firm that As speaks of.
func (s *Site) Key() string { return s.key }

// URL is where the firm answers.
func (s *Site) URL() string { return "http://" + s.key + ".localhost:" + s.port }

// Address is where the server listens, for tests that speak raw HTTP.
func (s *Site) Address() string { return "127.0.0.1:" + s.port }

// FirmID names the firm.
func (s *Site) FirmID() uuid.UUID {
	s.t.Helper()
	var firm uuid.UUID
	must(s.t, s.owner.NewRaw("select firm_id from firm where key = ?", s.key).Scan(s.t.Context(), &firm))
	return firm
}

// DB is the database as its owner sees it: every firm's rows. For asserting and arranging, not for acting.
func (s *Site) DB(testing.TB) *bun.DB { return s.owner }

// DatabaseURL is the owner's.
func (s *Site) DatabaseURL() string { return s.Config.DatabaseURL }

// Clock is the program's clock: it goes like any other, can be moved, and can be stopped. Sessions and links do not
// follow it: they live by PostgreSQL's.
type Clock struct {
	mu     sync.Mutex
	ahead  time.Duration
	frozen time.Time
}

// Now is the time in the house.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.frozen.IsZero() {
		return c.frozen
	}
	return time.Now().Add(c.ahead)
}

// Advance lets time pass.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ahead += d
	if !c.frozen.IsZero() {
		c.frozen = c.frozen.Add(d)
	}
}

// Freeze stops the clock at an instant.
func (c *Clock) Freeze(at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.frozen = at
}

// logTo keeps quiet unless PORTICO_TEST_LOG is set; errors of the program are errors of the test either way.
func logTo(t testing.TB) *slog.Logger {
	if os.Getenv("PORTICO_TEST_LOG") != "" {
		return slog.New(slog.NewTextHandler(os.Stderr, nil))
	}
	return slog.New(slog.DiscardHandler)
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func must1[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
