package selections

import (
	"unicode/utf8"

	"github.com/google/uuid"

	"portico/platform/activity"
	"portico/platform/fault"
	"portico/platform/money"
	"portico/platform/search"
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

type headingsView struct {
	*web.Here
	Trail             []web.NavItem
	Project           project
	Categories, Rooms []Heading
	Form              headingForm
	Of                string // whose form was refused
}

type headingForm struct {
	Kind  string `form:"kind"`
	Title string `form:"title"`
	Up    string `form:"up"`
	Down  string `form:"down"`
}

// Check is what can be wrong with it by itself.
func (f *headingForm) Check() fault.Fields {
	switch f.Title = oneLine(f.Title); {
	case f.Title == "":
		return fault.Fields{"title": "Give it a name."}
	case utf8.RuneCountInString(f.Title) > 60:
		return fault.Fields{"title": "Use at most 60 characters."}
	}
	return nil
}

func (o office) headingsView(r *web.Request, p project) (headingsView, error) {
	r.Title("Categories and rooms")
	view := headingsView{Here: r.Here(), Project: p, Trail: trail(r, p.ClientName, p.Name, p.ID, web.NavItem{Title: "Categories and rooms"})}
	list, err := headingsOf(r.Context(), r.Tx(), r.Viewer(), p.ID)
	for _, h := range list {
		if h.Kind == "category" {
			view.Categories = append(view.Categories, h)
		} else {
			view.Rooms = append(view.Rooms, h)
		}
	}
	return view, err
}

func (o office) headings(r *web.Request) error {
	p, err := o.at(r)
	if err != nil {
		return err
	}
	view, err := o.headingsView(r, p)
	if err != nil {
		return err
	}
	return r.Show("selections/headings", view)
}

func (o office) addHeading(r *web.Request) error {
	p, err := o.at(r)
	if err != nil {
		return err
	}
	var form headingForm
	err = r.Bind(&form)
	if form.Kind != "room" {
		form.Kind = "category"
	}
	if err == nil {
		_, err = headingCalled(r.Context(), r.Tx(), r.Viewer(), p, form.Kind, form.Title)
	}
	if err != nil {
		view, failed := o.headingsView(r, p)
		if failed != nil {
			return failed
		}
		view.Form, view.Of = form, form.Kind
		return r.Again("selections/headings", view, err)
	}
	if err := o.noteProject(r, p, "selections.heading", "added “"+form.Title+"” to the headings of selections", nil); err != nil {
		return err
	}
	return r.Go(r.Path("selections", "projects", p.ID, "headings"))
}

func (o office) saveHeading(r *web.Request) error {
	h, p, err := o.loadHeading(r)
	if err != nil {
		return err
	}
	var form headingForm
	err = r.Bind(&form)
	if err == nil {
		up := 0
		switch {
		case form.Up != "":
			up = 1
		case form.Down != "":
			up = -1
		}
		err = saveHeading(r.Context(), r.Tx(), r.Viewer(), h, p.ID, form.Title, up)
	}
	if err != nil {
		view, failed := o.headingsView(r, p)
		if failed != nil {
			return failed
		}
		view.Form, view.Of = form, h.ID.String()
		return r.Again("selections/headings", view, err)
	}
	err = o.noteProject(r, p, "selections.heading", "changed the heading “"+form.Title+"” of selections",
		activity.Changes(map[string]any{"title": h.Title}, map[string]any{"title": form.Title}))
	if err != nil {
		return err
	}
	o.ring(r.Context(), r.Viewer().FirmID(), p.ClientID)
	return r.Go(r.Path("selections", "projects", p.ID, "headings"))
}

func (o office) loadHeading(r *web.Request) (Heading, project, error) {
	id, err := r.ID("heading")
	if err != nil {
		return Heading{}, project{}, err
	}
	h, of, err := headingByID(r.Context(), r.Tx(), r.Viewer(), id)
	if err != nil {
		return h, project{}, err
	}
	p, err := projectByID(r.Context(), r.Tx(), r.Viewer(), of)
	return h, p, err
}

func (o office) dropHeading(r *web.Request) error {
	h, p, err := o.loadHeading(r)
	if err != nil {
		return err
	}
	if err := dropHeading(r.Context(), r.Tx(), r.Viewer(), h); err != nil {
		return err
	}
	if err := o.noteProject(r, p, "selections.heading", "removed the heading “"+h.Title+"” of selections", nil); err != nil {
		return err
	}
	o.ring(r.Context(), r.Viewer().FirmID(), p.ClientID)
	r.Toast("Removed. Its selections are still there.")
	return r.Go(r.Path("selections", "projects", p.ID, "headings"))
}

type copyView struct {
	*web.Here
	Trail     []web.NavItem
	Project   project
	Query     string
	Sources   []source
	Templates []Template
}

func (o office) copyView(r *web.Request, p project) (copyView, error) {
	r.Title("Copy selections")
	view := copyView{Here: r.Here(), Project: p, Query: r.Query("q"), Trail: trail(r, p.ClientName, p.Name, p.ID, web.NavItem{Title: "Copy selections"})}
	var err error
	if view.Sources, err = sourcesFor(r.Context(), r.Tx(), r.Viewer(), p, search.Typed(view.Query)); err != nil {
		return view, err
	}
	view.Templates, err = templatesOf(r.Context(), r.Tx(), r.Viewer())
	return view, err
}

func (o office) askCopy(r *web.Request) error {
	p, err := o.at(r)
	if err != nil {
		return err
	}
	view, err := o.copyView(r, p)
	if err != nil {
		return err
	}
	return r.Show("selections/copy", view)
}

// copyHere begins a project with the selections of another one, or with a template.
func (o office) copyHere(r *web.Request) error {
	p, err := o.at(r)
	if err != nil {
		return err
	}
	var form struct {
		From     uuid.UUID `form:"from"`
		Template uuid.UUID `form:"template"`
	}
	var b blueprint
	var name string
	err = r.Bind(&form)
	switch {
	case err != nil:
	case form.Template != uuid.Nil:
		var t Template
		t, b, err = templateByID(r.Context(), r.Tx(), r.Viewer(), form.Template)
		name = "the template “" + t.Title + "”"
	case form.From != uuid.Nil:
		var from project
		if from, err = projectByID(r.Context(), r.Tx(), r.Viewer(), form.From); err == nil {
			b, err = o.blueprintOf(r, from)
			name = from.Name
		}
	default:
		err = fault.Invalid("Choose what to copy.")
	}
	n := 0
	if err == nil {
		n, err = build(r.Context(), r.Tx(), r.Viewer(), p, b)
	}
	if err != nil {
		if fault.Is(err, fault.Missing) {
			err = fault.Invalid("This is not there any more. Choose again.")
		}
		view, failed := o.copyView(r, p)
		if failed != nil {
			return failed
		}
		return r.Again("selections/copy", view, err)
	}
	if err := o.noteProject(r, p, "selections.copied", "copied "+counted(n, "selection", "selections")+" from "+name, nil); err != nil {
		return err
	}
	r.Toast(counted(n, "selection is", "selections are") + " copied, as drafts.")
	return r.Go(r.Path("selections", "projects", p.ID))
}

func (o office) blueprintOf(r *web.Request, p project) (blueprint, error) {
	ctx, tx, v := r.Context(), r.Tx(), r.Viewer()
	list, err := ofProjects(ctx, tx, v, []uuid.UUID{p.ID})
	if err != nil {
		return blueprint{}, err
	}
	allowances, err := allowancesOf(ctx, tx, v, p)
	if err != nil {
		return blueprint{}, err
	}
	headings, err := headingsOf(ctx, tx, v, p.ID)
	return drawn(p, list, allowances, headings), err
}

// saveTemplate keeps a project's selections to begin others with.
func (o office) saveTemplate(r *web.Request) error {
	p, err := o.at(r)
	if err != nil {
		return err
	}
	var form headingForm
	err = r.Bind(&form)
	var b blueprint
	if err == nil {
		b, err = o.blueprintOf(r, p)
	}
	if err == nil && len(b.Selections) == 0 {
		err = fault.Invalid("There is nothing to keep yet.")
	}
	if err == nil {
		err = addTemplate(r.Context(), r.Tx(), r.Viewer(), form.Title, b)
	}
	if err != nil {
		view, failed := o.copyView(r, p)
		if failed != nil {
			return failed
		}
		return r.Again("selections/copy", view, err)
	}
	if err := o.noteProject(r, p, "selections.template", "kept selections as the template “"+form.Title+"”", nil); err != nil {
		return err
	}
	r.Toast("Kept as a template.")
	return r.Go(r.Path("selections", "templates"))
}

type templatesView struct {
	*web.Here
	Tabs []web.NavItem
	Rows []Template
}

func (o office) templates(r *web.Request) error {
	r.Title("Templates of selections")
	list, err := templatesOf(r.Context(), r.Tx(), r.Viewer())
	if err != nil {
		return err
	}
	return r.Show("selections/templates", templatesView{r.Here(), o.tabs(r, "templates"), list})
}

func (o office) dropTemplate(r *web.Request) error {
	id, err := r.ID("template")
	if err != nil {
		return err
	}
	t, _, err := templateByID(r.Context(), r.Tx(), r.Viewer(), id)
	if err != nil {
		return err
	}
	if err := dropTemplate(r.Context(), r.Tx(), r.Viewer(), id); err != nil {
		return err
	}
	err = activity.Record(r.Context(), r.Tx(), r.Viewer(), activity.Entry{Verb: "selections.template", Text: "deleted the template “" + t.Title + "”", SubjectID: id})
	if err != nil {
		return err
	}
	r.Toast("Deleted.")
	return r.Go(r.Path("selections", "templates"))
}
