package help

import (
	"github.com/google/uuid"

	"portico/platform/fault"
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
