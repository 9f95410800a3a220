package billing

import (
	"context"
	"database/sql"
	"errors"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
)

// creditables are the lines of an invoice that the viewer may see, with what of each was credited.
func creditables(ctx context.Context, tx bun.IDB, v auth.Viewer, invoice uuid.UUID) ([]creditable, error) {
	var list []creditable
	err := tx.NewRaw(`
		select l.position, l.text, l.quantity, l.price, l.discount, l.tax_rate, l.net, l.tax,
			coalesce(c.net, 0) as credited_net, coalesce(c.tax, 0) as credited_tax
		from billing.line l
		left join (
			select cl.position, sum(cl.net)::bigint as net, sum(cl.tax)::bigint as tax
			from billing.credit_line cl
			join billing.payment p on p.firm_id = cl.firm_id and p.id = cl.payment_id and p.reversed_at is null
			where cl.firm_id = ?0 and cl.invoice_id = ?1
			group by cl.position) c on c.position = l.position
		where l.firm_id = ?0 and l.invoice_id = ?1 and l.source <> 'retainage'
		order by l.position`, v.FirmID(), invoice).Scan(ctx, &list)
	return list, err
}

// anyCredited reports whether a credit memo stands for lines of an invoice.
func anyCredited(ctx context.Context, tx bun.IDB, v auth.Viewer, invoice uuid.UUID) (any bool, err error) {
	err = tx.NewRaw(`
		select exists (
			select from billing.credit_line cl
			join billing.payment p on p.firm_id = cl.firm_id and p.id = cl.payment_id and p.reversed_at is null
			where cl.firm_id = ? and cl.invoice_id = ?)`, v.FirmID(), invoice).Scan(ctx, &any)
	return any, err
}

// putCreditLines writes what a credit memo is for.
func putCreditLines(ctx context.Context, tx bun.IDB, v auth.Viewer, payment uuid.UUID, lines []creditLine) error {
	for _, l := range lines {
		_, err := tx.NewRaw(`
			insert into billing.credit_line (firm_id, payment_id, position, invoice_id, text, net, tax, tax_rate)
			values (?, ?, ?, ?, ?, ?, ?, ?)`,
			v.FirmID(), payment, l.Position, l.InvoiceID, l.Text, l.Net, l.Tax, l.TaxRate).Exec(ctx)
		if err != nil {
			return err
		}
	}
	return nil
}

// creditLinesOf are the lines of a credit memo, of invoices that the viewer may see.
func creditLinesOf(ctx context.Context, tx bun.IDB, v auth.Viewer, payment uuid.UUID) ([]creditLine, error) {
	var list []creditLine
	q := tx.NewSelect().
		TableExpr("billing.credit_line AS cl").
		ColumnExpr("cl.position, cl.invoice_id, cl.text, cl.net, cl.tax, cl.tax_rate").
		Join("JOIN billing.invoice i ON i.firm_id = cl.firm_id AND i.id = cl.invoice_id").
		Where("cl.firm_id = ?", v.FirmID()).
		Where("cl.payment_id = ?", payment).
		Order("cl.position")
	err := visible(q, v).Scan(ctx, &list)
	return list, err
}

// paymentByKey is the payment that a form with this key became; the zero one: none yet.
func paymentByKey(ctx context.Context, tx bun.IDB, v auth.Viewer, key uuid.UUID) (Payment, error) {
	var p Payment
	err := payments(tx, v).Where("p.form_key = ?", key).Scan(ctx, &p)
	if errors.Is(err, sql.ErrNoRows) {
		return Payment{}, nil
	}
	return p, err
}
