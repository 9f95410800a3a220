package setup

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"portico/platform/auth"
	"portico/platform/auth/link"
)

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
