package envelopes

import (
	"context"

	"github.com/uptrace/bun"

	"portico/platform/auth"
)

// newest are the envelopes that the viewer sees, the newest first.
func newest(ctx context.Context, tx bun.IDB, v auth.Viewer, most int64) ([]Envelope, error) {
	var list []Envelope
	return list, envelopes(tx, v).OrderExpr("e.id DESC").Limit(most).Scan(ctx, &list)
}
