package selections

import (
	"unicode/utf8"

	"github.com/google/uuid"

	"portico/platform/activity"
	"portico/platform/fault"
	"portico/platform/money"
	"portico/platform/web"
)

// allowanceForm is a shared allowance as it is typed.
type allowanceForm struct {
	Title   string `form:"title"`
	Amount  string `form:"amount"`
	Notes   string `form:"notes"`
	Version int    `form:"version"`
}

// Check is what can be wrong with it by itself.
func (f *allowanceForm) Check() fault.Fields {
	wrong := fault.Fields{}
	switch f.Title = oneLine(f.Title); {
	case f.Title == "":
		wrong["title"] = "Give it a name, such as “Bathroom tiles”."
	case utf8.RuneCountInString(f.Title) > longestTitle:
		wrong["title"] = "Use at most 120 characters."
	}
	if utf8.RuneCountInString(f.Notes) > longestText {
		wrong["notes"] = "Use at most 4,000 characters."
	}
	return wrong
}

type allowanceView struct {
	*web.Here
	Trail     []web.NavItem
	Project   project
	Allowance Allowance
	Form      allowanceForm
	Action    string
	Symbol    string
	Used      bool // something of it is approved: the amount stays
}

// New reports whether it is not there yet.
func (v allowanceView) New() bool { return v.Allowance.ID == uuid.Nil }

func (office) allowanceView(r *web.Request, p project, a Allowance) allowanceView {
	view := allowanceView{
		Here: r.Here(), Project: p, Allowance: a, Symbol: money.Symbol(p.Currency, r.Here().Locale()), Action: r.Path("selections", "projects", p.ID, "allowances"),
		Trail: trail(r, p.ClientName, p.Name, p.ID, web.NavItem{Title: "New allowance"}),
	}
	r.Title("New allowance")
	if a.ID != uuid.Nil {
		r.Title("Edit allowance")
		view.Action, view.Trail = r.Path("selections", "allowances", a.ID), trail(r, p.ClientName, p.Name, p.ID, web.NavItem{Title: a.Title})
		view.Form = allowanceForm{Title: a.Title, Amount: money.Of(a.Amount, p.Currency).Plain(), Notes: a.Notes, Version: a.Version}
		view.Used = a.Used()
	}
	return view
}

func (o office) newAllowance(r *web.Request) error {
	p, err := o.at(r)
	if err != nil {
		return err
	}
	return r.Show("selections/allowance", o.allowanceView(r, p, Allowance{}))
}

func (o office) loadAllowance(r *web.Request) (project, Allowance, error) {
	id, err := r.ID("allowance")
	if err != nil {
		return project{}, Allowance{}, err
	}
	if r.Method() != "GET" {
		if err := holdAllowance(r.Context(), r.Tx(), r.Viewer(), id); err != nil {
			return project{}, Allowance{}, err
		}
	}
	a, err := allowanceByID(r.Context(), r.Tx(), r.Viewer(), id)
	if err != nil {
		return project{}, a, err
	}
	p, err := projectByID(r.Context(), r.Tx(), r.Viewer(), a.ProjectID)
	return p, a, err
}

func (o office) editAllowance(r *web.Request) error {
	p, a, err := o.loadAllowance(r)
	if err != nil {
		return err
	}
	return r.Show("selections/allowance", o.allowanceView(r, p, a))
}

func (o office) addAllowance(r *web.Request) error {
	p, err := o.at(r)
	if err != nil {
		return err
	}
	return o.keepAllowance(r, o.allowanceView(r, p, Allowance{Shared: true}))
}

func (o office) saveAllowance(r *web.Request) error {
	p, a, err := o.loadAllowance(r)
	if err != nil {
		return err
	}
	return o.keepAllowance(r, o.allowanceView(r, p, a))
}

func (o office) keepAllowance(r *web.Request, view allowanceView) error {
	was, p := view.Allowance, view.Project
	view.Form = allowanceForm{}
	err := r.Bind(&view.Form)
	a := was
	a.Title, a.Notes, a.Version = view.Form.Title, view.Form.Notes, view.Form.Version
	if err == nil {
		amount, wrong := money.Parse(view.Form.Amount, p.Currency, r.Here().Locale())
		switch {
		case wrong != nil:
			err = fault.Field("amount", money.Advice(wrong, p.Currency))
		case amount.Negative():
			err = fault.Field("amount", "Enter what the contract has for it.")
		case view.Used && amount.Minor != was.Amount:
			err = fault.Field("amount", "Something of it is approved already: the contract was made with this amount. Open those selections again first, or add another allowance.")
		}
		a.Amount = amount.Minor
	}
	if err == nil {
		_, err = saveAllowance(r.Context(), r.Tx(), r.Viewer(), p, a)
	}
	if err != nil {
		if fault.Is(err, fault.Clash) {
			view.Form.Version = was.Version
		}
		return r.Again("selections/allowance", view, err)
	}
	text := "added the allowance “" + a.Title + "”"
	var changes map[string]any
	if was.ID != uuid.Nil {
		text, changes = "changed the allowance “"+a.Title+"”", activity.Changes(
			map[string]any{"title": was.Title, "amount": was.Amount, "notes": was.Notes}, map[string]any{"title": a.Title, "amount": a.Amount, "notes": a.Notes})
	}
	if err := o.noteProject(r, p, "selections.allowance", text, changes); err != nil {
		return err
	}
	o.ring(r.Context(), r.Viewer().FirmID(), p.ClientID)
	r.Toast("Saved.")
	return r.Go(r.Path("selections", "projects", p.ID))
}

func (o office) dropAllowance(r *web.Request) error {
	p, a, err := o.loadAllowance(r)
	if err != nil {
		return err
	}
	if a.Used() {
		return fault.Conflict("Something of this allowance is approved. Open those selections again first.")
	}
	if err := dropAllowance(r.Context(), r.Tx(), r.Viewer(), a); err != nil {
		return err
	}
	if err := o.noteProject(r, p, "selections.allowance", "removed the allowance “"+a.Title+"”", nil); err != nil {
		return err
	}
	o.ring(r.Context(), r.Viewer().FirmID(), p.ClientID)
	r.Toast("Removed.")
	return r.Go(r.Path("selections", "projects", p.ID))
}
