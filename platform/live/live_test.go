package live_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"

	"portico/platform/db"
	"portico/platform/embedded"
	"portico/platform/live"
)

var stores *embedded.Stores

func TestMain(m *testing.M) { os.Exit(withRedis(m)) }

func withRedis(m *testing.M) int {
	dir, err := embedded.ThrowawayDir()
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	stores, err = embedded.Start(context.Background(), embedded.Options{Dir: dir, Redis: true, Throwaway: true,
		RuntimeDir: embedded.SharedRuntime(os.Getenv, os.Geteuid())})
	if err != nil {
		fmt.Fprintln(os.Stderr, "Redis does not start:", err)
		return 1
	}
	defer func() { _ = stores.Stop(context.Background()) }()
	return m.Run()
}

var oak, elm = uuid.MustParse("01930000-0000-7000-8000-000000000001"), uuid.MustParse("01930000-0000-7000-8000-000000000002")

// process is one process's bell; it listens when the function returns.
func process(t *testing.T, address string) *live.Bell {
	t.Helper()
	options, err := redis.ParseURL(stores.RedisURL)
	if err != nil {
		t.Fatal(err)
	}
	if address != "" {
		options.Addr = address
	}
	client := redis.NewClient(options)
	bell := live.New(client, slog.New(slog.DiscardHandler))
	ctx, cancel := context.WithCancel(context.Background())
	probe, stop := bell.Subscribe(ctx, uuid.New(), nil)
	done := make(chan struct{})
	go func() {
		bell.Run(ctx)
		close(done)
	}()
	if address == "" { // the first resync says that the line stands
		if e := next(t, probe); !e.Resync {
			t.Fatalf("got %+v", e)
		}
	}
	stop()
	t.Cleanup(func() {
		cancel()
		<-done
		client.Close()
	})
	return bell
}

func next(t *testing.T, events <-chan live.Event) live.Event {
	t.Helper()
	select {
	case e, open := <-events:
		if !open {
			t.Fatal("the stream has ended")
		}
		return e
	case <-time.After(30 * time.Second):
		t.Fatal("nothing came")
	}
	return live.Event{}
}

func TestAChangeReachesEveryProcessOnce(t *testing.T) {
	here, there := process(t, ""), process(t, "")
	mine, stop := here.Subscribe(t.Context(), oak, live.Topics("client:1", "end"))
	defer stop()
	theirs, stop := there.Subscribe(t.Context(), oak, live.Topics("client:1", "end"))
	defer stop()
	foreign, stop := there.Subscribe(t.Context(), elm, nil)
	defer stop()

	ctx, committed := db.WithHooks(t.Context())
	for range 5 {
		here.Publish(ctx, oak, "client:1")
	}
	here.Publish(ctx, oak, "client:2")
	rolledBack, _ := db.WithHooks(t.Context())
	here.Publish(rolledBack, oak, "client:1")
	committed.Run(ctx)
	for name, events := range map[string]<-chan live.Event{"here": mine, "there": theirs} {
		if e := next(t, events); e != (live.Event{Topic: "client:1"}) {
			t.Errorf("%s heard %+v", name, e)
		}
	}
	here.Send(oak, "end") // what comes next shows that nothing came twice
	for name, events := range map[string]<-chan live.Event{"here": mine, "there": theirs} {
		if e := next(t, events); e != (live.Event{Topic: "end"}) {
			t.Errorf("%s heard %+v as well", name, e)
		}
	}
	select {
	case e := <-foreign:
		t.Errorf("another firm heard %+v", e)
	default:
	}
}

func TestASlowPageIsToldToLookAtEverything(t *testing.T) {
	bell := process(t, "")
	slow, stop := bell.Subscribe(t.Context(), oak, nil)
	defer stop()
	quick, stop := bell.Subscribe(t.Context(), oak, nil)
	defer stop()
	for i := range 100 {
		bell.Send(oak, fmt.Sprint(i))
		if next(t, quick).Resync {
			t.Error("a quick page lost something")
		}
	}
	var last live.Event
	for len(slow) > 0 {
		last = next(t, slow)
	}
	if !last.Resync {
		t.Errorf("the last it heard is %+v", last)
	}
	bell.Send(oak, "again")
	if e := next(t, slow); e.Topic != "again" {
		t.Errorf("after catching up it heard %+v", e)
	}
}

func TestPagesOfThisProcessHearWhileRedisIsAway(t *testing.T) {
	bell := process(t, t.TempDir()+"/nobody.sock")
	events, stop := bell.Subscribe(t.Context(), oak, nil)
	defer stop()
	bell.Send(oak, "client:1")
	if e := next(t, events); e.Topic != "client:1" {
		t.Errorf("heard %+v", e)
	}
}

func TestABrokenLineEndsInAResync(t *testing.T) {
	bell := process(t, "")
	events, stop := bell.Subscribe(t.Context(), oak, nil)
	defer stop()
	options, err := redis.ParseURL(stores.RedisURL)
	if err != nil {
		t.Fatal(err)
	}
	client := redis.NewClient(options)
	defer client.Close()
	if err := client.Do(t.Context(), "client", "kill", "type", "pubsub").Err(); err != nil {
		t.Fatal(err)
	}
	if e := next(t, events); !e.Resync {
		t.Errorf("heard %+v", e)
	}
}

func TestPagesComeAndGo(t *testing.T) {
	bell := process(t, "")
	for i := range 2000 {
		ctx, leave := context.WithCancel(t.Context())
		events, stop := bell.Subscribe(ctx, oak, nil)
		bell.Send(oak, "client:1")
		if i%2 == 0 {
			leave()
		} else {
			stop()
		}
		for range events { // it ends
		}
		stop() // a second time does no harm
		leave()
	}
	if n := bell.Streams(); n != 0 {
		t.Errorf("%d streams left", n)
	}
}
