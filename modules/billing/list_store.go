package billing

import (
	"context"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/schema"

	"portico/platform/auth"
	"portico/platform/db"
	"portico/platform/db/paging"
	"portico/platform/search"
)

// pick gives the rows of one page of staff's list. Each state is a stretch of an index, in the order asked for; a page
// of a million invoices reads fifty rows of each. A search looks at a bounded number of matches.
func pick(ctx context.Context, tx bun.IDB, v auth.Viewer, f filter, from paging.Place) (page, error) {
	down := strings.HasPrefix(f.Sort, "-") != from.Back
	order, beyond := order(f.Sort, down), paging.Beyond(down)
	after := schema.QueryAppender(bun.Safe("true"))
	if !from.At.IsZero() {
		switch strings.TrimPrefix(f.Sort, "-") {
		case "due":
			after = bun.SafeQuery("(i.due_key, i.id) ? (?::date, ?)", beyond, from.At.Key, from.At.ID)
		case "amount":
			after = bun.SafeQuery("(i.total, i.id) ? (?::bigint, ?)", beyond, from.At.Key, from.At.ID)
		default:
			after = bun.SafeQuery("i.id ? ?", beyond, from.At.ID)
		}
	}
	fits := fits(v, f)
	var keys []key
	var err error
	if f.Query != "" {
		hits, none := hits(v, f.Query)
		if none {
			return page{}, nil
		}
		err = tx.NewRaw(`
			with hit as materialized (?)
			select i.id, i.due_key, i.total
			from hit
			cross join lateral ( -- offset: row by row, by the key
				select * from billing.invoice i where i.firm_id = ? and i.id = hit.id and i.state in (?) and ? offset 0) i
			where ?
			order by ?
			limit ?`, hits, v.FirmID(), bun.List(f.states()), fits, after, order, pageSize+1).Scan(ctx, &keys)
	} else {
		var parts []string
		var args []any
		for _, state := range f.states() {
			parts = append(parts, `
				(select i.id, i.due_key, i.total
				from billing.invoice i
				where i.firm_id = ? and i.state = ? and ? and ?
				order by ?
				limit ?)`)
			args = append(args, v.FirmID(), state, fits, after, order, pageSize+1)
		}
		args = append(args, order, pageSize+1)
		err = db.Hot(ctx, tx, &keys, "select * from ("+strings.Join(parts, " union all ")+") i order by ? limit ?", args...)
	}
	if err != nil {
		return page{}, err
	}
	keys, turns := paging.Cut(keys, pageSize, from, func(k key) paging.Cursor { return k.cursor(f.Sort) })
	p := page{Turns: turns}
	for _, k := range keys {
		p.IDs = append(p.IDs, k.ID)
	}
	p.Count, err = count(ctx, tx, v, f)
	if p.Count > few {
		p.Count, p.More = few, true
	}
	return p, err
}

// count stops soon after few: nobody reads a larger number.
func count(ctx context.Context, tx bun.IDB, v auth.Viewer, f filter) (n int, err error) {
	if f.Query != "" {
		hits, none := hits(v, f.Query)
		if none {
			return 0, nil
		}
		err = tx.NewRaw(`
			with hit as materialized (?)
			select count(*) from (
				select 1
				from hit
				cross join lateral (
					select from billing.invoice i where i.firm_id = ? and i.id = hit.id and i.state in (?) and ? offset 0) i
				limit ?) found`,
			hits, v.FirmID(), bun.List(f.states()), fits(v, f), few+1).Scan(ctx, &n)
		return n, err
	}
	var parts []string
	var args []any
	for _, state := range f.states() {
		parts = append(parts, "(select i.id from billing.invoice i where i.firm_id = ? and i.state = ? and ? order by ? limit ?)")
		args = append(args, v.FirmID(), state, fits(v, f), order("due", false), few+1)
	}
	args = append(args, few+1)
	err = db.Hot(ctx, tx, &n, "select count(*) from (select 1 from ("+strings.Join(parts, " union all ")+") i limit ?) found", args...)
	return n, err
}

// order is what a list is sorted by.
func order(sort string, down bool) schema.QueryAppender {
	way := paging.Way(down)
	switch strings.TrimPrefix(sort, "-") {
	case "due":
		return bun.SafeQuery("i.due_key ?0, i.id ?0", way)
	case "amount":
		return bun.SafeQuery("i.total ?0, i.id ?0", way)
	}
	return bun.SafeQuery("i.id ?0", way)
}

