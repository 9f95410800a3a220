package help

import (
	"portico/platform/activity"
	"portico/platform/fault"
	"portico/platform/web"
)

type inboxView struct {
	*web.Here
	Tabs       []web.NavItem
	Filters    []web.NavItem
	State      State
	Questions  []Question
	Prev, Next string
	Text       string
}

// questions is the inbox: what waits comes first, all else is a filter away.
func (o office) questions(r *web.Request) error {
	r.Title("Questions")
	view := inboxView{Here: r.Here(), State: New}
	switch state := r.Query("state"); state {
	case string(Answered), string(Closed):
		view.State = State(state)
	case "all":
		view.State = ""
	}
	for _, f := range []struct{ state, title string }{{"new", "New"}, {"answered", "Answered"}, {"closed", "Closed"}, {"all", "All"}} {
		current := string(view.State) == f.state || view.State == "" && f.state == "all"
		view.Filters = append(view.Filters, web.NavItem{Title: f.title, Href: r.Path("help", "questions") + "?state=" + f.state, Current: current})
	}
	var err error
	if view.Tabs, err = o.tabs(r, "questions"); err != nil {
		return err
	}
	page := pageOf(r)
	list, more, err := listQuestions(r.Context(), r.Tx(), r.Viewer(), view.State, page)
	if err != nil {
		return err
	}
	view.Questions = list
	view.Prev, view.Next, view.Text = pagesOf(r, page, len(list), more)
	return r.Show("help/inbox", view)
}

type answerView struct {
	*web.Here
	Trail    []web.NavItem
	Question Question
	Form     answerForm
}

func loadQuestion(r *web.Request) (Question, error) {
	return web.Find(r, "question", questionByID)
}

func answering(r *web.Request, q Question, form answerForm) answerView {
	r.Title("Question of " + q.ContactName)
	return answerView{
		Here: r.Here(), Question: q, Form: form,
		Trail: []web.NavItem{
			{Title: "Help", Href: r.Path("help")}, {Title: "Questions", Href: r.Path("help", "questions")}, {Title: q.ContactName},
		},
	}
}

func (office) question(r *web.Request) error {
	q, err := loadQuestion(r)
	if err != nil {
		return err
	}
	return r.Show("help/answer", answering(r, q, answerForm{Answer: q.Answer, Version: q.Version}))
}

// answer keeps the answer and promises to mail it. A corrected answer is shown in the portal and not mailed again.
func (office) answer(r *web.Request) error {
	q, err := loadQuestion(r)
	if err != nil {
		return err
	}
	var form answerForm
	wrong := r.Bind(&form)
	if wrong == nil {
		wrong = answerQuestion(r.Context(), r.Tx(), r.Viewer(), q.ID, form)
	}
	if wrong != nil {
		if fault.Is(wrong, fault.Clash) {
			form.Version = q.Version
		}
		return r.Again("help/answer", answering(r, q, form), wrong)
	}
	if q.Answer == "" {
		if _, err := answerMail.Enqueue(r.Context(), r.Tx(), r.Firm().ID, answered{q.ID}); err != nil {
			return err
		}
		r.Toast("Answered. " + q.ContactName + " gets it by mail.")
	} else {
		r.Toast("Saved. No second mail is sent.")
	}
	err = activity.Record(r.Context(), r.Tx(), r.Viewer(), activity.Entry{
		Verb: "help.answered", Text: "answered a question of " + q.ContactName, ClientID: q.ClientID, SubjectID: q.ID,
	})
	if err != nil {
		return err
	}
	return r.Go(r.Path("help", "questions"))
}

func (o office) closeQuestion(r *web.Request) error { return o.setClosed(r, true) }
func (o office) reopen(r *web.Request) error        { return o.setClosed(r, false) }

func (office) setClosed(r *web.Request, closed bool) error {
	q, err := loadQuestion(r)
	if err != nil {
		return err
	}
	if err := setClosed(r.Context(), r.Tx(), r.Viewer(), q.ID, closed); err != nil {
		return err
	}
	verb, text, path := "help.reopened", "opened a question of "+q.ContactName+" again", r.Path("help", "questions", q.ID)
	if closed {
		verb, text, path = "help.closed", "closed a question of "+q.ContactName, r.Path("help", "questions")
		r.Toast("Closed.")
	}
	err = activity.Record(r.Context(), r.Tx(), r.Viewer(), activity.Entry{Verb: verb, Text: text, ClientID: q.ClientID, SubjectID: q.ID})
	if err != nil {
		return err
	}
	return r.Go(path)
}
