package worker_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/hibiken/asynq"
	"github.com/uptrace/bun"

	"portico/platform/db"
	"portico/platform/job"
	"portico/worker"
)

const benchJobs = 10_000

// BenchmarkJobs counts no-op jobs a second from end to end: promised, relayed, run in a transaction and closed, beside
// asynq by itself in the same run: enqueued by as many goroutines as the relay has, and run.
func BenchmarkJobs(b *testing.B) {
	h := newHouse(b)
	idle := job.New[errand]("test:idle")
	var kept, bare float64
	for b.Loop() {
		bare += benchJobs / bareAsynq(b, h).Seconds()
		kept += benchJobs / throughOutbox(b, h, idle).Seconds()
	}
	kept, bare = kept/float64(b.N), bare/float64(b.N)
	b.ReportMetric(kept, "jobs/s")
	b.ReportMetric(bare, "bare-asynq/s")
	b.ReportMetric(100*kept/bare, "%-of-bare")
	b.ReportMetric(0, "ns/op")
}

func throughOutbox(b *testing.B, h *house, idle job.Kind[errand]) time.Duration {
	var done atomic.Int64
	finished := make(chan struct{})
	c := h.config(idle.Handle(func(context.Context, bun.Tx, uuid.UUID, errand) error { return nil }))
	c.Observe = func(o worker.Outcome) {
		if o.Result == worker.Done && done.Add(1) == benchJobs {
			close(finished)
		}
	}
	begun := time.Now()
	must(b, db.InTx(b.Context(), h.app, oak, func(ctx context.Context, tx bun.Tx) error {
		return idle.EnqueueEach(ctx, tx, oak, repeat(errand{}, benchJobs))
	}))
	stop := h.open(c)
	wait(b, finished)
	took := time.Since(begun)
	stop()
	if n := h.left(); n != 0 {
		b.Errorf("%d left", n)
	}
	return took
}

func bareAsynq(b *testing.B, h *house) time.Duration {
	client := asynq.NewClientFromRedisClient(h.redis)
	var done atomic.Int64
	finished := make(chan struct{})
	server := asynq.NewServerFromRedisClient(h.redis, asynq.Config{Concurrency: 16, Queues: map[string]int{"bare": 1}, LogLevel: asynq.ErrorLevel})
	begun := time.Now()
	must(b, server.Start(asynq.HandlerFunc(func(context.Context, *asynq.Task) error {
		if done.Add(1) == benchJobs {
			close(finished)
		}
		return nil
	})))
	for range 8 {
		go func() {
			for range benchJobs / 8 {
				_, err := client.Enqueue(asynq.NewTask("test:idle", make([]byte, 32)), asynq.Queue("bare"), asynq.MaxRetry(0))
				if err != nil {
					b.Error(err)
				}
			}
		}()
	}
	wait(b, finished)
	took := time.Since(begun)
	server.Shutdown()
	return took
}

// BenchmarkStart measures how long an idle worker takes from the commit to the first line of a handler.
func BenchmarkStart(b *testing.B) {
	h := newHouse(b)
	begun := make(chan time.Time)
	start := job.New[errand]("test:start")
	h.open(h.config(start.Handle(func(context.Context, bun.Tx, uuid.UUID, errand) error {
		begun <- time.Now()
		return nil
	})))
	bell := h.bell()
	var worst, total time.Duration
	for b.Loop() {
		ctx := bell(b.Context())
		must(b, db.InTx(ctx, h.app, oak, func(ctx context.Context, tx bun.Tx) error {
			_, err := start.Enqueue(ctx, tx, oak, errand{})
			return err
		}))
		committed := time.Now()
		took := (<-begun).Sub(committed)
		worst, total = max(worst, took), total+took
		time.Sleep(20 * time.Millisecond)
	}
	b.ReportMetric(float64(total.Milliseconds())/float64(b.N), "ms")
	b.ReportMetric(float64(worst.Milliseconds()), "worst-ms")
	b.ReportMetric(0, "ns/op")
}

func wait(b *testing.B, finished <-chan struct{}) {
	select {
	case <-finished:
	case <-time.After(time.Minute):
		b.Fatal("not finished within a minute")
	}
}
