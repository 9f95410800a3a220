package sso

import (
	"context"
	"errors"
	"net"
	"sync"
	"time"
)

// A provider that answers slowly, by misfortune or on purpose, must not keep the whole house waiting: each has a few turns,
// all of them together have not many, and one that let us wait is left alone for a while.
const (
	turnsEach = 4
	turnsAll  = 8
	rest      = 15 * time.Second
)

type turns struct {
	mu   sync.Mutex
	all  int
	each map[string]int
	slow map[string]time.Time // until when a provider is left alone
}

var errTurns = errors.New("too many sign-ins wait for the provider")

// take begins a call to a provider; give ends it, and is told how it went.
func (t *turns) take(issuer string, now time.Time) (give func(err error, now time.Time), err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if now.Before(t.slow[issuer]) || t.all >= turnsAll || t.each[issuer] >= turnsEach {
		return nil, trouble(Away, errTurns)
	}
	delete(t.slow, issuer)
	t.all++
	t.each[issuer]++
	return func(err error, now time.Time) {
		t.mu.Lock()
		defer t.mu.Unlock()
		t.all--
		if t.each[issuer]--; t.each[issuer] == 0 {
			delete(t.each, issuer)
		}
		if late(err) {
			if len(t.slow) >= knownMost {
				clear(t.slow)
			}
			t.slow[issuer] = now.Add(rest)
		}
	}, nil
}

// late reports that somebody let us wait in vain.
func late(err error) bool {
	var timed net.Error
	return errors.Is(err, context.DeadlineExceeded) || errors.As(err, &timed) && timed.Timeout()
}
