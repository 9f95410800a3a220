package billing

import (
	"context"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"portico/platform/auth"
	"portico/platform/db"
	"portico/platform/fault"
	"portico/platform/id"
)

// addMailing writes the list of what is to be mailed again.
func addMailing(ctx context.Context, tx bun.IDB, v auth.Viewer, list []chosen) (uuid.UUID, error) {
	mailing := id.New()
	_, err := tx.NewRaw("insert into billing.mailing (firm_id, id, by_id) values (?, ?, ?)", v.FirmID(), mailing, db.NullID(v.PersonID)).Exec(ctx)
	if err != nil {
		return mailing, err
	}
	ids := make([]uuid.UUID, len(list))
	for n, i := range list {
		ids[n] = i.ID
	}
	_, err = tx.NewRaw(`
		insert into billing.mailing_item (firm_id, mailing_id, invoice_id)
		select ?, ?, x.id from unnest(?::uuid[]) as x (id)`, v.FirmID(), mailing, pgdialect.Array(ids)).Exec(ctx)
	return mailing, err
}

// mailingItem is one invoice of a mailing; waits: nothing was done with it yet.
func mailingItem(ctx context.Context, tx bun.IDB, firm uuid.UUID, one posted) (waits bool, i Invoice, err error) {
	err = tx.NewRaw(`
		select m.state = 'waiting' from billing.mailing_item m
		where m.firm_id = ? and m.mailing_id = ? and m.invoice_id = ?
		for update`, firm, one.Mailing, one.Invoice).Scan(ctx, &waits)
	if err != nil || !waits {
		return false, i, db.Found(err)
	}
	i, err = invoiceByID(ctx, tx, auth.System(firm), one.Invoice)
	return waits, i, err
}

func setMailingItem(ctx context.Context, tx bun.IDB, firm uuid.UUID, one posted, state string, mails int, why string) error {
	_, err := tx.NewRaw(`
		update billing.mailing_item set state = ?, mails = ?, why = ?
		where firm_id = ? and mailing_id = ? and invoice_id = ?`, state, mails, why, firm, one.Mailing, one.Invoice).Exec(ctx)
	return err
}

// mailingByID is how far a mailing is.
func mailingByID(ctx context.Context, tx bun.IDB, v auth.Viewer, mailing uuid.UUID) (mailingView, error) {
	var view mailingView
	if v.Side != auth.Office {
		return view, fault.NotFound()
	}
	err := tx.NewRaw(`
		select coalesce(p.name, '') as by_name, m.created_at,
			count(*) filter (where x.state = 'waiting') as waiting, count(*) filter (where x.state = 'mailed') as mailed,
			count(*) filter (where x.state = 'skipped') as skipped, coalesce(sum(x.mails), 0)::bigint as mails
		from billing.mailing m
		left join person p on p.firm_id = m.firm_id and p.id = m.by_id
		join billing.mailing_item x on x.firm_id = m.firm_id and x.mailing_id = m.id
		where m.firm_id = ? and m.id = ?
		group by p.name, m.created_at`, v.FirmID(), mailing).
		Scan(ctx, &view.ByName, &view.CreatedAt, &view.Waiting, &view.Mailed, &view.Skipped, &view.Mails)
	if err != nil {
		return view, db.Found(err)
	}
	err = tx.NewRaw(`
		select i.id as invoice_id, i.number, i.title, cl.name as client, x.why
		from billing.mailing_item x
		join billing.invoice i on i.firm_id = x.firm_id and i.id = x.invoice_id
		join client cl on cl.firm_id = i.firm_id and cl.id = i.client_id
		where x.firm_id = ? and x.mailing_id = ? and x.state = 'skipped'
		order by i.id
		limit 100`, v.FirmID(), mailing).Scan(ctx, &view.Left)
	return view, err
}
