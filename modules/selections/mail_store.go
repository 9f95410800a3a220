package selections

import (
	"context"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
)

// contactsOf are a client's contacts, for whom staff may approve what they said.
func contactsOf(ctx context.Context, tx bun.IDB, v auth.Viewer, client uuid.UUID) ([]option, error) {
	var list []option
	err := tx.NewRaw(`
		select ct.id::text as value, ct.name as title from contact ct
		where ct.firm_id = ? and ct.client_id = ? and ct.archived_at is null
		order by ct.is_primary desc, ct.created_at, ct.id
		limit 200`, v.FirmID(), client).Scan(ctx, &list)
	return list, err
}
