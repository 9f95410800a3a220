// Package live tells open pages that something has changed. It carries topics, never content: each page fetches what
// changed again with its own viewer's rights.
package live

import (
	"context"
	"crypto/rand"
	"log/slog"
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
	redis  redis.UniversalClient
	log    *slog.Logger
	me     string
	wake   chan struct{}
	outbox atomic.Bool

	mu      sync.Mutex
	pending map[change]struct{}
	streams map[uuid.UUID]map[*stream]struct{}
}

// New makes a bell; it is silent until Run.
func New(client redis.UniversalClient, log *slog.Logger) *Bell {
	return &Bell{
		redis:   client,
		log:     log,
		me:      rand.Text(),
		wake:    make(chan struct{}, 1),
		pending: map[change]struct{}{},
		streams: map[uuid.UUID]map[*stream]struct{}{},
	}
}

// Publish tells of a change when the transaction of ctx has committed; never otherwise. However often a transaction
// says the same, it is told once.
func (b *Bell) Publish(ctx context.Context, firm uuid.UUID, topic string) {
	db.AfterCommit(ctx, func(context.Context) { b.Send(firm, topic) })
}

// Send tells of a change now. It does not block.
func (b *Bell) Send(firm uuid.UUID, topic string) {
	b.mu.Lock()
	b.pending[change{firm, topic}] = struct{}{}
	b.mu.Unlock()
	b.stir()
}

// Ring wakes the relays of all workers: it is an outbox.Bell.
func (b *Bell) Ring() {
	b.outbox.Store(true)
	b.stir()
}

func (b *Bell) stir() {
	select {
	case b.wake <- struct{}{}:
	default:
	}
}

// Run carries changes until ctx ends. All streams of the process share its one subscription.
func (b *Bell) Run(ctx context.Context) {
	var both sync.WaitGroup
	both.Go(func() { b.listen(ctx) })
	both.Go(func() { b.speak(ctx) })
	both.Wait()
}

func (b *Bell) speak(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-b.wake:
		}
		ring := b.outbox.Swap(false)
		if ring { // a job should start at once; pages can wait for company
			_ = b.redis.Publish(ctx, OutboxChannel, "").Err() // relays also look by themselves
		}
		if !b.anything() {
			continue
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(gather):
		}
		b.carry(ctx, b.take())
	}
}

func (b *Bell) anything() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.pending) > 0
}

func (b *Bell) take() map[change]struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	changes := b.pending
	b.pending = map[change]struct{}{}
	return changes
}

func (b *Bell) carry(ctx context.Context, changes map[change]struct{}) {
	for c := range changes {
		b.deliver(c)
	}
	_, err := b.redis.Pipelined(ctx, func(pipe redis.Pipeliner) error {
		for c := range changes {
			pipe.Publish(ctx, topicsChannel, b.me+" "+c.firm.String()+" "+c.topic)
		}
		return nil
	})
	if err != nil && ctx.Err() == nil {
		b.log.Warn("changes not carried to other processes", "count", len(changes), "err", err)
	}
}

// listen hears what other processes say. Whoever was listening while the line was broken has to look at everything.
func (b *Bell) listen(ctx context.Context) {
	for ctx.Err() == nil {
		sub := b.redis.Subscribe(ctx, topicsChannel)
		stop := context.AfterFunc(ctx, func() { _ = sub.Close() }) // a subscription does not heed its context
		if err := b.hear(ctx, sub); err != nil && ctx.Err() == nil {
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

// stream is one open page. Only the bell sends to its channel, always under the bell's lock.
type stream struct {
	events chan Event
	wants  func(topic string) bool
	lost   bool // a resync is the last thing in the channel
}

// Subscribe opens a stream of a firm's changes that ends with ctx or with stop, whichever is first; then the channel is
// closed. The topics are asked for at each event; nil wants all.
func (b *Bell) Subscribe(ctx context.Context, firm uuid.UUID, wants func(topic string) bool) (events <-chan Event, stop func()) {
	s := &stream{events: make(chan Event, room), wants: wants}
	b.mu.Lock()
	if b.streams[firm] == nil {
		b.streams[firm] = map[*stream]struct{}{}
	}
	b.streams[firm][s] = struct{}{}
	b.mu.Unlock()
	leave := sync.OnceFunc(func() { b.leave(firm, s) })
	unwatch := context.AfterFunc(ctx, leave)
	return s.events, func() {
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

func (b *Bell) leave(firm uuid.UUID, s *stream) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.streams[firm], s)
	if len(b.streams[firm]) == 0 {
		delete(b.streams, firm)
	}
	close(s.events)
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
			s.send(Event{Topic: c.topic})
		}
	}
}

func (b *Bell) resync() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, streams := range b.streams {
		for s := range streams {
			s.send(Event{Resync: true})
		}
	}
}

// send never waits. The last place in the channel is kept for the resync that stands for all that no longer fits;
// what happens before the page has read it is covered by it.
func (s *stream) send(e Event) {
	if s.lost && len(s.events) > 0 {
		return
	}
	s.lost = false
	if len(s.events) == cap(s.events)-1 {
		e, s.lost = Event{Resync: true}, true
	}
	s.events <- e
}
