package clients

import (
	"context"
	"fmt"
	"strings"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/schema"

	"portico/platform/auth"
	"portico/platform/db"
	"portico/platform/db/paging"
	"portico/platform/search"
)

// listing is a long list of one firm and the indexes that keep it quick. Row-level security lets an index work for
// comparisons of plain columns only, so every condition here is one.
type listing struct {
	Table, Words, Column string                 // client, client_word, client_id
	Stretches            []schema.QueryAppender // equalities that together are the list; each has its stretch of an index
	Filter               schema.QueryAppender   // the same as one condition, for rows found by a word
}

// pick gives the rows of one page. A search with few matches sorts them; one with many gives them in the order of the
// words that match, so that neither ever reads more than a bounded number of rows.
func (l listing) pick(ctx context.Context, tx bun.IDB, v auth.Viewer, query string, o order, from paging.Place) (picked, error) {
	if o.Column == "created_at" {
		from = from.If(instant)
	}
	typed := search.Typed(query)
	if len(typed) == 0 {
		if query != "" { // only signs were typed: they match nothing
			return picked{}, nil
		}
		return l.all(ctx, tx, v, o, from)
	}
	rarest, narrow, err := l.rarest(ctx, tx, v, typed)
	if err != nil {
		return picked{}, err
	}
	if narrow {
		return l.narrow(ctx, tx, v, typed, rarest, o, from)
	}
	return l.wide(ctx, tx, v, typed, rarest, from)
}

func (l listing) all(ctx context.Context, tx bun.IDB, v auth.Viewer, o order, from paging.Place) (picked, error) {
	column := bun.Safe("t." + o.Column)
	down := o.Desc != from.Back
	after := schema.QueryAppender(bun.Safe("true"))
	if !from.At.IsZero() {
		after = bun.SafeQuery("(?, t.id) ? (?, ?)", column, paging.Beyond(down), from.At.Key, from.At.ID)
	}
	var parts []string
	var args []any
	for _, stretch := range l.Stretches {
		parts = append(parts, `
			(select t.id, t.sort_name, t.created_at
			from ? t
			where t.firm_id = ? and ? and ?
			order by ? ?, t.id ?
			limit ?)`)
		args = append(args, bun.Ident(l.Table), v.FirmID(), stretch, after, column, paging.Way(down), paging.Way(down), pageSize+1)
	}
	args = append(args, bun.Safe(o.Column), paging.Way(down), paging.Way(down), pageSize+1)
	var keys []key
	err := db.Hot(ctx, tx, &keys, "select * from ("+strings.Join(parts, " union all ")+") found order by ? ?, id ? limit ?", args...)
	if err != nil {
		return picked{}, fmt.Errorf("list %s: %w", l.Table, err)
	}
	p := pickedOf(paging.Cut(keys, pageSize, from, func(k key) paging.Cursor { return k.in(o) }))
	p.Count, err = l.count(ctx, tx, v)
	if p.Count > few {
		p.Count, p.More = few, true
	}
	return p, err
}

// count stops soon after few: nobody reads a number of that size, and counting 100,000 rows takes its time.
func (l listing) count(ctx context.Context, tx bun.IDB, v auth.Viewer) (n int, err error) {
	var parts []string
	var args []any
	for _, stretch := range l.Stretches {
		parts = append(parts, "(select t.id from ? t where t.firm_id = ? and ? order by t.sort_name limit ?)") // the order keeps it in the index
		args = append(args, bun.Ident(l.Table), v.FirmID(), stretch, few+1)
	}
	err = db.Hot(ctx, tx, &n, "select count(*) from ("+strings.Join(parts, " union all ")+") found", args...)
	return n, err
}

// rarest is the typed word with the fewest matches; narrow when they are few.
func (l listing) rarest(ctx context.Context, tx bun.IDB, v auth.Viewer, typed []string) (word string, narrow bool, err error) {
	var parts []string
	var args []any
	for i, word := range typed {
		from, to := search.Beginning(word)
		parts = append(parts, `
			select ? as at, count(*) as n
			from (select 1 from ? w where w.firm_id = ? and w.word >= ? and w.word < ? limit ?) found`)
		args = append(args, i, bun.Ident(l.Words), v.FirmID(), from, to, few+1)
	}
	var best struct{ At, N int }
	err = tx.NewRaw(strings.Join(parts, " union all ")+" order by n, at limit 1", args...).Scan(ctx, &best)
	return typed[best.At], best.N <= few, err
}

