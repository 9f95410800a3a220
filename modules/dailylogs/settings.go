package dailylogs

import (
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"

	"portico/platform/activity"
	"portico/platform/fault"
	"portico/platform/web"
)

type settingForm struct {
	Shares   bool   `form:"shares"`
	Notifies bool   `form:"notifies"`
	Weather  bool   `form:"weather"`
	Unit     string `form:"unit"`
}

type settingsView struct {
	*web.Here
	Trail     []web.NavItem
	Form      settingForm
	Provider  bool // the installation has one
	Units     []choice
	Questions []Question
	Away      []Question
	Tags      []Tag
	Tag       tagForm
}

func (o office) settingsView(r *web.Request) (settingsView, error) {
	r.Title("Daily logs: settings")
	ctx, tx, v := r.Context(), r.Tx(), r.Viewer()
	view := settingsView{
		Here: r.Here(), Provider: o.Weather != "", Units: []choice{{"F", "Fahrenheit"}, {"C", "Celsius"}},
		Trail: []web.NavItem{{Title: "Daily logs", Href: r.Path("dailylogs")}, {Title: "Settings"}},
	}
	s, err := settingOf(ctx, tx, v)
	if err != nil {
		return view, err
	}
	view.Form = settingForm{s.Shares, s.Notifies, s.Weather, s.unit(r.Firm())}
	questions, err := listQuestions(ctx, tx, v, true)
	if err != nil {
		return view, err
	}
	for _, q := range questions {
		if q.Archived {
			view.Away = append(view.Away, q)
		} else {
			view.Questions = append(view.Questions, q)
		}
	}
	view.Tags, err = listTags(ctx, tx, v)
	return view, err
}

func (o office) settings(r *web.Request) error {
	view, err := o.settingsView(r)
	if err != nil {
		return err
	}
	return r.Show("dailylogs/settings", view)
}

func (o office) saveSettings(r *web.Request) error {
	view, err := o.settingsView(r)
	if err != nil {
		return err
	}
	before := view.Form
	err = r.Bind(&view.Form)
	if view.Form.Unit != "F" && view.Form.Unit != "C" {
		view.Form.Unit = before.Unit
	}
	if err != nil {
		return r.Again("dailylogs/settings", view, err)
	}
	is := view.Form
	if is.Notifies { // to tell is to share
		is.Shares = true
	}
	if !view.Provider {
		is.Weather = before.Weather
	}
	if err := saveSetting(r.Context(), r.Tx(), r.Viewer(), setting(is)); err != nil {
		return err
	}
	if changes := activity.Changes(before.fields(), is.fields()); changes != nil {
		if err := o.note(r, "dailylogs.set", "changed the settings of daily logs", changes); err != nil {
			return err
		}
	}
	r.Toast("Saved.")
	return r.Go(r.Path("dailylogs", "settings"))
}

func (f settingForm) fields() map[string]any {
	return map[string]any{"shares": f.Shares, "notifies": f.Notifies, "weather": f.Weather, "unit": f.Unit}
}

func (o office) note(r *web.Request, verb, text string, data map[string]any) error {
	return activity.Record(r.Context(), r.Tx(), r.Viewer(), activity.Entry{Verb: verb, Text: text, Data: data})
}

// tagForm is a new tag.
type tagForm struct {
	Name     string `form:"name"`
	Internal bool   `form:"internal"`
}

// Check says what is wrong with it.
func (f *tagForm) Check() fault.Fields {
	f.Name = strings.Join(strings.Fields(f.Name), " ")
	switch {
	case f.Name == "":
		return fault.Fields{"name": "Write the tag."}
	case utf8.RuneCountInString(f.Name) > 40:
		return fault.Fields{"name": "Use at most 40 characters."}
	}
	return nil
}

func (o office) addTag(r *web.Request) error {
	var form tagForm
	err := r.Bind(&form)
	if err == nil {
		_, err = addTag(r.Context(), r.Tx(), r.Viewer(), form.Name, form.Internal)
	}
	if err != nil {
		view, drawn := o.settingsView(r)
		if drawn != nil {
			return drawn
		}
		view.Tag = form
		return r.Again("dailylogs/settings", view, err)
	}
	if err := o.note(r, "dailylogs.tag_added", "added the tag “"+form.Name+"” to daily logs", nil); err != nil {
		return err
	}
	return r.Go(r.Path("dailylogs", "settings") + "#tags")
}

