package messages

import (
	"unicode/utf8"

	"github.com/google/uuid"

	"portico/platform/activity"
	"portico/platform/fault"
	"portico/platform/id"
	"portico/platform/web"
)

// Canned is an answer that staff give often.
type Canned struct {
	ID          uuid.UUID
	Title, Body string
}

// cannedForm is one as it is typed.
type cannedForm struct {
	Title string `form:"title"`
	Body  string `form:"body"`
}

// Check says what is wrong with it.
func (f *cannedForm) Check() fault.Fields {
	f.Title = oneLine(f.Title)
	wrong := fault.Fields{}
	switch n := utf8.RuneCountInString(f.Title); {
	case n == 0:
		wrong["title"] = "Give it a name, to find it by."
	case n > 100:
		wrong["title"] = "Use at most 100 characters."
	}
	switch n := utf8.RuneCountInString(f.Body); {
	case n == 0:
		wrong["body"] = "Write the answer first."
	case n > longestBody:
		wrong["body"] = "Use at most 20,000 characters."
	}
	return wrong
}

type answersView struct {
	*web.Here
	Trail   []web.NavItem
	Answers []Canned
	Form    cannedForm
	Action  string // where the form goes
	Changes bool   // it changes one that is there
}

func (v *answersView) edits(r *web.Request, answer uuid.UUID, form cannedForm) {
	v.Form, v.Action = form, r.Path(section, "answers")
	if v.Changes = answer != uuid.Nil; v.Changes {
		v.Action = r.Path(section, "answers", answer)
	}
}

func (d desk) answersView(r *web.Request, form cannedForm, editing uuid.UUID) (answersView, error) {
	r.Title("Ready answers")
	all, err := cannedAnswers(r.Context(), r.Tx(), r.Viewer())
	view := answersView{Here: r.Here(), Answers: all, Trail: []web.NavItem{{Title: "Messages", Href: r.Path(section)}, {Title: "Ready answers"}}}
	view.edits(r, editing, form)
	return view, err
}

func (d desk) answers(r *web.Request) error {
	view, err := d.answersView(r, cannedForm{}, uuid.Nil)
	if err != nil {
		return err
	}
	if editing, err := uuid.Parse(r.Query("edit")); err == nil {
		for _, a := range view.Answers {
			if a.ID == editing {
				view.edits(r, a.ID, cannedForm{a.Title, a.Body})
			}
		}
	}
	return r.Show("messages/answers", view)
}

func (d desk) addAnswer(r *web.Request) error { return d.keepAnswer(r, uuid.Nil) }

func (d desk) saveAnswer(r *web.Request) error {
	id, err := r.ID("answer")
	if err != nil {
		return err
	}
	return d.keepAnswer(r, id)
}

func (d desk) keepAnswer(r *web.Request, answer uuid.UUID) error {
	if answer != uuid.Nil {
		if _, err := cannedByID(r.Context(), r.Tx(), r.Viewer(), answer); err != nil {
			return err
		}
	}
	var form cannedForm
	wrong := r.Bind(&form)
	verb, text := "messages.answer_changed", "changed the ready answer"
	if wrong == nil {
		a := Canned{answer, form.Title, form.Body}
		if a.ID == uuid.Nil {
			a.ID, verb, text = id.New(), "messages.answer_added", "added the ready answer"
		}
		var taken bool
		var err error
		if taken, err = titleTaken(r.Context(), r.Tx(), r.Viewer(), a); err != nil {
			return err
		}
		if taken {
			wrong = fault.Field("title", "There is an answer with this name already.")
		} else if err := putAnswer(r.Context(), r.Tx(), r.Viewer(), a); err != nil {
			return err
		}
	}
	if wrong != nil {
		view, err := d.answersView(r, form, answer)
		if err != nil {
			return err
		}
		return r.Again("messages/answers", view, wrong)
	}
	r.Toast("Saved.")
	if err := activity.Record(r.Context(), r.Tx(), r.Viewer(), activity.Entry{Verb: verb, Text: text + " “" + form.Title + "”"}); err != nil {
		return err
	}
	return r.Go(r.Path(section, "answers"))
}

func (d desk) dropAnswer(r *web.Request) error {
	id, err := r.ID("answer")
	if err != nil {
		return err
	}
	a, err := cannedByID(r.Context(), r.Tx(), r.Viewer(), id)
	if err != nil {
		return err
	}
	if err := deleteAnswer(r.Context(), r.Tx(), r.Viewer(), id); err != nil {
		return err
	}
	r.Toast("Deleted.")
	err = activity.Record(r.Context(), r.Tx(), r.Viewer(), activity.Entry{Verb: "messages.answer_deleted", Text: "deleted the ready answer “" + a.Title + "”"})
	if err != nil {
		return err
	}
	return r.Go(r.Path(section, "answers"))
}
