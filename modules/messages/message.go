package messages

import (
	"fmt"
	"html/template"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"portico/platform/auth"
	"portico/platform/fault"
	"portico/platform/files"
	"portico/platform/markdown"
	"portico/platform/web"
)

// Message is one thing that was said.
type Message struct {
	ID, ConversationID  uuid.UUID
	PersonID, ContactID uuid.UUID // ContactID Nil: said as staff
	Author              string
	PhotoID             uuid.UUID
	Internal            bool // an internal note
	Body                string
	ByMail              bool
	CreatedAt           time.Time
	EditedAt            time.Time
	WithdrawnAt         time.Time

	Attachments []Attachment `bun:"-"`
	Mine        bool         `bun:"-"` // the viewer wrote it
	MayEdit     bool         `bun:"-"`
	MayWithdraw bool         `bun:"-"`
	Editing     bool         `bun:"-"`
	First       bool         `bun:"-"` // somebody else spoke before, or long ago
	NewDay      bool         `bun:"-"`
	NewFrom     bool         `bun:"-"` // the first one that the viewer has not read
	ReadBy      []reader     `bun:"-"` // staff see who has read up to here
}

// reader is somebody who has read up to a message.
type reader struct {
	Name string
	At   time.Time
}

const (
	longestBody   = 20_000
	editableFor   = 15 * time.Minute
	mostFiles     = 10
	mostFileBytes = 25 << 20
	mostBody      = 120 << 20
)

// ByClient reports whether a contact wrote it.
func (m Message) ByClient() bool { return m.ContactID != uuid.Nil }

// PhotoURL is the author's photo; "" for none.
func (m Message) PhotoURL() string { return files.URL(m.PhotoID, "thumb") }

// Withdrawn reports whether it was taken back.
func (m Message) Withdrawn() bool { return !m.WithdrawnAt.IsZero() }

// Edited reports whether it was corrected.
func (m Message) Edited() bool { return !m.EditedAt.IsZero() && !m.Withdrawn() }

// HTML is the text as pages show it.
func (m Message) HTML() template.HTML { return markdown.HTML(m.Body, 3) }

// by reports whether the viewer wrote it, on the side where the viewer stands now.
func (m Message) by(v auth.Viewer) bool {
	return m.PersonID == v.PersonID && m.ByClient() == (v.Side == auth.Portal)
}

// editable reports whether the viewer may still change it: its author, for a while.
func (m Message) editable(v auth.Viewer, now time.Time) bool {
	return m.by(v) && v.ViewAs == uuid.Nil && !m.Withdrawn() && now.Sub(m.CreatedAt) < editableFor
}

// withdrawable reports whether the viewer may take it back: its author.
func (m Message) withdrawable(v auth.Viewer) bool {
	return m.by(v) && v.ViewAs == uuid.Nil && !m.Withdrawn()
}

// Attachment is a file that came with a message.
type Attachment struct {
	ID, ConversationID, MessageID, FileID uuid.UUID
	Name, Media                           string
	Size                                  int64
	Scan                                  string // off, waiting, clean, infected
}

// Open reports whether it may be opened.
func (a Attachment) Open() bool { return a.Scan == "off" || a.Scan == "clean" }

// Picture reports whether it is shown as one.
func (a Attachment) Picture() bool { return files.Kind(a.Media).Picture() }

// PDF reports whether it is shown on a page of its own.
func (a Attachment) PDF() bool { return files.Kind(a.Media) == files.PDF }

// Thumb, Large, Shown and Download are its addresses.
func (a Attachment) Thumb() string    { return files.URL(a.FileID, "medium") }
func (a Attachment) Large() string    { return files.URL(a.FileID, "large") }
func (a Attachment) Shown() string    { return files.URL(a.FileID, "shown") }
func (a Attachment) Download() string { return files.URL(a.FileID, "original") }

