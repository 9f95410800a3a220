package help

import (
	"portico/platform/activity"
	"portico/platform/web"
)

type askView struct {
	*web.Here
	Text    string
	Slug    string // of the article that it is about
	Article string
	Email   string
}

func (p portal) newQuestion(r *web.Request) error {
	return r.Show("help/ask", p.askView(r, questionForm{Article: r.Query("about")}))
}

func (portal) askView(r *web.Request, form questionForm) askView {
	r.Title("Ask the team")
	view := askView{Here: r.Here(), Text: form.Text, Email: r.Viewer().Email}
	if a, err := articleAt(r.Context(), r.Tx(), r.Viewer(), form.Article); err == nil && form.Article != "" {
		view.Slug, view.Article = a.Slug, a.Title
	}
	return view
}

func (p portal) ask(r *web.Request) error {
	var form questionForm
	wrong := r.Bind(&form)
	view := p.askView(r, form)
	if wrong != nil {
		return r.Again("help/ask", view, wrong)
	}
	n := newQuestion{Text: form.Text}
	if view.Slug != "" {
		a, err := articleAt(r.Context(), r.Tx(), r.Viewer(), view.Slug)
		if err != nil {
			return err
		}
		n.Article = a.ID
	}
	v := r.Viewer()
	question, fresh, err := addQuestion(r.Context(), r.Tx(), v, n)
	if err != nil {
		return r.Again("help/ask", view, err)
	}
	if fresh {
		err = activity.Record(r.Context(), r.Tx(), v, activity.Entry{
			Verb: "help.asked", Text: "asked the team a question", ClientID: v.ClientID, SubjectID: question,
		})
		if err != nil {
			return err
		}
	}
	r.Toast("Your question is on its way.")
	return r.Go(r.Path("help", "questions", question))
}

type questionsView struct {
	*web.Here
	Questions  []Question
	Prev, Next string
	Text       string
	MayAsk     bool
}

func (portal) questions(r *web.Request) error {
	r.Title("Your questions")
	page := pageOf(r)
	list, more, err := listQuestions(r.Context(), r.Tx(), r.Viewer(), "", page)
	if err != nil {
		return err
	}
	view := questionsView{Here: r.Here(), Questions: list, MayAsk: r.Viewer().May(ask)}
	view.Prev, view.Next, view.Text = pagesOf(r, page, len(list), more)
	return r.Show("help/questions", view)
}

type questionView struct {
	*web.Here
	Question Question
	MayAsk   bool
}

func (portal) question(r *web.Request) error {
	id, err := r.ID("question")
	if err != nil {
		return err
	}
	q, err := questionByID(r.Context(), r.Tx(), r.Viewer(), id)
	if err != nil {
		return err
	}
	r.Title("Your question")
	return r.Show("help/question", questionView{r.Here(), q, r.Viewer().May(ask)})
}
