package billing

import (
	"context"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"portico/platform/auth"
)

const exportedAtOnce = 1000

func exportedInvoices(ctx context.Context, tx bun.IDB, v auth.Viewer, client, last uuid.UUID) ([]Invoice, map[uuid.UUID][]Line, error) {
	q := invoices(tx, v).Where("i.id > ?", last).Order("i.id").Limit(exportedAtOnce)
	if client != uuid.Nil {
		q = q.Where("i.client_id = ?", client)
	}
	var list []Invoice
	if err := q.Scan(ctx, &list); err != nil {
		return nil, nil, err
	}
	ids := make([]uuid.UUID, len(list))
	for n, i := range list {
		ids[n] = i.ID
	}
	var rows []struct {
		Line
		InvoiceID uuid.UUID
	}
	err := tx.NewRaw(`
		select l.invoice_id, l.position, l.text, l.quantity, l.price, l.discount, l.tax_rate, l.net, l.tax
		from billing.line l
		where l.firm_id = ? and l.invoice_id = any(?::uuid[])
		order by l.invoice_id, l.position`, v.FirmID(), pgdialect.Array(ids)).Scan(ctx, &rows)
	lines := map[uuid.UUID][]Line{}
	for _, row := range rows {
		lines[row.InvoiceID] = append(lines[row.InvoiceID], row.Line)
	}
	return list, lines, err
}

// exportedPayment is a payment with the invoice on which most of it stands.
type exportedPayment struct {
	Payment
	InvoiceNumber string
}

func exportedPayments(ctx context.Context, tx bun.IDB, v auth.Viewer, client, last uuid.UUID) ([]exportedPayment, error) {
	q := payments(tx, v).Where("p.id > ?", last).Where("p.reversed_at IS NULL").Order("p.id").Limit(exportedAtOnce).
		ColumnExpr(`coalesce((SELECT i.number FROM billing.allocation al JOIN billing.invoice i ON i.firm_id = al.firm_id AND i.id = al.invoice_id
			WHERE al.firm_id = p.firm_id AND al.payment_id = p.id GROUP BY i.number ORDER BY sum(al.amount) DESC, i.number LIMIT 1), '') AS invoice_number`)
	if client != uuid.Nil {
		q = q.Where("p.client_id = ?", client)
	}
	var list []exportedPayment
	err := q.Scan(ctx, &list)
	return list, err
}
