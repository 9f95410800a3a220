package setup

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"
	"github.com/uptrace/bun/schema"

	"portico/platform/auth"
	"portico/platform/auth/link"
	"portico/platform/db"
	"portico/platform/id"
	"portico/platform/search"
)

// meant are the clients that a picking means, as a condition on client cl. Archived ones are none of them.
func (p picking) meant(v auth.Viewer) schema.QueryAppender {
	if !p.All {
		return bun.SafeQuery("cl.archived_at is null and cl.id = any(?::uuid[])", pgdialect.Array(p.IDs))
	}
	parts, args := []string{"cl.archived_at is null"}, []any(nil)
	if p.Kind != "" {
		parts, args = append(parts, "cl.kind = ?"), append(args, p.Kind)
	}
	if p.Portal != "" {
		parts, args = append(parts, "cl.portal_on = ?"), append(args, p.Portal == "on")
	}
	typed := search.Typed(p.Query)
	if p.Query != "" && len(typed) == 0 { // only signs were typed: they match nothing
		parts = append(parts, "false")
	}
	for _, word := range typed {
		from, to := search.Beginning(word)
		parts = append(parts, "cl.id in (select w.client_id from client_word w where w.firm_id = ? and w.word >= ? and w.word < ?)")
		args = append(args, v.FirmID(), from, to)
	}
	return bun.SafeQuery(strings.Join(parts, " and "), args...)
}

// countMeant counts them, up to most.
func countMeant(ctx context.Context, tx bun.IDB, v auth.Viewer, p picking, most int) (n int, err error) {
	if !p.All || p.Query != "" {
		err = tx.NewRaw(`
			select count(*) from (
				select from client cl where cl.firm_id = ? and ? limit ?
			) found`, v.FirmID(), p.meant(v), most).Scan(ctx, &n)
		return n, err
	}
	var parts []string
	var args []any
	for _, s := range p.stretches() {
		parts = append(parts, `
			(select cl.id from client cl
			where cl.firm_id = ? and cl.archived_at is null and cl.portal_on = ? and cl.kind = ?
			order by cl.sort_name -- which keeps it in the index
			limit ?)`)
		args = append(args, v.FirmID(), s.portal, s.kind, most)
	}
	args = append(args, most)
	err = tx.NewRaw("select count(*) from (select id from ("+strings.Join(parts, " union all ")+") found limit ?) found", args...).Scan(ctx, &n)
	return n, err
}

// stretch is a piece of the index that lists clients, with an order of its own.
type stretch struct {
	kind   string
	portal bool
}

// stretches are those that together are the list, without a search.
func (p picking) stretches() []stretch {
	var all []stretch
	for _, kind := range []string{"company", "household"} {
		for _, portal := range []string{"off", "on"} {
			if (p.Kind == "" || p.Kind == kind) && (p.Portal == "" || p.Portal == portal) {
				all = append(all, stretch{kind, portal == "on"})
			}
		}
	}
	return all
}

// pickRow is a client that can be ticked.
type pickRow struct {
	ID        uuid.UUID
	Name      string
	Kind      string
	PortalOn  bool
	UploadsOn bool
	SortName  string
}

// pickable lists clients to tick, by name, from a place on. With a search it looks at the first matches of it only.
func pickable(ctx context.Context, tx bun.IDB, v auth.Viewer, p picking, after pickRow, limit int) (rows []pickRow, err error) {
	p.All = true
	if p.Query != "" {
		err = tx.NewRaw(`
			with found as materialized (
				select cl.id, cl.name, cl.kind, cl.portal_on, cl.uploads_on, cl.sort_name
				from client cl
				where cl.firm_id = ? and ?
				limit 1000
			)
			select * from found cl
			where (cl.sort_name, cl.id) > (?, ?)
			order by cl.sort_name, cl.id
			limit ?`, v.FirmID(), p.meant(v), after.SortName, after.ID, limit).Scan(ctx, &rows)
		return rows, err
	}
	var parts []string
	var args []any
	for _, s := range p.stretches() {
		parts = append(parts, `
			(select cl.id, cl.name, cl.kind, cl.portal_on, cl.uploads_on, cl.sort_name
			from client cl
			where cl.firm_id = ? and cl.archived_at is null and cl.portal_on = ? and cl.kind = ? and (cl.sort_name, cl.id) > (?, ?)
			order by cl.sort_name, cl.id
			limit ?)`)
		args = append(args, v.FirmID(), s.portal, s.kind, after.SortName, after.ID, limit)
	}
	args = append(args, limit)
	err = tx.NewRaw("select * from ("+strings.Join(parts, " union all ")+") found order by sort_name, id limit ?", args...).Scan(ctx, &rows)
	return rows, err
}

