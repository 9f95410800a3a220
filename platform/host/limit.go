package host

import (
	"context"
	"sync"
	"time"

	"github.com/go-redis/redis_rate/v10"
	"github.com/redis/go-redis/v9"

	"portico/platform/web"
)

// limiter counts tries in Redis, so that all processes count together. While Redis is away each counts for itself:
// stricter or looser by the number of processes, but never open.
type limiter struct {
	shared *redis_rate.Limiter
	mu     sync.Mutex
	local  map[string]bucket
}

// bucket is a generic cell rate: the instant until which the tries so far are paid for.
type bucket struct{ paid time.Time }

func newLimiter(r redis.UniversalClient) *limiter {
	return &limiter{shared: redis_rate.NewLimiter(r), local: map[string]bucket{}}
}

func (l *limiter) allow(ctx context.Context, key string, limit web.Limit) (time.Duration, bool) {
	ctx, cancel := context.WithTimeout(ctx, 300*time.Millisecond)
	defer cancel()
	rate := redis_rate.Limit{Rate: limit.Tries, Burst: limit.Tries, Period: limit.Per}
	result, err := l.shared.Allow(ctx, "limit:"+key, rate)
	if err != nil {
		return l.allowHere(key, limit, time.Now())
	}
	return result.RetryAfter, result.Allowed > 0
}

func (l *limiter) allowHere(key string, limit web.Limit, now time.Time) (time.Duration, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.local) > 100_000 {
		clear(l.local) // a flood of addresses; forgetting is better than growing
	}
	b := l.local[key]
	if b.paid.Before(now) {
		b.paid = now
	}
	step := limit.Per / time.Duration(limit.Tries)
	if ahead := b.paid.Add(step).Sub(now); ahead > limit.Per {
		return ahead - limit.Per, false
	}
	b.paid = b.paid.Add(step)
	l.local[key] = b
	return 0, true
}
