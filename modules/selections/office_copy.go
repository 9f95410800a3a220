package selections

import (
	"github.com/google/uuid"

	"portico/platform/activity"
	"portico/platform/fault"
	"portico/platform/id"
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
	Key       string // of this page's forms: sent twice, they copy once
}

func (o office) copyView(r *web.Request, p project) (copyView, error) {
	r.Title("Copy selections")
	view := copyView{Here: r.Here(), Project: p, Query: r.Query("q"), Key: id.New().String(), Trail: trail(r, p.ClientName, p.Name, p.ID, web.NavItem{Title: "Copy selections"})}
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
		Key      uuid.UUID `form:"key"`
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
	if err == nil && form.Key != uuid.Nil {
		// a page has a form for each source, and all of them its key
		source := append(form.From[:], form.Template[:]...)
		fresh, err := addCopying(r.Context(), r.Tx(), r.Viewer(), p, uuid.NewSHA1(form.Key, source))
		if err != nil {
			return err
		}
		if !fresh {
			r.Toast("They are copied already.")
			return r.Go(r.Path("selections", "projects", p.ID))
		}
	}
	was := b.Currency
	b, same := b.in(p.Currency)
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
	text := "copied " + counted(n, "selection", "selections") + " from " + name
	if !same {
		text += ", without amounts"
	}
	if err := o.noteProject(r, p, "selections.copied", text, nil); err != nil {
		return err
	}
	if same {
		r.Toast(counted(n, "selection is", "selections are") + " copied, as drafts.")
	} else {
		r.Warn(counted(n, "selection is", "selections are") + " copied, as drafts, without prices, costs and allowances: " + elsewhere(was, p.Currency) + " Enter them before you show anything.")
	}
	return r.Go(r.Path("selections", "projects", p.ID))
}

// elsewhere says why amounts are not copied.
func elsewhere(from, to string) string {
	if from == "" {
		return "the currency that they were in was not kept, and this project is in " + to + "."
	}
	return "they are in " + from + ", and this project is in " + to + "."
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

// templateForm is a template as it is kept.
type templateForm struct {
	Title string    `form:"title"`
	Key   uuid.UUID `form:"key"`
}

// Check is what can be wrong with it by itself.
func (f *templateForm) Check() fault.Fields { return checkName(&f.Title) }

// saveTemplate keeps a project's selections to begin others with.
func (o office) saveTemplate(r *web.Request) error {
	p, err := o.at(r)
	if err != nil {
		return err
	}
	var form templateForm
	err = r.Bind(&form)
	var b blueprint
	if err == nil {
		b, err = o.blueprintOf(r, p)
	}
	if err == nil && len(b.Selections) == 0 {
		err = fault.Invalid("There is nothing to keep yet.")
	}
	fresh := false
	if err == nil {
		fresh, err = addTemplate(r.Context(), r.Tx(), r.Viewer(), form, b)
	}
	if err != nil {
		view, failed := o.copyView(r, p)
		if failed != nil {
			return failed
		}
		return r.Again("selections/copy", view, err)
	}
	if fresh {
		if err := o.noteProject(r, p, "selections.template", "kept selections as the template “"+form.Title+"”", nil); err != nil {
			return err
		}
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
	one, err := r.ID("template")
	if err != nil {
		return err
	}
	t, _, err := templateByID(r.Context(), r.Tx(), r.Viewer(), one)
	if err != nil {
		return err
	}
	if err := dropTemplate(r.Context(), r.Tx(), r.Viewer(), one); err != nil {
		return err
	}
	err = activity.Record(r.Context(), r.Tx(), r.Viewer(), activity.Entry{Verb: "selections.template", Text: "deleted the template “" + t.Title + "”", SubjectID: one})
	if err != nil {
		return err
	}
	r.Toast("Deleted.")
	return r.Go(r.Path("selections", "templates"))
}
