// Package job is work that outlives its request: promised in the transaction that makes it necessary, kept later by a
// worker, in one transaction of its own.
package job

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"time"

	"github.com/google/uuid"
	"github.com/robfig/cron/v3"
	"github.com/uptrace/bun"

	"portico/platform/id"
	"portico/platform/outbox"
)

// DefaultTimeout is how long a handler may take unless it says otherwise.
const DefaultTimeout = 30 * time.Second

// maxPayload keeps payloads to ids: a job loads the rest again, because it may have changed.
const maxPayload = 8 << 10

var nameOf = regexp.MustCompile(`^[a-z][a-z0-9_]*:[a-z][a-z0-9_]*$`)

// Kind is one sort of work and the shape of what it carries.
type Kind[P any] struct{ name string }

// New names a kind of work, "billing:remind". It panics on a name of another form.
func New[P any](name string) Kind[P] {
	mustName(name)
	return Kind[P]{name}
}

func mustName(name string) {
	if !nameOf.MatchString(name) {
		panic(fmt.Sprintf("job %q: want module:verb", name))
	}
}

// Name is the kind's name.
func (k Kind[P]) Name() string { return k.name }

// Option changes one promise.
type Option func(*outbox.Promise)

// At keeps a promise waiting until then.
func At(t time.Time) Option { return func(p *outbox.Promise) { p.At = t } }

// ID chooses the promise's id: promising the same id again does nothing.
func ID(id uuid.UUID) Option { return func(p *outbox.Promise) { p.ID = id } }

// Enqueue promises work in the caller's transaction: when that is rolled back, nothing was promised.
func (k Kind[P]) Enqueue(ctx context.Context, tx bun.IDB, firm uuid.UUID, payload P, options ...Option) (uuid.UUID, error) {
	promise, err := k.promise(payload)
	if err != nil {
		return uuid.Nil, err
	}
	for _, change := range options {
		change(&promise)
	}
	return promise.ID, outbox.Put(ctx, tx, firm, promise)
}

// EnqueueEach promises the same work for each payload, in few statements.
func (k Kind[P]) EnqueueEach(ctx context.Context, tx bun.IDB, firm uuid.UUID, payloads []P, options ...Option) error {
	promises := make([]outbox.Promise, len(payloads))
	for i, payload := range payloads {
		promise, err := k.promise(payload)
		if err != nil {
			return err
		}
		for _, change := range options {
			change(&promise)
		}
		promises[i] = promise
	}
	return outbox.Put(ctx, tx, firm, promises...)
}

func (k Kind[P]) promise(payload P) (outbox.Promise, error) {
	body, err := json.Marshal(payload)
	if err != nil {
		return outbox.Promise{}, fmt.Errorf("payload of %s: %w", k.name, err)
	}
	if len(body) > maxPayload {
		return outbox.Promise{}, fmt.Errorf("payload of %s has %d bytes: carry ids and load the rest", k.name, len(body))
	}
	return outbox.Promise{ID: id.New(), Kind: k.name, Payload: body}, nil
}

// Handle says who keeps promises of this kind. fn runs inside the transaction that closes the promise, in the firm that
// made it: what it writes there happens exactly once. What it does outside, such as sending mail, may happen again
// after a crash. A fault.Missing means that there is nothing left to do.
func (k Kind[P]) Handle(fn func(ctx context.Context, tx bun.Tx, firm uuid.UUID, payload P) error) Handler {
	name := k.name
	return Func(name, func(ctx context.Context, tx bun.Tx, firm uuid.UUID, body []byte) error {
		var payload P
		if err := json.Unmarshal(body, &payload); err != nil {
			return fmt.Errorf("payload of %s cannot be read", name) // the error would repeat the payload
		}
		return fn(ctx, tx, firm, payload)
	})
}

// HandleOutside is Handle for work that needs an answer from outside, such as a service that may be slow: ask runs while no
// transaction is open, and reads what it needs in short ones of its own; what it hands back runs inside the transaction
// that closes the promise. Nil: there is nothing to write. Asked by two workers at once, the answer of one counts.
func (k Kind[P]) HandleOutside(ask func(ctx context.Context, firm uuid.UUID, payload P) (write func(ctx context.Context, tx bun.Tx) error, err error)) Handler {
	name := k.name
	h := Func(name, func(context.Context, bun.Tx, uuid.UUID, []byte) error {
		return fmt.Errorf("%s was not asked before", name)
	})
	h.before = func(ctx context.Context, firm uuid.UUID, body []byte) (func(context.Context, bun.Tx) error, error) {
		var payload P
		if err := json.Unmarshal(body, &payload); err != nil {
			return nil, fmt.Errorf("payload of %s cannot be read", name)
		}
		return ask(ctx, firm, payload)
	}
	return h
}

