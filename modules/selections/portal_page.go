package selections

import (
	"slices"

	"github.com/google/uuid"

	"portico/platform/comment"
	"portico/platform/files"
	"portico/platform/money"
	"portico/platform/web"
)

// card is a choice as clients see it. It holds what clients may know, and nothing else.
type card struct {
	ID                uuid.UUID
	Title, Text       string
	Link, Host        string
	Price             string
	Effect            effectView
	Face, Large       string
	Width, Height     int
	More              []fileView // further pictures
	Papers            []fileView
	Picked, Approved  bool
	Proposed          bool
	Withdraw          string // a proposal can be taken back
	Take, Give        string
	Cost, Markup, Fee string // where the book is open
}

// Lines are its text, paragraph by paragraph.
func (c card) Lines() []string { return paragraphs(c.Text) }

type portalView struct {
	*web.Here
	Talk      string // where one asks about it; "": nowhere
	Back      string
	Trail     []web.NavItem
	Selection Selection
	Mark      mark
	Cards     []card
	Pictures  []fileView
	Papers    []fileView
	Sent      []photoView
	Pool      *poolView
	Own       outcomeView // with what is chosen
	MayChoose bool
	MaySend   bool
	Approval  string // where it is approved; "": not yet
	Button    string
	Refusal   string
	Skip      string
	Propose   string
	Compare   string
	Comments  comment.Page
	SaidText  string
	History   []decidedView
	Requests  []Request
	Pending   bool
	MayAsk    bool   // for a change of what is decided
	Reason    string // what was typed for a change
	Open      bool
	Priced    bool // everything that is chosen has a price
	Overdue   bool
	Several   bool
	Locked    bool
	Kept      bool // approved
	Ordered   bool
}

// Lines are the paragraphs of a text.
func (portalView) Lines(text string) []string { return paragraphs(text) }

// CommentsAt is where a comment is posted.
func (v portalView) CommentsAt() string { return v.Path("selections", v.Selection.ID, "comments") }

// RequestsAt is where a change is asked for.
func (v portalView) RequestsAt() string { return v.Path("selections", v.Selection.ID, "requests") }

// PhotosAt is where pictures are sent to.
func (v portalView) PhotosAt() string { return v.Path("selections", v.Selection.ID, "photos") }

type photoView struct {
	fileView
	Withdraw string
}

// outcomeView is how the account stands with something, in words.
type outcomeView struct {
	There                        bool
	Allowance, Others, This      string
	Left, Over                   string
	Percent, Before              int
	HasAllowance, Shared, Credit bool
}

func outcomeOf(here *web.Here, s Selection, a account, price int64) outcomeView {
	o := a.with(price)
	said := func(minor int64) string { return here.Money(s.Money(minor)) }
	v := outcomeView{There: true, This: said(price), HasAllowance: a.Has, Shared: a.Others}
	if a.Has {
		v.Allowance, v.Others = said(a.Allowance), said(a.Approved+a.Chosen)
		v.Before, v.Percent = percent(a.Approved+a.Chosen, a.Allowance), percent(o.Used, a.Allowance)
	}
	switch {
	case o.Over > 0:
		v.Over = said(o.Over)
	case o.Under > 0:
		v.Left, v.Credit = said(o.Under), true
	case a.Has:
		v.Left = said(o.Left)
	}
	return v
}

func (p portal) selection(r *web.Request) error {
	s, err := p.load(r)
	if err != nil {
		return err
	}
	view, err := p.view(r, s)
	if err != nil {
		return err
	}
	view.Talk = p.Catalog().Talk(r.Viewer(), "selections", s.ID)
	return r.Show("selections/page", view)
}

func (p portal) trail(r *web.Request, s Selection, last string) []web.NavItem {
	items := []web.NavItem{{Title: r.Say("Selections"), Href: r.Path("selections")}}
	if last == "" {
		return append(items, web.NavItem{Title: s.Title})
	}
	return append(items, web.NavItem{Title: s.Title, Href: r.Path("selections", s.ID)}, web.NavItem{Title: last})
}

