package outbox

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"portico/platform/db"
)

// The numbers of the advisory locks; positive, see lockKey.
const (
	relayLock     = 7_261_004_201
	clockLock     = 7_261_004_202
	reconcileLock = 7_261_004_203
)

// These bound the rows of one statement.
const (
	atOnce      = 1000
	sweepAtOnce = 5000
)

// Put writes promises in the caller's transaction. One whose id exists already is left as it is, so that a caller who
// chooses ids promises exactly once.
func Put(ctx context.Context, tx bun.IDB, firm uuid.UUID, promises ...Promise) error {
	now := false
	for chunk := range slices.Chunk(promises, atOnce) {
		args := make([]any, 0, 5*len(chunk))
		for _, p := range chunk {
			args = append(args, firm, p.ID, p.Kind, string(p.Payload))
			if p.At.IsZero() {
				args = append(args, bun.Safe("now()"))
				now = true
			} else {
				args = append(args, p.At.UTC())
			}
		}
		_, err := tx.NewRaw(`
			insert into outbox (firm_id, id, kind, payload, next_at)
			values `+strings.TrimSuffix(strings.Repeat("(?, ?, ?, ?, ?), ", len(chunk)), ", ")+`
			on conflict (firm_id, id) do nothing`, args...).Exec(ctx)
		if err != nil {
			return fmt.Errorf("promise %s: %w", chunk[0].Kind, err)
		}
	}
	if now {
		db.AfterCommit(ctx, ring)
	}
	return nil
}

// A row that is named by its key is asked whether it is open with coalesce(done_at, dead_at) is null, not with the two
// conditions of the index outbox_open: without fresh statistics the planner takes that index for as good as the key,
// and walks all that is open for each row.

// Held is a promise in the hands of its handler.
type Held struct {
	Kind      string
	Payload   json.RawMessage
	Tries     int
	CreatedAt time.Time
	Mine      bool // false: another copy of this job is running
}

// Claim takes a promise for the length of the transaction; ok is false when there is nothing left to do.
//
// The row itself stays unlocked while the handler works, so that relays pass by a long job without waiting. When two
// copies meet in the instant between looking and locking, Close refuses the second.
func Claim(ctx context.Context, tx bun.Tx, firm, id uuid.UUID) (Held, bool, error) {
	var held []Held
	err := db.Named(ctx, tx, &held, `
		select o.kind, o.payload, o.tries, o.created_at, pg_try_advisory_xact_lock($3) as mine
		from outbox o
		where o.firm_id = $1 and o.id = $2 and coalesce(o.done_at, o.dead_at) is null`,
		firm, id, lockKey(id))
	if err != nil || len(held) == 0 {
		return Held{}, false, err
	}
	return held[0], true, nil
}

// Close marks a promise as kept, in the transaction that kept it; false means that another copy was first.
func Close(ctx context.Context, tx bun.Tx, firm, id uuid.UUID) (bool, error) {
	var closed []struct{ ID uuid.UUID }
	err := db.Named(ctx, tx, &closed, `
		update outbox set done_at = now(), last_error = ''
		where firm_id = $1 and id = $2 and coalesce(done_at, dead_at) is null
		returning id`, firm, id)
	return len(closed) == 1, err
}

// PutOff leaves a promise open until then, in the transaction of a handler that has done a part of it; false means that
// another copy was first.
func PutOff(ctx context.Context, tx bun.Tx, firm, id uuid.UUID, at time.Time) (bool, error) {
	err := db.One(tx.NewRaw(`
		update outbox set next_at = ?, dispatches = 0, last_error = ''
		where firm_id = ? and id = ? and coalesce(done_at, dead_at) is null`, at.UTC(), firm, id).Exec(ctx))
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}

// Idle says which of some promises are in nobody's hands, and keeps them so until the transaction is over.
func Idle(ctx context.Context, tx bun.IDB, ids []uuid.UUID) (idle []uuid.UUID, err error) {
	keys := make([]int64, len(ids))
	for i, id := range ids {
		keys[i] = lockKey(id)
	}
	err = tx.NewRaw(`
		select x.id from unnest(?::uuid[], ?::bigint[]) as x (id, key)
		where pg_try_advisory_xact_lock(x.key)`, pgdialect.Array(ids), pgdialect.Array(keys)).Scan(ctx, &idle)
	return idle, err
}

// Withdraw takes promises back that nobody has begun to keep, as if they had never been made, and says which: the same
// ids may be promised again. One that is in the hands of its handler stays.
func Withdraw(ctx context.Context, tx bun.IDB, firm uuid.UUID, ids []uuid.UUID) (withdrawn []uuid.UUID, err error) {
	keys := make([]int64, len(ids))
	for i, id := range ids {
		keys[i] = lockKey(id)
	}
	err = tx.NewRaw(`
		delete from outbox o
		using unnest(?::uuid[], ?::bigint[]) as x (id, key)
		where o.firm_id = ? and o.id = x.id and coalesce(o.done_at, o.dead_at) is null and pg_try_advisory_xact_lock(x.key)
		returning o.id`, pgdialect.Array(ids), pgdialect.Array(keys), firm).Scan(ctx, &withdrawn)
	if err != nil {
		return nil, fmt.Errorf("withdraw promises: %w", err)
	}
	return withdrawn, nil
}

// StillRunning says that a ring went unanswered because its job takes long, not because its worker died.
func StillRunning(ctx context.Context, tx bun.IDB, firm, id uuid.UUID) error {
	_, err := tx.NewRaw(`
		update outbox set dispatches = 1
		where firm_id = ? and id = ? and coalesce(done_at, dead_at) is null and dispatches > 1`, firm, id).Exec(ctx)
	return err
}

// Refuse writes down why a handler said no, and when to ask again; after MaxTries the promise is given up. It says
// whether it was. Tries is what Claim saw, so that two copies that fail together count as one.
func Refuse(ctx context.Context, tx bun.IDB, firm, id uuid.UUID, tries int, reason string, wait time.Duration) (dead bool, err error) {
	var refused []struct{ Dead bool }
	err = tx.NewRaw(`
		update outbox set
			tries = tries + 1,
			last_error = ?,
			dispatches = 0,
			next_at = now() + ? * interval '1 millisecond',
			dead_at = case when tries + 1 >= ? then now() end
		where firm_id = ? and id = ? and tries = ? and coalesce(done_at, dead_at) is null
		returning dead_at is not null as dead`,
		reason, wait.Milliseconds(), MaxTries, firm, id, tries).Scan(ctx, &refused)
	return len(refused) == 1 && refused[0].Dead, err
}
