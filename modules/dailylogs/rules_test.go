package dailylogs

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"portico/platform/access"
	"portico/platform/auth"
	"portico/platform/day"
	"portico/platform/fault"
)

func TestHoursAreReadAsPeopleTypeThem(t *testing.T) {
	for text, want := range map[string]int{"": 0, "7": 420, "7.5": 450, "7,25": 435, "7:30": 450, "0.1": 6, "8h": 480, " 8 h ": 480, "100": 6000} {
		if got, ok := minutesOf(text); !ok || got != want {
			t.Errorf("%q: %d, %v", text, got, ok)
		}
	}
	for _, text := range []string{"x", "7:3", "7:75", "-1", "7.", "7.123", "101", "7:30:1"} {
		if got, ok := minutesOf(text); ok {
			t.Errorf("%q was read as %d", text, got)
		}
	}
	for minutes, want := range map[int]string{0: "", 450: "7.5", 435: "7.25", 480: "8"} {
		if got := hoursText(minutes); got != want {
			t.Errorf("%d: %q", minutes, got)
		}
	}
}

func TestClientsAreToldWhatIsMeantForThem(t *testing.T) {
	high := 70
	l := Log{Text: "SECRET own words", ClientText: "kind words", TextShown: true, Notes: "SECRET notes", Weather: Weather{Sky: "rain", High: &high, Unit: "F", WeatherFrom: "hand"}}
	people := []Present{{"Riverside", 2, 480}}
	answers := []Answer{
		{Asked: "Late?", Category: "client", Text: "SECRET late", ClientText: "a little late", Shown: true},
		{Asked: "Safe?", Category: "internal", Text: "SECRET no", Shown: true}, // no database lets this in
		{Asked: "Hidden?", Category: "general", Text: "SECRET hidden"},
		{Asked: "Fine?", Category: "general", Text: "Yes", Shown: true},
	}
	got := tell(l, people, answers)
	if got.Text != "kind words" || !reflect.DeepEqual(got.People, []string{"Riverside (2)"}) || len(got.Answers) != 2 || got.Answers[0].Text != "a little late" {
		t.Errorf("%+v", got)
	}
	if strings.Contains(got.words(), "SECRET") || strings.Contains(got.words(), "480") {
		t.Errorf("clients could find it by %q", got.words())
	}
	l.TextShown = false
	if got := tell(l, nil, nil); got.Text != "" {
		t.Errorf("a text for staff is told as %q", got.Text)
	}
}

func TestWhoMayDoWhatToALog(t *testing.T) {
	author, other := uuid.New(), uuid.New()
	now := time.Date(2026, 11, 26, 18, 0, 0, 0, time.UTC)
	v := func(person uuid.UUID, role access.Role) auth.Viewer {
		return auth.Viewer{Side: auth.Office, PersonID: person, Role: role}
	}
	for _, c := range []struct {
		state                   string
		age                     time.Duration
		who                     auth.Viewer
		write, reopen, withdraw bool
	}{
		{draft, 0, v(author, access.Member), true, false, false},
		{draft, 0, v(other, access.Member), false, false, false},
		{draft, 0, v(other, access.Admin), true, false, false},
		{submitted, time.Hour, v(author, access.Member), false, true, true},
		{submitted, 25 * time.Hour, v(author, access.Member), false, false, true},
		{submitted, 25 * time.Hour, v(other, access.Admin), false, true, true},
		{submitted, time.Hour, v(other, access.Member), false, false, false},
		{submitted, time.Hour, auth.Viewer{Side: auth.Portal, PersonID: author, Role: access.Owner}, false, false, false},
		{reopened, time.Hour, v(author, access.Member), true, false, true},
		{withdrawn, time.Hour, v(author, access.Owner), false, false, false},
	} {
		l := Log{State: c.state, AuthorID: author, SubmittedAt: now.Add(-c.age), Revision: 1}
		if got := [3]bool{l.mayWrite(c.who), l.mayReopen(c.who, now), l.mayWithdraw(c.who)}; got != [3]bool{c.write, c.reopen, c.withdraw} {
			t.Errorf("%s after %v for %s %s: %v", c.state, c.age, c.who.Side, c.who.Role, got)
		}
	}
}

