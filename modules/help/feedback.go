package help

import (
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"portico/platform/fault"
)

// State is how far a question is.
type State string

const (
	New      State = "new"
	Answered State = "answered"
	Closed   State = "closed" // put away without an answer
)

// Question is what a contact asked or remarked, with the answer.
type Question struct {
	ID           uuid.UUID
	ClientID     uuid.UUID
	ContactID    uuid.UUID
	PersonID     uuid.UUID
	ArticleID    uuid.UUID
	Useful       string // yes, no, or "" when it was not said
	Text         string
	State        State
	Answer       string
	AnsweredAt   time.Time
	MailedAt     time.Time
	Version      int
	CreatedAt    time.Time
	ContactName  string
	ClientName   string
	AnswererName string
	ArticleTitle string
	ArticleSlug  string
}

// Excerpt is how it stands in a list.
func (q Question) Excerpt() string { return excerpt(oneLine(q.Text), 140) }

// Paragraphs are the lines of the question.
func (q Question) Paragraphs() []string { return paragraphs(q.Text) }

// Answers are the lines of the answer.
func (q Question) Answers() []string { return paragraphs(q.Answer) }

func paragraphs(text string) []string {
	var lines []string
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, line)
		}
	}
	return lines
}

// limits of one contact within a day: enough for anybody who asks, too few to flood an inbox.
const questionsPerDay = 10

var errTooMany = fault.Field("text", "You have sent us a lot today. Please give us a call, or write again tomorrow.")

// questionForm is a question to the team.
type questionForm struct {
	Text    string `form:"text"`
	Article string `form:"article"` // slug, when it is about one
}

// Check says what is wrong with it.
func (f *questionForm) Check() fault.Fields {
	wrong := fault.Fields{}
	if problem := checkText(f.Text); f.Text == "" {
		wrong["text"] = "Write your question first."
	} else if problem != "" {
		wrong["text"] = problem
	}
	return wrong
}

// usefulForm is the vote below an article.
type usefulForm struct {
	Useful string `form:"useful"`
	Text   string `form:"text"`
}

// Check says what is wrong with it.
func (f *usefulForm) Check() fault.Fields {
	wrong := fault.Fields{}
	if f.Useful != "yes" && f.Useful != "no" {
		wrong["useful"] = "Choose yes or no."
	}
	if problem := checkText(f.Text); problem != "" {
		wrong["text"] = problem
	}
	return wrong
}

// answerForm is the team's answer.
type answerForm struct {
	Answer  string `form:"answer"`
	Version int    `form:"version"`
}

// Check says what is wrong with it.
func (f *answerForm) Check() fault.Fields {
	wrong := fault.Fields{}
	if problem := checkText(f.Answer); f.Answer == "" {
		wrong["answer"] = "Write an answer first."
	} else if problem != "" {
		wrong["answer"] = problem
	}
	return wrong
}

func checkText(text string) string {
	if utf8.RuneCountInString(text) > longestText {
		return "Use at most 3,000 characters."
	}
	return ""
}

var errMoved = fault.Conflict("Somebody has changed this meanwhile. What you wrote is still here: save again to replace theirs.")
