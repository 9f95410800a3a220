package worker_test

import (
	"context"
	"errors"
	"os"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"
	"github.com/uptrace/bun"

	"portico/platform/db"
	"portico/platform/fact"
	"portico/platform/fault"
	"portico/platform/id"
	"portico/platform/job"
	"portico/platform/outbox"
	"portico/platform/portaltest/stopwatch"
	"portico/worker"
)

func TestAPromiseIsKept(t *testing.T) {
	h := newHouse(t)
	var seen atomic.Pointer[worker.Outcome]
	c := h.config()
	c.Observe = func(o worker.Outcome) { seen.Store(&o) }
	h.open(c)
	h.promise(oak, 1, 0)
	h.within(5*time.Second, "kept", func() bool { return h.left() == 0 })
	h.eachOnce(1)
	h.within(5*time.Second, "told", func() bool { return seen.Load() != nil })
	if o := seen.Load(); o.Kind != "test:run" || o.Result != worker.Done {
		t.Errorf("told %+v", o)
	}
}

func TestAPromiseEndsWithItsTransaction(t *testing.T) {
	h := newHouse(t)
	sorry := errors.New("changed my mind")
	err := db.InTx(t.Context(), h.app, oak, func(ctx context.Context, tx bun.Tx) error {
		if _, err := run.Enqueue(ctx, tx, oak, errand{}); err != nil {
			return err
		}
		return sorry
	})
	if !errors.Is(err, sorry) || h.left() != 0 {
		t.Errorf("err %v, %d promises left behind", err, h.left())
	}
}

func TestAChosenIDPromisesOnce(t *testing.T) {
	h := newHouse(t)
	chosen := id.New()
	for range 3 {
		must(t, db.InTx(t.Context(), h.app, oak, func(ctx context.Context, tx bun.Tx) error {
			got, err := run.Enqueue(ctx, tx, oak, errand{}, job.ID(chosen))
			if got != chosen {
				t.Errorf("got id %s", got)
			}
			return err
		}))
	}
	if h.left() != 1 {
		t.Errorf("%d promises", h.left())
	}
}

func TestAPromiseWaitsForItsTime(t *testing.T) {
	h := newHouse(t)
	must(t, db.InTx(t.Context(), h.app, oak, func(ctx context.Context, tx bun.Tx) error {
		_, err := run.Enqueue(ctx, tx, oak, errand{}, job.At(time.Now().Add(time.Hour)))
		return err
	}))
	runs, err := worker.Drain(t.Context(), h.config())
	must(t, err)
	if runs != 0 || h.left() != 1 {
		t.Errorf("%d runs, %d left", runs, h.left())
	}
}

func TestAnotherFirmCannotPromiseForThisOne(t *testing.T) {
	h := newHouse(t)
	err := db.InTx(t.Context(), h.app, elm, func(ctx context.Context, tx bun.Tx) error {
		_, err := run.Enqueue(ctx, tx, oak, errand{})
		return err
	})
	if err == nil {
		t.Error("it could")
	}
}

func TestNamesAreExact(t *testing.T) {
	h := newHouse(t)
	var short atomic.Int32
	send, sendAll := job.New[errand]("mail:send"), job.New[errand]("mail:send_all") // and nobody handles the longer one
	h.open(h.config(send.Handle(func(context.Context, bun.Tx, uuid.UUID, errand) error {
		short.Add(1)
		return nil
	})))
	must(t, db.InTx(t.Context(), h.app, oak, func(ctx context.Context, tx bun.Tx) error {
		if _, err := sendAll.Enqueue(ctx, tx, oak, errand{}); err != nil {
			return err
		}
		_, err := send.Enqueue(ctx, tx, oak, errand{})
		return err
	}))
	h.within(5*time.Second, "both looked at", func() bool {
		return short.Load() == 1 && h.number("select count(*) from outbox where kind = 'mail:send_all' and tries = 1") == 1
	})
	if short.Load() != 1 {
		t.Errorf("mail:send ran %d times", short.Load())
	}
}

