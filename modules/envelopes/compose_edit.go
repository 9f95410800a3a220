package envelopes

import (
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/google/uuid"

	"portico/platform/fault"
	"portico/platform/files"
	"portico/platform/money"
	"portico/platform/web"
)

// draftForm is a document's content as staff write it.
type draftForm struct {
	Kind    Kind      `form:"kind"`
	Title   string    `form:"title"`
	Project uuid.UUID `form:"project"`
	Body    string    `form:"body"`
	Amount  string    `form:"amount"`
	AtOnce  bool      `form:"at_once"`
	File    *web.File `form:"file"`
	Version int       `form:"version"`
	Do      string    `form:"do"`

	Lines  []lineForm
	Stages []stageForm
}

// Check is what can be said of it without looking anything up.
func (f *draftForm) Check() fault.Fields {
	wrong := fault.Fields{}
	if !slices.Contains(Kinds, f.Kind) {
		wrong["kind"] = "Choose what kind of document it is."
	}
	switch f.Title = oneLine(f.Title); {
	case f.Title == "":
		wrong["title"] = "Enter a title."
	case utf8.RuneCountInString(f.Title) > longestTitle:
		wrong["title"] = "Use at most 160 characters."
	}
	return wrong
}

// content is what was read from the form.
type content struct {
	total  int64
	lines  []Line
	stages []Stage
}

// read gives the amounts of a form, and what is wrong with them.
func (f draftForm) read(e Envelope, locale string) (c content, wrong fault.Fields) {
	var problems fault.Fields
	if c.stages, wrong = stagesFrom(f.Stages, e.Currency, locale); f.Kind != Contract {
		c.stages, wrong = nil, fault.Fields{}
	}
	if e.Source == "template" {
		if c.lines, problems = linesFrom(f.Lines, e.Currency, locale); len(problems) > 0 {
			for name, text := range problems {
				wrong[name] = text
			}
		}
		switch {
		case len(f.Body) > longestBody:
			wrong["body"] = "This is too long. Use at most 60,000 characters."
		case f.Body == "":
			wrong["body"] = "Write the text."
		default:
			if name := unknownPlace(f.Body); name != "" {
				wrong["body"] = "There is nothing to put in the place of {{" + name + "}}."
			}
		}
	}
	switch {
	case len(c.lines) > 0:
		net, _ := sumOf(c.lines, e.Currency)
		c.total = net.Minor
	case f.Amount != "" && f.Kind.Priced():
		amount, err := money.Parse(f.Amount, e.Currency, locale)
		if err != nil {
			wrong["amount"] = money.Advice(err, e.Currency)
		}
		c.total = amount.Minor
	}
	if c.total < 0 && f.Kind != ChangeOrder {
		wrong["amount"] = "Only a change order can lower what is paid."
	}
	if c.total > money.Most || c.total < -money.Most {
		wrong["amount"] = "This is more than a document can hold."
	}
	return c, wrong
}

type editView struct {
	*web.Here
	Trail    []web.NavItem
	Steps    []web.NavItem
	Envelope Envelope
	Form     draftForm
	Lines    []editLine
	Stages   []editStage
	Kinds    []choice
	Projects []choice
	Places   []placeholder
	Net, Tax money.Amount
	Planned  money.Amount
	Total    money.Amount
	Symbol   string
	FileName string
	PDF      string
}

type editLine struct {
	N    int // from 1, for people
	At   string
	Form lineForm
	Net  string
}

type editStage struct {
	N    int
	At   string
	Form stageForm
	Sum  string
}

// Template reports whether the document is written here.
func (v editView) Template() bool { return v.Envelope.Source == "template" }

// Gap reports whether the payment schedule does not come to the whole.
func (v editView) Gap() bool { return v.Planned.Minor != 0 && v.Planned != v.Total }

// steps are the pages of a draft.
func steps(r *web.Request, e Envelope, current string) []web.NavItem {
	items := []web.NavItem{
		{Title: "Document", Href: r.Path("envelopes", e.ID, "edit"), Current: current == "edit"},
		{Title: "People", Href: r.Path("envelopes", e.ID, "people"), Current: current == "people"},
	}
	if e.FileID != uuid.Nil {
		items = append(items, web.NavItem{Title: "Fields", Href: r.Path("envelopes", e.ID, "fields"), Current: current == "fields"})
	}
	return append(items, web.NavItem{Title: "Check and send", Href: r.Path("envelopes", e.ID), Current: current == "send"})
}

