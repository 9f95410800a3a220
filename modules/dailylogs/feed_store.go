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
	"portico/platform/db/paging"
)

// Entry is a log as clients read it: a revision, and nothing of what its author is still writing.
type Entry struct {
	ID, ClientID, ProjectID uuid.UUID
	LogDate                 day.Day // as it was submitted
	Revision                int
	Told                    Told `bun:"type:jsonb"`
	SubmittedAt             time.Time
	Author, Project         string

	Photos   []Photo `bun:"-"`
	More     int     `bun:"-"` // photos beyond those
	Tags     []Tag   `bun:"-"`
	Comments int     `bun:"-"`
}

// Edited reports whether it was submitted more than once.
func (e Entry) Edited() bool { return e.Revision > 1 }

// visible narrows a query over dailylogs.log AS l to what a client may see at all: submitted, shared, of projects in view.
func visible(q *bun.SelectQuery, v auth.Viewer) *bun.SelectQuery {
	q = q.Where("l.firm_id = ?", v.FirmID())
	ids := v.ProjectIDs(section)
	if v.Side != auth.Portal || len(ids) == 0 || !v.May(see) {
		return q.Where("false")
	}
	return q.
		Where("l.client_id = ?", v.ClientID).
		Where("l.project_id IN (?)", bun.List(ids)).
		Where("l.shared").
		Where("l.state IN ('submitted', 'reopened')")
}

// entries is where every read of clients begins.
func entries(tx bun.IDB, v auth.Viewer, into any) *bun.SelectQuery {
	q := tx.NewSelect().
		Model(into).
		ModelTableExpr("dailylogs.log AS l").
		ColumnExpr("l.id, l.client_id, l.project_id, l.told_date AS log_date, l.revision, r.told, r.submitted_at, au.name AS author, pr.name AS project").
		Join("JOIN dailylogs.revision AS r ON r.firm_id = l.firm_id AND r.log_id = l.id AND r.number = l.revision").
		Join("JOIN person AS au ON au.firm_id = l.firm_id AND au.id = l.author_id").
		Join("JOIN project AS pr ON pr.firm_id = l.firm_id AND pr.id = l.project_id")
	return visible(q, v)
}

// logsSeen are those of the named logs that the viewer may read: clients what was submitted for them.
func logsSeen(ctx context.Context, tx bun.IDB, v auth.Viewer, ids []uuid.UUID) (seen []uuid.UUID, err error) {
	if v.Side != auth.Portal {
		var list []Log
		err = logs(tx, v, &list).Where("l.id IN (?)", bun.List(ids)).Scan(ctx)
		for _, l := range list {
			seen = append(seen, l.ID)
		}
		return seen, err
	}
	var list []Entry
	err = entries(tx, v, &list).Where("l.id IN (?)", bun.List(ids)).Scan(ctx)
	for _, e := range list {
		seen = append(seen, e.ID)
	}
	return seen, err
}

func entryByID(ctx context.Context, tx bun.IDB, v auth.Viewer, log uuid.UUID) (Entry, error) {
	var e Entry
	if err := entries(tx, v, &e).Where("l.id = ?", log).Scan(ctx); err != nil {
		return e, db.Found(err)
	}
	list := []Entry{e}
	err := dress(ctx, tx, v, list, mostPhotos)
	return list[0], err
}

// feed gives one page of what a client reads, with the first photos of each log.
func feed(ctx context.Context, tx bun.IDB, v auth.Viewer, f filter, from paging.Place) ([]Entry, paging.Turns, error) {
	var list []Entry
	q := f.narrow(entries(tx, v, &list), v)
	if f.Query != "" {
		found, err := lookFor(ctx, tx, v, f.Query)
		if err != nil {
			return nil, paging.Turns{}, err
		}
		q = found.narrow(q, v)
	}
	if f.WithPhoto {
		q = q.Where("EXISTS (SELECT FROM dailylogs.photo p WHERE p.firm_id = l.firm_id AND p.log_id = l.id AND p.shown AND p.told AND p.removed_at IS NULL AND p.scan IN ('off', 'clean'))")
	}
	if err := f.order(q, v, from).Limit(inFeed + 1).Scan(ctx); err != nil {
		return nil, paging.Turns{}, err
	}
	page, turns := paging.Cut(list, inFeed, from, func(e Entry) paging.Cursor { return paging.Cursor{Key: e.LogDate.String(), ID: e.ID} })
	return page, turns, dress(ctx, tx, v, page, thumbsInFeed)
}

