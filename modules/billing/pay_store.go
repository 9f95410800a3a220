package billing

import (
	"context"
	"database/sql"
	"errors"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/day"
	"portico/platform/fault"
)

// cashierOf is what the firm takes payments with now.
func cashierOf(ctx context.Context, tx bun.IDB, v auth.Viewer) (cashier, error) {
	var t cashier
	err := tx.NewRaw(`
		select a.id as account_id, a.provider, a.cards, a.banks, coalesce(s.part_payment, true) as part, coalesce(s.min_payment, 0) as least
		from billing.account a
		left join billing.setting s on s.firm_id = a.firm_id
		where a.firm_id = ? and a.active`, v.FirmID()).Scan(ctx, &t)
	if errors.Is(err, sql.ErrNoRows) {
		return cashier{}, nil
	}
	return t, err
}

// invoicesByID gives those that the viewer may see, in the order of their days; one that is not there is not found.
func invoicesByID(ctx context.Context, tx bun.IDB, v auth.Viewer, ids []uuid.UUID) ([]Invoice, error) {
	if len(ids) == 0 {
		return nil, fault.NotFound()
	}
	var list []Invoice
	err := invoices(tx, v).Where("i.id IN (?)", bun.List(ids)).Order("i.due_key", "i.id").Scan(ctx, &list)
	if err == nil && len(list) < len(ids) {
		return nil, fault.NotFound()
	}
	return list, err
}

// invoicesSeen are those of the named ones that the viewer may see.
func invoicesSeen(ctx context.Context, tx bun.IDB, v auth.Viewer, ids []uuid.UUID) ([]uuid.UUID, error) {
	var list []uuid.UUID
	q := tx.NewSelect().TableExpr("billing.invoice AS i").ColumnExpr("i.id").Where("i.id IN (?)", bun.List(ids))
	err := visible(q, v).Scan(ctx, &list)
	return list, err
}

// methods is where every read of saved methods begins: they are the contact's own. Staff, other contacts of the client
// and a preview see none.
func methods(tx bun.IDB, v auth.Viewer) *bun.SelectQuery {
	q := tx.NewSelect().
		TableExpr("billing.method AS m").
		Join("JOIN billing.account a ON a.firm_id = m.firm_id AND a.id = m.account_id").
		Where("m.firm_id = ?", v.FirmID())
	if v.Side != auth.Portal || v.ViewAs != uuid.Nil || v.ContactID == uuid.Nil {
		return q.Where("false")
	}
	return q.
		Where("m.contact_id = ?", v.ContactID).
		Where("m.kept").
		Where("m.removed_at IS NULL")
}

// savedOf are the viewer's saved methods, the preselected one first. Whether one has expired is said by the firm's day.
func savedOf(ctx context.Context, tx bun.IDB, v auth.Viewer, today day.Day) ([]saved, error) {
	var list []saved
	err := methods(tx, v).
		ColumnExpr("m.id, m.account_id, m.kind, m.brand, m.last4, coalesce(to_char(m.expires_on, 'MM/YYYY'), '') AS expires, m.first").
		ColumnExpr("a.active AS usable, coalesce(m.expires_on < ?, false) AS expired", today).
		ColumnExpr("EXISTS (SELECT FROM billing.autopay ap WHERE ap.firm_id = m.firm_id AND ap.method_id = m.id) AS autopays").
		OrderExpr("m.first DESC, m.created_at, m.id").
		Scan(ctx, &list)
	return list, err
}

// savedByID is one of the viewer's own.
func savedByID(ctx context.Context, tx bun.IDB, v auth.Viewer, method uuid.UUID, today day.Day) (saved, error) {
	list, err := savedOf(ctx, tx, v, today)
	for _, s := range list {
		if s.ID == method {
			return s, nil
		}
	}
	if err == nil {
		err = fault.NotFound()
	}
	return saved{}, err
}

// dueInvoices are what a contact has to pay, the oldest first, without what a payment under way covers.
func dueInvoices(ctx context.Context, tx bun.IDB, v auth.Viewer, most int) ([]Invoice, error) {
	var list []Invoice
	err := invoices(tx, v).
		Where("i.client_id = ?", v.ClientID).
		Where("i.state IN ('open', 'partial')").
		Where("i.paid + i.reserved < i.total").
		Order("i.due_key", "i.id").
		Limit(int64(most)).
		Scan(ctx, &list)
	return list, err
}

// openAttempts are payments under way of invoices that the viewer may see, whoever makes them: nothing of with what. Of no
// invoices in particular they are a list of payments, and follow its switch.
func openAttempts(ctx context.Context, tx bun.IDB, v auth.Viewer, invoices []uuid.UUID) ([]Attempt, error) {
	q := tx.NewSelect().
		TableExpr("billing.attempt AS a").
		ColumnExpr("a.id, a.batch_id, a.invoice_id, a.kind, a.amount, a.currency, a.status, a.created_at, b.contact_id").
		ColumnExpr("i.number AS invoice_number, i.title AS invoice_title, pe.name AS payer").
		ColumnExpr("CASE i.kind WHEN 'consolidated' THEN 'Several projects' ELSE pr.name END AS project_name").
		Join("JOIN billing.batch b ON b.firm_id = a.firm_id AND b.id = a.batch_id").
		Join("JOIN billing.invoice i ON i.firm_id = a.firm_id AND i.id = a.invoice_id").
		Join("JOIN project pr ON pr.firm_id = i.firm_id AND pr.id = i.project_id").
		Join("LEFT JOIN contact ct ON ct.firm_id = b.firm_id AND ct.id = b.contact_id").
		Join("LEFT JOIN person pe ON pe.firm_id = ct.firm_id AND pe.id = ct.person_id").
		Where("a.open").
		OrderExpr("a.created_at DESC, a.id").
		Limit(100)
	if v.Side == auth.Portal {
		q = q.Where("a.client_id = ?", v.ClientID)
	}
	if q = visible(q, v); len(invoices) > 0 {
		q = q.Where("a.invoice_id IN (?)", bun.List(invoices))
	} else {
		q = withPayments(q, v)
	}
	var list []Attempt
	err := q.Scan(ctx, &list)
	return list, err
}

// processingOf is what of the viewer's invoices payments under way cover.
func processingOf(ctx context.Context, tx bun.IDB, v auth.Viewer) ([]processing, error) {
	q := tx.NewSelect().
		TableExpr("billing.invoice AS i").
		ColumnExpr("i.currency, sum(i.reserved)::bigint AS amount").
		Where("i.state IN ('open', 'partial')").
		Where("i.reserved > 0").
		GroupExpr("i.currency").
		OrderExpr("i.currency")
	var list []processing
	err := visible(q, v).Scan(ctx, &list)
	return list, err
}

// onlineState is what became of a payment that was made online, for the list of payments.
type onlineState struct {
	PaymentID uuid.UUID
	Status    Status
}

// onlineOf tells it of payments that the viewer has already been shown.
func onlineOf(ctx context.Context, tx bun.IDB, v auth.Viewer, payments []uuid.UUID) (map[uuid.UUID]Status, error) {
	states := map[uuid.UUID]Status{}
	if len(payments) == 0 {
		return states, nil
	}
	var list []onlineState
	err := tx.NewSelect().
		TableExpr("billing.attempt AS a").
		ColumnExpr("a.payment_id, a.status").
		Where("a.firm_id = ?", v.FirmID()).
		Where("a.payment_id IN (?)", bun.List(payments)).
		Scan(ctx, &list)
	for _, one := range list {
		states[one.PaymentID] = one.Status
	}
	return states, err
}
