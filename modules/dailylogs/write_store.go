package dailylogs

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"portico/platform/auth"
	"portico/platform/day"
	"portico/platform/db"
	"portico/platform/fault"
	"portico/platform/id"
)

// start begins a log, or goes on with the one that the viewer has begun for that day.
func start(ctx context.Context, tx bun.IDB, v auth.Viewer, w work, on day.Day, unit string) (log uuid.UUID, fresh bool, err error) {
	if _, err = tx.NewRaw(`select pg_advisory_xact_lock(hashtextextended(?, 43))`, w.ID.String()+v.PersonID.String()).Exec(ctx); err != nil {
		return log, false, err
	}
	err = tx.NewRaw(`
		select l.id from dailylogs.log l
		where l.firm_id = ? and l.project_id = ? and l.author_id = ? and l.state = 'draft' and l.log_date = ?
		order by l.id desc
		limit 1`, v.FirmID(), w.ID, v.PersonID, on).Scan(ctx, &log)
	if err == nil || !errors.Is(err, sql.ErrNoRows) {
		return log, false, err
	}
	log = id.New()
	_, err = tx.NewRaw(`
		insert into dailylogs.log (firm_id, id, client_id, project_id, log_date, author_id, unit)
		values (?, ?, ?, ?, ?, ?, ?)`, v.FirmID(), log, w.ClientID, w.ID, on, v.PersonID, unit).Exec(ctx)
	return log, true, err
}

// saveLog keeps what is typed. Whoever saves on top of something newer is told so.
func saveLog(ctx context.Context, tx bun.IDB, v auth.Viewer, l Log) error {
	err := db.One(tx.NewRaw(`
		update dailylogs.log
		set log_date = ?, text = ?, text_shown = ?, client_text = ?, notes = ?, sky = ?, high = ?, low = ?, unit = ?, weather_note = ?, weather_from = ?,
			version = version + 1, updated_at = now()
		where firm_id = ? and id = ? and version = ? and state in ('draft', 'reopened')`,
		l.LogDate, l.Text, l.TextShown, l.ClientText, l.Notes, l.Sky, l.High, l.Low, l.Unit, l.WeatherNote, l.WeatherFrom,
		v.FirmID(), l.ID, l.Version).Exec(ctx))
	if errors.Is(err, sql.ErrNoRows) {
		return errMoved
	}
	return err
}

var errMoved = fault.Conflict("This log was changed elsewhere meanwhile. What you typed is still here: save again to replace the other version.")

func savePeople(ctx context.Context, tx bun.IDB, v auth.Viewer, log uuid.UUID, people []Present) error {
	if _, err := tx.NewRaw(`delete from dailylogs.present where firm_id = ? and log_id = ?`, v.FirmID(), log).Exec(ctx); err != nil {
		return err
	}
	for i, p := range people {
		_, err := tx.NewRaw(`
			insert into dailylogs.present (firm_id, log_id, position, name, people, minutes) values (?, ?, ?, ?, ?, ?)`,
			v.FirmID(), log, i, p.Name, p.People, p.Minutes).Exec(ctx)
		if err != nil {
			return err
		}
	}
	return nil
}

// saveAnswers replaces what the form asks for. Questions that were put away are not in it: what was answered stays.
func saveAnswers(ctx context.Context, tx bun.IDB, v auth.Viewer, log uuid.UUID, answers []Answer) error {
	_, err := tx.NewRaw(`
		delete from dailylogs.answer a using dailylogs.question q
		where a.firm_id = ? and a.log_id = ? and q.firm_id = a.firm_id and q.id = a.question_id and q.archived_at is null`, v.FirmID(), log).Exec(ctx)
	if err != nil {
		return err
	}
	for _, a := range answers {
		_, err := tx.NewRaw(`
			insert into dailylogs.answer (firm_id, log_id, question_id, asked, category, text, client_text, shown) values (?, ?, ?, ?, ?, ?, ?, ?)`,
			v.FirmID(), log, a.QuestionID, a.Asked, a.Category, a.Text, a.ClientText, a.Shown).Exec(ctx)
		if err != nil {
			return err
		}
	}
	return nil
}

