package clients

import (
	"encoding/base64"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
)

const (
	pageSize = 50
	few      = 1000 // matches up to which a search is sorted as the list is, and counted
	span     = 3000 // words that one page of a wider search looks at
)

// order is one way to sort a list.
type order struct {
	Column string // sort_name or created_at
	Desc   bool
}

// sorts are what the address may ask for; the first is what it asks for when it says nothing.
var sorts = map[string]order{
	"name": {"sort_name", false}, "-name": {"sort_name", true},
	"added": {"created_at", false}, "-added": {"created_at", true},
}

func sortOf(asked string) (string, order) {
	if o, ok := sorts[asked]; ok {
		return asked, o
	}
	return "name", sorts["name"]
}

// turned is the way to sort that a click on a column's head asks for.
func turned(sort, column string) string {
	switch {
	case sort == column:
		return "-" + column
	case sort == "-"+column || column == "name":
		return column
	}
	return "-" + column // the newest first
}

// direction is what a column's head tells of how the list is sorted.
func direction(sort, column string) string {
	switch sort {
	case column:
		return "ascending"
	case "-" + column:
		return "descending"
	}
	return ""
}

// cursor names the row after which, or before which, a page begins. The zero cursor is the start of the list.
type cursor struct {
	Key string // the row's sort name, instant or word
	ID  uuid.UUID
}

func (c cursor) isZero() bool { return c.ID == uuid.Nil }

func (c cursor) String() string {
	if c.isZero() {
		return ""
	}
	return base64.RawURLEncoding.EncodeToString(append(c.ID[:], c.Key...))
}

// cursorOf reads what String wrote; what nobody wrote is the start of the list.
func cursorOf(text string) cursor {
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || len(raw) < 16 {
		return cursor{}
	}
	c := cursor{Key: string(raw[16:]), ID: uuid.UUID(raw[:16])}
	if !utf8.ValidString(c.Key) || strings.ContainsRune(c.Key, 0) {
		return cursor{}
	}
	return c
}

// beside is the cursor right after (1) or before (-1) this one: a page from there has this one's row as well.
func (c cursor) beside(step int) cursor {
	for i := len(c.ID) - 1; i >= 0; i-- {
		c.ID[i] += byte(step)
		if step > 0 && c.ID[i] != 0 || step < 0 && c.ID[i] != 0xff {
			break
		}
	}
	return c
}

// place is where a page begins, and which way it runs.
type place struct {
	At   cursor
	Back bool
}

func placeOf(after, before string) place {
	if c := cursorOf(before); !c.isZero() {
		return place{c, true}
	}
	return place{At: cursorOf(after)}
}

// key is one row of a page: what it is, and where it stands.
type key struct {
	ID        uuid.UUID
	SortName  string
	CreatedAt time.Time
	Word      string
}

func (k key) in(o order) cursor {
	if o.Column == "created_at" {
		return cursor{k.CreatedAt.UTC().Format(time.RFC3339Nano), k.ID}
	}
	return cursor{k.SortName, k.ID}
}

func (k key) byWord() cursor { return cursor{k.Word, k.ID} }

// picked is one page of a list: which rows, and how to go on.
type picked struct {
	IDs        []uuid.UUID
	Prev, Next string // cursors; "": there is no such page
	Count      int    // of the whole list; at most few
	More       bool   // there are more than Count
	ByWord     bool   // too many matches to sort: they stand in the order of the words that match
}

// cut makes a page of rows that were read with one more than fits. Read backwards, they come turned round.
func cut(keys []key, from place, at func(key) cursor) picked {
	more := len(keys) > pageSize
	keys = keys[:min(len(keys), pageSize)]
	if from.Back {
		slices.Reverse(keys)
	}
	var p picked
	for _, k := range keys {
		p.IDs = append(p.IDs, k.ID)
	}
	if len(keys) == 0 {
		return p
	}
	if more && from.Back || !from.Back && !from.At.isZero() {
		p.Prev = at(keys[0]).String()
	}
	if more && !from.Back || from.Back {
		p.Next = at(keys[len(keys)-1]).String()
	}
	return p
}

// slice makes a page of a list that is known whole.
func slice(keys []key, from place, o order) picked {
	start, end := 0, pageSize
	if i := slices.IndexFunc(keys, func(k key) bool { return k.ID == from.At.ID }); i >= 0 {
		start, end = i+1, i+1+pageSize
		if from.Back {
			start, end = max(0, i-pageSize), i
		}
	}
	end = min(end, len(keys))
	start = min(start, end)
	p := picked{Count: len(keys)}
	for _, k := range keys[start:end] {
		p.IDs = append(p.IDs, k.ID)
	}
	if start > 0 && start < end {
		p.Prev = keys[start].in(o).String()
	}
	if end < len(keys) {
		p.Next = keys[end-1].in(o).String()
	}
	return p
}

// arranged puts rows into the order of the page.
func arranged[T any](rows []T, ids []uuid.UUID, id func(T) uuid.UUID) []T {
	slices.SortFunc(rows, func(a, b T) int { return slices.Index(ids, id(a)) - slices.Index(ids, id(b)) })
	return rows
}
