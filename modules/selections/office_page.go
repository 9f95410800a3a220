package selections

import (
	"strings"
	"time"

	"portico/platform/comment"
	"portico/platform/files"
	"portico/platform/money"
	"portico/platform/web"
)

// choiceRow is a choice on staff's page.
type choiceRow struct {
	Choice
	Price, Cost, Markup, Profit string
	Face                        string
	Pictures, Papers            []fileView
	Edit                        string
	Effect                      effectView
}

// effectView is what a choice does to the contract, in words.
type effectView struct {
	Kind, Text, Icon string // a badge
	Note             string // a sentence beside it
}

// effectOf says what a price does to the account.
func effectOf(here *web.Here, s Selection, a account, price *int64) effectView {
	if price == nil {
		return effectView{Kind: "info", Text: here.Say("Price to come"), Icon: "tag", Note: here.Say("You can choose it now, and approve it when it has its price.")}
	}
	o := a.with(*price)
	amount := func(minor int64) string { return here.Money(s.Money(minor)) }
	switch {
	case !a.Has && o.Over == 0:
		return effectView{Kind: "ok", Text: here.Say("Included"), Note: here.Say("No change to your contract.")}
	case !a.Has && o.Over < 0:
		return effectView{Kind: "ok", Text: amount(o.Over), Icon: "arrow-down", Note: here.Say("Taken off your contract.")}
	case !a.Has:
		return effectView{Kind: "due", Text: "+" + amount(o.Over), Icon: "arrow-up", Note: here.Say("Added to your contract.")}
	case o.Over > 0 && a.Chosen > 0:
		return effectView{Kind: "due", Text: here.Say("+%s upgrade", amount(o.Over)), Icon: "arrow-up", Note: here.Say("With what else you have chosen it goes over the allowance: a change to your contract.")}
	case o.Over > 0:
		return effectView{Kind: "due", Text: here.Say("+%s upgrade", amount(o.Over)), Icon: "arrow-up", Note: here.Say("Over the allowance: a change to your contract.")}
	case o.Under > 0:
		return effectView{Kind: "ok", Text: here.Say("%s credit", amount(-o.Under)), Icon: "arrow-down", Note: here.Say("Below the allowance: the rest is given back.")}
	case o.Left > 0:
		return effectView{Kind: "ok", Text: here.Say("Included"), Note: here.Say("%s of the allowance is left.", amount(o.Left))}
	}
	return effectView{Kind: "ok", Text: here.Say("Included"), Note: here.Say("It uses what the allowance has.")}
}

type decidedView struct {
	Title, Text, Note, From string
	Kind, Icon              string
	At                      time.Time
}

type selectionView struct {
	*web.Here
	Trail     []web.NavItem
	Selection Selection
	Mark      mark
	Pool      *poolView
	Choices   []choiceRow
	Pictures  []fileView
	Papers    []fileView
	Sent      []fileView // inspirations
	Proofs    []fileView
	History   []decidedView
	Effects   []Effect
	Requests  []Request
	Asked     *Request // the one that waits
	Said      comment.Page
	SaidText  string
	Internal  bool
	Sum       string
	Approves  bool // staff can approve for the client
}

// Money writes an amount of the selection.
func (v selectionView) Amount(minor int64) string { return v.Here.Money(v.Selection.Money(minor)) }

// CommentsAt is where a comment is posted.
func (v selectionView) CommentsAt() string { return v.Path("selections", v.Selection.ID, "comments") }

func (o office) selection(r *web.Request) error {
	s, err := o.load(r)
	if err != nil {
		return err
	}
	view, err := o.selectionView(r, s)
	if err != nil {
		return err
	}
	return r.Show("selections/selection", view)
}

