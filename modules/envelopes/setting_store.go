package envelopes

import (
	"context"
	"database/sql"
	"errors"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/db"
	"portico/platform/id"
)

func settingOf(ctx context.Context, tx bun.IDB, v auth.Viewer) (Setting, error) {
	s := usual
	err := tx.NewRaw(`select deadline_days, remind_days, ask_code, version from envelopes.setting where firm_id = ?`, v.FirmID()).Scan(ctx, &s)
	if errors.Is(err, sql.ErrNoRows) {
		return usual, nil
	}
	return s, err
}

func saveSetting(ctx context.Context, tx bun.IDB, v auth.Viewer, s Setting) error {
	return moved(db.One(tx.NewRaw(`
		insert into envelopes.setting as s (firm_id, deadline_days, remind_days, ask_code) values (?, ?, ?, ?)
		on conflict (firm_id) do update set deadline_days = excluded.deadline_days, remind_days = excluded.remind_days, ask_code = excluded.ask_code,
			version = s.version + 1
		where s.version = ?`, v.FirmID(), s.DeadlineDays, s.RemindDays, s.AskCode, s.Version).Exec(ctx)))
}

// templatesOf are the firm's templates: its own, and those of the program as the firm has changed them.
func templatesOf(ctx context.Context, tx bun.IDB, v auth.Viewer) ([]Template, error) {
	var own []Template
	err := tx.NewRaw(`
		select id, kind, name, title, body, stages, archived_at, version
		from envelopes.template
		where firm_id = ?
		order by kind, lower(name), id
		limit 500`, v.FirmID()).Scan(ctx, &own)
	return withBuiltins(own), err
}

func templateByID(ctx context.Context, tx bun.IDB, v auth.Viewer, one uuid.UUID) (Template, error) {
	var t Template
	err := tx.NewRaw(`
		select id, kind, name, title, body, stages, archived_at, version from envelopes.template where firm_id = ? and id = ?`, v.FirmID(), one).Scan(ctx, &t)
	if errors.Is(err, sql.ErrNoRows) {
		for _, b := range builtins {
			if b.ID == one {
				return b, nil
			}
		}
	}
	return t, db.Found(err)
}

// saveTemplate keeps a template; version 0 is one that was not kept before.
func saveTemplate(ctx context.Context, tx bun.IDB, v auth.Viewer, t Template) (uuid.UUID, error) {
	if t.ID == uuid.Nil {
		t.ID = id.New()
	}
	return t.ID, moved(db.One(tx.NewRaw(`
		insert into envelopes.template as t (firm_id, id, kind, name, title, body, stages, archived_at) values (?, ?, ?, ?, ?, ?, ?, ?)
		on conflict (firm_id, id) do update set kind = excluded.kind, name = excluded.name, title = excluded.title, body = excluded.body,
			stages = excluded.stages, archived_at = excluded.archived_at, version = t.version + 1, updated_at = now()
		where t.version = ?`, v.FirmID(), t.ID, t.Kind, t.Name, t.Title, t.Body, t.Stages, nullTime(t.ArchivedAt), t.Version).Exec(ctx)))
}
