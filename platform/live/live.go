// Package live tells open pages that something has changed. It carries topics, never content: each page fetches what
// changed again with its own viewer's rights.
package live

import (
	"context"
	"crypto/rand"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"

	"portico/platform/db"
)

const (
	topicsChannel = "portico:live"
	// OutboxChannel is where Ring is heard.
	OutboxChannel = "portico:outbox"

	// gather is how long changes are collected before they travel together.
	gather = 5 * time.Millisecond
	// room is how many events a stream may fall behind before it has to look at everything again.
	room = 32
)

// Event is a change. A Resync has no topic: events were lost, so anything may have changed.
type Event struct {
	Topic  string
	Resync bool
}

type change struct {
	firm  uuid.UUID
	topic string
}

// Bell carries changes to the streams of this process and, through Redis, to those of all others. While Redis is away
// the streams of this process still hear what happens in it.
type Bell struct {
	redis redis.UniversalClient
	log   *slog.Logger
	me    string

	here, away basket // what this process has not heard yet, and what the others have not
	ring       atomic.Bool

	mu      sync.Mutex
	streams map[uuid.UUID]map[*stream]struct{}
}

// basket collects changes until somebody carries them on.
type basket struct {
	filled  chan struct{}
	mu      sync.Mutex
	changes map[change]struct{}
}

func newBasket() basket {
	return basket{filled: make(chan struct{}, 1), changes: map[change]struct{}{}}
}

func (b *basket) put(changes ...change) {
	b.mu.Lock()
	for _, c := range changes {
		b.changes[c] = struct{}{}
	}
	b.mu.Unlock()
	select {
	case b.filled <- struct{}{}:
	default:
	}
}

func (b *basket) take() []change {
	b.mu.Lock()
	defer b.mu.Unlock()
	changes := slices.Collect(maps.Keys(b.changes))
	clear(b.changes)
	return changes
}

// New makes a bell; it is silent until Run.
func New(client redis.UniversalClient, log *slog.Logger) *Bell {
	return &Bell{
		redis:   client,
		log:     log,
		me:      rand.Text(),
		here:    newBasket(),
		away:    newBasket(),
		streams: map[uuid.UUID]map[*stream]struct{}{},
	}
}

// Publish tells of a change when the transaction of ctx has committed; never otherwise. However often a transaction
// says the same, it is told once.
func (b *Bell) Publish(ctx context.Context, firm uuid.UUID, topic string) {
	db.AfterCommit(ctx, func(context.Context) { b.Send(firm, topic) })
}

// Send tells of a change now. It does not block.
func (b *Bell) Send(firm uuid.UUID, topic string) { b.here.put(change{firm, topic}) }

// Ring wakes the relays of all workers: it is an outbox.Bell.
func (b *Bell) Ring() {
	b.ring.Store(true)
	b.away.put()
}

// Run carries changes until ctx ends. All streams of the process share its one subscription.
func (b *Bell) Run(ctx context.Context) {
	var all sync.WaitGroup
	all.Go(func() { b.listen(ctx) })
	all.Go(func() { b.tell(ctx) })
	all.Go(func() { b.carry(ctx) })
	all.Wait()
}

// tell delivers to this process's streams, and never waits for Redis.
func (b *Bell) tell(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-b.here.filled:
		}
		select { // a transaction says several things, and some of them twice
		case <-ctx.Done():
			return
		case <-time.After(gather):
		}
		changes := b.here.take()
		for _, c := range changes {
			b.deliver(c)
		}
		b.away.put(changes...)
	}
}

// carry takes changes and the ring to other processes. While Redis is away changes are kept: there are never more of
// them than topics.
func (b *Bell) carry(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-b.away.filled:
		}
		changes, ring := b.away.take(), b.ring.Swap(false)
		if len(changes) == 0 && !ring {
			continue
		}
		_, err := b.redis.Pipelined(ctx, func(pipe redis.Pipeliner) error {
			if ring {
				pipe.Publish(ctx, OutboxChannel, "")
			}
			for _, c := range changes {
				pipe.Publish(ctx, topicsChannel, b.me+" "+c.firm.String()+" "+c.topic)
			}
			return nil
		})
		if err != nil && ctx.Err() == nil {
			b.log.Warn("changes not carried to other processes yet", "count", len(changes), "err", err)
			b.away.put(changes...)
			select {
			case <-ctx.Done():
			case <-time.After(time.Second):
			}
		}
	}
}

