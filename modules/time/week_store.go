package time

import (
	"context"
	"database/sql"
	"errors"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/day"
)

// span are days of one person, both included.
type span struct {
	Person   uuid.UUID
	From, To day.Day
}

// piece is an entry as a week sheet needs it.
type piece struct {
	ID, ClientID, ProjectID           uuid.UUID
	Task                              string
	WorkDate                          day.Day
	Minutes, Version                  int
	State                             State
	ClientNote, InternalNotes         string
	Billable                          bool
	HandedAt                          sql.NullTime
	Returned                          string
	Project, Client, Status, Currency string
}

// sheetOf are the entries of a span, and the rows in which nothing is written yet as pieces without an id.
func sheetOf(ctx context.Context, tx bun.IDB, v auth.Viewer, sp span) ([]piece, error) {
	if v.Side != auth.Office || sp.Person != v.PersonID && !forAll(v) {
		return nil, nil
	}
	var list []piece
	err := tx.NewRaw(`
		select x.*, pr.name as project, cl.name as client, pr.status, pr.currency
		from (
			select e.id, e.client_id, e.project_id, e.task, e.work_date, e.minutes, e.version, e.state, e.client_note, e.internal_notes, e.billable, e.handed_at, e.returned
			from time.entry e
			where e.firm_id = ?0 and e.person_id = ?1 and e.work_date between ?2 and ?3
			union all
			select null, l.client_id, l.project_id, l.task, null, 0, 0, 'draft', '', '', true, null, ''
			from time.line l
			where l.firm_id = ?0 and l.person_id = ?1 and l.week = ?2) x
		join project pr on pr.firm_id = ?0 and pr.id = x.project_id
		join client cl on cl.firm_id = ?0 and cl.id = x.client_id
		order by lower(pr.name), pr.id, lower(x.task), x.task, x.work_date, x.id
		limit 3000`, v.FirmID(), sp.Person, sp.From, sp.To).Scan(ctx, &list)
	return list, err
}

// cellOf are the entries of one day, project and task of a person, held until the transaction ends. The person's own
// row is held first, so that two tabs write one after the other, also where there is no entry yet.
func cellOf(ctx context.Context, tx bun.IDB, v auth.Viewer, c cellKey) ([]piece, error) {
	if _, err := tx.NewRaw("select from staff s where s.firm_id = ? and s.person_id = ? for update", v.FirmID(), v.PersonID).Exec(ctx); err != nil {
		return nil, err
	}
	var list []piece
	err := tx.NewRaw(`
		select e.id, e.client_id, e.project_id, e.task, e.work_date, e.minutes, e.version, e.state, e.client_note, e.internal_notes, e.billable, e.handed_at, e.returned
		from time.entry e
		where e.firm_id = ? and e.person_id = ? and e.project_id = ? and e.task = ? and e.work_date = ?
		order by e.id
		for update`, v.FirmID(), v.PersonID, c.ProjectID, c.Task, c.On).Scan(ctx, &list)
	return list, err
}

// setMinutes changes a draft's length.
func setMinutes(ctx context.Context, tx bun.IDB, v auth.Viewer, entry uuid.UUID, minutes int) error {
	return unlessMoved(tx.NewRaw(`
		update time.entry set minutes = ?, version = version + 1, updated_at = now()
		where firm_id = ? and id = ? and person_id = ? and state = 'draft'`, minutes, v.FirmID(), entry, v.PersonID).Exec(ctx))
}

// dayTotals are the minutes of each day of a span.
func dayTotals(ctx context.Context, tx bun.IDB, v auth.Viewer, sp span) (map[day.Day]int, error) {
	var rows []struct {
		WorkDate day.Day
		Minutes  int
	}
	err := tx.NewRaw(`
		select e.work_date, sum(e.minutes) as minutes
		from time.entry e
		where e.firm_id = ? and e.person_id = ? and e.work_date between ? and ?
		group by e.work_date`, v.FirmID(), sp.Person, sp.From, sp.To).Scan(ctx, &rows)
	totals := map[day.Day]int{}
	for _, row := range rows {
		totals[row.WorkDate] = row.Minutes
	}
	return totals, err
}

