package billing

import (
	"context"
	"database/sql"
	"errors"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"portico/platform/auth"
	"portico/platform/module"
)

func waysOf(ctx context.Context, tx bun.IDB, v auth.Viewer) (w ways, err error) {
	w = ways{PayCard: true, PayBank: true}
	err = tx.NewRaw("select s.pay_card, s.pay_bank, s.allow_over from billing.setting s where s.firm_id = ?", v.FirmID()).Scan(ctx, &w)
	if errors.Is(err, sql.ErrNoRows) {
		return w, nil
	}
	return w, err
}

// projectsOf are the projects of each client.
func projectsOf(ctx context.Context, tx bun.IDB, v auth.Viewer, clients []uuid.UUID) (map[uuid.UUID][]party, error) {
	var list []party
	err := tx.NewRaw(`
		select pr.id, pr.client_id, pr.name, pr.currency, pr.status from project pr
		where pr.firm_id = ? and pr.client_id = any(?::uuid[])
		order by pr.created_at, pr.id`, v.FirmID(), pgdialect.Array(clients)).Scan(ctx, &list)
	of := map[uuid.UUID][]party{}
	for _, p := range list {
		of[p.ClientID] = append(of[p.ClientID], p)
	}
	return of, err
}

// numbersTaken are the invoices that have one of the numbers.
func numbersTaken(ctx context.Context, tx bun.IDB, v auth.Viewer, numbers []string) (map[string]Invoice, error) {
	var list []Invoice
	err := invoices(tx, v).Where("i.number = any(?::text[])", pgdialect.Array(numbers)).Scan(ctx, &list)
	taken := map[string]Invoice{}
	for _, i := range list {
		taken[i.Number] = i
	}
	return taken, err
}

// ownCount is how far our own numbers have come.
type ownCount struct {
	any  bool
	last int64
}

func ownNumbers(ctx context.Context, tx bun.IDB, v auth.Viewer) (c ownCount, err error) {
	if c.any, err = released(ctx, tx, v); err != nil {
		return c, err
	}
	c.last, err = lastNumber(ctx, tx, v, "invoice")
	return c, err
}

// goOnFrom makes our own numbers begin after those that were brought, as long as there are none.
func goOnFrom(ctx context.Context, tx bun.IDB, v auth.Viewer, n int64) error {
	_, err := tx.NewRaw(`
		insert into billing.counter as c (firm_id, kind, last)
		select ?0, 'invoice', ?1
		where not exists (select from billing.invoice i where i.firm_id = ?0 and i.ordinal is not null)
		on conflict (firm_id, kind) do update set last = greatest(c.last, excluded.last)`, v.FirmID(), n).Exec(ctx)
	return err
}

// like is how many payments of an import there are that say the same as a record.
type like struct {
	ID uuid.UUID
	N  int
}

func paymentsLike(ctx context.Context, tx bun.IDB, v auth.Viewer, records []*module.Record) ([]like, error) {
	clients, days, amounts, references, numbers := []uuid.UUID{}, []string{}, []int64{}, []string{}, []string{}
	invoices, credits := []uuid.UUID{}, []bool{}
	for _, r := range records {
		i := r.State.(*income)
		clients, amounts = append(clients, i.ClientID), append(amounts, i.Total)
		on := i.ReceivedOn.String()
		if i.ReceivedOn.IsZero() {
			on = "0001-01-01"
		}
		days, references, numbers = append(days, on), append(references, i.Reference), append(numbers, i.Number)
		invoices, credits = append(invoices, i.invoice.ID), append(credits, i.IsCredit())
	}
	var rows []struct {
		like
		At int
	}
	err := tx.NewRaw(`
		select w.at - 1 as at, count(*) as n, min(p.id::text)::uuid as id
		from unnest(?::uuid[], ?::date[], ?::bigint[], ?::text[], ?::text[], ?::uuid[], ?::boolean[]) with ordinality as w (client, on_day, amount, reference, number, invoice, credit, at)
		join billing.payment p on p.firm_id = ? and p.client_id = w.client and p.received_on = w.on_day and p.amount = w.amount
			and p.imported and not p.undone and p.reference = w.reference and (w.number = '' or p.number = w.number) and (p.method = 'credit') = w.credit
			and (w.invoice = '00000000-0000-0000-0000-000000000000' or p.allocated = 0
				or exists (select from billing.allocation al where al.firm_id = p.firm_id and al.payment_id = p.id and al.invoice_id = w.invoice))
		group by w.at`,
		pgdialect.Array(clients), pgdialect.Array(days), pgdialect.Array(amounts), pgdialect.Array(references), pgdialect.Array(numbers), pgdialect.Array(invoices),
		pgdialect.Array(credits), v.FirmID()).Scan(ctx, &rows)
	list := make([]like, len(records))
	for _, r := range rows {
		list[r.At] = r.like
	}
	return list, err
}

// owedOn loads invoices that money may still come onto, for as long as the transaction lasts. Paid counts what an open
// attempt holds.
func owedOn(ctx context.Context, tx bun.IDB, v auth.Viewer, ids []uuid.UUID) (map[uuid.UUID]*Invoice, error) {
	var list []Invoice
	err := tx.NewRaw(`
		select i.id, i.client_id, i.project_id, i.number, i.issued_on, i.total, i.paid + i.reserved as paid
		from billing.invoice i
		where i.firm_id = ? and i.id = any(?::uuid[]) and i.stage = 'released'
		order by i.id
		for update`, v.FirmID(), pgdialect.Array(ids)).Scan(ctx, &list)
	of := map[uuid.UUID]*Invoice{}
	for n := range list {
		of[list[n].ID] = &list[n]
	}
	return of, err
}
