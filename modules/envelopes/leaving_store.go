package envelopes

import (
	"context"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/db"
)

// awaitedFrom are the documents in which something is waited for from a member of staff, or will be.
func awaitedFrom(ctx context.Context, tx bun.IDB, v auth.Viewer, person uuid.UUID) ([]uuid.UUID, error) {
	var ids []uuid.UUID
	err := tx.NewRaw(`
		select distinct e.id
		from envelopes.recipient r
		join envelopes.envelope e on e.firm_id = r.firm_id and e.id = r.envelope_id and e.status in ('draft', 'sent')
		where r.firm_id = ? and r.person_id = ? and r.signed_at is null and r.declined_at is null and r.forwarded_id is null
		order by e.id`, v.FirmID(), person).Scan(ctx, &ids)
	return ids, err
}

func replaceStaff(ctx context.Context, tx bun.IDB, v auth.Viewer, r Recipient) error {
	return db.One(tx.NewRaw(`
		update envelopes.recipient set person_id = ?, name = ?, email = ?, notified_at = ?, forwarded_id = ?, version = version + 1
		where firm_id = ? and id = ?`, db.NullID(r.PersonID), r.Name, r.Email, nullTime(r.NotifiedAt), db.NullID(r.ForwardedID), v.FirmID(), r.ID).Exec(ctx))
}