// lineTotal are the minutes of one row.
func lineTotal(ctx context.Context, tx bun.IDB, v auth.Viewer, sp span, c cellKey) (n int, err error) {
	err = tx.NewRaw(`
		select coalesce(sum(e.minutes), 0)
		from time.entry e
		where e.firm_id = ? and e.person_id = ? and e.work_date between ? and ? and e.project_id = ? and e.task = ?`,
		v.FirmID(), sp.Person, sp.From, sp.To, c.ProjectID, c.Task).Scan(ctx, &n)
	return n, err
}

// addLine puts an empty row on a week sheet; there once, it is there.
func addLine(ctx context.Context, tx bun.IDB, v auth.Viewer, week day.Day, project uuid.UUID, task string) error {
	_, err := tx.NewRaw(`
		insert into time.line (firm_id, person_id, week, client_id, project_id, task)
		select pr.firm_id, ?, ?, pr.client_id, pr.id, ?
		from project pr
		where pr.firm_id = ? and pr.id = ? and pr.status <> 'archived'
		on conflict do nothing`, v.PersonID, week, task, v.FirmID(), project).Exec(ctx)
	return err
}

// dropLine takes an empty row off a week sheet.
func dropLine(ctx context.Context, tx bun.IDB, v auth.Viewer, week day.Day, project uuid.UUID, task string) error {
	_, err := tx.NewRaw(`delete from time.line where firm_id = ? and person_id = ? and week = ? and project_id = ? and task = ?`,
		v.FirmID(), v.PersonID, week, project, task).Exec(ctx)
	return err
}

// copyLines puts the rows of another week on a sheet, without their hours.
func copyLines(ctx context.Context, tx bun.IDB, v auth.Viewer, from, week day.Day) (n int, err error) {
	return changed(tx.NewRaw(`
		insert into time.line (firm_id, person_id, week, client_id, project_id, task)
		select distinct x.firm_id, x.person_id, ?3::date, x.client_id, x.project_id, x.task
		from (
			select e.firm_id, e.person_id, e.client_id, e.project_id, e.task
			from time.entry e where e.firm_id = ?0 and e.person_id = ?1 and e.work_date between ?2 and ?4
			union
			select l.firm_id, l.person_id, l.client_id, l.project_id, l.task
			from time.line l where l.firm_id = ?0 and l.person_id = ?1 and l.week = ?2) x
		join project pr on pr.firm_id = ?0 and pr.id = x.project_id and pr.status <> 'archived'
		on conflict do nothing`, v.FirmID(), v.PersonID, from, week, from.Add(6)).Exec(ctx))
}

// timerOf is the viewer's running timer; ok is false when none runs.
func timerOf(ctx context.Context, tx bun.IDB, v auth.Viewer) (t Timer, ok bool, err error) {
	err = tx.NewRaw(`
		select t.client_id, t.project_id, t.task, t.client_note, t.started_at, pr.name as project, cl.name as client
		from time.timer t
		join project pr on pr.firm_id = t.firm_id and pr.id = t.project_id
		join client cl on cl.firm_id = t.firm_id and cl.id = t.client_id
		where t.firm_id = ? and t.person_id = ?`, v.FirmID(), v.PersonID).Scan(ctx, &t)
	if errors.Is(err, sql.ErrNoRows) {
		return t, false, nil
	}
	return t, err == nil, err
}

// takeTimer ends the viewer's timer: of two who stop it at once, one gets it.
func takeTimer(ctx context.Context, tx bun.IDB, v auth.Viewer) (t Timer, ok bool, err error) {
	err = tx.NewRaw(`
		delete from time.timer where firm_id = ? and person_id = ?
		returning client_id, project_id, task, client_note, started_at`, v.FirmID(), v.PersonID).Scan(ctx, &t)
	if errors.Is(err, sql.ErrNoRows) {
		return t, false, nil
	}
	return t, err == nil, err
}

// setTimer starts one; the person has no other.
func setTimer(ctx context.Context, tx bun.IDB, v auth.Viewer, t Timer) error {
	n, err := changed(tx.NewRaw(`
		insert into time.timer (firm_id, person_id, client_id, project_id, task, client_note, started_at)
		select pr.firm_id, ?, pr.client_id, pr.id, ?, ?, ?
		from project pr
		where pr.firm_id = ? and pr.id = ? and pr.status <> 'archived'
		on conflict (firm_id, person_id) do nothing`, v.PersonID, t.Task, t.ClientNote, t.StartedAt, v.FirmID(), t.ProjectID).Exec(ctx))
	if err == nil && n == 0 {
		return errRunning
	}
	return err
}
