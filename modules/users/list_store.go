package users

import (
	"context"
	"fmt"
	"strings"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"
	"github.com/uptrace/bun/schema"

	"portico/platform/auth"
	"portico/platform/db"
	"portico/platform/db/paging"
	"portico/platform/search"
)

// span is how many contacts one page looks at when it asks their clients too.
const span = 2000

// column is what an order sorts by; each has an index a state.
func (o order) column() schema.QueryAppender {
	switch o.Column {
	case "invited":
		return bun.Safe("coalesce(t.invited_at, '-infinity')")
	case "accepted":
		return bun.Safe("coalesce(t.accepted_at, '-infinity')")
	case "seen":
		return bun.Safe("coalesce(t.signed_in_at, '-infinity')")
	}
	return bun.Safe("t.sort_name")
}

// list is where every read of the list begins: only staff and jobs of the firm have one.
func (f filter) list(v auth.Viewer) schema.QueryAppender {
	if v.Side != auth.Office && v.Side != auth.Program {
		return bun.Safe("false")
	}
	return bun.SafeQuery("(t.firm_id = ? and t.archived_at is null)", v.FirmID())
}

// fits asks the contact's client for what the filter says of it: row by row, for exists would have all clients read. Of
// a doubtful invitation it asks the mail.
func (f filter) fits(v auth.Viewer) schema.QueryAppender {
	fits := schema.QueryAppender(bun.Safe("true"))
	if f.Portal != "" {
		fits = bun.SafeQuery("(select c.portal_on from client c where c.firm_id = ? and c.id = t.client_id) = ?", v.FirmID(), f.Portal == "on")
	}
	if f.State == perhaps {
		fits = bun.SafeQuery("? and (select m.state from mail m where m.firm_id = ? and m.id = t.invite_mail) = 'unsure'", fits, v.FirmID())
	}
	return fits
}

// doubtful gives those of whose invitation nobody knows whether it went out: they are few.
func (f filter) doubtful(ctx context.Context, tx bun.IDB, v auth.Viewer, o order) (keys []key, err error) {
	err = tx.NewRaw(`
		select t.id, (?)::text as key
		from mail d
		join contact t on t.firm_id = d.firm_id and t.id = d.contact_id and t.invite_mail = d.id
		where d.firm_id = ? and d.state in ('handing', 'unsure') and d.state = 'unsure' and t.portal_state = 'invited' and ? and ?
		order by ? ?, t.id ?`,
		o.column(), v.FirmID(), f.list(v), f.fits(v), o.column(), paging.Way(o.Desc), paging.Way(o.Desc)).Scan(ctx, &keys)
	if err != nil {
		return nil, fmt.Errorf("doubtful invitations: %w", err)
	}
	return keys, nil
}

// pick gives the contacts of one page.
func (f filter) pick(ctx context.Context, tx bun.IDB, v auth.Viewer, o order, from paging.Place) (picked, error) {
	typed := search.Typed(f.Query)
	switch {
	case len(typed) > 0:
		return f.search(ctx, tx, v, typed, o, from)
	case f.Query != "": // only signs were typed: they match nothing
		return picked{}, nil
	case f.State == perhaps:
		keys, err := f.doubtful(ctx, tx, v, o)
		return pickedOf(keys, from), err
	}
	limit := pageSize + 1
	if f.Portal != "" {
		limit = span
	}
	down := o.Desc != from.Back
	after := schema.QueryAppender(bun.Safe("true"))
	if !from.At.IsZero() {
		after = bun.SafeQuery("(?, t.id) ? (?, ?)", o.column(), paging.Beyond(down), from.At.Key, from.At.ID)
	}
	var parts []string
	var args []any
	for _, state := range f.states() {
		parts = append(parts, `
			(select t.id, t.client_id, ? as key
			from contact t
			where ? and t.portal_state = ? and ?
			order by ? ?, t.id ?
			limit ?)`)
		args = append(args, o.column(), f.list(v), state, after, o.column(), paging.Way(down), paging.Way(down), limit)
	}
	args = append(append([]any{f.fits(v)}, args...), paging.Way(down), paging.Way(down), limit)
	var looked []key
	err := db.Hot(ctx, tx, &looked, `
		select t.id, t.key::text as key, ? as fits
		from (select * from (`+strings.Join(parts, " union all ")+`) found order by key ?, id ? limit ?) t`, args...)
	if err != nil {
		return picked{}, fmt.Errorf("list portal users: %w", err)
	}
	p := cut(looked, from, limit)
	if f.Portal == "" && p.Count < 0 {
		p.Count, err = f.count(ctx, tx, v)
	}
	if p.Count > most {
		p.Count, p.More = most, true
	}
	return p, err
}

