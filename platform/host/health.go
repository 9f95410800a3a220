package host

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"portico/platform/access"
	"portico/platform/db"
	"portico/platform/outbox"
	"portico/platform/web"
)

// Trouble is one thing that is not as it should be, and how to mend it.
type Trouble struct{ What, Mend string }

// lagLimit is how old a due promise may get before the house says that it is not ready.
const lagLimit = 2 * time.Minute

// Ready looks at everything that serving needs: stores, migrations, relay.
func (h *Host) Ready(ctx context.Context) []Trouble {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	var troubles []Trouble
	add := func(what string, err error, mend string) {
		if err != nil {
			troubles = append(troubles, Trouble{fmt.Sprintf("%s: %v", what, err), mend})
		}
	}
	if err := h.Pool.PingContext(ctx); err != nil {
		add("database", err, "is PostgreSQL running, and DATABASE_URL right?")
		return troubles
	}
	pending, err := db.Pending(ctx, h.Pool, h.Sources())
	add("migrations", err, "run `portico migrate`")
	if len(pending) > 0 {
		add("migrations", fmt.Errorf("%d are not applied: %s", len(pending), strings.Join(pending, ", ")), "run `portico migrate`")
		return troubles
	}
	add("queue", h.Redis.Ping(ctx).Err(), "is Redis or Valkey running, and REDIS_URL right?")
	add("files", h.Store.Check(ctx), "can the folder or bucket of PORTICO_FILES be written?")
	lag, err := outbox.Lag(ctx, h.Ops)
	add("promises", err, "may the role portico_ops be used? run `portico migrate`")
	if lag > lagLimit {
		add("promises", fmt.Errorf("the oldest waits for %s", lag.Round(time.Second)), "is a worker running? `portico worker`")
	}
	return troubles
}

func (h *Host) healthRoutes() []web.Route {
	var draining atomic.Bool
	h.drain = func() { draining.Store(true) }
	alive := web.Get("/healthz", access.Public, func(r *web.Request) error { return r.Text("ok\n") })
	ready := web.Get("/readyz", access.Public, func(r *web.Request) error {
		if draining.Load() {
			r.Status(503)
			return r.Text("draining\n")
		}
		troubles := h.Ready(r.Context())
		if len(troubles) == 0 {
			return r.Text("ok\n")
		}
		r.Status(503)
		var b strings.Builder
		for _, t := range troubles { // what is wrong, not the details: strangers can read this
			what, _, _ := strings.Cut(t.What, ":")
			b.WriteString(what + "\n")
		}
		return r.Text(b.String())
	})
	alive.NoFirm, ready.NoFirm = true, true
	return []web.Route{alive, ready, h.metricsRoute(), h.certifiableRoute()}
}
