package web

import (
	"fmt"
	"html/template"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"portico/platform/auth"
	"portico/platform/day"
	"portico/platform/fault"
	"portico/platform/lang"
	"portico/platform/notice"
)

// Here is where a page is and who looks at it. Every view embeds it.
type Here struct {
	Viewer  auth.Viewer
	Module  string // the section in view, "" for the platform's own pages
	Title   string
	CSRF    string
	Errors  fault.Fields // what was wrong, by field
	Problem string       // what was wrong with the whole form
	Now     time.Time    // in the viewer's zone
	Part    bool         // a fragment is being drawn, not a page
	URL     string       // this page, with its query

	zone   *time.Location
	reader *lang.Reader
}

// Reader is the language of whoever looks at the page: a contact's own, that of a stranger's browser; staff read English.
func (h *Here) Reader() *lang.Reader {
	if h.reader == nil {
		h.reader = h.Viewer.Reader()
	}
	return h.reader
}

// For is the same place as somebody else reads it: a document is said in the language of whom it is for.
func (h *Here) For(reader *lang.Reader) *Here {
	other := *h
	other.reader, other.Viewer.Locale = reader, reader.Locale()
	return &other
}

// readerOf finds the language: accepted is what a stranger's browser asks for.
func readerOf(v auth.Viewer, accepted string) *lang.Reader {
	if v.Side == auth.Stranger && v.PersonID == uuid.Nil {
		return lang.Accepted(accepted, v.Firm.Locale)
	}
	return v.Reader()
}

// Accept lets the page speak a language that was asked for as browsers do, instead of the viewer's own.
func (h *Here) Accept(languages string) { h.reader = lang.Accepted(languages, h.Viewer.Firm.Locale) }

// Say gives a message of the program in the reader's language: English words, with a %s for each argument.
func (h *Here) Say(words string, args ...any) string { return h.Reader().Say(words, args...) }

// Count is Say for a number of things, which is the first argument of the words.
func (h *Here) Count(n int, one, many string, args ...any) string {
	return h.Reader().Count(n, one, many, args...)
}

// Said gives the options of a list in the reader's language.
func Said[O ~struct{ Value, Title string }](h *Here, list []O) []O {
	said := make([]O, len(list))
	for i, one := range list {
		words := struct{ Value, Title string }(one)
		words.Title = h.Say(words.Title)
		said[i] = O(words)
	}
	return said
}

// Path builds an address on this side: in the portal of the scope in view, in the office without one.
// Path "billing" .ID is /portal/all/billing/<id> or /office/billing/<id>.
func (h *Here) Path(parts ...any) string {
	var b strings.Builder
	if h.Viewer.Side == auth.Portal {
		b.WriteString("/portal/" + h.Viewer.ScopeKey())
	} else {
		b.WriteString("/office")
	}
	for _, part := range parts {
		b.WriteByte('/')
		switch part := part.(type) {
		case uuid.UUID:
			b.WriteString(part.String())
		case string:
			b.WriteString(url.PathEscape(part))
		default:
			b.WriteString(url.PathEscape(fmt.Sprint(part)))
		}
	}
	return b.String()
}

// Local gives an instant in the viewer's zone.
func (h *Here) Local(t time.Time) time.Time {
	if t.IsZero() {
		return t
	}
	return t.In(h.zone)
}

// Today is the day in the viewer's zone.
func (h *Here) Today() day.Day { return day.Of(h.Now) }

// Ago writes how long ago an instant was, in one or two words.
func (h *Here) Ago(t time.Time) string { return ago(h.Reader(), h.Now.Sub(t)) }

func ago(r *lang.Reader, d time.Duration) string {
	switch minutes := int(d.Minutes()); {
	case minutes < 1:
		return r.Say("just now")
	case minutes < 60:
		return r.Count(minutes, "%s minute ago", "%s minutes ago")
	case minutes < 60*24:
		return r.Count(minutes/60, "%s hour ago", "%s hours ago")
	case minutes < 60*24*60:
		return r.Count(minutes/60/24, "%s day ago", "%s days ago")
	default:
		return r.Count(minutes/60/24/30, "%s month ago", "%s months ago")
	}
}

// complain keeps what is wrong, in the reader's language.
func (h *Here) complain(f *fault.Error) { h.Problem, h.Errors = f.In(h.Say) }

// Error is what is wrong with a field, or "".
func (h *Here) Error(field string) string { return h.Errors[field] }

// With repeats this page's address with one query value changed, from the list's start unless that is what changes: for
// filters and sorting.
func (h *Here) With(key string, value any) string {
	u, err := url.Parse(h.URL)
	if err != nil {
		return h.URL
	}
	q := u.Query()
	for _, drop := range []string{"page", "after", "before", key} {
		q.Del(drop)
	}
	if text := fmt.Sprint(value); text != "" {
		q.Set(key, text)
	}
	u.RawQuery = q.Encode()
	return u.String()
}

// NavItem is one way on.
type NavItem struct {
	Title, Href, Icon string
	Current           bool
	Badge             int  // how much is new there
	Asks              bool // for it again, at Href/unread, when the topic "unread" rings
}

// Shell is what is drawn around a page's content.
type Shell struct {
	Lang, Dir, Theme string
	Title            string
	Firm             ShellFirm
	Side             string
	Nav, More        []NavItem
	Scope            *ScopeMenu
	SearchURL        string
	SectionCSS       string // of the section whose page it is
	Person           *ShellPerson
	Bell             *Bell // nil: there is none
	Switch           []NavItem
	Banner           *Banner
	Preview          string // whose eyes staff look with: the contact's id; "": nobody's but the person's own
	CSRF             string
	LiveURL          string
	Toasts           []Toast
	Content          template.HTML
	PageID           string
}

// ShellFirm is the firm as the shell shows it; in the portal the logo may be the client's own.
type ShellFirm struct {
	Name, Key, LogoURL, ThemeURL, Email, Phone string
	TouchURL                                   string // how it stands among the programs of a phone
}

// ShellPerson is who is signed in.
type ShellPerson struct{ Name, Email, PhotoURL string }

// ScopeMenu switches between all projects and one.
type ScopeMenu struct {
	Current string
	Items   []NavItem
}

// Bell is the way to what somebody was told, with how much of it is unread.
type Bell struct {
	Href, Count string // Count: "" for none, "30+" for many
	Current     bool
}

// BellOf counts as far as people do.
func BellOf(href string, unread int, current bool) Bell {
	b := Bell{Href: href, Current: current}
	switch {
	case unread > notice.MostCounted:
		b.Count = strconv.Itoa(notice.MostCounted) + "+"
	case unread > 0:
		b.Count = strconv.Itoa(unread)
	}
	return b
}

// Banner is a strip above the page: view-as, demo.
type Banner struct{ Kind, Text, Href, Action string }

// Toast is a short word about what was done. Kind is ok, info or late.
type Toast struct {
	Kind string `json:"k"`
	Text string `json:"t"`
}
