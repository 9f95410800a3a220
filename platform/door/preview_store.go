package door

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

const selectLook = `
	select ct.id, ct.client_id, ct.name, ct.email, cl.name as client_name, ct.access = 'portal' as portal,
		ct.disabled_at is not null as disabled, ct.archived_at is not null as archived, cl.archived_at is not null as client_gone,
		f.portal_on as firm_on, cl.portal_on as client_on
	from contact ct
	join client cl on cl.firm_id = ct.firm_id and cl.id = ct.client_id
	join firm f on f.firm_id = ct.firm_id
	where ct.firm_id = ?`

// findLook finds a contact of the viewer's firm.
func findLook(ctx context.Context, tx bun.Tx, v auth.Viewer, contact uuid.UUID) (look, error) {
	var l look
	err := tx.NewRaw(selectLook+" and ct.id = ?", v.FirmID(), contact).Scan(ctx, &l)
	if errors.Is(err, sql.ErrNoRows) {
		return l, fault.NotFound()
	}
	if err != nil {
		return l, fmt.Errorf("whose eyes to look with: %w", err)
	}
	return l, nil
}

// findLooks lists the contacts of a client of the viewer's firm; those who may come in first.
func findLooks(ctx context.Context, tx bun.Tx, v auth.Viewer, client uuid.UUID) (name string, looks []look, err error) {
	err = tx.NewRaw("select cl.name from client cl where cl.firm_id = ? and cl.id = ?", v.FirmID(), client).Scan(ctx, &name)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil, fault.NotFound()
	}
	if err != nil {
		return "", nil, fmt.Errorf("whose portal to look at: %w", err)
	}
	err = tx.NewRaw(selectLook+`
			and ct.client_id = ? and ct.archived_at is null
		order by ct.access = 'portal' and ct.disabled_at is null desc, ct.is_primary desc, ct.name, ct.id
		limit 200`, v.FirmID(), client).Scan(ctx, &looks)
	return name, looks, err
}
