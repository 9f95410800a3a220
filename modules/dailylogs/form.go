package dailylogs

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"

	"portico/platform/day"
	"portico/platform/fault"
	"portico/platform/web"
)

// logForm is a log as it is typed. People, answers and what is said of photos stand in rows beside it; see read.
type logForm struct {
	Version    int         `form:"version"`
	On         day.Day     `form:"on"`
	Text       string      `form:"text"`
	TextShown  bool        `form:"text_shown"`
	ClientText string      `form:"client_text"`
	Notes      string      `form:"notes"`
	Sky        string      `form:"sky"`
	High       string      `form:"high"`
	Low        string      `form:"low"`
	SkyNote    string      `form:"sky_note"`
	SkyWas     string      `form:"sky_was"` // the weather as the form was drawn with it
	Tags       []uuid.UUID `form:"tag"`
	Share      bool        `form:"share"`
	Notify     bool        `form:"notify"`
	Do         string      `form:"do"`     // save, submit, photos
	Remove     uuid.UUID   `form:"remove"` // a photo
	Photos     []*web.File `form:"photos"`
	Camera     []*web.File `form:"camera"`

	moved   bool // the log is of another day than before
	refill  bool // the weather is not what the form was drawn with, and nobody has typed it
	people  []personRow
	answers map[uuid.UUID]typed
	said    map[uuid.UUID]saying // of photos
}

// personRow is one row of who was on site, as typed.
type personRow struct {
	N            int // its number on the form
	On           bool
	Name         string
	People       string
	Hours        string
	Wrong, Known string // Known: it was offered
}

type typed struct {
	Text, ClientText string
	Shown            bool
}

// saying is what is said of a photo.
type saying struct {
	Caption string
	Shown   bool
}

// read takes what Bind cannot: rows by their number, answers by their question, photos by their id.
func (f *logForm) read(r *web.Request, questions []Question, photos []Photo) {
	f.people = nil
	for n := range mostPeople {
		key := "who-" + strconv.Itoa(n)
		row := personRow{N: n, Name: r.Value(key), People: r.Value(key + "-people"), Hours: r.Value(key + "-hours"), On: r.Value(key+"-on") != ""}
		if row.Name = strings.Join(strings.Fields(row.Name), " "); row.Name != "" {
			f.people = append(f.people, row)
		}
	}
	f.answers = map[uuid.UUID]typed{}
	for _, q := range questions {
		key := "a-" + q.ID.String()
		f.answers[q.ID] = typed{clean(r.Value(key)), clean(r.Value(key + "-client")), r.Value(key+"-shown") != ""}
	}
	f.said = map[uuid.UUID]saying{}
	listed := r.Values("photo")
	for _, p := range photos {
		if key := p.ID.String(); slices.Contains(listed, key) {
			f.said[p.ID] = saying{strings.Join(strings.Fields(r.Value("caption-"+key)), " "), r.Value("shown-"+key) != ""}
		}
	}
}

func clean(text string) string { return strings.ReplaceAll(text, "\r\n", "\n") }

// apply puts what was typed onto the log, and says what cannot be kept.
func (f *logForm) apply(l *Log, questions []Question) (people []Present, answers []Answer, wrong fault.Fields) {
	wrong = fault.Fields{}
	if !f.On.IsZero() {
		f.moved = f.On != l.LogDate
		l.LogDate = f.On
	}
	l.Text, l.TextShown, l.ClientText, l.Notes = f.Text, f.TextShown, f.ClientText, f.Notes
	for name, text := range map[string]string{"text": f.Text, "client_text": f.ClientText, "notes": f.Notes} {
		if utf8.RuneCountInString(text) > longText {
			wrong[name] = "Use at most 10,000 characters."
		}
	}
	f.applyWeather(l, wrong)
	for i := range f.people {
		if row := &f.people[i]; row.On {
			if p, problem := row.present(); problem != "" {
				row.Wrong = problem
				wrong["who-"+strconv.Itoa(row.N)] = problem
			} else {
				people = append(people, p)
			}
		}
	}
	for _, q := range questions {
		a := f.answers[q.ID]
		if q.ByPhotos() || a.Text == "" {
			continue
		}
		if problem := q.fits(a.Text); problem != "" {
			wrong["a-"+q.ID.String()] = problem
		}
		if utf8.RuneCountInString(a.ClientText) > longText {
			wrong["a-"+q.ID.String()+"-client"] = "Use at most 10,000 characters."
		}
		answers = append(answers, Answer{q.ID, q.Text, q.Category, a.Text, a.ClientText, a.Shown && q.Category != "internal"})
	}
	for id, s := range f.said {
		if utf8.RuneCountInString(s.Caption) > longCaption {
			wrong["caption-"+id.String()] = "Use at most 300 characters."
		}
	}
	return people, answers, wrong
}

