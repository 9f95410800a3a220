package dailylogs

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"portico/platform/auth"
	"portico/platform/day"
	"portico/platform/db"
	"portico/platform/fault"
	"portico/platform/files"
	"portico/platform/id"
)

// Photo is a picture of a log.
type Photo struct {
	ID, LogID, FileID uuid.UUID
	Caption           string
	QuestionID        uuid.UUID
	Shown             bool // clients see it once the log is submitted and shared
	TakenAt           time.Time
	Position          int
	FileState         string // new, ready, damaged
	Scan              string // off, waiting, clean, infected
	FileName          string // staff only: as the device called it

	LogDate day.Day // in lists of many logs
	Project string
}

// Thumb is the address of the small picture.
func (p Photo) Thumb() string { return files.URL(p.FileID, "thumb") }

// Medium is the address of the one that fills a card.
func (p Photo) Medium() string { return files.URL(p.FileID, "medium") }

// Large is the address of the one that fills a screen.
func (p Photo) Large() string { return files.URL(p.FileID, "large") }

// Damaged reports whether nothing could be made of it.
func (p Photo) Damaged() bool { return p.FileState == "damaged" }

// Opens reports whether it may be looked at: the virus scanner has nothing against it, or there is none.
func (p Photo) Opens() bool { return p.Scan == "off" || p.Scan == "clean" }

// Infected reports whether the virus scanner has found something in it.
func (p Photo) Infected() bool { return p.Scan == "infected" }

// photosOf are the photos of one log, as staff see them.
func photosOf(ctx context.Context, tx bun.IDB, v auth.Viewer, log uuid.UUID) ([]Photo, error) {
	var list []Photo
	if v.Side != auth.Office && v.Side != auth.Program {
		return nil, nil
	}
	err := tx.NewRaw(`
		select p.id, p.log_id, p.file_id, p.caption, p.question_id, p.shown, p.taken_at, p.position, p.scan, fi.state as file_state, fi.name as file_name
		from dailylogs.photo p
		join file fi on fi.firm_id = p.firm_id and fi.id = p.file_id
		where p.firm_id = ? and p.log_id = ? and p.removed_at is null
		order by p.position, p.id`, v.FirmID(), log).Scan(ctx, &list)
	return list, err
}

// thumbsOf are the first photos of logs in the office's list.
func thumbsOf(ctx context.Context, tx bun.IDB, v auth.Viewer, all []uuid.UUID, most int) (map[uuid.UUID][]Photo, error) {
	if len(all) == 0 {
		return nil, nil
	}
	var rows []Photo
	err := tx.NewRaw(`
		select p.id, p.log_id, p.file_id, p.caption
		from (
			select p.id, p.log_id, p.file_id, p.caption, row_number() over (partition by p.log_id order by p.position, p.id) as place
			from dailylogs.photo p
			where p.firm_id = ? and p.log_id = any(?::uuid[]) and p.removed_at is null and p.scan in ('off', 'clean')
		) p
		where p.place <= ?
		order by p.log_id, p.place`, v.FirmID(), pgdialect.Array(all), most).Scan(ctx, &rows)
	thumbs := map[uuid.UUID][]Photo{}
	for _, row := range rows {
		thumbs[row.LogID] = append(thumbs[row.LogID], row)
	}
	return thumbs, err
}

// photoWithKey is the photo that a device has sent already; gone when it was removed since.
func photoWithKey(ctx context.Context, tx bun.IDB, v auth.Viewer, log, key uuid.UUID) (p Photo, gone bool, err error) {
	var row struct {
		Photo
		Gone bool
	}
	err = tx.NewRaw(`
		select p.id, p.log_id, p.file_id, p.caption, p.question_id, p.shown, p.taken_at, p.position, p.scan, fi.state as file_state, p.removed_at is not null as gone
		from dailylogs.photo p
		left join file fi on fi.firm_id = p.firm_id and fi.id = p.file_id
		where p.firm_id = ? and p.log_id = ? and p.key = ?`, v.FirmID(), log, key).Scan(ctx, &row)
	return row.Photo, row.Gone, db.Found(err)
}

