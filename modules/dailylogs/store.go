package dailylogs

import (
	"context"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"portico/platform/access"
	"portico/platform/auth"
	"portico/platform/day"
	"portico/platform/db"
)

// logs is where every read of staff begins. A draft is its author's, and admins see it. Clients never come here: what
// they read is a revision; see entries.
func logs(tx bun.IDB, v auth.Viewer, into any) *bun.SelectQuery {
	q := tx.NewSelect().
		Model(into).
		ModelTableExpr("dailylogs.log AS l").
		Column("l.id", "l.client_id", "l.project_id", "l.log_date", "l.author_id", "l.state", "l.text", "l.text_shown", "l.client_text", "l.notes",
			"l.sky", "l.high", "l.low", "l.unit", "l.weather_note", "l.weather_from", "l.shared", "l.revision", "l.submitted_at",
			"l.notified_revision", "l.withdrawn_at", "l.withdrawn_why", "l.version", "l.created_at").
		ColumnExpr("au.name AS author, pr.name AS project, pr.key AS project_key, cl.name AS client, pr.shared AND pr.status <> 'archived' AS open").
		ColumnExpr("coalesce(l.told_date, l.log_date) AS told_date").
		ColumnExpr("coalesce(wd.name, '') AS withdrawer").
		ColumnExpr("(SELECT count(*) FROM dailylogs.photo p WHERE p.firm_id = l.firm_id AND p.log_id = l.id AND p.removed_at IS NULL) AS photos").
		Join("JOIN person AS au ON au.firm_id = l.firm_id AND au.id = l.author_id").
		Join("JOIN project AS pr ON pr.firm_id = l.firm_id AND pr.id = l.project_id").
		Join("JOIN client AS cl ON cl.firm_id = l.firm_id AND cl.id = l.client_id").
		Join("LEFT JOIN person AS wd ON wd.firm_id = l.firm_id AND wd.id = l.withdrawn_by").
		Where("l.firm_id = ?", v.FirmID())
	return readable(q, v)
}

// readable narrows a query over dailylogs.log AS l to what staff may see.
func readable(q *bun.SelectQuery, v auth.Viewer) *bun.SelectQuery {
	switch {
	case v.Side == auth.Program, v.Side == auth.Office && v.Role.AtLeast(access.Admin):
		return q
	case v.Side == auth.Office:
		return q.Where("l.state <> 'draft' OR l.author_id = ?", v.PersonID)
	}
	return q.Where("false")
}

func logByID(ctx context.Context, tx bun.IDB, v auth.Viewer, log uuid.UUID) (Log, error) {
	var l Log
	err := logs(tx, v, &l).Where("l.id = ?", log).Scan(ctx)
	return l, db.Found(err)
}

// holdLog is logByID for whoever changes it: nobody else does meanwhile.
func holdLog(ctx context.Context, tx bun.IDB, v auth.Viewer, log uuid.UUID) (Log, error) {
	var l Log
	err := logs(tx, v, &l).Where("l.id = ?", log).For("UPDATE OF l").Scan(ctx)
	return l, db.Found(err)
}

func peopleOf(ctx context.Context, tx bun.IDB, v auth.Viewer, log uuid.UUID) ([]Present, error) {
	var list []Present
	err := tx.NewRaw(`
		select p.name, p.people, p.minutes from dailylogs.present p
		where p.firm_id = ? and p.log_id = ?
		order by p.position`, v.FirmID(), log).Scan(ctx, &list)
	return list, err
}

func answersOf(ctx context.Context, tx bun.IDB, v auth.Viewer, log uuid.UUID) ([]Answer, error) {
	var list []Answer
	err := tx.NewRaw(`
		select a.question_id, a.asked, a.category, a.text, a.client_text, a.shown
		from dailylogs.answer a
		join dailylogs.question q on q.firm_id = a.firm_id and q.id = a.question_id
		where a.firm_id = ? and a.log_id = ?
		order by q.position, q.id`, v.FirmID(), log).Scan(ctx, &list)
	return list, err
}

