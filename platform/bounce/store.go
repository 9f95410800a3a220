package bounce

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
)

// firmOf finds whose mail it was: a report does not name the firm, so this spans them.
func firmOf(ctx context.Context, ops *bun.DB, mail uuid.UUID) (firm uuid.UUID, known bool, err error) {
	err = ops.NewRaw("select m.firm_id from mail m where m.id = ? limit 1", mail).Scan(ctx, &firm)
	if errors.Is(err, sql.ErrNoRows) {
		return uuid.Nil, false, nil
	}
	if err != nil {
		return uuid.Nil, false, fmt.Errorf("whose mail: %w", err)
	}
	return firm, true, nil
}
