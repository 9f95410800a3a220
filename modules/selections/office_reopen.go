package selections

import (
	"unicode/utf8"

	"github.com/google/uuid"

	"portico/platform/fault"
	"portico/platform/lang"
	"portico/platform/money"
	"portico/platform/web"
)

type reasonView struct {
	*web.Here
	Trail     []web.NavItem
	Selection Selection
	Reason    string
	Tells     bool
	Ordered   bool
	Billed    bool
	Voids     []Effect
}

func (o office) reasonView(r *web.Request, s Selection) (reasonView, error) {
	r.Title("Open again")
	view := reasonView{Here: r.Here(), Trail: s.trail(r, "Open again"), Selection: s, Ordered: !s.OrderedOn.IsZero(), Tells: true}
	effects, err := effectsOf(r.Context(), r.Tx(), r.Viewer(), s)
	for _, e := range effects {
		if !e.Voided {
			view.Voids = append(view.Voids, e)
			view.Billed = view.Billed || e.Invoiced
		}
	}
	return view, err
}

// Amount writes an amount of the selection.
func (v reasonView) Amount(minor int64) money.Amount { return v.Selection.Money(minor) }

func (o office) askReopening(r *web.Request) error {
	s, err := o.load(r)
	if err != nil {
		return err
	}
	if !s.Locked() {
		return fault.Conflict("This is open already.")
	}
	view, err := o.reasonView(r, s)
	if err != nil {
		return err
	}
	return r.Show("selections/reopen", view)
}

func (o office) reopenNow(r *web.Request) error {
	s, err := o.load(r)
	if err != nil {
		return err
	}
	view, err := o.reasonView(r, s)
	if err != nil {
		return err
	}
	var form struct {
		Reason string `form:"reason"`
		Tells  bool   `form:"tells"`
	}
	err = r.Bind(&form)
	view.Reason, view.Tells = form.Reason, form.Tells
	if err == nil && utf8.RuneCountInString(form.Reason) > 1000 {
		err = fault.Field("reason", "Use at most 1,000 characters.")
	}
	if err == nil {
		s, err = o.reopen(r.Context(), r.Tx(), r.Viewer(), s.ID, form.Reason)
	}
	if err != nil {
		return r.Again("selections/reopen", view, err)
	}
	if form.Tells {
		_, err := tellClient.Enqueue(r.Context(), r.Tx(), r.Viewer().FirmID(), telling{Client: s.ClientID, Project: s.ProjectID, What: toldReopened, Selections: []uuid.UUID{s.ID}})
		if err != nil {
			return err
		}
	}
	r.Toast("The client can choose again.")
	return r.Go(r.Path("selections", s.ID))
}

// answerRequest says no to a wish for a change; opening again says yes.
func (o office) answerRequest(r *web.Request) error {
	s, err := o.holding(r)
	if err != nil {
		return err
	}
	var form struct {
		Answer string `form:"answer"`
	}
	err = r.Bind(&form)
	switch n := utf8.RuneCountInString(form.Answer); {
	case err != nil:
	case n == 0:
		err = fault.Field("answer", "Say why it cannot be changed. The client reads it.")
	case n > 1000:
		err = fault.Field("answer", "Use at most 1,000 characters.")
	default:
		err = refuseRequest(r.Context(), r.Tx(), r.Viewer(), s, form.Answer, r.Now())
	}
	if err != nil {
		return o.again(r, s, err)
	}
	if err := o.told(r.Context(), r.Tx(), r.Viewer(), s, "selections.kept", lang.M("kept “%s” as it is", s.Title)); err != nil {
		return err
	}
	o.ring(r.Context(), r.Viewer().FirmID(), s.ClientID)
	r.Toast("Answered. It stays as it is.")
	return r.Go(r.Path("selections", s.ID))
}
