package schedule

import (
	"errors"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/uuid"

	"portico/platform/day"
	"portico/platform/id"
)

var monday = day.New(2026, time.November, 2)

// randomCalendar is a firm's, with holidays and days on which it works all the same.
func randomCalendar(r *rand.Rand) Calendar {
	week := Week(1 + r.IntN(127))
	var days []DayOff
	for range r.IntN(12) {
		first := monday.Add(r.IntN(400) - 100)
		d := DayOff{First: first, Last: first.Add(r.IntN(10)), Works: r.IntN(3) == 0}
		if r.IntN(4) == 0 {
			d.ProjectID = id.New()
		}
		days = append(days, d)
	}
	return NewCalendar(week, days)
}

func TestDaysOfWorkAddUp(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 3000 {
		c := randomCalendar(r)
		d, n := c.Next(monday.Add(r.IntN(200))), 1+r.IntN(40)
		end := c.End(d, n)
		switch {
		case !c.Works(d) || !c.Works(end):
			t.Fatal("work on a day off")
		case c.Count(d, end) != n:
			t.Fatalf("%d days from %s to %s, not %d", c.Count(d, end), d, end, n)
		case c.Begin(end, n) != d:
			t.Fatalf("%d days that end on %s begin on %s, not %s", n, end, c.Begin(end, n), d)
		case c.Shift(c.Shift(d, n), -n) != d || c.Shift(c.Shift(d, -n), n) != d:
			t.Fatal("there and back is somewhere else")
		case c.Between(d, c.Shift(d, n)) != n || c.Between(d, c.Shift(d, -n)) != -n || c.Between(d, d) != 0:
			t.Fatal("a distance is not what was walked")
		}
	}
}

func TestAHolidayAndADayThatIsWorkedOnAllTheSame(t *testing.T) {
	project := id.New()
	c := NewCalendar(MondayToFriday, []DayOff{
		{First: monday.Add(3), Last: monday.Add(4)},                                      // Thursday and Friday are off
		{First: monday.Add(5), Last: monday.Add(5), Works: true, Name: "Saturday shift"}, // for everybody
		{First: monday.Add(4), Last: monday.Add(4), Works: true, ProjectID: project},     // this project works on Friday
	})
	for d, want := range map[int]bool{2: true, 3: false, 4: true, 5: true, 6: false, 7: true} {
		if c.Works(monday.Add(d)) != want {
			t.Errorf("%s: %v", monday.Add(d), !want)
		}
	}
	if got := c.End(monday, 5); got != monday.Add(5) {
		t.Errorf("five days end on %s", got)
	}
	if !NewCalendar(0, nil).Works(monday) {
		t.Error("a week without work was taken")
	}
}

// randomNetwork may have circles.
func randomNetwork(r *rand.Rand, acyclic bool) Network {
	n := Network{Calendar: randomCalendar(r)}
	var phases []uuid.UUID
	for range r.IntN(4) {
		phases = append(phases, id.New())
		n.Steps = append(n.Steps, Step{ID: phases[len(phases)-1], Kind: Phase, Workdays: 1 + r.IntN(10)})
	}
	for range 1 + r.IntN(14) {
		s := Step{ID: id.New(), Kind: Task, Workdays: 1 + r.IntN(9), NotBefore: monday.Add(r.IntN(60))}
		if r.IntN(4) == 0 {
			s.Kind, s.Workdays = Milestone, 0
		}
		if len(phases) > 0 && r.IntN(2) == 0 {
			s.Phase = phases[r.IntN(len(phases))]
		}
		n.Steps = append(n.Steps, s)
	}
	relations := []Relation{FinishStart, StartStart, FinishFinish}
	for range r.IntN(2 * len(n.Steps)) {
		i, j := r.IntN(len(n.Steps)), r.IntN(len(n.Steps))
		if acyclic && i >= j {
			continue
		}
		n.Links = append(n.Links, Link{n.Steps[i].ID, n.Steps[j].ID, relations[r.IntN(3)], r.IntN(9) - 4})
	}
	for i := range n.Steps {
		s := &n.Steps[i]
		s.Span = n.Calendar.span(*s, monday.Add(r.IntN(60)))
		s.Held = r.IntN(6) == 0
		if len(n.Links) > 0 && r.IntN(2) == 0 {
			s.NotBefore = day.Day{}
		}
	}
	return n
}

