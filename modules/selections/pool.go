package selections

import (
	"slices"

	"github.com/google/uuid"
)

// account is what a selection's choices are measured against. All amounts are in minor units.
type account struct {
	Has       bool  // there is an allowance
	Allowance int64 // what the contract has
	Approved  int64 // of it, what other selections have used
	Chosen    int64 // and what is chosen there without being approved yet
	Others    bool  // other selections draw on it
	Credits   bool  // what is not used is given back
}

// outcome is how the account stands with something chosen.
type outcome struct {
	Price int64
	Used  int64 // of the allowance, with what others have approved and chosen
	Over  int64 // more than the allowance has: a change to the contract
	Left  int64 // what the allowance has left
	Under int64 // given back, where the firm does so
}

// with says what a price does to the account, counting what else is chosen: what a client sees before choosing.
func (a account) with(price int64) outcome {
	if !a.Has {
		return outcome{Price: price, Over: price}
	}
	o := outcome{Price: price, Used: a.Approved + a.Chosen + price}
	before := max(0, a.Approved+a.Chosen-a.Allowance) // others are over it by themselves
	switch rest := a.Allowance - o.Used; {
	case rest < 0:
		o.Over = max(0, -rest-before)
	default:
		o.Left = rest
		if a.Credits && !a.Others {
			o.Under = rest
		}
	}
	return o
}

// account is what the selection's choices are measured against: without its own picks.
func (s Selection) account(credits bool) account {
	a := account{Has: s.Allowance.There(), Allowance: s.Allowance.Amount, Credits: credits}
	if !a.Has {
		return a
	}
	a.Approved, a.Chosen = s.Allowance.Approved, s.Allowance.Chosen
	sum, _ := s.Sum()
	switch s.State {
	case Approved:
		a.Approved -= sum
	case Selected:
		a.Chosen -= sum
	}
	a.Others = s.Allowance.Uses > 1
	return a
}

// need is the sum of all changes to the contract that approvals make: what they exceed the allowance by. An allowance
// that is not used up is given back only where the firm does so, and not before all is decided that draws on it.
func need(has bool, allowance, approved int64, credits, decided bool) int64 {
	switch {
	case !has:
		return approved
	case approved < allowance && !(credits && decided):
		return 0
	}
	return approved - allowance
}

// effect is a change to the contract that billing was told of and that counts.
type effect struct {
	ID, SelectionID uuid.UUID
	Amount          int64
	Stands          bool // its selection is still decided
}

// settle says how the changes of an account come to what is needed after something was decided about one selection:
// which of them are void now, and what that selection's own change is. What others were told stays as it is; only what
// was left behind by a selection that is open again goes, too. The sum is what is needed in whatever order things happen.
func settle(needed int64, live []effect, of uuid.UUID) (void []uuid.UUID, amount int64) {
	amount = needed
	var own []effect
	for _, e := range live {
		switch {
		case e.SelectionID == of:
			own = append(own, e)
		case !e.Stands:
			void = append(void, e.ID)
		default:
			amount -= e.Amount
		}
	}
	if len(own) == 1 && own[0].Amount == amount {
		return void, 0 // it was told already
	}
	for _, e := range own {
		void = append(void, e.ID)
	}
	return slices.Clip(void), amount
}