func TestWhatAsksOutsideHoldsNothingMeanwhile(t *testing.T) {
	h := newHouse(t)
	abroad := job.New[errand]("mail:abroad")
	var asked, held, wrote atomic.Int32
	h.open(h.config(abroad.HandleOutside(func(ctx context.Context, firm uuid.UUID, _ errand) (func(context.Context, bun.Tx) error, error) {
		asked.Add(1)
		err := db.InTx(ctx, h.app, firm, func(ctx context.Context, tx bun.Tx) error {
			idle, err := outbox.Idle(ctx, tx, []uuid.UUID{job.Current(ctx).ID})
			if len(idle) == 0 {
				held.Add(1)
			}
			return err
		})
		return func(context.Context, bun.Tx) error { wrote.Add(1); return nil }, err
	})))
	must(t, db.InTx(t.Context(), h.app, oak, func(ctx context.Context, tx bun.Tx) error {
		_, err := abroad.Enqueue(ctx, tx, oak, errand{})
		return err
	}))
	h.within(5*time.Second, "kept", func() bool { return h.left() == 0 })
	if asked.Load() != 1 || held.Load() != 0 || wrote.Load() != 1 {
		t.Errorf("asked %d times, %d of them while the promise was held; wrote %d times", asked.Load(), held.Load(), wrote.Load())
	}
}

func TestTwoHandlersOfOneNameAreRefused(t *testing.T) {
	h := newHouse(t)
	if err := worker.Run(t.Context(), h.config(run.Handle(leaveTrace))); err == nil {
		t.Error("taken")
	}
}

func TestAJobThatPanicsIsGivenUpAndCanBeRunAgain(t *testing.T) {
	h := newHouse(t)
	var broken atomic.Bool
	broken.Store(true)
	fragile := job.New[errand]("test:fragile")
	c := h.config(fragile.Handle(func(ctx context.Context, tx bun.Tx, firm uuid.UUID, e errand) error {
		if err := leaveTrace(ctx, tx, firm, e); err != nil {
			return err
		}
		if broken.Load() {
			panic("tell ana@example.com\nabout it")
		}
		return nil
	}))
	var promised uuid.UUID
	must(t, db.InTx(t.Context(), h.app, oak, func(ctx context.Context, tx bun.Tx) (err error) {
		promised, err = fragile.Enqueue(ctx, tx, oak, errand{})
		return err
	}))
	for try := 1; try <= outbox.MaxTries; try++ {
		runs, err := worker.Drain(t.Context(), c)
		must(t, err)
		if runs != 1 {
			t.Fatalf("try %d: %d runs", try, runs)
		}
		h.number("update outbox set next_at = now() where next_at > now() + interval '5 seconds'") // the wait is over
	}
	read := func() (counts outbox.Counts, rows []outbox.Row) {
		must(t, db.InTx(t.Context(), h.app, oak, func(ctx context.Context, tx bun.Tx) (err error) {
			if counts, err = outbox.Count(ctx, tx, oak); err != nil {
				return err
			}
			rows, err = outbox.List(ctx, tx, oak, outbox.Filter{})
			return err
		}))
		return counts, rows
	}
	counts, rows := read()
	if counts != (outbox.Counts{Failed: 1}) || len(rows) != 1 {
		t.Fatalf("counts %+v, rows %+v", counts, rows)
	}
	if r := rows[0]; r.State != outbox.Failed || r.Tries != outbox.MaxTries || r.LastError != "panic: tell …@… about it" || r.EndedAt.IsZero() {
		t.Errorf("the office sees %+v", r)
	}
	if h.effects() != 0 {
		t.Error("a panic left something behind")
	}

	broken.Store(false)
	must(t, db.InTx(t.Context(), h.app, oak, func(ctx context.Context, tx bun.Tx) error { return outbox.RunAgain(ctx, tx, oak, promised) }))
	_, err := worker.Drain(t.Context(), c)
	must(t, err)
	h.eachOnce(1)
	if counts, rows := read(); counts != (outbox.Counts{Done: 1}) || rows[0].State != outbox.Done || rows[0].LastError != "" {
		t.Errorf("after running again: %+v, %+v", counts, rows)
	}
	err = db.InTx(t.Context(), h.app, oak, func(ctx context.Context, tx bun.Tx) error { return outbox.RunAgain(ctx, tx, oak, promised) })
	if err == nil {
		t.Error("what is done can be run again")
	}
}

