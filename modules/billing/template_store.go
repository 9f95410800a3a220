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
	"portico/platform/search"
)

// templates is where every read of templates begins: they are the office's alone.
func templates(tx bun.IDB, v auth.Viewer) *bun.SelectQuery {
	q := tx.NewSelect().
		TableExpr("billing.template AS t").
		ColumnExpr("t.id, t.client_id, t.project_id, t.title, t.currency, t.every, t.unit, t.on_day, t.starts_on, t.ends_on, t.times").
		ColumnExpr("t.due_days, t.becomes, t.message, t.notes, t.next_on, t.paused_at, t.paused_why, t.writers, t.approved_by, t.version").
		ColumnExpr("cl.name AS client_name, pr.name AS project_name, a.name AS approver").
		ColumnExpr("pr.status = 'archived' OR cl.archived_at IS NOT NULL AS archived").
		ColumnExpr(`(SELECT count(*) FROM billing.template_run r WHERE r.firm_id = t.firm_id AND r.template_id = t.id) AS made`).
		Join("JOIN client cl ON cl.firm_id = t.firm_id AND cl.id = t.client_id").
		Join("JOIN project pr ON pr.firm_id = t.firm_id AND pr.id = t.project_id").
		Join("LEFT JOIN person a ON a.firm_id = t.firm_id AND a.id = t.approved_by").
		Where("t.firm_id = ?", v.FirmID())
	if v.Side == auth.Office || v.Side == auth.Program {
		return q
	}
	return q.Where("false")
}

// templateByID gives one with its lines.
func templateByID(ctx context.Context, tx bun.IDB, v auth.Viewer, template uuid.UUID) (Template, error) {
	var t Template
	if err := templates(tx, v).Where("t.id = ?", template).Scan(ctx, &t); err != nil {
		return t, db.Found(err)
	}
	err := tx.NewRaw(`
		select l.position, l.text, l.quantity, l.price, l.discount, l.tax_rate
		from billing.template_line l
		where l.firm_id = ? and l.template_id = ?
		order by l.position`, v.FirmID(), template).Scan(ctx, &t.Lines)
	for n := range t.Lines {
		t.Lines[n].work()
	}
	t.Total = sumOf(t.Lines).total()
	return t, err
}

// templateFilter is what the list of templates is narrowed to.
type templateFilter struct {
	Client, Project uuid.UUID
	Query           string
	State           string // "": all; running, paused, ended
}

const mostTemplates = 200

// listTemplates are those that come next first; what is over stands last.
func listTemplates(ctx context.Context, tx bun.IDB, v auth.Viewer, f templateFilter) ([]Template, error) {
	q := templates(tx, v).
		ColumnExpr(`(SELECT coalesce(sum(x.net + round(x.net * x.tax_rate / 10000.0)), 0)::bigint FROM (
			SELECT l.tax_rate, round(l.price * l.quantity / 1000.0) - round(round(l.price * l.quantity / 1000.0) * l.discount / 10000.0) AS net
			FROM billing.template_line l WHERE l.firm_id = t.firm_id AND l.template_id = t.id) x) AS total`).
		OrderExpr("t.next_on IS NULL, t.next_on, t.id").
		Limit(mostTemplates)
	if f.Client != uuid.Nil {
		q = q.Where("t.client_id = ?", f.Client)
	}
	if f.Project != uuid.Nil {
		q = q.Where("t.project_id = ?", f.Project)
	}
	for _, word := range search.Typed(f.Query) {
		q = q.Where("lower(t.title || ' ' || cl.name || ' ' || pr.name) LIKE '%' || ? || '%'", word)
	}
	switch f.State {
	case "running":
		q = q.Where("t.next_on IS NOT NULL AND t.paused_at IS NULL")
	case "paused":
		q = q.Where("t.next_on IS NOT NULL AND t.paused_at IS NOT NULL")
	case "ended":
		q = q.Where("t.next_on IS NULL")
	}
	var list []Template
	return list, q.Scan(ctx, &list)
}