// listen hears what other processes say. Whoever was listening while the line was broken has to look at everything.
func (b *Bell) listen(ctx context.Context) {
	for ctx.Err() == nil {
		sub := b.redis.Subscribe(ctx, topicsChannel)
		stop := context.AfterFunc(ctx, func() { _ = sub.Close() }) // a subscription does not heed its context
		if err := b.hear(ctx, sub); ctx.Err() == nil {
			b.log.Warn("live updates from other processes interrupted", "err", err)
		}
		stop()
		_ = sub.Close()
		select {
		case <-ctx.Done():
		case <-time.After(500 * time.Millisecond):
		}
	}
}

func (b *Bell) hear(ctx context.Context, sub *redis.PubSub) error {
	quiet := 0
	for {
		message, err := sub.ReceiveTimeout(ctx, 5*time.Second)
		if timeout(err) && quiet == 0 { // ask whether the line still stands
			quiet++
			if err := sub.Ping(ctx); err != nil {
				return err
			}
			continue
		}
		if err != nil {
			return err
		}
		quiet = 0
		switch m := message.(type) {
		case *redis.Subscription:
			b.resync()
		case *redis.Message:
			if c, from, ok := parse(m.Payload); ok && from != b.me {
				b.deliver(c)
			}
		}
	}
}

func timeout(err error) bool {
	t, ok := err.(interface{ Timeout() bool })
	return ok && t.Timeout()
}

func parse(payload string) (c change, from string, ok bool) {
	parts := strings.SplitN(payload, " ", 3)
	if len(parts) != 3 {
		return c, "", false
	}
	firm, err := uuid.Parse(parts[1])
	return change{firm, parts[2]}, parts[0], err == nil
}

// stream is one open page. It is told under the bell's lock.
type stream struct {
	wants func(topic string) bool
	tell  func(Event)
}

// Listen tells of a firm's changes until stop is called. The topics are asked for at each event; nil wants all. tell is
// called under a lock that all streams share: it must return at once. It costs no goroutine, so that ten thousand may listen.
func (b *Bell) Listen(firm uuid.UUID, wants func(topic string) bool, tell func(Event)) (stop func()) {
	s := &stream{wants, tell}
	b.mu.Lock()
	if b.streams[firm] == nil {
		b.streams[firm] = map[*stream]struct{}{}
	}
	b.streams[firm][s] = struct{}{}
	b.mu.Unlock()
	return func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		delete(b.streams[firm], s)
		if len(b.streams[firm]) == 0 {
			delete(b.streams, firm)
		}
	}
}

// Subscribe is Listen by a channel, which ends with ctx or with stop, whichever is first, and is closed then.
func (b *Bell) Subscribe(ctx context.Context, firm uuid.UUID, wants func(topic string) bool) (events <-chan Event, stop func()) {
	q := &queue{events: make(chan Event, room)}
	quiet := b.Listen(firm, wants, q.send)
	leave := sync.OnceFunc(func() {
		quiet()
		close(q.events) // nobody tells it any more
	})
	unwatch := context.AfterFunc(ctx, leave)
	return q.events, func() {
		unwatch()
		leave()
	}
}

// Topics wants exactly these.
func Topics(topics ...string) func(string) bool {
	wanted := make(map[string]bool, len(topics))
	for _, t := range topics {
		wanted[t] = true
	}
	return func(topic string) bool { return wanted[topic] }
}

// Streams counts the open streams of this process.
func (b *Bell) Streams() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	n := 0
	for _, streams := range b.streams {
		n += len(streams)
	}
	return n
}

func (b *Bell) deliver(c change) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for s := range b.streams[c.firm] {
		if s.wants == nil || s.wants(c.topic) {
			s.tell(Event{Topic: c.topic})
		}
	}
}

func (b *Bell) resync() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, streams := range b.streams {
		for s := range streams {
			s.tell(Event{Resync: true})
		}
	}
}

// queue is how a channel listens.
type queue struct {
	events chan Event
	lost   bool // a resync is the last thing in the channel
}

// send never waits. The last place in the channel is kept for the resync that stands for all that no longer fits;
// what happens before the page has read it is covered by it.
func (s *queue) send(e Event) {
	if s.lost && len(s.events) > 0 {
		return
	}
	s.lost = false
	if len(s.events) == cap(s.events)-1 {
		e, s.lost = Event{Resync: true}, true
	}
	s.events <- e
}
