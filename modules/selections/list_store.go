package selections

import (
	"context"
	"strings"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/schema"

	"portico/platform/auth"
	"portico/platform/db"
	"portico/platform/db/paging"
	"portico/platform/search"
)

// page is one page of a list, and the ways on.
type page struct {
	Selections []Selection
	paging.Turns
	Count int
	More  bool
}

// Counted says how many there are.
func (p page) Counted() string {
	if p.More {
		return "More than 1,000 selections"
	}
	return counted(p.Count, "selection", "selections")
}

// listed gives one page of staff's list.
func listed(ctx context.Context, tx bun.IDB, v auth.Viewer, f filter, from paging.Place) (page, error) {
	if f.Query != "" && len(search.Typed(f.Query)) == 0 {
		return page{}, nil
	}
	down := strings.HasPrefix(f.Sort, "-") != from.Back
	narrowed := narrow(f)
	var ids []uuid.UUID
	err := tx.NewRaw(`
		select s.id from selections.selection s
		where s.firm_id = ? and ? and ? and ?
		order by ?
		limit ?`, v.FirmID(), reach(v), narrowed, sorts.Beyond(f.Sort, down, from.At), sorts.By(f.Sort, down), pageSize+1).Scan(ctx, &ids)
	if err != nil {
		return page{}, err
	}
	list, err := byIDs(ctx, tx, v, ids)
	if err != nil {
		return page{}, err
	}
	var p page
	p.Selections, p.Turns = paging.Cut(list, pageSize, from, func(s Selection) paging.Cursor { return s.cursor(f.Sort) })
	p.Count, err = count(ctx, tx, v, f)
	if p.Count > few {
		p.Count, p.More = few, true
	}
	return p, err
}

// count stops soon after few: nobody reads a larger number.
func count(ctx context.Context, tx bun.IDB, v auth.Viewer, f filter) (n int, err error) {
	err = tx.NewRaw(`
		select count(*) from (
			select from selections.selection s where s.firm_id = ? and ? and ? limit ?) counted`, v.FirmID(), reach(v), narrow(f), few+1).Scan(ctx, &n)
	return n, err
}

// narrow are the conditions of a filter.
func narrow(f filter) schema.QueryAppender {
	parts, args := []string{"true"}, []any(nil)
	add := func(part string, with ...any) { parts, args = append(parts, part), append(args, with...) }
	switch f.State {
	case "waiting":
		add("s.kind = 'selection' and s.state in ('released', 'selected')")
	case "overdue":
		add("s.kind = 'selection' and s.state in ('released', 'selected') and s.due_on < ?", f.Today)
	case "price":
		add(`s.state in ('released', 'selected') and exists (
			select from selections.choice c where c.firm_id = s.firm_id and c.selection_id = s.id and c.price is null)`)
	case "asked":
		add("exists (select from selections.request q where q.firm_id = s.firm_id and q.selection_id = s.id and q.state = 'open')")
	case "draft":
		add("s.state = 'draft'")
	case "approved":
		add("s.state = 'approved'")
	case "order":
		add("s.state = 'approved' and s.kind = 'selection' and s.ordered_on is null")
	case "ordered":
		add("s.ordered_on is not null")
	case "over":
		add("s.state in ('skipped', 'declined')")
	}
	if f.Client != uuid.Nil {
		add("s.client_id = ?", f.Client)
	}
	if f.Project != uuid.Nil {
		add("s.project_id = ?", f.Project)
	}
	if words := search.Typed(f.Query); len(words) > 0 {
		add("s.words @@ to_tsquery('simple', ?)", strings.Join(words, ":* & ")+":*")
	}
	return bun.SafeQuery(strings.Join(parts, " and "), args...)
}

// sorts are the columns that staff's list can be sorted by.
var sorts = paging.Sorts{ID: "s.id", Columns: map[string]paging.Column{
	"":      {By: "s.changed_at", Type: "timestamptz"},
	"due":   {By: "coalesce(s.due_on, '9999-12-31')", Type: "date"},
	"title": {By: "lower(s.title)"},
}}

func clientName(ctx context.Context, tx bun.IDB, v auth.Viewer, client uuid.UUID) (name string, err error) {
	err = tx.NewRaw(`select cl.name from client cl where cl.firm_id = ? and cl.id = ?`, v.FirmID(), client).Scan(ctx, &name)
	return name, db.Found(err)
}

// toldOf is what all approvals of a project have changed in its contract.
func toldOf(ctx context.Context, tx bun.IDB, v auth.Viewer, p project) (sum int64, err error) {
	err = tx.NewRaw(`
		select coalesce(sum(e.amount), 0)::bigint from selections.change e
		where e.firm_id = ? and e.client_id = ? and e.project_id = ? and e.voided_at is null`, v.FirmID(), p.ClientID, p.ID).Scan(ctx, &sum)
	return sum, err
}
