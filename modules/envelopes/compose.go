package envelopes

import (
	"slices"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"portico/modules/envelopes/seal"
	"portico/platform/fault"
	"portico/platform/search"
	"portico/platform/web"
)

const (
	longestTitle   = 160
	longestMessage = 2000
	longestBody    = 60000
)

// large is a route that takes a PDF, and may have to look through it.
func large(r web.Route) web.Route {
	r.Time = time.Minute
	return r.Upto(seal.Largest + 1<<20)
}

// newForm begins a document.
type newForm struct {
	Client   uuid.UUID `form:"client"`
	Project  uuid.UUID `form:"project"`
	Kind     Kind      `form:"kind"`
	Title    string    `form:"title"`
	Source   string    `form:"source"`
	Template uuid.UUID `form:"template"`
	File     *web.File `form:"file"`
}

// Check is what can be said of it without looking anything up.
func (f *newForm) Check() fault.Fields {
	wrong := fault.Fields{}
	if !slices.Contains(Kinds, f.Kind) {
		wrong["kind"] = "Choose what kind of document it is."
	}
	if f.Title = oneLine(f.Title); utf8.RuneCountInString(f.Title) > longestTitle {
		wrong["title"] = "Use at most 160 characters."
	}
	switch {
	case f.Source == "pdf" && noFile(f.File):
		wrong["file"] = "Choose a PDF."
	case f.Source == "pdf" && f.Title == "":
		wrong["title"] = "Enter a title."
	case f.Source == "template" && f.Template == uuid.Nil:
		wrong["template"] = "Choose a template."
	case f.Source != "pdf" && f.Source != "template":
		wrong["source"] = "Choose what it is made from."
	}
	return wrong
}

func noFile(f *web.File) bool { return f == nil || f.Name == "" && f.Size == 0 }

// pickView asks for the project first.
type pickView struct {
	*web.Here
	Trail []web.NavItem
	Query string
	Found []account
	Base  string
}

type newView struct {
	*web.Here
	Trail     []web.NavItem
	Client    account
	Projects  []choice
	Kinds     []choice
	Templates []choice
	Form      newForm
	Back      string
}

// newDraft asks for the project, unless the address names it or a client, and then for what the document is made from.
func (o office) newDraft(r *web.Request) error {
	if r.Query("client") == "" && r.Query("project") == "" {
		return o.pickProject(r)
	}
	form := newForm{Kind: Kind(r.Query("kind")), Source: "template"}
	form.Client, _ = uuid.Parse(r.Query("client"))
	form.Project, _ = uuid.Parse(r.Query("project"))
	if form.Client == uuid.Nil && form.Project == uuid.Nil {
		return fault.NotFound()
	}
	view, err := o.newView(r, form)
	if err != nil {
		return err
	}
	return r.Show("envelopes/new", view)
}

func (office) pickProject(r *web.Request) error {
	r.Title("New document")
	view := pickView{
		Here: r.Here(), Query: r.Query("q"), Base: r.Path("envelopes", "new"),
		Trail: []web.NavItem{{Title: "Contracts", Href: r.Path("envelopes")}, {Title: "New document"}},
	}
	var err error
	view.Found, err = projectChoices(r.Context(), r.Tx(), r.Viewer(), uuid.Nil, search.Typed(view.Query))
	if err != nil {
		return err
	}
	return r.Show("envelopes/pick", view)
}

func (o office) newView(r *web.Request, form newForm) (newView, error) {
	r.Title("New document")
	view := newView{Here: r.Here(), Form: form, Kinds: kindChoices()}
	if !slices.Contains(Kinds, form.Kind) {
		view.Form.Kind = Contract
	}
	client, _, err := o.place(r, form.Client, form.Project)
	if err != nil {
		return view, err
	}
	view.Client, view.Form.Client = client, client.ID
	view.Back = r.Path("envelopes", "clients", client.ID)
	view.Trail = []web.NavItem{{Title: "Contracts", Href: r.Path("envelopes")}, {Title: client.Name, Href: view.Back}, {Title: "New document"}}
	if view.Projects, err = projectsOffer(r, client.ID, form.Project); err != nil {
		return view, err
	}
	list, err := templatesOf(r.Context(), r.Tx(), r.Viewer())
	for _, t := range list {
		if !t.Archived() {
			view.Templates = append(view.Templates, choice{t.ID.String(), t.Kind.Title() + ": " + t.Name})
		}
	}
	return view, err
}

// projectsOffer are a client's projects to choose from, the chosen one in any case.
func projectsOffer(r *web.Request, client, chosen uuid.UUID) ([]choice, error) {
	list, err := projectChoices(r.Context(), r.Tx(), r.Viewer(), client, nil)
	if err != nil {
		return nil, err
	}
	if chosen != uuid.Nil && !slices.ContainsFunc(list, func(p account) bool { return p.ID == chosen }) {
		p, err := projectByID(r.Context(), r.Tx(), r.Viewer(), chosen)
		if err != nil {
			return nil, err
		}
		list = append(list, p)
	}
	var offers []choice
	for _, p := range list {
		offers = append(offers, choice{p.ID.String(), p.Name})
	}
	return offers, nil
}

