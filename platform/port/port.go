// Package port lets one module ask another a read-only question without knowing it.
package port

import (
	"context"
	"fmt"
	"sync"
)

// Port is a question with its shape: Q asks, A answers. Q carries the viewer, so that nobody learns by asking what
// they may not see.
type Port[Q, A any] struct{ name string }

// Define names a question, "balances". The variable lives where both sides can see it.
func Define[Q, A any](name string) Port[Q, A] { return Port[Q, A]{name} }

// Board is where answers hang. The host makes one a process.
type Board struct {
	mu      sync.RWMutex
	answers map[string]any
}

// NewBoard makes an empty board.
func NewBoard() *Board { return &Board{answers: map[string]any{}} }

// Answer says who answers. It panics when somebody does already: two modules would disagree.
func (p Port[Q, A]) Answer(b *Board, fn func(context.Context, Q) (A, error)) {
	if b == nil { // a module that is looked at by itself: nobody asks
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if _, taken := b.answers[p.name]; taken {
		panic(fmt.Sprintf("port %s has two answers", p.name))
	}
	b.answers[p.name] = fn
}

// Ask asks. ok is false when no module answers, which is normal. An error is an internal one: PostgreSQL has given up
// the transaction the question was asked in, and hiding that would fail the page later and further away.
func (p Port[Q, A]) Ask(ctx context.Context, b *Board, q Q) (answer A, ok bool, err error) {
	b.mu.RLock()
	fn, ok := b.answers[p.name].(func(context.Context, Q) (A, error))
	b.mu.RUnlock()
	if !ok {
		return answer, false, nil
	}
	if answer, err = fn(ctx, q); err != nil {
		return answer, false, fmt.Errorf("port %s: %w", p.name, err)
	}
	return answer, true, nil
}
