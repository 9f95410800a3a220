package schedule

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/uuid"

	"portico/platform/day"
)

// TestAChartHoldsItsBars at every zoom: nothing sticks out, everything has a width, and what waits for something that is
// not there is drawn as waiting for something without a name.
func TestAChartHoldsItsBars(t *testing.T) {
	settled(t, 600, 9, func(r *rand.Rand, n Network, spans map[uuid.UUID]Span) {
		var c chart
		var left uuid.UUID
		for at, s := range n.Steps {
			if at == 0 && len(n.Steps) > 1 {
				left = s.ID
				continue
			}
			c.Bars = append(c.Bars, bar{ID: s.ID, Kind: s.Kind, Span: spans[s.ID], Progress: r.IntN(101)})
		}
		waits := false
		for _, l := range n.Links {
			waits = waits || l.From == left && l.To != left && l.From != uuid.Nil
		}
		c.Zooms = make([]zoom, len(zooms))
		zoomed := zooms[r.IntN(len(zooms))].id
		today := monday.Add(r.IntN(400) - 100)
		drawn := draw(c, n.Links, n.Calendar, today, zoomed)
		for _, b := range drawn.Bars {
			if b.X < 0 || b.X+b.W > drawn.Wide || b.Kind != Milestone && b.W < drawn.DayWide || b.Done > b.W || b.Y+barHigh > drawn.High {
				t.Fatalf("%+v sticks out of %d x %d", b, drawn.Wide, drawn.High)
			}
		}
		if drawn.Today > drawn.Wide {
			t.Fatal("today sticks out")
		}
		for n, b := range drawn.Bars[:min(drawn.Row, len(drawn.Bars))] {
			if !b.Span.End.Before(today) {
				t.Fatalf("the chart opens at row %d, and row %d is not over", drawn.Row, n)
			}
		}
		if waits != (drawn.Stubs != "") {
			t.Fatalf("waits for something hidden: %v, drawn: %q", waits, drawn.Stubs)
		}
		if n := drawnBars(string(drawn.BarsHTML())); n != len(c.Bars) {
			t.Fatalf("%d of %d bars", n, len(c.Bars))
		}
	})
}

// drawnBars counts the bars of a chart.
func drawnBars(html string) (n int) {
	for _, path := range strings.Split(html, `<path class="bar" d="`)[1:] {
		d, _, _ := strings.Cut(path, `"`)
		n += strings.Count(d, "M")
	}
	return n
}

// TestAMonthShowsEachDayOnce: what lies in a week lies where it is, and nothing lies over something else.
func TestAMonthShowsEachDayOnce(t *testing.T) {
	r := rand.New(rand.NewPCG(11, 5))
	first, last := day.New(2026, 11, 1), day.New(2026, 11, 30)
	for range 300 {
		var rows []seenRow
		for range r.IntN(12) {
			from := monday.Add(r.IntN(40) - 10)
			rows = append(rows, seenRow{Shown: Shown{ID: uuid.New(), Kind: Task, StartOn: from, EndOn: from.Add(r.IntN(12))}})
		}
		w := weekOf(monday, first, last, monday, rows)
		taken := map[[2]int]bool{}
		for _, l := range w.Lies {
			var begins, long, lane int
			for _, part := range strings.Fields(l.Class) {
				n := int(part[len(part)-1] - '0')
				switch {
				case strings.HasPrefix(part, "at-"):
					begins = n
				case strings.HasPrefix(part, "for-"):
					long = n
				case strings.HasPrefix(part, "lane-"):
					lane = n
				}
			}
			from, to := monday.Add(begins-1), monday.Add(begins+long-2)
			if from != later(l.Row.StartOn, monday) || l.Goes && to != monday.Add(6) || !l.Goes && to != l.Row.EndOn {
				t.Fatalf("%s to %s lies from %s to %s", l.Row.StartOn, l.Row.EndOn, from, to)
			}
			for n := range long {
				if taken[[2]int{lane, begins + n}] {
					t.Fatal("one lies over another")
				}
				taken[[2]int{lane, begins + n}] = true
			}
		}
		fits := 0
		for _, row := range rows {
			if !row.EndOn.Before(monday) && !row.StartOn.After(monday.Add(6)) {
				fits++
			}
		}
		if len(w.Lies) > fits || fits <= mostLanes && len(w.Lies) != fits {
			t.Fatalf("%d of %d are shown", len(w.Lies), fits)
		}
	}
}

// TestAFormMovesWhatItIsAskedTo: saved as it is, an item stays; what follows something goes with it; what has begun stays.
func TestAFormMovesWhatItIsAskedTo(t *testing.T) {
	c := NewCalendar(MondayToFriday, nil)
	a := Item{ID: uuid.New(), Kind: Task, Title: "A", Workdays: 3, NotBefore: monday, StartOn: monday, EndOn: monday.Add(2)}
	b := Item{ID: uuid.New(), Kind: Task, Title: "B", Workdays: 2, StartOn: monday.Add(3), EndOn: monday.Add(4)}
	all := board{Calendar: c, Items: []Item{a, b}, Links: []Link{{a.ID, b.ID, FinishStart, 0}}}
	for _, i := range all.Items {
		next, same, links, moved, err := formOf(all, i).apply(all, i)
		if err != nil || len(moved) > 0 || same.Span() != i.Span() || same.NotBefore != i.NotBefore || len(next.Links) != 1 || i.ID == b.ID && len(links) != 1 {
			t.Fatalf("%s: %v %v %v", i.Title, same, moved, err)
		}
	}
	f := formOf(all, a)
	f.Workdays = 5
	if _, is, _, moved, err := f.apply(all, a); err != nil || is.EndOn != monday.Add(4) || len(moved) != 2 || moved[1].Now.Start != monday.Add(7) {
		t.Errorf("%v %v %v", is, moved, err)
	}
	f = formOf(all, b)
	f.Start, f.Follows = monday.Add(8), false // it is held back: a Tuesday
	next, is, _, _, err := f.apply(all, b)
	if err != nil || is.StartOn != monday.Add(8) || is.NotBefore != monday.Add(8) {
		t.Fatalf("%v %v", is, err)
	}
	f = formOf(next, is)
	f.Follows = true // and let go again
	if _, is, _, _, err := f.apply(next, is); err != nil || is.StartOn != monday.Add(3) || !is.NotBefore.IsZero() {
		t.Errorf("%v %v", is, err)
	}
	f = formOf(all, b)
	f.Progress = 50
	begun, is, _, moved, err := f.apply(all, b)
	if err != nil || len(moved) > 0 {
		t.Fatalf("%v %v", moved, err)
	}
	f = formOf(begun, a)
	f.Start = monday.Add(21)
	if _, _, _, moved, err := f.apply(begun, a); err != nil || len(moved) != 1 || moved[0].ID != a.ID {
		t.Errorf("what has begun moved: %v %v", moved, err)
	}
	f = formOf(begun, is)
	f.Start = monday.Add(14)
	if _, is, _, _, err := f.apply(begun, is); err != nil || is.StartOn != monday.Add(14) {
		t.Errorf("put somewhere itself, it stays: %v %v", is, err)
	}
}
