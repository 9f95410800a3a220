package portaltest

import (
	"strings"

	"golang.org/x/net/html"
)

// Follow presses a link, by its words.
func (b *Browser) Follow(text string) *Browser {
	b.t.Helper()
	link := b.named("link", text, func(n *html.Node) bool {
		return n.Data == "a" && hasAttr(n, "href") || b.htmx && hasAttr(n, "hx-get") && n.Data != "form" && attr(n, "hx-trigger") == ""
	})
	switch {
	case b.htmx && hxURL(link) != "":
		b.swap(link, nil)
	case b.htmx && hasAttr(link, "data-dialog"):
		b.openDialog(link)
	default:
		b.navigate("GET", b.address(attr(link, "href")), nil, "")
	}
	return b
}

// Press presses a button, by its words, and sends its form.
func (b *Browser) Press(text string) *Browser {
	b.t.Helper()
	button := b.named("button", text, func(n *html.Node) bool {
		kind := attr(n, "type")
		return n.Data == "button" && (kind != "button" || hasAttr(n, "hx-post") || hasAttr(n, "hx-delete") || hasAttr(n, "hx-get")) ||
			n.Data == "input" && (kind == "submit" || kind == "image")
	})
	if hasAttr(button, "disabled") {
		b.t.Fatalf("the button %q is disabled at %s", text, b.Path())
	}
	form := b.formOf(button)
	switch {
	case b.htmx && hxURL(button) != "":
		b.swap(button, button)
	case b.htmx && form != nil && hxURL(form) != "" && !hasAttr(button, "formaction"):
		b.swap(form, button)
	case form != nil:
		b.submit(form, button)
	default:
		b.t.Fatalf("the button %q at %s does nothing without a script", text, b.Path())
	}
	return b
}

// Submit sends the only form, or that of the last field that was filled in, as Enter does.
func (b *Browser) Submit() *Browser {
	b.t.Helper()
	form := first(b.root(), tag("form"))
	for n := range b.tab.typed {
		if f := b.formOf(n); f != nil {
			form = f
		}
	}
	if form == nil {
		b.t.Fatalf("there is no form at %s", b.Path())
	}
	if b.htmx && hxURL(form) != "" {
		b.swap(form, nil)
	} else {
		b.submit(form, nil)
	}
	return b
}

// Fill writes into the field with that label.
func (b *Browser) Fill(label, value string) *Browser {
	b.t.Helper()
	field := b.field(label)
	if hasAttr(field, "disabled") || hasAttr(field, "readonly") {
		b.t.Fatalf("the field %q cannot be written", label)
	}
	switch field.Data {
	case "textarea":
		setContent(field, value)
	case "select":
		b.choose(field, label, value)
	default:
		setAttr(field, "value", value)
	}
	if b.tab.typed == nil {
		b.tab.typed = map[*html.Node]bool{}
	}
	b.tab.typed[field] = true
	return b
}

// Choose picks an option of a list, or a radio button, by its words.
func (b *Browser) Choose(label, option string) *Browser {
	b.t.Helper()
	for _, group := range all(b.root(), tag("fieldset")) {
		if legend := first(group, tag("legend")); legend != nil && fits(words(legend), label) > 0 {
			narrowed := *b
			b.pick(narrowed.best("choice", option, b.labelled(group)))
			return b
		}
	}
	field := b.field(label)
	if field.Data == "select" {
		b.choose(field, label, option)
		return b
	}
	b.t.Fatalf("%q at %s is neither a list nor a group of choices", label, b.Path())
	return b
}

func (b *Browser) choose(field *html.Node, label, option string) {
	b.t.Helper()
	options := all(field, tag("option"))
	var offers []string
	for _, o := range options {
		offers = append(offers, oneLine(content(o)))
		if oneLine(content(o)) == oneLine(option) || attr(o, "value") == option {
			if !hasAttr(field, "multiple") {
				for _, other := range options {
					dropAttr(other, "selected")
				}
			}
			setAttr(o, "selected", "")
			return
		}
	}
	b.fatal("option of "+label, option, offers)
}

// Tick sets a checkbox or a radio button.
func (b *Browser) Tick(label string) *Browser {
	b.t.Helper()
	b.pick(b.field(label))
	return b
}

