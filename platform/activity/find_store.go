package activity

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"portico/platform/auth"
)

// searchedAtOnce bounds a search for words: they have no index, so a page looks that far back and says so.
const searchedAtOnce = 50_000

// Find gives one page of the log, after a place. However long the log is, a page reads a bounded number of entries: each
// filter has its own stretch of an index, in the order of the pages.
func Find(ctx context.Context, tx bun.IDB, v auth.Viewer, f Filter, after Place, limit int) (found Found, err error) {
	var verbs []string
	if f.group() {
		if verbs, err = verbsOf(ctx, tx, v, f.Kind); err != nil || len(verbs) == 0 {
			return found, err
		}
	}
	switch {
	case len(f.like()) > 0:
		return search(ctx, tx, v, f, verbs, after, limit)
	case len(verbs) > 0 && !f.narrow():
		found.Entries, err = ofVerbs(ctx, tx, v, f, verbs, after, limit+1)
	default:
		err = f.of(entries(tx, v, &found.Entries), verbs, after).Limit(int64(limit + 1)).Scan(ctx)
	}
	if err != nil {
		return found, fmt.Errorf("activity: %w", err)
	}
	found.cut(limit)
	return found, nil
}

// cut takes the entry away that was read to see whether there are more.
func (found *Found) cut(limit int) {
	if len(found.Entries) > limit {
		found.Entries = found.Entries[:limit]
		found.Next = placeOf(found.Entries[limit-1])
	}
}

func placeOf(e Entry) Place { return Place{e.At, e.ID} }

// of narrows a query to the filter but for its words, and puts it in order.
func (f Filter) of(q *bun.SelectQuery, verbs []string, after Place) *bun.SelectQuery {
	if f.News {
		q = q.Where("NOT activity.part")
	}
	if f.Actor != uuid.Nil {
		q = q.Where("activity.actor_id = ?", f.Actor)
	}
	if f.Client != uuid.Nil {
		q = q.Where("activity.client_id = ?", f.Client)
	}
	if f.Project != uuid.Nil {
		q = q.Where("activity.project_id = ?", f.Project)
	}
	switch {
	case len(verbs) > 0:
		q = q.Where("activity.verb IN (?)", bun.List(verbs))
	case f.Kind != "" && !f.group():
		q = q.Where("activity.verb = ?", f.Kind)
	}
	if !f.From.IsZero() {
		q = q.Where("activity.at >= ?", f.From)
	}
	if !f.Until.IsZero() {
		q = q.Where("activity.at < ?", f.Until)
	}
	if !after.At.IsZero() {
		q = q.Where("(activity.at, activity.id) < (?, ?)", after.At, after.ID)
	}
	return q.Order("activity.at DESC", "activity.id DESC")
}

// ofVerbs merges the stretches of the kinds of one group.
func ofVerbs(ctx context.Context, tx bun.IDB, v auth.Viewer, f Filter, verbs []string, after Place, limit int) (list []Entry, err error) {
	one := f.of(entries(tx, v, (*Entry)(nil)).Where("activity.verb = kind.verb"), nil, after).Limit(int64(limit))
	err = tx.NewSelect().
		Model(&list).
		ModelTableExpr("unnest(?::text[]) AS kind (verb) CROSS JOIN LATERAL (?) AS activity", pgdialect.Array(verbs), one).
		ColumnExpr("activity.*").
		Order("activity.at DESC", "activity.id DESC").
		Limit(int64(limit)).
		Scan(ctx)
	return list, err
}

// search looks for words among the next entries that the rest of the filter means.
func search(ctx context.Context, tx bun.IDB, v auth.Viewer, f Filter, verbs []string, after Place, limit int) (found Found, err error) {
	window := f.of(entries(tx, v, (*Entry)(nil)), verbs, after).Limit(searchedAtOnce)
	q := tx.NewSelect().
		Model(&found.Entries).
		ModelTableExpr("(?) AS activity", window)
	for _, pattern := range f.like() {
		q = q.Where("activity.text ILIKE ? OR activity.actor_name ILIKE ?", pattern, pattern)
	}
	err = q.Order("activity.at DESC", "activity.id DESC").Limit(int64(limit + 1)).Scan(ctx)
	if err != nil {
		return found, fmt.Errorf("words in the activity: %w", err)
	}
	found.cut(limit)
	if !found.Next.At.IsZero() {
		return found, nil
	}
	var last []Place
	err = tx.NewSelect().
		TableExpr("(?) AS activity", window).
		Column("activity.at", "activity.id").
		Order("activity.at DESC", "activity.id DESC").
		Offset(searchedAtOnce-1).
		Limit(1).
		Scan(ctx, &last)
	if err == nil && len(last) == 1 {
		found.Next, found.Back = last[0], last[0].At
	}
	return found, err
}

// verbsOf are the kinds of deeds of a group that the log of the viewer's firm has, found by leaps along the index.
func verbsOf(ctx context.Context, tx bun.IDB, v auth.Viewer, group string) (verbs []string, err error) {
	err = tx.NewRaw(`
		with recursive kind as (
			select (select min(a.verb) from activity a where a.firm_id = ?0 and a.verb >= ?1 || '.' and a.verb < ?1 || '/') as verb
			union all
			select (select min(a.verb) from activity a where a.firm_id = ?0 and a.verb > kind.verb and a.verb < ?1 || '/')
			from kind where kind.verb is not null
		)
		select kind.verb from kind where kind.verb is not null limit 100`, v.FirmID(), group).Scan(ctx, &verbs)
	return verbs, err
}

// Groups are the groups of deeds that the log of the viewer's firm has.
func Groups(ctx context.Context, tx bun.IDB, v auth.Viewer) (groups []string, err error) {
	err = tx.NewRaw(`
		with recursive kind as (
			select first.name, first.name || '/' as past
			from (select split_part(min(a.verb), '.', 1) as name from activity a where a.firm_id = ?0) first
			union all
			select further.name, further.name || '/'
			from kind
			cross join lateral (
				select split_part(min(a.verb), '.', 1) as name from activity a where a.firm_id = ?0 and a.verb >= kind.past
			) further
			where kind.name is not null
		)
		select kind.name from kind where kind.name is not null limit 100`, v.FirmID()).Scan(ctx, &groups)
	return groups, err
}

// Sealed is the seal of an entry.
type Sealed struct {
	Seq      int64
	SealedAt time.Time
}

// One gives an entry that the viewer may read, with its seal; the zero Sealed while it waits for it.
func One(ctx context.Context, tx bun.IDB, v auth.Viewer, entry uuid.UUID) (Entry, Sealed, error) {
	var e Entry
	err := entries(tx, v, &e).Where("activity.id = ?", entry).Scan(ctx)
	if err != nil {
		return e, Sealed{}, err
	}
	var s []Sealed
	err = tx.NewRaw(`
		select s.seq, s.sealed_at from activity_seal s
		where s.firm_id = ? and s.entry_id = ?`, v.FirmID(), entry).Scan(ctx, &s)
	if err != nil || len(s) == 0 {
		return e, Sealed{}, err
	}
	return e, s[0], nil
}
