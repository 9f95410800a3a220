package activity

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"
)

func insertEach(ctx context.Context, tx bun.IDB, entries []Entry) error {
	if _, err := tx.NewInsert().Model(&entries).Exec(ctx); err != nil {
		return fmt.Errorf("record activity: %w", err)
	}
	return nil
}
