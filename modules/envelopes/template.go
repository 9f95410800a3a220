package envelopes

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"portico/platform/activity"
	"portico/platform/fault"
	"portico/platform/files"
	"portico/platform/lang"
	"portico/platform/web"
)

// Template is a text that documents are made from.
type Template struct {
	ID           uuid.UUID
	Kind         Kind
	Name, Title  string
	Body, Stages string
	ArchivedAt   time.Time
	Version      int  // 0: the program's own, as it came
	Builtin      bool `bun:"-"`
}

// Archived reports whether it is not offered any more.
func (t Template) Archived() bool { return !t.ArchivedAt.IsZero() }

// withBuiltins adds those of the program that the firm has not made its own.
func withBuiltins(own []Template) []Template {
	list := slices.Clone(own)
	for _, b := range builtins {
		if !slices.ContainsFunc(own, func(t Template) bool { return t.ID == b.ID }) {
			list = append(list, b)
		}
	}
	for n, t := range list {
		list[n].Builtin = slices.ContainsFunc(builtins, func(b Template) bool { return b.ID == t.ID })
	}
	slices.SortStableFunc(list, func(a, b Template) int {
		if a.Kind != b.Kind {
			return slices.Index(Kinds, a.Kind) - slices.Index(Kinds, b.Kind)
		}
		return strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name))
	})
	return list
}

// templateForm is a template as it is written.
type templateForm struct {
	Kind    Kind   `form:"kind"`
	Name    string `form:"name"`
	Title   string `form:"title"`
	Body    string `form:"body"`
	Stages  string `form:"stages"`
	Version int    `form:"version"`
}

// Check is what can be wrong with it.
func (f *templateForm) Check() fault.Fields {
	wrong := fault.Fields{}
	if !slices.Contains(Kinds, f.Kind) {
		wrong["kind"] = "Choose what kind of document it makes."
	}
	for name, text := range map[string]*string{"name": &f.Name, "title": &f.Title} {
		if *text = oneLine(*text); *text == "" {
			wrong[name] = "Enter something here."
		} else if utf8.RuneCountInString(*text) > longestTitle {
			wrong[name] = "Use at most 160 characters."
		}
	}
	switch {
	case f.Body == "":
		wrong["body"] = "Write the text."
	case len(f.Body) > longestBody:
		wrong["body"] = "This is too long. Use at most 60,000 characters."
	default:
		if name := unknownPlace(f.Body); name != "" {
			wrong["body"] = "There is nothing to put in the place of {{" + name + "}}."
		}
	}
	if _, problem := parseStages(f.Stages); problem != "" {
		wrong["stages"] = problem
	}
	return wrong
}

type templatesView struct {
	*web.Here
	Tabs []web.NavItem
	Rows []Template
	Gone []Template
}

func (o office) templates(r *web.Request) error {
	r.Title("Contract templates")
	view := templatesView{Here: r.Here(), Tabs: o.tabs(r, "templates")}
	list, err := templatesOf(r.Context(), r.Tx(), r.Viewer())
	for _, t := range list {
		if t.Archived() {
			view.Gone = append(view.Gone, t)
		} else {
			view.Rows = append(view.Rows, t)
		}
	}
	if err != nil {
		return err
	}
	return r.Show("envelopes/templates", view)
}

type templateView struct {
	*web.Here
	Trail    []web.NavItem
	Template Template
	Form     templateForm
	Kinds    []choice
	Places   []placeholder
	Action   string
}

func (office) templateView(r *web.Request, t Template, form templateForm) templateView {
	title, action := "New template", r.Path("envelopes", "templates")
	if t.ID != uuid.Nil {
		title, action = t.Name, r.Path("envelopes", "templates", t.ID)
	}
	r.Title(title)
	return templateView{
		Here: r.Here(), Template: t, Form: form, Kinds: kindChoices(), Places: placeholders, Action: action,
		Trail: []web.NavItem{{Title: "Contracts", Href: r.Path("envelopes")}, {Title: "Templates", Href: r.Path("envelopes", "templates")}, {Title: title}},
	}
}

func (o office) newTemplate(r *web.Request) error {
	form := templateForm{Kind: Contract, Body: "# {{title}}\n\nBetween {{firm}} and {{client}}.\n"}
	return r.Show("envelopes/template", o.templateView(r, Template{}, form))
}

