// Package comment is what clients and staff say about a thing of a section: a daily log, a selection. The section says
// who may see the thing, who may write, and whom a mail tells; the words, who reads which of them, and taking them back
// are the same everywhere and live here. Fragment: views/_comments.html.
package comment

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/access"
	"portico/platform/auth"
	"portico/platform/db/paging"
	"portico/platform/fault"
	"portico/platform/files"
	"portico/platform/id"
)

// Longest is how many characters one comment may have.
const Longest = 4000

// Thing is what is commented on. Whoever hands one over has asked whether the viewer may see it.
type Thing struct {
	Section   string // the module's id
	ID        uuid.UUID
	ClientID  uuid.UUID
	ProjectID uuid.UUID
}

// Comment is what one person said.
type Comment struct {
	ID, ClientID, ProjectID uuid.UUID
	ThingID                 uuid.UUID
	PersonID, ContactID     uuid.UUID // ContactID Nil: said as staff
	Author                  string
	PhotoID                 uuid.UUID // staff who show theirs
	Text                    string
	Internal                bool
	CreatedAt               time.Time
	WithdrawnAt             time.Time // staff see that there was one, not what it said

	Mine bool `bun:"-"` // the viewer may take it back
}

// ByClient reports whether a contact wrote it.
func (c Comment) ByClient() bool { return c.ContactID != uuid.Nil }

// PhotoURL is the author's photo; "" for none.
func (c Comment) PhotoURL() string { return files.URL(c.PhotoID, "thumb") }

// Withdrawn reports whether it was taken back.
func (c Comment) Withdrawn() bool { return !c.WithdrawnAt.IsZero() }

// Excerpt is its beginning on one line.
func (c Comment) Excerpt() string {
	text := strings.Join(strings.Fields(c.Text), " ")
	if utf8.RuneCountInString(text) <= 140 {
		return text
	}
	return strings.TrimSpace(string([]rune(text)[:139])) + "…"
}

// Piece is a run of text; with an address it is a link.
type Piece struct{ Text, Href string }

var address = regexp.MustCompile(`https?://[^\s<>"]+`)

// Lines are the text as it is shown: line by line, and in each what is a link and what is not.
func (c Comment) Lines() [][]Piece { return Lines(c.Text) }

// Lines splits plain text for a template that shows line breaks and links. An empty line is one without pieces.
func Lines(text string) [][]Piece {
	var lines [][]Piece
	for line := range strings.SplitSeq(strings.TrimSpace(text), "\n") {
		var pieces []Piece
		at := 0
		for _, found := range address.FindAllStringIndex(line, -1) {
			from, to := found[0], found[0]+len(strings.TrimRight(line[found[0]:found[1]], ".,;:!?)'"))
			if from > at {
				pieces = append(pieces, Piece{Text: line[at:from]})
			}
			pieces = append(pieces, Piece{line[from:to], line[from:to]})
			at = to
		}
		if rest := strings.TrimRight(line[at:], " \t\r"); rest != "" {
			pieces = append(pieces, Piece{Text: rest})
		}
		lines = append(lines, pieces)
	}
	return lines
}

// Form is what is typed below a thing.
type Form struct {
	Text     string `form:"comment"`
	Internal bool   `form:"internal"` // office only
}

// Check says what is wrong with it.
func (f *Form) Check() fault.Fields {
	switch n := utf8.RuneCountInString(f.Text); {
	case n == 0:
		return fault.Fields{"comment": "Write something first."}
	case n > Longest:
		return fault.Fields{"comment": fmt.Sprintf("Use at most 4,000 characters. There are %d now.", n)}
	}
	return nil
}

// Add says something about a thing; a client's words are never internal. The same words again within a minute are a form
// sent twice: fresh is false and nothing was added.
func Add(ctx context.Context, tx bun.IDB, v auth.Viewer, about Thing, f Form) (c Comment, fresh bool, err error) {
	if !v.SignedIn() || v.ViewAs != uuid.Nil {
		return c, false, fault.NotFound()
	}
	if err := fault.InFields(f.Check()); err != nil {
		return c, false, err
	}
	c = Comment{
		ID: id.New(), ClientID: about.ClientID, ProjectID: about.ProjectID, ThingID: about.ID, PersonID: v.PersonID, Author: v.Name,
		Text: f.Text, Internal: f.Internal && v.Side == auth.Office, Mine: true,
	}
	if v.Side == auth.Portal {
		if v.ClientID != about.ClientID {
			return c, false, fault.NotFound()
		}
		c.ContactID = v.ContactID
	}
	if err := alone(ctx, tx, about.ID, v.PersonID); err != nil {
		return c, false, err
	}
	twin, err := twinOf(ctx, tx, v, about.Section, c)
	if err != nil || twin != uuid.Nil {
		c.ID = twin
		return c, false, err
	}
	return c, true, insert(ctx, tx, v, about.Section, c)
}

// Page is some of what was said about a thing, in the order in which it was said.
type Page struct {
	List  []Comment
	turns paging.Turns // Next: what was said before
}

// Earlier is where one reads what was said before; "" when that is all. action is where comments are posted: below the
// thing's own page.
func (p Page) Earlier(action string) string { return turned(action, "after", p.turns.Next) }

// Later is where one reads on.
func (p Page) Later(action string) string { return turned(action, "before", p.turns.Prev) }

func turned(action, way, cursor string) string {
	if cursor == "" {
		return ""
	}
	return strings.TrimSuffix(action, "/comments") + "?" + way + "=" + cursor + "#comments"
}

// Of gives what was said about one thing, as far as the viewer may read it: the latest, or what a place of the address
// says.
func Of(ctx context.Context, tx bun.IDB, v auth.Viewer, section string, thing uuid.UUID, from paging.Place) (Page, error) {
	list, turns, err := ofThing(ctx, tx, v, section, thing, from.If(isTime))
	slices.Reverse(list)
	for i := range list {
		list[i].Mine = list[i].mayWithdraw(v)
		if list[i].Withdrawn() {
			list[i].Text = ""
		}
	}
	return Page{list, turns}, err
}

func isTime(key string) bool {
	_, err := time.Parse(time.RFC3339Nano, key)
	return err == nil
}

// Withdraw takes a comment back: its author may, and an admin of the firm. Clients see it no more, staff that there was one.
func Withdraw(ctx context.Context, tx bun.IDB, v auth.Viewer, section string, thing, comment uuid.UUID) (Comment, error) {
	c, err := byID(ctx, tx, v, section, thing, comment)
	if err != nil {
		return c, err
	}
	if !c.mayWithdraw(v) {
		return c, fault.NotFound()
	}
	return c, withdraw(ctx, tx, v, comment)
}

func (c Comment) mayWithdraw(v auth.Viewer) bool {
	switch {
	case c.Withdrawn() || v.ViewAs != uuid.Nil:
		return false
	case v.Side == auth.Portal:
		return c.ContactID == v.ContactID && c.PersonID == v.PersonID
	case v.Side == auth.Office:
		return c.PersonID == v.PersonID && !c.ByClient() || v.Role.AtLeast(access.Admin)
	}
	return false
}
