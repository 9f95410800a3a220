package worker

import (
	"context"
	"time"

	"portico/platform/outbox"
)

// reconcile sweeps up once a minute: what was done long ago, and what asynq archived.
func reconcile(ctx context.Context, c Config, q *queue) {
	for {
		pause(ctx, time.Minute)
		if ctx.Err() != nil {
			return
		}
		swept, err := outbox.Sweep(ctx, c.Ops)
		for more := swept.More; more && err == nil; { // a batch at a time, so that no transaction is long
			var next outbox.Swept
			next, err = outbox.Sweep(ctx, c.Ops)
			swept.Done, more = swept.Done+next.Done, next.More
		}
		if err == nil {
			err = q.purge()
		}
		switch {
		case err != nil && ctx.Err() == nil:
			c.Log.Warn("sweep put off", "err", outbox.Reason(err))
		case swept.Done > 0 || swept.Ticks > 0:
			c.Log.Info("swept", "done", swept.Done, "ticks", swept.Ticks)
		}
	}
}
