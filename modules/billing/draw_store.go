package billing

import (
	"context"
	"database/sql"
	"errors"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/day"
	"portico/platform/db"
	"portico/platform/fault"
	"portico/platform/id"
)

// contracts is where every read of contracts begins: to clients, where their payment schedule is shared.
func contracts(tx bun.IDB, v auth.Viewer) *bun.SelectQuery {
	q := tx.NewSelect().
		TableExpr("billing.contract AS c").
		ColumnExpr("c.project_id, c.client_id, c.currency, c.amount, c.tax_rate, c.retainage_rate, c.shared, c.retained, c.asked, c.version").
		ColumnExpr("(SELECT coalesce(sum(ch.amount), 0)::bigint FROM billing.contract_change ch WHERE ch.firm_id = c.firm_id AND ch.project_id = c.project_id AND ch.voided_at IS NULL) AS changes").
		Where("c.firm_id = ?", v.FirmID())
	switch v.Side {
	case auth.Office, auth.Program:
		return q
	case auth.Portal:
		projects := v.ProjectIDs("billing")
		if !v.May(see) || len(projects) == 0 {
			return q.Where("false")
		}
		return q.Where("c.client_id = ?", v.ClientID).Where("c.project_id IN (?)", bun.List(projects)).Where("c.shared")
	}
	return q.Where("false")
}

// contractOf is a project's contract; without one, an empty one.
func contractOf(ctx context.Context, tx bun.IDB, v auth.Viewer, project party) (contract, error) {
	c := contract{ProjectID: project.ID, ClientID: project.ClientID, Currency: project.Currency}
	err := contracts(tx, v).Where("c.project_id = ?", project.ID).Scan(ctx, &c)
	if errors.Is(err, sql.ErrNoRows) {
		return c, nil
	}
	return c, err
}

// change is an approved change order.
type change struct {
	Text  string
	Minor int64 `bun:"amount"`
	OnDay day.Day
}

func changesOf(ctx context.Context, tx bun.IDB, v auth.Viewer, project uuid.UUID) ([]change, error) {
	var list []change
	err := tx.NewRaw(`
		select ch.text, ch.amount, ch.on_day from billing.contract_change ch
		where ch.firm_id = ? and ch.project_id = ? and ch.voided_at is null
		order by ch.on_day, ch.change_order_id`, v.FirmID(), project).Scan(ctx, &list)
	return list, err
}

// drawsOf are the draws of contracts that the viewer may see, with what became of them.
func drawsOf(ctx context.Context, tx bun.IDB, v auth.Viewer, projects ...uuid.UUID) ([]draw, error) {
	if len(projects) == 0 {
		return nil, nil
	}
	var list []draw
	err := tx.NewRaw(`
		select d.id, d.project_id, d.position, d.title, d.milestone, d.due_on, d.by_itself, d.share, d.amount, d.invoice_id, c.currency,
			o.id as asked_id, coalesce(o.stage, '') as stage, coalesce(o.state, '') as state, coalesce(o.number, '') as number,
			coalesce((select sum(l.net)::bigint from billing.line l
				where l.firm_id = d.firm_id and l.invoice_id = d.invoice_id and l.source_id = d.id), 0) as billed
		from billing.draw d
		join billing.contract c on c.firm_id = d.firm_id and c.project_id = d.project_id
		left join billing.invoice i on i.firm_id = d.firm_id and i.id = d.invoice_id
		left join billing.invoice o on o.firm_id = i.firm_id and o.id = coalesce(i.part_of, i.id)
		where d.firm_id = ? and d.project_id in (?)
		order by d.project_id, d.position, d.id`, v.FirmID(), bun.List(projects)).Scan(ctx, &list)
	return list, err
}