// place is the client, and the project of it, that a document is for.
func (office) place(r *web.Request, client, project uuid.UUID) (c, p account, err error) {
	if project != uuid.Nil {
		if p, err = projectByID(r.Context(), r.Tx(), r.Viewer(), project); err != nil {
			return c, p, err
		}
		if client != uuid.Nil && p.ClientID != client {
			return c, p, fault.NotFound()
		}
		client = p.ClientID
	}
	if c, err = clientByID(r.Context(), r.Tx(), r.Viewer(), client); err != nil {
		return c, p, err
	}
	if c.Archived || p.Status == "archived" {
		return c, p, fault.Conflict("This is archived. Restore it before you make a document for it.")
	}
	return c, p, nil
}

// addDraft makes a document that nobody but staff sees.
func (o office) addDraft(r *web.Request) error {
	var form newForm
	wrong := r.Bind(&form)
	if fault.Is(wrong, fault.Unintelligible) || fault.Is(wrong, fault.Oversize) && form.Client == uuid.Nil {
		return wrong
	}
	if form.Client == uuid.Nil && form.Project == uuid.Nil {
		return fault.NotFound()
	}
	client, project, err := o.place(r, form.Client, form.Project)
	if err != nil {
		return err
	}
	var e Envelope
	if wrong == nil {
		e, wrong = o.begin(r, client, project, form)
	}
	if wrong != nil {
		view, err := o.newView(r, form)
		if err != nil {
			return err
		}
		return r.Again("envelopes/new", view, wrong)
	}
	if err := note(r.Context(), r.Tx(), r.Viewer(), e, "envelopes.drafted", "drafted the "+e.Kind.Noun().String()+" “"+e.Title+"”", nil); err != nil {
		return err
	}
	r.Toast("Saved as a draft. Only staff see it.")
	return r.Go(r.Path("envelopes", e.ID, "edit"))
}

// begin makes the draft with what the firm usually starts with.
func (o office) begin(r *web.Request, client, project account, form newForm) (Envelope, error) {
	ctx, tx, v := r.Context(), r.Tx(), r.Viewer()
	s, err := settingOf(ctx, tx, v)
	if err != nil {
		return Envelope{}, err
	}
	e := Envelope{
		ClientID: client.ID, ProjectID: project.ID, Kind: form.Kind, Title: form.Title, Source: form.Source, Currency: client.Currency,
		DeadlineDays: s.DeadlineDays, RemindDays: s.RemindDays, AskCode: s.AskCode, Revision: 1, Status: Draft, CreatedBy: v.PersonID,
		ClientName: client.Name, ProjectName: project.Name, CreatedAt: r.Now(),
	}
	if project.ID != uuid.Nil {
		e.Currency = project.Currency
	}
	var stages []Stage
	if form.Source == "template" {
		t, err := templateByID(ctx, tx, v, form.Template)
		if fault.Is(err, fault.Missing) {
			return e, fault.Field("template", "This template is not there any more.")
		}
		if err != nil {
			return e, err
		}
		e.Kind, e.Body = t.Kind, t.Body
		if e.Title == "" {
			e.Title = titleFrom(t.Title, e)
		}
		stages, _ = parseStages(t.Stages)
	}
	if e.ID, err = insertDraft(ctx, tx, v, e); err != nil {
		return e, err
	}
	if err := putStages(ctx, tx, v, e, stages); err != nil {
		return e, err
	}
	if err := o.usualPeople(r, &e); err != nil {
		return e, err
	}
	switch {
	case form.Source == "pdf":
		if err := o.attachFile(r, &e, form.File); err != nil {
			return e, err
		}
	default:
		if err := o.draw(ctx, tx, r.Here(), &e); err != nil {
			return e, err
		}
	}
	return e, index(ctx, tx, v, e.ID)
}

// usualPeople are those who are asked mostly: the contacts who may sign, and whoever writes a contract for the firm.
func (o office) usualPeople(r *web.Request, e *Envelope) error {
	ctx, tx, v := r.Context(), r.Tx(), r.Viewer()
	signers, err := usualSigners(ctx, tx, v, e.ClientID, e.ProjectID)
	if err != nil {
		return err
	}
	for n, one := range signers {
		e.Recipients = append(e.Recipients, Recipient{Position: n + 1, Role: Signer, ContactID: one.ID, Name: one.Name, Email: one.Email})
	}
	if e.Kind == Contract {
		e.Recipients = append(e.Recipients, Recipient{Position: len(signers) + 1, Role: Countersigner, PersonID: v.PersonID, Name: v.Name, Email: v.Email})
	}
	return putRecipients(ctx, tx, v, e)
}
