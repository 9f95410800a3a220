package selections

import (
	"unicode/utf8"

	"portico/platform/fault"
	"portico/platform/web"
)

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
	return refusalView{Here: r.Here(), Trail: p.trail(r, s, r.Say(title)), Selection: s, Skip: skip}, nil
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