// skyNow is the weather as it is typed, in a word.
func (f *logForm) skyNow() string { return f.Sky + "/" + f.High + "/" + f.Low }

func (f *logForm) applyWeather(l *Log, wrong fault.Fields) {
	was := l.Weather
	untouched := f.SkyWas != "" && f.SkyWas == f.skyNow()
	if untouched { // nobody touched it: what the provider has filled in meanwhile stays
		f.Sky, f.High, f.Low = l.Sky, numberText(l.High), numberText(l.Low)
	}
	if f.Sky != "" && (Weather{Sky: f.Sky}).SkyOf().ID == "" {
		f.Sky = ""
	}
	l.Sky, l.WeatherNote = f.Sky, f.SkyNote
	if utf8.RuneCountInString(f.SkyNote) > longCaption {
		wrong["sky_note"] = "Use at most 300 characters."
	}
	var problem string
	if l.High, problem = temperature(f.High); problem != "" {
		wrong["high"] = problem
	}
	if l.Low, problem = temperature(f.Low); problem != "" {
		wrong["low"] = problem
	}
	if l.High != nil && l.Low != nil && *l.High < *l.Low {
		l.High, l.Low = l.Low, l.High
	}
	switch {
	case !l.Measured():
		l.WeatherFrom = ""
	case l.Sky != was.Sky || !same(l.High, was.High) || !same(l.Low, was.Low) || was.WeatherFrom == "":
		l.WeatherFrom = "hand"
	}
	if f.moved && l.WeatherFrom == "provider" { // it was another day's
		l.Sky, l.High, l.Low, l.WeatherFrom = "", nil, nil, ""
		f.Sky, f.High, f.Low = "", "", ""
	}
	f.refill = untouched && f.SkyWas != f.skyNow()
}

func numberText(n *int) string {
	if n == nil {
		return ""
	}
	return strconv.Itoa(*n)
}

func same(a, b *int) bool { return a == nil && b == nil || a != nil && b != nil && *a == *b }

func temperature(text string) (*int, string) {
	text = strings.TrimSpace(strings.TrimSuffix(strings.Replace(text, "−", "-", 1), "°"))
	if text == "" {
		return nil, ""
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < -150 || n > 200 {
		return nil, "Enter whole degrees."
	}
	return &n, ""
}

func (p personRow) present() (Present, string) {
	is := Present{Name: p.Name, People: 1}
	if utf8.RuneCountInString(p.Name) > longName {
		return is, "Use at most 120 characters for a name."
	}
	if p.People != "" {
		n, err := strconv.Atoi(p.People)
		if err != nil || n < 1 || n > 999 {
			return is, "Enter how many people, from 1 to 999."
		}
		is.People = n
	}
	minutes, ok := minutesOf(p.Hours)
	if !ok {
		return is, "Enter hours, such as 7.5 or 7:30."
	}
	is.Minutes = minutes
	return is, ""
}

// lacks says what a log needs before it can be submitted.
func lacks(l Log, questions []Question, answers []Answer, photos []Photo, today day.Day) fault.Fields {
	wrong := fault.Fields{}
	if strings.TrimSpace(l.Text) == "" && len(photos) == 0 && len(answers) == 0 {
		wrong["text"] = "Write what was done, or add a photo."
	}
	if l.LogDate.After(today) {
		wrong["on"] = "Choose today or an earlier day."
	}
	for _, q := range questions {
		if !q.Required {
			continue
		}
		if q.ByPhotos() {
			if !slices.ContainsFunc(photos, func(p Photo) bool { return p.QuestionID == q.ID }) {
				wrong["a-"+q.ID.String()] = "This needs at least one photo."
			}
			continue
		}
		if !slices.ContainsFunc(answers, func(a Answer) bool { return a.QuestionID == q.ID }) {
			wrong["a-"+q.ID.String()] = "This question has to be answered."
		}
	}
	return wrong
}
