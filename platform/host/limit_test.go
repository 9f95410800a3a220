package host

import (
	"context"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"

	"portico/platform/web"
)

func TestAllProcessesCountTogether(t *testing.T) {
	server := miniredis.RunT(t)
	one := newLimiter(redis.NewClient(&redis.Options{Addr: server.Addr()}))
	two := newLimiter(redis.NewClient(&redis.Options{Addr: server.Addr()}))
	limit := web.Limit{Name: "door", Tries: 5, Per: time.Hour}
	passed := 0
	for i := range 20 {
		l := one
		if i%2 == 1 {
			l = two
		}
		if _, ok := l.allow(context.Background(), "door:1.2.3.4", limit); ok {
			passed++
		}
	}
	if passed != 5 {
		t.Errorf("%d passed, want 5", passed)
	}
}

func TestALimitHoldsWhileRedisIsAway(t *testing.T) {
	server := miniredis.RunT(t)
	l := newLimiter(redis.NewClient(&redis.Options{Addr: server.Addr(), MaxRetries: -1}))
	server.Close()
	limit := web.Limit{Name: "door", Tries: 5, Per: time.Hour}
	passed, retry := 0, time.Duration(0)
	for range 20 {
		wait, ok := l.allow(context.Background(), "door:1.2.3.4", limit)
		if ok {
			passed++
		}
		retry = wait
	}
	if passed != 5 || retry <= 0 {
		t.Errorf("%d passed, want 5; told to wait %s", passed, retry)
	}
	if _, ok := l.allow(context.Background(), "door:5.6.7.8", limit); !ok {
		t.Error("another visitor pays for the first")
	}
}
