package portaltest

import (
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func hasAttr(n *html.Node, name string) bool {
	for _, a := range n.Attr {
		if a.Key == name {
			return true
		}
	}
	return false
}

func setAttr(n *html.Node, name, value string) {
	for i, a := range n.Attr {
		if a.Key == name {
			n.Attr[i].Val = value
			return
		}
	}
	n.Attr = append(n.Attr, html.Attribute{Key: name, Val: value})
}

func dropAttr(n *html.Node, name string) {
	for i, a := range n.Attr {
		if a.Key == name {
			n.Attr = append(n.Attr[:i], n.Attr[i+1:]...)
			return
		}
	}
}

// all gives the elements below n, n included, in the order of the page.
func all(n *html.Node, fits func(*html.Node) bool) []*html.Node {
	if n == nil {
		return nil
	}
	var found []*html.Node
	var walk func(*html.Node)
	walk = func(n *html.Node) {
		if n.Type == html.ElementNode && fits(n) {
			found = append(found, n)
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c)
		}
	}
	walk(n)
	return found
}

func first(n *html.Node, fits func(*html.Node) bool) *html.Node {
	if found := all(n, fits); len(found) > 0 {
		return found[0]
	}
	return nil
}

func tag(names ...string) func(*html.Node) bool {
	return func(n *html.Node) bool {
		for _, name := range names {
			if n.Data == name {
				return true
			}
		}
		return false
	}
}

func byID(root *html.Node, id string) *html.Node {
	return first(root, func(n *html.Node) bool { return attr(n, "id") == id })
}

func closest(n *html.Node, fits func(*html.Node) bool) *html.Node {
	for ; n != nil; n = n.Parent {
		if n.Type == html.ElementNode && fits(n) {
			return n
		}
	}
	return nil
}

// words is what a person reads: no scripts and styles, one blank between words. What stands in fields is read too.
func words(n *html.Node) string {
	var b strings.Builder
	read(n, &b)
	return oneLine(b.String())
}

// blocks begin a new word; other elements may stand inside one.
var blocks = tag("p", "div", "li", "td", "th", "tr", "h1", "h2", "h3", "h4", "section", "article", "header", "footer", "nav", "br", "dt", "dd",
	"label", "button", "option", "form", "small", "a", "summary", "caption", "legend", "fieldset", "table", "ul", "ol", "input", "select")

func read(n *html.Node, b *strings.Builder) {
	if n == nil {
		return
	}
	if n.Type == html.TextNode {
		b.WriteString(n.Data)
		return
	}
	if n.Type == html.ElementNode {
		switch n.Data {
		case "script", "style", "template", "head", "svg":
			return
		case "input":
			if kind := attr(n, "type"); kind != "hidden" && kind != "password" && kind != "checkbox" && kind != "radio" {
				b.WriteString(" " + attr(n, "value") + " ")
			}
			return
		case "option":
			if !hasAttr(n, "selected") {
				return
			}
		}
	}
	block := n.Type == html.ElementNode && blocks(n)
	if block {
		b.WriteByte(' ')
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		read(c, b)
	}
	if block {
		b.WriteByte(' ')
	}
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// content is the raw text of an element, as a field holds it.
func content(n *html.Node) string {
	var b strings.Builder
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if c.Type == html.TextNode {
			b.WriteString(c.Data)
		}
	}
	return b.String()
}

func setContent(n *html.Node, text string) {
	for n.FirstChild != nil {
		n.RemoveChild(n.FirstChild)
	}
	n.AppendChild(&html.Node{Type: html.TextNode, Data: text})
}

// fragment parses what htmx would: pieces of a page, also rows without their table.
func fragment(text string) []*html.Node {
	nodes, err := html.ParseFragment(strings.NewReader(text), &html.Node{Type: html.ElementNode, Data: "template", DataAtom: atom.Template})
	if err != nil {
		return nil
	}
	return nodes
}

// selects answers whether an element fits a small piece of CSS: tag, #id, .class, [attr], [attr=value], with blanks and
// commas between.
func selects(css string) func(*html.Node) bool {
	var any []func(*html.Node) bool
	for _, one := range strings.Split(css, ",") {
		steps := strings.Fields(one)
		any = append(any, func(n *html.Node) bool { return path(n, steps) })
	}
	return func(n *html.Node) bool {
		for _, fits := range any {
			if fits(n) {
				return true
			}
		}
		return false
	}
}

func path(n *html.Node, steps []string) bool {
	if len(steps) == 0 || !compound(n, steps[len(steps)-1]) {
		return false
	}
	if len(steps) == 1 {
		return true
	}
	for up := n.Parent; up != nil; up = up.Parent {
		if up.Type == html.ElementNode && path(up, steps[:len(steps)-1]) {
			return true
		}
	}
	return false
}

func compound(n *html.Node, css string) bool {
	for css != "" {
		kind, rest := css[0], css
		if strings.ContainsRune("#.[", rune(kind)) {
			rest = css[1:]
		}
		end := strings.IndexAny(rest, "#.[")
		if kind == '[' {
			end = strings.IndexByte(rest, ']')
		}
		if end < 0 {
			end = len(rest)
		}
		word := rest[:end]
		switch kind {
		case '#':
			if attr(n, "id") != word {
				return false
			}
		case '.':
			if !strings.Contains(" "+oneLine(attr(n, "class"))+" ", " "+word+" ") {
				return false
			}
		case '[':
			name, value, valued := strings.Cut(word, "=")
			if !hasAttr(n, name) || valued && attr(n, name) != strings.Trim(value, `"'`) {
				return false
			}
			end++
		default:
			if word != "*" && n.Data != word {
				return false
			}
		}
		css = rest[min(end, len(rest)):]
	}
	return true
}
