package time

import (
	"context"
	"strings"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/schema"

	"portico/platform/auth"
	"portico/platform/day"
	"portico/platform/db/paging"
)

// filter is what a list of time or expenses is narrowed to.
type filter struct {
	State                   string // "": all; a state, unbilled or handed
	Person, Project, Client uuid.UUID
	From, To                day.Day
	Query                   string
	Sort                    string // day or length (cost); with a minus from the top
}

func (f filter) narrowed() bool {
	return f.State != "" || f.Person != uuid.Nil || f.Project != uuid.Nil || f.Client != uuid.Nil || !f.From.IsZero() || !f.To.IsZero() || f.Query != ""
}

const pageSize = 50

// where are the conditions of a filter.
func (f filter) where(k kind) schema.QueryAppender {
	parts, args := []string{"true"}, []any(nil)
	add := func(part string, values ...any) { parts, args = append(parts, part), append(args, values...) }
	switch f.State {
	case "":
	case "unbilled":
		add("e.state = 'approved' and e.billable and e.handed_at is null")
	case "handed":
		add("e.state = 'approved' and e.handed_at is not null")
	default:
		add("e.state = ?", f.State)
	}
	for _, one := range []struct {
		id     uuid.UUID
		column bun.Ident
	}{{f.Person, "person_id"}, {f.Project, "project_id"}, {f.Client, "client_id"}} {
		if one.id != uuid.Nil {
			add("e.? = ?", one.column, one.id)
		}
	}
	if !f.From.IsZero() {
		add("e.? >= ?", k.Day, f.From)
	}
	if !f.To.IsZero() {
		add("e.? <= ?", k.Day, f.To)
	}
	return bun.SafeQuery(strings.Join(parts, " and "), args...)
}

// like is a search for words anywhere in a text.
func like(query string) string {
	return "%" + strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(query) + "%"
}

func (f filter) entriesLike() schema.QueryAppender {
	if f.Query == "" {
		return bun.Safe("true")
	}
	return bun.SafeQuery("(e.task ILIKE ?0 OR e.client_note ILIKE ?0 OR e.internal_notes ILIKE ?0 OR pr.name ILIKE ?0 OR p.name ILIKE ?0)", like(f.Query))
}

// tally are the sums of a whole list, however many pages it has.
type tally struct{ Count, Minutes int }

// page narrows and sorts a list, and takes one page of it and a row more.
func (f filter) page(q *bun.SelectQuery, k kind, from paging.Place) *bun.SelectQuery {
	column, of := k.Day, bun.Safe("date")
	if strings.HasSuffix(f.Sort, "length") {
		column, of = k.Length, "bigint"
	}
	down := strings.HasPrefix(f.Sort, "-") != from.Back
	if !from.At.IsZero() {
		q = q.Where("(e.?, e.id) ? (?::?, ?)", column, paging.Beyond(down), from.At.Key, of, from.At.ID)
	}
	return q.
		Where("?", f.where(k)).
		OrderExpr("e.?0 ?1, e.id ?1", column, paging.Way(down)).
		Limit(pageSize + 1)
}

// listEntries gives one page, and the sums of all of it.
func listEntries(ctx context.Context, tx bun.IDB, v auth.Viewer, f filter, from paging.Place) (list []Entry, turns paging.Turns, sum tally, err error) {
	q := f.page(entries(tx, v), ofTime, from).Where("?", f.entriesLike())
	if err = q.Scan(ctx, &list); err != nil {
		return nil, turns, sum, err
	}
	list, turns = paging.Cut(list, pageSize, from, func(e Entry) paging.Cursor { return e.cursor(f.Sort) })
	counts := tx.NewSelect().
		TableExpr("time.entry AS e").
		ColumnExpr("count(*) AS count, coalesce(sum(e.minutes), 0) AS minutes").
		Where("e.firm_id = ?", v.FirmID()).
		Where("?", within(v, "e")).
		Where("?", f.where(ofTime))
	if f.Query != "" {
		counts = counts.
			Join("JOIN project AS pr ON pr.firm_id = e.firm_id AND pr.id = e.project_id").
			Join("JOIN person AS p ON p.firm_id = e.firm_id AND p.id = e.person_id").
			Where("?", f.entriesLike())
	}
	err = counts.Scan(ctx, &sum)
	return list, turns, sum, err
}

// entriesAfter reads a list piece by piece, in the order of ids, for a table that leaves the house.
func entriesAfter(ctx context.Context, tx bun.IDB, v auth.Viewer, f filter, last uuid.UUID) ([]Entry, error) {
	var list []Entry
	err := entries(tx, v).
		Where("?", f.where(ofTime)).
		Where("?", f.entriesLike()).
		Where("e.id > ?", last).
		Order("e.id").
		Limit(1000).
		Scan(ctx, &list)
	return list, err
}

// waitingFor counts what the viewer can approve now.
func waitingFor(ctx context.Context, tx bun.IDB, v auth.Viewer, leads bool) (n int, err error) {
	if !leads && !forAll(v) {
		return 0, nil
	}
	for _, k := range kinds {
		var some int
		err := tx.NewSelect().
			TableExpr("time.? AS e", k.Table).
			ColumnExpr("count(*)").
			Where("e.firm_id = ?", v.FirmID()).
			Where("e.state = 'submitted'").
			Where("?", approvable(v, leads)).
			Scan(ctx, &some)
		if err != nil {
			return 0, err
		}
		n += some
	}
	return n, nil
}

// approvable is mayApprove, as SQL says it.
func approvable(v auth.Viewer, leads bool) schema.QueryAppender {
	switch {
	case forAll(v):
		return bun.Safe("true")
	case !leads || v.Side != auth.Office:
		return bun.Safe("false")
	}
	return bun.SafeQuery(`e.person_id <> ?0 and exists (
		select from time.terms led where led.firm_id = e.firm_id and led.project_id = e.project_id and led.lead_id = ?0)`, v.PersonID)
}