// Weight is its size in words.
func (a Attachment) Weight() string {
	switch {
	case a.Size < 1000:
		return fmt.Sprintf("%d bytes", a.Size)
	case a.Size < 1_000_000:
		return fmt.Sprintf("%d KB", (a.Size+500)/1000)
	}
	return fmt.Sprintf("%d.%d MB", a.Size/1_000_000, a.Size%1_000_000/100_000)
}

// sayForm is a message as it is typed.
type sayForm struct {
	ID       uuid.UUID   `form:"id"` // chosen by the page: a form that is sent twice says it once
	Body     string      `form:"body"`
	Internal bool        `form:"internal"` // office only
	Files    []*web.File `form:"files"`
}

// attached are the files that were really chosen: a browser sends an empty one for an empty field.
func (f *sayForm) attached() []*web.File {
	var some []*web.File
	for _, file := range f.Files {
		if file.Name != "" || file.Size > 0 {
			some = append(some, file)
		}
	}
	return some
}

// Check says what is wrong with it.
func (f *sayForm) Check() fault.Fields {
	chosen := f.attached()
	wrong := fault.Fields{}
	switch {
	case f.Body == "" && len(chosen) == 0:
		wrong["body"] = "Write something first."
	case utf8.RuneCountInString(f.Body) > longestBody:
		wrong["body"] = "Use at most 20,000 characters."
	}
	if len(chosen) > mostFiles {
		wrong["files"] = fmt.Sprintf("Attach at most %d files to one message.", mostFiles)
	}
	for _, file := range chosen {
		if file.Size > mostFileBytes {
			wrong["files"] = file.Name + " is larger than 25 MB."
		}
	}
	return wrong
}

// startForm begins a conversation.
type startForm struct {
	ID       uuid.UUID   `form:"id"` // of the conversation, chosen by the page
	Subject  string      `form:"subject"`
	Body     string      `form:"body"`
	Files    []*web.File `form:"files"`
	Client   uuid.UUID   `form:"client"` // office
	Project  uuid.UUID   `form:"project"`
	People   []uuid.UUID `form:"people"`   // office: the contacts who hear of it
	Internal bool        `form:"internal"` // office
	About    string      `form:"about"`    // a section, and one of its items
	Item     uuid.UUID   `form:"item"`
}

// Check says what is wrong with it.
func (f *startForm) Check() fault.Fields {
	f.Subject = oneLine(f.Subject)
	first := f.first()
	wrong := first.Check()
	if problem := wrongSubject(f.Subject); problem != "" {
		wrong["subject"] = problem
	}
	return wrong
}

func (f *startForm) first() sayForm { return sayForm{ID: f.ID, Body: f.Body, Files: f.Files} }

// threadLength is how many messages a page shows at first, and how many more at each step.
const threadLength = 60

// arranged marks what the page needs to know of each message: where somebody else begins to speak, where a day begins,
// what is new.
func arranged(list []Message, v auth.Viewer, now time.Time, zone func(time.Time) time.Time, readTo time.Time) []Message {
	marked := false
	for i := range list {
		m := &list[i]
		m.Mine, m.MayEdit, m.MayWithdraw = m.by(v), m.editable(v, now), m.withdrawable(v)
		m.First, m.NewDay = true, true
		if i > 0 {
			before := list[i-1]
			m.NewDay = zone(before.CreatedAt).YearDay() != zone(m.CreatedAt).YearDay() || zone(before.CreatedAt).Year() != zone(m.CreatedAt).Year()
			m.First = m.NewDay || before.PersonID != m.PersonID || before.ContactID != m.ContactID || before.Internal != m.Internal || m.CreatedAt.Sub(before.CreatedAt) > 10*time.Minute
		}
		if !marked && !m.Mine && !m.Withdrawn() && m.CreatedAt.After(readTo) {
			m.NewFrom, marked = true, true
		}
	}
	return list
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

func cut(text string, most int) string {
	if utf8.RuneCountInString(text) <= most {
		return text
	}
	return strings.TrimSpace(string([]rune(text)[:most-1])) + "…"
}

func firstName(name string) string {
	first, _, _ := strings.Cut(name, " ")
	return first
}