func countPhotos(ctx context.Context, tx bun.IDB, v auth.Viewer, log uuid.UUID) (n int, err error) {
	err = tx.NewRaw(`select count(*) from dailylogs.photo p where p.firm_id = ? and p.log_id = ?`, v.FirmID(), log).Scan(ctx, &n)
	return n, err
}

// addPhoto adds one at the end of a log. fresh is false when the same photo came at the same time by another way.
func addPhoto(ctx context.Context, tx bun.IDB, v auth.Viewer, l Log, key uuid.UUID, p *Photo) (fresh bool, err error) {
	p.ID, p.LogID, p.Shown = id.New(), l.ID, true
	done, err := tx.NewRaw(`
		insert into dailylogs.photo (firm_id, id, log_id, client_id, key, file_id, caption, question_id, taken_at, position, created_by, scan)
		select ?0, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, coalesce(max(p.position), 0) + 1, ?9, ?10
		from dailylogs.photo p
		where p.firm_id = ?0 and p.log_id = ?2
		on conflict (firm_id, log_id, key) do nothing`,
		v.FirmID(), p.ID, l.ID, l.ClientID, key, p.FileID, p.Caption, db.NullID(p.QuestionID), nullTime(p.TakenAt), v.PersonID, p.Scan).Exec(ctx)
	if err != nil {
		return false, err
	}
	n, err := done.RowsAffected()
	return n > 0, err
}

// savePhoto keeps what is said of a photo. In a log that clients read, what is hidden is hidden at once; all else they get
// with the next submission.
func savePhoto(ctx context.Context, tx bun.IDB, v auth.Viewer, p Photo) error {
	return db.One(tx.NewRaw(`
		update dailylogs.photo set caption = ?, shown = ?
		where firm_id = ? and id = ? and removed_at is null`, p.Caption, p.Shown, v.FirmID(), p.ID).Exec(ctx))
}

func removePhoto(ctx context.Context, tx bun.IDB, v auth.Viewer, l Log, photo uuid.UUID) error {
	return db.Found(db.One(tx.NewRaw(`
		update dailylogs.photo set removed_at = now(), removed_by = ?
		where firm_id = ? and log_id = ? and id = ? and removed_at is null`, v.PersonID, v.FirmID(), l.ID, photo).Exec(ctx)))
}

// guard answers for the file library: who may see a photo, and what it is called now. Clients do not read the name that
// the device gave it.
func guard(ctx context.Context, tx bun.IDB, v auth.Viewer, file uuid.UUID) (name string, err error) {
	switch {
	case v.Side == auth.Office && v.May(write):
		err = readable(tx.NewSelect().
			TableExpr("dailylogs.photo AS p").
			ColumnExpr("fi.name").
			Join("JOIN dailylogs.log AS l ON l.firm_id = p.firm_id AND l.id = p.log_id").
			Join("JOIN file AS fi ON fi.firm_id = p.firm_id AND fi.id = p.file_id").
			Where("p.firm_id = ?", v.FirmID()).
			Where("p.file_id = ?", file).
			Where("p.removed_at IS NULL").
			Where("p.scan IN ('off', 'clean')"), v).Limit(1).Scan(ctx, &name)
		return name, db.Found(err)
	case v.Side != auth.Portal:
		return "", fault.NotFound()
	}
	var p Photo
	q := tx.NewSelect().
		Model(&p).
		ModelTableExpr("dailylogs.photo AS p").
		ColumnExpr("p.id, p.told_caption AS caption, p.position, l.told_date AS log_date, pr.name AS project").
		Join("JOIN dailylogs.log AS l ON l.firm_id = p.firm_id AND l.id = p.log_id").
		Join("JOIN project AS pr ON pr.firm_id = l.firm_id AND pr.id = l.project_id").
		Where("p.file_id = ?", file).
		Where("p.shown AND p.told AND p.removed_at IS NULL").
		Where("p.scan IN ('off', 'clean')")
	err = visible(q, v).Limit(1).Scan(ctx)
	return p.name(), db.Found(err)
}

func nullTime(t time.Time) bun.NullTime { return bun.NullTime{Time: t} }
