package billing

import (
	"slices"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"portico/platform/day"
	"portico/platform/fault"
	"portico/platform/money"
)

// Template is what a recurring invoice is made from.
type Template struct {
	ID, ClientID, ProjectID uuid.UUID
	Title                   string
	Currency                string
	Every                   int
	Unit                    string
	OnDay                   int
	StartsOn, EndsOn        day.Day
	Times                   int
	DueDays                 int
	Becomes                 Stage // what is made of it by itself
	Message                 string
	Notes                   string
	NextOn                  day.Day // zero: over
	PausedAt                time.Time
	PausedWhy               string
	Writers                 []uuid.UUID `bun:",array"`
	ApprovedBy              uuid.UUID
	Version                 int

	ClientName, ProjectName string
	Approver                string
	Archived                bool // project or client
	Made                    int  // how many periods there were
	Total                   int64
	Lines                   []Line `bun:"-"`
}

func (t Template) rhythm() rhythm {
	return rhythm{t.Every, t.Unit, t.OnDay, t.StartsOn, t.EndsOn, t.Times}
}

// Rhythm is when it comes, in words.
func (t Template) Rhythm() string { return t.rhythm().String() }

// Amount is what one invoice of it comes to.
func (t Template) Amount() money.Amount { return money.Of(t.Total, t.Currency) }

// Paused and Over are why nothing comes of it; Goes reports whether its invoices leave by themselves.
func (t Template) Paused() bool { return !t.PausedAt.IsZero() }
func (t Template) Over() bool   { return t.NextOn.IsZero() }
func (t Template) Goes() bool   { return t.Becomes != Draft }

// Waits reports whether its invoices stay drafts until somebody approves the template.
func (t Template) Waits(s Setting) bool { return t.Goes() && !t.approved(s) }

// approved reports whether somebody who may answers for what goes out by itself: where the firm wants a second person,
// nobody who wrote it.
func (t Template) approved(s Setting) bool {
	return t.ApprovedBy != uuid.Nil && !(s.SecondPerson && slices.Contains(t.Writers, t.ApprovedBy))
}

func (t Template) mark() mark {
	switch {
	case t.Over():
		return mark{"muted", "Ended", "check"}
	case t.Paused():
		return mark{"due", "Paused", "pause"}
	}
	return mark{"ok", "Running", "refresh-cw"}
}

// lines are those of the invoice of a day.
func (t Template) lines(d day.Day) []Line {
	lines := slices.Clone(t.Lines)
	for n := range lines {
		lines[n].Text = cutTo(fillPlaces(lines[n].Text, d), longestLine)
	}
	return lines
}

// cutTo keeps what fits.
func cutTo(text string, most int) string {
	if utf8.RuneCountInString(text) <= most {
		return text
	}
	return string([]rune(text)[:most])
}

// templateForm is the rhythm of a template as it was typed; title, message, notes and lines are a draft's.
type templateForm struct {
	Every    string  `form:"every"`
	Unit     string  `form:"unit"`
	OnDay    string  `form:"on_day"`
	StartsOn day.Day `form:"starts_on"`
	EndsOn   day.Day `form:"ends_on"`
	Times    string  `form:"times"`
	DueDays  string  `form:"due_days"`
	Becomes  Stage   `form:"becomes"`
}

func templateFormOf(t Template) templateForm {
	f := templateForm{
		Every: strconv.Itoa(t.Every), Unit: t.Unit, OnDay: strconv.Itoa(t.OnDay), StartsOn: t.StartsOn, EndsOn: t.EndsOn,
		DueDays: strconv.Itoa(t.DueDays), Becomes: t.Becomes,
	}
	if t.Times > 0 {
		f.Times = strconv.Itoa(t.Times)
	}
	return f
}

// template reads what was typed.
func (f templateForm) template(draft draftForm, lines []Line) (Template, fault.Fields) {
	wrong := fault.Fields{}
	number := func(field, text string, least, most int, words string) int {
		n, err := strconv.Atoi(text)
		if err != nil || n < least || n > most {
			wrong[field] = words
		}
		return n
	}
	t := Template{
		Title: draft.Title, Message: draft.Message, Notes: draft.Notes, Unit: f.Unit, StartsOn: f.StartsOn, EndsOn: f.EndsOn,
		Becomes: f.Becomes, Version: draft.Version, Lines: lines,
		Every:   number("every", f.Every, 1, 52, "Enter a whole number from 1 to 52."),
		OnDay:   number("on_day", f.OnDay, 1, 31, "Choose a day of the month."),
		DueDays: number("due_days", f.DueDays, 0, 365, "Enter a number of days between 0 and 365."),
	}
	if f.Times != "" {
		t.Times = number("times", f.Times, 1, 1000, "Enter a whole number from 1 to 1,000, or nothing.")
	}
	if !slices.Contains([]string{"week", "month", "quarter", "year"}, f.Unit) {
		wrong["unit"] = "Choose one from the list."
	}
	if !slices.Contains([]Stage{Draft, Approved, Released}, f.Becomes) {
		wrong["becomes"] = "Choose one from the list."
	}
	switch {
	case f.StartsOn.IsZero():
		wrong["starts_on"] = "Enter the first day."
	case f.StartsOn.Year() < 2000 || f.StartsOn.Year() > 2100:
		wrong["starts_on"] = "Enter a day of this century."
	case !f.EndsOn.IsZero() && f.EndsOn.Before(f.StartsOn):
		wrong["ends_on"] = "This is before the first day."
	}
	for field, text := range map[string]string{"title": t.Title, "message": t.Message} {
		if words := unknownPlace(text); words != "" {
			wrong[field] = words
		}
	}
	if len(lines) == 0 {
		wrong["lines"] = "Add at least one line."
	}
	for n, l := range draft.Lines {
		if words := unknownPlace(l.Text); words != "" {
			wrong["text-"+strconv.Itoa(n)] = words
		}
	}
	return t, wrong
}

// run is what became of one period.
type run struct {
	PeriodOn  day.Day
	InvoiceID uuid.UUID
	Number    string
	Title     string
	Stage     Stage
	State     State
	Total     int64
	Currency  string
	DueOn     day.Day
	Mark      mark `bun:"-"`
}

// Amount is what its invoice comes to.
func (r run) Amount() money.Amount { return money.Of(r.Total, r.Currency) }
