package time

import (
	"context"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"
	"github.com/uptrace/bun/schema"

	"portico/platform/auth"
	"portico/platform/day"
	"portico/platform/db"
)

// open is a state of work, and the area that shows it.
type open struct {
	State bun.Safe
	Area  string
}

// shownTime says which entries a contact may see: approved ones of the areas that are switched on for it, each in the
// projects that leave the area open, and of those what is billed to the client.
func shownTime(v auth.Viewer) schema.QueryAppender {
	return shownIn(v, open{"work.state = 'approved'", unbilledTime}, open{"work.state = 'invoiced'", billedTime}, open{"work.state = 'finalised'", finalisedTime})
}

// shownExpenses says which expenses a contact may see; finalised ones stand with the billed.
func shownExpenses(v auth.Viewer) schema.QueryAppender {
	return shownIn(v, open{"work.state = 'approved'", unbilledExpenses}, open{"work.state in ('invoiced', 'finalised')", billedExpenses})
}

func shownIn(v auth.Viewer, all ...open) schema.QueryAppender {
	if v.Side != auth.Portal || !v.May(see) {
		return bun.Safe("false")
	}
	type place struct { // areas that are open in the same projects are asked for at once
		ids    []uuid.UUID
		states []string
		args   []any
	}
	var places []*place
	for _, one := range all {
		ids := openIn(v, one.Area)
		if len(ids) == 0 {
			continue
		}
		at := slices.IndexFunc(places, func(p *place) bool { return slices.Equal(p.ids, ids) })
		if at < 0 {
			places, at = append(places, &place{ids: ids}), len(places)
		}
		places[at].states, places[at].args = append(places[at].states, "?"), append(places[at].args, one.State)
	}
	parts, args := []string{"false"}, []any(nil)
	for _, p := range places {
		parts = append(parts, "((?) and work.project_id = any(?::uuid[]))")
		args = append(args, bun.SafeQuery(strings.Join(p.states, " or "), p.args...), pgdialect.Array(p.ids))
	}
	return bun.SafeQuery("work.client_id = ? and work.billable and (?)", v.ClientID, bun.SafeQuery(strings.Join(parts, " or "), args...))
}

// openIn are the projects in which a contact may see an area; none where it is off.
func openIn(v auth.Viewer, area string) []uuid.UUID {
	if v.Side != auth.Portal || !v.May(areas[area]) {
		return nil
	}
	return v.ProjectIDs("time/" + area)
}

// sumRow is what a task of a month of a project comes to.
type sumRow struct {
	ProjectID uuid.UUID
	Month     int
	Task      string
	Minutes   int
	Count     int
}

// sums adds up all that a contact may see, by project, month and task: the newest month first.
func sums(ctx context.Context, tx bun.IDB, v auth.Viewer, project uuid.UUID, month int) ([]sumRow, error) {
	only := schema.QueryAppender(bun.Safe("true"))
	if project != uuid.Nil {
		only = bun.SafeQuery("work.project_id = ? and work.month = ?", project, month)
	}
	var list []sumRow
	err := tx.NewRaw(`
		select work.project_id, work.month, work.task, sum(work.minutes)::integer as minutes, count(*) as count
		from time.entry work
		where work.firm_id = ? and ? and ?
		group by work.project_id, work.month, work.task
		order by work.project_id, work.month desc, lower(work.task), work.task`, v.FirmID(), shownTime(v), only).Scan(ctx, &list)
	return list, err
}

// shownRow is an entry as a client gets it: nothing else is read.
type shownRow struct {
	ID, ProjectID uuid.UUID
	WorkDate      day.Day
	Month         int
	Task          string
	Minutes       int
	ClientNote    string
	State         State
	Person        string // "" unless the firm shows who worked
}

// mostRows is how many rows a page, a table or a document of one request holds.
const mostRows = 5000

// shownOf are the entries behind sums: of one month of a project, or of all (uuid.Nil), the newest first.
func shownOf(ctx context.Context, tx bun.IDB, v auth.Viewer, project uuid.UUID, month int, most int) ([]shownRow, error) {
	only := schema.QueryAppender(bun.Safe("true"))
	if project != uuid.Nil {
		only = bun.SafeQuery("work.project_id = ? and work.month = ?", project, month)
	}
	var list []shownRow
	err := tx.NewRaw(`
		with newest as materialized (
			select work.id, work.project_id, work.work_date, work.month, work.task, work.minutes, work.client_note, work.state, work.person_id
			from time.entry work
			where work.firm_id = ?0 and ?1 and ?2
			order by work.work_date desc, work.id desc
			limit ?3
		)
		select n.id, n.project_id, n.work_date, n.month, n.task, n.minutes, n.client_note, n.state, case when s.show_people then p.name else '' end as person
		from newest n
		join person p on p.firm_id = ?0 and p.id = n.person_id
		left join time.setting s on s.firm_id = ?0
		order by n.work_date desc, n.id desc`, v.FirmID(), shownTime(v), only, most).Scan(ctx, &list)
	return list, err
}