func (o office) selectionView(r *web.Request, s Selection) (selectionView, error) {
	ctx, tx, v, here := r.Context(), r.Tx(), r.Viewer(), r.Here()
	r.Title(s.Title)
	view := selectionView{Here: here, Trail: s.trail(r, ""), Selection: s, Mark: s.mark(here.Today(), true)}
	set, err := settingOf(ctx, tx, v)
	if err != nil {
		return view, err
	}
	if s.Allowance.There() {
		pool := poolOf(s.Allowance)
		view.Pool = &pool
	}
	a := s.account(set.Credits)
	for _, c := range s.Choices {
		view.Choices = append(view.Choices, o.choiceRow(here, s, c, a))
	}
	for _, f := range filesFor(here, s.Files) {
		switch f.Kind {
		case "picture":
			view.Pictures = append(view.Pictures, f)
		case "inspiration":
			view.Sent = append(view.Sent, f)
		case "evidence":
			view.Proofs = append(view.Proofs, f)
		default:
			view.Papers = append(view.Papers, f)
		}
	}
	sum, priced := s.Sum()
	if len(s.Picks()) > 0 && priced {
		view.Sum = here.Money(s.Money(sum))
		view.Approves = s.State == Selected
	}
	decisions, err := decisionsOf(ctx, tx, v, s)
	if err != nil {
		return view, err
	}
	for _, d := range decisions {
		view.History = append(view.History, d.view(here, s))
	}
	if view.Effects, err = effectsOf(ctx, tx, v, s); err != nil {
		return view, err
	}
	if view.Requests, err = requestsOf(ctx, tx, v, s); err != nil {
		return view, err
	}
	for n := range view.Requests {
		if view.Requests[n].State == "open" {
			view.Asked = &view.Requests[n]
		}
	}
	view.Said, err = comment.Of(ctx, tx, v, "selections", s.ID, r.Place())
	return view, err
}

func (office) choiceRow(here *web.Here, s Selection, c Choice, a account) choiceRow {
	one := choiceRow{Choice: c, Edit: here.Path("selections", "choices", c.ID), Effect: effectOf(here, s, a, c.Price)}
	if c.Price != nil {
		one.Price = here.Money(c.Amount())
	}
	if c.Cost != nil {
		one.Cost = here.Money(s.Money(*c.Cost))
		if c.Price != nil {
			one.Profit = here.Money(s.Money(*c.Price - *c.Cost))
		}
	}
	if c.Markup != nil {
		one.Markup = money.Rate(*c.Markup).String() + "%"
	}
	if f, ok := c.Face(); ok {
		one.Face = files.URL(f.FileID, "medium")
	}
	for _, f := range filesFor(here, c.Files) {
		if f.Kind == "picture" {
			one.Pictures = append(one.Pictures, f)
		} else {
			one.Papers = append(one.Papers, f)
		}
	}
	return one
}

// view is a decision in words; what only staff may read is empty for clients already.
func (d Decided) view(here *web.Here, s Selection) decidedView {
	var names []string
	for _, c := range d.Choices {
		name := c.Title
		if c.Price != nil {
			name += ", " + here.Money(s.Money(*c.Price))
		}
		names = append(names, name)
	}
	who := d.ActorName
	if d.Behalf != "" {
		who += " for " + d.Behalf + " (" + ways[d.Way] + ")"
	}
	v := decidedView{Text: strings.Join(names, "; "), At: d.At, Note: d.Note}
	if d.IP != "" {
		v.From = "from " + d.IP
	}
	switch d.Act {
	case "approved":
		v.Title, v.Kind, v.Icon = who+" approved", "ok", "lock"
		switch {
		case d.Difference > 0:
			v.Text += ". Change to the contract: +" + here.Money(s.Money(d.Difference))
		case d.Difference < 0:
			v.Text += ". Change to the contract: " + here.Money(s.Money(d.Difference))
		}
		if d.Signature != "" {
			v.Text += ". Signed “" + d.Signature + "”"
		}
	case "chosen":
		v.Title, v.Kind, v.Icon = who+" chose", "brand", "check"
	case "withdrawn":
		v.Title, v.Kind, v.Icon = who+" took back", "muted", "undo-2"
	case "skipped":
		v.Title, v.Kind, v.Icon = who+" said: not wanted", "muted", "x"
	case "declined":
		v.Title, v.Kind, v.Icon = who+" declined all choices", "muted", "thumbs-down"
	case "reopened":
		v.Title, v.Kind, v.Icon = who+" opened it again", "info", "rotate-ccw"
	case "ordered":
		v.Title, v.Kind, v.Icon = who+" noted that it is ordered", "ok", "truck"
	case "unordered":
		v.Title, v.Kind, v.Icon = who+" noted that it is not ordered", "muted", "truck"
	}
	if d.Reason != "" {
		v.Text = strings.TrimPrefix(v.Text+". “"+d.Reason+"”", ". ")
	}
	return v
}

// Last is the place of the last choice, counted from nought.
func (v selectionView) Last() int { return max(0, len(v.Choices)-1) }

// Decision is how the client decided, in a word.
func (v selectionView) Decision() string {
	switch v.Selection.State {
	case Skipped:
		return "Left out"
	case Declined:
		return "Declined"
	}
	return "Approved"
}