// fits are the conditions beside the state.
func fits(v auth.Viewer, f filter) schema.QueryAppender {
	parts, args := []string{"true"}, []any(nil)
	if f.Client != uuid.Nil {
		parts, args = append(parts, "i.client_id = ?"), append(args, f.Client)
	}
	if f.Project != uuid.Nil {
		parts, args = append(parts, "i.project_id = ? and i.kind <> 'consolidated'"), append(args, f.Project)
	}
	if f.State == "processing" {
		parts = append(parts, "i.reserved > 0 and i.paid + i.reserved >= i.total")
	}
	if f.State == "overdue" {
		parts, args = append(parts, "i.due_key < ?::date"), append(args, f.Today.String())
	}
	return bun.SafeQuery(strings.Join(parts, " and "), args...)
}

// hits are the ids of invoices in which every typed word begins a word of the number, the title or the client's name.
// none: only signs were typed, which match nothing.
func hits(v auth.Viewer, query string) (ids schema.QueryAppender, none bool) {
	typed := search.Typed(query)
	if len(typed) == 0 {
		return nil, true
	}
	longest := slices.MaxFunc(typed, func(a, b string) int { return len(a) - len(b) }) // mostly the rarest
	from, to := search.Beginning(longest)
	others, args := []string{"true"}, []any(nil)
	for _, word := range typed {
		if word == longest {
			continue
		}
		from, to := search.Beginning(word)
		others = append(others, `(exists (select from billing.invoice_word w
				where w.firm_id = ? and w.invoice_id = hit.id and w.word >= ? and w.word < ?)
			or exists (select from client_word w
				where w.firm_id = ? and w.client_id = hit.client_id and w.word >= ? and w.word < ?))`)
		args = append(args, v.FirmID(), from, to, v.FirmID(), from, to)
	}
	return bun.SafeQuery(`
		select hit.id from (
			(select i.id, i.client_id
			from (select w.invoice_id from billing.invoice_word w where w.firm_id = ?0 and w.word >= ?1 and w.word < ?2 limit 1000) w
			cross join lateral (select i.id, i.client_id from billing.invoice i where i.firm_id = ?0 and i.id = w.invoice_id offset 0) i)
			union
			(select i.id, i.client_id
			from (select w.client_id from client_word w where w.firm_id = ?0 and w.word >= ?1 and w.word < ?2 limit 50) w
			cross join lateral (
				select i.id, i.client_id from billing.invoice i
				where i.firm_id = ?0 and i.client_id = w.client_id
				order by i.state, i.due_key
				limit 200) i)
		) hit
		where ?3`, v.FirmID(), from, to, bun.SafeQuery(strings.Join(others, " and "), args...)), false
}

// rowsOf reads the rows of a page, in its order.
func rowsOf(ctx context.Context, tx bun.IDB, v auth.Viewer, ids []uuid.UUID) ([]Invoice, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	var list []Invoice
	err := invoices(tx, v).Where("i.id IN (?)", bun.List(ids)).Scan(ctx, &list)
	return paging.Arrange(list, ids, func(i Invoice) uuid.UUID { return i.ID }), err
}

// listed is the same for staff's lists, planned once a connection: only what their rows say.
func listed(ctx context.Context, tx bun.IDB, v auth.Viewer, ids []uuid.UUID) ([]Invoice, error) {
	if len(ids) == 0 || v.Side != auth.Office {
		return nil, nil
	}
	var list []Invoice
	err := db.Hot(ctx, tx, &list, `
		select i.id, i.stage, i.state, i.number, i.title, i.currency, i.due_on, i.total, i.paid, i.reserved, i.version, cl.name as client_name,
			case i.kind when 'consolidated' then 'Several projects' else pr.name end as project_name
		from billing.invoice i
		join client cl on cl.firm_id = i.firm_id and cl.id = i.client_id
		join project pr on pr.firm_id = i.firm_id and pr.id = i.project_id
		where i.firm_id = ? and i.id = any(?::uuid[]) and i.stage <> 'undone'`, v.FirmID(), ids)
	return paging.Arrange(list, ids, func(i Invoice) uuid.UUID { return i.ID }), err
}

// lateOfClient is what of a client's or project's invoices is overdue.
func lateOfClient(ctx context.Context, tx bun.IDB, v auth.Viewer, f filter) ([]late, error) {
	var list []late
	q := tx.NewSelect().
		TableExpr("billing.invoice AS i").
		ColumnExpr("i.currency, sum(i.total - i.paid)::bigint AS amount, count(*) AS n").
		Where("i.firm_id = ?", v.FirmID()).
		Where("i.client_id = ?", f.Client).
		Where("i.state IN ('open', 'partial')").
		Where("i.due_key < ?", f.Today).
		GroupExpr("i.currency")
	if f.Project != uuid.Nil {
		q = q.Where("i.project_id = ?", f.Project).Where("i.kind <> 'consolidated'")
	}
	return list, q.Scan(ctx, &list)
}
