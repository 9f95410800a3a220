package help

import (
	"html/template"
	"strconv"

	"portico/platform/activity"
	"portico/platform/fault"
	"portico/platform/markdown"
	"portico/platform/web"
)

// portal are the pages of clients.
type portal struct{}

// entry is an article in a list.
type entry struct {
	Title, Href, Text string
	Body              template.HTML // questions: the answer at once
	Steps             []string      // process pages: the names of the steps
}

type shelf struct {
	Title   string
	Entries []entry
}

type homeView struct {
	*web.Here
	Query     string
	Results   []entry
	Processes []entry
	FAQ       []entry
	Shelves   []shelf
	Questions []Question
	MayAsk    bool
	Empty     bool
}

const resultsOnPage = 30

func (p portal) home(r *web.Request) error {
	r.Title("Help")
	view := homeView{Here: r.Here(), Query: r.Query("q"), MayAsk: r.Viewer().May(ask)}
	if view.Query != "" {
		list, err := searchArticles(r.Context(), r.Tx(), r.Viewer(), view.Query, resultsOnPage)
		if err != nil {
			return err
		}
		for _, a := range list {
			view.Results = append(view.Results, p.entry(r, a))
		}
		if r.IsPart() && r.Header("HX-Target") == "help-shelves" {
			return r.Parts(web.Draw("help/_results", view))
		}
		return r.Show("help/home", view)
	}
	list, err := listArticles(r.Context(), r.Tx(), r.Viewer())
	if err != nil {
		return err
	}
	for _, g := range grouped(list) {
		for _, a := range g.Articles {
			e := p.entry(r, a)
			switch a.Kind {
			case Process:
				view.Processes = append(view.Processes, e)
			case FAQ:
				e.Body = markdown.HTML(a.Body, 2)
				view.FAQ = append(view.FAQ, e)
			}
		}
		if g.Articles[0].Kind == Page {
			s := shelf{Title: g.Title}
			for _, a := range g.Articles {
				s.Entries = append(s.Entries, p.entry(r, a))
			}
			view.Shelves = append(view.Shelves, s)
		}
	}
	view.Empty = len(list) == 0
	view.Questions, _, err = listQuestions(r.Context(), r.Tx(), r.Viewer(), "", 0)
	if err != nil {
		return err
	}
	view.Questions = view.Questions[:min(len(view.Questions), 3)]
	if r.IsPart() && r.Header("HX-Target") == "help-shelves" {
		return r.Parts(web.Draw("help/_results", view))
	}
	return r.Show("help/home", view)
}

func (portal) entry(r *web.Request, a Article) entry {
	e := entry{Title: a.Title, Href: r.Path("help", "articles", a.Slug), Text: excerpt(markdown.Lead(a.Body), 150)}
	if a.Kind == Process {
		_, steps := markdown.Steps(a.Body, 2)
		for _, step := range steps {
			e.Steps = append(e.Steps, step.Title)
		}
	}
	return e
}

type articleView struct {
	*web.Here
	Article Article
	Body    template.HTML
	Steps   []markdown.Step
	Useful  usefulView
	MayAsk  bool
}

// usefulView is the vote below an article.
type usefulView struct {
	*web.Here
	Slug   string
	Vote   string // "" when nothing was said yet
	Text   string
	MayAsk bool
	Sent   bool // a remark went to the team just now
}

func (p portal) article(r *web.Request) error {
	a, err := articleAt(r.Context(), r.Tx(), r.Viewer(), r.Param("slug"))
	if err != nil {
		return err
	}
	view, err := p.articleView(r, a)
	if err != nil {
		return err
	}
	return r.Show("help/article", view)
}

func (portal) articleView(r *web.Request, a Article) (articleView, error) {
	r.Title(a.Title)
	v := r.Viewer()
	view := articleView{Here: r.Here(), Article: a, MayAsk: v.May(ask)}
	view.Body, view.Steps = bodyOf(a)
	said, err := ownVote(r.Context(), r.Tx(), v, a.ID)
	view.Useful = usefulView{Here: r.Here(), Slug: a.Slug, Vote: said, MayAsk: v.May(ask)}
	return view, err
}

