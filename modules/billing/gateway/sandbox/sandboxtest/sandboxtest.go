// Package sandboxtest runs the practice provider for a test.
package sandboxtest

import (
	"context"
	"log/slog"
	"net"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"portico/modules/billing/gateway/sandbox"
)

// Provider is a running practice provider.
type Provider struct {
	Address string // as PORTICO_SANDBOX has it
	Path    string // of its file

	stop func()
}

// Start runs one on a port of this machine until the test ends. Its clock is the test's, such as site.Now.
func Start(t testing.TB, now func() time.Time) *Provider {
	t.Helper()
	p := &Provider{Path: filepath.Join(t.TempDir(), "sandbox.db")}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p.Address = "http://" + l.Addr().String()
	p.serve(t, now, l)
	t.Cleanup(func() { p.stop() })
	return p
}

func (p *Provider) serve(t testing.TB, now func() time.Time, l net.Listener) {
	t.Helper()
	service, err := sandbox.Open(p.Path, now, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	var running errgroup.Group
	running.Go(func() error { return service.Run(ctx, l) })
	p.stop = func() {
		cancel()
		if err := running.Wait(); err != nil {
			t.Error("practice provider:", err)
		}
		_ = service.Close()
	}
}

// Account is a new firm's account there. It reports to nobody unless it is told where.
func (p *Provider) Account(with ...func(*sandbox.Account)) *sandbox.Client {
	a := sandbox.Account{Address: p.Address, Key: sandbox.NewKey(), Secrets: []string{"whsec_test"}, Pages: "http://portal.test/billing/practice/"}
	for _, change := range with {
		change(&a)
	}
	return sandbox.Dial(a)
}
