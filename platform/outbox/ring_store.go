package outbox

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"
)

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