// count stops soon after most: nobody reads a number of that size.
func (f filter) count(ctx context.Context, tx bun.IDB, v auth.Viewer) (n int, err error) {
	var parts []string
	var args []any
	for _, state := range f.states() {
		parts = append(parts, "(select t.id from contact t where ? and t.portal_state = ? order by t.sort_name limit ?)")
		args = append(args, f.list(v), state, most+1)
	}
	err = db.Hot(ctx, tx, &n, "select count(*) from ("+strings.Join(parts, " union all ")+") found", args...)
	return n, err
}

// search finds clients by the words that are kept of them and their contacts, and looks among their contacts for those
// that are meant themselves.
func (f filter) search(ctx context.Context, tx bun.IDB, v auth.Viewer, typed []string, o order, from paging.Place) (picked, error) {
	word, narrow, err := rarest(ctx, tx, v, typed)
	if err != nil {
		return picked{}, err
	}
	if !narrow {
		return f.wide(ctx, tx, v, typed, word, from)
	}
	var clients []uuid.UUID
	begin, end := search.Beginning(word)
	err = tx.NewRaw(`
		select distinct w.client_id from client_word w
		where w.firm_id = ? and w.word >= ? and w.word < ?`, v.FirmID(), begin, end).Scan(ctx, &clients)
	if err != nil || len(clients) == 0 {
		return picked{}, err
	}
	keys, err := f.among(ctx, tx, v, clients, typed, o)
	return pickedOf(keys, from), err
}

// rarest is the typed word with the fewest matches; narrow when they are few.
func rarest(ctx context.Context, tx bun.IDB, v auth.Viewer, typed []string) (word string, narrow bool, err error) {
	var parts []string
	var args []any
	for i, word := range typed {
		begin, end := search.Beginning(word)
		parts = append(parts, `
			select ? as at, count(*) as n
			from (select 1 from client_word w where w.firm_id = ? and w.word >= ? and w.word < ? limit ?) found`)
		args = append(args, i, v.FirmID(), begin, end, few+1)
	}
	var best struct{ At, N int }
	err = tx.NewRaw(strings.Join(parts, " union all ")+" order by n, at limit 1", args...).Scan(ctx, &best)
	return typed[best.At], best.N <= few, err
}

// among gives those of the clients' contacts that are meant, in order.
func (f filter) among(ctx context.Context, tx bun.IDB, v auth.Viewer, clients []uuid.UUID, typed []string, o order) ([]key, error) {
	var rows []struct {
		key
		ClientID                       uuid.UUID
		Name, Email, Phone, ClientName string
	}
	err := tx.NewRaw(`
		select t.id, (?)::text as key, t.client_id, t.name, t.email, t.phone, cl.name as client_name
		from contact t
		join client cl on cl.firm_id = t.firm_id and cl.id = t.client_id
		where ? and t.client_id = any(?::uuid[]) and cl.id = any(?::uuid[]) and t.portal_state in (?) and ?
		order by ? ?, t.id ?`,
		o.column(), f.list(v), pgdialect.Array(clients), pgdialect.Array(clients), bun.List(f.states()), f.fits(v), o.column(), paging.Way(o.Desc), paging.Way(o.Desc)).Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("search portal users: %w", err)
	}
	var keys []key
	for _, row := range rows {
		if meant(typed, row.Name, row.Email, row.Phone, row.ClientName) {
			keys = append(keys, row.key)
		}
	}
	return keys, nil
}

// atOnce is how many words of a wide search one look takes; looks is how often one page looks.
const (
	atOnce = 200
	looks  = 6
)