// Handler keeps one kind of promise. It is data, so that it can be listed.
type Handler struct {
	Name    string
	Cron    string // clock work: when, in UTC; "" for what is enqueued
	Once    bool   // clock work of the installation, not of each firm
	Timeout time.Duration

	run    func(context.Context, bun.Tx, uuid.UUID, []byte) error
	before func(context.Context, uuid.UUID, []byte) (func(context.Context, bun.Tx) error, error)
}

// Func makes a handler from raw parts; fact uses it. Modules say Kind.Handle or Every.
func Func(name string, run func(ctx context.Context, tx bun.Tx, firm uuid.UUID, payload []byte) error) Handler {
	return Handler{Name: name, Timeout: DefaultTimeout, run: run}
}

// Within gives the handler another time limit.
func (h Handler) Within(d time.Duration) Handler {
	h.Timeout = d
	return h
}

// Run does the work.
func (h Handler) Run(ctx context.Context, tx bun.Tx, firm uuid.UUID, payload []byte) error {
	return h.run(ctx, tx, firm, payload)
}

// Outside reports whether the work begins while no transaction is open; see HandleOutside.
func (h Handler) Outside() bool { return h.before != nil }

// Ask does the part of the work for which no transaction is open, and answers the handler of the rest.
func (h Handler) Ask(ctx context.Context, firm uuid.UUID, payload []byte) (Handler, error) {
	write, err := h.before(ctx, firm, payload)
	h.before = nil
	h.run = func(ctx context.Context, tx bun.Tx, _ uuid.UUID, _ []byte) error {
		if write == nil {
			return nil
		}
		return write(ctx, tx)
	}
	return h, err
}

// Schedule is when clock work is due. Only clock work has one.
func (h Handler) Schedule() cron.Schedule {
	schedule, err := cron.ParseStandard(h.Cron)
	if err != nil {
		panic(fmt.Sprintf("job %s: %q is no schedule: %v", h.Name, h.Cron, err))
	}
	return schedule
}

// Every is clock work for each active firm: five cron fields in UTC, or @hourly and its like. A period missed while no
// worker ran is caught up once. It panics on a bad schedule.
func Every(cron, name string, fn func(ctx context.Context, tx bun.Tx, firm uuid.UUID) error) Handler {
	mustName(name)
	h := Func(name, func(ctx context.Context, tx bun.Tx, firm uuid.UUID, _ []byte) error { return fn(ctx, tx, firm) })
	h.Cron = cron
	h.Schedule()
	return h
}

// EveryInstallation is clock work that runs once for all firms. Its transaction belongs to no firm and sees none.
func EveryInstallation(cron, name string, fn func(ctx context.Context, tx bun.Tx) error) Handler {
	h := Every(cron, name, func(ctx context.Context, tx bun.Tx, _ uuid.UUID) error { return fn(ctx, tx) })
	h.Once = true
	return h
}

// Table finds handlers by their exact name. asynq's own router matches prefixes, so that "mail:send" would take what
// "mail:send_all" was promised.
type Table map[string]Handler

// NewTable refuses two handlers of one name.
func NewTable(handlers []Handler) (Table, error) {
	table := make(Table, len(handlers))
	for _, h := range handlers {
		if _, taken := table[h.Name]; taken {
			return nil, fmt.Errorf("two handlers are called %s", h.Name)
		}
		table[h.Name] = h
	}
	return table, nil
}

// Running is the promise that a handler is keeping.
type Running struct {
	ID        uuid.UUID // also what makes an outside effect recognisable: a Message-ID, an idempotency key
	Firm      uuid.UUID
	Kind      string
	Tries     int // refusals so far; 0: the first try
	CreatedAt time.Time

	later *time.Time
}

type runningKey struct{}

// With is for the worker: it tells a handler which promise it keeps.
func With(ctx context.Context, r Running) context.Context {
	r.later = new(time.Time)
	return context.WithValue(ctx, runningKey{}, r)
}

// Later keeps the promise open: what the handler has written stands, and it is called again then, with the same id and the
// same payload. It is no refusal.
func Later(ctx context.Context, at time.Time) {
	if r := Current(ctx); r.later != nil {
		*r.later = at
	}
}

// PutOff is for the worker: until when the handler wants to wait; false when it is done.
func PutOff(ctx context.Context) (at time.Time, waits bool) {
	if r := Current(ctx); r.later != nil {
		at = *r.later
	}
	return at, !at.IsZero()
}

// Current is the promise being kept; the zero value outside a handler.
func Current(ctx context.Context) Running {
	r, _ := ctx.Value(runningKey{}).(Running)
	return r
}
