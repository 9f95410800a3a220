package time

import (
	"context"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
)

// jobsOf are a client's projects in which there is time or money spent, the newest first, with how far it has come. All
// staff read these sums, as on a project's page; who did what is between a person and the admins.
func jobsOf(ctx context.Context, tx bun.IDB, v auth.Viewer, client uuid.UUID) ([]clientJob, error) {
	if v.Side != auth.Office {
		return nil, nil
	}
	var list []clientJob
	err := tx.NewRaw(`
		with hours as materialized (
			select e.project_id, count(*) as count,
				coalesce(sum(e.minutes) filter (where e.state in ('draft', 'submitted')), 0) as written,
				coalesce(sum(e.minutes) filter (where e.state = 'approved' and e.billable and e.handed_at is null), 0) as approved,
				coalesce(sum(e.minutes) filter (where e.state = 'approved' and e.handed_at is not null), 0) as handed,
				coalesce(sum(e.minutes) filter (where e.state = 'invoiced' or e.state = 'finalised' and e.billable), 0) as out
			from time.entry e
			where e.firm_id = ?0 and e.client_id = ?1
			group by e.project_id
		), spent as materialized (
			select e.project_id, count(*) as spent_count
			from time.expense e
			where e.firm_id = ?0 and e.client_id = ?1
			group by e.project_id
		)
		select pr.id as project_id, pr.name, coalesce(h.written, 0) as written, coalesce(h.approved, 0) as approved,
			coalesce(h.handed, 0) as handed, coalesce(h.out, 0) as out, coalesce(s.spent_count, 0) as spent_count
		from project pr
		left join hours h on h.project_id = pr.id
		left join spent s on s.project_id = pr.id
		where pr.firm_id = ?0 and pr.client_id = ?1 and (h.count > 0 or s.spent_count > 0)
		order by pr.created_at desc, pr.id`, v.FirmID(), client).Scan(ctx, &list)
	return list, err
}

// countRow is so much of a project.
type countRow struct {
	ProjectID uuid.UUID
	N         int
}

func byProject(rows []countRow) map[uuid.UUID]int {
	all := map[uuid.UUID]int{}
	for _, row := range rows {
		all[row.ProjectID] = row.N
	}
	return all
}

// shownSums are the minutes that a contact may see, by project.
func shownSums(ctx context.Context, tx bun.IDB, v auth.Viewer) (map[uuid.UUID]int, error) {
	var rows []countRow
	err := tx.NewRaw(`
		select work.project_id, sum(work.minutes)::integer as n
		from time.entry work
		where work.firm_id = ? and ?
		group by work.project_id`, v.FirmID(), shownTime(v)).Scan(ctx, &rows)
	return byProject(rows), err
}

// shownCounts are how many expenses a contact may see, by project.
func shownCounts(ctx context.Context, tx bun.IDB, v auth.Viewer) (map[uuid.UUID]int, error) {
	var rows []countRow
	err := tx.NewRaw(`
		select work.project_id, count(*) as n
		from time.expense work
		where work.firm_id = ? and ?
		group by work.project_id`, v.FirmID(), shownExpenses(v)).Scan(ctx, &rows)
	return byProject(rows), err
}
