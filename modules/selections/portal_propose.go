package selections

import (
	"slices"

	"github.com/google/uuid"

	"portico/platform/fault"
	"portico/platform/lang"
	"portico/platform/web"
)

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
	return proposalView{Here: r.Here(), Trail: p.trail(r, s, r.Say("Propose something else")), Selection: s, Pictures: mayUpload(r.Viewer())}, nil
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
	if err := p.report(r, s, "proposed", "selections.proposed", lang.M("proposed “%s” for “%s”", view.Form.Title, s.Title)); err != nil {
		return err
	}
	r.Toast("Thank you. We tell you as soon as it has a price.")
	return r.Go(r.Path("selections", s.ID))
}

// withdraw takes a proposal back that is not chosen.
func (p portal) withdraw(r *web.Request) error {
	id, choice, err := chosen(r)
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
	if err := p.told(r.Context(), r.Tx(), r.Viewer(), s, "selections.proposed", lang.M("took the proposal “%s” back", s.Choices[n].Title)); err != nil {
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
		return p.again(r, s, "", err)
	}
	if err := p.report(r, s, "photo", "selections.inspired", lang.M("sent a picture for “%s”", s.Title)); err != nil {
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
	if err := p.note(r.Context(), r.Tx(), r.Viewer(), s, "selections.inspired", "took a picture for “"+s.Title+"” back", nil); err != nil {
		return err
	}
	p.ring(r.Context(), r.Viewer().FirmID(), s.ClientID)
	r.Toast("Taken back.")
	return r.Go(r.Path("selections", s.ID))
}
