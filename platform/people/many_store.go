package people

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"portico/platform/auth"
	"portico/platform/auth/link"
)

// Changed is a contact whose access was changed together with others.
type Changed struct {
	ID, ClientID uuid.UUID
	Name         string
}

// DisableContacts is DisableContact for many at once. Who has no access, or is disabled already, is left alone and not
// in the answer.
func DisableContacts(ctx context.Context, tx bun.IDB, v auth.Viewer, contacts []uuid.UUID) ([]Changed, error) {
	changed, err := setDisabled(ctx, tx, v, contacts, true)
	if err != nil || len(changed) == 0 {
		return changed, err
	}
	ids := make([]uuid.UUID, len(changed))
	for i, c := range changed {
		ids[i] = c.ID
	}
	if err := auth.EndForContact(ctx, tx, v.FirmID(), ids...); err != nil {
		return nil, err
	}
	return changed, link.RevokeFor(ctx, tx, v.FirmID(), ids...)
}

// EnableContacts undoes DisableContacts. Sessions and links that ended stay ended.
func EnableContacts(ctx context.Context, tx bun.IDB, v auth.Viewer, contacts []uuid.UUID) ([]Changed, error) {
	return setDisabled(ctx, tx, v, contacts, false)
}

// setDisabled holds the rows in one order, so that two people who do this at once wait for each other, not crosswise.
func setDisabled(ctx context.Context, tx bun.IDB, v auth.Viewer, contacts []uuid.UUID, disable bool) (changed []Changed, err error) {
	err = tx.NewRaw(`
		with held as (
			select ct.id from contact ct
			where ct.firm_id = ? and ct.id = any(?::uuid[]) and ct.archived_at is null and ct.access = 'portal'
				and (ct.disabled_at is null) = ?
			order by ct.id
			for update
		)
		update contact ct
		set disabled_at = case when ? then now() end, version = ct.version + 1, updated_at = now()
		from held
		where ct.firm_id = ? and ct.id = held.id
		returning ct.id, ct.client_id, ct.name`, v.FirmID(), pgdialect.Array(contacts), disable, disable, v.FirmID()).Scan(ctx, &changed)
	if err != nil {
		return nil, fmt.Errorf("change access of many: %w", err)
	}
	return changed, nil
}
