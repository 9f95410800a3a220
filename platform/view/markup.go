package view

import (
	"bytes"
	"html/template"
	"strconv"
	"strings"
)

// Markup writes the rows of a hot list, where a template's actions cost more than all else of the page. A list that uses
// it keeps its template, and a test that both write the same: see TestRowsAreWhatTheirTemplateDraws in modules/clients.
// What is not text of the program is escaped, for it cannot be written otherwise.
type Markup struct {
	b      *bytes.Buffer // lent until Done
	assets *Assets
}

// NewMarkup begins a list; icons come from assets.
func NewMarkup(assets *Assets) *Markup { return &Markup{Buffer(), assets} }

// literal can only be written by the program: no variable of another package has this type.
type literal string

// Raw writes tags.
func (m *Markup) Raw(tags literal) *Markup { m.b.WriteString(string(tags)); return m }

// Text writes text, or a value that stands in quotes.
func (m *Markup) Text(text string) *Markup { Escape(m.b, text); return m }

// Int writes a number.
func (m *Markup) Int(n int) *Markup {
	m.b.Write(strconv.AppendInt(m.b.AvailableBuffer(), int64(n), 10))
	return m
}

// Path writes an address of this site, as Here.Path builds it, into quotes.
func (m *Markup) Path(path string) *Markup {
	if !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") {
		path = "#"
	}
	return m.Text(path)
}

// Icon writes one symbol.
func (m *Markup) Icon(name literal) *Markup {
	if icon, err := m.assets.icon(string(name)); err == nil { // only a program without its sprite has none
		m.b.WriteString(string(icon))
	}
	return m
}

// badgeIcons are the symbols of kinds of badges, as in views/_badge.html.
var badgeIcons = map[string]string{"ok": "circle-check", "due": "clock", "late": "circle-alert", "info": "circle-dashed", "sign": "pen-line", "brand": "circle-dot"}

// Badge writes what views/_badge.html draws; the icon is one of the program's, or the kind's own.
func (m *Markup) Badge(kind, text, icon string) *Markup {
	if icon == "" {
		if icon = badgeIcons[kind]; icon == "" {
			icon = "circle"
		}
	}
	return m.Raw(`<span class="badge `).Text(kind).Raw(`">`).Icon(literal(icon)).Text(text).Raw("</span>\n")
}

// Done gives what was written, and ends it.
func (m *Markup) Done() template.HTML {
	written := Safe(m.b.String())
	Return(m.b)
	m.b = nil
	return written
}

// escapes are those of html/template in text and in values in quotes.
var escapes = strings.NewReplacer("\x00", "\uFFFD", `"`, "&#34;", "&", "&amp;", "'", "&#39;", "+", "&#43;", "<", "&lt;", ">", "&gt;")

// Escape writes text as html/template does, in text and in values in quotes.
func Escape(out *bytes.Buffer, text string) { _, _ = escapes.WriteString(out, text) }
