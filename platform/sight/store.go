package sight

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/fault"
)

// Load reads the client with what decides what its contacts see. It is for staff and jobs of the firm.
func Load(ctx context.Context, tx bun.IDB, v auth.Viewer, client uuid.UUID) (Client, error) {
	var c Client
	if v.Side != auth.Office && v.Side != auth.Program {
		return c, fault.NotFound()
	}
	err := tx.NewRaw(`
		select cl.id, cl.name, cl.portal_on, cl.uploads_on, cl.archived_at is not null as archived, cl.switches
		from client cl
		where cl.firm_id = ? and cl.id = ?`, v.FirmID(), client).Scan(ctx, &c)
	if errors.Is(err, sql.ErrNoRows) {
		return c, fault.NotFound()
	}
	if err != nil {
		return c, fmt.Errorf("client: %w", err)
	}
	err = tx.NewRaw(`
		select pr.id, pr.name, pr.switches
		from project pr
		where pr.firm_id = ? and pr.client_id = ? and pr.shared and pr.status <> 'archived'
		order by pr.created_at desc, pr.id`, v.FirmID(), client).Scan(ctx, &c.Projects)
	if err != nil {
		return c, fmt.Errorf("projects: %w", err)
	}
	err = tx.NewRaw(`
		select ct.id, ct.name, ct.title, ct.access, ct.rights, ct.limited, ct.invited_at, ct.accepted_at, ct.disabled_at,
			array(
				select cp.project_id from contact_project cp
				where cp.firm_id = ct.firm_id and cp.contact_id = ct.id
			) as chosen
		from contact ct
		where ct.firm_id = ? and ct.client_id = ? and ct.archived_at is null
		order by ct.is_primary desc, ct.created_at, ct.id
		limit 500`, v.FirmID(), client).Scan(ctx, &c.Contacts)
	if err != nil {
		return c, fmt.Errorf("contacts: %w", err)
	}
	return c, nil
}
