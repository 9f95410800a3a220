package schedule

import (
	"context"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"portico/platform/auth"
	"portico/platform/day"
	"portico/platform/db/paging"
	"portico/platform/search"
)

// narrow leaves of the schedules what a filter asks for.
func narrow(q *bun.SelectQuery, v auth.Viewer, f filter, today day.Day) *bun.SelectQuery {
	if f.State != "all" {
		q = q.Where("pr.status <> 'archived'").Where("cl.archived_at IS NULL")
	}
	switch f.State {
	case "":
		if f.Query == "" {
			q = q.Where("pr.status <> 'completed'")
		}
	case "pending":
		q = q.Where("p.changed_at > p.published_at AND p.online AND p.viewable")
	case "draft":
		q = q.Where("p.published_at IS NULL")
	case "offline":
		q = q.Where("p.published_at IS NOT NULL AND NOT (p.online AND p.viewable)")
	case "late":
		q = q.Where("p.end_on < ? AND p.done < 100", today)
	}
	for _, word := range search.Typed(f.Query) {
		from, to := search.Beginning(word)
		q = q.Where(`EXISTS (SELECT FROM project_word AS w WHERE w.firm_id = ? AND w.project_id = p.project_id AND w.word >= ? AND w.word < ?)`, v.FirmID(), from, to)
	}
	return q
}

// pick gives one page of staff's list.
func pick(ctx context.Context, tx bun.IDB, v auth.Viewer, f filter, today day.Day, from paging.Place) (page, error) {
	var p page
	var err error
	err = tx.NewSelect().
		TableExpr("(?) AS found", narrow(plans(tx, v), v, f, today).Limit(few+1)).
		ColumnExpr("count(*)").
		Scan(ctx, &p.Count)
	if err != nil {
		return p, err
	}
	if p.Count > few {
		p.Count, p.More = few, true
	}
	column := bun.Safe("p.changed_at")
	if strings.TrimPrefix(f.Sort, "-") == "end" {
		column = bun.Safe("coalesce(p.end_on, '" + endless + "')")
	}
	down := strings.HasPrefix(f.Sort, "-") != from.Back
	q := narrow(plans(tx, v), v, f, today)
	if !from.At.IsZero() {
		sign := bun.Safe(">")
		if down {
			sign = bun.Safe("<")
		}
		key := any(from.At.Key)
		if at, err := time.Parse(time.RFC3339Nano, from.At.Key); err == nil {
			key = at
		}
		q = q.Where("(?, p.project_id) ? (?, ?)", column, sign, key, from.At.ID)
	}
	var list []Plan
	err = q.OrderExpr("? ?, p.project_id ?", column, paging.Way(down), paging.Way(down)).Limit(pageSize+1).Scan(ctx, &list)
	if err != nil {
		return p, err
	}
	p.Plans, p.Turns = paging.Cut(list, pageSize, from, func(one Plan) paging.Cursor { return one.cursor(f.Sort) })
	return p, nil
}

// nextMilestones are the next ones that are not reached, one a project.
func nextMilestones(ctx context.Context, tx bun.IDB, v auth.Viewer, projects []uuid.UUID, today day.Day) (map[uuid.UUID]Item, error) {
	next := map[uuid.UUID]Item{}
	if len(projects) == 0 {
		return next, nil
	}
	var list []Item
	err := items(tx, v).
		Where("i.project_id = any(?::uuid[])", pgdialect.Array(projects)).
		Where("i.kind = 'milestone' AND i.progress < 100 AND i.deleted_at IS NULL").
		Where("i.end_on >= ?", today).
		DistinctOn("i.project_id").
		Order("i.project_id", "i.end_on", "i.position").
		Scan(ctx, &list)
	for _, i := range list {
		next[i.ProjectID] = i
	}
	return next, err
}

// lateItems counts what should be over, and is not, of projects under way.
func lateItems(ctx context.Context, tx bun.IDB, v auth.Viewer, today day.Day, most int) (n int, err error) {
	err = tx.NewRaw(`
		select count(*) from (
			select from schedule.plan p
			join project pr on pr.firm_id = p.firm_id and pr.id = p.project_id and pr.status = 'active'
			join schedule.item i on i.firm_id = p.firm_id and i.project_id = p.project_id and i.deleted_at is null
				and i.kind <> 'phase' and i.progress < 100 and i.end_on < ?
			where p.firm_id = ?
			limit ?) late`, today, v.FirmID(), most).Scan(ctx, &n)
	return n, err
}
