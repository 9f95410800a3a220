package selections

import (
	"github.com/google/uuid"

	"portico/platform/activity"
	"portico/platform/fault"
	"portico/platform/search"
	"portico/platform/web"
)

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
