package db

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/uptrace/bun"
)

// Apart lets a part of a transaction fail alone: what follows runs in a savepoint in which PostgreSQL ends each
// statement after within. back ends it and takes back all that it did, the time limit included; when back fails, the
// whole transaction is lost.
func Apart(ctx context.Context, tx bun.Tx, within time.Duration) (back func() error, err error) {
	ms := strconv.FormatInt(max(1, within.Milliseconds()), 10)
	// both travel in one message
	if _, err := tx.ExecContext(ctx, "savepoint apart; set local statement_timeout = "+ms); err != nil {
		return nil, fmt.Errorf("set a part apart: %w", err)
	}
	return func() error {
		if _, err := tx.ExecContext(ctx, "rollback to savepoint apart; release savepoint apart"); err != nil {
			return fmt.Errorf("come back from a part: %w", err)
		}
		return nil
	}, nil
}