// settled gives random networks without a circle, settled.
func settled(t *testing.T, times int, seed uint64, look func(r *rand.Rand, n Network, spans map[uuid.UUID]Span)) {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 7))
	seen := 0
	for range times {
		n := randomNetwork(r, r.IntN(2) == 0)
		spans, err := n.Settle()
		if err != nil {
			continue
		}
		seen++
		look(r, n, spans)
	}
	if seen < times/3 {
		t.Fatalf("only %d networks without a circle", seen)
	}
}

// TestEveryDependencyHolds: and nothing lies later than it must.
func TestEveryDependencyHolds(t *testing.T) {
	settled(t, 4000, 1, func(_ *rand.Rand, n Network, spans map[uuid.UUID]Span) {
		net := n.resolve()
		for i, s := range n.Steps {
			at := spans[s.ID]
			if len(net.members[i]) > 0 {
				for _, m := range net.members[i] {
					one := spans[n.Steps[m].ID]
					if one.Start.Before(at.Start) || one.End.After(at.End) {
						t.Fatal("an item sticks out of its phase")
					}
				}
				continue
			}
			if s.Held {
				if at != s.Span {
					t.Fatal("what has begun moved")
				}
				continue
			}
			if s.Kind == Milestone && at.Start != at.End {
				t.Fatal("a milestone takes time")
			}
			if s.Kind != Milestone && (!n.Calendar.Works(at.Start) || !n.Calendar.Works(at.End) || n.Calendar.Count(at.Start, at.End) != s.Workdays) {
				t.Fatalf("%d days of work from %s to %s", s.Workdays, at.Start, at.End)
			}
			tight := at.Start == n.Calendar.span(s, s.NotBefore).Start || len(net.in[i]) == 0
			for _, e := range net.in[i] {
				from, to := spans[n.Steps[e.from].ID], at
				left, right := from.End, to.Start // what must not come before what
				switch e.link.Relation {
				case StartStart:
					left = from.Start
				case FinishFinish:
					right = to.End
				}
				if e.link.Lag >= 0 && right.Before(left) || e.link.Relation == FinishStart && e.link.Lag >= 0 && s.Kind != Milestone && !right.After(left) {
					t.Fatalf("%v: %s after %s", e.link, right, left)
				}
				if e.link.Lag > 0 && n.Calendar.Between(left, right) < e.link.Lag {
					t.Fatalf("%v: only %d days of work from %s to %s", e.link, n.Calendar.Between(left, right), left, right)
				}
				earliest := net.earliest(s, e.link, n.Steps[e.from], from)
				if at.Start.Before(earliest) {
					t.Fatal("it begins too early")
				}
				tight = tight || at.Start == n.Calendar.span(s, earliest).Start
			}
			if !tight {
				t.Fatalf("nothing keeps it from beginning before %s", at.Start)
			}
		}
	})
}

func TestSettlingTwiceChangesNothing(t *testing.T) {
	settled(t, 1500, 2, func(r *rand.Rand, n Network, spans map[uuid.UUID]Span) {
		for i, s := range n.Steps {
			n.Steps[i].Span = spans[s.ID]
		}
		if moved, err := n.Cascade(); err != nil || len(moved) > 0 {
			t.Fatal(moved, err)
		}
		r.Shuffle(len(n.Steps), func(i, j int) { n.Steps[i], n.Steps[j] = n.Steps[j], n.Steps[i] })
		r.Shuffle(len(n.Links), func(i, j int) { n.Links[i], n.Links[j] = n.Links[j], n.Links[i] })
		if moved, err := n.Cascade(); err != nil || len(moved) > 0 {
			t.Fatal("the order of the items decides", moved, err)
		}
	})
}

// TestALaterDayBringsNothingForward: of one item, and of all that depend on it.
func TestALaterDayBringsNothingForward(t *testing.T) {
	settled(t, 3000, 3, func(r *rand.Rand, n Network, spans map[uuid.UUID]Span) {
		for i, s := range n.Steps {
			n.Steps[i].Span = spans[s.ID]
		}
		one := n.Steps[r.IntN(len(n.Steps))]
		later := one.Start.Add(1 + r.IntN(20))
		wished := n.With(Wish{one.ID, later, one.Workdays})
		moved, err := wished.Cascade()
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range moved {
			if m.Now.Start.Before(m.Was.Start) || m.Now.End.Before(m.Was.End) {
				t.Fatalf("%s to %s is brought forward to %s to %s", m.Was.Start, m.Was.End, m.Now.Start, m.Now.End)
			}
			for _, s := range n.Steps {
				if s.ID == m.ID && s.Held && s.ID != one.ID && s.Kind != Phase {
					t.Fatal("what has begun moved with something else")
				}
			}
		}
	})
}

