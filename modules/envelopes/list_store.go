package envelopes

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"
	"github.com/uptrace/bun/schema"

	"portico/platform/auth"
	"portico/platform/db/paging"
	"portico/platform/search"
)

// pick gives one page of staff's list.
func pick(ctx context.Context, tx bun.IDB, v auth.Viewer, f filter, from paging.Place) (page, error) {
	found, none := hits(v, f.Query)
	if none {
		return page{}, nil
	}
	narrowed := narrow(f)
	down := strings.HasPrefix(f.Sort, "-") != from.Back
	var ids []uuid.UUID
	err := tx.NewRaw(`
		with hit as materialized (?)
		select e.id from envelopes.envelope e
		where e.firm_id = ? and ? and ?
		order by ?
		limit ?`, found, v.FirmID(), narrowed, sorts.Beyond(f.Sort, down, from.At), sorts.By(f.Sort, down), pageSize+1).Scan(ctx, &ids)
	if err != nil {
		return page{}, err
	}
	list, err := listed(ctx, tx, v, ids)
	if err != nil {
		return page{}, err
	}
	var p page
	p.Envelopes, p.Turns = paging.Cut(list, pageSize, from, func(e Envelope) paging.Cursor { return e.cursor(f.Sort) })
	p.Count, err = count(ctx, tx, v, f)
	if p.Count > few {
		p.Count, p.More = few, true
	}
	return p, err
}

// count stops soon after few: nobody reads a larger number.
func count(ctx context.Context, tx bun.IDB, v auth.Viewer, f filter) (n int, err error) {
	found, none := hits(v, f.Query)
	if none {
		return 0, nil
	}
	err = tx.NewRaw(`
		with hit as materialized (?)
		select count(*) from (
			select from envelopes.envelope e where e.firm_id = ? and ? limit ?) found`, found, v.FirmID(), narrow(f), few+1).Scan(ctx, &n)
	return n, err
}

// listed reads documents with their recipients, in the order of the ids.
func listed(ctx context.Context, tx bun.IDB, v auth.Viewer, ids []uuid.UUID) ([]Envelope, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	var list []Envelope
	if err := envelopes(tx, v).Where("e.id = any(?::uuid[])", pgdialect.Array(ids)).Scan(ctx, &list); err != nil {
		return nil, err
	}
	list = paging.Arrange(list, ids, func(e Envelope) uuid.UUID { return e.ID })
	all, err := listedOf(ctx, tx, v, ids)
	if err != nil {
		return nil, err
	}
	at := make(map[uuid.UUID]int, len(list))
	for n, e := range list {
		at[e.ID] = n
	}
	for _, r := range all {
		if n, there := at[r.EnvelopeID]; there {
			list[n].Recipients = append(list[n].Recipients, r)
		}
	}
	return list, nil
}

// waits are the conditions under which a document that went out waits for somebody: of the firm, or of the others. Whoever
// acts for the firm does so when all others are done, so the two are never both true.
const (
	waitsForOthers = `exists (
		select from envelopes.recipient r
		where r.firm_id = e.firm_id and r.envelope_id = e.id and r.role in ('signer', 'approver')
			and r.signed_at is null and r.declined_at is null and r.forwarded_id is null)`
	waitsForFirm = `exists (
		select from envelopes.recipient r
		where r.firm_id = e.firm_id and r.envelope_id = e.id and r.role = 'countersigner'
			and r.signed_at is null and r.declined_at is null and r.forwarded_id is null)`
	someAreLate = `exists (
		select from envelopes.recipient r
		where r.firm_id = e.firm_id and r.envelope_id = e.id
			and r.expired_at is not null and r.signed_at is null and r.declined_at is null and r.forwarded_id is null)`
)

// narrow are the conditions of a filter, over what a search has hit.
func narrow(f filter) schema.QueryAppender {
	parts, args := []string{"true"}, []any(nil)
	switch f.State {
	case "draft":
		parts = append(parts, "e.status = 'draft'")
	case "clients":
		parts = append(parts, "e.status = 'sent'", waitsForOthers)
	case "us":
		parts = append(parts, "e.status = 'sent'", waitsForFirm, "not "+waitsForOthers)
	case "expired":
		parts = append(parts, "e.status = 'sent'", someAreLate)
	case "complete":
		parts = append(parts, "e.status in ('sealing', 'complete')")
	case "over":
		parts = append(parts, "e.status in ('declined', 'void')")
	}
	if f.Kind != "" {
		parts, args = append(parts, "e.kind = ?"), append(args, f.Kind)
	}
	if f.Client != uuid.Nil {
		parts, args = append(parts, "e.client_id = ?"), append(args, f.Client)
	}
	if f.Project != uuid.Nil {
		parts, args = append(parts, "e.project_id = ?"), append(args, f.Project)
	}
	if f.Query != "" {
		parts = append(parts, "e.id in (select hit.id from hit)")
	}
	return bun.SafeQuery(strings.Join(parts, " and "), args...)
}