func TestAFailedJobCanBeDismissed(t *testing.T) {
	h := newHouse(t)
	h.promise(oak, 2, 0)
	h.number("update outbox set dead_at = now() where id = (select min(id::text)::uuid from outbox)")
	must(t, db.InTx(t.Context(), h.app, oak, func(ctx context.Context, tx bun.Tx) error {
		failed, err := outbox.List(ctx, tx, oak, outbox.Filter{State: outbox.Failed})
		if err != nil || len(failed) != 1 {
			t.Fatalf("failed: %v, %v", failed, err)
		}
		if err := outbox.Dismiss(ctx, tx, oak, failed[0].ID); err != nil {
			return err
		}
		for state, want := range map[outbox.State]int{outbox.Waiting: 1, outbox.Dismissed: 1, outbox.Failed: 0, outbox.Done: 0, outbox.Working: 0} {
			rows, err := outbox.List(ctx, tx, oak, outbox.Filter{State: state})
			if err != nil || len(rows) != want {
				t.Errorf("%s: %v, %v", state, rows, err)
			}
		}
		waiting, err := outbox.List(ctx, tx, oak, outbox.Filter{State: outbox.Waiting})
		if err != nil || outbox.Dismiss(ctx, tx, oak, waiting[0].ID) == nil {
			t.Error("what has not failed can be dismissed")
		}
		return err
	}))
}

func TestNothingLeftToDoIsDone(t *testing.T) {
	h := newHouse(t)
	seek := job.New[errand]("test:seek")
	must(t, db.InTx(t.Context(), h.app, oak, func(ctx context.Context, tx bun.Tx) error {
		_, err := seek.Enqueue(ctx, tx, oak, errand{})
		return err
	}))
	_, err := worker.Drain(t.Context(), h.config(seek.Handle(func(ctx context.Context, tx bun.Tx, firm uuid.UUID, e errand) error {
		if err := leaveTrace(ctx, tx, firm, e); err != nil {
			return err
		}
		return fault.NotFound()
	})))
	must(t, err)
	if h.left() != 0 || h.effects() != 0 {
		t.Errorf("left %d, effects %d", h.left(), h.effects())
	}
}

func TestAJobEndsAtItsTimeLimit(t *testing.T) {
	h := newHouse(t)
	h.promise(oak, 1, time.Hour)
	c := h.config()
	c.Handlers[0] = c.Handlers[0].Within(50 * time.Millisecond)
	_, err := worker.Drain(t.Context(), c)
	must(t, err)
	if n := h.number("select count(*) from outbox where tries = 1 and last_error like 'not done within 50ms%'"); n != 1 {
		t.Error(h.openRows())
	}
}

func TestALongJobHasOneCopyAndLives(t *testing.T) {
	h := newHouse(t)
	hold := make(chan struct{})
	long := job.New[errand]("test:long")
	var begun, skipped atomic.Int32
	c := h.config(long.Handle(func(ctx context.Context, tx bun.Tx, firm uuid.UUID, e errand) error {
		begun.Add(1)
		<-hold
		return leaveTrace(ctx, tx, firm, e)
	}))
	c.Observe = func(o worker.Outcome) {
		if o.Result == worker.Skipped {
			skipped.Add(1)
		}
	}
	h.open(c)
	must(t, db.InTx(t.Context(), h.app, oak, func(ctx context.Context, tx bun.Tx) error {
		_, err := long.Enqueue(ctx, tx, oak, errand{})
		return err
	}))
	h.within(5*time.Second, "begun", func() bool { return begun.Load() == 1 })
	for round := int32(1); round <= 3; round++ { // nobody has answered for a while, and the relay asks
		h.number("update outbox set next_at = now(), dispatches = 11 where dispatches > 0")
		h.within(5*time.Second, "asked", func() bool {
			return skipped.Load() == round && h.number("select count(*) from outbox where dispatches = 1 and dead_at is null") == 1
		})
	}
	close(hold)
	h.within(5*time.Second, "kept", func() bool { return h.left() == 0 })
	h.eachOnce(1)
	if begun.Load() != 1 {
		t.Errorf("%d copies ran", begun.Load())
	}
}

