package web

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"strconv"
	"strings"
	"sync"

	"portico/platform/view"
)

// shells keeps drawn shells, because somebody who walks through a section is shown the same one at every step. All that
// a shell shows is in the key of what is kept, so nobody is ever shown another's; what differs from page to page is left
// out, and filled in where a mark stands.
type shells struct {
	mu         sync.Mutex
	young, old map[string]*drawnShell
}

const keptShells = 500 // twice: about 8 KB each

// drawnShell is a shell cut at its marks: holes[i] stands behind texts[i].
type drawnShell struct {
	texts []string
	holes []int
}

// The holes of a shell.
const (
	holeTitle = iota
	holeCSRF
	holePage
	holeContent
)

// marks stand in a shell where the holes will be. They are made up anew by each process, so that nobody can write one.
var marks = func() (m [4]string) {
	for i := range m {
		m[i] = fmt.Sprintf("hole%d%s", i, strings.ToLower(rand.Text()))
	}
	return m
}()

// draw is the same as drawing the view of the shell's side.
func (k *shells) draw(views *view.Engine, out *bytes.Buffer, s Shell) error {
	if len(s.Toasts) > 0 {
		return views.Draw(out, s.Side, s)
	}
	filling := [4]string{s.Title, s.CSRF, s.PageID, string(s.Content)}
	for i, mark := range []*string{&s.Title, &s.CSRF, &s.PageID} {
		if *mark != "" { // a shell may leave out what there is not
			*mark = marks[i]
		}
	}
	s.Content = view.Safe(marks[holeContent])
	key := s.key()
	drawn := k.find(key)
	if drawn == nil {
		b := view.Buffer()
		defer view.Return(b)
		if err := views.Draw(b, s.Side, s); err != nil {
			return err
		}
		drawn = cutShell(b.String())
		k.keep(key, drawn)
	}
	for i, text := range drawn.texts {
		out.WriteString(text)
		if i < len(drawn.holes) {
			fill(out, drawn.holes[i], filling[drawn.holes[i]])
		}
	}
	return nil
}

func fill(out *bytes.Buffer, hole int, with string) {
	if hole == holeContent {
		out.WriteString(with)
		return
	}
	view.Escape(out, with)
}

func cutShell(text string) *drawnShell {
	d := &drawnShell{}
	for {
		at, hole := -1, 0
		for i, mark := range marks {
			if found := strings.Index(text, mark); found >= 0 && (at < 0 || found < at) {
				at, hole = found, i
			}
		}
		if at < 0 {
			d.texts = append(d.texts, text)
			return d
		}
		d.texts, d.holes = append(d.texts, text[:at]), append(d.holes, hole)
		text = text[at+len(marks[hole]):]
	}
}

// key holds all that the shell shows.
func (s Shell) key() string {
	b := view.Buffer()
	defer view.Return(b)
	add := func(texts ...string) {
		for _, t := range texts {
			b.WriteString(t)
			b.WriteByte(0)
		}
	}
	items := func(items []NavItem) {
		for _, i := range items {
			add(i.Title, i.Href, i.Icon)
			b.Write(strconv.AppendBool(strconv.AppendBool(strconv.AppendInt(b.AvailableBuffer(), int64(i.Badge), 10), i.Current), i.Asks))
		}
		b.WriteByte(1)
	}
	add(s.Side, s.Lang, s.Dir, s.Theme, s.Title, s.CSRF, s.PageID, s.LiveURL, s.SearchURL, s.SectionCSS, s.Preview)
	add(s.Firm.Name, s.Firm.Key, s.Firm.LogoURL, s.Firm.ThemeURL, s.Firm.TouchURL, s.Firm.Email, s.Firm.Phone)
	items(s.Nav)
	items(s.More)
	items(s.Switch)
	if s.Scope != nil {
		add("scope", s.Scope.Current)
		items(s.Scope.Items)
	}
	if s.Person != nil {
		add("person", s.Person.Name, s.Person.Email, s.Person.PhotoURL)
	}
	if s.Bell != nil {
		add("bell", s.Bell.Href, s.Bell.Count, strconv.FormatBool(s.Bell.Current))
	}
	if s.Banner != nil {
		add("banner", s.Banner.Kind, s.Banner.Text, s.Banner.Href, s.Banner.Action)
	}
	return b.String()
}

func (k *shells) find(key string) *drawnShell {
	k.mu.Lock()
	defer k.mu.Unlock()
	if d, ok := k.young[key]; ok {
		return d
	}
	d, ok := k.old[key]
	if ok {
		k.put(key, d)
	}
	return d
}

func (k *shells) keep(key string, d *drawnShell) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.put(key, d)
}

// put lets what nobody has asked for since the last turn fall out.
func (k *shells) put(key string, d *drawnShell) {
	if len(k.young) >= keptShells {
		k.young, k.old = nil, k.young
	}
	if k.young == nil {
		k.young = map[string]*drawnShell{}
	}
	k.young[key] = d
}
