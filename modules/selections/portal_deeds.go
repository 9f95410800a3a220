package selections

import (
	"slices"
	"unicode/utf8"

	"github.com/google/uuid"

	"portico/platform/fault"
	"portico/platform/lang"
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
	id, choice, err := chosen(r)
	if err != nil {
		return err
	}
	if _, err := p.pick(r.Context(), r.Tx(), r.Viewer(), id, choice, false, said{}); err != nil {
		return err
	}
	r.Toast("Taken back.")
	return r.Go(r.Path("selections", id))
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
		return p.again(r, s, form.Reason, err)
	}
	if err := p.report(r, s, "asked", "selections.asked", lang.M("asked to change “%s”", s.Title)); err != nil {
		return err
	}
	r.Toast("The team has your wish, and will answer it.")
	return r.Go(r.Path("selections", s.ID))
}

// chosen are the selection and the choice of an address.
func chosen(r *web.Request) (selection, choice uuid.UUID, err error) {
	if selection, err = r.ID("selection"); err != nil {
		return selection, choice, err
	}
	choice, err = r.ID("choice")
	return selection, choice, err
}

// again shows the page with what was wrong, and the wish as it was typed.
func (p portal) again(r *web.Request, s Selection, reason string, wrong error) error {
	view, err := p.view(r, s)
	if err != nil {
		return err
	}
	view.Reason = reason
	return r.Again("selections/page", view, wrong)
}

// report notes what the client did, and tells the team.
func (p portal) report(r *web.Request, s Selection, what, verb string, text lang.Message) error {
	if err := p.told(r.Context(), r.Tx(), r.Viewer(), s, verb, text); err != nil {
		return err
	}
	return p.decided(r.Context(), r.Tx(), r.Viewer(), s, what)
}
