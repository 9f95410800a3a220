// Package outbox keeps promises as rows: what a transaction promised stays open until the transaction of its handler
// has closed it. Redis only rings the bell; whatever happens to it, no promise is lost and none is kept twice.
package outbox

import (
	"context"
	"errors"
	"regexp"
	"strings"
	"time"
	"unicode"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgconn"
)

const (
	// MaxTries is how often a handler may say no before the promise is given up and shown to a person.
	MaxTries = 12
	// MaxRings is how often the bell is rung without an answer: a job that takes its worker down must end too.
	MaxRings = 12
	// Answer is how long a ring may stay unanswered before somebody asks what became of it.
	Answer = 8 * time.Second
	// KeepDone is how long the office can see what was done.
	KeepDone = 14 * 24 * time.Hour

	longest = 10 * time.Minute
)

// Promise is one row to be written.
type Promise struct {
	ID      uuid.UUID
	Kind    string
	Payload []byte    // JSON; ids, never people's data
	At      time.Time // not before; zero: now
}

// Bell tells the relays that there is something new. It must not block. Without one they look once a second.
type Bell interface{ Ring() }

type bellKey struct{}

// WithBell gives the context the bell that Put rings after the commit. It travels with the context, because a promise
// is made deep inside a transaction by code that knows of no process around it.
//
// Not NOTIFY: it takes one lock of the whole server at each commit, and needs a connection that no pooler shares.
func WithBell(ctx context.Context, bell Bell) context.Context {
	return context.WithValue(ctx, bellKey{}, bell)
}

func ring(ctx context.Context) {
	if bell, ok := ctx.Value(bellKey{}).(Bell); ok {
		bell.Ring()
	}
}

// Backoff is how long to wait after the n-th no, before jitter: 8 seconds, then twice as long each time.
func Backoff(n int) time.Duration {
	if n > 6 {
		return longest
	}
	return Answer << max(n-1, 0)
}

// Patience is how long to wait for an answer to the n-th ring. The first rings follow fast, so that a worker's death
// is made good within seconds; then a promise that kills its worker has to slow down.
func Patience(n int) time.Duration {
	if n <= 4 {
		return Answer
	}
	return min(Answer<<(n-4), longest)
}

// lockKey is the number under which a running job holds its promise. A UUID's second half begins with the bits 10, so
// these numbers are negative and never meet a lock that has a name.
func lockKey(id uuid.UUID) int64 {
	var key uint64
	for _, b := range id[8:] {
		key = key<<8 | uint64(b)
	}
	return int64(key)
}

const maxReason = 300

var addressLike = regexp.MustCompile(`[^\s<>"']+@[^\s<>"']+`)

// Reason is what the office may read of an error: one short line, without the details in which PostgreSQL repeats
// people's data, and without mail addresses.
func Reason(err error) string {
	text := err.Error()
	var pg *pgconn.PgError
	if errors.As(err, &pg) && pg.Detail != "" {
		text = strings.ReplaceAll(text, pg.Detail, "…")
	}
	text = addressLike.ReplaceAllString(text, "…@…")
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, "…"))
	text = strings.Join(strings.Fields(text), " ")
	if runes := []rune(text); len(runes) > maxReason {
		text = string(runes[:maxReason-1]) + "…"
	}
	return text
}
