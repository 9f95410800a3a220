package envelopes

import (
	"context"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/db"
)

func stubSealing(ctx context.Context, tx bun.IDB, v auth.Viewer, envelope uuid.UUID) error {
	return db.One(tx.NewRaw(`update envelopes.envelope set status = 'sealing' where firm_id = ? and id = ?`, v.FirmID(), envelope).Exec(ctx))
}
