package inbound

import (
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// fromHTML gives the text of a mail that has no plain one. What it quotes is marked as quoted, and what programs mark as a
// signature or an older mail is left out.
func fromHTML(source string) string {
	if strings.TrimSpace(source) == "" {
		return ""
	}
	root, err := html.Parse(strings.NewReader(source))
	if err != nil {
		return ""
	}
	var w writer
	w.node(root, 0, 0)
	return w.b.String()
}

type writer struct {
	b    strings.Builder
	done bool // an older mail begins here
}

const deepestNode = 400

func (w *writer) node(n *html.Node, quoted, depth int) {
	if w.done || depth > deepestNode || w.b.Len() > mostText {
		return
	}
	switch n.Type {
	case html.TextNode:
		if text := strings.Join(strings.Fields(n.Data), " "); text != "" {
			if strings.TrimLeft(n.Data, " \t\r\n") != n.Data && !w.fresh() {
				w.b.WriteByte(' ')
			}
			w.b.WriteString(text)
			if strings.TrimRight(n.Data, " \t\r\n") != n.Data {
				w.b.WriteByte(' ')
			}
		}
		return
	case html.ElementNode:
		switch n.DataAtom {
		case atom.Script, atom.Style, atom.Head, atom.Title, atom.Template, atom.Noscript:
			return
		case atom.Br:
			w.line(quoted)
			return
		case atom.Blockquote:
			quoted++
		}
		if older(n) {
			w.done = true
			return
		}
		if signature(n) {
			return
		}
	}
	block := n.Type == html.ElementNode && blocks[n.DataAtom]
	if block {
		w.begin(quoted)
	}
	if n.DataAtom == atom.Li {
		w.b.WriteString("- ")
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		w.node(c, quoted, depth+1)
	}
	if block {
		w.begin(quoted)
	}
	if n.DataAtom == atom.P {
		w.line(quoted)
	}
}

var blocks = map[atom.Atom]bool{
	atom.P: true, atom.Div: true, atom.Tr: true, atom.Li: true, atom.Ul: true, atom.Ol: true, atom.Table: true, atom.Blockquote: true,
	atom.H1: true, atom.H2: true, atom.H3: true, atom.H4: true, atom.Pre: true, atom.Hr: true, atom.Section: true, atom.Article: true,
}

func (w *writer) fresh() bool {
	text := w.b.String()
	return text == "" || strings.HasSuffix(text, "\n") || strings.HasSuffix(text, " ")
}

// begin makes sure that a line begins; line ends one.
func (w *writer) begin(quoted int) {
	text := w.b.String()
	if text != "" && !strings.HasSuffix(text, "\n") && !strings.HasSuffix(text, "\n"+strings.Repeat("> ", quoted)) {
		w.line(quoted)
	}
}

func (w *writer) line(quoted int) {
	w.b.WriteString("\n" + strings.Repeat("> ", quoted))
}

func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return strings.ToLower(a.Val)
		}
	}
	return ""
}

// older reports whether the mail that is answered begins here, in the words of Gmail, Outlook, Apple Mail, Yahoo, Thunderbird.
func older(n *html.Node) bool {
	class, id := attribute(n, "class"), attribute(n, "id")
	for _, mark := range []string{"gmail_quote", "gmail_extra", "yahoo_quoted", "moz-cite-prefix", "protonmail_quote", "zmail_extra"} {
		if strings.Contains(class, mark) {
			return true
		}
	}
	return id == "divrplyfwdmsg" || id == "appendonsend" || id == "mail-editor-reference-message-container" || strings.Contains(id, "olk_src_body_section") ||
		n.DataAtom == atom.Blockquote && attribute(n, "type") == "cite" ||
		n.DataAtom == atom.Div && strings.Contains(strings.ReplaceAll(attribute(n, "style"), " ", ""), "border:none;border-top:solid#e1e1e1")
}

func signature(n *html.Node) bool {
	class, id := attribute(n, "class"), attribute(n, "id")
	return strings.Contains(class, "gmail_signature") || id == "signature" || id == "applemailsignature" || strings.Contains(class, "moz-signature") ||
		strings.Contains(id, "ms-outlook-mobile-signature")
}
