package embedded

import (
	"context"
	"fmt"
	"syscall"
	"time"
)

// What tests of faults need. A killed store is started again by itself, as it would be in earnest.

// KillPostgres ends the database at once, as a power cut would, and returns; it comes back within a second or so.
func (s *Stores) KillPostgres() error { return s.postgres.signal(syscall.SIGKILL) }

// KillRedis ends the queue at once; what its log had not yet written to disk is lost.
func (s *Stores) KillRedis() error { return s.redis.signal(syscall.SIGKILL) }

// RestartPostgres cuts off every client, stops the database cleanly and returns when it answers again.
func (s *Stores) RestartPostgres(ctx context.Context) error { return s.restart(ctx, s.postgres) }

// RestartRedis stops the queue cleanly and returns when it answers again.
func (s *Stores) RestartRedis(ctx context.Context) error { return s.restart(ctx, s.redis) }

// PostgresPid and RedisPid are the servers' process ids, 0 while they are down.
func (s *Stores) PostgresPid() int { return s.postgres.pid() }

// RedisPid is the queue's process id, 0 while it is down.
func (s *Stores) RedisPid() int { return s.redis.pid() }

// AwaitPostgres returns when the database answers, for instance after KillPostgres.
func (s *Stores) AwaitPostgres(ctx context.Context) error {
	return poll(ctx, s.ready[s.postgres])
}

// AwaitRedis returns when the queue answers.
func (s *Stores) AwaitRedis(ctx context.Context) error {
	return poll(ctx, s.ready[s.redis])
}

func (s *Stores) restart(ctx context.Context, c *child) error {
	before := c.pid()
	if err := c.signal(c.polite); err != nil {
		return err
	}
	return poll(ctx, func(ctx context.Context) error {
		if now := c.pid(); now == 0 || now == before {
			return fmt.Errorf("%s has not come back", c.name)
		}
		return s.ready[c](ctx)
	})
}

// poll asks until the answer is nil or the context ends, and then says what the last answer was.
func poll(ctx context.Context, ask func(context.Context) error) error {
	again := time.NewTicker(15 * time.Millisecond)
	defer again.Stop()
	for {
		err := ask(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%w: %w", context.Cause(ctx), err)
		case <-again.C:
		}
	}
}
