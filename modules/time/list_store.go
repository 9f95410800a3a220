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

// words is a search in all that a row says.
func (f filter) words(k kind) schema.QueryAppender {
	switch {
	case f.Query == "":
		return bun.Safe("true")
	case k == ofExpense:
		return bun.SafeQuery("(e.category ILIKE ?0 OR e.vendor ILIKE ?0 OR e.client_note ILIKE ?0 OR e.internal_notes ILIKE ?0 OR pr.name ILIKE ?0 OR p.name ILIKE ?0)", like(f.Query))
	}
	return bun.SafeQuery("(e.task ILIKE ?0 OR e.client_note ILIKE ?0 OR e.internal_notes ILIKE ?0 OR pr.name ILIKE ?0 OR p.name ILIKE ?0)", like(f.Query))
}

// rows are what a list has in it, with nothing joined that it does not ask for. Pages are cut from them by their ids
// first: however long a list is, the names of projects and people are looked up for the rows of one page.
func (f filter) rows(tx bun.IDB, v auth.Viewer, k kind) *bun.SelectQuery {
	q := tx.NewSelect().
		TableExpr("time.? AS e", k.Table).
		Where("e.firm_id = ?", v.FirmID()).
		Where("?", within(v, "e")).
		Where("?", f.where(k))
	if f.Query != "" {
		q = named(q).Where("?", f.words(k))
	}
	return q
}

// named joins what a search looks at beside the row itself.
func named(q *bun.SelectQuery) *bun.SelectQuery {
	return q.
		Join("JOIN project AS pr ON pr.firm_id = e.firm_id AND pr.id = e.project_id").
		Join("JOIN person AS p ON p.firm_id = e.firm_id AND p.id = e.person_id")
}

// written is what stands in a list.
type written interface {
	Entry | Expense
	cursor(sort string) paging.Cursor
}

// listOf gives one page of a list.
func listOf[T written](ctx context.Context, tx bun.IDB, v auth.Viewer, k kind, f filter, from paging.Place) (list []T, turns paging.Turns, err error) {
	column, of := k.Day, bun.Safe("date")
	if strings.HasSuffix(f.Sort, "length") {
		column, of = k.Length, "bigint"
	}
	down := strings.HasPrefix(f.Sort, "-") != from.Back
	page := f.rows(tx, v, k)
	if !from.At.IsZero() {
		page = page.Where("(e.?, e.id) ? (?::?, ?)", column, paging.Beyond(down), from.At.Key, of, from.At.ID)
	}
	if err = inOrder(ctx, tx, v, k, page, column, down, pageSize+1, &list); err != nil {
		return nil, turns, err
	}
	list, turns = paging.Cut(list, pageSize, from, func(e T) paging.Cursor { return e.cursor(f.Sort) })
	return list, turns, nil
}

// latest are the newest of a list.
func latest[T written](ctx context.Context, tx bun.IDB, v auth.Viewer, k kind, f filter, most int) (list []T, err error) {
	err = inOrder(ctx, tx, v, k, f.rows(tx, v, k), k.Day, true, most, &list)
	return list, err
}

// after reads a list piece by piece, in the order of ids, for a table that leaves the house.
func after[T written](ctx context.Context, tx bun.IDB, v auth.Viewer, k kind, f filter, last uuid.UUID) (list []T, err error) {
	err = inOrder(ctx, tx, v, k, f.rows(tx, v, k).Where("e.id > ?", last), "id", false, 1000, &list)
	return list, err
}

// inOrder reads the first of some rows.
func inOrder[T written](ctx context.Context, tx bun.IDB, v auth.Viewer, k kind, rows *bun.SelectQuery, column bun.Ident, down bool, most int, list *[]T) error {
	order := func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.OrderExpr("e.?0 ?1, e.id ?1", column, paging.Way(down))
	}
	ids := order(rows.ColumnExpr("e.id")).Limit(int64(most))
	return order(k.read(tx, v).Where("e.id = any(array(?))", ids)).Scan(ctx, list)
}

// read is where every read of a kind by staff begins.
func (k kind) read(tx bun.IDB, v auth.Viewer) *bun.SelectQuery {
	if k == ofExpense {
		return expenses(tx, v)
	}
	return entries(tx, v)
}

// tally are the sums of a whole list, however many pages it has.
type tally struct{ Count, Minutes int }

func tallyOf(ctx context.Context, tx bun.IDB, v auth.Viewer, f filter) (sum tally, err error) {
	err = f.rows(tx, v, ofTime).ColumnExpr("count(*) AS count, coalesce(sum(e.minutes), 0) AS minutes").Scan(ctx, &sum)
	return sum, err
}

// spentSum is what a list of expenses comes to in one currency.
type spentSum struct {
	Currency    string
	Cost, Price int64
	Count       int
}

func spentSums(ctx context.Context, tx bun.IDB, v auth.Viewer, f filter) (sums []spentSum, err error) {
	err = f.rows(tx, v, ofExpense).
		ColumnExpr("e.currency, sum(e.cost)::bigint AS cost, sum(e.price)::bigint AS price, count(*) AS count").
		Group("e.currency").
		Order("e.currency").
		Scan(ctx, &sums)
	return sums, err
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
