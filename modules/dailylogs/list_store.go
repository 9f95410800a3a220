package dailylogs

import (
	"context"
	"strings"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/day"
	"portico/platform/db/paging"
)

// filter is what a list shows.
type filter struct {
	Query     string
	From, To  day.Day
	Tag       uuid.UUID
	Project   uuid.UUID
	Client    uuid.UUID
	State     string // office: draft, submitted, reopened, withdrawn; hidden: submitted and not shared
	Mine      bool   // office: the viewer's own
	Oldest    bool   // the oldest first
	WithPhoto bool
}

// Narrowed reports whether anything is filtered.
func (f filter) Narrowed() bool {
	return f.Query != "" || !f.From.IsZero() || !f.To.IsZero() || f.Tag != uuid.Nil || f.State != "" || f.Mine || f.WithPhoto
}

const (
	onPage = 30 // rows of the office
	inFeed = 15 // logs of the portal
)

// asRead are the day and the tags that the viewer knows logs by: clients those that were submitted, whatever is being
// written since.
func asRead(v auth.Viewer) (day, tags bun.Safe) {
	if v.Side == auth.Portal {
		return "l.told_date", "dailylogs.told_tag"
	}
	return "l.log_date", "dailylogs.log_tag"
}

// narrow are the filters that both sides have, over dailylogs.log AS l.
func (f filter) narrow(q *bun.SelectQuery, v auth.Viewer) *bun.SelectQuery {
	on, tags := asRead(v)
	if !f.From.IsZero() {
		q = q.Where("? >= ?", on, f.From)
	}
	if !f.To.IsZero() {
		q = q.Where("? <= ?", on, f.To)
	}
	if f.Tag != uuid.Nil {
		q = q.Where("EXISTS (SELECT FROM ? lt JOIN dailylogs.tag t ON t.firm_id = lt.firm_id AND t.id = lt.tag_id"+
			" WHERE lt.firm_id = l.firm_id AND lt.log_id = l.id AND lt.tag_id = ? AND (? OR NOT t.internal))", tags, f.Tag, v.Side == auth.Office)
	}
	return q
}

func (f filter) order(q *bun.SelectQuery, v auth.Viewer, from paging.Place) *bun.SelectQuery {
	on, _ := asRead(v)
	down := !f.Oldest != from.Back
	if !from.At.IsZero() {
		q = q.Where("(?, l.id) ? (?, ?)", on, paging.Beyond(down), from.At.Key, from.At.ID)
	}
	return q.OrderExpr("?1 ?0, l.id ?0", paging.Way(down), on)
}

// listLogs gives one page of the office's list.
func listLogs(ctx context.Context, tx bun.IDB, v auth.Viewer, f filter, from paging.Place) ([]Log, paging.Turns, error) {
	var list []Log
	q := f.narrow(logs(tx, v, &list), v)
	if f.Project != uuid.Nil {
		q = q.Where("l.project_id = ?", f.Project)
	}
	if f.Client != uuid.Nil {
		q = q.Where("l.client_id = ?", f.Client)
	}
	switch f.State {
	case "":
	case "hidden":
		q = q.Where("l.state IN ('submitted', 'reopened') AND NOT l.shared")
	default:
		q = q.Where("l.state = ?", f.State)
	}
	if f.Mine {
		q = q.Where("l.author_id = ?", v.PersonID)
	}
	if f.Query != "" {
		found, err := lookFor(ctx, tx, v, f.Query)
		if err != nil {
			return nil, paging.Turns{}, err
		}
		q = found.narrow(q, v)
	}
	if err := f.order(q, v, from).Limit(onPage + 1).Scan(ctx); err != nil {
		return nil, paging.Turns{}, err
	}
	page, turns := paging.Cut(list, onPage, from, func(l Log) paging.Cursor { return paging.Cursor{Key: l.LogDate.String(), ID: l.ID} })
	return page, turns, nil
}

func like(typed string) string {
	return "%" + strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(typed) + "%"
}

// drafts are what the viewer has begun and not submitted.
func drafts(ctx context.Context, tx bun.IDB, v auth.Viewer, limit int) ([]Log, error) {
	var list []Log
	err := logs(tx, v, &list).
		Where("l.author_id = ?", v.PersonID).
		Where("l.state IN ('draft', 'reopened')").
		OrderExpr("l.log_date DESC, l.id DESC").
		Limit(int64(limit)).
		Scan(ctx)
	return list, err
}

// namesOn are who was on a project's site lately, and its team: what a form offers to tick. The most recent come first.
func namesOn(ctx context.Context, tx bun.IDB, v auth.Viewer, project uuid.UUID, limit int) (names []string, err error) {
	err = tx.NewRaw(`
		with lately as (
			select l.id, l.log_date from dailylogs.log l
			where l.firm_id = ?0 and l.project_id = ?1 and l.state <> 'draft'
			order by l.log_date desc, l.id desc
			limit 20),
		named as (
			select p.name, max(l.log_date) as last
			from lately l
			join dailylogs.present p on p.firm_id = ?0 and p.log_id = l.id
			group by p.name
			union all
			select pe.name, null
			from project_member m
			join person pe on pe.firm_id = m.firm_id and pe.id = m.person_id
			join staff s on s.firm_id = m.firm_id and s.person_id = m.person_id and s.disabled_at is null
			where m.firm_id = ?0 and m.project_id = ?1)
		select n.name from named n
		group by n.name
		order by max(n.last) desc nulls last, n.name
		limit ?2`, v.FirmID(), project, limit).Scan(ctx, &names)
	return names, err
}