func (o office) theTemplate(r *web.Request) (Template, error) {
	one, err := r.ID("template")
	if err != nil {
		return Template{}, err
	}
	return templateByID(r.Context(), r.Tx(), r.Viewer(), one)
}

func (o office) editTemplate(r *web.Request) error {
	t, err := o.theTemplate(r)
	if err != nil {
		return err
	}
	return r.Show("envelopes/template", o.templateView(r, t, templateForm{t.Kind, t.Name, t.Title, t.Body, t.Stages, t.Version}))
}

// previewTemplate is the PDF that a template makes, with an example in every place.
func (o office) previewTemplate(r *web.Request) error {
	t, err := o.theTemplate(r)
	if err != nil {
		return err
	}
	e := Envelope{Kind: t.Kind, Body: t.Body, Currency: r.Firm().Currency, ClientName: "Ana & Tom Rivera", ProjectName: "Maple Street remodel", Revision: 1}
	e.Title = titleFrom(t.Title, e)
	e.Recipients = []Recipient{{Role: Signer, Name: "Ana Rivera"}, {Role: Signer, Name: "Tom Rivera"}, {Role: Countersigner, Name: r.Viewer().Name}}
	lines := []Line{{Text: "Demolition and disposal", Quantity: 1000, Price: 1800000}, {Text: "Cabinets", Quantity: 1000, Price: 4200000}}
	net, _ := sumOf(lines, e.Currency)
	e.Total = net.Minor
	stages, _ := parseStages(t.Stages)
	pdf, err := o.written(r.Context(), r.Here().For(lang.Of(r.Firm().Locale)), e, account{Street: "418 Maple Street", City: "Austin", Region: "TX", Postcode: "78704"}, lines, stages)
	if err != nil {
		return err
	}
	for name, value := range files.Show(files.PDF, t.Name) {
		r.SetHeader(name, value)
	}
	return r.Bytes(pdf)
}

func (o office) addTemplate(r *web.Request) error { return o.keepTemplate(r, Template{}) }

// saveTemplate keeps it, and takes one back that was put away.
func (o office) saveTemplate(r *web.Request) error {
	t, err := o.theTemplate(r)
	if err != nil {
		return err
	}
	return o.keepTemplate(r, t)
}

func (o office) keepTemplate(r *web.Request, was Template) error {
	var form templateForm
	wrong := r.Bind(&form)
	if fault.Is(wrong, fault.Unintelligible) {
		return wrong
	}
	if wrong == nil && form.Version != was.Version {
		wrong = errMoved
	}
	t := Template{ID: was.ID, Kind: form.Kind, Name: form.Name, Title: form.Title, Body: form.Body, Stages: form.Stages, Version: was.Version}
	if wrong == nil {
		t.ID, wrong = saveTemplate(r.Context(), r.Tx(), r.Viewer(), t)
	}
	if wrong != nil {
		if fault.Is(wrong, fault.Clash) {
			form.Version = was.Version
		}
		return r.Again("envelopes/template", o.templateView(r, was, form), wrong)
	}
	changes := activity.Changes(
		map[string]any{"name": was.Name, "title": was.Title, "kind": string(was.Kind), "text": was.Body},
		map[string]any{"name": t.Name, "title": t.Title, "kind": string(t.Kind), "text": t.Body})
	if err := note(r.Context(), r.Tx(), r.Viewer(), Envelope{ID: t.ID}, "envelopes.template", "changed the contract template “"+t.Name+"”", changes); err != nil {
		return err
	}
	r.Toast("Saved.")
	return r.Go(r.Path("envelopes", "templates"))
}

// dropTemplate puts one away: it is not offered any more, and saving it offers it again.
func (o office) dropTemplate(r *web.Request) error {
	t, err := o.theTemplate(r)
	if err != nil {
		return err
	}
	if t.Archived() {
		return r.Go(r.Path("envelopes", "templates"))
	}
	t.ArchivedAt = r.Now()
	if _, err := saveTemplate(r.Context(), r.Tx(), r.Viewer(), t); err != nil {
		return err
	}
	if err := note(r.Context(), r.Tx(), r.Viewer(), Envelope{ID: t.ID}, "envelopes.template", "put the contract template “"+t.Name+"” away", nil); err != nil {
		return err
	}
	r.Toast("It is not offered any more. You find it below the others.")
	return r.Go(r.Path("envelopes", "templates"))
}
