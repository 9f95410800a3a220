package schedule

import (
	"context"
	"database/sql"
	"errors"
	"slices"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"portico/platform/auth"
	"portico/platform/db"
	"portico/platform/id"
)

// Setting is what a firm's schedules begin with.
type Setting struct {
	Week        Week
	DefaultView string
	Version     int
}

// usual is what a firm has that has set nothing.
var usual = Setting{Week: MondayToFriday, DefaultView: "gantt"}

func settingOf(ctx context.Context, tx bun.IDB, v auth.Viewer) (Setting, error) {
	s := usual
	err := tx.NewRaw("select s.week, s.default_view, s.version from schedule.setting s where s.firm_id = ?", v.FirmID()).Scan(ctx, &s)
	if errors.Is(err, sql.ErrNoRows) {
		return usual, nil
	}
	return s, err
}

func saveSetting(ctx context.Context, tx bun.IDB, v auth.Viewer, s Setting) error {
	err := db.One(tx.NewRaw(`
		insert into schedule.setting as s (firm_id, week, default_view) values (?, ?, ?)
		on conflict (firm_id) do update set week = excluded.week, default_view = excluded.default_view, version = s.version + 1, updated_at = now()
		where s.version = ?`, v.FirmID(), s.Week, s.DefaultView, s.Version).Exec(ctx))
	if errors.Is(err, sql.ErrNoRows) {
		return errMeanwhile
	}
	return err
}

// mostDaysOff is more than anybody needs.
const mostDaysOff = 1000

// daysOff are the firm's exceptions, and those of some projects.
func daysOff(ctx context.Context, tx bun.IDB, v auth.Viewer, projects ...uuid.UUID) ([]DayOff, error) {
	var list []DayOff
	err := tx.NewRaw(`
		select d.id, d.project_id, d.first_on as first, d.last_on as last, d.works, d.name
		from schedule.day_off d
		where d.firm_id = ? and (d.project_id is null or d.project_id = any(?::uuid[]))
		order by d.first_on, d.id
		limit ?`, v.FirmID(), pgdialect.Array(projects), mostDaysOff*(1+len(projects))).Scan(ctx, &list)
	return list, err
}

// calendarOf is the calendar of a project.
func calendarOf(ctx context.Context, tx bun.IDB, v auth.Viewer, project uuid.UUID) (Calendar, []DayOff, error) {
	s, err := settingOf(ctx, tx, v)
	if err != nil {
		return Calendar{}, nil, err
	}
	days, err := daysOff(ctx, tx, v, project)
	return NewCalendar(s.Week, days), days, err
}

// calendarsOf are the calendars of several projects, each with its own exceptions.
func calendarsOf(ctx context.Context, tx bun.IDB, v auth.Viewer, week Week, projects []uuid.UUID) (map[uuid.UUID]Calendar, error) {
	days, err := daysOff(ctx, tx, v, projects...)
	if err != nil {
		return nil, err
	}
	all := make(map[uuid.UUID]Calendar, len(projects))
	for _, project := range projects {
		all[project] = NewCalendar(week, slices.DeleteFunc(slices.Clone(days), func(d DayOff) bool { return d.Own() && d.ProjectID != project }))
	}
	return all, nil
}

func addDayOff(ctx context.Context, tx bun.IDB, v auth.Viewer, d DayOff) error {
	_, err := tx.NewRaw(`
		insert into schedule.day_off (firm_id, id, project_id, first_on, last_on, works, name) values (?, ?, ?, ?, ?, ?, ?)`,
		v.FirmID(), id.New(), db.NullID(d.ProjectID), d.First, d.Last, d.Works, d.Name).Exec(ctx)
	return err
}

// dropDayOff answers which it was.
func dropDayOff(ctx context.Context, tx bun.IDB, v auth.Viewer, project, one uuid.UUID) (DayOff, error) {
	var d DayOff
	err := tx.NewRaw(`
		delete from schedule.day_off where firm_id = ? and id = ? and project_id is not distinct from ?
		returning id, project_id, first_on as first, last_on as last, works, name`, v.FirmID(), one, db.NullID(project)).Scan(ctx, &d)
	return d, db.Found(err)
}
