package users

import (
	"encoding/base64"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

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

// cursor names the row after which, or before which, a page begins. The zero cursor is the start of the list.
type cursor struct {
	Key string // the row's sort name or instant as PostgreSQL writes it; of a wide search, the word
	ID  uuid.UUID
}

func (c cursor) isZero() bool { return c.ID == uuid.Nil }

func (c cursor) String() string {
	if c.isZero() {
		return ""
	}
	return base64.RawURLEncoding.EncodeToString(append(c.ID[:], c.Key...))
}

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

// place is where a page begins, and which way it runs.
type place struct {
	At   cursor
	Back bool
}

// placeOf reads what an address says; what cannot be meant is the start of the list.
func placeOf(after, before string, o order) place {
	p := place{At: cursorOf(after)}
	if c := cursorOf(before); !c.isZero() {
		p = place{c, true}
	}
	if o.Column != "name" && !instant(p.At.Key) {
		return place{}
	}
	return p
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

func (k key) at() cursor { return cursor{k.Key, k.ID} }

// picked is one page of the list: who, and how to go on.
type picked struct {
	IDs        []uuid.UUID
	Prev, Next string // cursors; "": there is no such page
	Count      int    // of the whole list; below 0: not known
	More       bool   // there are more than Count
	ByWord     bool   // too many matches to sort: they stand in the order of the word that matches
}

// cut makes a page of rows that were looked at in order: limit is how many would have been, were there enough.
func cut(looked []key, from place, limit int) picked {
	p := picked{Count: -1}
	ended := len(looked) < limit // nothing lies beyond
	var last cursor
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
	if ended && from.At.isZero() {
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
	if !from.At.isZero() {
		*behind = first.String()
	}
	return p
}

// slice makes a page of a list that is known whole.
func slice(keys []key, from place) picked {
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
		p.Prev = keys[start].at().String()
	}
	if end < len(keys) {
		p.Next = keys[end-1].at().String()
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
