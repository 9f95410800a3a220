package selections

import (
	"slices"
	"unicode/utf8"

	"github.com/google/uuid"

	"portico/platform/comment"
	"portico/platform/fault"
	"portico/platform/web"
)

// choose takes a choice; the client may still change it.
func (p portal) choose(r *web.Request) error {
	id, err := r.ID("selection")
	if err != nil {
		return err
	}
	var form struct {
		Choice uuid.UUID `form:"choice"`
	}
	if err := r.Bind(&form); err != nil {
		return err
	}
	before, err := p.load(r)
	if err != nil {
		return err
	}
	news := !slices.ContainsFunc(before.Picks(), func(c Choice) bool { return c.ID == form.Choice })
	s, err := p.pick(r.Context(), r.Tx(), r.Viewer(), id, form.Choice, true, said{})
	if err != nil {
		return err
	}
	if _, priced := s.Sum(); priced {
		r.Toast("Chosen. Approve it when you are sure: until then you can change it.")
	} else {
		if news {
			if err := p.tellTeam(r.Context(), r.Tx(), r.Viewer(), s, "unpriced", uuid.Nil); err != nil {
				return err
			}
		}
		r.Toast("Chosen. We tell you as soon as it has a price.")
	}
	return r.Go(r.Path("selections", id))
}

func (p portal) giveBack(r *web.Request) error {
	id, err := r.ID("selection")
	if err != nil {
		return err
	}
	choice, err := r.ID("choice")
	if err != nil {
		return err
	}
	if _, err := p.pick(r.Context(), r.Tx(), r.Viewer(), id, choice, false, said{}); err != nil {
		return err
	}
	r.Toast("Taken back.")
	return r.Go(r.Path("selections", id))
}

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
	r.Title("Approve: " + s.Title)
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
	view.Form.Seen, view.Button, view.Sum = seenOf(difference, s.Picks()), approveWords(here, s, difference), here.Money(s.Money(sum))
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

type refusalView struct {
	*web.Here
	Trail     []web.NavItem
	Selection Selection
	Skip      bool
	Reason    string
}

func (p portal) refusalView(r *web.Request, skip bool) (refusalView, error) {
	s, err := p.load(r)
	if err != nil {
		return refusalView{}, err
	}
	if skip && !s.MaySkip() || !skip && !s.MayRefuse() {
		return refusalView{}, fault.NotFound()
	}
	title := "None of these"
	if skip {
		title = "We do not want this"
	}
	r.Title(title)
	return refusalView{Here: r.Here(), Trail: p.trail(r, s, title), Selection: s, Skip: skip}, nil
}

func (p portal) askRefusal(r *web.Request) error {
	view, err := p.refusalView(r, r.Query("skip") != "")
	if err != nil {
		return err
	}
	return r.Show("selections/refusal", view)
}

// refuse closes a selection without a choice: nothing of it is wanted, or none of the choices will do.
func (p portal) refuse(r *web.Request) error {
	var form struct {
		Skip   bool   `form:"skip"`
		Reason string `form:"reason"`
	}
	err := r.Bind(&form)
	if fault.Is(err, fault.Unintelligible) {
		return err
	}
	view, failed := p.refusalView(r, form.Skip)
	if failed != nil {
		return failed
	}
	view.Reason = form.Reason
	to := Declined
	if form.Skip {
		to = Skipped
	}
	switch n := utf8.RuneCountInString(form.Reason); {
	case err != nil:
	case n == 0 && !form.Skip:
		err = fault.Field("reason", "Say what you are looking for, so that we can find it.")
	case n > 1000:
		err = fault.Field("reason", "Use at most 1,000 characters.")
	default:
		err = p.turnDown(r.Context(), r.Tx(), r.Viewer(), view.Selection.ID, to, said{Reason: form.Reason})
	}
	if err != nil {
		return r.Again("selections/refusal", view, err)
	}
	r.Toast("Thank you. The team knows now.")
	return r.Go(r.Path("selections", view.Selection.ID))
}

