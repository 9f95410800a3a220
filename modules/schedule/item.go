package schedule

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"portico/platform/day"
)

// Plan is one project's schedule.
type Plan struct {
	ProjectID, ClientID     uuid.UUID
	ProjectName, ProjectKey string
	ClientName, Status      string
	Shared                  bool // the client may see the project
	Archived                bool // the client was put away
	Online, Viewable        bool
	Revision                int
	StartOn, EndOn          day.Day
	Items, Done             int
	ChangedAt, PublishedAt  time.Time
	BaselineAt              time.Time
}

// Pending reports whether something was changed since the client was told last.
func (p Plan) Pending() bool { return p.ChangedAt.After(p.PublishedAt) }

// Open reports whether the client sees the schedule.
func (p Plan) Open() bool { return p.Published() && p.Online && p.Viewable }

// Published reports whether the client was ever told.
func (p Plan) Published() bool { return !p.PublishedAt.IsZero() }

// Item is one item of a schedule as staff plan it.
type Item struct {
	ID, ProjectID  uuid.UUID
	PhaseID        uuid.UUID
	Kind           Kind
	Position       int
	Title          string
	ClientTitle    string
	ClientText     string
	InternalNotes  string
	Vendor         string
	AssigneeID     uuid.UUID
	Assignee       string
	StartOn, EndOn day.Day
	Workdays       int
	NotBefore      day.Day
	Progress       int
	Color          string
	ClientVisible  bool
	BaseStart      day.Day
	BaseEnd        day.Day
	DeletedAt      time.Time
	Version        int
}

// Span is when it is.
func (i Item) Span() Span { return Span{i.StartOn, i.EndOn} }

// ForClient is the title as clients read it.
func (i Item) ForClient() string {
	if i.ClientTitle != "" {
		return i.ClientTitle
	}
	return i.Title
}

// Late reports whether it should be over, and is not.
func (i Item) Late(today day.Day) bool { return i.Progress < 100 && i.EndOn.Before(today) }

// step is the item as the rules see it.
func (i Item) step() Step {
	return Step{
		ID: i.ID, Phase: i.PhaseID, Kind: i.Kind, Span: i.Span(), Workdays: i.Workdays, NotBefore: i.NotBefore, Held: i.Progress > 0,
	}
}

// Late is by how many days of work an item ends later than its baseline; below 0: earlier.
type variance struct {
	Known bool
	Days  int
}

func (i Item) variance(c Calendar) variance {
	if i.BaseEnd.IsZero() {
		return variance{}
	}
	return variance{true, c.Between(i.BaseEnd, i.EndOn)}
}

// board is a schedule with all that belongs to it: how pages and rules see it.
type board struct {
	Plan     Plan
	Items    []Item // in their order: each phase with its items
	Links    []Link
	Calendar Calendar
	DaysOff  []DayOff
}

// arrange puts the items of each phase after it, and what stands in no phase where its position says.
func arrange(items []Item) []Item {
	within := map[uuid.UUID][]Item{}
	phases := map[uuid.UUID]bool{}
	for _, i := range items {
		if i.Kind == Phase {
			phases[i.ID] = true
		}
	}
	sorted := make([]Item, 0, len(items))
	for _, i := range items {
		if phases[i.PhaseID] {
			within[i.PhaseID] = append(within[i.PhaseID], i)
		}
	}
	for _, i := range items {
		if phases[i.PhaseID] {
			continue
		}
		sorted = append(append(sorted, i), within[i.ID]...)
	}
	return sorted
}

// network is the board as the rules see it.
func (b board) network() Network {
	n := Network{Calendar: b.Calendar, Links: b.Links}
	for _, i := range b.Items {
		n.Steps = append(n.Steps, i.step())
	}
	return n
}

// item finds an item.
func (b board) item(id uuid.UUID) (Item, bool) {
	at := slices.IndexFunc(b.Items, func(i Item) bool { return i.ID == id })
	if at < 0 {
		return Item{}, false
	}
	return b.Items[at], true
}

// spans reports whether the phase has items, so that its days are theirs.
func (b board) spans(phase uuid.UUID) bool {
	return slices.ContainsFunc(b.Items, func(i Item) bool { return i.PhaseID == phase })
}

// progress is how far a phase has come: the mean of its items by their days of work.
func (b board) progress(phase uuid.UUID) int {
	done, all := 0, 0
	for _, i := range b.Items {
		if i.PhaseID == phase {
			weight := max(i.Workdays, 1)
			done, all = done+weight*i.Progress, all+weight
		}
	}
	if all == 0 {
		return 0
	}
	return done / all
}

// whole is the span of all items, and how much of the work is done.
func (b board) whole() (at Span, done int) {
	work, all := 0, 0
	for _, i := range b.Items {
		if at.Start.IsZero() || i.StartOn.Before(at.Start) {
			at.Start = i.StartOn
		}
		if i.EndOn.After(at.End) {
			at.End = i.EndOn
		}
		if i.Kind == Task || i.Kind == Phase && !b.spans(i.ID) {
			work, all = work+i.Workdays*i.Progress, all+i.Workdays
		}
	}
	if all > 0 {
		done = work / all
	}
	return at, done
}

// In reports whether it stands in a phase.
func (i Item) In() bool { return i.PhaseID != uuid.Nil }