// insertBulk keeps a draft with its clients as they are now, and counts what it would change.
func insertBulk(ctx context.Context, tx bun.IDB, v auth.Viewer, b *bulk, p picking) error {
	b.ID = id.New()
	_, err := tx.NewRaw(`
		insert into setup.bulk (firm_id, id, portal_on, uploads_on, switches, chosen, by_id, by_name)
		values (?, ?, ?, ?, ?::jsonb, ?, ?, ?)`,
		v.FirmID(), b.ID, b.PortalOn, b.UploadsOn, asJSON(b.Switches), p.words(), v.PersonID, v.Name).Exec(ctx)
	if err != nil {
		return fmt.Errorf("add bulk change: %w", err)
	}
	_, err = tx.NewRaw(`
		insert into setup.bulk_client (firm_id, bulk_id, client_id, version, result)
		select cl.firm_id, ?, cl.id, cl.version,
			case when cl.portal_on is distinct from coalesce(?::boolean, cl.portal_on)
					or cl.uploads_on is distinct from coalesce(?::boolean, cl.uploads_on)
					or cl.switches is distinct from (cl.switches - ?::text[]) || ?::jsonb
				then 'due' else 'idle' end
		from client cl
		where cl.firm_id = ? and ?`,
		b.ID, b.PortalOn, b.UploadsOn, pgdialect.Array(b.clears()), asJSON(b.sets()), v.FirmID(), p.meant(v)).Exec(ctx)
	if err != nil {
		return fmt.Errorf("clients of a bulk change: %w", err)
	}
	return planBulk(ctx, tx, v, b)
}

// planBulk counts, for each switch that the deed speaks of, from what it turns for how many clients.
func planBulk(ctx context.Context, tx bun.IDB, v auth.Viewer, b *bulk) error {
	var keys, wants []string
	add := func(key, want string) { keys, wants = append(keys, key), append(wants, want) }
	if b.PortalOn != nil {
		add("portal_on", wordsOf(*b.PortalOn))
	}
	if b.UploadsOn != nil {
		add("uploads_on", wordsOf(*b.UploadsOn))
	}
	for key, state := range b.Switches {
		add(key, clientWords(state))
	}
	err := tx.NewRaw(`
		with now as materialized (
			select cl.portal_on, cl.uploads_on, cl.switches
			from setup.bulk_client bc
			join client cl on cl.firm_id = bc.firm_id and cl.id = bc.client_id
			where bc.firm_id = ? and bc.bulk_id = ? and bc.result = 'due'
		), said as (
			select k.key, k.becomes,
				case k.key
					when 'portal_on' then case when now.portal_on then 'on' else 'off' end
					when 'uploads_on' then case when now.uploads_on then 'on' else 'off' end
					else case now.switches ->> k.key when 'true' then 'on' when 'false' then 'off' else 'as the firm' end
				end as was
			from now
			cross join unnest(?::text[], ?::text[]) as k (key, becomes)
		)
		select key, was, becomes, count(*) as clients
		from said
		where was <> becomes
		group by key, was, becomes
		order by key, was`,
		v.FirmID(), b.ID, pgdialect.Array(keys), pgdialect.Array(wants)).Scan(ctx, &b.Plan)
	if err != nil {
		return fmt.Errorf("plan of a bulk change: %w", err)
	}
	if b.Plan == nil {
		b.Plan = []planned{}
	}
	return tx.NewRaw(`
		update setup.bulk
		set plan = ?::jsonb, clients = (select count(*) from setup.bulk_client bc where bc.firm_id = ? and bc.bulk_id = ?)
		where firm_id = ? and id = ?
		returning clients`, asJSON(b.Plan), v.FirmID(), b.ID, v.FirmID(), b.ID).Scan(ctx, &b.Clients)
}

const selectBulk = `
	select b.id, b.state, b.portal_on, b.uploads_on, b.switches, b.chosen, b.plan, b.clients, b.by_id, b.by_name,
		b.created_at, b.started_at, b.ended_at as end_at
	from setup.bulk b
	where b.firm_id = ?`

