package time

import (
	"context"
	"maps"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/db"
)

// expenses is where every read of expenses by staff begins.
func expenses(tx bun.IDB, v auth.Viewer) *bun.SelectQuery {
	return tx.NewSelect().
		TableExpr("time.expense AS e").
		ColumnExpr("e.id, e.client_id, e.project_id, e.person_id, e.spent_on, e.category, e.vendor, e.cost, e.tax, e.markup, e.price, e.currency").
		ColumnExpr("e.client_note, e.internal_notes, e.billable, e.receipt_id, e.receipt_media, e.state, e.returned, e.handed_at, e.invoice_id, e.version").
		ColumnExpr("pr.name AS project, cl.name AS client, p.name AS person, t.lead_id").
		Join("JOIN project AS pr ON pr.firm_id = e.firm_id AND pr.id = e.project_id").
		Join("JOIN client AS cl ON cl.firm_id = e.firm_id AND cl.id = e.client_id").
		Join("JOIN person AS p ON p.firm_id = e.firm_id AND p.id = e.person_id").
		Join("LEFT JOIN time.terms AS t ON t.firm_id = e.firm_id AND t.project_id = e.project_id").
		Where("e.firm_id = ?", v.FirmID()).
		Where("?", within(v, "e"))
}

func expenseByID(ctx context.Context, tx bun.IDB, v auth.Viewer, id uuid.UUID) (Expense, error) {
	var e Expense
	err := expenses(tx, v).Where("e.id = ?", id).Scan(ctx, &e)
	return e, db.Found(err)
}

// addExpense writes a new one; of a form that comes twice it writes one, like addEntry.
func addExpense(ctx context.Context, tx bun.IDB, v auth.Viewer, e Expense) (fresh bool, err error) {
	err = db.One(tx.NewRaw(`
		insert into time.expense (firm_id, id, client_id, project_id, person_id, spent_on, category, vendor, cost, tax, markup, price, currency,
			client_note, internal_notes, billable, receipt_id, receipt_media)
		select pr.firm_id, ?, pr.client_id, pr.id, ?, ?, ?, ?, ?, ?, ?, ?, pr.currency, ?, ?, ?, ?, ?
		from project pr
		where pr.firm_id = ? and pr.id = ?
		on conflict (firm_id, id) do nothing`,
		e.ID, e.PersonID, e.SpentOn, e.Category, e.Vendor, e.Cost, e.Tax, e.Markup, e.price(), e.ClientNote, e.InternalNotes, e.Billable,
		db.NullID(e.ReceiptID), e.ReceiptMedia, v.FirmID(), e.ProjectID).Exec(ctx))
	return once(err, func() (bool, error) {
		was, err := expenseByID(ctx, tx, v, e.ID)
		e.ReceiptID = was.ReceiptID // each time the same photo is sent it is another file
		return was.PersonID == e.PersonID && maps.Equal(was.facts(), e.facts()), err
	})
}

// saveExpense changes a draft, if nobody else has since.
func saveExpense(ctx context.Context, tx bun.IDB, v auth.Viewer, e Expense) error {
	return unlessMoved(tx.NewRaw(`
		update time.expense e
		set client_id = pr.client_id, project_id = pr.id, currency = pr.currency, spent_on = ?, category = ?, vendor = ?, cost = ?, tax = ?,
			markup = ?, price = ?, client_note = ?, internal_notes = ?, billable = ?, receipt_id = ?, receipt_media = ?,
			version = e.version + 1, updated_at = now()
		from project pr
		where pr.firm_id = ? and pr.id = ? and e.firm_id = pr.firm_id and e.id = ? and e.version = ? and e.state = 'draft'`,
		e.SpentOn, e.Category, e.Vendor, e.Cost, e.Tax, e.Markup, e.price(), e.ClientNote, e.InternalNotes, e.Billable,
		db.NullID(e.ReceiptID), e.ReceiptMedia, v.FirmID(), e.ProjectID, e.ID, e.Version).Exec(ctx))
}

// receiptOf is the expense of a receipt as staff may see it.
func receiptOf(ctx context.Context, tx bun.IDB, v auth.Viewer, file uuid.UUID) (Expense, error) {
	var e Expense
	err := expenses(tx, v).Where("e.receipt_id = ?", file).Scan(ctx, &e)
	return e, db.Found(err)
}