func TestAJobThatTakesItsWorkerDownIsGivenUp(t *testing.T) {
	h := newHouse(t)
	h.promise(oak, 1, 0)
	rung, err := outbox.Fresh(t.Context(), h.ops, 10)
	must(t, err)
	for ring := 1; ring < outbox.MaxRings; ring++ {
		must(t, outbox.Hurry(t.Context(), h.ops))
		if rung, err = outbox.Again(t.Context(), h.ops, rung); err != nil || len(rung) != 1 || rung[0].Dispatches != ring+1 {
			t.Fatalf("ring %d: %+v, %v", ring, rung, err)
		}
	}
	must(t, outbox.Hurry(t.Context(), h.ops))
	if rung, err = outbox.Again(t.Context(), h.ops, rung); err != nil || len(rung) != 0 {
		t.Fatalf("rung once more: %+v, %v", rung, err)
	}
	if n := h.number("select count(*) from outbox where dead_at is not null and last_error <> ''"); n != 1 {
		t.Error(h.openRows())
	}
}

func TestOnlyOneRelayTakesARow(t *testing.T) {
	h := newHouse(t)
	h.promise(oak, 200, 0)
	taken := make(chan int)
	for range 4 {
		go func() {
			n := 0
			for range 40 {
				rung, err := outbox.Fresh(t.Context(), h.ops, 10)
				if err != nil {
					t.Error(err)
				}
				n += len(rung)
			}
			taken <- n
		}()
	}
	total := 0
	for range 4 {
		total += <-taken
	}
	if rest := h.number("select count(*) from outbox where dispatches = 0"); total == 0 || total+rest != 200 {
		t.Errorf("%d taken, %d left", total, rest)
	}
	if h.number("select count(*) from outbox where dispatches > 1") != 0 {
		t.Error("taken twice")
	}
}

func TestSubscribersAreToldOnceEachAndPublishNothing(t *testing.T) {
	h := newHouse(t)
	bus := fact.NewBus()
	var first, second atomic.Int32
	var circle atomic.Bool
	contact := id.New()
	handlers, err := bus.Seal([]fact.Subscriber{
		fact.On("activity:note", func(_ context.Context, _ bun.Tx, firm uuid.UUID, f fact.PortalActivated) error {
			if firm != oak || f.ContactID != contact {
				t.Errorf("told %+v of %s", f, firm)
			}
			first.Add(1)
			return nil
		}),
		fact.On("setup:advance", func(ctx context.Context, tx bun.Tx, firm uuid.UUID, f fact.PortalActivated) error {
			second.Add(1)
			circle.Store(bus.Publish(ctx, tx, firm, f) == nil)
			return nil
		}),
		fact.On("setup:unmoved", func(context.Context, bun.Tx, uuid.UUID, fact.ContactInvited) error { panic("not for me") }),
	})
	must(t, err)
	must(t, db.InTx(t.Context(), h.app, oak, func(ctx context.Context, tx bun.Tx) error {
		return bus.Publish(ctx, tx, oak, fact.PortalActivated{ClientID: id.New(), ContactID: contact})
	}))
	runs, err := worker.Drain(t.Context(), h.config(handlers...))
	must(t, err)
	if runs != 2 || first.Load() != 1 || second.Load() != 1 || circle.Load() || h.left() != 0 {
		t.Errorf("runs %d, told %d and %d, circle %v, left %d", runs, first.Load(), second.Load(), circle.Load(), h.left())
	}
}