// runsOf are the latest periods of a template, and what became of them.
func runsOf(ctx context.Context, tx bun.IDB, v auth.Viewer, template uuid.UUID) ([]run, error) {
	var list []run
	err := tx.NewRaw(`
		select r.period_on, r.invoice_id, i.number, i.title, i.stage, i.state, i.total, i.currency, i.due_on
		from billing.template_run r
		left join billing.invoice i on i.firm_id = r.firm_id and i.id = r.invoice_id
		where r.firm_id = ? and r.template_id = ?
		order by r.period_on desc
		limit 24`, v.FirmID(), template).Scan(ctx, &list)
	return list, err
}

// lastRun is the day of the last period; the zero day: there was none.
func lastRun(ctx context.Context, tx bun.IDB, v auth.Viewer, template uuid.UUID) (day.Day, error) {
	var last day.Day
	err := tx.NewRaw("select max(r.period_on) from billing.template_run r where r.firm_id = ? and r.template_id = ?", v.FirmID(), template).Scan(ctx, &last)
	return last, err
}

// addTemplate writes a new one.
func addTemplate(ctx context.Context, tx bun.IDB, v auth.Viewer, t Template) (uuid.UUID, error) {
	t.ID = id.New()
	_, err := tx.NewRaw(`
		insert into billing.template (firm_id, id, client_id, project_id, title, currency, every, unit, on_day, starts_on, ends_on, times,
			due_days, becomes, message, notes, next_on, writers, approved_by)
		values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, nullif(?, 0), ?, ?, ?, ?, ?, array_remove(array[?::uuid], null), ?)`,
		v.FirmID(), t.ID, t.ClientID, t.ProjectID, t.Title, t.Currency, t.Every, t.Unit, t.OnDay, t.StartsOn, t.EndsOn, t.Times,
		t.DueDays, t.Becomes, t.Message, t.Notes, t.NextOn, db.NullID(v.PersonID), db.NullID(t.ApprovedBy)).Exec(ctx)
	if err != nil {
		return t.ID, err
	}
	return t.ID, putTemplateLines(ctx, tx, v, t)
}

// saveTemplate changes one, if nobody else has since. Whoever answered for it answers anew.
func saveTemplate(ctx context.Context, tx bun.IDB, v auth.Viewer, t Template) error {
	err := db.One(tx.NewRaw(`
		update billing.template
		set title = ?0, every = ?1, unit = ?2, on_day = ?3, starts_on = ?4, ends_on = ?5, times = nullif(?6, 0), due_days = ?7, becomes = ?8,
			message = ?9, notes = ?10, next_on = ?11, approved_by = ?12,
			writers = array_remove(array_append(array_remove(writers, ?13::uuid), ?13::uuid), null), version = version + 1, updated_at = now()
		where firm_id = ?14 and id = ?15 and version = ?16`,
		t.Title, t.Every, t.Unit, t.OnDay, t.StartsOn, t.EndsOn, t.Times, t.DueDays, t.Becomes,
		t.Message, t.Notes, t.NextOn, db.NullID(t.ApprovedBy), db.NullID(v.PersonID), v.FirmID(), t.ID, t.Version).Exec(ctx))
	if errors.Is(err, sql.ErrNoRows) {
		return fault.Conflict("Somebody has changed this meanwhile. What you typed is still here: save again to replace theirs.")
	}
	if err != nil {
		return err
	}
	return putTemplateLines(ctx, tx, v, t)
}

func putTemplateLines(ctx context.Context, tx bun.IDB, v auth.Viewer, t Template) error {
	if _, err := tx.NewRaw("delete from billing.template_line where firm_id = ? and template_id = ?", v.FirmID(), t.ID).Exec(ctx); err != nil {
		return err
	}
	for _, l := range t.Lines {
		_, err := tx.NewRaw(`
			insert into billing.template_line (firm_id, template_id, position, text, quantity, price, discount, tax_rate)
			values (?, ?, ?, ?, ?, ?, ?, ?)`, v.FirmID(), t.ID, l.Position, l.Text, l.Quantity, l.Price, l.Discount, l.TaxRate).Exec(ctx)
		if err != nil {
			return err
		}
	}
	return nil
}

