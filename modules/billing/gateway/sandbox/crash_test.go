package sandbox_test

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"portico/modules/billing/gateway"
	"portico/modules/billing/gateway/sandbox"
	"portico/platform/id"
)

// TestMain is also the provider itself, for the test that kills it.
func TestMain(m *testing.M) {
	if path := os.Getenv("PORTICO_TEST_SANDBOX"); path != "" {
		s, err := sandbox.Open(path, time.Now, slog.New(slog.DiscardHandler))
		if err != nil {
			os.Exit(3)
		}
		l, err := sandbox.Listen("unix:" + path + ".sock")
		if err != nil {
			os.Exit(4)
		}
		_ = s.Run(context.Background(), l)
		os.Exit(5)
	}
	os.Exit(m.Run())
}

// What was answered is kept, though the provider is killed in the middle of everything, again and again; and what was not
// answered is there once or not at all.
func TestKilledAgainAndAgain(t *testing.T) {
	dir, err := os.MkdirTemp("", "sb") // a socket's name must be short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	path := filepath.Join(dir, "s.db")
	client := sandbox.Dial(sandbox.Account{Address: "unix:" + path + ".sock", Key: sandbox.NewKey()})
	answered := map[uuid.UUID]string{}
	var mu sync.Mutex
	for range 4 {
		server := exec.Command(os.Args[0])
		server.Env = append(os.Environ(), "PORTICO_TEST_SANDBOX="+path)
		if err := server.Start(); err != nil {
			t.Fatal(err)
		}
		for late := time.Now().Add(30 * time.Second); client.Ping(t.Context()) != nil; time.Sleep(10 * time.Millisecond) {
			if time.Now().After(late) {
				t.Fatal("it does not start")
			}
		}
		for key, was := range answered {
			if is, err := client.FindByKey(t.Context(), key); err != nil || is.ID != was {
				t.Fatalf("lost: %v, %v", is, err)
			}
		}
		var payers sync.WaitGroup
		enough := make(chan struct{}, 1000)
		for range 4 {
			payers.Go(func() {
				for range 60 {
					o := order(gateway.Card, func(o *gateway.Order) { o.Key = id.New() })
					c, err := client.Create(t.Context(), o)
					if err != nil {
						if errors.Is(err, gateway.ErrUnknown) {
							t.Error(err)
						}
						return // it is dead
					}
					mu.Lock()
					answered[o.Key] = c.ID
					mu.Unlock()
					enough <- struct{}{}
				}
			})
		}
		for range 20 {
			<-enough
		}
		_ = server.Process.Kill()
		_ = server.Wait()
		payers.Wait()
	}
	if len(answered) < 80 {
		t.Errorf("only %d were answered", len(answered))
	}
}
