// Package web is the only room that sees Fiber: routes, requests, forms, pages, fragments and live streams.
package web

import (
	"time"

	"portico/platform/access"
)

// Handler answers one request. What it returns as an error becomes a page; see package fault.
type Handler func(*Request) error

// Route is one address. It cannot be written without saying who may use it.
type Route struct {
	Method, Path string
	Who          access.Permission
	Handle       Handler

	Body     int64         // most bytes of a body; 0: 256 KB
	Limit    *Limit        // tries of one visitor; nil: none but the general one
	Time     time.Duration // for the whole answer; 0: 10 s
	NoFirm   bool          // answers on any host and opens no transaction: health, metrics
	Stream   bool          // an endless answer: no transaction is kept
	Duty     bool          // reachable while a duty (second factor) is open
	Leaves   bool          // staff call it from a preview, as themselves: see FromPreview
	Programs bool          // programs may post, too: they name no page, and the address itself is the proof
}

// Limit bounds tries by visitor address within one firm.
type Limit struct {
	Name  string
	Tries int
	Per   time.Duration
}

// Get is a page or a fragment; PostgreSQL refuses every write in it.
func Get(path string, who access.Permission, h Handler) Route {
	return Route{Method: "GET", Path: path, Who: who, Handle: h}
}

// Post changes something.
func Post(path string, who access.Permission, h Handler) Route {
	return Route{Method: "POST", Path: path, Who: who, Handle: h}
}

// Delete removes something. Plain forms post to the same address with ?_method=DELETE: the body is not read before it
// is known whose it is.
func Delete(path string, who access.Permission, h Handler) Route {
	return Route{Method: "DELETE", Path: path, Who: who, Handle: h}
}

// Upto raises the size of the body that a route takes.
func (r Route) Upto(bytes int64) Route { r.Body = bytes; return r }

// Tries limits how often one visitor may come.
func (r Route) Tries(name string, n int, per time.Duration) Route {
	r.Limit = &Limit{name, n, per}
	return r
}

// OnDuty lets a person reach the route before a duty is done.
func (r Route) OnDuty() Route { r.Duty = true; return r }

// ByPrograms lets in what is posted by no page at all, such as a mail program that unsubscribes. The handler must find
// a proof in the address.
func (r Route) ByPrograms() Route { r.Programs = true; return r }

const (
	bodyBytes  = 256 << 10
	answerTime = 10 * time.Second
)