// saveTags replaces those that the form offers: a log keeps a tag that was put away.
func saveTags(ctx context.Context, tx bun.IDB, v auth.Viewer, log uuid.UUID, tags []uuid.UUID) error {
	_, err := tx.NewRaw(`
		delete from dailylogs.log_tag lt using dailylogs.tag t
		where lt.firm_id = ? and lt.log_id = ? and t.firm_id = lt.firm_id and t.id = lt.tag_id and t.archived_at is null`, v.FirmID(), log).Exec(ctx)
	if err != nil || len(tags) == 0 {
		return err
	}
	_, err = tx.NewRaw(`
		insert into dailylogs.log_tag (firm_id, log_id, tag_id)
		select t.firm_id, ?, t.id from dailylogs.tag t
		where t.firm_id = ? and t.id = any(?::uuid[])`, log, v.FirmID(), pgdialect.Array(tags)).Exec(ctx)
	return err
}

// submit makes the log's next revision: from now on clients read this one, if it is shared. The zero time is now.
func submit(ctx context.Context, tx bun.IDB, v auth.Viewer, l Log, told Told, kept Kept, shared bool, at time.Time) (number int, err error) {
	err = tx.NewRaw(`
		update dailylogs.log
		set state = 'submitted', revision = revision + 1, told_date = log_date, submitted_at = coalesce(?::timestamptz, now()), shared = ?, version = version + 1, updated_at = now()
		where firm_id = ? and id = ? and state in ('draft', 'reopened')
		returning revision`, nullTime(at), shared, v.FirmID(), l.ID).Scan(ctx, &number)
	if err != nil {
		return 0, db.Found(err)
	}
	_, err = tx.NewRaw(`
		insert into dailylogs.revision (firm_id, log_id, number, told, kept, submitted_by, submitted_at)
		values (?, ?, ?, ?, ?, ?, coalesce(?::timestamptz, now()))`,
		v.FirmID(), l.ID, number, told, kept, v.PersonID, nullTime(at)).Exec(ctx)
	if err != nil {
		return 0, err
	}
	if err := putWords(ctx, tx, v, l, kept.words(), told.words()); err != nil {
		return 0, err
	}
	if err := submitTags(ctx, tx, v, l.ID); err != nil {
		return 0, err
	}
	_, err = tx.NewRaw(`
		update dailylogs.photo set since = coalesce(since, ?), told = shown, told_caption = caption
		where firm_id = ? and log_id = ? and removed_at is null`, number, v.FirmID(), l.ID).Exec(ctx)
	return number, err
}

// submitTags lets clients read the log's tags as they are now.
func submitTags(ctx context.Context, tx bun.IDB, v auth.Viewer, log uuid.UUID) error {
	if _, err := tx.NewRaw(`delete from dailylogs.told_tag where firm_id = ? and log_id = ?`, v.FirmID(), log).Exec(ctx); err != nil {
		return err
	}
	_, err := tx.NewRaw(`
		insert into dailylogs.told_tag (firm_id, log_id, tag_id)
		select lt.firm_id, lt.log_id, lt.tag_id from dailylogs.log_tag lt
		where lt.firm_id = ? and lt.log_id = ?`, v.FirmID(), log).Exec(ctx)
	return err
}

func reopen(ctx context.Context, tx bun.IDB, v auth.Viewer, log uuid.UUID) error {
	return db.Found(db.One(tx.NewRaw(`
		update dailylogs.log set state = 'reopened', version = version + 1, updated_at = now()
		where firm_id = ? and id = ? and state = 'submitted'`, v.FirmID(), log).Exec(ctx)))
}