func (p portal) view(r *web.Request, s Selection) (portalView, error) {
	ctx, tx, v, here := r.Context(), r.Tx(), r.Viewer(), r.Here()
	today := p.today(v)
	r.Title(s.Title)
	view := portalView{
		Here: here, Trail: p.trail(r, s, ""), Selection: s, Mark: s.mark(today, false), Open: s.Open(), Overdue: s.Overdue(today), Several: s.Several,
		Locked: s.Locked(), Kept: s.State == Approved, Ordered: !s.OrderedOn.IsZero(), MayChoose: v.May(choose) && s.Open(),
	}
	set, err := settingOf(ctx, tx, v)
	if err != nil {
		return view, err
	}
	a := s.account(set.Credits)
	if s.Allowance.There() {
		pool := poolOf(s.Allowance)
		view.Pool = &pool
	}
	sum, priced := s.Sum()
	picked := len(s.Picks()) > 0
	view.Priced = priced
	if picked && priced {
		view.Own = outcomeOf(here, s, a, sum)
	}
	for _, c := range s.Choices {
		view.Cards = append(view.Cards, cardOf(r, s, c, a))
	}
	if view.MayChoose {
		if difference, ok := s.asked(set); ok && s.State == Selected {
			view.Approval = r.Path("selections", s.ID, "approval")
			view.Button = approveWords(here, s, difference)
		}
		if s.MayRefuse() {
			view.Refusal = r.Path("selections", s.ID, "refusal")
		}
		if s.MaySkip() {
			view.Skip = r.Path("selections", s.ID, "refusal") + "?skip=1"
		}
		if s.Proposes() {
			view.Propose = r.Path("selections", s.ID, "proposals", "new")
		}
	}
	view.MaySend = mayUpload(v) && s.Open()
	if !s.Fixed() && len(view.Cards) > 1 {
		view.Compare = r.Path("selections", s.ID, "comparison")
	}
	for _, f := range filesFor(here, s.Files) {
		switch f.Kind {
		case "picture":
			view.Pictures = append(view.Pictures, f)
		case "inspiration":
			one := photoView{fileView: f}
			if f.CreatedBy == v.PersonID && view.MaySend {
				one.Withdraw = r.Path("selections", s.ID, "photos", f.ID)
			}
			view.Sent = append(view.Sent, one)
		default:
			view.Papers = append(view.Papers, f)
		}
	}
	decisions, err := decisionsOf(ctx, tx, v, s)
	if err != nil {
		return view, err
	}
	for _, d := range decisions {
		view.History = append(view.History, d.view(here, s))
	}
	if view.Requests, err = requestsOf(ctx, tx, v, s); err != nil {
		return view, err
	}
	view.Pending = slices.ContainsFunc(view.Requests, func(q Request) bool { return q.State == "open" })
	view.MayAsk = view.Locked && s.Kind == ToChoose && !view.Pending && v.May(choose)
	view.Comments, err = comment.Of(ctx, tx, v, "selections", s.ID, r.Place())
	return view, err
}

func cardOf(r *web.Request, s Selection, c Choice, a account) card {
	here := r.Here()
	one := card{
		ID: c.ID, Title: c.Title, Text: c.Text, Link: c.Link, Host: c.Host(), Picked: c.Picked, Approved: c.Approved, Proposed: c.ByClient,
	}
	if s.Kind == ToChoose {
		one.Effect = effectOf(here, s, withOthers(s, c, a), c.Price)
		if c.Price != nil {
			one.Price = here.Money(c.Amount())
		}
	}
	if c.Cost != nil && c.Price != nil && s.Kind == ToChoose {
		one.Cost, one.Fee = here.Money(s.Money(*c.Cost)), here.Money(s.Money(*c.Price-*c.Cost))
		if c.Markup != nil {
			one.Markup = money.Rate(*c.Markup).String() + "%"
		}
	}
	if r.Viewer().May(choose) && s.Open() {
		one.Take, one.Give = r.Path("selections", s.ID, "picks"), r.Path("selections", s.ID, "picks", c.ID)
		if c.ByClient && !c.Picked {
			one.Withdraw = r.Path("selections", s.ID, "proposals", c.ID)
		}
	}
	for _, f := range filesFor(here, c.Files) {
		switch {
		case f.Kind == "picture" && f.Ready && one.Face == "":
			one.Face, one.Large, one.Width, one.Height = files.URL(f.FileID, "medium"), f.Large, f.Width, f.Height
		case f.Kind == "picture":
			one.More = append(one.More, f)
		default:
			one.Papers = append(one.Papers, f)
		}
	}
	return one
}

// withOthers is the account that one choice is measured against: where several may be taken, the others that are taken
// count, too.
func withOthers(s Selection, c Choice, a account) account {
	if !s.Several || !a.Has {
		return a
	}
	for _, other := range s.Picks() {
		if other.ID != c.ID && other.Price != nil {
			a.Chosen += *other.Price
		}
	}
	return a
}

// approveWords are the words of the button that approves: the deed and what it changes.
func approveWords(here *web.Here, s Selection, difference int64) string {
	switch {
	case difference > 0:
		return "Approve, +" + here.Money(s.Money(difference))
	case difference < 0:
		return "Approve, " + here.Money(s.Money(difference))
	}
	return "Approve this choice"
}

type compareView struct {
	*web.Here
	Trail     []web.NavItem
	Selection Selection
	Cards     []card
	Allowance string
	Open      bool // the book: costs are shown
	More      bool // there are links or files
}

// mostCompared is how many choices stand side by side.
const mostCompared = 4

// compare shows some choices side by side: those that are ticked, or the first ones.
func (p portal) compare(r *web.Request) error {
	s, err := p.load(r)
	if err != nil {
		return err
	}
	set, err := settingOf(r.Context(), r.Tx(), r.Viewer())
	if err != nil {
		return err
	}
	r.Title("Compare: %s", s.Title)
	view := compareView{Here: r.Here(), Trail: p.trail(r, s, r.Say("Compare")), Selection: s}
	if s.Allowance.There() {
		view.Allowance = r.Here().Money(s.Money(s.Allowance.Amount))
	}
	wanted := r.Queries("choice")
	a := s.account(set.Credits)
	for _, c := range s.Choices {
		one := cardOf(r, s, c, a)
		if len(view.Cards) < mostCompared && (len(wanted) < 2 || slices.Contains(wanted, c.ID.String())) {
			view.Cards = append(view.Cards, one)
			view.Open = view.Open || one.Cost != ""
			view.More = view.More || one.Link != "" || len(one.Papers) > 0
		}
	}
	return r.Show("selections/compare", view)
}
