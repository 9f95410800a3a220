package selections

import (
	"math/rand/v2"
	"testing"

	"github.com/google/uuid"

	"portico/platform/day"
)

func TestAnAllowanceIsMeasuredBeforeTheChoice(t *testing.T) {
	for name, c := range map[string]struct {
		account account
		price   int64
		want    outcome
	}{
		"no allowance: all of it":      {account{}, 500, outcome{Price: 500, Over: 500}},
		"within":                       {account{Has: true, Allowance: 1000}, 900, outcome{Price: 900, Used: 900, Left: 100}},
		"exactly":                      {account{Has: true, Allowance: 1000}, 1000, outcome{Price: 1000, Used: 1000}},
		"over":                         {account{Has: true, Allowance: 1000}, 1420, outcome{Price: 1420, Used: 1420, Over: 420}},
		"given back":                   {account{Has: true, Allowance: 1000, Credits: true}, 900, outcome{Price: 900, Used: 900, Left: 100, Under: 100}},
		"shared: nothing back yet":     {account{Has: true, Allowance: 1000, Credits: true, Others: true}, 900, outcome{Price: 900, Used: 900, Left: 100}},
		"with what others use":         {account{Has: true, Allowance: 1000, Approved: 300, Chosen: 500, Others: true}, 400, outcome{Price: 400, Used: 1200, Over: 200}},
		"others are over it already":   {account{Has: true, Allowance: 1000, Approved: 1300, Others: true}, 400, outcome{Price: 400, Used: 1700, Over: 400}},
		"something that gives back":    {account{Has: true, Allowance: 1000, Approved: 1300, Others: true}, -400, outcome{Price: -400, Used: 900, Left: 100}},
		"it makes less of too much":    {account{Has: true, Allowance: 1000, Approved: 1300, Others: true}, -100, outcome{Price: -100, Used: 1200}},
		"nothing on an untouched pool": {account{Has: true, Allowance: 1000}, 0, outcome{Left: 1000}},
	} {
		if got := c.account.with(c.price); got != c.want {
			t.Errorf("%s: %+v instead of %+v", name, got, c.want)
		}
	}
}

// TestChangesComeToWhatIsNeededInAnyOrder approves, reopens and declines in any order, and looks at the sum each time.
func TestChangesComeToWhatIsNeededInAnyOrder(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 11))
	for round := range 300 {
		has, credits, allowance := round%5 > 0, round%2 == 0, rng.Int64N(3000)
		n := 1
		if has {
			n = 2 + rng.IntN(5)
		}
		ids, price, decided := make([]uuid.UUID, n), make([]int64, n), make([]bool, n)
		for i := range ids {
			ids[i] = uuid.New()
		}
		var live []effect
		for range 60 {
			i := rng.IntN(n)
			switch {
			case decided[i]:
				decided[i], price[i] = false, 0
			case rng.IntN(4) == 0:
				decided[i] = true // declined
			default:
				decided[i], price[i] = true, rng.Int64N(1800)-200
			}
			var approved int64
			all := true
			at := map[uuid.UUID]bool{}
			for j := range ids {
				approved += price[j]
				all, at[ids[j]] = all && decided[j], decided[j]
			}
			needed := need(has, allowance, approved, credits, all)
			for j := range live {
				live[j].Stands = at[live[j].SelectionID]
			}
			void, amount := settle(needed, live, ids[i])
			gone := map[uuid.UUID]bool{}
			for _, one := range void {
				gone[one] = true
			}
			var kept []effect
			var sum int64
			for _, e := range live {
				if !gone[e.ID] {
					kept, sum = append(kept, e), sum+e.Amount
				}
			}
			if amount != 0 {
				kept, sum = append(kept, effect{ID: uuid.New(), SelectionID: ids[i], Amount: amount}), sum+amount
			}
			if live = kept; sum != needed {
				t.Fatalf("the changes come to %d, not to %d", sum, needed)
			}
			if needed == 0 && approved == 0 && !all && len(live) > n {
				t.Fatalf("%d changes are left of nothing", len(live))
			}
			own := map[uuid.UUID]int{}
			for _, e := range live {
				if own[e.SelectionID]++; own[e.SelectionID] > 1 {
					t.Fatal("a selection has two changes")
				}
			}
		}
	}
}

func TestDeadlines(t *testing.T) {
	on := day.New(2026, 11, 26)
	s := Selection{Kind: ToChoose, State: Released, DueOn: on}
	for today, want := range map[day.Day][2]bool{on: {true, false}, on.Add(-7): {true, false}, on.Add(-8): {false, false}, on.Add(1): {false, true}} {
		if got := [2]bool{s.Soon(today), s.Overdue(today)}; got != want {
			t.Errorf("%s: %v", today, got)
		}
	}
	for _, state := range []State{Draft, Approved, Skipped, Declined} {
		if s.State = state; s.Soon(on) || s.Overdue(on.Add(3)) {
			t.Errorf("%s is due", state)
		}
	}
}

func TestWhatAClientPaysFollowsFromCostAndMarkup(t *testing.T) {
	for _, c := range []struct {
		cost   int64
		markup int
		want   int64
	}{{100_00, 2000, 120_00}, {33_33, 1500, 38_33}, {0, 2000, 0}, {1, 5000, 2}} {
		if got := priceOf(c.cost, c.markup, "USD"); got != c.want {
			t.Errorf("%d and %d: %d", c.cost, c.markup, got)
		}
	}
}