// approveTemplate notes who answers for it as it is.
func approveTemplate(ctx context.Context, tx bun.IDB, v auth.Viewer, t Template) error {
	return unmoved(tx.NewRaw(`
		update billing.template set approved_by = ?, version = version + 1, updated_at = now()
		where firm_id = ? and id = ? and version = ?`, db.NullID(v.PersonID), v.FirmID(), t.ID, t.Version).Exec(ctx))
}

// pauseTemplate stops one, or lets it go on from next.
func pauseTemplate(ctx context.Context, tx bun.IDB, v auth.Viewer, t Template, paused bool, why string, next day.Day) error {
	return unmoved(tx.NewRaw(`
		update billing.template set paused_at = case when ? then now() end, paused_why = ?, next_on = ?, version = version + 1, updated_at = now()
		where firm_id = ? and id = ? and version = ?`, paused, why, next, v.FirmID(), t.ID, t.Version).Exec(ctx))
}

func deleteTemplate(ctx context.Context, tx bun.IDB, v auth.Viewer, t Template) error {
	return unmoved(tx.NewRaw("delete from billing.template where firm_id = ? and id = ? and version = ?", v.FirmID(), t.ID, t.Version).Exec(ctx))
}

// unmoved says in words that a row is not what was loaded any more.
func unmoved(result sql.Result, err error) error {
	if err := db.One(result, err); errors.Is(err, sql.ErrNoRows) {
		return fault.Conflict("Somebody has changed this meanwhile. Please look at it again.")
	} else if err != nil {
		return err
	}
	return nil
}

// dueTemplates are those of which a period has come.
func dueTemplates(ctx context.Context, tx bun.IDB, firm uuid.UUID, today day.Day) ([]uuid.UUID, error) {
	var ids []uuid.UUID
	err := tx.NewRaw(`
		select t.id from billing.template t
		where t.firm_id = ? and t.next_on <= ? and t.paused_at is null
		order by t.next_on, t.id`, firm, today).Scan(ctx, &ids)
	return ids, err
}

// holdTemplate makes the periods of one template come one after the other.
func holdTemplate(ctx context.Context, tx bun.IDB, firm, template uuid.UUID) error {
	var held uuid.UUID
	err := tx.NewRaw("select t.id from billing.template t where t.firm_id = ? and t.id = ? for update", firm, template).Scan(ctx, &held)
	return db.Found(err)
}

// noteRun keeps that a period had its invoice; there is no second one: the key says so.
func noteRun(ctx context.Context, tx bun.IDB, firm, template uuid.UUID, period day.Day, invoice uuid.UUID, next day.Day) error {
	_, err := tx.NewRaw("insert into billing.template_run (firm_id, template_id, period_on, invoice_id) values (?, ?, ?, ?)", firm, template, period, invoice).Exec(ctx)
	if err != nil {
		return err
	}
	_, err = tx.NewRaw("update billing.template set next_on = ? where firm_id = ? and id = ?", next, firm, template).Exec(ctx)
	return err
}

// setWriters says whose an invoice is that the program wrote.
func setWriters(ctx context.Context, tx bun.IDB, firm, invoice, template uuid.UUID) error {
	_, err := tx.NewRaw(`
		update billing.invoice i set writers = t.writers
		from billing.template t
		where i.firm_id = ?0 and i.id = ?1 and t.firm_id = ?0 and t.id = ?2`, firm, invoice, template).Exec(ctx)
	return err
}

// templateOf is what an invoice was made from; "": by hand.
func templateOf(ctx context.Context, tx bun.IDB, v auth.Viewer, invoice uuid.UUID) (template uuid.UUID, title string, err error) {
	err = tx.NewRaw(`
		select t.id, t.title from billing.template_run r
		join billing.template t on t.firm_id = r.firm_id and t.id = r.template_id
		where r.firm_id = ? and r.invoice_id = ?`, v.FirmID(), invoice).Scan(ctx, &template, &title)
	if errors.Is(err, sql.ErrNoRows) {
		return template, "", nil
	}
	return template, title, err
}
