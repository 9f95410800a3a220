package selections

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
)

// openOf are the selections that wait for the viewer, the most urgent first.
func openOf(ctx context.Context, tx bun.IDB, v auth.Viewer) ([]Selection, error) {
	var ids []uuid.UUID
	err := tx.NewRaw(`
		select s.id from selections.selection s
		where s.firm_id = ? and ? and s.kind = 'selection' and s.state in ('released', 'selected')
		order by s.due_on nulls last, s.released_at, s.id
		limit 50`, v.FirmID(), reach(v)).Scan(ctx, &ids)
	if err != nil {
		return nil, err
	}
	return byIDs(ctx, tx, v, ids)
}

// ownDecision is something that the viewer has decided.
type ownDecision struct {
	At                           time.Time
	Title, Act, Names, Signature string
}

// decidedBy are a person's own decisions on the side where they look.
func decidedBy(ctx context.Context, tx bun.IDB, v auth.Viewer) ([]ownDecision, error) {
	var list []ownDecision
	q := tx.NewSelect().
		TableExpr("selections.decision AS d").
		ColumnExpr("d.at, s.title, d.act, d.signature").
		ColumnExpr("coalesce((SELECT string_agg(c->>'title', ', ') FROM jsonb_array_elements(d.choices) c), '') AS names").
		Join("JOIN selections.selection AS s ON s.firm_id = d.firm_id AND s.id = d.selection_id").
		Where("d.firm_id = ?", v.FirmID()).
		Where("d.actor_id = ?", v.PersonID)
	if v.Side == auth.Portal {
		q = q.Where("d.client_id = ?", v.ClientID).Where("d.by_client")
	}
	err := q.OrderExpr("d.at, d.id").Limit(10_000).Scan(ctx, &list)
	return list, err
}

// told is an account with what approvals come to and what billing was told.
type told struct {
	ID                     uuid.UUID
	Has                    bool
	Amount, Approved, Told int64
	Open                   int
}

// accountsOf are all accounts of the firm: allowances, and selections that have none.
func accountsOf(ctx context.Context, tx bun.IDB, v auth.Viewer) ([]told, error) {
	var list []told
	err := tx.NewRaw(`
		with account as (
			select coalesce(a.id, s.id) as id, a.id is not null as has, coalesce(a.amount, 0) as amount,
				coalesce(sum(p.price) filter (where p.approved), 0)::bigint as approved,
				count(distinct s.id) filter (where s.kind = 'selection' and s.state in ('draft', 'released', 'selected')) as open
			from selections.selection s
			left join selections.allowance a on a.firm_id = s.firm_id and a.id = s.allowance_id
			left join selections.pick p on p.firm_id = s.firm_id and p.selection_id = s.id
			where s.firm_id = ?0
			group by 1, 2, 3)
		select c.id, c.has, c.amount, c.approved, c.open, coalesce((
			select sum(e.amount) from selections.change e
			where e.firm_id = ?0 and e.voided_at is null
				and case when c.has then e.allowance_id = c.id else e.allowance_id is null and e.selection_id = c.id end), 0)::bigint as told
		from account c`, v.FirmID()).Scan(ctx, &list)
	return list, err
}
