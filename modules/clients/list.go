package clients

import (
	"time"

	"github.com/google/uuid"

	"portico/platform/db/paging"
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

// beside is the cursor right after (1) or before (-1) another: a page from there has that one's row as well.
func beside(c paging.Cursor, step int) paging.Cursor {
	for i := len(c.ID) - 1; i >= 0; i-- {
		c.ID[i] += byte(step)
		if step > 0 && c.ID[i] != 0 || step < 0 && c.ID[i] != 0xff {
			break
		}
	}
	return c
}

// key is one row of a page: what it is, and where it stands.
type key struct {
	ID        uuid.UUID
	SortName  string
	CreatedAt time.Time
	Word      string
}

func (k key) in(o order) paging.Cursor {
	if o.Column == "created_at" {
		return paging.Cursor{Key: k.CreatedAt.UTC().Format(time.RFC3339Nano), ID: k.ID}
	}
	return paging.Cursor{Key: k.SortName, ID: k.ID}
}

func (k key) byWord() paging.Cursor { return paging.Cursor{Key: k.Word, ID: k.ID} }

// picked is one page of a list: which rows, and how to go on.
type picked struct {
	IDs []uuid.UUID
	paging.Turns
	Count  int  // of the whole list; at most few
	More   bool // there are more than Count
	ByWord bool // too many matches to sort: they stand in the order of the words that match
}

func pickedOf(keys []key, turns paging.Turns) picked {
	p := picked{Turns: turns}
	for _, k := range keys {
		p.IDs = append(p.IDs, k.ID)
	}
	return p
}

// instant reports whether a cursor's key is one.
func instant(key string) bool {
	_, err := time.Parse(time.RFC3339Nano, key)
	return err == nil
}