// request asks the team to change what is decided.
func (p portal) request(r *web.Request) error {
	s, err := p.load(r)
	if err != nil {
		return err
	}
	var form struct {
		Reason string `form:"reason"`
	}
	err = r.Bind(&form)
	if err == nil && !(s.Locked() && s.Kind == ToChoose) {
		err = fault.Conflict("You can still change it yourself.")
	}
	switch n := utf8.RuneCountInString(form.Reason); {
	case err != nil:
	case n == 0:
		err = fault.Field("reason", "Say what you would like to change, and why.")
	case n > 1000:
		err = fault.Field("reason", "Use at most 1,000 characters.")
	}
	added := false
	if err == nil {
		added, err = addRequest(r.Context(), r.Tx(), r.Viewer(), s, form.Reason)
	}
	if err == nil && !added {
		err = fault.Conflict("The team has your wish already, and will answer it.")
	}
	if err != nil {
		view, failed := p.view(r, s)
		if failed != nil {
			return failed
		}
		view.Reason = form.Reason
		return r.Again("selections/page", view, err)
	}
	if err := p.note(r.Context(), r.Tx(), r.Viewer(), s, "selections.asked", "asked to change “"+s.Title+"”", true, nil); err != nil {
		return err
	}
	if err := p.decided(r.Context(), r.Tx(), r.Viewer(), s, "asked"); err != nil {
		return err
	}
	r.Toast("The team has your wish, and will answer it.")
	return r.Go(r.Path("selections", s.ID))
}

type proposalForm struct {
	Title    string      `form:"title"`
	Text     string      `form:"text"`
	Link     string      `form:"link"`
	Pictures []*web.File `form:"pictures"`
}

// Check is what can be wrong with it by itself.
func (f *proposalForm) Check() fault.Fields {
	like := choiceForm{Title: f.Title, Text: f.Text, Link: f.Link}
	wrong := like.Check()
	f.Title, f.Link = like.Title, like.Link
	return wrong
}

type proposalView struct {
	*web.Here
	Trail     []web.NavItem
	Selection Selection
	Form      proposalForm
	Pictures  bool
}

func (p portal) proposalView(r *web.Request) (proposalView, error) {
	s, err := p.load(r)
	if err != nil {
		return proposalView{}, err
	}
	if !s.Proposes() {
		return proposalView{}, fault.NotFound()
	}
	r.Title("Propose something else")
	return proposalView{Here: r.Here(), Trail: p.trail(r, s, "Propose something else"), Selection: s, Pictures: mayUpload(r.Viewer())}, nil
}

func (p portal) newProposal(r *web.Request) error {
	view, err := p.proposalView(r)
	if err != nil {
		return err
	}
	return r.Show("selections/proposal", view)
}

// propose adds a choice that the client has found; staff say what it costs.
func (p portal) propose(r *web.Request) error {
	view, err := p.proposalView(r)
	if err != nil {
		return err
	}
	err = r.Bind(&view.Form)
	ctx, tx, v, s := r.Context(), r.Tx(), r.Viewer(), view.Selection
	if err == nil {
		if s, err = hold(ctx, tx, v, s.ID); err == nil && !s.Proposes() {
			err = errDecided
		}
	}
	var made uuid.UUID
	if err == nil {
		made, err = saveChoice(ctx, tx, v, s, Choice{Title: view.Form.Title, Text: view.Form.Text, Link: view.Form.Link, ByClient: true})
	}
	if err == nil && view.Pictures {
		err = p.take(r, s, made, "picture", "pictures", view.Form.Pictures)
	}
	if err == nil {
		err = touch(ctx, tx, v, s.ID)
	}
	if err != nil {
		return r.Again("selections/proposal", view, err)
	}
	if err := p.note(ctx, tx, v, s, "selections.proposed", "proposed “"+view.Form.Title+"” for “"+s.Title+"”", true, nil); err != nil {
		return err
	}
	if err := p.decided(ctx, tx, v, s, "proposed"); err != nil {
		return err
	}
	r.Toast("Thank you. We tell you as soon as it has a price.")
	return r.Go(r.Path("selections", s.ID))
}

// withdraw takes a proposal back that is not chosen.
func (p portal) withdraw(r *web.Request) error {
	id, err := r.ID("selection")
	if err != nil {
		return err
	}
	choice, err := r.ID("choice")
	if err != nil {
		return err
	}
	s, err := hold(r.Context(), r.Tx(), r.Viewer(), id)
	if err != nil {
		return err
	}
	n := slices.IndexFunc(s.Choices, func(c Choice) bool { return c.ID == choice && c.ByClient })
	if n < 0 {
		return fault.NotFound()
	}
	if c := s.Choices[n]; c.Picked || !s.Open() {
		return fault.Conflict("This is chosen. Choose something else first.")
	}
	if err := dropChoice(r.Context(), r.Tx(), r.Viewer(), s, s.Choices[n]); err != nil {
		return err
	}
	if err := p.forget(r, s.Choices[n].Files); err != nil {
		return err
	}
	if err := p.note(r.Context(), r.Tx(), r.Viewer(), s, "selections.proposed", "took the proposal “"+s.Choices[n].Title+"” back", true, nil); err != nil {
		return err
	}
	p.ring(r.Context(), r.Viewer().FirmID(), s.ClientID)
	r.Toast("Taken back.")
	return r.Go(r.Path("selections", id))
}

