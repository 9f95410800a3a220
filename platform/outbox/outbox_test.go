package outbox

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"portico/platform/id"
)

func TestReasonsAreShortAndImpersonal(t *testing.T) {
	for name, c := range map[string]struct {
		err  error
		want string
	}{
		"one line":  {errors.New("smtp: 451\r\n try\tlater"), "smtp: 451 try later"},
		"addresses": {errors.New(`refused <ana@example.com>`), "refused <…@…>"},
		"details": {fmt.Errorf("save: %w", &pgconn.PgError{Severity: "ERROR", Code: "23505", Message: "duplicate key",
			Detail: "Key (email)=(ana) already exists."}), "save: ERROR: duplicate key (SQLSTATE 23505)"},
		"bad bytes": {errors.New("a\xffb"), "a…b"},
	} {
		if got := Reason(c.err); got != c.want {
			t.Errorf("%s: %q", name, got)
		}
	}
	if n := len([]rune(Reason(errors.New(strings.Repeat("é ", 1000))))); n != maxReason {
		t.Errorf("a long one has %d characters", n)
	}
}

func TestWaitsGrowAndEnd(t *testing.T) {
	for tries, want := range map[int]time.Duration{1: 8 * time.Second, 2: 16 * time.Second, 6: 256 * time.Second, 7: 10 * time.Minute, 12: 10 * time.Minute} {
		if got := Backoff(tries); got != want {
			t.Errorf("after %d tries %s", tries, got)
		}
	}
	for rings, want := range map[int]time.Duration{1: 8 * time.Second, 4: 8 * time.Second, 5: 16 * time.Second, 12: 10 * time.Minute} {
		if got := Patience(rings); got != want {
			t.Errorf("after %d rings %s", rings, got)
		}
	}
}

func TestLocksOfJobsNeverMeetNamedOnes(t *testing.T) {
	for range 1000 {
		if lockKey(id.New()) >= 0 {
			t.Fatal("a job's lock could be a named one")
		}
	}
}
