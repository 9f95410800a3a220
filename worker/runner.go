package worker

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime/debug"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/db"
	"portico/platform/fault"
	"portico/platform/job"
	"portico/platform/outbox"
)

const (
	// patience is how long a job that has begun waits for a database that is away.
	patience = 5 * time.Second
	// notes is how long writing down a refusal may take, once the handler's own time is over.
	notes = 5 * time.Second
)

// runner runs one job at a time, from claim to close.
type runner struct {
	Config
	table job.Table
}

var (
	errNothing = errors.New("nothing left to do")
	errTaken   = errors.New("another copy is running")
)

// run keeps one promise in one transaction, or writes down why it could not.
func (r runner) run(ctx context.Context, kind string, firm, id uuid.UUID) Result {
	begun := time.Now()
	handler, known := r.table[kind]
	if !known { // an older worker during a deployment, or a module that was taken out
		handler = job.Func(kind, func(context.Context, bun.Tx, uuid.UUID, []byte) error {
			return errors.New("no handler has this name")
		})
	}
	limited, cancel := context.WithTimeout(ctx, handler.Timeout)
	defer cancel()
	held, err := r.keep(limited, handler, firm, id)
	for wait := 10 * time.Millisecond; neverBegan(held, err) && time.Since(begun) < patience && limited.Err() == nil; wait = 200 * time.Millisecond {
		pause(limited, wait) // rather than send the whole queue back to the outbox
		held, err = r.keep(limited, handler, firm, id)
	}
	if err != nil && ctx.Err() == nil && limited.Err() != nil {
		err = fmt.Errorf("not done within %s: %w", handler.Timeout, err)
	}
	result := r.settle(ctx, held, firm, id, err)
	outcome := Outcome{Kind: kind, Result: result, Took: time.Since(begun)}
	if held.Tries == 0 && !held.CreatedAt.IsZero() {
		outcome.Waited = max(0, begun.Sub(held.CreatedAt))
	}
	r.Observe(outcome)
	return result
}

// neverBegan: the database could not even be asked what to do.
func neverBegan(held outbox.Held, err error) bool {
	return err != nil && held.Kind == "" && !errors.Is(err, errNothing) && !errors.Is(err, errTaken)
}

// keep is the promise's one transaction: claim, work, close.
func (r runner) keep(ctx context.Context, handler job.Handler, firm, id uuid.UUID) (held outbox.Held, err error) {
	if handler.Outside() {
		if held, handler, err = r.ask(ctx, handler, firm, id); err != nil {
			return held, err
		}
	}
	err = db.InTx(ctx, r.App, firm, func(ctx context.Context, tx bun.Tx) error {
		if held, err = claim(ctx, tx, firm, id); err != nil {
			return err
		}
		ctx = job.With(ctx, running(firm, id, held))
		if err := r.safely(ctx, handler, tx, firm, held); err != nil {
			return err
		}
		first, err := r.close(ctx, tx, firm, id)
		if err == nil && !first {
			return errNothing
		}
		return err
	})
	return held, err
}

// close ends the promise, or puts it off when the handler wants to be called again.
func (r runner) close(ctx context.Context, tx bun.Tx, firm, id uuid.UUID) (first bool, err error) {
	if at, waits := job.PutOff(ctx); waits {
		return outbox.PutOff(ctx, tx, firm, id, at)
	}
	return outbox.Close(ctx, tx, firm, id)
}

// ask lets a handler do what it does outside before the promise's transaction begins: no connection waits for another
// service. Whether the promise is open is asked before and once more in that transaction.
func (r runner) ask(ctx context.Context, handler job.Handler, firm, id uuid.UUID) (held outbox.Held, rest job.Handler, err error) {
	err = db.InTx(ctx, r.App, firm, func(ctx context.Context, tx bun.Tx) (err error) {
		held, err = claim(ctx, tx, firm, id)
		return err
	})
	if err != nil {
		return held, handler, err
	}
	defer r.recovers(held, &err)
	rest, err = handler.Ask(job.With(ctx, running(firm, id, held)), firm, held.Payload)
	return held, rest, err
}

// claim takes an open promise for this transaction.
func claim(ctx context.Context, tx bun.Tx, firm, id uuid.UUID) (outbox.Held, error) {
	held, open, err := outbox.Claim(ctx, tx, firm, id)
	switch {
	case err != nil:
		return outbox.Held{}, fmt.Errorf("claim: %w", err)
	case !open:
		return outbox.Held{}, errNothing
	case !held.Mine:
		return outbox.Held{}, errTaken
	}
	return held, nil
}

func running(firm, id uuid.UUID, held outbox.Held) job.Running {
	return job.Running{ID: id, Firm: firm, Kind: held.Kind, Tries: held.Tries, CreatedAt: held.CreatedAt}
}

// safely runs a handler that may panic.
func (r runner) safely(ctx context.Context, handler job.Handler, tx bun.Tx, firm uuid.UUID, held outbox.Held) (err error) {
	defer r.recovers(held, &err)
	return handler.Run(ctx, tx, firm, held.Payload)
}

// recovers turns a panic into an error: one bad job must not take the others down.
func (r runner) recovers(held outbox.Held, err *error) {
	if cause := recover(); cause != nil {
		r.Log.Error("job panicked", "kind", held.Kind, "stack", string(debug.Stack()))
		*err = fmt.Errorf("panic: %v", cause)
	}
}

// settle writes down what became of it. What cannot be written is found by the relay: the promise is still open.
func (r runner) settle(ctx context.Context, held outbox.Held, firm, id uuid.UUID, err error) Result {
	switch {
	case err == nil:
		return Done
	case errors.Is(err, errNothing):
		return Skipped
	case neverBegan(held, err) || ctx.Err() != nil: // the database's fault, or ours: the worker ends
		return Lost
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), notes)
	defer cancel()
	result := Refused
	noted := db.InTx(ctx, r.App, firm, func(ctx context.Context, tx bun.Tx) error {
		switch {
		case errors.Is(err, errTaken):
			result = Skipped
			return outbox.StillRunning(ctx, tx, firm, id)
		case fault.Is(err, fault.Missing): // what the handler wrote before it found nothing is rolled back
			result = Gone
			_, err := outbox.Close(ctx, tx, firm, id)
			return err
		}
		dead, err := outbox.Refuse(ctx, tx, firm, id, held.Tries, outbox.Reason(err), jitter(outbox.Backoff(held.Tries+1)))
		if dead {
			result = Dead
		}
		return err
	})
	attrs := []any{"kind", held.Kind, "firm", firm, "job", id, "err", outbox.Reason(err)}
	switch {
	case noted != nil:
		r.Log.Warn("job lost its database", attrs...)
		return Lost
	case result == Dead:
		r.Log.Error("job given up", attrs...)
	case result == Refused:
		r.Log.Warn("job refused", attrs...)
	}
	return result
}

// jitter spreads what failed together by a quarter to either side.
func jitter(d time.Duration) time.Duration {
	return d*3/4 + rand.N(d/2)
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}
