package markdown

import (
	"html/template"
	"net/url"
	"strconv"
	"strings"

	"github.com/yuin/goldmark/ast"
	extast "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// Mail renders a text for a mail: mail programs know no stylesheets, so that every element carries its looks. The first
// heading is the mail's own.
func Mail(source string) template.HTML {
	return template.HTML(dress.Replace(string(HTML(source, 0)))) //nolint:gosec // sanitised; tags get looks, no text becomes a tag
}

// dress knows every tag that the policy lets through; where one stands, the text around it has no "<" left.
var dress = strings.NewReplacer(
	"<p>", `<p style="margin:0 0 14px">`,
	"<h1>", `<h1 class="ink" style="margin:0 0 12px;font-size:23px;line-height:30px;font-weight:700;color:#26231f">`,
	"<h2>", `<h2 class="ink" style="margin:22px 0 10px;font-size:19px;line-height:26px;font-weight:700;color:#26231f">`,
	"<h3>", `<h3 class="ink" style="margin:18px 0 8px;font-size:16px;line-height:24px;font-weight:700;color:#26231f">`,
	"<h4>", `<h4 class="ink" style="margin:18px 0 8px;font-size:16px;line-height:24px;color:#26231f">`,
	"<ul>", `<ul style="margin:0 0 14px;padding:0 0 0 22px">`,
	"<ol>", `<ol style="margin:0 0 14px;padding:0 0 0 22px">`,
	"<ol start", `<ol style="margin:0 0 14px;padding:0 0 0 22px" start`,
	"<li>", `<li style="margin:0 0 4px">`,
	"<hr>", `<hr style="border:0;border-top:1px solid #d8d2ca;margin:18px 0">`,
	"<a ", `<a style="color:inherit;text-decoration:underline" `,
	"<blockquote>", `<blockquote style="margin:0 0 14px;padding:0 0 0 14px;border-left:3px solid #d8d2ca">`,
	"<pre>", `<pre style="margin:0 0 14px;white-space:pre-wrap">`,
	"<table>", `<table style="margin:0 0 14px;border-collapse:collapse">`,
	"<th>", `<th style="padding:4px 14px 4px 0;text-align:left">`,
	"<td>", `<td style="padding:4px 14px 4px 0">`,
)

// Escape makes text that Markdown shows as it is: a client called *Star* is not bold, and an address in a name is no link.
func Escape(plain string) string {
	var b strings.Builder
	for _, r := range plain {
		if r < 128 && strings.ContainsRune("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~", r) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// Links are the addresses that a text links to.
func Links(source string) []string {
	raw := []byte(cut(source))
	var found []string
	_ = ast.Walk(at(0).Parser().Parse(text.NewReader(raw)), func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if link, ok := n.(*ast.Link); ok && entering {
			found = append(found, string(unescaped(link.Destination)))
		}
		return ast.WalkContinue, nil
	})
	return found
}

// Whole reports whether an address can be opened from anywhere, such as from a mail.
func Whole(address string) bool {
	u, err := url.Parse(address)
	return err == nil && (u.Host != "" && (u.Scheme == "https" || u.Scheme == "http") || u.Opaque != "" && (u.Scheme == "mailto" || u.Scheme == "tel"))
}

// Plain is a text for people who read without marks: lists keep their dashes, links their addresses.
func Plain(source string) string {
	raw := []byte(cut(source))
	p := plainWriter{raw: raw}
	p.blocks(at(0).Parser().Parse(text.NewReader(raw)), "")
	return strings.TrimSpace(p.b.String())
}

type plainWriter struct {
	raw []byte
	b   strings.Builder
}

func (p *plainWriter) blocks(parent ast.Node, indent string) {
	for n := parent.FirstChild(); n != nil; n = n.NextSibling() {
		p.block(n, indent)
	}
}

func (p *plainWriter) block(n ast.Node, indent string) {
	switch n := n.(type) {
	case *ast.List:
		p.list(n, indent)
	case *ast.Blockquote:
		p.blocks(n, indent+"> ")
	case *ast.ThematicBreak:
		p.lines("* * *", indent)
	case *ast.CodeBlock:
		p.lines(string(n.Lines().Value(p.raw)), indent)
	case *ast.FencedCodeBlock:
		p.lines(string(n.Lines().Value(p.raw)), indent)
	case *extast.Table:
		for row := n.FirstChild(); row != nil; row = row.NextSibling() {
			var cells []string
			for cell := row.FirstChild(); cell != nil; cell = cell.NextSibling() {
				cells = append(cells, p.inline(cell))
			}
			p.b.WriteString(indent + strings.Join(cells, " | ") + "\n")
		}
		p.b.WriteByte('\n')
	case *ast.TextBlock: // a line of a tight list
		p.b.WriteString(indented(p.inline(n), indent) + "\n")
	default:
		if n.Type() == ast.TypeBlock {
			p.lines(p.inline(n), indent)
		}
	}
}

func (p *plainWriter) lines(text, indent string) {
	if text = strings.TrimRight(text, "\n"); text != "" {
		p.b.WriteString(indented(text, indent) + "\n\n")
	}
}

func indented(text, indent string) string {
	return indent + strings.ReplaceAll(text, "\n", "\n"+strings.Repeat(" ", len(indent)-len(strings.TrimLeft(indent, " ")))+strings.TrimLeft(indent, " "))
}

// list draws each point apart, and puts its mark before the first line.
func (p *plainWriter) list(l *ast.List, indent string) {
	number := l.Start
	for point := l.FirstChild(); point != nil; point = point.NextSibling() {
		mark := "- "
		if l.IsOrdered() {
			mark = strconv.Itoa(number) + ". "
			number++
		}
		inner := plainWriter{raw: p.raw}
		inner.blocks(point, "")
		for i, line := range strings.Split(strings.TrimRight(inner.b.String(), "\n"), "\n") {
			lead := strings.Repeat(" ", len(mark))
			if i == 0 {
				lead = mark
			}
			p.b.WriteString(indent + lead + line + "\n")
		}
	}
	p.b.WriteByte('\n')
}

func (p *plainWriter) inline(parent ast.Node) string {
	var b strings.Builder
	for n := parent.FirstChild(); n != nil; n = n.NextSibling() {
		switch n := n.(type) {
		case *ast.Text:
			b.Write(unescaped(n.Value(p.raw)))
			if n.SoftLineBreak() || n.HardLineBreak() {
				b.WriteByte('\n')
			}
		case *ast.String:
			b.Write(n.Value)
		case *ast.AutoLink:
			b.Write(n.Label(p.raw))
		case *ast.Link:
			words, to := p.inline(n), string(unescaped(n.Destination))
			b.WriteString(words)
			if to != words && to != "mailto:"+words {
				b.WriteString(" (" + to + ")")
			}
		case *ast.RawHTML: // left out of the HTML, too
		default:
			b.WriteString(p.inline(n))
		}
	}
	return b.String()
}

// unescaped gives what the marks of a text stand for: \* is *, &amp; is &.
func unescaped(raw []byte) []byte {
	return util.UnescapePunctuations(util.ResolveEntityNames(util.ResolveNumericReferences(raw)))
}