// TestCirclesAreRefused exactly when there is one, by a search of another kind.
func TestCirclesAreRefused(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 4))
	circles := 0
	for range 4000 {
		n := randomNetwork(r, false)
		net := n.resolve()
		state := make([]int, len(n.Steps))
		var loops func(i int) bool
		loops = func(i int) bool {
			if state[i] != 0 {
				return state[i] == 1
			}
			state[i] = 1
			for _, e := range net.in[i] {
				if loops(e.from) {
					return true
				}
			}
			state[i] = 2
			return false
		}
		want := false
		for i := range n.Steps {
			want = want || loops(i)
		}
		_, err := n.Settle()
		var c Circle
		if got := errors.As(err, &c); got != want {
			t.Fatalf("a circle: %v, want %v", got, want)
		}
		if !want {
			continue
		}
		circles++
		if len(c.IDs) == 0 {
			t.Fatal("a circle of nobody")
		}
		for k, one := range c.IDs { // each waits for the one before it
			before, found := c.IDs[(k+len(c.IDs)-1)%len(c.IDs)], false
			for _, e := range net.in[net.at[one]] {
				found = found || n.Steps[e.from].ID == before
			}
			if !found {
				t.Fatal("the circle is none")
			}
		}
	}
	if circles < 100 {
		t.Fatalf("only %d circles", circles)
	}
}

func TestAPhaseTakesItsItemsAlong(t *testing.T) {
	phase, a, b, c, after := id.New(), id.New(), id.New(), id.New(), id.New()
	cal := NewCalendar(MondayToFriday, nil)
	n := Network{Calendar: cal, Steps: []Step{
		{ID: phase, Kind: Phase},
		{ID: a, Kind: Task, Phase: phase, Workdays: 3, NotBefore: monday},
		{ID: b, Kind: Task, Phase: phase, Workdays: 2},
		{ID: c, Kind: Milestone, Phase: phase, NotBefore: monday.Add(9)},
		{ID: after, Kind: Task, Workdays: 5},
	}, Links: []Link{{a, b, FinishStart, 0}, {phase, after, FinishStart, 1}}}
	settle := func() {
		spans, err := n.Settle()
		if err != nil {
			t.Fatal(err)
		}
		for i, s := range n.Steps {
			n.Steps[i].Span = spans[s.ID]
		}
	}
	settle()
	n = n.With(Wish{phase, monday.Add(7), 0}) // a week later
	settle()
	for i, want := range []Span{
		{monday.Add(7), monday.Add(16)}, {monday.Add(7), monday.Add(9)}, {monday.Add(10), monday.Add(11)}, {monday.Add(16), monday.Add(16)}, {monday.Add(18), monday.Add(24)},
	} {
		if n.Steps[i].Span != want {
			t.Errorf("%d: %v, want %v", i, n.Steps[i].Span, want)
		}
	}
}

// large is a network as a big house has it: phases, tasks in a row, milestones.
func large(items int) Network {
	n := Network{Calendar: NewCalendar(MondayToFriday, []DayOff{{First: monday.Add(50), Last: monday.Add(60)}})}
	var phase uuid.UUID
	for i := range items {
		s := Step{ID: id.New(), Kind: Task, Phase: phase, Workdays: 1 + i%9}
		switch {
		case i%20 == 0:
			phase = s.ID
			s.Kind, s.Phase, s.Workdays = Phase, uuid.Nil, 1
		case i%20 == 19:
			s.Kind, s.Workdays = Milestone, 0
		}
		if i%20 == 1 {
			s.NotBefore = monday.Add(i / 5)
		}
		if i%20 > 1 {
			n.Links = append(n.Links, Link{n.Steps[i-1].ID, s.ID, FinishStart, 0})
		}
		n.Steps = append(n.Steps, s)
	}
	return n
}

func BenchmarkForwardPassOf2000Items(b *testing.B) {
	n := large(2000)
	for b.Loop() {
		if _, err := n.Settle(); err != nil {
			b.Fatal(err)
		}
	}
}