func trailOf(r *web.Request, e Envelope) []web.NavItem {
	return []web.NavItem{{Title: "Contracts", Href: r.Path("envelopes")}, {Title: e.ClientName, Href: r.Path("envelopes", "clients", e.ClientID)}, {Title: e.Title}}
}

const (
	blankLines  = 2
	blankStages = 3
)

func (o office) editing(r *web.Request, e Envelope, form draftForm) (editView, error) {
	r.Title(e.Title)
	view := editView{
		Here: r.Here(), Trail: trailOf(r, e), Steps: steps(r, e, "edit"), Envelope: e, Kinds: kindChoices(), Places: placeholders,
		Symbol: money.Symbol(e.Currency, r.Here().Locale()),
	}
	if len(form.Lines) == 0 {
		form.Lines = make([]lineForm, blankLines)
	}
	if len(form.Stages) == 0 {
		form.Stages = make([]stageForm, blankStages)
	}
	view.Form = form
	locale := r.Here().Locale()
	c, _ := form.read(e, locale)
	view.Total = money.Of(c.total, e.Currency)
	view.Net, view.Tax = sumOf(c.lines, e.Currency)
	each, all := planned(c.stages, view.Total)
	view.Planned = all
	n := 0
	for at, f := range form.Lines {
		line := editLine{N: at + 1, At: strconv.Itoa(at), Form: f}
		if !f.blank() && n < len(c.lines) {
			line.Net = c.lines[n].net(e.Currency).Format(locale)
			n++
		}
		view.Lines = append(view.Lines, line)
	}
	n = 0
	for at, f := range form.Stages {
		stage := editStage{N: at + 1, At: strconv.Itoa(at), Form: f}
		if !f.blank() && n < len(each) {
			stage.Sum = each[n].Format(locale)
			n++
		}
		view.Stages = append(view.Stages, stage)
	}
	if e.FileID != uuid.Nil {
		view.PDF = files.URL(e.FileID, "shown")
	}
	var err error
	if view.Projects, err = projectsOffer(r, e.ClientID, e.ProjectID); err != nil {
		return view, err
	}
	if e.FileID != uuid.Nil && e.Source == "pdf" {
		view.FileName, err = fileName(r.Context(), r.Tx(), r.Viewer(), e.FileID)
	}
	return view, err
}

func (o office) editDraft(r *web.Request) error {
	e, err := o.load(r)
	if err != nil {
		return err
	}
	if e.Status != Draft {
		return r.Go(r.Path("envelopes", e.ID))
	}
	form, err := formOf(r, e)
	if err != nil {
		return err
	}
	view, err := o.editing(r, e, form)
	if err != nil {
		return err
	}
	return r.Show("envelopes/edit", view)
}

// formOf is the form as it is kept.
func formOf(r *web.Request, e Envelope) (draftForm, error) {
	form := draftForm{Kind: e.Kind, Title: e.Title, Project: e.ProjectID, Body: e.Body, AtOnce: e.AtOnce, Version: e.Version}
	lines, err := linesOf(r.Context(), r.Tx(), r.Viewer(), e.ID)
	if err != nil {
		return form, err
	}
	for _, l := range lines {
		f := lineForm{Text: l.Text, Quantity: money.Quantity(l.Quantity).String(), Price: money.Of(l.Price, e.Currency).Plain()}
		if l.TaxRate != 0 {
			f.Tax = money.Rate(l.TaxRate).String()
		}
		form.Lines = append(form.Lines, f)
	}
	if len(lines) == 0 && e.Total != 0 {
		form.Amount = e.Amount().Plain()
	}
	stages, err := stagesOf(r.Context(), r.Tx(), r.Viewer(), e.ID)
	for _, s := range stages {
		f := stageForm{Title: s.Title, DueOn: s.DueOn}
		if s.Share != 0 {
			f.Share = money.Rate(s.Share).String()
		} else {
			f.Amount = money.Of(s.Amount, e.Currency).Plain()
		}
		form.Stages = append(form.Stages, f)
	}
	return form, err
}

// arrange adds or removes a line, as a button asks; false: no button did.
func (f *draftForm) arrange() bool {
	switch f.Do {
	case "":
		return false
	case "add-line":
		f.Lines = append(f.Lines, lineForm{})
	case "add-stage":
		f.Stages = append(f.Stages, stageForm{})
	}
	f.Lines = without(f.Lines, f.Do, "remove-line-")
	f.Stages = without(f.Stages, f.Do, "remove-stage-")
	return true
}
