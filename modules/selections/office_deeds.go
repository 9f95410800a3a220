package selections

import (
	"unicode/utf8"

	"github.com/google/uuid"

	"portico/platform/day"
	"portico/platform/fault"
	"portico/platform/lang"
	"portico/platform/web"
)

// holding is load for what changes it.
func (office) holding(r *web.Request) (Selection, error) {
	return web.Find(r, "selection", hold)
}

func (o office) releaseOne(r *web.Request) error {
	s, err := o.holding(r)
	if err != nil {
		return err
	}
	var form struct {
		Tells bool `form:"tells"`
	}
	if err := r.Bind(&form); err != nil {
		return err
	}
	p, err := projectByID(r.Context(), r.Tx(), r.Viewer(), s.ProjectID)
	if err != nil {
		return err
	}
	if _, err := o.showNow(r, p, []uuid.UUID{s.ID}, form.Tells); err != nil {
		return err
	}
	r.Toast("The client sees it now.")
	return r.Go(r.Path("selections", s.ID))
}

// takeBack makes a draft of it again, as long as nothing was chosen.
func (o office) takeBack(r *web.Request) error {
	s, err := o.holding(r)
	if err != nil {
		return err
	}
	if s.State != Released {
		return fault.Conflict("The client has chosen already. It cannot be hidden any more.")
	}
	if err := setState(r.Context(), r.Tx(), r.Viewer(), s, Draft, r.Now()); err != nil {
		return err
	}
	if err := o.note(r.Context(), r.Tx(), r.Viewer(), s, "selections.hidden", "made “"+s.Title+"” a draft again", nil); err != nil {
		return err
	}
	o.ring(r.Context(), r.Viewer().FirmID(), s.ClientID)
	r.Toast("It is a draft again: the client does not see it.")
	return r.Go(r.Path("selections", s.ID))
}

// order notes what was ordered, and where.
func (o office) order(r *web.Request) error {
	s, err := o.holding(r)
	if err != nil {
		return err
	}
	var form struct {
		On    day.Day `form:"ordered_on"`
		Notes string  `form:"order_notes"`
	}
	if err := r.Bind(&form); err != nil {
		return o.again(r, s, err)
	}
	if form.On.IsZero() {
		form.On = o.today(r.Viewer())
	}
	if utf8.RuneCountInString(form.Notes) > 1000 {
		return o.again(r, s, fault.Field("order_notes", "Use at most 1,000 characters."))
	}
	if s.State != Approved {
		return fault.Conflict("Only what is approved can be ordered.")
	}
	if err := setOrdered(r.Context(), r.Tx(), r.Viewer(), s, form.On, form.Notes); err != nil {
		return err
	}
	if err := o.told(r.Context(), r.Tx(), r.Viewer(), s, "selections.ordered", lang.M("noted that “%s” is ordered", s.Title)); err != nil {
		return err
	}
	return o.ordered(r, s, "ordered")
}

func (o office) again(r *web.Request, s Selection, wrong error) error {
	view, err := o.selectionView(r, s)
	if err != nil {
		return err
	}
	return r.Again("selections/selection", view, wrong)
}

func (o office) dropOrder(r *web.Request) error {
	s, err := o.holding(r)
	if err != nil {
		return err
	}
	if s.OrderedOn.IsZero() {
		return fault.Conflict("It is not ordered.")
	}
	if err := setOrdered(r.Context(), r.Tx(), r.Viewer(), s, day.Day{}, ""); err != nil {
		return err
	}
	if err := o.note(r.Context(), r.Tx(), r.Viewer(), s, "selections.unordered", "noted that “"+s.Title+"” is not ordered", nil); err != nil {
		return err
	}
	return o.ordered(r, s, "unordered")
}

func (o office) ordered(r *web.Request, s Selection, act string) error {
	if err := addDecision(r.Context(), r.Tx(), r.Viewer(), s, decision{act: act}); err != nil {
		return err
	}
	o.ring(r.Context(), r.Viewer().FirmID(), s.ClientID)
	r.Toast("Noted.")
	return r.Go(r.Path("selections", s.ID))
}
