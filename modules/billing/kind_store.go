package billing

import (
	"context"
	"database/sql"
	"errors"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/schema"

	"portico/platform/auth"
	"portico/platform/db"
)

// issued are the entries of an invoice that goes out, or, with sign -1, is taken out again: work is earned less what is
// kept back of it, a deposit is owed back until it is used, and retainage was earned before.
func issued(ctx context.Context, tx bun.IDB, v auth.Viewer, i Invoice, sign int64) ([]entry, error) {
	owed := entry{"receivable", i.ID, sign * i.Total}
	switch i.Kind {
	case Deposit:
		return []entry{owed, {"deposits", i.ID, -sign * i.Total}}, nil
	case Retainage:
		return []entry{owed, {"retainage", i.ID, -sign * i.Total}}, moveRetainage(ctx, tx, v, i.ProjectID, 0, sign*i.Total)
	}
	entries := []entry{owed, {"revenue", i.ID, -sign * (i.Net + i.Retained)}, {"tax", i.ID, -sign * i.Tax}}
	if i.Retained == 0 {
		return entries, nil
	}
	parts := []Invoice{i}
	if i.Kind == Consolidated {
		var err error
		if parts, err = partsOf(ctx, tx, v, i.ID); err != nil {
			return nil, err
		}
	}
	for _, p := range parts {
		if p.Retained == 0 {
			continue
		}
		if err := moveRetainage(ctx, tx, v, p.ProjectID, sign*p.Retained, 0); err != nil {
			return nil, err
		}
		entries = append(entries, entry{"retainage", p.ID, sign * p.Retained})
	}
	return entries, nil
}

// moveRetainage keeps the sums of a project's contract: what was kept back, and what of it was asked for since, which
// is never more.
func moveRetainage(ctx context.Context, tx bun.IDB, v auth.Viewer, project uuid.UUID, retained, asked int64) error {
	if err := makeContract(ctx, tx, v, project); err != nil {
		return err
	}
	err := db.One(tx.NewRaw(`
		update billing.contract
		set retained = retained + ?0, asked = asked + ?1
		where firm_id = ?2 and project_id = ?3 and asked + ?1 between 0 and retained + ?0`,
		retained, asked, v.FirmID(), project).Exec(ctx))
	switch {
	case !errors.Is(err, sql.ErrNoRows):
		return err
	case retained < 0:
		return errAskedSince
	}
	return errMoreThan
}

// makeContract makes sure that a project has the row that its sums stand in.
func makeContract(ctx context.Context, tx bun.IDB, v auth.Viewer, project uuid.UUID) error {
	_, err := tx.NewRaw(`
		insert into billing.contract (firm_id, project_id, client_id, currency)
		select pr.firm_id, pr.id, pr.client_id, pr.currency from project pr where pr.firm_id = ? and pr.id = ?
		on conflict (firm_id, project_id) do nothing`, v.FirmID(), project).Exec(ctx)
	return err
}

// freeSources frees what an invoice was made of and holds no more: draws and charges that none of its lines names.
func freeSources(ctx context.Context, tx bun.IDB, v auth.Viewer, invoice uuid.UUID, lines []Line) error {
	stay := []uuid.UUID{uuid.Nil} // an empty list means nothing
	for _, l := range lines {
		if l.SourceID != uuid.Nil {
			stay = append(stay, l.SourceID)
		}
	}
	_, err := tx.NewRaw(`
		update billing.draw set invoice_id = null
		where firm_id = ? and invoice_id = ? and id not in (?)`, v.FirmID(), invoice, bun.List(stay)).Exec(ctx)
	if err != nil {
		return err
	}
	_, err = tx.NewRaw(`
		update billing.charge set invoice_id = null
		where firm_id = ? and invoice_id = ? and id not in (?)`, v.FirmID(), invoice, bun.List(stay)).Exec(ctx)
	return err
}

// whole is the condition on a consolidated invoice AS i: it is of the client as such, for those who see all of the
// client's projects, and every project of it.
func whole(v auth.Viewer, projects []uuid.UUID) schema.QueryAppender {
	if !wholeClient(v) {
		return bun.SafeQuery("false")
	}
	return bun.SafeQuery(`NOT EXISTS (
		SELECT FROM billing.line l
		WHERE l.firm_id = i.firm_id AND l.invoice_id = i.id AND l.project_id NOT IN (?))`, bun.List(projects))
}

// wholeBalances are the balances of a client's contact who sees all: the projects in view, what is on account, and the
// consolidated invoices of which every project is in view.
func wholeBalances(ctx context.Context, tx bun.IDB, v auth.Viewer, projects []uuid.UUID) ([]balance, error) {
	var list []balance
	err := tx.NewRaw(`
		select x.currency, sum(x.invoiced)::bigint as invoiced, sum(x.paid)::bigint as paid, sum(x.unapplied)::bigint as unapplied
		from (
			select t.currency, t.invoiced, t.paid, 0 as unapplied from billing.total t
			where t.firm_id = ?0 and t.client_id = ?1 and t.project_id in (?2)
			union all
			select t.currency, 0, 0, t.unapplied from billing.total t
			where t.firm_id = ?0 and t.client_id = ?1 and t.project_id is null
			union all
			select i.currency, i.total, i.paid, 0 from billing.invoice i
			where i.firm_id = ?0 and i.client_id = ?1 and i.kind = 'consolidated' and i.stage = 'released' and ?3) x
		group by x.currency
		order by x.currency`, v.FirmID(), v.ClientID, bun.List(projects), whole(v, projects)).Scan(ctx, &list)
	return list, err
}

