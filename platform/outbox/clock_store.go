package outbox

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"portico/platform/id"
)

// Tick is one period of one piece of clock work.
type Tick struct {
	Kind   string
	Period time.Time
	Once   bool // one promise for the installation, not one a firm
	First  bool // the schedule was never seen before: note it, promise nothing
}

// Ticking runs fn with the last period of each of the kinds, while no other worker does, and makes the promises of the ticks
// that it returns: one an active firm. A period that was ticked before is passed over.
//
// The lock lives as long as the transaction, so that it needs no connection of its own, passes through a pooler, and is
// free the moment its worker dies; what makes a tick unique is the primary key of clock.
func Ticking(ctx context.Context, ops *bun.DB, kinds []string, fn func(last map[string]time.Time) []Tick) (int, error) {
	promised := 0
	err := ops.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		if mine, err := tryLock(ctx, tx, clockLock); err != nil || !mine {
			return err
		}
		var rows []struct {
			Kind   string
			Period time.Time
		}
		err := tx.NewRaw(`
			select k.kind, (select max(c.period) from clock c where c.kind = k.kind) as period
			from unnest(?::text[]) as k (kind)`, pgdialect.Array(kinds)).Scan(ctx, &rows)
		if err != nil {
			return err
		}
		last := make(map[string]time.Time, len(rows))
		for _, row := range rows {
			if !row.Period.IsZero() {
				last[row.Kind] = row.Period
			}
		}
		for _, tick := range fn(last) {
			n, err := tickNow(ctx, tx, tick)
			if err != nil {
				return fmt.Errorf("tick %s: %w", tick.Kind, err)
			}
			promised += n
		}
		return nil
	})
	return promised, err
}

func tickNow(ctx context.Context, tx bun.Tx, tick Tick) (int, error) {
	result, err := tx.NewRaw(`
		insert into clock (kind, period)
		values (?, ?)
		on conflict do nothing`, tick.Kind, tick.Period.UTC()).Exec(ctx)
	if err != nil || affected(result) == 0 || tick.First {
		return 0, err
	}
	firms := []uuid.UUID{uuid.Nil}
	if !tick.Once {
		firms = nil
		if err := tx.NewRaw("select firm_id from firm where status = 'active' order by firm_id").Scan(ctx, &firms); err != nil {
			return 0, err
		}
	}
	for chunk := range slices.Chunk(firms, atOnce) {
		args := make([]any, 0, 3*len(chunk))
		for _, firm := range chunk {
			args = append(args, firm, id.New(), tick.Kind)
		}
		_, err := tx.NewRaw(`
			insert into outbox (firm_id, id, kind, payload)
			values `+strings.TrimSuffix(strings.Repeat("(?, ?, ?, '{}'), ", len(chunk)), ", "), args...).Exec(ctx)
		if err != nil {
			return 0, err
		}
	}
	return len(firms), nil
}
