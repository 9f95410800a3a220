package envelopes

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"portico/platform/auth"
)

// finish seals what all have signed.
func (d desk) finish(ctx context.Context, tx bun.Tx, v auth.Viewer, e *Envelope, now time.Time) error {
	if err := record(ctx, tx, v, e, Event{Kind: "finished", At: now}); err != nil {
		return err
	}
	e.Status = Sealing
	return stubSealing(ctx, tx, v, e.ID)
}
