package billing

import (
	"context"

	"github.com/uptrace/bun"

	"portico/platform/auth"
)

// searchInvoices finds what the viewer may see by number, title or client, the newest first.
func searchInvoices(ctx context.Context, tx bun.IDB, v auth.Viewer, typed string, limit int) ([]Invoice, error) {
	hits, none := hits(v, typed)
	if none {
		return nil, nil
	}
	var list []Invoice
	err := invoices(tx, v).
		With("hit", tx.NewRaw("?", hits)).
		Where("i.id IN (SELECT h.id FROM hit h)").
		Order("i.id DESC").
		Limit(int64(limit)).
		Scan(ctx, &list)
	return list, err
}