// wide walks the words themselves, forwards only. A client with two words that match stands at the first of them.
func (f filter) wide(ctx context.Context, tx bun.IDB, v auth.Viewer, typed []string, word string, from paging.Place) (picked, error) {
	p := picked{Count: most, More: true, ByWord: true}
	begin, end := search.Beginning(word)
	at := from.At
	for range looks {
		after := schema.QueryAppender(bun.Safe("true"))
		if !at.IsZero() {
			after = bun.SafeQuery("(w.word, w.client_id) > (?, ?)", at.Key, at.ID)
		}
		var hits []struct {
			Word     string
			ClientID uuid.UUID
			Again    bool
		}
		err := tx.NewRaw(`
			with hit as materialized (
				select w.word, w.client_id from client_word w
				where w.firm_id = ? and w.word >= ? and w.word < ? and ?
				order by w.word, w.client_id
				limit ?
			)
			select hit.word, hit.client_id, exists (
				select from client_word e
				where e.firm_id = ? and e.client_id = hit.client_id and e.word >= ? and e.word < hit.word) as again
			from hit
			order by hit.word, hit.client_id`, v.FirmID(), begin, end, after, atOnce, v.FirmID(), begin).Scan(ctx, &hits)
		if err != nil {
			return picked{}, fmt.Errorf("search portal users: %w", err)
		}
		var clients []uuid.UUID
		for _, h := range hits {
			if !h.Again {
				clients = append(clients, h.ClientID)
			}
		}
		found, err := f.of(ctx, tx, v, clients, typed)
		if err != nil {
			return picked{}, err
		}
		for _, h := range hits {
			if !h.Again && len(p.IDs) > 0 && len(p.IDs)+len(found[h.ClientID]) > pageSize {
				p.Next = at.String()
				return p, nil
			}
			if at = (paging.Cursor{Key: h.Word, ID: h.ClientID}); !h.Again {
				p.IDs = append(p.IDs, found[h.ClientID]...)
			}
		}
		if len(hits) < atOnce {
			return p, nil
		}
	}
	p.Next = at.String()
	return p, nil
}

// of gives the contacts that are meant, by client.
func (f filter) of(ctx context.Context, tx bun.IDB, v auth.Viewer, clients []uuid.UUID, typed []string) (map[uuid.UUID][]uuid.UUID, error) {
	found := map[uuid.UUID][]uuid.UUID{}
	if len(clients) == 0 {
		return found, nil
	}
	keys, err := f.among(ctx, tx, v, clients, typed, order{Column: "name"})
	if err != nil || len(keys) == 0 {
		return found, err
	}
	ids := make([]uuid.UUID, len(keys))
	for i, k := range keys {
		ids[i] = k.ID
	}
	var rows []struct{ ID, ClientID uuid.UUID }
	err = tx.NewRaw("select t.id, t.client_id from contact t where ? and t.id = any(?::uuid[])", f.list(v), pgdialect.Array(ids)).Scan(ctx, &rows)
	for _, row := range rows {
		found[row.ClientID] = append(found[row.ClientID], row.ID)
	}
	return found, err
}

const userColumns = `t.id, t.client_id, t.name, t.email, cl.name as client_name, t.portal_state, cl.portal_on as client_on, t.invited_at,
	t.opened_at, t.accepted_at, t.disabled_at, t.signed_in_at, t.bounce_reason,
	(select count(*) from session s
		where s.firm_id = t.firm_id and s.contact_id = t.id and s.idle_until > now() and s.absolute_until > now()) as sessions,
	case
		when exists (select from users.sending_row r
			where r.firm_id = t.firm_id and r.contact_id = t.id and r.state in ('waiting', 'released') and r.state = 'waiting') then 'waiting'
		when t.invite_mail is null then ''
		else coalesce(
			(select case m.state when 'sent' then 'sent' when 'unsure' then 'perhaps' when 'failed' then 'failed' end
				from mail m where m.firm_id = t.firm_id and m.id = t.invite_mail),
			(select case when o.dead_at is not null then 'failed' when o.done_at is null then 'queued' end
				from outbox o where o.firm_id = t.firm_id and o.id = t.invite_mail),
			'sent')
	end as mail_state`

// load gives the lines of a page, in its order.
func load(ctx context.Context, tx bun.IDB, v auth.Viewer, ids []uuid.UUID) (rows []portalUser, err error) {
	if len(ids) == 0 {
		return nil, nil
	}
	err = db.Hot(ctx, tx, &rows, `
		select ?
		from contact t
		join client cl on cl.firm_id = t.firm_id and cl.id = t.client_id
		where ? and t.id = any(?::uuid[])`, bun.Safe(userColumns), filter{}.list(v), ids)
	if err != nil {
		return nil, fmt.Errorf("portal users: %w", err)
	}
	return paging.Arrange(rows, ids, func(u portalUser) uuid.UUID { return u.ID }), nil
}

// each gives all of a resolved selection, a thousand at a time: for exports.
func each(ctx context.Context, tx bun.IDB, v auth.Viewer, s selection, fn func([]portalUser)) error {
	for last := uuid.Nil; ; {
		var ids []uuid.UUID
		err := tx.NewRaw(`
			select t.id from contact t
			where ? and t.id > ?
			order by t.id
			limit 1000`, s.condition(v), last).Scan(ctx, &ids)
		if err != nil || len(ids) == 0 {
			return err
		}
		rows, err := load(ctx, tx, v, ids)
		if err != nil {
			return err
		}
		fn(rows)
		last = ids[len(ids)-1]
	}
}