func TestTheClockTicksOnceForAllWorkers(t *testing.T) {
	h := newHouse(t)
	must(t, h.asOwner("insert into firm (firm_id, key, name, status) values (?, 'ash', 'Ash', 'suspended')", id.New()))
	start := time.Date(2026, 3, 4, 6, 59, 0, 0, time.UTC)
	var minutes atomic.Int64
	nothing := func(context.Context, bun.Tx, uuid.UUID) error { return nil }
	config := func() worker.Config {
		c := h.config(
			job.Every("0 7 * * *", "test:morning", nothing),
			job.EveryInstallation("0 7 * * *", "test:sweep", func(_ context.Context, tx bun.Tx) error { return nil }),
		)
		c.Clock = func() time.Time { return start.Add(time.Duration(minutes.Load()) * time.Minute) }
		return c
	}
	ticks := func() int { return h.number("select count(*) from outbox where kind like 'test:%'") }
	h.open(config())
	h.open(config())
	h.within(5*time.Second, "schedules noted", func() bool { return h.number("select count(*) from clock") == 2 })
	if ticks() != 0 {
		t.Error("a new schedule made up for the past")
	}
	minutes.Store(2) // 7:01
	h.within(5*time.Second, "ticked", func() bool { return ticks() == 3 && h.left() == 0 })
	for range 5 { // another look changes nothing
		n, err := worker.Tick(t.Context(), config())
		must(t, err)
		if n != 0 {
			t.Errorf("%d more", n)
		}
	}
	minutes.Store(3 * 24 * 60) // three days later 7:00 was missed three times
	h.within(5*time.Second, "caught up", func() bool { return ticks() > 3 && h.left() == 0 })
	if ticks() != 6 {
		t.Errorf("%d ticks, want 3 for each of 2 periods", ticks())
	}
}

func (h *house) asOwner(query string, args ...any) error {
	o, err := owner(h.name)
	if err != nil {
		return err
	}
	defer o.Close()
	_, err = o.ExecContext(h.t.Context(), query, args...)
	return err
}

func TestWhatWasDoneLongAgoIsSwept(t *testing.T) {
	h := newHouse(t)
	h.promise(oak, 3, 0)
	_, err := worker.Drain(t.Context(), h.config())
	must(t, err)
	h.number("update outbox set done_at = now() - interval '15 days' where id in (select id from outbox limit 2)")
	h.number("insert into clock values ('test:morning', now() - interval '30 days'), ('test:morning', now() - interval '20 days')")
	swept, err := outbox.Sweep(t.Context(), h.ops)
	must(t, err)
	if swept.Done != 2 || swept.Ticks != 1 || h.number("select count(*) from outbox") != 1 || h.number("select count(*) from clock") != 1 {
		t.Errorf("swept %+v", swept)
	}
}

func TestLagIsTheAgeOfTheOldestThatIsLate(t *testing.T) {
	h := newHouse(t)
	lag, err := outbox.Lag(t.Context(), h.ops)
	if err != nil || lag != 0 {
		t.Errorf("%s, %v", lag, err)
	}
	h.promise(oak, 2, 0)
	h.number("update outbox set next_at = now() - interval '1 minute'")
	lag, err = outbox.Lag(t.Context(), h.ops)
	if err != nil || lag < time.Minute || lag > 2*time.Minute {
		t.Errorf("%s, %v", lag, err)
	}
}

func TestEffectsHappenOnceThoughWorkersAreKilled(t *testing.T) {
	h := newHouse(t)
	const promises = 600
	h.promise(oak, promises/2, 100*time.Millisecond)
	h.promise(elm, promises/2, 100*time.Millisecond)
	for kill := range 10 {
		victim := h.process()
		before := h.effects()
		h.within(10*time.Second, "the new worker does something", func() bool { return h.effects() > before || h.left() == 0 })
		if h.left() == 0 {
			t.Fatalf("all done after %d kills: promise more", kill)
		}
		must(t, victim.Process.Kill()) // with jobs in its hands
		_ = victim.Wait()
	}
	h.process()
	quiet := h.within(15*time.Second, "quiet", func() bool { return h.left() == 0 })
	t.Logf("quiet %s after the last of 10 kills", quiet.Round(time.Millisecond))
	h.eachOnce(promises)
}

