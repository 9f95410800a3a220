package dailylogs

import (
	"encoding/json"
	"strconv"
	"time"

	"github.com/google/uuid"

	"portico/platform/activity"
	"portico/platform/day"
	"portico/platform/fault"
	"portico/platform/web"
)

// editView is the form of a log.
type editView struct {
	*web.Here
	Log       Log
	Trail     []web.NavItem
	Form      logForm
	Skies     []Sky
	People    []personRow
	Questions []askView
	Photos    []photoView
	Tags      []tagChoice
	More      bool // the folded part is open
	Unit      string
	Person    uuid.UUID
	Today     day.Day
	Most      int
}

type askView struct {
	Question
	Answer typed
	Error  string
	Here   *web.Here
	Photos []photoView
}

// Name is the field's name.
func (a askView) Name() string { return "a-" + a.ID.String() }

// Options are the choices of a select.
func (a askView) Options() []choice {
	var all []choice
	for _, c := range a.Choices {
		all = append(all, choice{c, c})
	}
	return all
}

// photoView is a photo on the form.
type photoView struct {
	Photo
	Number int
	Error  string
	Here   *web.Here
}

type tagChoice struct {
	Tag
	Checked bool
}

// today is the day where the firm is: a log's day is the site's, wherever its author's phone comes from.
func today(r *web.Request) day.Day {
	if zone, err := day.Zone(r.Firm().Zone); err == nil {
		return day.Of(r.Now().In(zone))
	}
	return day.Of(r.Now().UTC())
}

// start begins today's log of a project, or goes on with it.
func (o office) start(r *web.Request) error {
	project, err := r.ID("project")
	if err != nil {
		return err
	}
	ctx, tx, v := r.Context(), r.Tx(), r.Viewer()
	on := today(r)
	w, err := workByID(ctx, tx, v, on, project)
	if err != nil {
		return err
	}
	s, err := settingOf(ctx, tx, v)
	if err != nil {
		return err
	}
	log, fresh, err := start(ctx, tx, v, w, on, s.unit(r.Firm()))
	if err != nil {
		return err
	}
	if fresh {
		if err := o.askWeather(r, log); err != nil {
			return err
		}
		if err := activity.Record(ctx, tx, v, activity.Entry{
			Verb: "dailylogs.started", Text: "began a daily log for " + w.Name, ClientID: w.ClientID, ProjectID: w.ID, SubjectID: log,
		}); err != nil {
			return err
		}
	}
	return r.Go(r.Path("dailylogs", log, "edit"))
}

