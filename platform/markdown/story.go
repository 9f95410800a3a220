package markdown

import (
	"strconv"
	"strings"

	"github.com/yuin/goldmark/ast"
	extast "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/text"

	"portico/platform/paper"
)

// Story gives a text as parts of a document on paper. A new line is a new line here, too; addresses of links stand
// behind their words, for paper cannot be clicked.
func Story(source string) []paper.Part {
	raw := []byte(cut(source))
	w := storyWriter{raw: raw}
	w.blocks(at(0).Parser().Parse(text.NewReader(raw)), paper.Text, 0)
	return w.parts
}

type storyWriter struct {
	raw   []byte
	parts []paper.Part
}

func (w *storyWriter) blocks(parent ast.Node, as paper.PartKind, depth int) {
	for n := parent.FirstChild(); n != nil; n = n.NextSibling() {
		w.block(n, as, depth)
	}
}

func (w *storyWriter) block(n ast.Node, as paper.PartKind, depth int) {
	switch n := n.(type) {
	case *ast.Heading:
		w.parts = append(w.parts, paper.Part{Kind: paper.Head, Level: n.Level, Spans: w.spans(n, paper.Span{})})
	case *ast.List:
		w.list(n, depth)
	case *ast.Blockquote:
		w.blocks(n, paper.Quote, depth)
	case *ast.ThematicBreak:
		w.parts = append(w.parts, paper.Part{Kind: paper.Rule})
	case *ast.CodeBlock, *ast.FencedCodeBlock:
		w.parts = append(w.parts, paper.Part{Kind: as, Spans: paper.Say(strings.TrimRight(string(n.Lines().Value(w.raw)), "\n"))})
	case *extast.Table:
		w.table(n)
	default:
		if spans := w.spans(n, paper.Span{}); n.Type() == ast.TypeBlock && len(spans) > 0 {
			w.parts = append(w.parts, paper.Part{Kind: as, Level: depth, Spans: spans})
		}
	}
}

// list makes an item of the first block of each point; what follows in it stands below.
func (w *storyWriter) list(l *ast.List, depth int) {
	number := l.Start
	for point := l.FirstChild(); point != nil; point = point.NextSibling() {
		mark := "•"
		if l.IsOrdered() {
			mark = strconv.Itoa(number) + "."
			number++
		}
		for n := point.FirstChild(); n != nil; n = n.NextSibling() {
			if inner, is := n.(*ast.List); is {
				w.list(inner, depth+1)
				continue
			}
			before := len(w.parts)
			w.block(n, paper.Item, depth)
			for i := before; i < len(w.parts); i++ {
				if w.parts[i].Kind == paper.Item {
					w.parts[i].Mark, mark = mark, ""
				}
			}
		}
	}
}

func (w *storyWriter) table(t *extast.Table) {
	part := paper.Part{Kind: paper.Grid}
	for row := t.FirstChild(); row != nil; row = row.NextSibling() {
		var cells []string
		for cell := row.FirstChild(); cell != nil; cell = cell.NextSibling() {
			cells = append(cells, said(w.spans(cell, paper.Span{})))
		}
		if _, head := row.(*extast.TableHeader); head {
			for n, title := range cells {
				part.Columns = append(part.Columns, paper.Column{Title: title, Right: n < len(t.Alignments) && t.Alignments[n] == extast.AlignRight})
			}
			continue
		}
		part.Rows = append(part.Rows, cells)
	}
	w.parts = append(w.parts, part)
}

func said(spans []paper.Span) string {
	var b strings.Builder
	for _, s := range spans {
		b.WriteString(s.Text)
	}
	return b.String()
}

// spans are the words within a block, in the style that is around them.
func (w *storyWriter) spans(parent ast.Node, style paper.Span) (all []paper.Span) {
	add := func(text string) {
		if text != "" {
			all = append(all, paper.Span{Text: text, Bold: style.Bold, Italic: style.Italic})
		}
	}
	for n := parent.FirstChild(); n != nil; n = n.NextSibling() {
		switch n := n.(type) {
		case *ast.Text:
			words := string(unescaped(n.Value(w.raw)))
			if n.SoftLineBreak() || n.HardLineBreak() {
				words += "\n"
			}
			add(words)
		case *ast.String:
			add(string(n.Value))
		case *ast.AutoLink:
			add(string(n.Label(w.raw)))
		case *ast.Link:
			words := w.spans(n, style)
			all = append(all, words...)
			if to := string(unescaped(n.Destination)); to != said(words) && to != "mailto:"+said(words) {
				add(" (" + to + ")")
			}
		case *ast.Emphasis:
			inner := style
			inner.Bold, inner.Italic = style.Bold || n.Level == 2, style.Italic || n.Level == 1
			all = append(all, w.spans(n, inner)...)
		case *ast.RawHTML: // left out of the HTML, too
		default:
			all = append(all, w.spans(n, style)...)
		}
	}
	return all
}
