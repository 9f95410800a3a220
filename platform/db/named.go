package db

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"io"
	"reflect"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"
)

// Named runs a hot read as a prepared statement with real arguments ($1, $2): PostgreSQL plans it once a connection.
// dest is where bun would scan it into: a struct, a slice of structs, a value, or a slice of values. NULL is the zero
// value. A row that is not there is no error.
//
// The driver scans the rows itself: by way of database/sql and bun each value is made three times, which was a third of
// what a list's rows cost.
func Named(ctx context.Context, tx bun.Tx, dest any, query string, args ...any) error {
	given := append(make([]any, 0, len(args)+2), &gathering{into: reflect.ValueOf(dest).Elem()}, pgx.QueryExecModeCacheStatement)
	for _, arg := range args {
		given = append(given, plain(arg))
	}
	rows, err := tx.Tx.QueryContext(ctx, query, given...) // it has no rows any more
	if err != nil {
		return err
	}
	return rows.Close()
}

// plain gives ids as they are: the driver would find out each time anew that they can be had as text.
func plain(arg any) any {
	switch arg := arg.(type) {
	case uuid.UUID:
		return [16]byte(arg)
	case []uuid.UUID:
		ids := make(pgtype.FlatArray[pgtype.UUID], len(arg))
		for i, id := range arg {
			ids[i] = pgtype.UUID{Bytes: id, Valid: true}
		}
		return ids
	}
	return arg
}

// gathering travels as the first argument of a statement, and takes its rows where the driver's connection is at hand.
type gathering struct{ into reflect.Value }

// QueryContext is the driver's, but for statements whose rows are gathered.
func (c *conn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	if len(args) == 0 {
		return c.Conn.QueryContext(ctx, query, args)
	}
	g, ok := args[0].Value.(*gathering)
	if !ok {
		return c.Conn.QueryContext(ctx, query, args)
	}
	given := make([]any, 0, len(args)-1)
	for _, arg := range args[1:] {
		given = append(given, arg.Value)
	}
	rows, err := c.Conn.Conn().Query(ctx, query, given...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	if err := g.take(rows); err != nil {
		return nil, err
	}
	return noRows{}, rows.Err()
}

type noRows struct{}

func (noRows) Columns() []string         { return nil }
func (noRows) Close() error              { return nil }
func (noRows) Next([]driver.Value) error { return io.EOF }

// take scans the rows.
func (g *gathering) take(rows pgx.Rows) error {
	many := g.into.Kind() == reflect.Slice && g.into.Type().Elem().Kind() != reflect.Uint8
	of := g.into.Type()
	if many {
		of = of.Elem()
		g.into.SetLen(0)
	}
	fields, err := fieldsOf(of, rows)
	if err != nil {
		return err
	}
	targets := make([]any, len(fields))
	for rows.Next() {
		row := g.into
		if many {
			n := g.into.Len()
			g.into.Grow(1)
			g.into.SetLen(n + 1)
			row = g.into.Index(n)
			row.SetZero()
		}
		for i, f := range fields {
			targets[i] = f.target(row)
		}
		if err := rows.Scan(targets...); err != nil {
			return err
		}
		if !many {
			return nil
		}
	}
	return nil
}

// field is where a column goes.
type field struct {
	at   []int // within the struct; empty: the value itself
	into func(reflect.Value) any
}

func (f field) target(row reflect.Value) any {
	if len(f.at) > 0 {
		row = row.FieldByIndex(f.at)
	}
	return f.into(row)
}

// fieldsOf finds the fields by the names that bun gives them.
func fieldsOf(of reflect.Type, rows pgx.Rows) ([]field, error) {
	columns := rows.FieldDescriptions()
	fields := make([]field, len(columns))
	if of.Kind() != reflect.Struct || isValue(of) {
		if len(columns) != 1 {
			return nil, fmt.Errorf("%d columns for one %s", len(columns), of)
		}
		fields[0] = field{into: intoOf(of, columns[0].DataTypeOID)}
		return fields, nil
	}
	table := scanner.Table(of)
	for i, column := range columns {
		known := table.LookupField(column.Name)
		if known == nil {
			return nil, fmt.Errorf("%s has no field for the column %q", of, column.Name)
		}
		fields[i] = field{known.Index, intoOf(known.StructField.Type, column.DataTypeOID)}
	}
	return fields, nil
}

// scanner lends bun's names of columns, and its row mapping to statements that bun did not write; it never connects.
var scanner = bun.NewDB(sql.OpenDB(nowhere{}), pgdialect.New())

type nowhere struct{}

func (nowhere) Connect(context.Context) (driver.Conn, error) { return nil, driver.ErrBadConn }
func (nowhere) Driver() driver.Driver                        { return nil }
