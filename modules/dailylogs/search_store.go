package dailylogs

import (
	"context"
	"slices"
	"strings"

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

// hits is how a search goes about: all the words have to be found in a log, the rarest first.
type hits struct {
	words []beginning
	told  bool // only what clients read
}

// beginning is the range of words that begin as typed. Staff mean the words of a log, and those of its project, its client
// and its author; clients the words that they read.
type beginning struct {
	From, To string
	Logs     int         // that have one, counted to a little more than fewHits
	projects []uuid.UUID // that are called so, or whose clients are
	authors  []uuid.UUID
}

// lookFor finds out how often logs have what was typed.
func lookFor(ctx context.Context, tx bun.IDB, v auth.Viewer, query string) (hits, error) {
	h := hits{told: v.Side == auth.Portal}
	typed := search.Typed(query)
	for _, word := range typed {
		from, to := search.Beginning(word)
		h.words = append(h.words, beginning{From: from, To: to})
	}
	if len(typed) == 0 {
		return h, nil
	}
	if err := h.count(ctx, tx, v); err != nil {
		return h, err
	}
	if !h.told {
		if err := h.addProjects(ctx, tx, v); err != nil {
			return h, err
		}
		if err := h.addAuthors(ctx, tx, v, typed); err != nil {
			return h, err
		}
	}
	slices.SortStableFunc(h.words, func(a, b beginning) int { return a.Logs - b.Logs })
	return h, nil
}

// ranges are the words as PostgreSQL takes them.
func (h hits) ranges() (from, to any) {
	begin, end := make([]string, len(h.words)), make([]string, len(h.words))
	for i, w := range h.words {
		begin[i], end[i] = w.From, w.To
	}
	return pgdialect.Array(begin), pgdialect.Array(end)
}

func (h hits) count(ctx context.Context, tx bun.IDB, v auth.Viewer) error {
	var counts []int
	from, to := h.ranges()
	err := tx.NewRaw(`
		select (
			select count(*) from (
				select from dailylogs.word w
				where w.firm_id = ? and ? and w.word >= t.begin and w.word < t.ending
				limit ?) c)
		from unnest(?::text[], ?::text[]) with ordinality as t (begin, ending, place)
		order by t.place`, v.FirmID(), h.whose(v), fewHits+1, from, to).Scan(ctx, &counts)
	if err != nil {
		return err
	}
	for i, n := range counts {
		h.words[i].Logs = n
	}
	return nil
}

func (h hits) addProjects(ctx context.Context, tx bun.IDB, v auth.Viewer) error {
	var rows []struct {
		Place     int
		ProjectID uuid.UUID
	}
	from, to := h.ranges()
	err := tx.NewRaw(`
		select t.place, p.project_id
		from unnest(?::text[], ?::text[]) with ordinality as t (begin, ending, place)
		cross join lateral (
			select w.project_id from project_word w
			where w.firm_id = ? and w.word >= t.begin and w.word < t.ending
			limit 1000) p`, from, to, v.FirmID()).Scan(ctx, &rows)
	if err != nil {
		return err
	}
	for _, row := range rows {
		w := &h.words[row.Place-1]
		w.projects = append(w.projects, row.ProjectID)
	}
	for i := range h.words {
		if err := h.words[i].add(ctx, tx, v, "project_id", h.words[i].projects); err != nil {
			return err
		}
	}
	return nil
}

func (h hits) addAuthors(ctx context.Context, tx bun.IDB, v auth.Viewer, typed []string) error {
	var staff []struct {
		ID   uuid.UUID
		Name string
	}
	err := tx.NewRaw(`
		select p.id, p.name from staff s
		join person p on p.firm_id = s.firm_id and p.id = s.person_id
		where s.firm_id = ?
		limit 1000`, v.FirmID()).Scan(ctx, &staff)
	if err != nil {
		return err
	}
	for i, word := range typed {
		w := &h.words[i]
		for _, one := range staff {
			if slices.ContainsFunc(search.Words(one.Name), func(name string) bool { return strings.HasPrefix(name, word) }) {
				w.authors = append(w.authors, one.ID)
			}
		}
		if err := w.add(ctx, tx, v, "author_id", w.authors); err != nil {
			return err
		}
	}
	return nil
}

// add counts the logs of projects or authors, too.
func (b *beginning) add(ctx context.Context, tx bun.IDB, v auth.Viewer, column string, ids []uuid.UUID) error {
	if len(ids) == 0 || b.Logs > fewHits {
		return nil
	}
	var n int
	err := tx.NewRaw(`
		select count(*) from (
			select from dailylogs.log l
			where l.firm_id = ? and l.? = any(?::uuid[])
			limit ?) c`, v.FirmID(), bun.Ident(column), pgdialect.Array(ids), fewHits+1).Scan(ctx, &n)
	b.Logs += n
	return err
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
	if len(h.words) == 0 || h.words[0].Logs == 0 {
		return q.Where("false")
	}
	ask := h.words
	if rarest := ask[0]; rarest.Logs <= fewHits {
		q, ask = q.Where("l.id IN (?)", h.pick(q, v, rarest)), ask[1:]
	}
	for _, word := range ask {
		q = h.ask(q, v, word)
	}
	return q
}

// pick are the logs that have a word.
func (h hits) pick(q *bun.SelectQuery, v auth.Viewer, word beginning) *bun.SelectQuery {
	found := q.NewSelect().
		TableExpr("dailylogs.word AS w").
		ColumnExpr("w.log_id").
		Where("w.firm_id = ?", v.FirmID()).
		Where("?", h.whose(v)).
		Where("w.word >= ? AND w.word < ?", word.From, word.To)
	of := func(column string, ids []uuid.UUID) {
		if len(ids) > 0 {
			found = found.UnionAll(q.NewSelect().TableExpr("dailylogs.log AS f").ColumnExpr("f.id").
				Where("f.firm_id = ?", v.FirmID()).Where("f.? = any(?::uuid[])", bun.Ident(column), pgdialect.Array(ids)))
		}
	}
	of("project_id", word.projects)
	of("author_id", word.authors)
	return found
}

// ask asks each log whether it has a word. PostgreSQL does not turn such a question round, and read all the words first.
func (h hits) ask(q *bun.SelectQuery, v auth.Viewer, word beginning) *bun.SelectQuery {
	return q.WhereGroup(" AND ", func(q *bun.SelectQuery) *bun.SelectQuery {
		q = q.Where(`(
			SELECT true FROM dailylogs.word AS w
			WHERE w.firm_id = ? AND w.client_id = l.client_id AND w.log_id = l.id AND w.told >= ? AND w.word >= ? AND w.word < ?
			LIMIT 1)`, v.FirmID(), h.told, word.From, word.To)
		if len(word.projects) > 0 {
			q = q.WhereOr("l.project_id = any(?::uuid[])", pgdialect.Array(word.projects))
		}
		if len(word.authors) > 0 {
			q = q.WhereOr("l.author_id = any(?::uuid[])", pgdialect.Array(word.authors))
		}
		return q
	})
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
