package door

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
)

// accept notes that a contact has come in; first is true for the transaction in which that was new.
func accept(ctx context.Context, tx bun.Tx, firm, contact uuid.UUID) (first bool, err error) {
	err = tx.NewRaw(`
		update contact
		set accepted_at = coalesce(accepted_at, now()), opened_at = coalesce(opened_at, now())
		where firm_id = ? and id = ?
		returning accepted_at = now()`, firm, contact).Scan(ctx, &first)
	if err != nil {
		return false, fmt.Errorf("accept invitation: %w", err)
	}
	return first, nil
}