// instrumentPromises are what must always hold of deposits, retainage, consolidated invoices and what was handed over.
func instrumentPromises(firm uuid.UUID, all bool) []promise {
	return []promise{
		{"deposits held are what the books hold", bun.SafeQuery(clientsMoved+`
		select count(*) from billing.invoice i
		where i.firm_id = ?0 and i.kind = 'deposit' and i.client_id in (select m.client_id from moved m)
			and (i.used <> (select coalesce(sum(p.amount), 0) from billing.payment p
					where p.firm_id = i.firm_id and p.deposit_id = i.id and p.reversed_at is null)
				+ (select coalesce(sum(g.amount), 0) from billing.deposit_return g where g.firm_id = i.firm_id and g.invoice_id = i.id)
			or i.paid - i.used <> ( -- what was asked for and is not paid yet stands on both sides
				select coalesce(-sum(e.amount), 0) from billing.entry e
				where e.firm_id = i.firm_id and e.invoice_id = i.id and e.account in ('deposits', 'receivable')))`, firm, all)},
		{"retainage is what the invoices keep back", bun.SafeQuery(clientsMoved+`
		select count(*) from billing.contract c
		where c.firm_id = ?0 and c.client_id in (select m.client_id from moved m)
			and (c.retained - c.asked <> (
				select coalesce(sum(e.amount), 0) from billing.invoice i
				join billing.entry e on e.firm_id = i.firm_id and e.invoice_id = i.id and e.account = 'retainage'
				where i.firm_id = c.firm_id and i.project_id = c.project_id)
			or c.asked <> (
				select coalesce(sum(i.total), 0) from billing.invoice i
				where i.firm_id = c.firm_id and i.client_id = c.client_id and i.project_id = c.project_id and i.kind = 'retainage' and i.stage = 'released'))`, firm, all)},
		{"an invoice keeps back what its lines say", bun.SafeQuery(clientsMoved+`
		select count(*) from billing.invoice i
		where i.firm_id = ?0 and i.client_id in (select m.client_id from moved m) and i.retained <> (
			select coalesce(-sum(l.net), 0) from billing.line l
			where l.firm_id = i.firm_id and l.invoice_id = i.id and l.source = 'retainage')`, firm, all)},
		{"a credit memo comes to what its lines come to", bun.SafeQuery(clientsMoved+`
		select count(*) from (
			select 1 from billing.payment p
			join billing.credit_line l on l.firm_id = p.firm_id and l.payment_id = p.id
			where p.firm_id = ?0 and p.client_id in (select m.client_id from moved m)
			group by p.id, p.amount, p.tax
			having sum(l.net + l.tax) <> p.amount or sum(l.tax) <> p.tax
			union all
			select 1 from billing.line il
			join (
				select l.invoice_id, l.position, sum(l.net) as net, sum(l.tax) as tax
				from billing.credit_line l
				join billing.payment p on p.firm_id = l.firm_id and p.id = l.payment_id and p.reversed_at is null
				where l.firm_id = ?0 and p.client_id in (select m.client_id from moved m)
				group by l.invoice_id, l.position) c on c.invoice_id = il.invoice_id and c.position = il.position
			where il.firm_id = ?0 and (c.net > il.net or c.tax > il.tax)) x`, firm, all)},
		{"a consolidated invoice comes to what its parts come to", bun.SafeQuery(clientsMoved+`
		select count(*) from billing.invoice i
		where i.firm_id = ?0 and i.kind = 'consolidated' and i.stage <> 'void' and i.client_id in (select m.client_id from moved m)
			and (i.net, i.tax, i.retained) <> (
				select coalesce(sum(p.net), 0), coalesce(sum(p.tax), 0), coalesce(sum(p.retained), 0)
				from billing.invoice p where p.firm_id = i.firm_id and p.part_of = i.id)`, firm, all)},
		{"what was handed over is billed once", bun.SafeQuery(clientsMoved+`
		select count(*) from (
			select l.source_id from billing.line l
			join billing.invoice i on i.firm_id = l.firm_id and i.id = l.invoice_id
			where l.firm_id = ?0 and l.source_id is not null and i.stage <> 'void' and i.kind <> 'consolidated'
				and i.client_id in (select m.client_id from moved m)
			group by l.source_id
			having count(*) > 1
			union all
			select l.source_id from billing.line l
			join billing.invoice i on i.firm_id = l.firm_id and i.id = l.invoice_id
			where l.firm_id = ?0 and l.source_id is not null and i.stage <> 'void' and i.kind <> 'consolidated'
				and i.client_id in (select m.client_id from moved m)
				and not exists (select from billing.charge c where c.firm_id = l.firm_id and c.id = l.source_id and c.invoice_id = l.invoice_id)
				and not exists (select from billing.draw d where d.firm_id = l.firm_id and d.id = l.source_id and d.invoice_id = l.invoice_id)
			union all
			select c.id from billing.charge c
			where c.firm_id = ?0 and c.invoice_id is not null and c.client_id in (select m.client_id from moved m)
				and not exists (select from billing.line l where l.firm_id = c.firm_id and l.invoice_id = c.invoice_id and l.source_id = c.id)) x`, firm, all)},
	}
}