func TestNothingIsLostWhenRedisForgets(t *testing.T) {
	h := newHouse(t)
	h.open(h.config())
	h.open(h.config())
	h.promise(oak, 1000, 50*time.Millisecond)
	for forget := 1; forget <= 3; forget++ {
		h.within(10*time.Second, "under way", func() bool { return h.effects() >= forget*150 })
		must(t, h.redis.FlushAll(t.Context()).Err())
	}
	quiet := h.within(15*time.Second, "quiet", func() bool { return h.left() == 0 })
	t.Logf("quiet %s after the last FLUSHALL", quiet.Round(time.Millisecond))
	h.eachOnce(1000)
}

func TestNothingIsLostWhenPostgreSQLCrashes(t *testing.T) {
	h := newHouse(t)
	h.open(h.config())
	h.open(h.config())
	h.promise(oak, 1000, 50*time.Millisecond)
	h.within(10*time.Second, "under way", func() bool { return h.effects() >= 200 })
	must(t, syscall.Kill(postmaster(t), syscall.SIGQUIT)) // "immediate": no checkpoint, every connection cut
	quiet := h.within(15*time.Second, "quiet", func() bool { return h.left() == 0 })
	t.Logf("quiet %s after the crash", quiet.Round(time.Millisecond))
	h.eachOnce(1000)
}

func TestPromisesAreMadeWhileRedisIsAway(t *testing.T) {
	h := newHouse(t)
	dir := t.TempDir()
	options, err := redis.ParseURL(stores.RedisURL)
	must(t, err)
	real := options.Addr
	options.Addr = dir + "/redis.sock"
	away := redis.NewClient(options)
	defer away.Close()
	c := h.config()
	c.Redis = away
	h.open(c)
	begun := time.Now()
	h.promise(oak, 10, 0)
	stopwatch.Holds(t, "a promise", time.Second, time.Since(begun))
	h.within(5*time.Second, "nothing was rung into the void", func() bool {
		return h.number("select count(*) from outbox where dispatches = 0") == 10
	})
	must(t, os.Symlink(real, options.Addr))
	h.within(10*time.Second, "kept after all", func() bool { return h.left() == 0 })
	h.eachOnce(10)
}

func TestAWorkerThatEndsFinishesItsJobs(t *testing.T) {
	h := newHouse(t)
	stop := h.open(h.config())
	h.promise(oak, 8, 300*time.Millisecond)
	h.within(5*time.Second, "rung", func() bool { return h.number("select count(*) from outbox where dispatches > 0") == 8 })
	h.within(5*time.Second, "begun", func() bool { return h.redis.LLen(t.Context(), "asynq:{portico}:active").Val() == 8 })
	stop()
	h.eachOnce(8)
}

func TestAsynqKeepsItsKeysWhereTheRelayLooks(t *testing.T) {
	h := newHouse(t)
	hold := make(chan struct{})
	wait := job.New[errand]("test:wait")
	c := h.config(wait.Handle(func(context.Context, bun.Tx, uuid.UUID, errand) error {
		<-hold
		return nil
	}))
	c.Concurrency = 1
	h.open(c)
	must(t, db.InTx(t.Context(), h.app, oak, func(ctx context.Context, tx bun.Tx) error {
		return wait.EnqueueEach(ctx, tx, oak, repeat(errand{}, 5))
	}))
	h.within(5*time.Second, "four wait", func() bool { return h.redis.LLen(t.Context(), "asynq:{portico}:pending").Val() == 4 })
	h.number("update outbox set next_at = now() where dispatches > 0") // the relay asks: one was lost as far as it knows
	h.within(5*time.Second, "only the one that does not wait is rung again", func() bool {
		return h.number("select count(*) from outbox where dispatches = 1") == 4 && h.number("select count(*) from outbox where dispatches = 2") == 1
	})
	close(hold)
	h.within(5*time.Second, "kept", func() bool { return h.left() == 0 })
}