// bodyOf draws an article: a process page step by step, all others as one text.
func bodyOf(a Article) (template.HTML, []markdown.Step) {
	if a.Kind == Process {
		return markdown.Steps(a.Body, 2)
	}
	return markdown.HTML(a.Body, 1), nil
}

// say keeps a vote, and passes a remark on to the team.
func (p portal) say(r *web.Request) error {
	a, err := articleAt(r.Context(), r.Tx(), r.Viewer(), r.Param("slug"))
	if err != nil {
		return err
	}
	var form usefulForm
	err = r.Bind(&form)
	if err == nil {
		err = vote(r.Context(), r.Tx(), r.Viewer(), a.ID, form.Useful)
	}
	sent := false
	if err == nil && form.Text != "" {
		if !r.Viewer().May(ask) {
			return fault.NotFound()
		}
		sent, err = p.send(r, newQuestion{a.ID, form.Useful, form.Text}, "remarked on the help article “"+a.Title+"”")
	}
	if err != nil {
		view, drawn := p.articleView(r, a)
		if drawn != nil {
			return drawn
		}
		view.Useful.Text = form.Text
		if form.Useful == "yes" || form.Useful == "no" {
			view.Useful.Vote = form.Useful
		}
		if r.IsPart() {
			return r.Again("help/_useful", view.Useful, err)
		}
		return r.Again("help/article", view, err)
	}
	useful := usefulView{Here: r.Here(), Slug: a.Slug, Vote: form.Useful, MayAsk: r.Viewer().May(ask), Sent: sent}
	if !r.IsPart() {
		r.Toast("Thank you for telling us.")
	}
	return r.Done(r.Path("help", "articles", a.Slug), web.Draw("help/_useful", useful))
}

// send keeps a question and notes that there is one.
func (portal) send(r *web.Request, n newQuestion, text string) (sent bool, err error) {
	v := r.Viewer()
	question, fresh, err := addQuestion(r.Context(), r.Tx(), v, n)
	if err != nil || !fresh {
		return err == nil, err
	}
	return true, activity.Record(r.Context(), r.Tx(), v, activity.Entry{
		Verb: "help.asked", Text: text, ClientID: v.ClientID, SubjectID: question,
	})
}

type processCard struct {
	*web.Here
	Title, Href, Text string
	Steps             []string
	More              int
}

// processCard shows what happens next on the dashboard, if somebody has written it.
func (p portal) processCard(r *web.Request) (web.Part, bool, error) {
	a, err := firstProcess(r.Context(), r.Tx(), r.Viewer())
	if fault.Is(err, fault.Missing) {
		return web.Part{}, false, nil
	}
	if err != nil {
		return web.Part{}, false, err
	}
	e := p.entry(r, a)
	card := processCard{Here: r.Here(), Title: e.Title, Href: e.Href, Text: e.Text, Steps: e.Steps}
	if len(card.Steps) > 4 {
		card.More, card.Steps = len(card.Steps)-4, card.Steps[:4]
	}
	return web.Draw("help/_process_card", card), true, nil
}

// pageOf is the page that the address names, from 0.
func pageOf(r *web.Request) int {
	n, err := strconv.Atoi(r.Query("page"))
	if err != nil || n < 1 || n > 10_000 {
		return 0
	}
	return n - 1
}

// pagesOf says what a list shows and where it goes on.
func pagesOf(r *web.Request, page, n int, more bool) (prev, next, text string) {
	if page > 0 {
		prev = r.Here().With("page", page)
	}
	if more {
		next = r.Here().With("page", page+2)
	}
	if n > 0 {
		text = strconv.Itoa(page*questionsOnPage+1) + "–" + strconv.Itoa(page*questionsOnPage+n)
	}
	return prev, next, text
}
