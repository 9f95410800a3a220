package billing

import (
	"context"
	"database/sql"
	"errors"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"portico/platform/auth"
	"portico/platform/db"
	"portico/platform/fault"
	"portico/platform/id"
)

// charges is where every read of what was handed over begins: it is the office's alone.
func charges(tx bun.IDB, v auth.Viewer) *bun.SelectQuery {
	q := tx.NewSelect().
		TableExpr("billing.charge AS c").
		ColumnExpr("c.id, c.client_id, c.project_id, c.source, c.source_id, c.text, c.quantity, c.price, c.currency, c.tax_rate, c.on_day, c.invoice_id").
		Where("c.firm_id = ?", v.FirmID())
	if v.Side == auth.Portal {
		q = q.Where("false")
	}
	return q
}

// putCharge keeps what was handed over. Told again, it changes what is not on an invoice yet, and nothing else. A
// project that is not there any more, or is another client's, bills nothing.
func putCharge(ctx context.Context, tx bun.IDB, v auth.Viewer, c charge) error {
	_, err := tx.NewRaw(`
		insert into billing.charge as c (firm_id, id, client_id, project_id, source, source_id, text, quantity, price, currency, tax_rate, on_day)
		select pr.firm_id, ?, pr.client_id, pr.id, ?, ?, ?, ?, ?, ?, ?, ?
		from project pr
		where pr.firm_id = ? and pr.id = ? and pr.client_id = ?
		on conflict (firm_id, source, source_id) do update
		set text = excluded.text, quantity = excluded.quantity, price = excluded.price, currency = excluded.currency,
			tax_rate = excluded.tax_rate, on_day = excluded.on_day
		where c.invoice_id is null`,
		id.New(), c.Source, c.SourceID, c.Text, c.Quantity, c.Price, c.Currency, c.TaxRate, c.OnDay,
		v.FirmID(), c.ProjectID, c.ClientID).Exec(ctx)
	return err
}

// withdrawCharge forgets what is not on an invoice.
func withdrawCharge(ctx context.Context, tx bun.IDB, v auth.Viewer, source string, from uuid.UUID) error {
	_, err := tx.NewRaw(`
		delete from billing.charge
		where firm_id = ? and source = ? and source_id = ? and invoice_id is null`, v.FirmID(), source, from).Exec(ctx)
	return err
}

// putChange notes what a change order does to what was agreed; once. counts is false when it was made void already: what
// sections tell is delivered in any order.
func putChange(ctx context.Context, tx bun.IDB, v auth.Viewer, c charge) (counts bool, err error) {
	if err := makeContract(ctx, tx, v, c.ProjectID); err != nil {
		return false, err
	}
	_, err = tx.NewRaw(`
		insert into billing.contract_change (firm_id, change_order_id, project_id, text, amount, on_day)
		select pr.firm_id, ?, pr.id, ?, ?, ?
		from project pr
		where pr.firm_id = ? and pr.id = ? and pr.client_id = ?
		on conflict (firm_id, change_order_id) do nothing`,
		c.SourceID, c.Text, c.line().Net, c.OnDay, v.FirmID(), c.ProjectID, c.ClientID).Exec(ctx)
	if err != nil {
		return false, err
	}
	err = tx.NewRaw(`
		select not exists (select from billing.contract_change ch
			where ch.firm_id = ? and ch.change_order_id = ? and ch.voided_at is not null)`, v.FirmID(), c.SourceID).Scan(ctx, &counts)
	return counts, err
}

// voidChange takes back what a change order did to what was agreed, or is about to do.
func voidChange(ctx context.Context, tx bun.IDB, v auth.Viewer, project, changeOrder uuid.UUID) error {
	_, err := tx.NewRaw(`
		insert into billing.contract_change (firm_id, change_order_id, project_id, text, amount, on_day, voided_at)
		select pr.firm_id, ?, pr.id, '', 0, current_date, now()
		from project pr
		where pr.firm_id = ? and pr.id = ?
		on conflict (firm_id, change_order_id) do update set voided_at = coalesce(billing.contract_change.voided_at, excluded.voided_at)`,
		changeOrder, v.FirmID(), project).Exec(ctx)
	return err
}

