package dailylogs

import (
	"context"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/db"
)

// photoByID is a photo of a log that the viewer may read, unless it was removed.
func photoByID(ctx context.Context, tx bun.IDB, v auth.Viewer, log, photo uuid.UUID) (Photo, error) {
	var p Photo
	err := readable(tx.NewSelect().
		TableExpr("dailylogs.photo AS p").
		ColumnExpr("p.id, p.log_id, p.file_id, p.scan").
		Join("JOIN dailylogs.log AS l ON l.firm_id = p.firm_id AND l.id = p.log_id").
		Where("p.firm_id = ?", v.FirmID()).
		Where("p.log_id = ?", log).
		Where("p.id = ?", photo).
		Where("p.removed_at IS NULL"), v).Scan(ctx, &p)
	return p, db.Found(err)
}

// scannedAs keeps what the scanner said of a photo.
func scannedAs(ctx context.Context, tx bun.IDB, v auth.Viewer, photo uuid.UUID, scan, virus string) error {
	return db.Found(db.One(tx.NewRaw(`
		update dailylogs.photo set scan = ?, virus = ?
		where firm_id = ? and id = ?`, scan, virus, v.FirmID(), photo).Exec(ctx)))
}
