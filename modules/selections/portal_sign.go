package selections

import (
	"unicode/utf8"

	"portico/platform/fault"
	"portico/platform/web"
)

type signForm struct {
	Seen string `form:"seen"` // what stood on the page
	Name string `form:"signature"`
	Sure bool   `form:"sure"`
}

type signView struct {
	*web.Here
	Trail      []web.NavItem
	Selection  Selection
	Cards      []card
	Form       signForm
	Own        outcomeView
	Difference string // "" : none
	Credit     bool
	Button     string
	Wished     string // chosen from the same allowance without being approved
	Allowance  string
	Before     string // approved before, of the same allowance
	Sum        string
}

func (p portal) signView(r *web.Request, s Selection) (signView, error) {
	r.Title("Approve: %s", s.Title)
	view := signView{Here: r.Here(), Trail: p.trail(r, s, "Approve"), Selection: s}
	set, err := settingOf(r.Context(), r.Tx(), r.Viewer())
	if err != nil {
		return view, err
	}
	difference, ok := s.asked(set)
	switch {
	case !s.Open():
		return view, errDecided
	case len(s.Picks()) == 0:
		return view, errNoPick
	case !ok:
		return view, errNoPrice
	}
	a := s.account(set.Credits)
	for _, c := range s.Picks() {
		view.Cards = append(view.Cards, cardOf(r, s, c, a))
	}
	sum, _ := s.Sum()
	here := r.Here()
	view.Form.Seen, view.Button, view.Sum = s.seen(s.Picks(), difference), approveWords(here, s, difference), here.Money(s.Money(sum))
	if difference != 0 {
		view.Difference, view.Credit = here.Money(s.Money(difference)), difference < 0
	}
	if a.Has {
		view.Allowance = here.Money(s.Money(a.Allowance))
		if a.Approved != 0 {
			view.Before = here.Money(s.Money(a.Approved))
		}
		if a.Chosen != 0 {
			view.Wished = here.Money(s.Money(a.Chosen))
		}
	}
	return view, nil
}

func (p portal) askApproval(r *web.Request) error {
	s, err := p.load(r)
	if err != nil {
		return err
	}
	view, err := p.signView(r, s)
	if err != nil {
		if fault.Is(err, fault.Clash) {
			return r.Go(r.Path("selections", s.ID))
		}
		return err
	}
	return r.Show("selections/sign", view)
}

// approveNow locks what is chosen. What is over the allowance changes the contract: the client types their name to it.
func (p portal) approveNow(r *web.Request) error {
	s, err := p.load(r)
	if err != nil {
		return err
	}
	view, err := p.signView(r, s)
	if err != nil {
		return err
	}
	now := view.Form.Seen
	view.Form = signForm{}
	err = r.Bind(&view.Form)
	if err == nil && view.Form.Seen != now {
		err = errNewPrice
	}
	if err == nil {
		wrong := fault.Fields{}
		switch n := utf8.RuneCountInString(view.Form.Name); {
		case n == 0:
			wrong["signature"] = "Type your name to approve."
		case n > 120:
			wrong["signature"] = "Use at most 120 characters."
		}
		if !view.Form.Sure {
			wrong["sure"] = "Tick this to approve."
		}
		err = fault.InFields(wrong)
	}
	if err == nil {
		_, err = p.approve(r.Context(), r.Tx(), r.Viewer(), s.ID, now, said{Signature: view.Form.Name})
	}
	if err != nil {
		view.Form.Seen = now
		return r.Again("selections/sign", view, err)
	}
	r.Toast("Approved. Thank you: the team takes it from here.")
	return r.Go(r.Path("selections", s.ID))
}
