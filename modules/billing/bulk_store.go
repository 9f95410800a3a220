package billing

import (
	"context"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"
	"github.com/uptrace/bun/schema"

	"portico/platform/auth"
)

// matching are the invoices that a filter finds, in the order in which they were made.
func matching(ctx context.Context, tx bun.IDB, v auth.Viewer, f filter, most int) ([]chosen, error) {
	from := schema.QueryAppender(bun.Safe("billing.invoice i"))
	if f.Query != "" {
		hits, none := hits(v, f.Query)
		if none {
			return nil, nil
		}
		from = bun.SafeQuery("(?) hit join billing.invoice i on i.firm_id = ? and i.id = hit.id", hits, v.FirmID())
	}
	var list []chosen
	err := tx.NewRaw(`
		select i.id, i.client_id, i.version, i.number, i.title, cl.name as client_name, i.currency, i.total
		from ?
		join client cl on cl.firm_id = i.firm_id and cl.id = i.client_id
		where i.firm_id = ? and i.state in (?) and ?
		order by i.id
		limit ?`, from, v.FirmID(), bun.List(f.states()), fits(v, f), most).Scan(ctx, &list)
	return list, err
}

// chosenAmong are the ticked ones that are there.
func chosenAmong(ctx context.Context, tx bun.IDB, v auth.Viewer, ticks []tick) ([]chosen, error) {
	ids := make([]uuid.UUID, len(ticks))
	for n, t := range ticks {
		ids[n] = t.ID
	}
	var list []chosen
	err := tx.NewRaw(`
		select i.id, i.client_id, i.version, i.number, i.title, cl.name as client_name, i.currency, i.total
		from billing.invoice i
		join client cl on cl.firm_id = i.firm_id and cl.id = i.client_id
		where i.firm_id = ? and i.id = any(?::uuid[])
		order by i.id`, v.FirmID(), pgdialect.Array(ids)).Scan(ctx, &list)
	return list, err
}
