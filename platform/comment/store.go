package comment

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"portico/platform/auth"
	"portico/platform/db"
	"portico/platform/db/paging"
)

// comments is where every read begins: staff read their firm's, clients what is theirs and meant for them. What is for
// staff only is left out here, where rows are read.
func comments(tx bun.IDB, v auth.Viewer, section string, into any) *bun.SelectQuery {
	q := tx.NewSelect().
		Model(into).
		ModelTableExpr("comment AS c").
		Column("c.id", "c.client_id", "c.project_id", "c.thing_id", "c.person_id", "c.contact_id", "c.text", "c.internal", "c.created_at", "c.withdrawn_at").
		ColumnExpr("coalesce(ct.name, p.name) AS author").
		ColumnExpr("CASE WHEN c.contact_id IS NULL AND s.show_photo THEN p.photo_id END AS photo_id").
		Join("JOIN person AS p ON p.firm_id = c.firm_id AND p.id = c.person_id").
		Join("LEFT JOIN contact AS ct ON ct.firm_id = c.firm_id AND ct.id = c.contact_id").
		Join("LEFT JOIN staff AS s ON s.firm_id = c.firm_id AND s.person_id = c.person_id")
	return readable(q, v, section)
}

// readable narrows a query over comment AS c to what the viewer may read.
func readable(q *bun.SelectQuery, v auth.Viewer, section string) *bun.SelectQuery {
	q = q.Where("c.firm_id = ?", v.FirmID()).Where("c.section = ?", section)
	switch v.Side {
	case auth.Office, auth.Program:
		return q
	case auth.Portal:
		if ids := v.ProjectIDs(section); len(ids) > 0 {
			return q.
				Where("c.client_id = ?", v.ClientID).
				Where("c.project_id IN (?)", bun.List(ids)).
				Where("NOT c.internal").
				Where("c.withdrawn_at IS NULL")
		}
	}
	return q.Where("false")
}

// onPage is how many comments are read at once.
const onPage = 100

// ofThing gives a page, the latest comment first.
func ofThing(ctx context.Context, tx bun.IDB, v auth.Viewer, section string, thing uuid.UUID, from paging.Place) ([]Comment, paging.Turns, error) {
	var list []Comment
	q := comments(tx, v, section, &list).Where("c.thing_id = ?", thing)
	down := !from.Back
	if !from.At.IsZero() {
		q = q.Where("(c.created_at, c.id) ? (?::timestamptz, ?)", paging.Beyond(down), from.At.Key, from.At.ID)
	}
	if err := q.OrderExpr("c.created_at ?0, c.id ?0", paging.Way(down)).Limit(onPage + 1).Scan(ctx); err != nil {
		return nil, paging.Turns{}, err
	}
	page, turns := paging.Cut(list, onPage, from, func(c Comment) paging.Cursor {
		return paging.Cursor{Key: c.CreatedAt.UTC().Format(time.RFC3339Nano), ID: c.ID}
	})
	return page, turns, nil
}

func byID(ctx context.Context, tx bun.IDB, v auth.Viewer, section string, thing, comment uuid.UUID) (Comment, error) {
	var c Comment
	err := comments(tx, v, section, &c).Where("c.thing_id = ?", thing).Where("c.id = ?", comment).Scan(ctx)
	return c, db.Found(err)
}

// ByID is one comment for a job that tells of it; a withdrawn one is not found.
func ByID(ctx context.Context, tx bun.IDB, v auth.Viewer, section string, comment uuid.UUID) (Comment, error) {
	var c Comment
	err := comments(tx, v, section, &c).Where("c.id = ?", comment).Where("c.withdrawn_at IS NULL").Scan(ctx)
	return c, db.Found(err)
}

// Gathering is how long a job that tells of a comment waits: what else its author says about the thing meanwhile goes along.
const Gathering = 2 * time.Minute

// Take gives the comments of which one mail tells: this one, and what else the same person has said about the same thing
// around then. Each is taken once, whatever job comes first. What was withdrawn or is for staff is none.
func Take(ctx context.Context, tx bun.IDB, v auth.Viewer, section string, comment uuid.UUID) (ids []uuid.UUID, err error) {
	err = tx.NewRaw(`
		with taken as (
			update comment c set told_at = now()
			from comment f
			where f.firm_id = ?0 and f.id = ?1 and f.section = ?2
				and c.firm_id = f.firm_id and c.section = f.section and c.thing_id = f.thing_id and c.person_id = f.person_id
				and c.contact_id is not distinct from f.contact_id and c.created_at > f.created_at - interval '10 minutes'
				and not c.internal and c.withdrawn_at is null and c.told_at is null and ?3
			returning c.id, c.created_at)
		select t.id from taken t order by t.created_at, t.id`, v.FirmID(), comment, section, v.Side == auth.Program).Scan(ctx, &ids)
	return ids, err
}

