// Package fact lets modules hear of each other: what has become true, told in the transaction that made it true, to
// each subscriber by a job of its own.
package fact

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"sync"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/id"
	"portico/platform/job"
	"portico/platform/outbox"
)

// Fact is one of the structs of this package: a sentence in the past tense, carrying ids.
type Fact interface{ fact() }

// Subscriber is somebody who wants to know.
type Subscriber struct {
	Fact    string // "PortalActivated"
	Name    string // "activity:note_activation"
	handler job.Handler
}

var subscriberName = regexp.MustCompile(`^[a-z][a-z0-9_]*:[a-z][a-z0-9_]*$`)

// On calls fn once for each fact of its type. The name, "module:verb", says who listens; renaming it loses what was
// told to the old name. fn runs like any job: it may run again, and it publishes no facts, so that no fact can go
// round in circles. It panics on a bad name.
func On[F Fact](name string, fn func(ctx context.Context, tx bun.Tx, firm uuid.UUID, fact F) error) Subscriber {
	if !subscriberName.MatchString(name) {
		panic(fmt.Sprintf("subscriber %q: want module:verb", name))
	}
	about := nameOf(reflect.TypeFor[F]())
	jobName := jobName(about, name)
	return Subscriber{Fact: about, Name: name, handler: job.Func(jobName,
		func(ctx context.Context, tx bun.Tx, firm uuid.UUID, body []byte) error {
			var fact F
			if err := json.Unmarshal(body, &fact); err != nil {
				return fmt.Errorf("payload of %s cannot be read", jobName)
			}
			return fn(context.WithValue(ctx, listening{}, about), tx, firm, fact)
		})}
}

func nameOf(t reflect.Type) string { return t.Name() }

func jobName(fact, subscriber string) string { return "fact:" + fact + ":" + subscriber }

type listening struct{}

// Bus knows who listens. The host makes one, gives it to the modules, and adds what they subscribe to when all are
// mounted.
type Bus struct {
	mu      sync.RWMutex
	ready   bool
	byFact  map[string][]string // job names
	bearers []job.Handler
}

// NewBus makes a bus without listeners.
func NewBus() *Bus { return &Bus{byFact: map[string][]string{}} }

// Seal adds all subscribers, once, and gives the handlers that serve them.
func (b *Bus) Seal(subscribers []Subscriber) ([]job.Handler, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.ready {
		return nil, errors.New("the bus is sealed already")
	}
	seen := map[string]bool{}
	for _, s := range subscribers {
		if seen[s.handler.Name] {
			return nil, fmt.Errorf("%s listens twice to %s", s.Name, s.Fact)
		}
		seen[s.handler.Name] = true
		b.byFact[s.Fact] = append(b.byFact[s.Fact], s.handler.Name)
		b.bearers = append(b.bearers, s.handler)
	}
	b.ready = true
	return b.bearers, nil
}

// Publish promises to tell every subscriber, in the caller's transaction.
func (b *Bus) Publish(ctx context.Context, tx bun.IDB, firm uuid.UUID, fact Fact) error {
	name := nameOf(reflect.TypeOf(fact))
	if about, yes := ctx.Value(listening{}).(string); yes {
		return fmt.Errorf("publish %s: a subscriber of %s publishes no facts", name, about)
	}
	b.mu.RLock()
	defer b.mu.RUnlock()
	if !b.ready {
		return fmt.Errorf("publish %s: the bus is not sealed yet", name)
	}
	listeners := b.byFact[name]
	if len(listeners) == 0 {
		return nil
	}
	body, err := json.Marshal(fact)
	if err != nil {
		return fmt.Errorf("publish %s: %w", name, err)
	}
	promises := make([]outbox.Promise, len(listeners))
	for i, listener := range listeners {
		promises[i] = outbox.Promise{ID: id.New(), Kind: listener, Payload: body}
	}
	return outbox.Put(ctx, tx, firm, promises...)
}
