package dailylogs

import (
	"context"
	"database/sql"
	"errors"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"portico/platform/auth"
	"portico/platform/db"
	"portico/platform/fault"
	"portico/platform/id"
)

// setting is what a firm has chosen.
type setting struct {
	Shares, Notifies, Weather bool
	Unit                      string
}

// unit is what temperatures are in: the firm's choice, or what is usual where it is.
func (s setting) unit(f auth.Firm) string {
	if s.Unit != "" {
		return s.Unit
	}
	return usualUnit(f.Locale)
}

func settingOf(ctx context.Context, tx bun.IDB, v auth.Viewer) (setting, error) {
	s := setting{Shares: true}
	err := tx.NewRaw(`
		select s.shares, s.notifies, s.weather, s.unit from dailylogs.setting s
		where s.firm_id = ?`, v.FirmID()).Scan(ctx, &s)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return s, err
}

func saveSetting(ctx context.Context, tx bun.IDB, v auth.Viewer, s setting) error {
	_, err := tx.NewRaw(`
		insert into dailylogs.setting (firm_id, shares, notifies, weather, unit) values (?, ?, ?, ?, ?)
		on conflict (firm_id) do update set shares = excluded.shares, notifies = excluded.notifies, weather = excluded.weather,
			unit = excluded.unit, updated_at = now()`, v.FirmID(), s.Shares, s.Notifies, s.Weather, s.Unit).Exec(ctx)
	return err
}

func addTag(ctx context.Context, tx bun.IDB, v auth.Viewer, name string, internal bool) (uuid.UUID, error) {
	tag := id.New()
	err := db.One(tx.NewRaw(`
		insert into dailylogs.tag (firm_id, id, name, internal) values (?, ?, ?, ?)
		on conflict (firm_id, lower(name)) where archived_at is null do nothing`, v.FirmID(), tag, name, internal).Exec(ctx))
	if errors.Is(err, sql.ErrNoRows) {
		return tag, fault.Field("name", "There is a tag with this name already.")
	}
	return tag, err
}

func archiveTag(ctx context.Context, tx bun.IDB, v auth.Viewer, tag uuid.UUID) (name string, err error) {
	err = tx.NewRaw(`
		update dailylogs.tag set archived_at = now()
		where firm_id = ? and id = ? and archived_at is null
		returning name`, v.FirmID(), tag).Scan(ctx, &name)
	return name, db.Found(err)
}

func questionByID(ctx context.Context, tx bun.IDB, v auth.Viewer, question uuid.UUID) (Question, error) {
	var q Question
	err := tx.NewRaw(`
		select q.id, q.text, q.kind, q.choices, q.category, q.required, q.position, q.archived_at is not null as archived
		from dailylogs.question q
		where q.firm_id = ? and q.id = ?`, v.FirmID(), question).Scan(ctx, &q)
	return q, db.Found(err)
}

func addQuestion(ctx context.Context, tx bun.IDB, v auth.Viewer, f questionForm) (uuid.UUID, error) {
	question := id.New()
	_, err := tx.NewRaw(`
		insert into dailylogs.question (firm_id, id, text, kind, choices, category, required, position)
		select ?0, ?1, ?2, ?3, ?4::text[], ?5, ?6, coalesce(max(q.position), 0) + 1
		from dailylogs.question q
		where q.firm_id = ?0`,
		v.FirmID(), question, f.Text, f.Kind, pgdialect.Array(f.choices()), f.Category, f.Required).Exec(ctx)
	return question, err
}

func saveQuestion(ctx context.Context, tx bun.IDB, v auth.Viewer, question uuid.UUID, f questionForm) error {
	return db.Found(db.One(tx.NewRaw(`
		update dailylogs.question set text = ?, kind = ?, choices = ?::text[], category = ?, required = ?
		where firm_id = ? and id = ?`,
		f.Text, f.Kind, pgdialect.Array(f.choices()), f.Category, f.Required, v.FirmID(), question).Exec(ctx)))
}

// putAway stops asking a question, or asks it again; what was answered stays.
func putAway(ctx context.Context, tx bun.IDB, v auth.Viewer, question uuid.UUID, away bool) error {
	return db.Found(db.One(tx.NewRaw(`
		update dailylogs.question set archived_at = case when ?0 then now() end
		where firm_id = ?1 and id = ?2 and (archived_at is not null) <> ?0`, away, v.FirmID(), question).Exec(ctx)))
}

// moveQuestion changes places with the one before or after it. At an end it stays.
func moveQuestion(ctx context.Context, tx bun.IDB, v auth.Viewer, question uuid.UUID, up bool) error {
	list, err := listQuestions(ctx, tx, v, false)
	if err != nil {
		return err
	}
	for i, q := range list {
		if q.ID != question {
			continue
		}
		j := i + 1
		if up {
			j = i - 1
		}
		if j < 0 || j >= len(list) {
			return nil
		}
		_, err := tx.NewRaw(`
			update dailylogs.question set position = case when id = ?0 then ?1::int else ?2::int end
			where firm_id = ?3 and id in (?0, ?4)`, q.ID, list[j].Position, q.Position, v.FirmID(), list[j].ID).Exec(ctx)
		return err
	}
	return fault.NotFound()
}
