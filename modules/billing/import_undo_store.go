package billing

import (
	"context"
	"fmt"
	"strings"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"portico/platform/auth"
	"portico/platform/day"
	"portico/platform/db"
	"portico/platform/module"
)

// standingPart is what of an imported payment stands on an invoice.
type standingPart struct {
	PaymentID, InvoiceID, ClientID, ProjectID uuid.UUID
	Currency                                  string
	Amount                                    int64
	OnDay                                     day.Day
}

func traced(traces []module.Trace) (ids []uuid.UUID, versions []int) {
	for _, t := range traces {
		ids, versions = append(ids, t.ID), append(versions, t.Version)
	}
	return ids, versions
}

// untouchedPayments are those that nobody has moved, reversed or given back since they came, and where they stand.
func untouchedPayments(ctx context.Context, tx bun.Tx, v auth.Viewer, traces []module.Trace) (list []Payment, standing []standingPart, err error) {
	if len(traces) == 0 {
		return nil, nil, nil
	}
	ids, versions := traced(traces)
	err = tx.NewRaw(`
		select p.id, p.client_id, p.method, p.number, p.currency, p.amount, p.allocated, p.received_on
		from billing.payment p
		join unnest(?::uuid[], ?::integer[]) as t (id, version) on t.id = p.id
		where p.firm_id = ? and p.id = any(?::uuid[]) and p.imported and not p.undone and p.reversed_at is null
			and t.version = (select count(*) from billing.allocation al where al.firm_id = p.firm_id and al.payment_id = p.id)
			and not exists (select from billing.refund r where r.firm_id = p.firm_id and r.payment_id = p.id)
		order by p.id
		for update of p`, pgdialect.Array(ids), pgdialect.Array(versions), v.FirmID(), pgdialect.Array(ids)).Scan(ctx, &list) // by the key: nobody knows how many an unnested list has
	if err != nil || len(list) == 0 {
		return nil, nil, err
	}
	err = tx.NewRaw(`
		select al.payment_id, al.invoice_id, al.amount, al.on_day, i.client_id, i.project_id, i.currency
		from billing.allocation al
		join billing.invoice i on i.firm_id = al.firm_id and i.id = al.invoice_id
		where al.firm_id = ? and al.payment_id = any(?::uuid[])`, v.FirmID(), pgdialect.Array(idsOf(list))).Scan(ctx, &standing)
	return list, standing, err
}

func idsOf(list []Payment) (ids []uuid.UUID) {
	for _, p := range list {
		ids = append(ids, p.ID)
	}
	return ids
}

// hidePayments ends payments of an import that was taken back. Their numbers are free again.
func hidePayments(ctx context.Context, tx bun.Tx, v auth.Viewer, list []Payment) error {
	if len(list) == 0 {
		return nil
	}
	_, err := tx.NewRaw(`
		update billing.payment p
		set allocated = 0, reversed_by = ?, reversed_at = now(), reversal_reason = 'The import was undone.', undone = true, number = p.number || ' ' || p.id
		where p.firm_id = ? and p.id = any(?::uuid[])`, db.NullID(v.PersonID), v.FirmID(), pgdialect.Array(idsOf(list))).Exec(ctx)
	return err
}

// untouchedInvoices are those that are as they came: nothing is paid on them, or tried to be.
func untouchedInvoices(ctx context.Context, tx bun.Tx, v auth.Viewer, traces []module.Trace) (list []Invoice, err error) {
	if len(traces) == 0 {
		return nil, nil
	}
	ids, versions := traced(traces)
	err = tx.NewRaw(`
		select i.id, i.client_id, i.project_id, i.stage, i.number, i.title, i.currency, i.issued_on, i.net, i.tax, i.total
		from billing.invoice i
		join unnest(?::uuid[], ?::integer[]) as t (id, version) on t.id = i.id and t.version = i.version
		where i.firm_id = ? and i.id = any(?::uuid[]) and i.imported and i.paid = 0 and i.reserved = 0 and i.stage in ('draft', 'released', 'void')
			and not exists (select from billing.attempt a where a.firm_id = i.firm_id and a.invoice_id = i.id)
		order by i.id
		for update of i`, pgdialect.Array(ids), pgdialect.Array(versions), v.FirmID(), pgdialect.Array(ids)).Scan(ctx, &list)
	return list, err
}

// hideInvoices removes drafts, and takes what was sent out of sight.
func hideInvoices(ctx context.Context, tx bun.Tx, v auth.Viewer, list []Invoice) error {
	var ids []uuid.UUID
	for _, i := range list {
		ids = append(ids, i.ID)
	}
	if len(ids) == 0 {
		return nil
	}
	for _, statement := range []string{
		"delete from billing.invoice i where i.firm_id = ? and i.id = any(?::uuid[]) and i.stage = 'draft'",
		"delete from billing.invoice_word w where w.firm_id = ? and w.invoice_id = any(?::uuid[])",
		`update billing.invoice i set stage = 'undone', number = i.number || ' ' || i.id, version = i.version + 1, updated_at = now()
		where i.firm_id = ? and i.id = any(?::uuid[])`,
	} {
		if _, err := tx.NewRaw(statement, v.FirmID(), pgdialect.Array(ids)).Exec(ctx); err != nil {
			return fmt.Errorf("%s: %w", strings.Fields(statement)[0], err)
		}
	}
	return nil
}

// unbilled are those of the projects that an import added on which no invoice stands.
func unbilled(ctx context.Context, tx bun.Tx, v auth.Viewer, traces []module.Trace) (free []uuid.UUID, err error) {
	if len(traces) == 0 {
		return nil, nil
	}
	ids, _ := traced(traces)
	err = tx.NewRaw(`
		select t.id from unnest(?::uuid[]) as t (id)
		where not exists (select from billing.invoice i where i.firm_id = ? and i.project_id = t.id and i.stage <> 'undone')`,
		pgdialect.Array(ids), v.FirmID()).Scan(ctx, &free)
	return free, err
}
