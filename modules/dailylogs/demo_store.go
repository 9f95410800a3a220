package dailylogs

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
)

// backdate lets a log of the demo have been written on its day.
func backdate(ctx context.Context, tx bun.IDB, v auth.Viewer, log uuid.UUID, at time.Time) error {
	_, err := tx.NewRaw(`
		update dailylogs.log set submitted_at = ?0, created_at = ?0, updated_at = ?0
		where firm_id = ?1 and id = ?2`, at, v.FirmID(), log).Exec(ctx)
	return err
}

// backdateTalk lets what was said about a log follow it, one after the other.
func backdateTalk(ctx context.Context, tx bun.IDB, v auth.Viewer, log uuid.UUID, at time.Time) error {
	_, err := tx.NewRaw(`
		update comment set created_at = ?0::timestamptz + case when contact_id is null then interval '3 hours' else interval '1 hour' end
		where firm_id = ?1 and section = 'dailylogs' and thing_id = ?2`, at, v.FirmID(), log).Exec(ctx)
	return err
}
