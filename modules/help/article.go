package help

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/fault"
	"portico/platform/search"
)

// Kind is what an article is.
type Kind string

const (
	Process Kind = "process" // what happens next, step by step
	FAQ     Kind = "faq"     // one question and its answer
	Page    Kind = "page"    // anything else, under a section
)

// Title names the kind for staff.
func (k Kind) Title() string {
	return map[Kind]string{Process: "What happens next", FAQ: "Question and answer", Page: "Article"}[k]
}

// Audience says for whom an article is.
type Audience string

const (
	ForAll       Audience = "all"
	ForHousehold Audience = "household"
	ForCompany   Audience = "company"
)

// Title names the audience for staff.
func (a Audience) Title() string {
	return map[Audience]string{ForAll: "All clients", ForHousehold: "Households only", ForCompany: "Companies only"}[a]
}

// Article is one thing that staff wrote for clients.
type Article struct {
	bun.BaseModel `bun:"table:help.article,alias:article"`

	FirmID      uuid.UUID `bun:",pk"`
	ID          uuid.UUID `bun:",pk"`
	Kind        Kind
	Section     string
	Title       string
	Slug        string
	Body        string // Markdown
	Audience    Audience
	Position    int
	PublishedAt time.Time `bun:",nullzero"`
	Version     int
	UpdatedAt   time.Time
}

// Published reports whether clients may read it.
func (a Article) Published() bool { return !a.PublishedAt.IsZero() }

// Group is what an article stands under: its section, or what its kind is called.
func (a Article) Group() string {
	switch {
	case a.Kind == Process:
		return "What happens next"
	case a.Kind == FAQ:
		return "Questions and answers"
	case a.Section == "":
		return "More"
	}
	return a.Section
}

// group is a stretch of a list under one heading.
type group struct {
	Title    string
	Articles []Article
}

// grouped keeps the order of the articles, and that of the groups by their first one: process pages first, then
// questions, then sections.
func grouped(articles []Article) []group {
	var groups []group
	for _, kind := range []Kind{Process, FAQ, Page} {
		for _, a := range articles {
			if a.Kind != kind {
				continue
			}
			i := 0
			for i < len(groups) && groups[i].Title != a.Group() {
				i++
			}
			if i == len(groups) {
				groups = append(groups, group{Title: a.Group()})
			}
			groups[i].Articles = append(groups[i].Articles, a)
		}
	}
	return groups
}

const (
	longestTitle   = 160
	longestSection = 60
	longestBody    = 40_000
	longestText    = 3_000
)

// articleForm is an article as staff write it.
type articleForm struct {
	Kind     Kind     `form:"kind"`
	Title    string   `form:"title"`
	Section  string   `form:"section"`
	Body     string   `form:"body,raw"`
	Audience Audience `form:"audience"`
	Publish  bool     `form:"publish"`
	Version  int      `form:"version"`
}

// Check says what is wrong with it.
func (f *articleForm) Check() fault.Fields {
	wrong := fault.Fields{}
	f.Title, f.Section = oneLine(f.Title), oneLine(f.Section)
	if f.Kind.Title() == "" {
		wrong["kind"] = "Choose one from the list."
	}
	if f.Audience.Title() == "" {
		wrong["audience"] = "Choose one from the list."
	}
	switch n := utf8.RuneCountInString(f.Title); {
	case n == 0:
		wrong["title"] = "Enter a title."
	case n > longestTitle:
		wrong["title"] = "Use at most 160 characters."
	}
	if utf8.RuneCountInString(f.Section) > longestSection {
		wrong["section"] = "Use at most 60 characters."
	}
	switch {
	case strings.TrimSpace(f.Body) == "":
		wrong["body"] = "Write something."
	case len(f.Body) > longestBody:
		wrong["body"] = "This is too long for one article. Please make two of it."
	}
	return wrong
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

// slugOf makes an address of a title; it stays when the title changes, so that links live on.
func slugOf(title string) string {
	words := strings.FieldsFunc(search.Fold(title), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	slug := strings.Join(words, "-")
	for len(slug) > 60 || utf8.RuneCountInString(slug) > 60 {
		cut := strings.LastIndexByte(slug, '-')
		if cut < 0 {
			slug = strings.ToValidUTF8(slug[:60], "")
			break
		}
		slug = slug[:cut]
	}
	if slug == "" {
		return "article"
	}
	return slug
}

// excerpt is the beginning of a text, up to whole words.
func excerpt(text string, most int) string {
	runes := []rune(text)
	if len(runes) <= most {
		return text
	}
	cut := string(runes[:most])
	if i := strings.LastIndexByte(cut, ' '); i > most/2 {
		cut = cut[:i]
	}
	return strings.TrimRight(cut, " ,.;:") + "…"
}