func TestWhatALogNeedsBeforeItIsSubmitted(t *testing.T) {
	today := day.New(2026, 11, 26)
	safe, walls := Question{ID: uuid.New(), Category: "internal", Required: true}, Question{ID: uuid.New(), Category: "photos", Required: true}
	l := Log{LogDate: today.Add(1)}
	wrong := lacks(l, []Question{safe, walls}, nil, nil, today)
	for _, field := range []string{"text", "on", "a-" + safe.ID.String(), "a-" + walls.ID.String()} {
		if wrong[field] == "" {
			t.Errorf("nothing is said of %s: %v", field, wrong)
		}
	}
	l = Log{LogDate: today, Text: "Framing"}
	if wrong := lacks(l, []Question{safe, walls}, []Answer{{QuestionID: safe.ID, Text: "Yes"}}, []Photo{{QuestionID: walls.ID}}, today); len(wrong) > 0 {
		t.Errorf("%v", wrong)
	}
	if wrong := lacks(Log{LogDate: today}, nil, nil, []Photo{{}}, today); len(wrong) > 0 {
		t.Errorf("a photo alone is a log: %v", wrong)
	}
}

func TestWhatIsTypedOfTheWeather(t *testing.T) {
	one := func(n int) *int { return &n }
	var l Log
	wrong := fault.Fields{}
	f := logForm{Sky: "rain", High: "−3°", Low: "5"}
	f.applyWeather(&l, wrong)
	if len(wrong) > 0 || *l.High != 5 || *l.Low != -3 || l.WeatherFrom != "hand" {
		t.Errorf("%+v, %v", l.Weather, wrong)
	}
	if got := (Weather{Sky: "rain", High: one(5), Low: one(-3), Unit: "C"}).WeatherText().String(); got != "Rain, 5° to −3° C" {
		t.Error(got)
	}
	filled := Log{Weather: Weather{Sky: "clear", High: one(70), Low: one(50), Unit: "F", WeatherFrom: "provider"}}
	f = logForm{Sky: "clear", High: "70", Low: "50", SkyNote: "hot on the roof"}
	if f.applyWeather(&filled, wrong); filled.WeatherFrom != "provider" {
		t.Error("a note makes the provider's weather one by hand")
	}
	f.Sky = "rain"
	if f.applyWeather(&filled, wrong); filled.WeatherFrom != "hand" {
		t.Error("what was changed by hand is the provider's still")
	}
	f = logForm{High: "warm"}
	if f.applyWeather(&l, wrong); wrong["high"] == "" {
		t.Error("words pass for degrees")
	}
	for locale, want := range map[string]string{"en-US": "F", "en-GB": "C", "de": "C"} {
		if got := usualUnit(locale); got != want {
			t.Errorf("%s: %s", locale, got)
		}
	}
}

func TestAnswersFitTheirQuestions(t *testing.T) {
	for _, c := range []struct {
		q      Question
		answer string
		fits   bool
	}{
		{Question{Kind: "yesno"}, "Yes", true}, {Question{Kind: "yesno"}, "Maybe", false}, {Question{Kind: "yesno"}, "", true},
		{Question{Kind: "number"}, "-3,5", true}, {Question{Kind: "number"}, "3.5.1", false}, {Question{Kind: "number"}, ".", false},
		{Question{Kind: "choice", Choices: []string{"A", "B"}}, "B", true}, {Question{Kind: "choice", Choices: []string{"A", "B"}}, "C", false},
		{Question{Kind: "text"}, strings.Repeat("x", longText+1), false},
	} {
		if got := c.q.fits(c.answer) == ""; got != c.fits {
			t.Errorf("%s %q: %v", c.q.Kind, c.answer, got)
		}
	}
}