// openCharge is one thing, if it is not on an invoice; the zero one otherwise.
func openCharge(ctx context.Context, tx bun.IDB, v auth.Viewer, source string, from uuid.UUID) (charge, error) {
	var c charge
	err := charges(tx, v).
		Where("c.source = ?", source).
		Where("c.source_id = ?", from).
		Where("c.invoice_id IS NULL").
		Scan(ctx, &c)
	if errors.Is(err, sql.ErrNoRows) {
		return charge{}, nil
	}
	return c, err
}

// mostCharges is how many unbilled things a page shows.
const mostCharges = 200

// unbilledOf are the things of a project that stand on no invoice, the oldest first; some: only those.
func unbilledOf(ctx context.Context, tx bun.IDB, v auth.Viewer, project uuid.UUID, some []uuid.UUID) ([]charge, error) {
	q := charges(tx, v).
		Where("c.project_id = ?", project).
		Where("c.invoice_id IS NULL").
		Order("c.on_day", "c.id").
		Limit(mostCharges)
	if some != nil {
		q = q.Where("c.id IN (?)", bun.List(some))
	}
	var list []charge
	err := q.Scan(ctx, &list)
	return list, err
}

// unbilledSum is what all the things of a project that stand on no invoice come to, without taxes, and how many they are.
func unbilledSum(ctx context.Context, tx bun.IDB, v auth.Viewer, project party) (sum struct {
	Count int
	Net   int64
}, err error) {
	err = tx.NewSelect().
		TableExpr("(?) AS c", charges(tx, v).Where("c.project_id = ?", project.ID).Where("c.invoice_id IS NULL")).
		ColumnExpr("count(*) AS count").
		ColumnExpr("coalesce(sum(round(c.price::numeric * c.quantity / 1000)) FILTER (WHERE c.currency = ?), 0)::bigint AS net", project.Currency).
		Scan(ctx, &sum)
	return sum, err
}

// became is a charge with the invoice that it went out with; Nil: it stands on none that is out.
type became struct {
	charge
	Issued uuid.UUID
}

func chargesByID(ctx context.Context, tx bun.IDB, v auth.Viewer, ids []uuid.UUID) ([]became, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	var list []became
	err := charges(tx, v).
		ColumnExpr("o.id AS issued").
		Join("LEFT JOIN billing.invoice i ON i.firm_id = c.firm_id AND i.id = c.invoice_id").
		Join("LEFT JOIN billing.invoice o ON o.firm_id = i.firm_id AND o.id = coalesce(i.part_of, i.id) AND o.stage = 'released'").
		Where("c.id IN (?)", bun.List(ids)).
		Order("c.id").
		Scan(ctx, &list)
	return list, err
}

// claim puts unbilled things on an invoice. Of two who try at once, one is too late for all of them.
func claim(ctx context.Context, tx bun.IDB, v auth.Viewer, invoice uuid.UUID, list []charge) error {
	ids := make([]uuid.UUID, len(list))
	for n, c := range list {
		ids[n] = c.ID
	}
	done, err := tx.NewRaw(`
		update billing.charge set invoice_id = ?
		where firm_id = ? and id in (?) and invoice_id is null`, invoice, v.FirmID(), bun.List(ids)).Exec(ctx)
	if err != nil {
		return err
	}
	if n, err := done.RowsAffected(); err != nil || int(n) != len(ids) {
		return errors.Join(err, errBilled)
	}
	return nil
}

var errBilled = fault.Conflict("Somebody has put some of this on an invoice meanwhile. Please look again.")

