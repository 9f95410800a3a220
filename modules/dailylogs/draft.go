package dailylogs

import (
	"encoding/json"

	"portico/platform/fault"
	"portico/platform/web"
)

// progress is what our script hears of a draft that it keeps.
type progress struct {
	Version int     `json:"version"`
	State   string  `json:"state"` // kept, moved, refused, gone
	Problem string  `json:"problem,omitempty"`
	Sky     *filled `json:"sky,omitempty"`
}

// filled is the weather that came from the provider while the form was open, or went with the day that it was of.
type filled struct {
	Sky  string `json:"sky"`
	High string `json:"high"`
	Low  string `json:"low"`
}

// writing is the log of the address, held while it is changed; not there for whoever may not write it.
func (o office) writing(r *web.Request) (Log, error) {
	id, err := r.ID("log")
	if err != nil {
		return Log{}, err
	}
	l, err := holdLog(r.Context(), r.Tx(), r.Viewer(), id)
	if err != nil {
		return l, err
	}
	if !l.mine(r.Viewer()) {
		return l, fault.NotFound()
	}
	return l, nil
}

// keepDraft keeps what is typed while it is typed. What is not finished is kept as far as it can be.
func (o office) keepDraft(r *web.Request) error {
	l, err := o.writing(r)
	if err != nil {
		return err
	}
	if !l.Writing() {
		return tellScript(r, 200, progress{Version: l.Version, State: "gone"})
	}
	var form logForm
	if err := r.Bind(&form); err != nil {
		return refused(r, err)
	}
	if form.Version != l.Version {
		return tellScript(r, 200, progress{Version: l.Version, State: "moved"})
	}
	if _, _, _, _, err := o.keep(r, &l, &form); err != nil {
		return refused(r, err)
	}
	is := progress{Version: l.Version + 1, State: "kept"}
	if form.refill {
		is.Sky = &filled{form.Sky, form.High, form.Low}
	}
	return tellScript(r, 200, is)
}

// keep writes what the form says: the log with people, answers, tags, and what is said of photos.
func (o office) keep(r *web.Request, l *Log, form *logForm) (people []Present, answers []Answer, questions []Question, photos []Photo, err error) {
	ctx, tx, v := r.Context(), r.Tx(), r.Viewer()
	if questions, err = listQuestions(ctx, tx, v, false); err != nil {
		return nil, nil, nil, nil, err
	}
	if photos, err = photosOf(ctx, tx, v, l.ID); err != nil {
		return nil, nil, questions, nil, err
	}
	form.read(r, questions, photos)
	people, answers, wrong := form.apply(l, questions)
	if err := fault.InFields(wrong); err != nil {
		return people, answers, questions, photos, err
	}
	l.Version = form.Version
	for _, step := range []func() error{
		func() error { return saveLog(ctx, tx, v, *l) },
		func() error { return savePeople(ctx, tx, v, l.ID, people) },
		func() error { return saveAnswers(ctx, tx, v, l.ID, answers) },
		func() error { return saveTags(ctx, tx, v, l.ID, form.Tags) },
	} {
		if err := step(); err != nil {
			return people, answers, questions, photos, err
		}
	}
	if form.moved && !l.Measured() {
		if err := o.askWeather(r, l.ID); err != nil {
			return people, answers, questions, photos, err
		}
	}
	for i, p := range photos {
		said, ok := form.said[p.ID]
		if !ok || said == (saying{p.Caption, p.Shown}) {
			continue
		}
		photos[i].Caption, photos[i].Shown = said.Caption, said.Shown
		if err := savePhoto(ctx, tx, v, photos[i]); err != nil {
			return people, answers, questions, photos, err
		}
	}
	return people, answers, questions, photos, nil
}

func tellScript(r *web.Request, status int, p progress) error {
	text, err := json.Marshal(p)
	if err != nil {
		return err
	}
	r.Status(status)
	return r.JSON(text)
}

// refused answers our script in words; what is not there, and who must sign in, stays what it is.
func refused(r *web.Request, err error) error {
	said, ok := fault.Of(err)
	if !ok || said.Kind == fault.Missing || said.Kind == fault.SignInNeeded {
		return err
	}
	problem := said.Message
	for _, words := range said.Fields {
		problem = words
	}
	return tellScript(r, 422, progress{State: "refused", Problem: problem})
}
