package help

import (
	"html/template"

	"github.com/google/uuid"

	"portico/platform/activity"
	"portico/platform/fault"
	"portico/platform/markdown"
	"portico/platform/web"
)

// office are the pages of staff: what is written.
type office struct{}

// row is an article in the office's list.
type row struct {
	Article
	Votes       votes
	Href        string
	First, Last bool // of its group
}

type rowGroup struct {
	Title string
	Rows  []row
}

type articlesView struct {
	*web.Here
	Tabs    []web.NavItem
	Query   string
	Groups  []rowGroup
	Undo    uuid.UUID // an article that was deleted just now
	Deleted string
	Sorts   bool // the order can be changed: not among search results
}

func (o office) articles(r *web.Request) error {
	view, err := o.articlesView(r)
	if err != nil {
		return err
	}
	return r.Show("help/articles", view)
}

func (o office) articlesView(r *web.Request) (articlesView, error) {
	r.Title("Help")
	view := articlesView{Here: r.Here(), Query: r.Query("q")}
	var err error
	if view.Tabs, err = o.tabs(r, "articles"); err != nil {
		return view, err
	}
	view.Sorts = view.Query == ""
	list, err := listArticles(r.Context(), r.Tx(), r.Viewer())
	if view.Query != "" {
		list, err = searchArticles(r.Context(), r.Tx(), r.Viewer(), view.Query, resultsOnPage)
	}
	if err != nil {
		return view, err
	}
	counts, err := countVotes(r.Context(), r.Tx(), r.Viewer())
	if err != nil {
		return view, err
	}
	for _, g := range grouped(list) {
		rows := rowGroup{Title: g.Title}
		for i, a := range g.Articles {
			rows.Rows = append(rows.Rows, row{a, counts[a.ID], r.Path("help", "articles", a.ID), i == 0, i == len(g.Articles)-1})
		}
		view.Groups = append(view.Groups, rows)
	}
	if id, err := uuid.Parse(r.Query("deleted")); err == nil {
		title, err := deletedTitle(r.Context(), r.Tx(), r.Viewer(), id)
		if err == nil {
			view.Undo, view.Deleted = id, title
		} else if !fault.Is(err, fault.Missing) {
			return view, err
		}
	}
	return view, nil
}

// tabs are the two halves of the section: what was written, and what was asked.
func (office) tabs(r *web.Request, current string) ([]web.NavItem, error) {
	waiting, err := countNew(r.Context(), r.Tx(), r.Viewer())
	return []web.NavItem{
		{Title: "Articles", Href: r.Path("help"), Current: current == "articles"},
		{Title: "Questions", Href: r.Path("help", "questions"), Current: current == "questions", Badge: waiting},
	}, err
}

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
	id, err := r.ID("article")
	if err != nil {
		return Article{}, err
	}
	return articleByID(r.Context(), r.Tx(), r.Viewer(), id)
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

func (office) deleteArticle(r *web.Request) error {
	a, err := load(r)
	if err != nil {
		return err
	}
	if _, err := setDeleted(r.Context(), r.Tx(), r.Viewer(), a.ID, true); err != nil {
		return err
	}
	if err := record(r, a, "help.deleted", "deleted the help article “"+a.Title+"”", nil); err != nil {
		return err
	}
	return r.Go(r.Path("help") + "?deleted=" + a.ID.String())
}

func (office) restoreArticle(r *web.Request) error {
	id, err := r.ID("article")
	if err != nil {
		return err
	}
	a, err := setDeleted(r.Context(), r.Tx(), r.Viewer(), id, false)
	if err != nil {
		return err
	}
	if err := record(r, a, "help.restored", "took back the help article “"+a.Title+"” as a draft", nil); err != nil {
		return err
	}
	r.Toast("It is back, as a draft.")
	return r.Go(r.Path("help"))
}

func (o office) publish(r *web.Request) error  { return o.setPublished(r, true) }
func (o office) withdraw(r *web.Request) error { return o.setPublished(r, false) }

func (o office) setPublished(r *web.Request, on bool) error {
	a, err := load(r)
	if err != nil {
		return err
	}
	changed, err := setPublished(r.Context(), r.Tx(), r.Viewer(), a.ID, on)
	if err != nil {
		return err
	}
	verb, text := "help.withdrawn", "took the help article “"+a.Title+"” off the portal"
	if on {
		verb, text = "help.published", "published the help article “"+a.Title+"”"
	}
	if changed {
		if err := record(r, a, verb, text, nil); err != nil {
			return err
		}
	}
	return o.listAgain(r)
}

func (o office) move(r *web.Request) error {
	a, err := load(r)
	if err != nil {
		return err
	}
	to := r.Value("to")
	if to != "up" && to != "down" {
		return fault.BadRequest("Say up or down.")
	}
	if err := moveArticle(r.Context(), r.Tx(), r.Viewer(), a.ID, to == "up"); err != nil {
		return err
	}
	return o.listAgain(r)
}

func (o office) listAgain(r *web.Request) error {
	if !r.IsPart() {
		return r.Go(r.Path("help"))
	}
	view, err := o.articlesView(r)
	if err != nil {
		return err
	}
	return r.Parts(web.Draw("help/_articles", view))
}

type questionsCard struct {
	*web.Here
	Questions []Question
	Count     int
}

// questionsCard shows what clients have asked and nobody has answered.
func (office) questionsCard(r *web.Request) (web.Part, bool, error) {
	list, _, err := listQuestions(r.Context(), r.Tx(), r.Viewer(), New, 0)
	if err != nil || len(list) == 0 {
		return web.Part{}, false, err
	}
	n, err := countNew(r.Context(), r.Tx(), r.Viewer())
	return web.Draw("help/_questions_card", questionsCard{r.Here(), list[:min(len(list), 4)], n}), true, err
}
