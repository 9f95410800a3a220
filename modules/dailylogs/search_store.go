package dailylogs

import (
	"context"
	"slices"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"
	"github.com/uptrace/bun/schema"

	"portico/platform/auth"
	"portico/platform/search"
)

// fewHits are as many as are picked out by the index of words. What is found more often is found soon: the logs are walked
// then, from where a page begins, until it is full.
const fewHits = 2000

// hits is how a search goes about.
type hits struct {
	words    []beginning // the rarest first; none: some word is in no log
	projects []uuid.UUID // of all whose names, places or clients are meant
	authors  []uuid.UUID
	many     bool
	told     bool // only what clients read
}

// beginning is the range of words that begin as typed.
type beginning struct {
	From, To string
	Logs     int // that have one, counted to a little more than fewHits
}

// lookFor finds out how often logs have what was typed. Staff mean the words of a log, its project, its client or its
// author; clients the words that they read.
func lookFor(ctx context.Context, tx bun.IDB, v auth.Viewer, query string) (h hits, err error) {
	typed := search.Typed(query)
	h.told = v.Side == auth.Portal
	if len(typed) == 0 {
		return h, nil
	}
	sum, err := h.count(ctx, tx, v, typed)
	if err != nil || h.told {
		return h, err
	}
	err = search.Projects(tx.NewSelect().
		TableExpr("project AS p").
		ColumnExpr("p.id").
		Where("p.firm_id = ?", v.FirmID()), v.FirmID(), typed).Limit(1000).Scan(ctx, &h.projects)
	if err != nil {
		return h, err
	}
	if h.authors, err = authorsNamed(ctx, tx, v, query); err != nil {
		return h, err
	}
	for _, of := range []struct {
		column string
		ids    []uuid.UUID
	}{{"project_id", h.projects}, {"author_id", h.authors}} {
		if len(of.ids) == 0 || h.many {
			continue
		}
		var n int
		err = tx.NewRaw(`
			select count(*) from (
				select from dailylogs.log l
				where l.firm_id = ? and l.? = any(?::uuid[])
				limit ?) c`, v.FirmID(), bun.Ident(of.column), pgdialect.Array(of.ids), fewHits+1).Scan(ctx, &n)
		if err != nil {
			return h, err
		}
		sum += n
		h.many = sum > fewHits
	}
	return h, nil
}

// count orders the words by how many logs have them.
func (h *hits) count(ctx context.Context, tx bun.IDB, v auth.Viewer, typed []string) (least int, err error) {
	from, to := make([]string, len(typed)), make([]string, len(typed))
	for i, word := range typed {
		from[i], to[i] = search.Beginning(word)
	}
	var all []beginning
	err = tx.NewRaw(`
		select t.from, t.to, (
			select count(*) from (
				select from dailylogs.word w
				where w.firm_id = ? and ? and w.word >= t.from and w.word < t.to
				limit ?) c) as logs
		from unnest(?::text[], ?::text[]) as t ("from", "to")
		order by logs`, v.FirmID(), h.whose(v), fewHits+1, pgdialect.Array(from), pgdialect.Array(to)).Scan(ctx, &all)
	if err != nil || len(all) == 0 || all[0].Logs == 0 {
		return 0, err
	}
	h.words, h.many = all, all[0].Logs > fewHits
	return all[0].Logs, nil
}

// whose narrows dailylogs.word AS w to what the viewer may find.
func (h hits) whose(v auth.Viewer) schema.QueryWithArgs {
	if h.told {
		return bun.SafeQuery("w.told AND w.client_id = ?", v.ClientID)
	}
	return bun.SafeQuery("true")
}

