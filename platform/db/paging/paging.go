// Package paging is how long lists are turned over: by the row at which a page begins, not by its number, so that the
// thousandth page costs what the first does and nothing is shown twice when a row comes in meanwhile.
package paging

import (
	"encoding/base64"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/schema"
)

// Cursor names the row after which, or before which, a page begins. The zero cursor is the start of the list.
type Cursor struct {
	Key string // what the row is sorted by
	ID  uuid.UUID
}

// IsZero reports whether it is the start of the list.
func (c Cursor) IsZero() bool { return c.ID == uuid.Nil }

// String is the cursor as addresses carry it.
func (c Cursor) String() string {
	if c.IsZero() {
		return ""
	}
	return base64.RawURLEncoding.EncodeToString(append(c.ID[:], c.Key...))
}

// CursorOf reads what String wrote; what nobody wrote is the start of the list.
func CursorOf(text string) Cursor {
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || len(raw) < 16 {
		return Cursor{}
	}
	c := Cursor{Key: string(raw[16:]), ID: uuid.UUID(raw[:16])}
	if !utf8.ValidString(c.Key) || strings.ContainsRune(c.Key, 0) {
		return Cursor{}
	}
	return c
}

// Place is where a page begins, and which way it runs.
type Place struct {
	At   Cursor
	Back bool
}

// PlaceOf reads the two cursors of an address, of which one counts.
func PlaceOf(after, before string) Place {
	if c := CursorOf(before); !c.IsZero() {
		return Place{c, true}
	}
	return Place{At: CursorOf(after)}
}

// If is the place when its key is one of the list's sort, and the start of the list otherwise: a database would refuse
// a word where it compares days.
func (p Place) If(fits func(key string) bool) Place {
	if p.At.IsZero() || fits(p.At.Key) {
		return p
	}
	return Place{}
}

// Turns are the cursors of the pages before and after one; "": there is none.
type Turns struct{ Prev, Next string }

// Cut makes a page of rows that were read with one more than fits. Read backwards, they come turned round.
func Cut[T any](rows []T, fits int, from Place, at func(T) Cursor) ([]T, Turns) {
	more := len(rows) > fits
	rows = rows[:min(len(rows), fits)]
	if len(rows) == 0 {
		return rows, Turns{}
	}
	if from.Back {
		slices.Reverse(rows)
	}
	var t Turns
	if more && from.Back || !from.Back && !from.At.IsZero() {
		t.Prev = at(rows[0]).String()
	}
	if more || from.Back {
		t.Next = at(rows[len(rows)-1]).String()
	}
	return rows, t
}

// Slice makes a page of a list that is known whole.
func Slice[T any](rows []T, fits int, from Place, at func(T) Cursor) ([]T, Turns) {
	start, end := 0, fits
	if i := slices.IndexFunc(rows, func(row T) bool { return at(row).ID == from.At.ID }); i >= 0 {
		start, end = i+1, i+1+fits
		if from.Back {
			start, end = max(0, i-fits), i
		}
	}
	end = min(end, len(rows))
	start = min(start, end)
	var t Turns
	if start > 0 && start < end {
		t.Prev = at(rows[start]).String()
	}
	if end < len(rows) {
		t.Next = at(rows[end-1]).String()
	}
	return rows[start:end], t
}

// Arrange puts rows into the order of their page.
func Arrange[T any](rows []T, ids []uuid.UUID, id func(T) uuid.UUID) []T {
	at := make(map[uuid.UUID]int, len(ids))
	for i, one := range ids {
		at[one] = i
	}
	slices.SortFunc(rows, func(a, b T) int { return at[id(a)] - at[id(b)] })
	return rows
}

// Way is the direction of an order, as SQL says it.
func Way(down bool) bun.Safe {
	if down {
		return "desc"
	}
	return "asc"
}

// Beyond compares a row with the one where a page begins, as SQL says it.
func Beyond(down bool) bun.Safe {
	if down {
		return "<"
	}
	return ">"
}

// Column is what a list is sorted by, and of what type: "" for words, which are compared in small letters.
type Column struct{ By, Type bun.Safe }

// Sorts are the columns that a list can be sorted by, and what tells its rows apart. "" is the column where nothing, or
// nothing known, is asked for; without an entry the rows come in the order of their ids.
type Sorts struct {
	ID      bun.Safe
	Columns map[string]Column
}

// of is the column of a sort, which has a minus in front when it runs down.
func (s Sorts) of(sort string) (Column, bool) {
	c, there := s.Columns[strings.TrimPrefix(sort, "-")]
	if !there {
		c, there = s.Columns[""]
	}
	return c, there
}

// Fits reports whether a cursor's key can be one of a sort, as Place.If wants to know.
func (s Sorts) Fits(sort string) func(key string) bool {
	c, _ := s.of(sort)
	return func(key string) bool {
		var err error
		switch c.Type {
		case "date":
			_, err = time.Parse(time.DateOnly, key)
		case "timestamptz":
			_, err = time.Parse(time.RFC3339Nano, key)
		case "bigint", "integer":
			_, err = strconv.ParseInt(key, 10, 64)
		}
		return err == nil
	}
}

// By is what comes after ORDER BY.
func (s Sorts) By(sort string, down bool) schema.QueryAppender {
	c, there := s.of(sort)
	if !there {
		return bun.SafeQuery("? ?", s.ID, Way(down))
	}
	return bun.SafeQuery("?0 ?2, ?1 ?2", c.By, s.ID, Way(down))
}

// Beyond is the condition of the rows that come after the one where a page begins.
func (s Sorts) Beyond(sort string, down bool, from Cursor) schema.QueryAppender {
	if from.IsZero() {
		return bun.Safe("true")
	}
	c, there := s.of(sort)
	switch {
	case !there:
		return bun.SafeQuery("? ? ?", s.ID, Beyond(down), from.ID)
	case c.Type == "":
		return bun.SafeQuery("(?, ?) ? (lower(?), ?)", c.By, s.ID, Beyond(down), from.Key, from.ID)
	}
	return bun.SafeQuery("(?, ?) ? (?::?, ?)", c.By, s.ID, Beyond(down), from.Key, c.Type, from.ID)
}