func findBulk(ctx context.Context, tx bun.IDB, v auth.Viewer, bulkID uuid.UUID) (b bulk, err error) {
	if err = tx.NewRaw(selectBulk+" and b.id = ?", v.FirmID(), bulkID).Scan(ctx, &b); err != nil {
		return b, found(err)
	}
	b.Counts, err = countsOf(ctx, tx, v, bulkID)
	return b, err
}

// holdBulk keeps everybody else away from a bulk change until the transaction is over.
func holdBulk(ctx context.Context, tx bun.IDB, v auth.Viewer, bulkID uuid.UUID) (b bulk, err error) {
	err = tx.NewRaw(selectBulk+" and b.id = ? for update", v.FirmID(), bulkID).Scan(ctx, &b)
	return b, found(err)
}

func countsOf(ctx context.Context, tx bun.IDB, v auth.Viewer, bulkID uuid.UUID) (map[string]int, error) {
	var rows []struct {
		Result string
		N      int
	}
	err := tx.NewRaw(`
		select bc.result, count(*) as n
		from setup.bulk_client bc
		where bc.firm_id = ? and bc.bulk_id = ?
		group by bc.result`, v.FirmID(), bulkID).Scan(ctx, &rows)
	counts := map[string]int{}
	for _, row := range rows {
		counts[row.Result] = row.N
	}
	return counts, err
}

// bulksBefore lists the changes that were begun, the newest first.
func bulksBefore(ctx context.Context, tx bun.IDB, v auth.Viewer, before uuid.UUID, limit int) (list []bulk, err error) {
	err = tx.NewRaw(selectBulk+`
			and b.state <> 'draft' and (? or (b.created_at, b.id) < (
				(select n.created_at from setup.bulk n where n.firm_id = ? and n.id = ?), ?))
		order by b.created_at desc, b.id desc
		limit ?`, v.FirmID(), before == uuid.Nil, v.FirmID(), before, before, limit).Scan(ctx, &list)
	return list, err
}

// bulkRow is what became, or would become, of one client.
type bulkRow struct {
	clientRow
	Result string
	Seen   int
	Before map[string]any `bun:"type:jsonb"`
	After  map[string]any `bun:"type:jsonb"`
}

// rowsOfBulk lists the clients of one result, from a place on.
func rowsOfBulk(ctx context.Context, tx bun.IDB, v auth.Viewer, bulkID uuid.UUID, result string, after uuid.UUID, limit int) (rows []bulkRow, err error) {
	err = tx.NewRaw(`
		select cl.id, cl.name, cl.portal_on, cl.uploads_on, cl.switches, cl.archived_at is not null as archived, cl.version,
			bc.result, bc.version as seen, bc.was as before, bc.became as after
		from setup.bulk_client bc
		join client cl on cl.firm_id = ? and cl.id = bc.client_id
		where bc.firm_id = ? and bc.bulk_id = ? and bc.result = ? and bc.client_id > ?
		order by bc.client_id
		limit ?`, v.FirmID(), v.FirmID(), bulkID, result, after, limit).Scan(ctx, &rows)
	return rows, err
}

// startBulk begins a draft.
func startBulk(ctx context.Context, tx bun.IDB, v auth.Viewer, bulkID uuid.UUID) error {
	err := db.One(tx.NewRaw(`
		update setup.bulk set state = 'running', started_at = now()
		where firm_id = ? and id = ? and state = 'draft'`, v.FirmID(), bulkID).Exec(ctx))
	return found(err)
}

func endBulk(ctx context.Context, tx bun.IDB, v auth.Viewer, bulkID uuid.UUID, state string) error {
	err := db.One(tx.NewRaw(`
		update setup.bulk set state = ?, ended_at = now()
		where firm_id = ? and id = ? and state = 'running'`, state, v.FirmID(), bulkID).Exec(ctx))
	return found(err)
}

func dropBulk(ctx context.Context, tx bun.IDB, v auth.Viewer, bulkID uuid.UUID) error {
	return found(db.One(tx.NewRaw(`
		delete from setup.bulk where firm_id = ? and id = ? and state = 'draft'`, v.FirmID(), bulkID).Exec(ctx)))
}

// dropDrafts forgets what nobody began within a day.
func dropDrafts(ctx context.Context, tx bun.IDB, v auth.Viewer) error {
	_, err := tx.NewRaw(`
		delete from setup.bulk
		where firm_id = ? and state = 'draft' and created_at < now() - interval '1 day'`, v.FirmID()).Exec(ctx)
	return err
}

