package billing

import (
	"context"
	"database/sql"
	"errors"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/schema"

	"portico/platform/auth"
	"portico/platform/day"
	"portico/platform/db"
	"portico/platform/fault"
)

// lateNow are the invoices of which a fee is due: past their day and the grace, in the firm's currency, not being paid,
// and no fee themselves. Each has one a turn, and together no more than the cap.
func lateNow(f auth.Firm, today day.Day, only schema.QueryAppender) schema.QueryWithArgs {
	return bun.SafeQuery(`
		select i.id as invoice, t.turn, x.before, r.kind, r.rate, i.total - i.paid as balance, r.cap
		from billing.late_rule r
		join billing.invoice i on i.firm_id = r.firm_id and i.state in ('open', 'partial') and i.due_key < ?1::date - r.grace_days
		cross join lateral (select i.due_on + r.grace_days + 1 as starts) s
		cross join lateral (select case when r.monthly
			then (extract(year from age(?1::date, s.starts)) * 12 + extract(month from age(?1::date, s.starts)))::integer else 0 end as turn) t
		cross join lateral (
			select coalesce(sum(f.amount) filter (where f.waived_at is null), 0)::bigint as before, coalesce(bool_or(f.turn = t.turn), false) as had
			from billing.late_fee f where f.firm_id = i.firm_id and f.invoice_id = i.id) x
		where r.firm_id = ?0 and r.active and i.currency = ?2 and (r.currency = ?2 or r.kind = 'percent' and r.cap = 0) and i.reserved = 0 and not i.no_fees and not x.had and ?3
			and (s.starts + make_interval(months => t.turn))::date >= r.since
			and (r.cap = 0 or x.before < r.cap)
			and (r.kind = 'flat' or round((i.total - i.paid) * r.rate / 10000.0) > 0)
			and not exists (select from billing.late_fee f where f.firm_id = i.firm_id and f.fee_invoice_id = i.id)
			and not exists (select from billing.spared s where s.firm_id = i.firm_id and s.client_id = i.client_id and s.no_fees)`,
		f.ID, today.String(), f.Currency, only)
}

func lateTurns(ctx context.Context, tx bun.IDB, f auth.Firm, today day.Day) ([]lateTurn, error) {
	var list []lateTurn
	err := tx.NewRaw("select l.invoice, l.turn from (?) l order by l.invoice", lateNow(f, today, bun.Safe("true"))).Scan(ctx, &list)
	return list, err
}

// stillLate reports whether a fee is still due, and what was asked for this invoice before.
func stillLate(ctx context.Context, tx bun.IDB, f auth.Firm, today day.Day, l lateTurn) (before int64, still bool, err error) {
	err = tx.NewRaw("select l.before from (?) l where l.turn = ?", lateNow(f, today, bun.SafeQuery("i.id = ?", l.Invoice)), l.Turn).Scan(ctx, &before)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, false, nil
	}
	return before, err == nil, err
}

func addLateFee(ctx context.Context, tx bun.IDB, v auth.Viewer, late Invoice, turn int, invoice uuid.UUID, fee int64, on day.Day) error {
	_, err := tx.NewRaw(`
		insert into billing.late_fee (firm_id, invoice_id, turn, fee_invoice_id, amount, currency, on_day)
		values (?, ?, ?, ?, ?, ?, ?)`, v.FirmID(), late.ID, turn, invoice, fee, late.Currency, on).Exec(ctx)
	return err
}

func lateRuleOf(ctx context.Context, tx bun.IDB, v auth.Viewer) (lateRule, error) {
	r := lateRule{Kind: "percent", GraceDays: 7}
	err := tx.NewRaw(`
		select r.active, r.kind, r.amount, r.rate, r.grace_days, r.monthly, r.cap, r.releases, r.since, r.writer, r.version, coalesce(r.currency, '') as currency
		from billing.late_rule r
		where r.firm_id = ?`, v.FirmID()).Scan(ctx, &r)
	if errors.Is(err, sql.ErrNoRows) {
		return r, nil
	}
	return r, err
}

// saveLateRule writes it, unless somebody has changed it since. Fees that would have been due before it holds are not
// made up for.
func saveLateRule(ctx context.Context, tx bun.IDB, v auth.Viewer, r lateRule) error {
	done, err := tx.NewRaw(`
		insert into billing.late_rule as r (firm_id, active, kind, amount, rate, grace_days, monthly, cap, releases, since, writer, currency)
		values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		on conflict (firm_id) do update
		set active = excluded.active, kind = excluded.kind, amount = excluded.amount, rate = excluded.rate, grace_days = excluded.grace_days,
			monthly = excluded.monthly, cap = excluded.cap, releases = excluded.releases, since = excluded.since, writer = excluded.writer,
			currency = excluded.currency, version = r.version + 1, updated_at = now()
		where r.version = ?`,
		v.FirmID(), r.Active, r.Kind, r.Amount, r.Rate, r.GraceDays, r.Monthly, r.Cap, r.Releases, r.Since, db.NullID(v.PersonID), r.Currency, r.Version).Exec(ctx)
	if err != nil {
		return err
	}
	if n, err := done.RowsAffected(); err != nil {
		return err
	} else if n == 0 {
		return fault.Conflict("Somebody has changed these settings meanwhile. What you typed is still here: save again to replace theirs.")
	}
	return nil
}

// fees is where every read of fees begins: those of invoices that the viewer may see.
func fees(tx bun.IDB, v auth.Viewer) *bun.SelectQuery {
	q := tx.NewSelect().
		TableExpr("billing.late_fee AS f").
		ColumnExpr("f.invoice_id, f.turn, f.fee_invoice_id, f.amount, f.currency, f.on_day, f.waived_at IS NOT NULL AS waived").
		ColumnExpr("i.number, fi.number AS fee_number, fi.stage AS fee_stage").
		Join("JOIN billing.invoice i ON i.firm_id = f.firm_id AND i.id = f.invoice_id").
		Join("LEFT JOIN billing.invoice fi ON fi.firm_id = f.firm_id AND fi.id = f.fee_invoice_id").
		Where("f.firm_id = ?", v.FirmID()).
		OrderExpr("f.on_day, f.turn")
	if v.Side != auth.Portal {
		q = q.ColumnExpr("f.waive_reason")
	}
	return visible(q, v)
}

// feesOf are those of an invoice that is late.
func feesOf(ctx context.Context, tx bun.IDB, v auth.Viewer, invoice uuid.UUID) ([]lateFee, error) {
	var list []lateFee
	return list, fees(tx, v).Where("f.invoice_id = ?", invoice).Scan(ctx, &list)
}

// feeBy is the fee that an invoice asks for; known is false for an invoice of another kind.
func feeBy(ctx context.Context, tx bun.IDB, v auth.Viewer, invoice uuid.UUID) (f lateFee, known bool, err error) {
	err = fees(tx, v).Where("f.fee_invoice_id = ?", invoice).Scan(ctx, &f)
	if errors.Is(err, sql.ErrNoRows) {
		return f, false, nil
	}
	return f, err == nil, err
}

func waiveFee(ctx context.Context, tx bun.IDB, v auth.Viewer, f lateFee, reason string) error {
	return unmoved(tx.NewRaw(`
		update billing.late_fee set waived_at = now(), waived_by = ?, waive_reason = ?
		where firm_id = ? and invoice_id = ? and turn = ? and waived_at is null`,
		db.NullID(v.PersonID), reason, v.FirmID(), f.InvoiceID, f.Turn).Exec(ctx))
}
