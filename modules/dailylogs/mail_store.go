package dailylogs

import (
	"context"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/db"
)

func clientName(ctx context.Context, tx bun.IDB, v auth.Viewer, client uuid.UUID) (name string, err error) {
	err = tx.NewRaw(`select c.name from client c where c.firm_id = ? and c.id = ?`, v.FirmID(), client).Scan(ctx, &name)
	return name, db.Found(err)
}