func (l listing) narrow(ctx context.Context, tx bun.IDB, v auth.Viewer, typed []string, rarest string, o order, at paging.Place) (picked, error) {
	from, to := search.Beginning(rarest)
	var keys []key
	err := tx.NewRaw(`
		with hit as materialized (
			select distinct w.? as id from ? w
			where w.firm_id = ? and w.word >= ? and w.word < ?
		)
		select t.id, t.sort_name, t.created_at
		from hit
		cross join lateral (
			select * from ? t
			where t.firm_id = ? and t.id = hit.id and ? and ?
			offset 0
		) t
		order by t.? ?, t.id ?`,
		bun.Ident(l.Column), bun.Ident(l.Words), v.FirmID(), from, to, bun.Ident(l.Table), v.FirmID(),
		l.Filter, l.others(v, typed, rarest), bun.Safe(o.Column), paging.Way(o.Desc), paging.Way(o.Desc)).Scan(ctx, &keys)
	if err != nil {
		return picked{}, fmt.Errorf("search %s: %w", l.Table, err)
	}
	p := pickedOf(paging.Slice(keys, pageSize, at, func(k key) paging.Cursor { return k.in(o) }))
	p.Count = len(keys)
	return p, nil
}

// wide walks the words themselves. A row with two words that match stands at the first of them.
func (l listing) wide(ctx context.Context, tx bun.IDB, v auth.Viewer, typed []string, rarest string, at paging.Place) (picked, error) {
	from, to := search.Beginning(rarest)
	after := schema.QueryAppender(bun.Safe("true"))
	if !at.At.IsZero() {
		after = bun.SafeQuery("(w.word, w.?) ? (?, ?)", bun.Ident(l.Column), paging.Beyond(at.Back), at.At.Key, at.At.ID)
	}
	looked := bun.SafeQuery(`
		select w.word, w.? as id from ? w
		where w.firm_id = ? and w.word >= ? and w.word < ? and ?
		order by w.word ?, w.? ?`,
		bun.Ident(l.Column), bun.Ident(l.Words), v.FirmID(), from, to, after, paging.Way(at.Back), bun.Ident(l.Column), paging.Way(at.Back))
	var keys []key
	err := tx.NewRaw(`
		with looked as materialized (? limit ?)
		select t.id, t.sort_name, t.created_at, looked.word
		from looked
		cross join lateral ( -- offset: row by row, in the order of the words, and no further than the limit
			select * from ? t
			where t.firm_id = ? and t.id = looked.id and ? and ? and not exists (
				select from ? e where e.firm_id = ? and e.? = t.id and e.word >= ? and e.word < looked.word)
			offset 0
		) t
		limit ?`,
		looked, span, bun.Ident(l.Table), v.FirmID(), l.Filter, l.others(v, typed, rarest),
		bun.Ident(l.Words), v.FirmID(), bun.Ident(l.Column), from, pageSize+1).Scan(ctx, &keys)
	if err != nil {
		return picked{}, fmt.Errorf("search %s: %w", l.Table, err)
	}
	p := pickedOf(paging.Cut(keys, pageSize, at, key.byWord))
	p.Count, p.More, p.ByWord = few, true, true
	if len(keys) == 0 && !at.At.IsZero() { // back to where this look began, that row included
		if at.Back {
			p.Next = beside(at.At, -1).String()
		} else {
			p.Prev = beside(at.At, 1).String()
		}
	}
	if len(keys) > pageSize {
		return p, nil
	}
	// the page is not full: go on where this look ended, if there is more to look at
	var last key
	err = tx.NewRaw("select l.word, l.id from (? offset ? limit 1) l", looked, span-1).Scan(ctx, &last)
	if err == nil {
		if at.Back {
			p.Prev = last.byWord().String()
		} else {
			p.Next = last.byWord().String()
		}
	}
	return p, ignoreNone(err)
}

// others demands the typed words beside the rarest.
func (l listing) others(v auth.Viewer, typed []string, rarest string) schema.QueryAppender {
	parts, args := []string{"true"}, []any(nil)
	for _, word := range typed {
		if word == rarest {
			continue
		}
		from, to := search.Beginning(word)
		parts = append(parts, "exists (select from ? w where w.firm_id = ? and w.? = t.id and w.word >= ? and w.word < ?)")
		args = append(args, bun.Ident(l.Words), v.FirmID(), bun.Ident(l.Column), from, to)
	}
	return bun.SafeQuery(strings.Join(parts, " and "), args...)
}