// sorts are the columns that a list can be sorted by; the newest have the highest ids.
var sorts = paging.Sorts{ID: "e.id", Columns: map[string]paging.Column{
	"title":  {By: "lower(e.title)"},
	"amount": {By: "e.amount", Type: "bigint"},
}}

// mostHits is how many documents with a word are looked at: nobody reads more.
const mostHits = 1000

// hits are the ids of documents in which every typed word begins a word of the title, of a recipient's or of the client's
// name, the rarest word first; none: only signs were typed. Without a query it is not asked for.
func hits(v auth.Viewer, query string) (ids schema.QueryAppender, none bool) {
	if query == "" {
		return bun.Safe("select null::uuid as id where false"), false
	}
	typed := search.Typed(query)
	if len(typed) == 0 {
		return nil, true
	}
	longest := slices.MaxFunc(typed, func(a, b string) int { return rare(a) - rare(b) })
	from, to := search.Beginning(longest)
	others, args := []string{"true"}, []any(nil)
	for _, word := range typed {
		if word == longest {
			continue
		}
		from, to := search.Beginning(word)
		others = append(others, `(exists (
				select from envelopes.word w
				where w.firm_id = ? and w.client_id = hit.client_id and w.envelope_id = hit.id and w.word >= ? and w.word < ?)
			or exists (
				select from client_word w
				where w.firm_id = ? and w.client_id = hit.client_id and w.word >= ? and w.word < ?))`)
		args = append(args, v.FirmID(), from, to, v.FirmID(), from, to)
	}
	return bun.SafeQuery(`
		select hit.id from (
			(select w.envelope_id as id, w.client_id from envelopes.word w
			where w.firm_id = ?0 and w.word >= ?1 and w.word < ?2
			limit ?4)
			union
			(select e.id, e.client_id
			from (select w.client_id from client_word w where w.firm_id = ?0 and w.word >= ?1 and w.word < ?2 limit 50) w
			cross join lateral (
				select e.id, e.client_id from envelopes.envelope e
				where e.firm_id = ?0 and e.client_id = w.client_id
				order by e.id desc
				limit 200) e)
		) hit
		where ?3`, v.FirmID(), from, to, bun.SafeQuery(strings.Join(others, " and "), args...), mostHits), false
}

// rare is how few documents probably have a word: a long one, and rather a number than a name.
func rare(word string) int {
	if strings.ContainsAny(word, "0123456789") {
		return 2 * len(word)
	}
	return len(word)
}

// index keeps the words by which a document is found.
func index(ctx context.Context, tx bun.IDB, v auth.Viewer, envelope uuid.UUID) error {
	var found []struct {
		ClientID uuid.UUID
		Text     string
	}
	err := tx.NewRaw(`
		select e.client_id, e.title as text from envelopes.envelope e where e.firm_id = ?0 and e.id = ?1
		union all
		select r.client_id, r.name from envelopes.recipient r where r.firm_id = ?0 and r.envelope_id = ?1`, v.FirmID(), envelope).Scan(ctx, &found)
	if err != nil || len(found) == 0 {
		return err
	}
	var texts []string
	for _, one := range found {
		texts = append(texts, one.Text)
	}
	_, err = tx.NewRaw(`
		with gone as (
			delete from envelopes.word where firm_id = ?0 and client_id = ?1 and envelope_id = ?2 and not word = any(?3::text[]))
		insert into envelopes.word (firm_id, client_id, word, envelope_id)
		select ?0, ?1, w, ?2 from unnest(?3::text[]) as w
		on conflict do nothing`, v.FirmID(), found[0].ClientID, envelope, pgdialect.Array(search.Words(texts...))).Exec(ctx)
	return err
}

// officeHits is what a search of the office finds, the newest first.
func officeHits(ctx context.Context, tx bun.Tx, v auth.Viewer, typed string, limit int) ([]search.Hit, error) {
	if !v.May(keep) {
		return nil, nil
	}
	ids, none := hits(v, typed)
	if none {
		return nil, nil
	}
	var list []Envelope
	err := envelopes(tx, v).
		With("hit", tx.NewRaw("?", ids)).
		Where("e.id IN (SELECT h.id FROM hit h)").
		Order("e.id DESC").
		Limit(int64(limit)).
		Scan(ctx, &list)
	if err != nil {
		return nil, err
	}
	return hitsOf(v, list), nil
}

// declinedLately are documents that somebody declined in the last two weeks, and that nobody has corrected since.
func declinedLately(ctx context.Context, tx bun.IDB, v auth.Viewer, now time.Time) ([]Envelope, error) {
	var ids []uuid.UUID
	err := tx.NewRaw(`
		select e.id from envelopes.envelope e
		where e.firm_id = ? and e.status = 'declined' and e.declined_at > ? and not exists (
			select from envelopes.envelope n where n.firm_id = e.firm_id and n.client_id = e.client_id and n.supersedes_id = e.id)
		order by e.id desc
		limit ?`, v.FirmID(), now.AddDate(0, 0, -14), mostNamed).Scan(ctx, &ids)
	if err != nil {
		return nil, err
	}
	return listed(ctx, tx, v, ids)
}
