package users

import (
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"portico/platform/db/paging"
	"portico/platform/search"
)

const (
	pageSize = 50
	most     = 10_000 // up to which a list is counted
	few      = 1000   // clients up to which a search is sorted as the list is
)

// filter is what the list can be narrowed to.
type filter struct {
	State  string // "": all
	Portal string // of the client: "", on, off
	Query  string
}

func filterOf(state, portal, query string) filter {
	f := filter{Query: query}
	if _, known := stateNamed(state); known {
		f.State = state
	}
	if portal == "on" || portal == "off" {
		f.Portal = portal
	}
	return f
}

// knows reports whether the filter means what it says: "all that match" of a state that does not exist is nobody, not
// everybody.
func knows(state, portal string) bool {
	f := filterOf(state, portal, "")
	return f.State == state && f.Portal == portal
}

// Narrowed reports whether the filter hides anybody.
func (f filter) Narrowed() bool { return f != filter{} }

// states are the stretches of the indexes that the filter means.
func (f filter) states() []string {
	if f.State == perhaps {
		return []string{"invited"}
	}
	if f.State != "" {
		return []string{f.State}
	}
	var all []string
	for _, s := range states {
		all = append(all, s.Name)
	}
	return all
}

// query is the filter, and what else is given in pairs, as the end of an address; "" when there is none.
func (f filter) query(more ...string) string {
	values := url.Values{}
	more = append(more, "state", f.State, "portal", f.Portal, "q", f.Query)
	for i := 0; i+1 < len(more); i += 2 {
		if more[i+1] != "" {
			values.Set(more[i], more[i+1])
		}
	}
	if len(values) == 0 {
		return ""
	}
	return "?" + values.Encode()
}

// order is one way to sort the list.
type order struct {
	Column string
	Desc   bool
}

// orders are what the address may ask for.
var orders = []string{"name", "-name", "invited", "-invited", "accepted", "-accepted", "seen", "-seen"}

func orderOf(asked string) (string, order) {
	if !slices.Contains(orders, asked) {
		asked = "name"
	}
	column, desc := strings.CutPrefix(asked, "-")
	return asked, order{column, desc}
}

// placeIn is a place whose key is one of the order; what cannot be meant is the start of the list.
func (o order) placeIn(p paging.Place) paging.Place {
	if o.Column == "name" {
		return p
	}
	return p.If(instant)
}

// instant reports whether PostgreSQL could have written the text for a point in time.
func instant(text string) bool {
	if text == "-infinity" {
		return true
	}
	for _, layout := range []string{"2006-01-02 15:04:05.999999-07", "2006-01-02 15:04:05.999999-07:00"} {
		if _, err := time.Parse(layout, text); err == nil {
			return true
		}
	}
	return false
}

// key is one row of a page: who it is, and where it stands.
type key struct {
	ID   uuid.UUID
	Key  string
	Fits bool
}

func (k key) at() paging.Cursor { return paging.Cursor{Key: k.Key, ID: k.ID} }

// picked is one page of the list: who, and how to go on.
type picked struct {
	IDs []uuid.UUID
	paging.Turns
	Count  int  // of the whole list; below 0: not known
	More   bool // there are more than Count
	ByWord bool // too many matches to sort: they stand in the order of the word that matches
}

// cut makes a page of rows that were looked at in order: limit is how many would have been, were there enough.
func cut(looked []key, from paging.Place, limit int) picked {
	p := picked{Count: -1}
	ended := len(looked) < limit // nothing lies beyond
	var last paging.Cursor
	var fit []key
	for _, k := range looked {
		if k.Fits && len(fit) == pageSize {
			ended, last = false, fit[pageSize-1].at()
			break
		}
		last = k.at()
		if k.Fits {
			fit = append(fit, k)
		}
	}
	if from.Back {
		slices.Reverse(fit)
	}
	for _, k := range fit {
		p.IDs = append(p.IDs, k.ID)
	}
	if len(looked) == 0 {
		return p
	}
	if ended && from.At.IsZero() {
		p.Count = len(fit)
	}
	first := looked[0].at()
	if len(fit) > 0 {
		first = fit[0].at()
		if from.Back {
			first = fit[len(fit)-1].at()
		}
	}
	beyond, behind := &p.Next, &p.Prev
	if from.Back {
		beyond, behind = &p.Prev, &p.Next
	}
	if !ended {
		*beyond = last.String()
	}
	if !from.At.IsZero() {
		*behind = first.String()
	}
	return p
}

// pickedOf makes a page of a list that is known whole.
func pickedOf(keys []key, from paging.Place) picked {
	rows, turns := paging.Slice(keys, pageSize, from, key.at)
	p := picked{Turns: turns, Count: len(keys)}
	for _, k := range rows {
		p.IDs = append(p.IDs, k.ID)
	}
	return p
}

// meant reports whether each typed word begins a word of the contact, or of its client's name.
func meant(typed []string, name, email, phone, client string) bool {
	words := append(search.Words(name, email, client), search.Phone(phone)...)
	for _, t := range typed {
		if !slices.ContainsFunc(words, func(w string) bool { return strings.HasPrefix(w, t) }) {
			return false
		}
	}
	return true
}
