// Package mailtext keeps the words of mails that a firm may write itself: each kind of mail brings a default and the
// placeholders that may stand in it; what a firm has changed is a row.
//
// A kind is registered once, as a package variable:
//
//	var words = mailtext.Register(mailtext.Kind{ID: "receipt", Title: "Receipt", …})
//
// and used in the job that sends the mail:
//
//	said, err := mailtext.Say(ctx, tx, firm, reader, words, func(r *lang.Reader) map[string]string { … })
//	letter := mail.Letter{Reader: reader, Subject: said.Subject, Markdown: said.Markdown, Button: mail.Button{Label: said.Button, …}}
//
// Setup > Mail texts shows every registered kind. The button, the code and the foot of a mail belong to no text: nobody
// can edit them away.
package mailtext

import (
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"portico/platform/fault"
	"portico/platform/markdown"
)

// Kind is one mail whose words a firm may change.
type Kind struct {
	ID      string // "invitation"; also its address in the setup
	Title   string
	When    string // when it is sent, in a sentence
	Subject string // the default
	Text    string // the default: Markdown
	Button  string // what the program's button says, for the preview; "": none
	Code    bool   // the program adds a code to type
	Fields  []Field
}

// Field is a placeholder.
type Field struct {
	Name     string // written {{name}}
	Becomes  string // in words, for the page
	Example  string // for the preview, where nothing better is known
	Optional bool   // may have nothing to say: then its paragraph is left out
	Lines    bool   // may have several lines, which a subject cannot
	Marks    bool   // *stars* and _lines_ in it are what they are in the text itself: a member of staff typed it
}

// Places that mails to contacts have in common.
var (
	Contact   = Field{Name: "contact", Becomes: "The contact's whole name", Example: "Ana Rivera"}
	FirstName = Field{Name: "first_name", Becomes: "The contact's first name", Example: "Ana"}
	Client    = Field{Name: "client", Becomes: "The client's name", Example: "Ana & Tom Rivera"}
	Firm      = Field{Name: "firm", Becomes: "Your firm's name", Example: "Northgate Builders"}
)

// Longest texts; a mail is no brochure.
const (
	LongestSubject = 200
	LongestText    = 8000
)

var (
	mu     sync.Mutex
	kinds  []Kind
	goodID = regexp.MustCompile(`^[a-z][a-z0-9_]{1,39}$`)
)

// Register adds a kind, from a package variable. It panics on one whose default it would refuse to save.
func Register(k Kind) Kind {
	mu.Lock()
	defer mu.Unlock()
	if !goodID.MatchString(k.ID) || k.Title == "" || k.When == "" {
		panic("mail text " + k.ID + ": want an id, a title and when it is sent")
	}
	if wrong := k.Check(k.Subject, k.Text); len(wrong) > 0 {
		panic("mail text " + k.ID + ": " + wrong["subject"] + wrong["text"])
	}
	if slices.ContainsFunc(kinds, func(o Kind) bool { return o.ID == k.ID }) {
		panic("mail text " + k.ID + ": registered twice")
	}
	kinds = append(kinds, k)
	slices.SortFunc(kinds, func(a, b Kind) int { return strings.Compare(a.Title, b.Title) })
	return k
}

// All are the kinds, by title.
func All() []Kind {
	mu.Lock()
	defer mu.Unlock()
	return slices.Clone(kinds)
}

// Find gives the kind with that id.
func Find(id string) (Kind, error) {
	for _, k := range All() {
		if k.ID == id {
			return k, nil
		}
	}
	return Kind{}, fault.NotFound()
}

func (k Kind) field(name string) (Field, bool) {
	for _, f := range k.Fields {
		if f.Name == name {
			return f, true
		}
	}
	return Field{}, false
}

// Examples are the values of a preview, as far as the kind knows.
func (k Kind) Examples() map[string]string {
	values := map[string]string{}
	for _, f := range k.Fields {
		values[f.Name] = f.Example
	}
	return values
}

// Check says what is wrong with a subject and a text, each at its field.
func (k Kind) Check(subject, text string) fault.Fields {
	wrong := fault.Fields{}
	switch {
	case strings.TrimSpace(subject) == "":
		wrong["subject"] = "Enter a subject."
	case utf8.RuneCountInString(subject) > LongestSubject:
		wrong["subject"] = "Use at most 200 characters."
	case strings.ContainsAny(subject, "\r\n"):
		wrong["subject"] = "A subject has one line."
	default:
		add(wrong, "subject", k.broken(subject, true))
	}
	switch {
	case strings.TrimSpace(text) == "":
		wrong["text"] = "Write something."
	case len(text) > LongestText:
		wrong["text"] = "This is too long for a mail. Use at most 8,000 characters."
	default:
		add(wrong, "text", k.broken(text, false))
	}
	if wrong["text"] == "" {
		for _, to := range markdown.Links(k.fill(text, k.Examples())) {
			if !markdown.Whole(to) {
				wrong["text"] = "The link to “" + to + "” opens nothing in a mail: write the whole address, beginning with https://."
			}
		}
	}
	return wrong
}

// Said is a mail's words, with the values in their places, and what its button says.
type Said struct{ Subject, Markdown, Button string }

// Fill puts values into the places. They are words, never marks: a client called *Star* stays *Star*.
func (k Kind) Fill(subject, text string, values map[string]string) Said {
	return Said{
		Subject:  strings.Join(strings.Fields(replace(subject, func(name string) string { return values[name] })), " "),
		Markdown: k.fill(text, values),
	}
}

var between = regexp.MustCompile(`\n[ \t]*\n`)

func (k Kind) fill(text string, values map[string]string) string {
	var kept []string
	for _, paragraph := range between.Split(text, -1) {
		silent := false
		filled := replace(paragraph, func(name string) string {
			f, _ := k.field(name)
			value := strings.TrimSpace(values[name])
			if value == "" && f.Optional {
				silent = true
			}
			if f.Marks {
				return marked(escaped(value, f.Lines))
			}
			return escaped(value, f.Lines)
		})
		if !silent {
			kept = append(kept, filled)
		}
	}
	return strings.Join(kept, "\n\n")
}

// escaped keeps the lines of a value that may have some, each as a paragraph.
// marked gives the marks for strong words back, and no others: a note has no headings, links or pictures of its own.
func marked(escaped string) string { return unstarred.Replace(escaped) }

var unstarred = strings.NewReplacer(`\*`, "*", `\_`, "_")

func escaped(value string, lines bool) string {
	if !lines {
		return markdown.Escape(strings.Join(strings.Fields(value), " "))
	}
	var paragraphs []string
	for line := range strings.Lines(value) {
		if line = strings.Join(strings.Fields(line), " "); line != "" {
			paragraphs = append(paragraphs, markdown.Escape(line))
		}
	}
	return strings.Join(paragraphs, "\n\n")
}

func add(wrong fault.Fields, field, problem string) {
	if problem != "" {
		wrong[field] = problem
	}
}
