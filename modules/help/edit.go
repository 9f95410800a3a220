package help

import (
	"html/template"

	"github.com/google/uuid"

	"portico/platform/activity"
	"portico/platform/fault"
	"portico/platform/markdown"
	"portico/platform/web"
)

type choice struct{ Value, Title string }

func kinds() []choice {
	return []choice{{string(Page), Page.Title()}, {string(FAQ), FAQ.Title()}, {string(Process), Process.Title()}}
}

func audiences() []choice {
	return []choice{
		{string(ForAll), ForAll.Title()}, {string(ForHousehold), ForHousehold.Title()}, {string(ForCompany), ForCompany.Title()},
	}
}

type editView struct {
	*web.Here
	Trail     []web.NavItem
	Article   Article // as it is kept; zero: a new one
	IsNew     bool
	Form      articleForm
	Kinds     []choice
	Audiences []choice
	Action    string
	Votes     votes
	Preview   *previewView // nil: not asked for
}

type previewView struct {
	Title string
	Body  template.HTML
	Steps []markdown.Step
}

func previewOf(f articleForm) *previewView {
	body, steps := bodyOf(Article{Kind: f.Kind, Body: f.Body[:min(len(f.Body), longestBody)]})
	return &previewView{f.Title, body, steps}
}

func editing(r *web.Request, a Article, form articleForm) editView {
	view := editView{
		Here: r.Here(), Article: a, IsNew: a.ID == uuid.Nil, Form: form, Kinds: kinds(), Audiences: audiences(),
		Trail: []web.NavItem{{Title: "Help", Href: r.Path("help")}}, Action: r.Path("help", "articles"),
	}
	title := "New article"
	if !view.IsNew {
		title, view.Action = a.Title, r.Path("help", "articles", a.ID)
	}
	view.Trail = append(view.Trail, web.NavItem{Title: title})
	r.Title(title)
	return view
}

func (office) newArticle(r *web.Request) error {
	form := articleForm{Kind: Kind(r.Query("kind")), Section: r.Query("section"), Audience: ForAll, Publish: true}
	if form.Kind.Title() == "" {
		form.Kind = Page
	}
	return r.Show("help/edit", editing(r, Article{}, form))
}

func (office) addArticle(r *web.Request) error {
	var form articleForm
	err := r.Bind(&form)
	var a Article
	if err == nil {
		a, err = addArticle(r.Context(), r.Tx(), r.Viewer(), form)
	}
	if err != nil {
		return r.Again("help/edit", editing(r, Article{}, form), err)
	}
	text := "wrote the help article “" + a.Title + "” as a draft"
	if form.Publish {
		text = "published the help article “" + a.Title + "”"
	}
	if err := record(r, a, "help.written", text, nil); err != nil {
		return err
	}
	r.Toast("Saved.")
	return r.Go(r.Path("help"))
}

func record(r *web.Request, a Article, verb, text string, data map[string]any) error {
	return activity.Record(r.Context(), r.Tx(), r.Viewer(), activity.Entry{Verb: verb, Text: text, SubjectID: a.ID, Data: data})
}

func load(r *web.Request) (Article, error) {
	return web.Find(r, "article", articleByID)
}

func (office) article(r *web.Request) error {
	a, err := load(r)
	if err != nil {
		return err
	}
	form := articleForm{Kind: a.Kind, Title: a.Title, Section: a.Section, Body: a.Body, Audience: a.Audience, Version: a.Version}
	view := editing(r, a, form)
	counts, err := countVotes(r.Context(), r.Tx(), r.Viewer())
	view.Votes = counts[a.ID]
	if err != nil {
		return err
	}
	return r.Show("help/edit", view)
}

func (office) saveArticle(r *web.Request) error {
	a, err := load(r)
	if err != nil {
		return err
	}
	var form articleForm
	wrong := r.Bind(&form)
	if wrong == nil {
		wrong = saveArticle(r.Context(), r.Tx(), r.Viewer(), a.ID, form)
	}
	if wrong != nil {
		if fault.Is(wrong, fault.Clash) {
			form.Version = a.Version
		}
		return r.Again("help/edit", editing(r, a, form), wrong)
	}
	changes := activity.Changes(
		map[string]any{"title": a.Title, "section": a.Section, "for": a.Audience.Title(), "kind": a.Kind.Title()},
		map[string]any{"title": form.Title, "section": form.Section, "for": form.Audience.Title(), "kind": form.Kind.Title()})
	if err := record(r, a, "help.changed", "changed the help article “"+form.Title+"”", changes); err != nil {
		return err
	}
	r.Toast("Saved.")
	return r.Go(r.Path("help"))
}

// preview draws what was typed, without keeping it: beside the form with scripts, on the same page without.
func (office) preview(r *web.Request) error {
	var form articleForm
	wrong := r.Bind(&form)
	if fault.Is(wrong, fault.Unintelligible) {
		return wrong
	}
	if r.IsPart() {
		return r.Parts(web.Draw("help/_preview", previewOf(form)))
	}
	var a Article
	if id, err := uuid.Parse(r.Value("article")); err == nil {
		if a, err = articleByID(r.Context(), r.Tx(), r.Viewer(), id); err != nil {
			return err
		}
	}
	view := editing(r, a, form)
	view.Preview = previewOf(form)
	return r.Show("help/edit", view)
}