// tagsOf are the tags of logs; clients get none that is for staff only.
func tagsOf(ctx context.Context, tx bun.IDB, v auth.Viewer, all []uuid.UUID) (map[uuid.UUID][]Tag, error) {
	if len(all) == 0 {
		return nil, nil
	}
	var rows []struct {
		LogID uuid.UUID
		Tag
	}
	_, table := asRead(v)
	err := tx.NewRaw(`
		select lt.log_id, t.id, t.name, t.internal
		from ? lt
		join dailylogs.tag t on t.firm_id = lt.firm_id and t.id = lt.tag_id
		where lt.firm_id = ? and lt.log_id = any(?::uuid[]) and (? or not t.internal)
		order by lower(t.name)`, table, v.FirmID(), pgdialect.Array(all), v.Side != auth.Portal).Scan(ctx, &rows)
	tags := map[uuid.UUID][]Tag{}
	for _, row := range rows {
		tags[row.LogID] = append(tags[row.LogID], row.Tag)
	}
	return tags, err
}

// listTags are the firm's tags, without those put away; clients get none that is for staff only.
func listTags(ctx context.Context, tx bun.IDB, v auth.Viewer) ([]Tag, error) {
	var list []Tag
	err := tx.NewRaw(`
		select t.id, t.name, t.internal from dailylogs.tag t
		where t.firm_id = ? and t.archived_at is null and (? or not t.internal)
		order by lower(t.name)
		limit 200`, v.FirmID(), v.Side != auth.Portal).Scan(ctx, &list)
	return list, err
}

// listQuestions are those that logs are asked now; with all, those put away too.
func listQuestions(ctx context.Context, tx bun.IDB, v auth.Viewer, all bool) ([]Question, error) {
	var list []Question
	err := tx.NewRaw(`
		select q.id, q.text, q.kind, q.choices, q.category, q.required, q.position, q.archived_at is not null as archived
		from dailylogs.question q
		where q.firm_id = ? and (? or q.archived_at is null)
		order by q.archived_at is not null, q.position, q.id
		limit 200`, v.FirmID(), all).Scan(ctx, &list)
	return list, err
}

// work is a project that a log can be written for.
type work struct {
	ID, ClientID                    uuid.UUID
	Name, Client                    string
	Open                            bool // the client may see it
	Mine                            bool // the viewer is on its team
	City, Region, Postcode, Country string
	Status                          string
	Last                            day.Day // its last log
	Draft                           bool    // the viewer has begun one for that day
}

func works(tx bun.IDB, v auth.Viewer, today day.Day, into any) *bun.SelectQuery {
	q := tx.NewSelect().
		Model(into).
		ModelTableExpr("project AS pr").
		ColumnExpr("pr.id, pr.client_id, pr.name, cl.name AS client, pr.shared AND pr.status <> 'archived' AS open, pr.city, pr.region, pr.postcode, pr.country, pr.status").
		ColumnExpr("EXISTS (SELECT FROM project_member m WHERE m.firm_id = pr.firm_id AND m.project_id = pr.id AND m.person_id = ?) AS mine", db.NullID(v.PersonID)).
		ColumnExpr("(SELECT max(l.log_date) FROM dailylogs.log l WHERE l.firm_id = pr.firm_id AND l.project_id = pr.id AND l.state <> 'draft') AS last").
		ColumnExpr("EXISTS (SELECT FROM dailylogs.log l WHERE l.firm_id = pr.firm_id AND l.project_id = pr.id AND l.author_id = ? AND l.state = 'draft' AND l.log_date = ?) AS draft", db.NullID(v.PersonID), today).
		Join("JOIN client AS cl ON cl.firm_id = pr.firm_id AND cl.id = pr.client_id").
		Where("pr.firm_id = ?", v.FirmID())
	if v.Side != auth.Office && v.Side != auth.Program {
		q = q.Where("false")
	}
	return q
}

func workByID(ctx context.Context, tx bun.IDB, v auth.Viewer, today day.Day, project uuid.UUID) (work, error) {
	var w work
	err := works(tx, v, today, &w).Where("pr.id = ?", project).Scan(ctx)
	return w, db.Found(err)
}

// listWorks are the projects that work goes on at, the viewer's own first.
func listWorks(ctx context.Context, tx bun.IDB, v auth.Viewer, today day.Day, typed string, limit int) ([]work, error) {
	var list []work
	q := works(tx, v, today, &list).Where("pr.status IN ('planned', 'active')").Where("cl.archived_at IS NULL")
	if typed != "" {
		q = q.Where("pr.name ILIKE ? OR cl.name ILIKE ?", like(typed), like(typed))
	}
	err := q.OrderExpr("mine DESC, pr.status, lower(pr.name), pr.id").Limit(int64(limit)).Scan(ctx)
	return list, err
}
