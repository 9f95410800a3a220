package dashboard_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"portico/modules/dashboard"
	"portico/platform/portaltest"
)

// counter counts the statements of a pool.
type counter struct{ n atomic.Int64 }

func (c *counter) BeforeQuery(ctx context.Context, _ *bun.QueryEvent) context.Context { return ctx }
func (c *counter) AfterQuery(context.Context, *bun.QueryEvent)                        { c.n.Add(1) }

func TestTheFirstPagesAskLittleOfTheDatabase(t *testing.T) {
	site := portaltest.Open(t, dashboard.Module)
	ana, ben := site.As("ana"), site.As("ben")
	ana.Open("/portal/all")
	ben.Open("/office")
	counted := &counter{}
	site.Pool.AddQueryHook(counted) //lint:ignore SA1019 the house holds this pool already: a copy with a hook would count nothing
	for _, c := range []struct {
		what string
		open func()
		most int64
	}{
		{"the client's first page", func() { ana.Open("/portal/all") }, 14},
		{"the office's first page", func() { ben.Open("/office") }, 14},
		{"the palette", func() { ben.Open("/office/palette?q=maple") }, 8},
	} {
		before := counted.n.Load()
		began := time.Now()
		c.open()
		t.Logf("%s: %d statements, %s", c.what, counted.n.Load()-before, time.Since(began))
		if n := counted.n.Load() - before; n > c.most {
			t.Errorf("%s takes %d statements, not at most %d", c.what, n, c.most)
		}
	}
}
