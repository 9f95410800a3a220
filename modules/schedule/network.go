package schedule

import (
	"github.com/google/uuid"

	"portico/platform/day"
)

// Kind is what an item is.
type Kind string

// The kinds of items. A phase with items in it spans them; one without is planned like a task.
const (
	Phase     Kind = "phase"
	Task      Kind = "task"
	Milestone Kind = "milestone"
)

// Relation is how one item depends on another.
type Relation string

// The relations: from finish to start, from start to start, from finish to finish.
const (
	FinishStart  Relation = "FS"
	StartStart   Relation = "SS"
	FinishFinish Relation = "FF"
)

// Span is the first and the last day of something.
type Span struct{ Start, End day.Day }

// Step is an item as the rules see it.
type Step struct {
	ID, Phase uuid.UUID // Phase: Nil where it stands in none
	Kind      Kind
	Span
	Workdays  int     // of tasks and of phases without items; 0 of milestones
	NotBefore day.Day // no date: as soon as what it depends on lets it
	Held      bool    // it has begun: it stays where it is
}

// Link is a dependency: To depends on From. Lag is in days of work, and may be negative.
type Link struct {
	From, To uuid.UUID
	Relation Relation
	Lag      int
}

// Network is a project's items and how they depend on each other.
type Network struct {
	Calendar Calendar
	Steps    []Step
	Links    []Link
}

// Circle is the error of items that wait for each other. Its ids are in the order in which they do.
type Circle struct{ IDs []uuid.UUID }

func (Circle) Error() string { return "items wait for each other" }

// edge is a link between places in the list of steps.
type edge struct {
	from, to int
	link     Link
	member   bool // from stands in the phase to
}

// net is a network with its links resolved: what a phase with items depends on, each of its items does.
type net struct {
	Network
	at      map[uuid.UUID]int
	members map[int][]int
	in      [][]edge
}

func (n Network) resolve() net {
	r := net{Network: n, at: make(map[uuid.UUID]int, len(n.Steps)), members: map[int][]int{}, in: make([][]edge, len(n.Steps))}
	for i, s := range n.Steps {
		r.at[s.ID] = i
	}
	for i, s := range n.Steps {
		if p, in := r.at[s.Phase]; in && s.Phase != uuid.Nil && p != i {
			r.members[p] = append(r.members[p], i)
			r.in[p] = append(r.in[p], edge{from: i, to: p, member: true})
		}
	}
	for _, l := range n.Links {
		from, known := r.at[l.From]
		to, knows := r.at[l.To]
		if !known || !knows {
			continue
		}
		targets := r.members[to]
		if len(targets) == 0 {
			targets = []int{to}
		}
		for _, t := range targets {
			r.in[t] = append(r.in[t], edge{from: from, to: t, link: l})
		}
	}
	return r
}

// order sorts the steps so that each comes after all that it depends on.
func (r net) order() ([]int, error) {
	waits, next := make([]int, len(r.Steps)), make([][]int, len(r.Steps))
	for i, edges := range r.in {
		waits[i] = len(edges)
		for _, e := range edges {
			next[e.from] = append(next[e.from], i)
		}
	}
	var ready, sorted []int
	for i, n := range waits {
		if n == 0 {
			ready = append(ready, i)
		}
	}
	for len(ready) > 0 {
		i := ready[0]
		ready = ready[1:]
		sorted = append(sorted, i)
		for _, t := range next[i] {
			if waits[t]--; waits[t] == 0 {
				ready = append(ready, t)
			}
		}
	}
	if len(sorted) < len(r.Steps) {
		return nil, r.circle(waits)
	}
	return sorted, nil
}

// circle walks back from a step that never became ready until it comes to one twice.
func (r net) circle(waits []int) Circle {
	at := 0
	for waits[at] == 0 {
		at++
	}
	var walked []int
	place := map[int]int{}
	for {
		if from, twice := place[at]; twice {
			walked = walked[from:]
			break
		}
		place[at] = len(walked)
		walked = append(walked, at)
		for _, e := range r.in[at] {
			if waits[e.from] > 0 {
				at = e.from
				break
			}
		}
	}
	var c Circle
	for i := len(walked) - 1; i >= 0; i-- {
		c.IDs = append(c.IDs, r.Steps[walked[i]].ID)
	}
	return c
}

