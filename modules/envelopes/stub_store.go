package envelopes

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/db"
)

func stubNotified(ctx context.Context, tx bun.IDB, v auth.Viewer, r Recipient, hash []byte, now time.Time) error {
	return db.One(tx.NewRaw(`update envelopes.recipient set notified_at = ?, token_hash = ? where firm_id = ? and id = ?`, now, hash, v.FirmID(), r.ID).Exec(ctx))
}

func stubSealing(ctx context.Context, tx bun.IDB, v auth.Viewer, envelope uuid.UUID) error {
	return db.One(tx.NewRaw(`update envelopes.envelope set status = 'sealing' where firm_id = ? and id = ?`, v.FirmID(), envelope).Exec(ctx))
}