// askWeather promises to fill in the weather of a log, where the firm wants that.
func (o office) askWeather(r *web.Request, log uuid.UUID) error {
	s, err := settingOf(r.Context(), r.Tx(), r.Viewer())
	if err != nil || !s.Weather || o.Weather == "" {
		return err
	}
	_, err = lookUp.Enqueue(r.Context(), r.Tx(), r.Viewer().FirmID(), looking{log})
	return err
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

func (o office) edit(r *web.Request) error {
	l, err := o.log(r)
	if err != nil {
		return err
	}
	if !l.mine(r.Viewer()) {
		return fault.NotFound()
	}
	if !l.Writing() {
		return r.Go(r.Path("dailylogs", l.ID))
	}
	view, err := o.editView(r, l)
	if err != nil {
		return err
	}
	return r.Show("dailylogs/edit", view)
}

// editView is the form with what is kept.
func (o office) editView(r *web.Request, l Log) (editView, error) {
	r.Title("Daily log: " + l.Project)
	ctx, tx, v := r.Context(), r.Tx(), r.Viewer()
	view := editView{Here: r.Here(), Log: l, Skies: skies, Unit: l.Unit, Person: v.PersonID, Today: today(r), Most: longText}
	view.Trail = []web.NavItem{{Title: "Daily logs", Href: r.Path("dailylogs")}, {Title: l.Project, Href: r.Path("dailylogs", "projects", l.ProjectID)}, {Title: "Log"}}
	s, err := settingOf(ctx, tx, v)
	if err != nil {
		return view, err
	}
	view.Form = logForm{
		Version: l.Version, On: l.LogDate, Text: l.Text, TextShown: l.TextShown, ClientText: l.ClientText, Notes: l.Notes,
		Sky: l.Sky, High: numberText(l.High), Low: numberText(l.Low), SkyNote: l.WeatherNote, Share: l.Shared, Notify: false,
	}
	view.Form.SkyWas = view.Form.skyNow()
	if l.Draft() {
		view.Form.Share, view.Form.Notify = s.Shares, s.Shares && s.Notifies
	}
	people, err := peopleOf(ctx, tx, v, l.ID)
	if err != nil {
		return view, err
	}
	for _, p := range people {
		row := personRow{On: true, Name: p.Name, Hours: p.HoursText()}
		if p.People > 1 {
			row.People = strconv.Itoa(p.People)
		}
		view.Form.people = append(view.Form.people, row)
	}
	questions, err := listQuestions(ctx, tx, v, false)
	if err != nil {
		return view, err
	}
	answers, err := answersOf(ctx, tx, v, l.ID)
	if err != nil {
		return view, err
	}
	view.Form.answers = map[uuid.UUID]typed{}
	for _, q := range questions {
		view.Form.answers[q.ID] = typed{Shown: q.Category == "client"}
	}
	for _, a := range answers {
		view.Form.answers[a.QuestionID] = typed{a.Text, a.ClientText, a.Shown}
	}
	tags, err := tagsOf(ctx, tx, v, []uuid.UUID{l.ID})
	if err != nil {
		return view, err
	}
	for _, t := range tags[l.ID] {
		view.Form.Tags = append(view.Form.Tags, t.ID)
	}
	return view, o.fill(r, &view, questions)
}

// fill adds to the form what it offers: names, tags, photos.
func (o office) fill(r *web.Request, view *editView, questions []Question) error {
	ctx, tx, v := r.Context(), r.Tx(), r.Viewer()
	names, err := namesOn(ctx, tx, v, view.Log.ProjectID, 12)
	if err != nil {
		return err
	}
	view.People = peopleRows(view.Form.people, names)
	tags, err := listTags(ctx, tx, v)
	if err != nil {
		return err
	}
	for _, t := range tags {
		choice := tagChoice{Tag: t}
		for _, id := range view.Form.Tags {
			choice.Checked = choice.Checked || id == t.ID
		}
		view.Tags = append(view.Tags, choice)
	}
	photos, err := photosOf(ctx, tx, v, view.Log.ID)
	if err != nil {
		return err
	}
	answered := map[uuid.UUID][]photoView{}
	for i, p := range photos {
		if said, ok := view.Form.said[p.ID]; ok {
			p.Caption, p.Shown = said.Caption, said.Shown
		}
		one := photoView{p, i + 1, r.Here().Error("caption-" + p.ID.String()), r.Here()}
		answered[p.QuestionID] = append(answered[p.QuestionID], one)
	}
	for _, q := range questions {
		ask := askView{q, view.Form.answers[q.ID], r.Here().Error("a-" + q.ID.String()), r.Here(), nil}
		if q.ByPhotos() {
			ask.Photos = answered[q.ID]
			delete(answered, q.ID)
		}
		view.Questions = append(view.Questions, ask)
	}
	for _, p := range photos { // also those of questions that are not asked any more
		if list := answered[p.QuestionID]; len(list) > 0 {
			view.Photos = append(view.Photos, list...)
			delete(answered, p.QuestionID)
		}
	}
	view.More = view.Form.ClientText != "" || view.Form.Notes != "" || !view.Form.TextShown
	return nil
}

// peopleRows are the rows of who was on site: who is on the log, whom the form offers, and three empty ones.
func peopleRows(is []personRow, offered []string) []personRow {
	var rows []personRow
	there := map[string]bool{}
	for _, row := range is {
		there[row.Name] = true
		rows = append(rows, row)
	}
	for _, name := range offered {
		if !there[name] && len(rows) < mostPeople-3 {
			rows = append(rows, personRow{Name: name})
		}
	}
	for i := range rows {
		rows[i].Known = rows[i].Name
	}
	rows = append(rows, personRow{On: true}, personRow{On: true}, personRow{On: true})
	rows = rows[:min(len(rows), mostPeople)]
	for i := range rows {
		rows[i].N = i
	}
	return rows
}

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

func tellScript(r *web.Request, status int, p progress) error {
	text, err := json.Marshal(p)
	if err != nil {
		return err
	}
	r.Status(status)
	return r.JSON(text)
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

// save keeps the form, and submits it when that was pressed.
func (o office) save(r *web.Request) error {
	l, err := o.writing(r)
	if err != nil {
		return err
	}
	if !l.Writing() { // sent twice over a bad line: it is done
		return r.Go(r.Path("dailylogs", l.ID))
	}
	ctx, tx, v := r.Context(), r.Tx(), r.Viewer()
	var form logForm
	err = r.Bind(&form)
	before := l
	var people []Present
	var answers []Answer
	var questions []Question
	var photos []Photo
	if err == nil {
		people, answers, questions, photos, err = o.keep(r, &l, &form)
	} else if questions, _ = listQuestions(ctx, tx, v, false); true {
		form.read(r, questions, nil)
	}
	if err == nil {
		var came int
		if came, err = o.takeAll(r, l, form); came > 0 && err == nil {
			photos, err = photosOf(ctx, tx, v, l.ID)
		}
	}
	if err == nil && form.Remove != uuid.Nil {
		err = o.dropPhoto(r, l, form.Remove)
	}
	if err == nil && form.Do == "submit" {
		if err = fault.InFields(lacks(l, questions, answers, photos, today(r))); err == nil {
			return o.submit(r, l, before, form, people)
		}
	}
	if err != nil {
		return o.again(r, l, form, questions, err)
	}
	r.Toast("Saved.")
	return r.Go(r.Path("dailylogs", l.ID, "edit"))
}

// again shows the form with what was typed and what to mend.
func (o office) again(r *web.Request, l Log, form logForm, questions []Question, err error) error {
	said, ok := fault.Of(err)
	if !ok || said.Kind == fault.Missing {
		return err
	}
	if said.Kind == fault.Clash { // saved again, it replaces the other one
		if is, now := logByID(r.Context(), r.Tx(), r.Viewer(), l.ID); now == nil {
			form.Version = is.Version
		}
	}
	r.Title("Daily log: " + l.Project)
	view := editView{Here: r.Here(), Log: l, Skies: skies, Unit: l.Unit, Person: r.Viewer().PersonID, Today: today(r), Most: longText, Form: form}
	view.Trail = []web.NavItem{{Title: "Daily logs", Href: r.Path("dailylogs")}, {Title: l.Project, Href: r.Path("dailylogs", "projects", l.ProjectID)}, {Title: "Log"}}
	r.Problem(err)
	if drawn := o.fill(r, &view, questions); drawn != nil {
		return drawn
	}
	return r.Again("dailylogs/edit", view, err)
}

// submit makes a revision of what was kept, shares it and tells the client, as the form wishes.
func (o office) submit(r *web.Request, l, before Log, form logForm, people []Present) error {
	ctx, tx, v := r.Context(), r.Tx(), r.Viewer()
	shared := form.Share || form.Notify         // to tell of it is to share it
	answers, err := answersOf(ctx, tx, v, l.ID) // with those to questions that were put away since
	if err != nil {
		return err
	}
	told := tell(l, people, answers)
	kept := Kept{l.Text, l.TextShown, l.ClientText, l.Notes, l.Weather, people, answers}
	number, err := submit(ctx, tx, v, l, told, kept, shared, time.Time{})
	if err != nil {
		return err
	}
	l.Revision, l.Shared, l.State = number, shared, submitted
	text := "submitted the daily log of " + dayText(l.LogDate)
	if number > 1 {
		text = "submitted the daily log of " + dayText(l.LogDate) + " again, as version " + strconv.Itoa(number)
	}
	// clients read of it in their logs: an entry of theirs would outlive a log that is withdrawn
	e := activity.Entry{Verb: "dailylogs.submitted", Text: text}
	if number > 1 {
		e.Data = activity.Changes(before.fields(), l.fields())
	}
	err = o.record(r, l, e)
	if err != nil {
		return err
	}
	toast := "Submitted."
	if shared {
		toast = "Submitted and shared."
	}
	if form.Notify {
		if err := o.notify(r, l); err != nil {
			return err
		}
		toast = "Submitted and shared. The client is told by mail."
		if !l.Open {
			toast = "Submitted. The client does not see this project, so nobody is told."
		}
	}
	r.Toast(toast)
	return r.Go(r.Path("dailylogs", l.ID))
}

// fields are what the activity compares when a log is submitted again.
func (l Log) fields() map[string]any {
	return map[string]any{
		"day": l.LogDate.String(), "text": l.Text, "text_shown": l.TextShown, "client_text": l.ClientText, "notes": l.Notes,
		"weather": l.WeatherText(), "weather_note": l.WeatherNote, "shared": l.Shared,
	}
}

func dayText(d day.Day) string { return d.Midnight().Format("Mon, Jan 2, 2006") }

func (o office) record(r *web.Request, l Log, e activity.Entry) error {
	o.ring(r.Context(), r.Viewer().FirmID(), l.ClientID)
	e.ClientID, e.ProjectID, e.SubjectID = l.ClientID, l.ProjectID, l.ID
	return activity.Record(r.Context(), r.Tx(), r.Viewer(), e)
}

// longRoute is one that takes photos whole.
func longRoute(r web.Route) web.Route {
	r.Time = 10 * time.Minute
	return r.Upto(10 * mostBytes)
}