// sendPhotos keeps pictures that show what the client has in mind.
func (p portal) sendPhotos(r *web.Request) error {
	id, err := r.ID("selection")
	if err != nil {
		return err
	}
	s, err := hold(r.Context(), r.Tx(), r.Viewer(), id)
	if err != nil {
		return err
	}
	if !mayUpload(r.Viewer()) || !s.Open() {
		return fault.NotFound()
	}
	var form struct {
		Photos []*web.File `form:"photos"`
	}
	err = r.Bind(&form)
	if err == nil && !given(form.Photos) {
		err = fault.Field("photos", "Choose a picture first.")
	}
	if err == nil {
		err = p.take(r, s, uuid.Nil, "inspiration", "photos", form.Photos)
	}
	if err != nil {
		view, failed := p.view(r, s)
		if failed != nil {
			return failed
		}
		return r.Again("selections/page", view, err)
	}
	if err := p.note(r.Context(), r.Tx(), r.Viewer(), s, "selections.inspired", "sent a picture for “"+s.Title+"”", true, nil); err != nil {
		return err
	}
	if err := p.decided(r.Context(), r.Tx(), r.Viewer(), s, "photo"); err != nil {
		return err
	}
	r.Toast("Thank you. The team sees it now.")
	return r.Go(r.Path("selections", s.ID))
}

// dropPhoto takes one's own picture back.
func (p portal) dropPhoto(r *web.Request) error {
	id, err := r.ID("photo")
	if err != nil {
		return err
	}
	of, err := r.ID("selection")
	if err != nil {
		return err
	}
	f, s, err := fileByID(r.Context(), r.Tx(), r.Viewer(), id)
	if err != nil {
		return err
	}
	if s.ID != of || f.Kind != "inspiration" || f.CreatedBy != r.Viewer().PersonID || !s.Open() {
		return fault.NotFound()
	}
	if _, err := dropFile(r.Context(), r.Tx(), r.Viewer(), f); err != nil {
		return err
	}
	if err := p.forget(r, []File{f}); err != nil {
		return err
	}
	if err := p.note(r.Context(), r.Tx(), r.Viewer(), s, "selections.inspired", "took a picture for “"+s.Title+"” back", false, nil); err != nil {
		return err
	}
	p.ring(r.Context(), r.Viewer().FirmID(), s.ClientID)
	r.Toast("Taken back.")
	return r.Go(r.Path("selections", s.ID))
}

func (p portal) addComment(r *web.Request) error {
	s, err := p.load(r)
	if err != nil {
		return err
	}
	var form comment.Form
	if err := r.Bind(&form); err != nil {
		view, failed := p.view(r, s)
		if failed != nil {
			return failed
		}
		view.SaidText = form.Text
		if r.IsPart() {
			return r.Again("selections/_said", view, err)
		}
		return r.Again("selections/page", view, err)
	}
	c, fresh, err := comment.Add(r.Context(), r.Tx(), r.Viewer(), s.thing(), form)
	if err != nil {
		return err
	}
	if fresh {
		if err := p.note(r.Context(), r.Tx(), r.Viewer(), s, "selections.commented", "wrote about “"+s.Title+"”", false, nil); err != nil {
			return err
		}
		if err := p.tellTeam(r.Context(), r.Tx(), r.Viewer(), s, "comment", c.ID); err != nil {
			return err
		}
		p.ring(r.Context(), r.Viewer().FirmID(), s.ClientID)
	}
	return p.saidNow(r, s)
}

func (p portal) saidNow(r *web.Request, s Selection) error {
	view, err := p.view(r, s)
	if err != nil {
		return err
	}
	return r.Done(r.Path("selections", s.ID), web.Draw("selections/_said", view))
}

func (p portal) dropComment(r *web.Request) error {
	s, err := p.load(r)
	if err != nil {
		return err
	}
	id, err := r.ID("comment")
	if err != nil {
		return err
	}
	if _, err := comment.Withdraw(r.Context(), r.Tx(), r.Viewer(), "selections", s.ID, id); err != nil {
		return err
	}
	return p.saidNow(r, s)
}
