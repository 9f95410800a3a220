package messages

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/db"
)

// backdate is for the demo: it was said then.
func backdate(ctx context.Context, tx bun.IDB, v auth.Viewer, message uuid.UUID, at time.Time) error {
	return db.One(tx.NewRaw("update messages.message set created_at = ? where firm_id = ? and id = ?", at, v.FirmID(), message).Exec(ctx))
}
