package outbox

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"portico/platform/db"
	"portico/platform/id"
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

// Rung is a promise whose bell is to be rung.
type Rung struct {
	FirmID     uuid.UUID
	ID         uuid.UUID
	Kind       string
	Tries      int
	Dispatches int
}

// Fresh claims up to limit promises that are due and were not rung since they were made or last refused, the oldest
// first, for the pool of the operations role. Only one relay at a time gets any.
//
// One statement without FOR UPDATE, which a distributed table refuses; what another relay took in between is told by
// the second look at dispatches.
func Fresh(ctx context.Context, ops *bun.DB, limit int) ([]Rung, error) {
	var rung []Rung
	err := ops.NewRaw(`
		update outbox o
		set dispatches = 1, next_at = now() + ? * interval '1 millisecond'
		from (
			select d.firm_id, d.id
			from outbox d
			where d.dispatches = 0 and d.next_at <= now() and d.done_at is null and d.dead_at is null
				and (select pg_try_advisory_xact_lock(?))
			order by d.next_at
			limit ?
		) due
		where o.firm_id = due.firm_id and o.id = due.id
			and o.dispatches = 0 and coalesce(o.done_at, o.dead_at) is null
		returning o.firm_id, o.id, o.kind, o.tries, o.dispatches`,
		Answer.Milliseconds(), relayLock, limit).Scan(ctx, &rung)
	return rung, err
}

// Unanswered lists promises that were rung long enough ago to ask what became of them.
func Unanswered(ctx context.Context, ops *bun.DB, limit int) ([]Rung, error) {
	var rung []Rung
	err := ops.NewRaw(`
		select o.firm_id, o.id, o.kind, o.tries, o.dispatches
		from outbox o
		where o.dispatches > 0 and o.next_at <= now() and o.done_at is null and o.dead_at is null
		order by o.next_at
		limit ?`, limit).Scan(ctx, &rung)
	return rung, err
}

// Again claims unanswered promises for another ring, and gives up those that were rung too often.
func Again(ctx context.Context, ops *bun.DB, lost []Rung) ([]Rung, error) {
	if len(lost) == 0 {
		return nil, nil
	}
	firms, ids, dispatches := columns(lost)
	waits := make([]int64, len(lost))
	for i, r := range lost {
		waits[i] = Patience(r.Dispatches + 1).Milliseconds()
	}
	var rung []struct {
		Rung
		Dead bool
	}
	err := ops.NewRaw(`
		update outbox o set
			dispatches = o.dispatches + 1,
			next_at = now() + x.wait * interval '1 millisecond',
			dead_at = case when o.dispatches >= ? then now() end,
			last_error = case when o.dispatches >= ? then 'its worker never answered' else o.last_error end
		from unnest(?::uuid[], ?::uuid[], ?::int[], ?::bigint[]) as x (firm_id, id, dispatches, wait)
		where o.firm_id = x.firm_id and o.id = x.id and o.dispatches = x.dispatches
			and o.next_at <= now() and coalesce(o.done_at, o.dead_at) is null
		returning o.firm_id, o.id, o.kind, o.tries, o.dispatches, o.dead_at is not null as dead`,
		MaxRings, MaxRings, firms, ids, dispatches, pgdialect.Array(waits)).Scan(ctx, &rung)
	if err != nil {
		return nil, err
	}
	alive := make([]Rung, 0, len(rung))
	for _, r := range rung {
		if !r.Dead {
			alive = append(alive, r.Rung)
		}
	}
	return alive, nil
}

// Later puts off the question for promises that still wait in the queue: that is no fault of theirs.
func Later(ctx context.Context, ops *bun.DB, waiting []Rung) error {
	if len(waiting) == 0 {
		return nil
	}
	firms, ids, dispatches := columns(waiting)
	_, err := ops.NewRaw(`
		update outbox o set next_at = now() + ? * interval '1 millisecond'
		from unnest(?::uuid[], ?::uuid[], ?::int[]) as x (firm_id, id, dispatches)
		where o.firm_id = x.firm_id and o.id = x.id and o.dispatches = x.dispatches
			and o.next_at <= now() and coalesce(o.done_at, o.dead_at) is null`,
		Answer.Milliseconds(), firms, ids, dispatches).Exec(ctx)
	return err
}