// Standing are those of some comments that the viewer may read now, the earliest first; withdrawn ones are not among them.
func Standing(ctx context.Context, tx bun.IDB, v auth.Viewer, section string, ids []uuid.UUID) (list []Comment, err error) {
	if len(ids) == 0 {
		return nil, nil
	}
	err = comments(tx, v, section, &list).
		Where("c.id IN (?)", bun.List(ids)).
		Where("c.withdrawn_at IS NULL").
		OrderExpr("c.created_at, c.id").
		Scan(ctx)
	return list, err
}

// Counts are how many comments each thing has for the viewer.
func Counts(ctx context.Context, tx bun.IDB, v auth.Viewer, section string, things []uuid.UUID) (map[uuid.UUID]int, error) {
	if len(things) == 0 {
		return nil, nil
	}
	var rows []struct {
		ThingID uuid.UUID
		N       int
	}
	err := readable(tx.NewSelect().
		TableExpr("comment AS c").
		ColumnExpr("c.thing_id, count(*) AS n"), v, section).
		Where("c.withdrawn_at IS NULL").
		Where("c.thing_id = any(?::uuid[])", pgdialect.Array(things)).
		GroupExpr("c.thing_id").
		Scan(ctx, &rows)
	counts := make(map[uuid.UUID]int, len(rows))
	for _, row := range rows {
		counts[row.ThingID] = row.N
	}
	return counts, err
}

// recent are as many comments of a section as are looked through for what waits.
const recent = 500

// Unanswered are the last words about things of a section where a client had them: what waits for an answer, the newest
// first, out of the last few hundred comments.
func Unanswered(ctx context.Context, tx bun.IDB, v auth.Viewer, section string, limit int) ([]Comment, error) {
	var list []Comment
	err := comments(tx, v, section, &list).
		Where("c.contact_id IS NOT NULL").
		Where(`c.id IN (
			SELECT DISTINCT ON (said.thing_id) said.id
			FROM (
				SELECT r.id, r.thing_id, r.created_at FROM comment AS r
				WHERE r.firm_id = ? AND r.section = ? AND r.withdrawn_at IS NULL AND NOT r.internal
				ORDER BY r.created_at DESC
				LIMIT ?) AS said
			ORDER BY said.thing_id, said.created_at DESC, said.id DESC)`, v.FirmID(), section, recent).
		Order("c.created_at DESC").
		Limit(int64(limit)).
		Scan(ctx)
	return list, err
}

// Own is what the viewer has said in a section, for the export of a person's own data.
func Own(ctx context.Context, tx bun.IDB, v auth.Viewer, section string) ([]Comment, error) {
	var list []Comment
	err := comments(tx, v, section, &list).Where("c.person_id = ?", v.PersonID).Order("c.created_at", "c.id").Scan(ctx)
	return list, err
}

// alone makes whatever one person says about a thing wait for each other: of two forms that are sent at once, the second
// sees the first.
func alone(ctx context.Context, tx bun.IDB, thing, person uuid.UUID) error {
	_, err := tx.NewRaw(`select pg_advisory_xact_lock(hashtextextended(?, 44))`, thing.String()+person.String()).Exec(ctx)
	return err
}

// twinOf is the same comment of a moment ago; Nil when there is none.
func twinOf(ctx context.Context, tx bun.IDB, v auth.Viewer, section string, c Comment) (twin uuid.UUID, err error) {
	err = tx.NewRaw(`
		select c.id from comment c
		where c.firm_id = ? and c.section = ? and c.thing_id = ? and c.person_id = ? and c.contact_id is not distinct from ?
			and c.text = ? and c.internal = ? and c.withdrawn_at is null and c.created_at > now() - interval '1 minute'
		limit 1`,
		v.FirmID(), section, c.ThingID, c.PersonID, db.NullID(c.ContactID), c.Text, c.Internal).Scan(ctx, &twin)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return twin, err
}

func insert(ctx context.Context, tx bun.IDB, v auth.Viewer, section string, c Comment) error {
	_, err := tx.NewRaw(`
		insert into comment (firm_id, id, client_id, project_id, section, thing_id, person_id, contact_id, text, internal)
		values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		v.FirmID(), c.ID, c.ClientID, c.ProjectID, section, c.ThingID, c.PersonID, db.NullID(c.ContactID), c.Text, c.Internal).Exec(ctx)
	return err
}

func withdraw(ctx context.Context, tx bun.IDB, v auth.Viewer, comment uuid.UUID) error {
	return db.One(tx.NewRaw(`
		update comment set withdrawn_at = now(), withdrawn_by = ?
		where firm_id = ? and id = ? and withdrawn_at is null`, v.PersonID, v.FirmID(), comment).Exec(ctx))
}
