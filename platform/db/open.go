// Package db opens PostgreSQL and keeps every statement inside one firm.
package db

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"
)

// Role is one of the three database roles.
type Role string

const (
	Owner Role = ""            // who migrates; the URL's own user
	App   Role = "portico_app" // the program: owns nothing, sees one firm at a time
	Ops   Role = "portico_ops" // relay, clock, invariants: the few tables that span firms
)

// Options bound a pool.
type Options struct {
	Role     Role
	MaxConns int           // 0: 16
	MaxIdle  time.Duration // 0: 5 minutes
}

// Open makes a pool. It does no I/O: a wrong URL is the only error.
//
// Arguments travel in `exec` mode: bun writes them into the text, so that a statement cache would only churn.
// Hot reads name their statements instead, see Named.
func Open(url string, o Options) (*bun.DB, error) {
	config, err := pgx.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("DATABASE_URL: want postgres://user:password@host/database: %w", scrubbed(err))
	}
	config.DefaultQueryExecMode = pgx.QueryExecModeExec
	config.StatementCacheCapacity = 128
	if config.ConnectTimeout == 0 {
		config.ConnectTimeout = 5 * time.Second
	}
	if config.RuntimeParams["application_name"] == "" {
		config.RuntimeParams["application_name"] = "portico"
	}
	if o.Role != Owner {
		config.RuntimeParams["role"] = string(o.Role)
	}
	pool := sql.OpenDB(connector{stdlib.GetConnector(*config)})
	if o.MaxConns == 0 {
		o.MaxConns = 16
	}
	if o.MaxIdle == 0 {
		o.MaxIdle = 5 * time.Minute
	}
	pool.SetMaxOpenConns(o.MaxConns)
	pool.SetMaxIdleConns(o.MaxConns)
	pool.SetConnMaxIdleTime(o.MaxIdle)
	return bun.NewDB(pool, pgdialect.New()), nil
}

// scrubbed keeps a URL's password out of messages: pgx repeats the URL in its parse errors.
func scrubbed(error) error { return fmt.Errorf("it cannot be read") }

// connector gives connections whose transactions begin with their firm already set: BEGIN and SET LOCAL travel in
// one message, so that row-level security costs no round trip.
type connector struct{ driver.Connector }

func (c connector) Connect(ctx context.Context) (driver.Conn, error) {
	inner, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	return &conn{inner.(*stdlib.Conn)}, nil
}

type conn struct{ *stdlib.Conn }

type scopeKey struct{}

type scope struct {
	firm  uuid.UUID
	write bool
}

// BeginTx adds the firm of the context to BEGIN. Without one the firm stays unset and no tenant row is visible.
func (c *conn) BeginTx(ctx context.Context, o driver.TxOptions) (driver.Tx, error) {
	s, ok := ctx.Value(scopeKey{}).(scope)
	if !ok {
		return c.Conn.BeginTx(ctx, o)
	}
	begin := "begin read only"
	if s.write {
		begin = "begin"
	}
	// a UUID prints as hex and dashes only, so it can be written into the text
	begin += "; set local app.firm_id = '" + s.firm.String() + "'"
	tx, err := c.Conn.Conn().BeginTx(ctx, pgx.TxOptions{BeginQuery: begin})
	if err != nil {
		return nil, err
	}
	return driverTx{ctx, tx}, nil
}

// driverTx ends a pgx transaction for database/sql; the context it began with may be over by then.
type driverTx struct {
	ctx context.Context
	tx  pgx.Tx
}

func (t driverTx) Commit() error   { return t.tx.Commit(context.WithoutCancel(t.ctx)) }
func (t driverTx) Rollback() error { return t.tx.Rollback(context.WithoutCancel(t.ctx)) }