// draftCharges makes a draft of things that were handed over.
func draftCharges(ctx context.Context, tx bun.IDB, v auth.Viewer, project party, title string, list []charge) (uuid.UUID, error) {
	c, err := contractOf(ctx, tx, v, project)
	if err != nil {
		return uuid.Nil, err
	}
	var lines []Line
	for n, one := range list {
		l := one.line()
		l.Position = n + 1
		lines = append(lines, l)
	}
	invoice, err := addDraft(ctx, tx, v, project, draftForm{Title: title, Rate: c.RetainageRate}, lines)
	if err != nil {
		return invoice, err
	}
	return invoice, claim(ctx, tx, v, invoice, list)
}

// addCharges puts things that were handed over on a draft that is there.
func addCharges(ctx context.Context, tx bun.IDB, v auth.Viewer, i Invoice, list []charge) error {
	lines, err := linesOf(ctx, tx, v, i.ID)
	if err != nil {
		return err
	}
	lines = byHand(lines)
	for _, c := range list {
		l := c.line()
		l.Position = len(lines) + 1
		lines = append(lines, l)
	}
	if len(lines) > mostLines || sumOf(lines).total() < 0 {
		return fault.Conflict("That does not fit on this draft: it would have more than 100 lines, or come to less than nothing.")
	}
	lines, retained := keepBack(lines, i.RetainageRate)
	s := sumOf(lines)
	err = db.One(tx.NewRaw(`
		update billing.invoice
		set net = ?0, tax = ?1, total = ?2, retained = ?3, drafted_by = ?4,
			writers = array_remove(array_append(array_remove(writers, ?4::uuid), ?4::uuid), null), version = version + 1, updated_at = now()
		where firm_id = ?5 and id = ?6 and version = ?7 and stage = 'draft' and kind = 'work'`,
		s.Net, s.Tax, s.total(), retained, db.NullID(v.PersonID), v.FirmID(), i.ID, i.Version).Exec(ctx))
	if errors.Is(err, sql.ErrNoRows) {
		return errMoved
	}
	if err != nil {
		return err
	}
	if err := putLines(ctx, tx, v, i.ID, lines, i.Title); err != nil {
		return err
	}
	return claim(ctx, tx, v, i.ID, list)
}

// tellOf promises to tell the sections whose things these invoices bill, or do not bill any more.
func tellOf(ctx context.Context, tx bun.IDB, v auth.Viewer, list []Invoice) error {
	ids := make([]uuid.UUID, len(list))
	for n, i := range list {
		ids[n] = i.ID
	}
	if len(ids) == 0 {
		return nil
	}
	var t chargesTold
	err := tx.NewRaw(`
		select c.id from billing.charge c
		join billing.invoice i on i.firm_id = c.firm_id and i.id = c.invoice_id
		where c.firm_id = ?0 and (i.id in (?1) or i.part_of in (?1))
		order by c.id`, v.FirmID(), bun.List(ids)).Scan(ctx, &t.Charges)
	if err != nil || len(t.Charges) == 0 {
		return err
	}
	_, err = tellCharges.Enqueue(ctx, tx, v.FirmID(), t)
	return err
}

// draftsOf are a project's drafts of work, the newest first.
func draftsOf(ctx context.Context, tx bun.IDB, v auth.Viewer, project party) ([]Invoice, error) {
	var list []Invoice
	err := invoices(tx, v).
		Where("i.client_id = ?", project.ClientID).
		Where("i.project_id = ?", project.ID).
		Where("i.state = 'draft'").
		Where("i.kind = 'work'").
		Where("i.currency = ?", project.Currency).
		OrderExpr("i.id DESC").
		Limit(shownOfClient).
		Scan(ctx, &list)
	return list, err
}

// handedOnInvoices are those of what a section handed over that stand on an invoice.
func handedOnInvoices(ctx context.Context, tx bun.IDB, v auth.Viewer, source string, ids []uuid.UUID) ([]uuid.UUID, error) {
	var list []uuid.UUID
	err := tx.NewRaw(`
		select c.source_id from billing.charge c
		where c.firm_id = ? and c.source = ? and c.source_id = any(?::uuid[]) and c.invoice_id is not null`,
		v.FirmID(), source, pgdialect.Array(ids)).Scan(ctx, &list)
	return list, err
}