func columns(rows []Rung) (firms, ids, dispatches any) {
	f, i, d := make([]string, len(rows)), make([]string, len(rows)), make([]int64, len(rows))
	for n, r := range rows {
		f[n], i[n], d[n] = r.FirmID.String(), r.ID.String(), int64(r.Dispatches)
	}
	return pgdialect.Array(f), pgdialect.Array(i), pgdialect.Array(d)
}

// Hurry asks at once about everything that was rung and not answered: the queue has lost its memory.
func Hurry(ctx context.Context, ops *bun.DB) error {
	_, err := ops.NewRaw(`
		update outbox set next_at = now()
		where dispatches > 0 and next_at > now() and done_at is null and dead_at is null`).Exec(ctx)
	return err
}

// Due lists promises that are due, whatever was rung; for running them without a queue.
func Due(ctx context.Context, ops *bun.DB, limit int) ([]Rung, error) {
	var rung []Rung
	err := ops.NewRaw(`
		select o.firm_id, o.id, o.kind, o.tries, o.dispatches
		from outbox o
		where o.next_at <= now() and o.done_at is null and o.dead_at is null
		order by o.next_at
		limit ?`, limit).Scan(ctx, &rung)
	return rung, err
}

// Lag is how long the oldest promise that should have been rung has been waiting; 0: none is late.
func Lag(ctx context.Context, ops *bun.DB) (time.Duration, error) {
	var seconds float64
	err := ops.NewRaw(`
		select coalesce(extract(epoch from now() - min(o.next_at)), 0)::float8
		from outbox o
		where o.next_at <= now() and o.done_at is null and o.dead_at is null`).Scan(ctx, &seconds)
	return time.Duration(seconds * float64(time.Second)), err
}

// Swept says what Sweep removed, and whether there may be more.
type Swept struct {
	Done, Ticks int
	More        bool
}

// Sweep deletes what was done long ago, a batch at a time, and ticks that no schedule will ask for again. It does
// nothing while another worker sweeps.
func Sweep(ctx context.Context, ops *bun.DB) (Swept, error) {
	var swept Swept
	err := ops.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		if mine, err := tryLock(ctx, tx, reconcileLock); err != nil || !mine {
			return err
		}
		done, err := tx.NewRaw(`
			delete from outbox o
			using (
				select d.firm_id, d.id
				from outbox d
				where d.done_at < now() - ? * interval '1 second'
				order by d.done_at
				limit ?
			) old
			where o.firm_id = old.firm_id and o.id = old.id`, KeepDone.Seconds(), sweepAtOnce).Exec(ctx)
		if err != nil {
			return err
		}
		ticks, err := tx.NewRaw(`
			delete from clock c
			where c.period < now() - ? * interval '1 second'
				and exists (select from clock n where n.kind = c.kind and n.period > c.period)`, KeepDone.Seconds()).Exec(ctx)
		if err != nil {
			return err
		}
		swept = Swept{affected(done), affected(ticks), affected(done) == sweepAtOnce}
		return nil
	})
	return swept, err
}

func affected(result interface{ RowsAffected() (int64, error) }) int {
	n, _ := result.RowsAffected() // PostgreSQL always knows
	return int(n)
}

func tryLock(ctx context.Context, tx bun.Tx, key int64) (mine bool, err error) {
	err = tx.NewRaw("select pg_try_advisory_xact_lock(?)", key).Scan(ctx, &mine)
	return mine, err
}

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

// State is how far a promise is.
type State string

const (
	Waiting   State = "waiting"   // for its time, or for its next try
	Working   State = "working"   // rung: in the queue or running
	Failed    State = "failed"    // given up; a person may run it again or dismiss it
	Done      State = "done"      // kept
	Dismissed State = "dismissed" // given up, and a person said that this is all right
)

