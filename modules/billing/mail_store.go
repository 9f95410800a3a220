package billing

import (
	"context"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"portico/platform/db"
)

// noteMailed marks a released invoice as told of; fresh is false when it was before, or is nothing to tell of.
func noteMailed(ctx context.Context, tx bun.Tx, firm, invoice uuid.UUID) (fresh bool, err error) {
	done, err := tx.NewRaw(`
		update billing.invoice set mailed_at = now()
		where firm_id = ? and id = ? and mailed_at is null and stage = 'released'`, firm, invoice).Exec(ctx)
	if err != nil {
		return false, err
	}
	n, err := done.RowsAffected()
	return n > 0, err
}

// readers are the contacts of an invoice's client, all or one. Who was never invited, or whom no mail reaches, gets none.
func readers(ctx context.Context, tx bun.Tx, firm, invoice, contact uuid.UUID) ([]reader, error) {
	return readersOf(ctx, tx, firm, []uuid.UUID{invoice}, contact)
}

// readersOf are those of many invoices, each contact once an invoice.
func readersOf(ctx context.Context, tx bun.Tx, firm uuid.UUID, invoices []uuid.UUID, contact uuid.UUID) ([]reader, error) {
	var list []reader
	err := tx.NewRaw(`
		select i.id as invoice_id, ct.id as contact_id, p.id as person_id, p.name, p.email, p.locale, ct.rights,
			ct.access = 'portal' and ct.invited_at is not null and ct.bounced_at is null and ct.disabled_at is null and ct.archived_at is null and cl.archived_at is null as portal,
			pr.shared and pr.status <> 'archived' and not exists ( -- of a consolidated invoice, every project
				select from billing.line l
				join project lp on lp.firm_id = l.firm_id and lp.id = l.project_id
				where l.firm_id = i.firm_id and l.invoice_id = i.id and not (lp.shared and lp.status <> 'archived')) as shared,
			not ct.limited or i.kind <> 'consolidated' and exists (
				select from contact_project cp
				where cp.firm_id = ct.firm_id and cp.contact_id = ct.id and cp.project_id = pr.id) as sees,
			fi.portal_on as firm_on, cl.portal_on as client_on,
			fi.switches as firm_says, cl.switches as client_says, pr.switches as project_says
		from billing.invoice i
		join firm fi on fi.firm_id = i.firm_id
		join client cl on cl.firm_id = i.firm_id and cl.id = i.client_id
		join project pr on pr.firm_id = i.firm_id and pr.id = i.project_id
		join contact ct on ct.firm_id = i.firm_id and ct.client_id = i.client_id
		join person p on p.firm_id = ct.firm_id and p.id = ct.person_id
		where i.firm_id = ?0 and i.id = any(?1::uuid[]) and (?2::uuid is null or ct.id = ?2::uuid)
		order by ct.id, i.id`, firm, pgdialect.Array(invoices), db.NullID(contact)).Scan(ctx, &list)
	return list, err
}
