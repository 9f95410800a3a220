// Package markdown turns what staff write into HTML that harms nobody: the one place, beside the template engine, in
// which text becomes HTML.
package markdown

import (
	"bytes"
	"html/template"
	"regexp"
	"strings"
	"sync"

	"github.com/microcosm-cc/bluemonday"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer/html"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// Longest is how many bytes a text may have; what is longer is cut before it is parsed, and forms refuse it earlier.
const Longest = 64 << 10

// HTML renders a text whose headings stand below a heading of the given level: the first one below an h1 is an h2,
// however many marks it has, and none skips a level. A new line is a new line, for people who never heard of Markdown.
func HTML(source string, below int) template.HTML {
	var out bytes.Buffer
	if err := at(below).Convert([]byte(cut(source)), &out); err != nil {
		return template.HTML(template.HTMLEscapeString(source)) //nolint:gosec // escaped; a buffer does not fail
	}
	return template.HTML(policy().SanitizeBytes(out.Bytes())) //nolint:gosec // sanitised
}

func cut(source string) string {
	if len(source) > Longest {
		return strings.ToValidUTF8(source[:Longest], "")
	}
	return source
}

var (
	parsersMu sync.Mutex
	parsers   = map[int]goldmark.Markdown{}
)

func at(below int) goldmark.Markdown {
	parsersMu.Lock()
	defer parsersMu.Unlock()
	if md, ok := parsers[below]; ok {
		return md
	}
	md := goldmark.New(
		goldmark.WithExtensions(
			extension.NewTable(extension.WithTableCellAlignMethod(extension.TableCellAlignAttribute)), // no inline style
			extension.Strikethrough, extension.Linkify,
		),
		goldmark.WithParserOptions(parser.WithASTTransformers(util.Prioritized(shift(below), 500))),
		goldmark.WithRendererOptions(html.WithHardWraps()), // and no raw HTML: goldmark leaves it out
	)
	parsers[below] = md
	return md
}

// shift moves headings below the page's own, and takes pictures out: they would come from other people's servers.
type shift int

func (s shift) Transform(doc *ast.Document, reader text.Reader, _ parser.Context) {
	var pictures []*ast.Image
	var above []int // the levels, as written, of the headings that the next one stands below
	_ = ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		switch n := n.(type) {
		case *ast.Heading:
			if entering {
				for len(above) > 0 && above[len(above)-1] >= n.Level {
					above = above[:len(above)-1]
				}
				above = append(above, n.Level)
				n.Level = min(int(s)+len(above), 6)
			}
		case *ast.Image:
			if entering {
				pictures = append(pictures, n)
			}
		}
		return ast.WalkContinue, nil
	})
	for _, picture := range pictures {
		alt := ast.NewString([]byte(words(picture, reader.Source())))
		picture.Parent().ReplaceChild(picture.Parent(), picture, alt)
	}
}

// policy lets through what the renderer makes and nothing else: no class, id, style, data- or hx- attribute that could
// wake a script or borrow the looks of a button. It is narrower than bluemonday's policy for user content, which allows
// ids and pictures.
var policy = sync.OnceValue(func() *bluemonday.Policy {
	p := bluemonday.NewPolicy()
	p.AllowElements("p", "br", "hr", "h1", "h2", "h3", "h4", "h5", "h6", "strong", "em", "del", "code", "pre", "blockquote",
		"ul", "ol", "li", "table", "thead", "tbody", "tr", "th", "td")
	p.AllowAttrs("start").Matching(regexp.MustCompile(`^\d{1,6}$`)).OnElements("ol")
	p.AllowAttrs("align").Matching(regexp.MustCompile(`^(left|center|right)$`)).OnElements("th", "td")
	p.AllowAttrs("href").OnElements("a")
	p.AllowURLSchemes("http", "https", "mailto", "tel")
	p.AllowRelativeURLs(true)
	p.RequireParseableURLs(true)
	p.RequireNoFollowOnFullyQualifiedLinks(true)
	p.RequireNoReferrerOnFullyQualifiedLinks(true)
	p.AddTargetBlankToFullyQualifiedLinks(true) // with rel="noopener"
	return p
})

// Text is what a text says, without marks: for searching.
func Text(source string) string { return texts(source, func(ast.Node) bool { return true }) }

// Lead is what its paragraphs say, without headings, lists and tables: for an excerpt. A text without paragraphs gives
// all of it.
func Lead(source string) string {
	lead := texts(source, func(n ast.Node) bool { return n.Kind() == ast.KindParagraph })
	if lead == "" {
		return Text(source)
	}
	return lead
}

// texts are the words of those blocks that stand by themselves and are wanted.
func texts(source string, wanted func(ast.Node) bool) string {
	raw := []byte(cut(source))
	doc := at(0).Parser().Parse(text.NewReader(raw))
	var b strings.Builder
	for n := doc.FirstChild(); n != nil; n = n.NextSibling() {
		if wanted(n) {
			b.WriteString(words(n, raw) + " ")
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

func words(n ast.Node, source []byte) string {
	var b strings.Builder
	_ = ast.Walk(n, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			if n.Type() == ast.TypeBlock {
				b.WriteByte(' ')
			}
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.Text:
			b.Write(n.Value(source))
			if n.SoftLineBreak() || n.HardLineBreak() {
				b.WriteByte(' ')
			}
		case *ast.String:
			b.Write(n.Value)
		case *ast.AutoLink:
			b.Write(n.Label(source))
		case *ast.CodeBlock:
			b.Write(n.Lines().Value(source))
		case *ast.FencedCodeBlock:
			b.Write(n.Lines().Value(source))
		}
		return ast.WalkContinue, nil
	})
	return b.String()
}
