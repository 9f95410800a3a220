package billing

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/schema"

	"portico/platform/auth"
)

// clientsMoved are the clients whose money moved in the last quarter of an hour.
const clientsMoved = `
	with moved as (
		select j.client_id from billing.journal j where j.firm_id = ?0 and (?1 or j.at > now() - interval '15 minutes')
		union
		select a.client_id from billing.attempt a where a.firm_id = ?0 and (?1 or a.updated_at > now() - interval '15 minutes')
	)`

// promise is what must always hold, and the statement that counts the rows that break it.
type promise struct {
	name   string
	broken schema.QueryWithArgs
}

// promises are what must always hold; each statement counts the rows that break it.
func promises(firm uuid.UUID, all bool) []promise {
	return append(append(onlinePromises(firm, all), instrumentPromises(firm, all)...), []promise{
		{"every journal adds up to nothing", bun.SafeQuery(clientsMoved+`
		select count(*) from (
			select 1 from billing.journal j
			join billing.entry e on e.firm_id = j.firm_id and e.journal_id = j.id
			where j.firm_id = ?0 and j.client_id in (select m.client_id from moved m)
			group by j.id
			having sum(e.amount) <> 0 or count(distinct e.currency) <> 1) x`, firm, all)},
		{"an invoice is paid by its allocations", bun.SafeQuery(clientsMoved+`
		select count(*) from billing.invoice i
		where i.firm_id = ?0 and i.client_id in (select m.client_id from moved m) and i.paid <> (
			select coalesce(sum(al.amount), 0) from billing.allocation al where al.firm_id = i.firm_id and al.invoice_id = i.id)`, firm, all)},
		{"the books say of an invoice what it says itself", bun.SafeQuery(clientsMoved+`
		select count(*) from billing.invoice i
		where i.firm_id = ?0 and i.client_id in (select m.client_id from moved m)
			and case when i.stage = 'released' then i.total - i.paid else 0 end <> (
				select coalesce(sum(e.amount), 0) from billing.entry e
				where e.firm_id = i.firm_id and e.invoice_id = i.id and e.account = 'receivable')`, firm, all)},
		{"a payment is where its allocations are", bun.SafeQuery(clientsMoved+`
		select count(*) from billing.payment p
		where p.firm_id = ?0 and p.client_id in (select m.client_id from moved m) and p.allocated <> (
			select coalesce(sum(al.amount), 0) from billing.allocation al where al.firm_id = p.firm_id and al.payment_id = p.id)`, firm, all)},
		{"an invoice comes to what its lines come to", bun.SafeQuery(clientsMoved+`
		select count(*) from billing.invoice i
		where i.firm_id = ?0 and i.client_id in (select m.client_id from moved m) and (i.net, i.tax) <> (
			select coalesce(sum(l.net), 0), coalesce(sum(l.tax), 0) from billing.line l
			where l.firm_id = i.firm_id and l.invoice_id = i.id)`, firm, all)},
		{"the totals are those of the invoices", bun.SafeQuery(clientsMoved+`
		select count(*) from (
			select i.client_id, case i.kind when 'consolidated' then i.client_id else i.project_id end as id, i.currency, sum(i.total) as invoiced, sum(i.paid) as paid
			from billing.invoice i
			where i.firm_id = ?0 and i.stage = 'released' and i.client_id in (select m.client_id from moved m)
			group by 1, 2, 3) i
		full join (
			select t.client_id, t.id, t.currency, t.invoiced, t.paid
			from billing.total t
			where t.firm_id = ?0 and t.client_id in (select m.client_id from moved m)) t
			on t.client_id = i.client_id and t.id = i.id and t.currency = i.currency
		where coalesce(i.invoiced, 0) <> coalesce(t.invoiced, 0) or coalesce(i.paid, 0) <> coalesce(t.paid, 0)`, firm, all)},
		{"what is unapplied is what is left of the payments", bun.SafeQuery(clientsMoved+`
		select count(*) from (
			select p.client_id, p.currency, sum(p.amount - p.allocated - p.refunded) as unapplied
			from billing.payment p
			where p.firm_id = ?0 and p.reversed_at is null and p.client_id in (select m.client_id from moved m)
			group by 1, 2) p
		full join (
			select t.client_id, t.currency, t.unapplied
			from billing.total t
			where t.firm_id = ?0 and t.project_id is null and t.client_id in (select m.client_id from moved m)) t
			on t.client_id = p.client_id and t.currency = p.currency
		where coalesce(p.unapplied, 0) <> coalesce(t.unapplied, 0)`, firm, all)},
		{"invoices are numbered without a gap", bun.SafeQuery(`
		select coalesce(max(i.ordinal) - min(i.ordinal) + 1 - count(*), 0) from billing.invoice i
		where i.firm_id = ?0 and i.ordinal is not null and ?1`, firm, all)},
	}...)
}

// invariants answers which promises the books break: of the clients whose money moved lately, or of all.
func invariants(ctx context.Context, tx bun.Tx, firm uuid.UUID, all bool) ([]breach, error) {
	return broken(ctx, tx, promises(firm, all))
}

func broken(ctx context.Context, tx bun.Tx, list []promise) ([]breach, error) {
	var found []breach
	for _, p := range list {
		var n int
		if err := tx.NewRaw("?", p.broken).Scan(ctx, &n); err != nil {
			return nil, fmt.Errorf("%s: %w", p.name, err)
		}
		if n != 0 {
			found = append(found, breach{p.name, n})
		}
	}
	return found, nil
}

// noteFindings keeps what was found, for owners and admins to see, and takes away what is mended. It answers whether
// there is something that the owners were not told of yet, and marks it as told.
func noteFindings(ctx context.Context, tx bun.IDB, firm uuid.UUID, found []breach, mended []string) (fresh bool, err error) {
	for _, name := range mended {
		_, err := tx.NewRaw("delete from billing.finding where firm_id = ? and promise = ?", firm, name).Exec(ctx)
		if err != nil {
			return false, err
		}
	}
	for _, b := range found {
		_, err := tx.NewRaw(`
			insert into billing.finding as f (firm_id, promise, rows) values (?, ?, ?)
			on conflict (firm_id, promise) do update set rows = excluded.rows`, firm, b.Name, b.N).Exec(ctx)
		if err != nil {
			return false, err
		}
	}
	told, err := tx.NewRaw("update billing.finding f set mailed_at = now() where f.firm_id = ? and f.mailed_at is null", firm).Exec(ctx)
	if err != nil {
		return false, err
	}
	n, err := told.RowsAffected()
	return n > 0, err
}

func lastAudit(ctx context.Context, tx bun.IDB, v auth.Viewer) ([]breach, error) {
	var list []breach
	err := tx.NewRaw("select f.promise as name, f.rows as n from billing.finding f where f.firm_id = ? order by f.promise", v.FirmID()).Scan(ctx, &list)
	return list, err
}

// countFindings is how many promises are broken in all firms; for the pool that sees all of them.
func countFindings(ctx context.Context, ops bun.IDB) (n int, err error) {
	err = ops.NewRaw("select count(*) from billing.finding f").Scan(ctx, &n)
	return n, err
}

// countUnsure is how many attempts of all firms nobody knows the end of.
func countUnsure(ctx context.Context, ops bun.IDB) (n int, err error) {
	err = ops.NewRaw("select count(*) from billing.attempt a where a.status in ('unknown', 'needs_review') or a.review <> ''").Scan(ctx, &n)
	return n, err
}