func (o office) dropTag(r *web.Request) error {
	id, err := r.ID("tag")
	if err != nil {
		return err
	}
	name, err := archiveTag(r.Context(), r.Tx(), r.Viewer(), id)
	if err != nil {
		return err
	}
	if err := o.note(r, "dailylogs.tag_removed", "removed the tag “"+name+"” from daily logs", nil); err != nil {
		return err
	}
	r.Toast("Removed. Logs that have it keep it.")
	return r.Go(r.Path("dailylogs", "settings") + "#tags")
}

type questionView struct {
	*web.Here
	Trail      []web.NavItem
	ID         uuid.UUID
	New        bool
	Action     string
	Form       questionForm
	Kinds      []choice
	Categories []choice
}

func (o office) questionView(r *web.Request, q Question) questionView {
	view := questionView{
		Here: r.Here(), ID: q.ID, New: q.ID == uuid.Nil, Kinds: kinds, Categories: categories, Action: r.Path("dailylogs", "settings", "questions"),
		Form:  questionForm{q.Text, q.Kind, q.ChoiceText(), q.Category, q.Required},
		Trail: []web.NavItem{{Title: "Daily logs", Href: r.Path("dailylogs")}, {Title: "Settings", Href: r.Path("dailylogs", "settings")}, {Title: "Question"}},
	}
	title := "New question"
	if !view.New {
		title, view.Action = "Question", r.Path("dailylogs", "settings", "questions", q.ID)
	}
	r.Title(title)
	return view
}

func (o office) newQuestion(r *web.Request) error {
	return r.Show("dailylogs/question", o.questionView(r, Question{Kind: "text", Category: "general"}))
}

func (o office) addQuestion(r *web.Request) error {
	view := o.questionView(r, Question{})
	view.Form = questionForm{}
	if err := r.Bind(&view.Form); err != nil {
		return r.Again("dailylogs/question", view, err)
	}
	if _, err := addQuestion(r.Context(), r.Tx(), r.Viewer(), view.Form); err != nil {
		return err
	}
	if err := o.note(r, "dailylogs.question_added", "added the question “"+view.Form.Text+"” to daily logs", nil); err != nil {
		return err
	}
	r.Toast("Every log is asked this from now on.")
	return r.Go(r.Path("dailylogs", "settings"))
}

func (o office) asked(r *web.Request) (Question, error) {
	id, err := r.ID("question")
	if err != nil {
		return Question{}, err
	}
	return questionByID(r.Context(), r.Tx(), r.Viewer(), id)
}

func (o office) question(r *web.Request) error {
	q, err := o.asked(r)
	if err != nil {
		return err
	}
	return r.Show("dailylogs/question", o.questionView(r, q))
}

func (o office) saveQuestion(r *web.Request) error {
	q, err := o.asked(r)
	if err != nil {
		return err
	}
	view := o.questionView(r, q)
	before := view.Form
	view.Form = questionForm{}
	if err := r.Bind(&view.Form); err != nil {
		return r.Again("dailylogs/question", view, err)
	}
	if err := saveQuestion(r.Context(), r.Tx(), r.Viewer(), q.ID, view.Form); err != nil {
		return err
	}
	if changes := activity.Changes(before.fields(), view.Form.fields()); changes != nil {
		if err := o.note(r, "dailylogs.question_changed", "changed the question “"+view.Form.Text+"” of daily logs", changes); err != nil {
			return err
		}
	}
	r.Toast("Saved.")
	return r.Go(r.Path("dailylogs", "settings"))
}

func (f questionForm) fields() map[string]any {
	return map[string]any{"text": f.Text, "kind": f.Kind, "choices": f.Choices, "category": f.Category, "required": f.Required}
}

func (o office) moveQuestion(r *web.Request) error {
	q, err := o.asked(r)
	if err != nil {
		return err
	}
	if err := moveQuestion(r.Context(), r.Tx(), r.Viewer(), q.ID, r.Value("to") == "up"); err != nil {
		return err
	}
	return r.Go(r.Path("dailylogs", "settings"))
}

func (o office) dropQuestion(r *web.Request) error    { return o.setAway(r, true) }
func (o office) restoreQuestion(r *web.Request) error { return o.setAway(r, false) }

func (o office) setAway(r *web.Request, away bool) error {
	q, err := o.asked(r)
	if err != nil {
		return err
	}
	if err := putAway(r.Context(), r.Tx(), r.Viewer(), q.ID, away); err != nil {
		return err
	}
	verb, text, toast := "dailylogs.question_removed", "removed the question “"+q.Text+"” from daily logs", "Removed. What was answered stays."
	if !away {
		verb, text, toast = "dailylogs.question_restored", "brought back the question “"+q.Text+"” of daily logs", "It is asked again."
	}
	if err := o.note(r, verb, text, nil); err != nil {
		return err
	}
	r.Toast(toast)
	return r.Go(r.Path("dailylogs", "settings"))
}