// nextOfBulk holds the next clients that wait: those that would change first.
func nextOfBulk(ctx context.Context, tx bun.IDB, v auth.Viewer, bulkID uuid.UUID, limit int) (rows []held, err error) {
	err = tx.NewRaw(`
		with next as materialized (
			select bc.client_id, bc.version
			from setup.bulk_client bc
			where bc.firm_id = ? and bc.bulk_id = ? and bc.result in ('due', 'idle')
			order by bc.result, bc.client_id
			limit ?
		)
		select cl.id, cl.name, cl.portal_on, cl.uploads_on, cl.switches, cl.logo_id, cl.archived_at is not null as archived, cl.version,
			next.version as seen
		from next
		join client cl on cl.firm_id = ? and cl.id = next.client_id
		order by cl.id
		for no key update of cl`, v.FirmID(), bulkID, limit, v.FirmID()).Scan(ctx, &rows)
	return rows, err
}

// keepSwept writes the clients that change, what became of all of them, and ends the sessions where a portal closes.
func keepSwept(ctx context.Context, tx bun.IDB, v auth.Viewer, b bulk, kept []swept) error {
	if len(kept) == 0 {
		return nil
	}
	var ids, changed, closed []uuid.UUID
	var portals, uploads []bool
	var switches, outcomes, before, after []string
	for _, k := range kept {
		ids, outcomes = append(ids, k.ID), append(outcomes, k.result)
		before, after = append(before, asJSON(k.was)), append(after, asJSON(k.is))
		if k.result != turned {
			continue
		}
		changed, portals, uploads = append(changed, k.ID), append(portals, k.PortalOn), append(uploads, k.UploadsOn)
		switches = append(switches, asJSON(k.Switches))
		if k.closes {
			closed = append(closed, k.ID)
		}
	}
	_, err := tx.NewRaw(`
		update client cl
		set portal_on = n.portal_on, uploads_on = n.uploads_on, switches = n.switches::jsonb, version = cl.version + 1, updated_at = now()
		from unnest(?::uuid[], ?::boolean[], ?::boolean[], ?::text[]) as n (id, portal_on, uploads_on, switches)
		where cl.firm_id = ? and cl.id = n.id`,
		pgdialect.Array(changed), pgdialect.Array(portals), pgdialect.Array(uploads), pgdialect.Array(switches), v.FirmID()).Exec(ctx)
	if err != nil {
		return fmt.Errorf("clients: %w", err)
	}
	_, err = tx.NewRaw(`
		update setup.bulk_client bc
		set result = n.result, was = n.was::jsonb, became = n.became::jsonb
		from unnest(?::uuid[], ?::text[], ?::text[], ?::text[]) as n (id, result, was, became)
		where bc.firm_id = ? and bc.bulk_id = ? and bc.client_id = n.id`,
		pgdialect.Array(ids), pgdialect.Array(outcomes), pgdialect.Array(before), pgdialect.Array(after), v.FirmID(), b.ID).Exec(ctx)
	if err != nil {
		return fmt.Errorf("results: %w", err)
	}
	return closeAll(ctx, tx, v, closed)
}

// closeAll signs the contacts of these clients out and ends their links. Their rows are held first: a sign-in under way
// waits for them.
func closeAll(ctx context.Context, tx bun.IDB, v auth.Viewer, clients []uuid.UUID) error {
	if len(clients) == 0 {
		return nil
	}
	var contacts []uuid.UUID
	err := tx.NewRaw(`
		select ct.id from contact ct
		where ct.firm_id = ? and ct.client_id = any(?::uuid[]) and ct.person_id is not null
		order by ct.id
		for update`, v.FirmID(), pgdialect.Array(clients)).Scan(ctx, &contacts)
	if err != nil {
		return fmt.Errorf("contacts: %w", err)
	}
	for _, contact := range contacts {
		err := errors.Join(auth.EndForContact(ctx, tx, v.FirmID(), contact), link.RevokeFor(ctx, tx, v.FirmID(), contact))
		if err != nil {
			return err
		}
	}
	return nil
}

// asJSON writes maps of words and ticks, which can always be written.
func asJSON(value any) string {
	body, _ := json.Marshal(value)
	return string(body)
}
