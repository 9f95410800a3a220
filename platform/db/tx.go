package db

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/uptrace/bun"
)

// Begin starts a transaction that sees and writes one firm only.
func Begin(ctx context.Context, pool *bun.DB, firm uuid.UUID) (bun.Tx, error) {
	return begin(ctx, pool, scope{firm: firm, write: true})
}

// BeginRead starts one in which PostgreSQL refuses every write: what a GET gets.
func BeginRead(ctx context.Context, pool *bun.DB, firm uuid.UUID) (bun.Tx, error) {
	return begin(ctx, pool, scope{firm: firm})
}

func begin(ctx context.Context, pool *bun.DB, s scope) (bun.Tx, error) {
	return pool.BeginTx(context.WithValue(ctx, scopeKey{}, s), nil)
}

// InTx runs fn in one transaction of one firm: all of it happens, or nothing. What AfterCommit collects in fn runs
// once the rows are safe.
func InTx(ctx context.Context, pool *bun.DB, firm uuid.UUID, fn func(context.Context, bun.Tx) error) error {
	ctx, hooks := WithHooks(ctx)
	tx, err := Begin(ctx, pool, firm)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	defer func() { _ = tx.Rollback() }() // after a commit it does nothing
	if err := fn(ctx, tx); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	hooks.Run(ctx)
	return nil
}

type hooksKey struct{}

// Hooks are what waits for a commit: bells to ring, never truth to keep.
type Hooks struct{ fns []func(context.Context) }

// WithHooks starts a fresh list that belongs to one transaction.
func WithHooks(ctx context.Context) (context.Context, *Hooks) {
	hooks := &Hooks{}
	return context.WithValue(ctx, hooksKey{}, hooks), hooks
}

// AfterCommit runs fn when the transaction of ctx has committed; never after a rollback.
func AfterCommit(ctx context.Context, fn func(context.Context)) {
	if hooks, ok := ctx.Value(hooksKey{}).(*Hooks); ok {
		hooks.fns = append(hooks.fns, fn)
	}
}

// Run is for the owner of the transaction.
func (h *Hooks) Run(ctx context.Context) {
	for _, fn := range h.fns {
		fn(context.WithoutCancel(ctx))
	}
	h.fns = nil
}

// One demands that a write touched exactly one row: an update that hit nothing must not look like success.
func One(result sql.Result, err error) error {
	if err != nil {
		return err
	}
	if n, err := result.RowsAffected(); err != nil {
		return err
	} else if n == 0 {
		return sql.ErrNoRows
	}
	return nil
}

// InCopy runs fn in a transaction of one firm on the driver itself, which knows COPY. PostgreSQL refuses COPY into a
// table with row-level security, so rows are copied into a temporary table and inserted from there.
func InCopy(ctx context.Context, pool *bun.DB, firm uuid.UUID, fn func(context.Context, pgx.Tx) error) error {
	c, err := pool.DB.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = c.Close() }()
	return c.Raw(func(raw any) error {
		tx, err := raw.(*conn).Conn.Conn().BeginTx(ctx, pgx.TxOptions{BeginQuery: "begin; set local app.firm_id = '" + firm.String() + "'"})
		if err != nil {
			return err
		}
		defer func() { _ = tx.Rollback(ctx) }()
		if err := fn(ctx, tx); err != nil {
			return err
		}
		return tx.Commit(ctx)
	})
}