// Untick clears a checkbox.
func (b *Browser) Untick(label string) *Browser {
	b.t.Helper()
	dropAttr(b.field(label), "checked")
	return b
}

func (b *Browser) pick(field *html.Node) {
	if attr(field, "type") == "radio" {
		form := b.formOf(field)
		for _, other := range all(b.tab.doc, tag("input")) {
			if attr(other, "type") == "radio" && attr(other, "name") == attr(field, "name") && b.formOf(other) == form {
				dropAttr(other, "checked")
			}
		}
	}
	setAttr(field, "checked", "")
}

// Attach puts a file into the file field with that label; again: one more.
func (b *Browser) Attach(label, name string, content []byte) *Browser {
	b.t.Helper()
	field := b.field(label)
	if attr(field, "type") != "file" {
		b.t.Fatalf("the field %q at %s takes no files", label, b.Path())
	}
	if b.tab.uploads == nil {
		b.tab.uploads = map[*html.Node][]upload{}
	}
	b.tab.uploads[field] = append(b.tab.uploads[field], upload{name, content})
	return b
}

// named finds a link or button by its words, its label or its value: exactly, else by how they begin, else by what they
// contain.
func (b *Browser) named(what, text string, kind func(*html.Node) bool) *html.Node {
	b.t.Helper()
	var found []choice
	for _, n := range all(b.root(), kind) {
		name := attr(n, "aria-label")
		if name == "" {
			name = strings.TrimSpace(words(n))
		}
		if n.Data == "input" {
			name = attr(n, "value")
		}
		if name == "" {
			name = attr(n, "title")
		}
		found = append(found, choice{name, n})
	}
	return b.best(what, text, found)
}

type choice struct {
	name string
	node *html.Node
}

func (b *Browser) best(what, text string, among []choice) *html.Node {
	b.t.Helper()
	var best *html.Node
	score := 0
	var offers []string
	for _, c := range among {
		offers = append(offers, c.name)
		if s := fits(c.name, text); s > score {
			best, score = c.node, s
		}
	}
	if best == nil {
		b.fatal(what, text, offers)
	}
	return best
}

func fits(name, wanted string) int {
	name, wanted = oneLine(name), oneLine(wanted)
	switch {
	case name == wanted:
		return 3
	case strings.HasPrefix(name, wanted):
		return 2
	case strings.Contains(name, wanted):
		return 1
	}
	return 0
}

// field finds a field by its label.
func (b *Browser) field(label string) *html.Node {
	b.t.Helper()
	return b.best("field", label, b.labelled(b.root()))
}

func (b *Browser) labelled(root *html.Node) []choice {
	isField := func(n *html.Node) bool {
		return (n.Data == "input" && attr(n, "type") != "hidden" && attr(n, "type") != "submit") || n.Data == "select" || n.Data == "textarea"
	}
	var found []choice
	for _, n := range all(root, isField) {
		name := attr(n, "aria-label")
		if id := attr(n, "aria-labelledby"); name == "" && id != "" {
			if by := byID(b.tab.doc, strings.Fields(id)[0]); by != nil {
				name = words(by)
			}
		}
		if name == "" {
			for _, l := range all(b.tab.doc, tag("label")) {
				if id := attr(l, "for"); id != "" && id == attr(n, "id") || id == "" && first(l, func(c *html.Node) bool { return c == n }) != nil {
					name = labelWords(l)
					break
				}
			}
		}
		if name == "" {
			name = attr(n, "placeholder")
		}
		found = append(found, choice{name, n})
	}
	return found
}

// labelWords leaves out what stands in the field, its help, and "(optional)".
func labelWords(label *html.Node) string {
	var b strings.Builder
	var walk func(*html.Node)
	walk = func(n *html.Node) {
		if n.Type == html.TextNode {
			b.WriteString(n.Data)
			return
		}
		if n.Type == html.ElementNode && (n.Data == "select" || n.Data == "textarea" || n.Data == "svg" || selects(".help, .wrong, .optional")(n)) {
			return
		}
		b.WriteByte(' ')
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c)
		}
		b.WriteByte(' ')
	}
	walk(label)
	return oneLine(b.String())
}