// dress adds the photos and tags of logs, each by one query.
func dress(ctx context.Context, tx bun.IDB, v auth.Viewer, list []Entry, photos int) error {
	if len(list) == 0 {
		return nil
	}
	ids := make([]uuid.UUID, len(list))
	at := map[uuid.UUID]*Entry{}
	for i := range list {
		ids[i], at[list[i].ID] = list[i].ID, &list[i]
	}
	var rows []struct {
		Photo
		Of int
	}
	err := tx.NewRaw(`
		select p.id, p.log_id, p.file_id, p.caption, p.taken_at, p.shown, p.position, p.of, p.file_state
		from (
			select p.id, p.log_id, p.file_id, p.told_caption as caption, p.taken_at, p.shown, fi.state as file_state,
				row_number() over (partition by p.log_id order by p.position, p.id) as position, count(*) over (partition by p.log_id) as of
			from dailylogs.photo p
			join file fi on fi.firm_id = p.firm_id and fi.id = p.file_id and fi.state <> 'damaged'
			where p.firm_id = ? and p.log_id = any(?::uuid[]) and p.shown and p.told and p.removed_at is null and p.scan in ('off', 'clean')
		) p
		where p.position <= ?
		order by p.log_id, p.position`, v.FirmID(), pgdialect.Array(ids), photos).Scan(ctx, &rows)
	if err != nil {
		return err
	}
	for _, row := range rows {
		e := at[row.LogID]
		e.Photos, e.More = append(e.Photos, row.Photo), row.Of-min(row.Of, photos)
	}
	tags, err := tagsOf(ctx, tx, v, ids)
	for i := range list {
		list[i].Tags = tags[list[i].ID]
	}
	return err
}

// feedPhotos are the photos of all logs that a filter shows, the newest day first: for the gallery, and to download them.
func feedPhotos(ctx context.Context, tx bun.IDB, v auth.Viewer, f filter, from paging.Place, limit int) ([]Photo, error) {
	var list []Photo
	q := tx.NewSelect().
		Model(&list).
		ModelTableExpr("dailylogs.log AS l").
		ColumnExpr("p.id, p.log_id, p.file_id, p.told_caption AS caption, p.taken_at, p.position, p.shown, fi.state AS file_state, l.told_date AS log_date, pr.name AS project").
		Join("JOIN dailylogs.photo AS p ON p.firm_id = l.firm_id AND p.log_id = l.id AND p.shown AND p.told AND p.removed_at IS NULL AND p.scan IN ('off', 'clean')").
		Join("JOIN file AS fi ON fi.firm_id = p.firm_id AND fi.id = p.file_id AND fi.state <> 'damaged'").
		Join("JOIN project AS pr ON pr.firm_id = l.firm_id AND pr.id = l.project_id")
	q = f.narrow(visible(q, v), v)
	down := !from.Back
	if !from.At.IsZero() {
		q = q.Where("(l.told_date, p.id) ? (?, ?)", paging.Beyond(down), from.At.Key, from.At.ID)
	}
	err := q.OrderExpr("l.told_date ?0, p.id ?0", paging.Way(down)).Limit(int64(limit)).Scan(ctx)
	return list, err
}

// tagsInFeed are the tags that a client finds logs by.
func tagsInFeed(ctx context.Context, tx bun.IDB, v auth.Viewer) ([]Tag, error) {
	var list []Tag
	q := tx.NewSelect().
		Model(&list).
		ModelTableExpr("dailylogs.tag AS t").
		ColumnExpr("t.id, t.name").
		Where("t.firm_id = ?", v.FirmID()).
		Where("NOT t.internal").
		Where("EXISTS (?)", visible(tx.NewSelect().
			TableExpr("dailylogs.told_tag AS lt").
			ColumnExpr("1").
			Join("JOIN dailylogs.log AS l ON l.firm_id = lt.firm_id AND l.id = lt.log_id").
			Where("lt.firm_id = t.firm_id").
			Where("lt.tag_id = t.id"), v))
	err := q.OrderExpr("lower(t.name)").Limit(100).Scan(ctx)
	return list, err
}

// latest is the newest log, if there is one, with its first photos.
func latest(ctx context.Context, tx bun.IDB, v auth.Viewer) ([]Entry, error) {
	var list []Entry
	if err := entries(tx, v, &list).OrderExpr("l.told_date DESC, l.id DESC").Limit(1).Scan(ctx); err != nil {
		return nil, err
	}
	return list, dress(ctx, tx, v, list, 4)
}

// neighbours are the logs before and after one; Nil where there is none.
func neighbours(ctx context.Context, tx bun.IDB, v auth.Viewer, e Entry) (before, after uuid.UUID, err error) {
	for _, way := range []struct {
		into *uuid.UUID
		down bool
	}{{&before, true}, {&after, false}} {
		var ids []uuid.UUID
		err := visible(tx.NewSelect().TableExpr("dailylogs.log AS l").ColumnExpr("l.id"), v).
			Where("(l.told_date, l.id) ? (?, ?)", paging.Beyond(way.down), e.LogDate, e.ID).
			OrderExpr("l.told_date ?0, l.id ?0", paging.Way(way.down)).
			Limit(1).
			Scan(ctx, &ids)
		if err != nil {
			return before, after, err
		}
		if len(ids) > 0 {
			*way.into = ids[0]
		}
	}
	return before, after, nil
}