func withdraw(ctx context.Context, tx bun.IDB, v auth.Viewer, log uuid.UUID, why string) error {
	return db.Found(db.One(tx.NewRaw(`
		update dailylogs.log
		set state = 'withdrawn', withdrawn_at = now(), withdrawn_by = ?, withdrawn_why = ?, version = version + 1, updated_at = now()
		where firm_id = ? and id = ? and state in ('submitted', 'reopened')`, v.PersonID, why, v.FirmID(), log).Exec(ctx)))
}

// share opens a submitted log to the client, or closes it; changed is false when it was so already.
func share(ctx context.Context, tx bun.IDB, v auth.Viewer, log uuid.UUID, on bool) (changed bool, err error) {
	done, err := tx.NewRaw(`
		update dailylogs.log set shared = ?0, version = version + 1, updated_at = now()
		where firm_id = ?1 and id = ?2 and state in ('submitted', 'reopened') and shared <> ?0`, on, v.FirmID(), log).Exec(ctx)
	if err != nil {
		return false, err
	}
	n, err := done.RowsAffected()
	return n > 0, err
}

// noteNotified marks the revision that the client is told of; first is false when that was done already.
func noteNotified(ctx context.Context, tx bun.IDB, v auth.Viewer, log uuid.UUID) (first bool, err error) {
	done, err := tx.NewRaw(`
		update dailylogs.log set notified_revision = revision
		where firm_id = ? and id = ? and state in ('submitted', 'reopened') and notified_revision < revision`, v.FirmID(), log).Exec(ctx)
	if err != nil {
		return false, err
	}
	n, err := done.RowsAffected()
	return n > 0, err
}

// discard forgets a draft that was never submitted, and answers whose bytes are to go with it.
func discard(ctx context.Context, tx bun.IDB, v auth.Viewer, log uuid.UUID) (gone []uuid.UUID, err error) {
	err = tx.NewRaw(`
		select p.file_id from dailylogs.photo p
		where p.firm_id = ? and p.log_id = ?`, v.FirmID(), log).Scan(ctx, &gone)
	if err != nil {
		return nil, err
	}
	return gone, db.Found(db.One(tx.NewRaw(`delete from dailylogs.log where firm_id = ? and id = ? and state = 'draft'`, v.FirmID(), log).Exec(ctx)))
}

// Revision is one submission of a log.
type Revision struct {
	Number int
	Told   Told `bun:"type:jsonb"`
	Kept   Kept `bun:"type:jsonb"`
	By     string
	At     bun.NullTime
}

// revisionsOf are for staff: what was submitted when, the latest first.
func revisionsOf(ctx context.Context, tx bun.IDB, v auth.Viewer, log uuid.UUID) ([]Revision, error) {
	var list []Revision
	if v.Side != auth.Office {
		return nil, nil
	}
	err := tx.NewRaw(`
		select r.number, r.told, r.kept, p.name as by, r.submitted_at as at
		from dailylogs.revision r
		join person p on p.firm_id = r.firm_id and p.id = r.submitted_by
		where r.firm_id = ? and r.log_id = ?
		order by r.number desc
		limit 50`, v.FirmID(), log).Scan(ctx, &list)
	return list, err
}

// handOver gives the drafts of one author to another; to nobody it only counts them. What was submitted stays its author's.
func handOver(ctx context.Context, tx bun.Tx, v auth.Viewer, from, to uuid.UUID) (n int, err error) {
	if to == uuid.Nil {
		err = tx.NewRaw(`
			select count(*) from dailylogs.log l
			where l.firm_id = ? and l.author_id = ? and l.state = 'draft'`, v.FirmID(), from).Scan(ctx, &n)
		return n, err
	}
	done, err := tx.NewRaw(`
		update dailylogs.log set author_id = ?, version = version + 1, updated_at = now()
		where firm_id = ? and author_id = ? and state = 'draft'`, to, v.FirmID(), from).Exec(ctx)
	if err != nil {
		return 0, err
	}
	gone, err := done.RowsAffected()
	return int(gone), err
}