// narrow leaves of dailylogs.log AS l what is found.
func (h hits) narrow(q *bun.SelectQuery, v auth.Viewer) *bun.SelectQuery {
	if len(h.words)+len(h.projects)+len(h.authors) == 0 {
		return q.Where("false")
	}
	if h.many {
		return h.walk(q, v)
	}
	found := q.NewSelect().TableExpr("dailylogs.log AS f").ColumnExpr("f.id").Where("false")
	if len(h.words) > 0 {
		found = found.UnionAll(h.byWords(q, v))
	}
	if len(h.projects) > 0 {
		found = found.UnionAll(q.NewSelect().TableExpr("dailylogs.log AS f").ColumnExpr("f.id").
			Where("f.firm_id = ?", v.FirmID()).Where("f.project_id = any(?::uuid[])", pgdialect.Array(h.projects)))
	}
	if len(h.authors) > 0 {
		found = found.UnionAll(q.NewSelect().TableExpr("dailylogs.log AS f").ColumnExpr("f.id").
			Where("f.firm_id = ?", v.FirmID()).Where("f.author_id = any(?::uuid[])", pgdialect.Array(h.authors)))
	}
	return q.Where("l.id IN (?)", found)
}

// byWords are the logs that have all the words.
func (h hits) byWords(q *bun.SelectQuery, v auth.Viewer) *bun.SelectQuery {
	found := q.NewSelect().
		TableExpr("dailylogs.word AS w").
		ColumnExpr("w.log_id").
		Where("w.firm_id = ?", v.FirmID()).
		Where("?", h.whose(v)).
		Where("w.word >= ? AND w.word < ?", h.words[0].From, h.words[0].To)
	for _, other := range h.words[1:] {
		found = found.Where(`EXISTS (
			SELECT FROM dailylogs.word AS o
			WHERE o.firm_id = w.firm_id AND o.client_id = w.client_id AND o.log_id = w.log_id AND o.told >= ? AND o.word >= ? AND o.word < ?)`, h.told, other.From, other.To)
	}
	return found
}

// walk asks each log. PostgreSQL does not turn such a question round, and read all the words first.
func (h hits) walk(q *bun.SelectQuery, v auth.Viewer) *bun.SelectQuery {
	return q.WhereGroup(" AND ", func(q *bun.SelectQuery) *bun.SelectQuery {
		if len(h.words) > 0 {
			q = q.WhereGroup(" OR ", func(q *bun.SelectQuery) *bun.SelectQuery {
				for _, word := range h.words {
					q = q.Where(`(
						SELECT true FROM dailylogs.word AS w
						WHERE w.firm_id = ? AND w.client_id = l.client_id AND w.log_id = l.id AND w.told >= ? AND w.word >= ? AND w.word < ?
						LIMIT 1)`, v.FirmID(), h.told, word.From, word.To)
				}
				return q
			})
		}
		if len(h.projects) > 0 {
			q = q.WhereOr("l.project_id = any(?::uuid[])", pgdialect.Array(h.projects))
		}
		if len(h.authors) > 0 {
			q = q.WhereOr("l.author_id = any(?::uuid[])", pgdialect.Array(h.authors))
		}
		return q
	})
}

// authorsNamed are the staff whose names have what was typed.
func authorsNamed(ctx context.Context, tx bun.IDB, v auth.Viewer, query string) (ids []uuid.UUID, err error) {
	err = tx.NewRaw(`
		select p.id from staff s
		join person p on p.firm_id = s.firm_id and p.id = s.person_id
		where s.firm_id = ? and p.name ilike ?
		limit 100`, v.FirmID(), like(query)).Scan(ctx, &ids)
	return ids, err
}

// putWords writes what a log is found by, in place of what it was found by before.
func putWords(ctx context.Context, tx bun.IDB, v auth.Viewer, l Log, kept, told string) error {
	_, err := tx.NewRaw(`delete from dailylogs.word where firm_id = ? and client_id = ? and log_id = ?`, v.FirmID(), l.ClientID, l.ID).Exec(ctx)
	if err != nil {
		return err
	}
	clients := search.Words(told)
	all := append(slices.Clone(clients), search.Words(kept)...)
	_, err = tx.NewRaw(`
		insert into dailylogs.word (firm_id, client_id, log_id, word, told)
		select distinct ?::uuid, ?::uuid, ?::uuid, w.word, w.word = any(?::text[])
		from unnest(?::text[]) as w (word)`,
		v.FirmID(), l.ClientID, l.ID, pgdialect.Array(clients), pgdialect.Array(all)).Exec(ctx)
	return err
}
