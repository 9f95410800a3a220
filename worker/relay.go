package worker

import (
	"context"
	"time"

	"portico/platform/live"
	"portico/platform/outbox"
)

const (
	// batch is how many promises travel together.
	batch = 500
	// ahead is how many tasks may wait in asynq's queue: enough that no worker starves, few enough that none waits
	// there so long that somebody asks what became of it. The rest waits in the outbox, where waiting costs nothing.
	ahead = 1000

	gather    = 3 * time.Millisecond  // how long a bell waits for company
	look      = time.Second           // how often the outbox is looked at when no bell rings
	breath    = 20 * time.Millisecond // how soon again when the queue is full
	longBreak = 2 * time.Second       // at most, while a store is away
)

// relay rings asynq's bell for what is in the outbox, again and again until the promise is kept.
type relay struct {
	Config
	queue *queue
	bell  chan struct{}
	asked time.Time // when it last asked about unanswered rings
}

func newRelay(c Config, q *queue) *relay {
	return &relay{Config: c, queue: q, bell: make(chan struct{}, 1)}
}

// Ring wakes it: it is the outbox.Bell of this worker's own handlers.
func (r *relay) Ring() {
	select {
	case r.bell <- struct{}{}:
	default:
	}
}

// listen hears the bells of other processes.
func (r *relay) listen(ctx context.Context) {
	sub := r.Redis.Subscribe(ctx, live.OutboxChannel)
	stop := context.AfterFunc(ctx, func() { _ = sub.Close() }) // a subscription does not heed its context
	defer stop()
	for range sub.Channel() {
		r.Ring()
	}
}

func (r *relay) run(ctx context.Context) {
	var rest time.Duration
	for failures := 0; ctx.Err() == nil; {
		select {
		case <-ctx.Done():
			return
		case <-r.bell:
			pause(ctx, gather)
		case <-time.After(rest):
		}
		var err error
		rest, err = r.pass(ctx)
		if err == nil {
			failures = 0
			continue
		}
		if ctx.Err() != nil {
			return
		}
		if failures == 0 { // one line for a store that is away, not one a second
			r.Log.Warn("relay waits for a store", "err", outbox.Reason(err))
		}
		rest = min(100*time.Millisecond<<min(failures, 5), longBreak)
		failures++
		pause(ctx, rest) // whoever rings now, it would not help
		rest = 0
	}
}

// pass does what there is to do and says how long to rest.
func (r *relay) pass(ctx context.Context) (rest time.Duration, err error) {
	// Redis first: what is claimed while it is away would wait longer than what is not
	depth, remembers, err := r.queue.state(ctx)
	if err != nil {
		return 0, err
	}
	if !remembers {
		if err := r.remind(ctx); err != nil {
			return 0, err
		}
	}
	if !remembers || time.Since(r.asked) >= look {
		if err := r.ask(ctx); err != nil {
			return 0, err
		}
		r.asked = time.Now()
	}
	room := min(ahead-depth, batch)
	if room <= 0 {
		return breath, nil
	}
	fresh, err := outbox.Fresh(ctx, r.Ops, room)
	if err != nil {
		return 0, err
	}
	if err := r.queue.ring(ctx, fresh); err != nil {
		return 0, err
	}
	if len(fresh) == room {
		return 0, nil
	}
	return look, nil
}

// remind starts over with a Redis that remembers nothing: whatever was rung is asked about now.
func (r *relay) remind(ctx context.Context) error {
	if err := outbox.Hurry(ctx, r.Ops); err != nil {
		return err
	}
	return r.queue.begin(ctx)
}

// ask finds out what became of rings that were not answered, and rings again where it is not known to wait its turn.
// A job that is running still says so itself, when its second copy comes.
func (r *relay) ask(ctx context.Context) error {
	for {
		unanswered, err := outbox.Unanswered(ctx, r.Ops, batch)
		if err != nil || len(unanswered) == 0 {
			return err
		}
		waiting, lost, err := r.queue.sort(ctx, unanswered)
		if err != nil {
			return err
		}
		if err := outbox.Later(ctx, r.Ops, waiting); err != nil {
			return err
		}
		again, err := outbox.Again(ctx, r.Ops, lost)
		if err != nil {
			return err
		}
		if err := r.queue.ring(ctx, again); err != nil {
			return err
		}
		if len(unanswered) < batch {
			return nil
		}
	}
}
