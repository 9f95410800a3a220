package billing

import (
	"context"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/db"
)

// openFields are the fields in which a payer has to enter a card.
type openFields struct {
	Attempt, Account uuid.UUID
	Amount           int64
	Currency, Number string
	Secret           []byte // sealed
}

// fieldsOf are those of a batch that its payer was found to hold.
func fieldsOf(ctx context.Context, tx bun.IDB, v auth.Viewer, batch uuid.UUID) (openFields, error) {
	var f openFields
	err := tx.NewRaw(`
		select a.id as attempt, a.account_id as account, a.amount, a.currency, i.number, a.fields_secret as secret
		from billing.attempt a
		join billing.invoice i on i.firm_id = a.firm_id and i.id = a.invoice_id
		where a.firm_id = ? and a.batch_id = ? and a.status = 'requires_action' and a.fields_secret is not null and not a.give_up
		limit 1`, v.FirmID(), batch).Scan(ctx, &f)
	return f, db.Found(err)
}

func keepFields(ctx context.Context, tx bun.IDB, v auth.Viewer, attempt uuid.UUID, sealed []byte) error {
	return db.One(tx.NewRaw(`
		update billing.attempt set fields_secret = ?
		where firm_id = ? and id = ? and status = 'requires_action'`, sealed, v.FirmID(), attempt).Exec(ctx))
}
