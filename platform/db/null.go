package db

import (
	"database/sql"
	"reflect"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/pgtype/zeronull"
)

// Whole numbers and truths that are NULL are zero, as texts and times are by zeronull.
type (
	number int64
	short  int32
	count  int
	truth  bool
)

func (n *number) ScanInt64(v pgtype.Int8) error { *n = number(v.Int64); return nil }
func (n *short) ScanInt64(v pgtype.Int8) error  { *n = short(v.Int64); return nil }
func (n *count) ScanInt64(v pgtype.Int8) error  { *n = count(v.Int64); return nil }
func (t *truth) ScanBool(v pgtype.Bool) error   { *t = truth(v.Bool); return nil }

var (
	valueScanner = reflect.TypeFor[sql.Scanner]()
	byKind       = map[reflect.Kind]reflect.Type{
		reflect.String: reflect.TypeFor[*zeronull.Text](), reflect.Bool: reflect.TypeFor[*truth](),
		reflect.Int: reflect.TypeFor[*count](), reflect.Int64: reflect.TypeFor[*number](), reflect.Int32: reflect.TypeFor[*short](),
	}
)

// isValue reports whether a struct is one value of a column.
func isValue(t reflect.Type) bool {
	return t == reflect.TypeFor[time.Time]() || reflect.PointerTo(t).Implements(valueScanner)
}

// intoOf says how a value of the type is scanned from a column of PostgreSQL's type.
func intoOf(t reflect.Type, oid uint32) func(reflect.Value) any {
	switch {
	case t == reflect.TypeFor[uuid.UUID]():
		return func(v reflect.Value) any { return (*zeronull.UUID)(v.Addr().Interface().(*uuid.UUID)) }
	case t == reflect.TypeFor[time.Time]() && oid == pgtype.TimestamptzOID:
		return func(v reflect.Value) any { return (*zeronull.Timestamptz)(v.Addr().Interface().(*time.Time)) }
	case reflect.PointerTo(t).Implements(valueScanner):
		return func(v reflect.Value) any { return v.Addr().Interface() }
	}
	if as, ok := byKind[t.Kind()]; ok {
		return func(v reflect.Value) any { return v.Addr().Convert(as).Interface() }
	}
	return func(v reflect.Value) any { return v.Addr().Interface() } // lists, JSON, pointers: the driver knows NULL of them
}
