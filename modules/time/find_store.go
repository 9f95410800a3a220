package time

import (
	"context"

	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/day"
)

// findRemarks finds notes with the words anywhere in them.
func findRemarks(ctx context.Context, tx bun.IDB, v auth.Viewer, typed string, limit int) ([]Remark, error) {
	var list []Remark
	err := remarksIn(tx, v).
		Where("n.text ILIKE ?", like(typed)).
		Order("n.on_day DESC", "n.id DESC").
		Limit(int64(limit)).
		Scan(ctx, &list)
	return list, err
}

// lookedThrough is how many of the newest entries a search reads: older ones are found from their project.
const lookedThrough = 5000

// hit is an entry that a search found.
type hit struct {
	shownRow
	Project string
}

// findWork finds entries by their task or note, among the newest that the viewer may see.
func findWork(ctx context.Context, tx bun.IDB, v auth.Viewer, typed string, limit int) ([]hit, error) {
	whose := within(v, "work")
	if v.Side == auth.Portal {
		whose = shownTime(v)
	}
	var list []hit
	err := tx.NewRaw(`
		select x.*, pr.name as project
		from (
			select work.id, work.project_id, work.work_date, work.month, work.task, work.minutes, work.client_note, work.state
			from time.entry work
			where work.firm_id = ?0 and ?1
			order by work.work_date desc, work.id desc
			limit ?2) x
		join project pr on pr.firm_id = ?0 and pr.id = x.project_id
		where x.task ilike ?3 or x.client_note ilike ?3
		order by x.work_date desc, x.id desc
		limit ?4`, v.FirmID(), whose, lookedThrough, like(typed), limit).Scan(ctx, &list)
	return list, err
}

// undone counts what came back to its writer, and drafts of the weeks before one.
func undone(ctx context.Context, tx bun.IDB, v auth.Viewer, week day.Day) (returned, late int, err error) {
	err = tx.NewRaw(`
		select count(*) filter (where e.returned <> ''), count(*) filter (where e.work_date < ? and e.minutes > 0)
		from time.entry e
		where e.firm_id = ? and e.person_id = ? and e.state = 'draft'`, week, v.FirmID(), v.PersonID).Scan(ctx, &returned, &late)
	return returned, late, err
}

// ownOf is all that the viewer has written.
func ownOf(ctx context.Context, tx bun.IDB, v auth.Viewer) (list []Entry, spent []Expense, notes []Remark, err error) {
	err = tx.NewRaw(`
		select e.work_date, pr.name as project, e.task, e.minutes, e.client_note, e.internal_notes, e.state
		from time.entry e
		join project pr on pr.firm_id = e.firm_id and pr.id = e.project_id
		where e.firm_id = ? and e.person_id = ?
		order by e.work_date, e.id`, v.FirmID(), v.PersonID).Scan(ctx, &list)
	if err != nil {
		return nil, nil, nil, err
	}
	err = tx.NewRaw(`
		select e.spent_on, pr.name as project, e.category, e.vendor, e.cost, e.currency, e.client_note, e.internal_notes, e.state
		from time.expense e
		join project pr on pr.firm_id = e.firm_id and pr.id = e.project_id
		where e.firm_id = ? and e.person_id = ?
		order by e.spent_on, e.id`, v.FirmID(), v.PersonID).Scan(ctx, &spent)
	if err != nil {
		return nil, nil, nil, err
	}
	err = tx.NewRaw(`
		select n.on_day, pr.name as project, n.text, n.created_at
		from time.remark n
		join project pr on pr.firm_id = n.firm_id and pr.id = n.project_id
		where n.firm_id = ? and n.person_id = ?
		order by n.on_day, n.id`, v.FirmID(), v.PersonID).Scan(ctx, &notes)
	return list, spent, notes, err
}
