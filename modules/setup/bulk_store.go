package setup

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"portico/platform/auth"
	"portico/platform/db"
	"portico/platform/id"
)

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
		return b, db.Found(err)
	}
	b.Counts, err = countsOf(ctx, tx, v, bulkID)
	return b, err
}

// holdBulk keeps everybody else away from a bulk change until the transaction is over.
func holdBulk(ctx context.Context, tx bun.IDB, v auth.Viewer, bulkID uuid.UUID) (b bulk, err error) {
	err = tx.NewRaw(selectBulk+" and b.id = ? for update", v.FirmID(), bulkID).Scan(ctx, &b)
	return b, db.Found(err)
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
	return db.Found(err)
}

func endBulk(ctx context.Context, tx bun.IDB, v auth.Viewer, bulkID uuid.UUID, state string) error {
	err := db.One(tx.NewRaw(`
		update setup.bulk set state = ?, ended_at = now()
		where firm_id = ? and id = ? and state = 'running'`, state, v.FirmID(), bulkID).Exec(ctx))
	return db.Found(err)
}

func dropBulk(ctx context.Context, tx bun.IDB, v auth.Viewer, bulkID uuid.UUID) error {
	return db.Found(db.One(tx.NewRaw(`
		delete from setup.bulk where firm_id = ? and id = ? and state = 'draft'`, v.FirmID(), bulkID).Exec(ctx)))
}

// dropDrafts forgets what nobody began within a day.
func dropDrafts(ctx context.Context, tx bun.IDB, v auth.Viewer) error {
	_, err := tx.NewRaw(`
		delete from setup.bulk
		where firm_id = ? and state = 'draft' and created_at < now() - interval '1 day'`, v.FirmID()).Exec(ctx)
	return err
}

// asJSON writes maps of words and ticks, which can always be written.
func asJSON(value any) string {
	body, _ := json.Marshal(value)
	return string(body)
}
