// Package worker keeps promises: it relays the outbox to asynq, runs the handlers, ticks the clock and sweeps up. It
// knows queues and retries, and no particular job.
package worker

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"
	"github.com/uptrace/bun"

	"portico/platform/job"
	"portico/platform/outbox"
)

// Config is what a worker needs. App, Ops, Redis, Handlers and Log must be there.
type Config struct {
	App      *bun.DB // role portico_app, with a connection for each of Concurrency
	Ops      *bun.DB // role portico_ops, two connections are enough
	Redis    redis.UniversalClient
	Handlers []job.Handler
	Log      *slog.Logger

	Concurrency int                                   // jobs at a time; 0: 16
	Drain       time.Duration                         // how long jobs may finish when the worker is told to end; 0: 20 seconds
	Clock       func() time.Time                      // what clock work is due by; nil: time.Now
	Observe     func(Outcome)                         // called after each job, from many goroutines; nil: nobody asks
	Context     func(context.Context) context.Context // what handlers find in their context; nil: nothing more
	Always      []func(context.Context)               // what is done all the time, until its context ends
}

// Outcome is what became of one run of one job.
type Outcome struct {
	Kind   string
	Result Result
	Took   time.Duration
	Waited time.Duration // from the promise to this run; 0 when it was not the first
}

// Result is how a run ended.
type Result string

const (
	Done    Result = "done"    // the promise is kept
	Gone    Result = "gone"    // there was nothing left to do
	Refused Result = "refused" // the handler said no; it is tried again
	Dead    Result = "dead"    // the handler said no for the last time
	Skipped Result = "skipped" // kept already, or in the hands of another copy
	Lost    Result = "lost"    // the database went away; it is run again
)

func (c Config) prepared() (Config, job.Table, error) {
	if c.Concurrency <= 0 {
		c.Concurrency = 16
	}
	if c.Drain <= 0 {
		c.Drain = 20 * time.Second
	}
	if c.Clock == nil {
		c.Clock = time.Now
	}
	if c.Observe == nil {
		c.Observe = func(Outcome) {}
	}
	if c.Context == nil {
		c.Context = func(ctx context.Context) context.Context { return ctx }
	}
	table, err := job.NewTable(c.Handlers)
	return c, table, err
}

// Run works until ctx ends, then lets running jobs finish within Drain; what does not finish is rolled back and run
// again elsewhere. Any number of workers may run at once. A store that is away is waited for.
func Run(ctx context.Context, c Config) error {
	c, table, err := c.prepared()
	if err != nil {
		return err
	}
	queue := newQueue(c.Redis)
	relay := newRelay(c, queue)
	// handlers outlive ctx by the time they have to finish
	work, stop := context.WithCancel(outbox.WithBell(c.Context(context.WithoutCancel(ctx)), relay))
	defer stop()

	runner := runner{c, table}
	server := asynq.NewServerFromRedisClient(patient{c.Redis}, asynq.Config{
		Concurrency:              c.Concurrency,
		BaseContext:              func() context.Context { return work },
		Queues:                   map[string]int{queueName: 1},
		TaskCheckInterval:        100 * time.Millisecond, // an idle worker looks this often, so that a job starts at once
		DelayedTaskCheckInterval: time.Second,
		ShutdownTimeout:          c.Drain,
		Logger:                   asynqLog{c.Log},
		LogLevel:                 asynq.WarnLevel,
	})
	err = server.Start(asynq.HandlerFunc(func(ctx context.Context, task *asynq.Task) error {
		if firm, id, ok := promiseOf(task); ok {
			runner.run(ctx, task.Type(), firm, id)
		}
		return nil // asynq keeps no failures: they are written where they cannot be lost
	}))
	if err != nil {
		return fmt.Errorf("start asynq: %w", err)
	}

	var rest sync.WaitGroup
	rest.Go(func() { relay.run(ctx) })
	rest.Go(func() { relay.listen(ctx) })
	rest.Go(func() { tickClock(ctx, c, relay) })
	rest.Go(func() { reconcile(ctx, c, queue) })
	for _, lasting := range c.Always {
		rest.Go(func() { lasting(ctx) })
	}
	<-ctx.Done()
	rest.Wait()
	server.Shutdown()
	return nil
}

// Drain keeps all promises that are due, one after the other in this goroutine and without Redis, until none is. It is
// for tests and demo data; it returns how many runs it took. A promise that is refused is due again only later.
func Drain(ctx context.Context, c Config) (int, error) {
	c, table, err := c.prepared()
	if err != nil {
		return 0, err
	}
	runner := runner{c, table}
	ctx = c.Context(ctx)
	runs := 0
	for {
		due, err := outbox.Due(ctx, c.Ops, 500)
		if err != nil || len(due) == 0 {
			return runs, err
		}
		progress := false
		for _, promise := range due {
			result := runner.run(ctx, promise.Kind, promise.FirmID, promise.ID)
			progress = progress || (result != Lost && result != Skipped)
			runs++
		}
		if err := ctx.Err(); err != nil {
			return runs, err
		}
		if !progress {
			return runs, errors.New("promises are due that cannot be kept now")
		}
	}
}