// stateOf is a row's state in SQL.
const stateOf = `case
	when o.dead_at is not null and o.done_at is not null then 'dismissed'
	when o.done_at is not null then 'done'
	when o.dead_at is not null then 'failed'
	when o.dispatches > 0 then 'working'
	else 'waiting' end`

// Row is a promise as the office sees it.
type Row struct {
	ID        uuid.UUID
	Kind      string
	State     State
	CreatedAt time.Time
	NextAt    time.Time // of a waiting one: when it is tried
	Tries     int
	LastError string
	EndedAt   time.Time // done, failed or dismissed; zero while open
}

// Counts are a firm's promises by state; Done counts the last day's.
type Counts struct{ Waiting, Working, Failed, Done int }

// Count counts a firm's promises.
func Count(ctx context.Context, tx bun.IDB, firm uuid.UUID) (Counts, error) {
	var c Counts
	err := tx.NewRaw(`
		select
			(select count(*) from outbox o where o.firm_id = ?0 and o.dispatches = 0 and o.done_at is null and o.dead_at is null) as waiting,
			(select count(*) from outbox o where o.firm_id = ?0 and o.dispatches > 0 and o.done_at is null and o.dead_at is null) as working,
			(select count(*) from outbox o where o.firm_id = ?0 and o.dead_at is not null and o.done_at is null) as failed,
			(select count(*) from outbox o where o.firm_id = ?0 and o.dead_at is null and o.done_at > now() - interval '1 day') as done`,
		firm).Scan(ctx, &c)
	return c, err
}

// Filter narrows a List.
type Filter struct {
	State  State     // "": all
	Before time.Time // of CreatedAt, for the next page; zero: from the newest
	Limit  int       // 0: 50
}

// List shows a firm's promises, the newest first.
func List(ctx context.Context, tx bun.IDB, firm uuid.UUID, f Filter) ([]Row, error) {
	if f.Limit <= 0 {
		f.Limit = 50
	}
	q := tx.NewSelect().
		TableExpr("outbox AS o").
		ColumnExpr("o.id, o.kind, o.created_at, o.next_at, o.tries, o.last_error").
		ColumnExpr(stateOf+" AS state").
		ColumnExpr("coalesce(o.done_at, o.dead_at) AS ended_at").
		Where("o.firm_id = ?", firm)
	switch f.State {
	case Waiting:
		q = q.Where("o.done_at IS NULL AND o.dead_at IS NULL AND o.dispatches = 0")
	case Working:
		q = q.Where("o.done_at IS NULL AND o.dead_at IS NULL AND o.dispatches > 0")
	case Failed:
		q = q.Where("o.dead_at IS NOT NULL AND o.done_at IS NULL")
	case Done:
		q = q.Where("o.done_at IS NOT NULL AND o.dead_at IS NULL")
	case Dismissed:
		q = q.Where("o.done_at IS NOT NULL AND o.dead_at IS NOT NULL")
	}
	if !f.Before.IsZero() {
		q = q.Where("o.created_at < ?", f.Before.UTC())
	}
	rows := []Row{}
	err := q.OrderExpr("o.created_at DESC, o.id DESC").Limit(int64(f.Limit)).Scan(ctx, &rows)
	return rows, err
}

// RunAgain gives a failed promise all its tries back, or runs a waiting one now; sql.ErrNoRows when it is neither.
func RunAgain(ctx context.Context, tx bun.IDB, firm, id uuid.UUID) error {
	err := db.One(tx.NewRaw(`
		update outbox set dead_at = null, tries = 0, dispatches = 0, next_at = now()
		where firm_id = ? and id = ? and done_at is null and (dead_at is not null or dispatches = 0)`, firm, id).Exec(ctx))
	if err == nil {
		db.AfterCommit(ctx, ring)
	}
	return err
}

// Dismiss takes a failed promise off the list without keeping it; sql.ErrNoRows when it has not failed.
func Dismiss(ctx context.Context, tx bun.IDB, firm, id uuid.UUID) error {
	return db.One(tx.NewRaw(`
		update outbox set done_at = now()
		where firm_id = ? and id = ? and done_at is null and dead_at is not null`, firm, id).Exec(ctx))
}
