package documents

import (
	"context"

	"github.com/uptrace/bun"

	"portico/platform/auth"
)

// ownVersion is something that the viewer has sent.
type ownVersion struct {
	Version
	Document string
}

// uploadsOf are a person's own uploads on the side where they look.
func uploadsOf(ctx context.Context, tx bun.IDB, v auth.Viewer) ([]ownVersion, error) {
	var list []ownVersion
	q := tx.NewSelect().
		TableExpr("documents.version AS n").
		ColumnExpr("n.number, n.name, n.size, n.remark, n.created_at, d.name AS document").
		Join("JOIN documents.document AS d ON d.firm_id = n.firm_id AND d.id = n.document_id").
		Where("n.firm_id = ?", v.FirmID()).
		Where("n.created_by = ?", v.PersonID)
	if v.Side == auth.Portal {
		q = q.Where("n.client_id = ?", v.ClientID).Where("n.by_client")
	}
	err := q.Order("n.id").Limit(10_000).Scan(ctx, &list)
	return list, err
}