// saveSchedule writes a contract and its draws, if nobody else has since. Draws on an invoice stay, whatever was sent.
func saveSchedule(ctx context.Context, tx bun.IDB, v auth.Viewer, c contract, draws []draw) error {
	if err := makeContract(ctx, tx, v, c.ProjectID); err != nil {
		return err
	}
	err := db.One(tx.NewRaw(`
		update billing.contract
		set currency = ?, amount = ?, tax_rate = ?, retainage_rate = ?, shared = ?, version = version + 1, updated_at = now()
		where firm_id = ? and project_id = ? and version = ?`,
		c.Currency, c.Total, c.TaxRate, c.RetainageRate, c.Shared, v.FirmID(), c.ProjectID, max(c.Version, 1)).Exec(ctx))
	if errors.Is(err, sql.ErrNoRows) {
		return fault.Conflict("Somebody has changed this schedule meanwhile. What you typed is still here: save again to replace theirs.")
	}
	if err != nil {
		return err
	}
	stay := []uuid.UUID{uuid.Nil}
	for _, d := range draws {
		if d.ID != uuid.Nil {
			stay = append(stay, d.ID)
		}
	}
	_, err = tx.NewRaw(`
		delete from billing.draw
		where firm_id = ? and project_id = ? and invoice_id is null and id not in (?)`, v.FirmID(), c.ProjectID, bun.List(stay)).Exec(ctx)
	if err != nil {
		return err
	}
	for _, d := range draws {
		if !d.Open() {
			_, err = tx.NewRaw("update billing.draw set position = ? where firm_id = ? and id = ?", d.Position, v.FirmID(), d.ID).Exec(ctx)
		} else if d.ID == uuid.Nil {
			_, err = tx.NewRaw(`
				insert into billing.draw (firm_id, id, project_id, position, title, milestone, due_on, by_itself, share, amount)
				values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
				v.FirmID(), id.New(), c.ProjectID, d.Position, d.Title, d.Milestone, d.DueOn, d.ByItself, d.Share, d.Minor).Exec(ctx)
		} else {
			_, err = tx.NewRaw(`
				update billing.draw
				set position = ?, title = ?, milestone = ?, due_on = ?, by_itself = ?, share = ?, amount = ?
				where firm_id = ? and project_id = ? and id = ? and invoice_id is null`,
				d.Position, d.Title, d.Milestone, d.DueOn, d.ByItself, d.Share, d.Minor, v.FirmID(), c.ProjectID, d.ID).Exec(ctx)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// draftDraw makes a draft of a draw. Of two who ask at once, one is too late.
func draftDraw(ctx context.Context, tx bun.IDB, v auth.Viewer, project party, c contract, d draw) (uuid.UUID, error) {
	form := draftForm{Title: d.Title, DueOn: d.DueOn, Rate: c.RetainageRate}
	invoice, err := addDraft(ctx, tx, v, project, form, []Line{d.line(c.TaxRate)})
	if err != nil {
		return invoice, err
	}
	err = db.One(tx.NewRaw(`
		update billing.draw set invoice_id = ?
		where firm_id = ? and id = ? and invoice_id is null`, invoice, v.FirmID(), d.ID).Exec(ctx))
	if errors.Is(err, sql.ErrNoRows) {
		return invoice, errDrafted
	}
	return invoice, err
}

var errDrafted = fault.Conflict("There is an invoice for this draw already. Please look again.")

// drawsDue are the draws whose draft is to be made by a day.
func drawsDue(ctx context.Context, tx bun.IDB, v auth.Viewer, by day.Day) ([]draw, error) {
	var list []draw
	err := tx.NewRaw(`
		select d.id, d.project_id, d.title, d.due_on, d.share, d.amount, c.currency
		from billing.draw d
		join billing.contract c on c.firm_id = d.firm_id and c.project_id = d.project_id
		join project pr on pr.firm_id = d.firm_id and pr.id = d.project_id and pr.status <> 'archived'
		join client cl on cl.firm_id = pr.firm_id and cl.id = pr.client_id and cl.archived_at is null
		where d.firm_id = ? and d.by_itself and d.invoice_id is null and d.due_on <= ?
		order by d.due_on, d.id
		limit 500
		for update of d skip locked`, v.FirmID(), by).Scan(ctx, &list)
	return list, err
}

// movedDraw is a draw with the day that it had.
type movedDraw struct {
	draw
	ClientID uuid.UUID
}

// holdContract lets those who change a project's contract, or its draws, wait for each other.
func holdContract(ctx context.Context, tx bun.IDB, v auth.Viewer, project uuid.UUID) error {
	_, err := tx.NewRaw("select from billing.contract where firm_id = ? and project_id = ? for update", v.FirmID(), project).Exec(ctx)
	return err
}

// moveDrawsOf sets the day of those that wait for a milestone, of their drafts too, and answers which they were.
func moveDrawsOf(ctx context.Context, tx bun.IDB, v auth.Viewer, project uuid.UUID, milestone string, on day.Day) ([]movedDraw, error) {
	var list []movedDraw
	err := tx.NewRaw(`
		select d.id, d.project_id, d.title, d.due_on, d.invoice_id, c.client_id
		from billing.draw d
		join billing.contract c on c.firm_id = d.firm_id and c.project_id = d.project_id
		left join billing.invoice i on i.firm_id = d.firm_id and i.id = d.invoice_id
		where d.firm_id = ? and d.project_id = ? and d.milestone <> '' and lower(d.milestone) = lower(?) and d.due_on is distinct from ?
			and (d.invoice_id is null or i.stage = 'draft')
		order by d.position
		for update of d, c`, v.FirmID(), project, milestone, on).Scan(ctx, &list)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	for _, d := range list {
		if _, err := tx.NewRaw("update billing.draw set due_on = ? where firm_id = ? and id = ?", on, v.FirmID(), d.ID).Exec(ctx); err != nil {
			return nil, err
		}
		_, err := tx.NewRaw(`
			update billing.invoice set due_on = ?, version = version + 1
			where firm_id = ? and id = ? and stage = 'draft'`, on, v.FirmID(), db.NullID(d.InvoiceID)).Exec(ctx)
		if err != nil {
			return nil, err
		}
	}
	// whoever has the schedule open hears of it before the old days are saved again
	_, err = tx.NewRaw("update billing.contract set version = version + 1 where firm_id = ? and project_id = ?", v.FirmID(), project).Exec(ctx)
	return list, err
}

// named is a contract with its project's name, for a list of several.
type named struct {
	contract
	ProjectName string
}

// schedules are the payment schedules that a client may see.
func schedules(ctx context.Context, tx bun.IDB, v auth.Viewer) ([]named, error) {
	var list []named
	err := contracts(tx, v).
		ColumnExpr("pr.name AS project_name").
		Join("JOIN project pr ON pr.firm_id = c.firm_id AND pr.id = c.project_id").
		Where("EXISTS (SELECT FROM billing.draw d WHERE d.firm_id = c.firm_id AND d.project_id = c.project_id)").
		OrderExpr("pr.created_at DESC, pr.id").
		Limit(mostOpen).
		Scan(ctx, &list)
	return list, err
}

// heldSum is what of deposits is held in one currency.
type heldSum struct {
	Currency string
	Amount   int64
	Used     int64 // what went on from them
}

// heldSums are what the viewer's deposits, or those of a client or project, hold.
func heldSums(ctx context.Context, tx bun.IDB, v auth.Viewer, client, project uuid.UUID) ([]heldSum, error) {
	q := tx.NewSelect().
		TableExpr("billing.invoice AS i").
		ColumnExpr("i.currency, sum(i.paid - i.used)::bigint AS amount, sum(i.used)::bigint AS used").
		Where("i.firm_id = ?", v.FirmID()).
		Where("i.kind = 'deposit'").
		Where("i.paid > 0").
		Where("i.client_id = ?", client).
		GroupExpr("i.currency").
		OrderExpr("i.currency")
	if v.Side == auth.Portal {
		projects := v.ProjectIDs("billing")
		if !v.May(see) || len(projects) == 0 || client != v.ClientID {
			return nil, nil
		}
		q = q.Where("i.project_id IN (?)", bun.List(projects))
	}
	if project != uuid.Nil {
		q = q.Where("i.project_id = ?", project)
	}
	var list []heldSum
	err := q.Scan(ctx, &list)
	return list, err
}

// retainageDrafted is what the unreleased invoices of a project ask for of its retainage.
func retainageDrafted(ctx context.Context, tx bun.IDB, v auth.Viewer, project uuid.UUID) (n int64, err error) {
	err = tx.NewRaw(`
		select coalesce(sum(i.total), 0)::bigint from billing.invoice i
		where i.firm_id = ? and i.project_id = ? and i.kind = 'retainage' and i.stage in ('draft', 'approved')`, v.FirmID(), project).Scan(ctx, &n)
	return n, err
}

// anySchedule reports whether the viewer has a payment schedule to look at.
func anySchedule(ctx context.Context, tx bun.IDB, v auth.Viewer) (any bool, err error) {
	q := contracts(tx, v).Where("EXISTS (SELECT FROM billing.draw d WHERE d.firm_id = c.firm_id AND d.project_id = c.project_id)")
	err = tx.NewRaw("select exists (?)", q).Scan(ctx, &any)
	return any, err
}