// shownExpense is an expense as a client gets it.
type shownExpense struct {
	ID, ProjectID uuid.UUID
	SpentOn       day.Day
	Month         int
	Category      string
	ClientNote    string
	Price         int64
	Currency      string
	State         State
	ReceiptID     uuid.UUID // Nil: none that the client may see
	ReceiptMedia  string
}

func shownExpensesOf(ctx context.Context, tx bun.IDB, v auth.Viewer, project uuid.UUID, month int, most int) ([]shownExpense, error) {
	only := schema.QueryAppender(bun.Safe("true"))
	if project != uuid.Nil {
		only = bun.SafeQuery("work.project_id = ? and work.month = ?", project, month)
	}
	var list []shownExpense
	err := tx.NewRaw(`
		select work.id, work.project_id, work.spent_on, work.month, work.category, work.client_note, work.price, work.currency, work.state,
			case when work.markup = 0 and work.project_id = any(?::uuid[]) then work.receipt_id end as receipt_id, work.receipt_media
		from time.expense work
		where work.firm_id = ? and ? and ?
		order by work.spent_on desc, work.id desc
		limit ?`, pgdialect.Array(openIn(v, receipts)), v.FirmID(), shownExpenses(v), only, most).Scan(ctx, &list)
	return list, err
}

// shownReceipt is the expense of a receipt, if the client may see both.
func shownReceipt(ctx context.Context, tx bun.IDB, v auth.Viewer, file uuid.UUID) (e shownExpense, err error) {
	err = tx.NewRaw(`
		select work.id, work.spent_on, work.receipt_media
		from time.expense work
		where work.firm_id = ? and ? and work.receipt_id = ? and work.markup = 0 and work.project_id = any(?::uuid[])`,
		v.FirmID(), shownExpenses(v), file, pgdialect.Array(openIn(v, receipts))).Scan(ctx, &e)
	return e, db.Found(err)
}

// Budget is what was agreed for a project and what became of it, in minutes.
type Budget struct {
	ProjectID                        uuid.UUID
	Name, Key                        string
	Agreed, Used, Invoiced           int
	Open                             int // staff: written and not approved yet
	UnbilledExpenses, UnbilledAmount int64
}

// budgets are the agreed hours of projects with what is used of them: approved and further along, and billed to the
// client.
func budgets(ctx context.Context, tx bun.IDB, v auth.Viewer, projects []uuid.UUID) ([]Budget, error) {
	if v.Side == auth.Portal {
		open := openIn(v, budget)
		projects = slices.DeleteFunc(slices.Clone(projects), func(id uuid.UUID) bool { return !slices.Contains(open, id) })
	}
	if len(projects) == 0 {
		return nil, nil
	}
	var list []Budget
	err := tx.NewRaw(`
		select t.project_id, pr.name, pr.key, t.agreed_minutes as agreed, coalesce(w.used, 0) as used, coalesce(w.invoiced, 0) as invoiced
		from time.terms t
		join project pr on pr.firm_id = t.firm_id and pr.id = t.project_id
		left join lateral (
			select sum(e.minutes) filter (where e.state in ('approved', 'invoiced', 'finalised')) as used,
				sum(e.minutes) filter (where e.state in ('invoiced', 'finalised')) as invoiced
			from time.entry e
			where e.firm_id = t.firm_id and e.project_id = t.project_id and e.billable) w on true
		where t.firm_id = ? and t.project_id = any(?::uuid[]) and t.agreed_minutes is not null
		order by array_position(?::uuid[], t.project_id)`, v.FirmID(), pgdialect.Array(projects), pgdialect.Array(projects)).Scan(ctx, &list)
	return list, err
}

// burnt are the minutes used of a budget, day by day.
type burnt struct {
	WorkDate day.Day
	Minutes  int
}

func burning(ctx context.Context, tx bun.IDB, v auth.Viewer, project uuid.UUID) ([]burnt, error) {
	if v.Side == auth.Portal && !slices.Contains(openIn(v, budget), project) {
		return nil, nil
	}
	var list []burnt
	err := tx.NewRaw(`
		select e.work_date, sum(e.minutes)::integer as minutes
		from time.entry e
		where e.firm_id = ? and e.project_id = ? and e.billable and e.state in ('approved', 'invoiced', 'finalised')
		group by e.work_date
		order by e.work_date`, v.FirmID(), project).Scan(ctx, &list)
	return list, err
}
