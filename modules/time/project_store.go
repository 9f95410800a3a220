package time

import (
	"context"

	"github.com/uptrace/bun"

	"portico/platform/auth"
)

// standOf adds up the work of a project by how far it has come, and what of it is worth how much.
func standOf(ctx context.Context, tx bun.IDB, v auth.Viewer, w work) (stand, error) {
	s := stand{Currency: w.Currency}
	if v.Side != auth.Office {
		return s, nil
	}
	err := tx.NewRaw(`
		select coalesce(sum(e.minutes) filter (where e.state = 'draft'), 0) as draft,
			coalesce(sum(e.minutes) filter (where e.state = 'submitted'), 0) as submitted,
			coalesce(sum(e.minutes) filter (where e.state = 'approved' and e.billable and e.handed_at is null), 0) as approved,
			coalesce(sum(e.minutes) filter (where e.state = 'approved' and e.handed_at is not null), 0) as handed,
			coalesce(sum(e.minutes) filter (where e.state = 'invoiced'), 0) as invoiced,
			coalesce(sum(e.minutes) filter (where e.state = 'finalised' and e.billable), 0) as finalised,
			coalesce(sum(e.minutes) filter (where e.state in ('approved', 'finalised') and not e.billable), 0) as free
		from time.entry e
		where e.firm_id = ? and e.project_id = ?`, v.FirmID(), w.ID).Scan(ctx, &s)
	if err != nil {
		return s, err
	}
	err = tx.NewRaw(`
		select coalesce(sum(round(w.price * round(e.minutes * 1000.0 / 60) / 1000)) filter (where e.currency = ?), 0)::bigint as worth,
			coalesce(sum(e.minutes) filter (where w.price is null), 0) as unpriced
		from time.entry e
		left join lateral (?) w on true
		where e.firm_id = ? and e.project_id = ? and e.state = 'approved' and e.billable and e.handed_at is null`, w.Currency, hourly, v.FirmID(), w.ID).Scan(ctx, &s.Worth, &s.Unpriced)
	if err != nil {
		return s, err
	}
	err = tx.NewRaw(`
		select coalesce(sum(e.price) filter (where e.state = 'approved' and e.billable and e.handed_at is null and e.currency = ?), 0)::bigint as spent_open,
			count(*) filter (where e.state = 'approved' and e.billable and e.handed_at is null) as spent_count
		from time.expense e
		where e.firm_id = ? and e.project_id = ?`, w.Currency, v.FirmID(), w.ID).Scan(ctx, &s.SpentOpen, &s.SpentCount)
	if !forAll(v) {
		s.Worth, s.Unpriced = 0, 0
	}
	return s, err
}
