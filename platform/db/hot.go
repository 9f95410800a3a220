package db

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"
	"github.com/uptrace/bun/schema"
)

// Hot is for reads that a benchmark found busy: written like a raw query of bun, with ? for arguments, but run by name
// with the arguments beside the text, so that PostgreSQL plans it once a connection and not at every call. Planning was
// most of what lists cost. What is no value (bun.Ident, bun.Safe, bun.List) is written into the text; it must not have
// many forms. One row that is not there is no error here.
func Hot(ctx context.Context, tx bun.IDB, dest any, query string, args ...any) error {
	named, ok := tx.(bun.Tx)
	if !ok { // somebody who listens in a test
		return tx.NewRaw(query, written(args)...).Scan(ctx, dest)
	}
	var n numbering
	if err := n.write(query, args); err != nil {
		return err
	}
	return Named(ctx, named, dest, n.text.String(), n.args...)
}

// written gives lists the form that bun writes as PostgreSQL's arrays.
func written(args []any) []any {
	args = slices.Clone(args)
	for i, arg := range args {
		if ids, ok := arg.([]uuid.UUID); ok {
			args[i] = pgdialect.Array(ids)
		}
	}
	return args
}

var generator = schema.NewQueryGen(pgdialect.New())

// numbering turns ? into $1, $2 and collects what stands for them.
type numbering struct {
	text strings.Builder
	args []any
}

func (n *numbering) write(query string, args []any) error {
	next := 0
	for {
		before, after, more := strings.Cut(query, "?")
		n.text.WriteString(before)
		if !more {
			return nil
		}
		query = after
		at := next
		if digits := len(after) - len(strings.TrimLeft(after, "0123456789")); digits > 0 {
			at, _ = strconv.Atoi(after[:digits])
			query = after[digits:]
		} else {
			next++
		}
		if at >= len(args) {
			return fmt.Errorf("statement has no argument %d: %s", at, before)
		}
		if err := n.put(args[at]); err != nil {
			return err
		}
	}
}

func (n *numbering) put(arg any) error {
	switch arg := arg.(type) {
	case schema.QueryWithArgs:
		return n.write(arg.Query, arg.Args)
	case schema.QueryAppender:
		text, err := arg.AppendQuery(generator, nil)
		n.text.Write(text)
		return err
	}
	n.args = append(n.args, arg)
	n.text.WriteString("$" + strconv.Itoa(len(n.args)))
	return nil
}