// Settle plans every item as early as may be: not before its own day, and not before what it depends on lets it. What
// has begun stays. Items that wait for each other are refused with a Circle.
func (n Network) Settle() (map[uuid.UUID]Span, error) {
	r := n.resolve()
	sorted, err := r.order()
	if err != nil {
		return nil, err
	}
	spans := make([]Span, len(n.Steps))
	for _, i := range sorted {
		spans[i] = r.place(i, spans)
	}
	settled := make(map[uuid.UUID]Span, len(spans))
	for i, s := range n.Steps {
		settled[s.ID] = spans[i]
	}
	return settled, nil
}

// place plans one step after all that it depends on.
func (r net) place(i int, spans []Span) Span {
	s := r.Steps[i]
	if members := r.members[i]; len(members) > 0 {
		around := spans[members[0]]
		for _, m := range members[1:] {
			if spans[m].Start.Before(around.Start) {
				around.Start = spans[m].Start
			}
			if spans[m].End.After(around.End) {
				around.End = spans[m].End
			}
		}
		return around
	}
	if s.Held {
		return s.Span
	}
	start := s.NotBefore
	for _, e := range r.in[i] {
		if earliest := r.earliest(s, e.link, r.Steps[e.from], spans[e.from]); start.IsZero() || earliest.After(start) {
			start = earliest
		}
	}
	if start.IsZero() {
		start = s.Start
	}
	if s.Kind == Milestone {
		return Span{start, start}
	}
	start = r.Calendar.Next(start)
	return Span{start, r.Calendar.End(start, s.Workdays)}
}

// earliest is the day before which a link does not let its step begin. A task goes on the day after the end of what it
// waits for; a milestone is reached on the day itself.
func (r net) earliest(s Step, l Link, from Step, at Span) day.Day {
	c := r.Calendar
	switch {
	case l.Relation == StartStart:
		return c.Shift(at.Start, l.Lag)
	case s.Kind == Milestone:
		return c.Shift(at.End, l.Lag)
	case l.Relation == FinishFinish:
		end := c.Next(c.Shift(at.End, l.Lag))
		return c.Begin(end, s.Workdays)
	}
	return c.Next(c.Shift(c.Shift(at.End, l.Lag), 1))
}

// Wish is what somebody wants of one item: to begin on a day, to take so many days of work.
type Wish struct {
	Item     uuid.UUID
	Start    day.Day
	Workdays int
}

// With is the network as somebody wishes it. A phase takes its items along, by as many days of work; what has begun
// stays, unless it is the item itself.
func (n Network) With(w Wish) Network {
	r := n.resolve()
	i, known := r.at[w.Item]
	if !known {
		return n
	}
	wished := n
	wished.Steps = append([]Step(nil), n.Steps...)
	s := &wished.Steps[i]
	members := r.members[i]
	if len(members) == 0 {
		s.NotBefore = w.Start
		if s.Kind != Milestone {
			s.Workdays = max(w.Workdays, 1)
		}
		if s.Held {
			s.Span = n.Calendar.span(*s, w.Start)
		}
		return wished
	}
	by := n.Calendar.Between(s.Start, w.Start)
	if by == 0 {
		return wished
	}
	for _, m := range members {
		one := &wished.Steps[m]
		if one.Held || one.NotBefore.IsZero() && r.follows(m, i) {
			continue
		}
		one.NotBefore = n.Calendar.Shift(one.Start, by)
	}
	return wished
}

func (c Calendar) span(s Step, start day.Day) Span {
	if s.Kind == Milestone {
		return Span{start, start}
	}
	start = c.Next(start)
	return Span{start, c.End(start, s.Workdays)}
}

// follows reports whether a step depends on another one of its phase, which takes it along.
func (r net) follows(i, phase int) bool {
	for _, e := range r.in[i] {
		if r.Steps[e.from].Phase == r.Steps[phase].ID {
			return true
		}
	}
	return false
}

// Moved is an item whose days are others than before.
type Moved struct {
	ID       uuid.UUID
	Was, Now Span
}

// Cascade is what becomes of the whole network, in the order of its items: those that move.
func (n Network) Cascade() ([]Moved, error) {
	settled, err := n.Settle()
	if err != nil {
		return nil, err
	}
	var moved []Moved
	for _, s := range n.Steps {
		if now := settled[s.ID]; now != s.Span {
			moved = append(moved, Moved{s.ID, s.Span, now})
		}
	}
	return moved, nil
}
