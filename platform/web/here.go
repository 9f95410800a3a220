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

	zone *time.Location
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
func (h *Here) Ago(t time.Time) string { return ago(h.Now.Sub(t)) }

func ago(d time.Duration) string {
	switch minutes := int(d.Minutes()); {
	case minutes < 1:
		return "just now"
	case minutes < 60:
		return count(minutes, "minute") + " ago"
	case minutes < 60*24:
		return count(minutes/60, "hour") + " ago"
	case minutes < 60*24*60:
		return count(minutes/60/24, "day") + " ago"
	default:
		return count(minutes/60/24/30, "month") + " ago"
	}
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

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
type ShellFirm struct{ Name, Key, LogoURL, ThemeURL, Email, Phone string }

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
