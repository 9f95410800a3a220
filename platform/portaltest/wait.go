package portaltest

import (
	"testing"
	"time"
)

// Eventually waits until something has become true, without sleeping longer than it must.
func Eventually(t testing.TB, within time.Duration, what string, is func() bool) {
	t.Helper()
	look := time.NewTicker(10 * time.Millisecond)
	defer look.Stop()
	for late := time.After(within); !is(); {
		select {
		case <-look.C:
		case <-late:
			t.Fatalf("not within %s: %s", within, what)
		}
	}
}
