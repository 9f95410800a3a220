package setup

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"portico/platform/access"
)

// deed is what is decided for many clients at once. What it does not speak of stays as it is.
type deed struct {
	PortalOn  *bool
	UploadsOn *bool
	Switches  map[string]State `bun:"type:jsonb"`
}

// empty: it changes nothing.
func (d deed) empty() bool { return d.PortalOn == nil && d.UploadsOn == nil && len(d.Switches) == 0 }

// onto gives the client as the deed wants it.
func (d deed) onto(c clientRow) clientRow {
	if d.PortalOn != nil {
		c.PortalOn = *d.PortalOn
	}
	if d.UploadsOn != nil {
		c.UploadsOn = *d.UploadsOn
	}
	c.Switches = copied(c.Switches)
	for key, state := range d.Switches {
		with(c.Switches, key, state)
	}
	return c
}

// differs tells what the deed changes of a client, in the words of the log.
func (d deed) differs(c clientRow) (was, is map[string]any) {
	return clientDiff(shown{clientRow: c}, shown{clientRow: d.onto(c)})
}

// sets, and clears below, are the switches as a statement wants them.
func (d deed) sets() access.Switches {
	set := access.Switches{}
	for key, state := range d.Switches {
		with(set, key, state)
	}
	return set
}

func (d deed) clears() []string {
	keys := []string{}
	for key, state := range d.Switches {
		if state == Inherit {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	return keys
}

// What became of a client. Due and idle ones wait: a due one would change, an idle one has it so already.
const (
	due      = "due"
	idle     = "idle"
	turned   = "changed"
	same     = "same"
	movedOn  = "moved"
	archived = "archived"
)

// results in the order in which they are counted on the page.
var results = []option{{turned, "Changed"}, {same, "Nothing to change"}, {movedOn, "Changed meanwhile"}, {archived, "Archived meanwhile"}}

// judge says what is to become of a client that is held: seen is its version when it was chosen. Whoever changed it
// meanwhile knew something that the deed did not: that client is left to a person.
func (d deed) judge(c clientRow, seen int) (result string, was, is map[string]any) {
	was, is = d.differs(c)
	switch {
	case c.Archived:
		return archived, nil, nil
	case len(is) == 0:
		return same, nil, nil
	case c.Version != seen:
		return movedOn, nil, nil
	}
	return turned, was, is
}

// planned is one thing that a deed changes, from what, and for how many clients.
type planned struct {
	Key     string `json:"key"`
	Was     string `json:"was"`
	Becomes string `json:"becomes"`
	Clients int    `json:"clients"`
}

// bulk is a change of many clients: a draft until it is begun.
type bulk struct {
	ID    uuid.UUID
	State string
	deed
	Chosen                      string
	Plan                        []planned `bun:"type:jsonb"`
	Clients                     int
	ByID                        uuid.UUID
	ByName                      string
	CreatedAt, StartedAt, EndAt time.Time
	Counts                      map[string]int `bun:"-"`
}

func (b bulk) Draft() bool   { return b.State == "draft" }
func (b bulk) Running() bool { return b.State == "running" }
func (b bulk) Stopped() bool { return b.State == "stopped" }

// Waiting are the clients that were not looked at yet.
func (b bulk) Waiting() int { return b.Counts[due] + b.Counts[idle] }

// Looked are the clients that were.
func (b bulk) Looked() int { return b.Clients - b.Waiting() }

// Due are the clients that would change.
func (b bulk) Due() int { return b.Counts[due] }

// Short says what the first few of them are.
func (b bulkItem) Short() string {
	const few = 3
	if len(b.Words) <= few {
		return strings.Join(b.Words, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(b.Words[:few], ", "), len(b.Words)-few)
}

// words say what the deed does: "Billing: off", "Portal: on".
func (d deed) words(named map[string]string) []string {
	var all []string
	if d.PortalOn != nil {
		all = append(all, "Portal: "+wordsOf(*d.PortalOn))
	}
	if d.UploadsOn != nil {
		all = append(all, "Uploads by the client: "+wordsOf(*d.UploadsOn))
	}
	var switched []string
	for key, state := range d.Switches {
		switched = append(switched, labelOf(key, named)+": "+clientWords(state))
	}
	slices.Sort(switched)
	return append(all, switched...)
}

// picking is how the clients of a change are chosen: those that were ticked, or all that match.
type picking struct {
	IDs                 []uuid.UUID
	All                 bool
	Query, Kind, Portal string
}

// none: nobody was chosen.
func (p picking) none() bool { return !p.All && len(p.IDs) == 0 }

// words say who was chosen, for the list of earlier changes.
func (p picking) words() string {
	if !p.All {
		return fmt.Sprintf("%d ticked %s", len(p.IDs), oneOrMany(len(p.IDs)))
	}
	var parts []string
	if p.Kind != "" {
		parts = append(parts, map[string]string{"household": "households", "company": "companies"}[p.Kind])
	}
	if p.Portal != "" {
		parts = append(parts, "portal "+p.Portal)
	}
	if p.Query != "" {
		parts = append(parts, "found by “"+p.Query+"”")
	}
	if len(parts) == 0 {
		return "all clients"
	}
	return "all clients: " + strings.Join(parts, ", ")
}

func oneOrMany(n int) string {
	if n == 1 {
		return "client"
	}
	return "clients"
}
