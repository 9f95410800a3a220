package dailylogs

import (
	"strconv"

	"github.com/google/uuid"

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
