package dailylogs

import (
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"

	"portico/platform/fault"
)

// Question is what every log is asked.
type Question struct {
	ID       uuid.UUID
	Text     string
	Kind     string   // text, yesno, choice, number
	Choices  []string `bun:",array"`
	Category string   // client, internal, photos, general
	Required bool
	Position int
	Archived bool
}

// Title is a choice of a select.
type choice struct{ Value, Title string }

var (
	kinds = []choice{{"text", "Text"}, {"yesno", "Yes or no"}, {"choice", "One of several"}, {"number", "Number"}}

	categories = []choice{
		{"client", "For the client"}, {"general", "General: the author decides"}, {"internal", "Staff only"}, {"photos", "Photos: answered with pictures"},
	}
)

func titleOf(all []choice, value string) string {
	for _, c := range all {
		if c.Value == value {
			return c.Title
		}
	}
	return ""
}

// KindTitle names the kind for people.
func (q Question) KindTitle() string { return titleOf(kinds, q.Kind) }

// CategoryTitle names the category for people.
func (q Question) CategoryTitle() string { return titleOf(categories, q.Category) }

// ByPhotos reports whether pictures answer it.
func (q Question) ByPhotos() bool { return q.Category == "photos" }

// ChoiceText are the choices, one a line.
func (q Question) ChoiceText() string { return strings.Join(q.Choices, "\n") }

// fits reports what is wrong with an answer; "" when nothing is.
func (q Question) fits(answer string) string {
	switch {
	case answer == "":
		return ""
	case utf8.RuneCountInString(answer) > longText:
		return "Use at most 10,000 characters."
	case q.Kind == "yesno" && answer != "Yes" && answer != "No":
		return "Choose yes or no."
	case q.Kind == "choice" && !has(q.Choices, answer):
		return "Choose one from the list."
	case q.Kind == "number" && !number(answer):
		return "Enter a number."
	}
	return ""
}

func has(list []string, one string) bool {
	for _, l := range list {
		if l == one {
			return true
		}
	}
	return false
}

func number(text string) bool {
	text = strings.TrimPrefix(strings.ReplaceAll(text, ",", "."), "-")
	digits := 0
	for i, r := range text {
		switch {
		case r >= '0' && r <= '9':
			digits++
		case r == '.' && i > 0 && !strings.Contains(text[:i], "."):
		default:
			return false
		}
	}
	return digits > 0 && len(text) <= 20
}

// questionForm is a question as an admin writes it.
type questionForm struct {
	Text     string `form:"text"`
	Kind     string `form:"kind"`
	Choices  string `form:"choices"`
	Category string `form:"category"`
	Required bool   `form:"required"`
}

// Check says what is wrong with it.
func (f *questionForm) Check() fault.Fields {
	wrong := fault.Fields{}
	f.Text = strings.Join(strings.Fields(f.Text), " ")
	if f.Text == "" {
		wrong["text"] = "Write the question."
	} else if utf8.RuneCountInString(f.Text) > longCaption {
		wrong["text"] = "Use at most 300 characters."
	}
	if titleOf(categories, f.Category) == "" {
		wrong["category"] = "Choose whom it is for."
	}
	if f.Category == "photos" {
		f.Kind = "text"
	}
	if titleOf(kinds, f.Kind) == "" {
		wrong["kind"] = "Choose how it is answered."
	}
	if f.Kind == "choice" && len(f.choices()) < 2 {
		wrong["choices"] = "Write at least two choices, one a line."
	}
	return wrong
}

func (f *questionForm) choices() []string {
	all := []string{}
	if f.Kind != "choice" {
		return all
	}
	for line := range strings.Lines(f.Choices) {
		if line = strings.Join(strings.Fields(line), " "); line != "" && !has(all, line) && len(all) < 30 {
			all = append(all, line)
		}
	}
	return all
}

// Answer is what a log says to a question.
type Answer struct {
	QuestionID uuid.UUID `json:"question"`
	Asked      string    `json:"asked"`
	Category   string    `json:"category"`
	Text       string    `json:"text"`
	ClientText string    `json:"client_text,omitempty"`
	Shown      bool      `json:"shown"`
}
