package paper

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"time"

	"codeberg.org/go-pdf/fpdf"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/gobolditalic"
	"golang.org/x/image/font/gofont/goitalic"
	"golang.org/x/image/font/gofont/goregular"
)

// Story is a document of flowing text, such as a contract, under the same letterhead as a Sheet.
type Story struct {
	Lang, Title, Sub string
	Color            string // #rrggbb: the firm's
	Logo             []byte // PNG or JPEG; nil: the firm's name instead
	LogoKind         string // "PNG" or "JPG"
	From             []string
	Parts            []Part
	Page             string // "Page"
	Made             time.Time
}

// PartKind says what a part of a story is.
type PartKind int

// The kinds of parts.
const (
	Text   PartKind = iota // a paragraph
	Head                   // a heading; Level 1 is the largest
	Item                   // a point of a list; Level says how deep, Mark what stands before it
	Quote                  // indented
	Small                  // pale and small
	Rule                   // a line across
	Grid                   // Columns and Rows, every cell broken into lines
	Prices                 // Columns, Rows and Sums, as on an invoice
	Pairs                  // names and values below each other
	Turn                   // the next page
)

// Part is one of a story, from top to bottom.
type Part struct {
	Kind    PartKind
	Level   int
	Mark    string
	Spans   []Span
	Columns []Column
	Rows    [][]string
	Sums    []Pair
	Pairs   []Pair
}

// Span is a stretch of text in one style.
type Span struct {
	Text         string
	Bold, Italic bool
}

// Say is a text in the usual style.
func Say(text string) []Span { return []Span{{Text: text}} }

func (s Span) style() string {
	style := ""
	if s.Bold {
		style = "B"
	}
	if s.Italic {
		style += "I"
	}
	return style
}

// Tell gives the bytes of the PDF. The same story gives the same bytes.
func Tell(s Story) ([]byte, error) {
	p := pen{Fpdf: fpdf.New("P", "mm", "Letter", ""), shaper: newShaper()}
	p.AddUTF8FontFromBytes(font, "", goregular.TTF)
	p.AddUTF8FontFromBytes(font, "B", gobold.TTF)
	p.AddUTF8FontFromBytes(font, "I", goitalic.TTF)
	p.AddUTF8FontFromBytes(font, "BI", gobolditalic.TTF)
	top := Sheet{Lang: s.Lang, Title: s.Title, Sub: s.Sub, Color: s.Color, Logo: s.Logo, LogoKind: s.LogoKind, From: s.From, Page: s.Page, Made: s.Made}
	p.begin(top, s.texts())
	p.AddPage()
	p.letterhead(top)
	for n, part := range s.Parts {
		p.part(part, n > 0 && s.Parts[n-1].Kind == Item)
	}
	var out bytes.Buffer
	if err := p.Output(&out); err != nil {
		return nil, fmt.Errorf("tell %q: %w", s.Title, err)
	}
	return out.Bytes(), nil
}

// texts are all that a story says.
func (s Story) texts() []string {
	texts := slices.Concat([]string{s.Title, s.Sub, s.Page}, s.From)
	for _, part := range s.Parts {
		texts = append(texts, part.Mark)
		for _, span := range part.Spans {
			texts = append(texts, span.Text)
		}
		for _, pair := range slices.Concat(part.Sums, part.Pairs) {
			texts = append(texts, pair.Name, pair.Value)
		}
		for _, c := range part.Columns {
			texts = append(texts, c.Title)
		}
		for _, row := range part.Rows {
			texts = append(texts, row...)
		}
	}
	return texts
}

const (
	lowest = 279.4 - bottom // Letter
	edge   = 1.0            // between the edge of a cell and its text
)

// headSizes are the sizes of headings, in points.
var headSizes = []float64{15, 12.5, 11, 10}

func (p pen) part(part Part, afterItem bool) {
	p.ink()
	if afterItem && part.Kind != Item {
		p.Ln(1.5)
	}
	switch part.Kind {
	case Head:
		size := headSizes[min(max(part.Level, 1), len(headSizes))-1]
		if p.GetY() > lowest-28 { // not alone at the foot of a page
			p.AddPage()
		}
		p.Ln(2.5)
		for n := range part.Spans {
			part.Spans[n].Bold = true
		}
		p.flow(part.Spans, left, inner, size*0.48, size)
		p.Ln(1.2)
	case Text:
		p.flow(part.Spans, left, inner, 4.9, 10)
		p.Ln(2.2)
	case Small:
		p.pale()
		p.flow(part.Spans, left, inner, 4.2, 8.5)
		p.Ln(1.4)
	case Item:
		indent := left + 5 + 6*float64(part.Level)
		p.room(4.9)
		y, page := p.GetY(), p.PageNo()
		p.flow(part.Spans, indent, left+inner-indent, 4.9, 10)
		end, last := p.GetY(), p.PageNo()
		p.SetPage(page)
		p.size("", 10)
		p.SetXY(indent-6, y)
		p.SetCellMargin(0)
		p.cell(4.6, 4.9, plain(part.Mark), "", 0, "R")
		p.SetCellMargin(edge)
		p.SetPage(last)
		p.SetY(end + 0.9)
	case Quote:
		p.pale()
		p.flow(part.Spans, left+6, inner-12, 4.9, 10)
		p.Ln(2.2)
	case Rule:
		p.room(6)
		p.SetDrawColor(200, 196, 190)
		p.Line(left, p.GetY()+2, left+inner, p.GetY()+2)
		p.Ln(5)
	case Grid:
		p.grid(part)
	case Prices:
		p.table(Sheet{Columns: part.Columns, Rows: part.Rows})
		p.sums(Sheet{Sums: part.Sums})
	case Pairs:
		p.pairs(part.Pairs)
	case Turn:
		p.AddPage()
	}
}

// room begins a page when there is not so much left of this one.
func (p pen) room(height float64) {
	if p.GetY()+height > lowest {
		p.AddPage()
	}
}

// flow sets spans into lines of a width and goes on below them.
func (p pen) flow(spans []Span, x, width, height, points float64) {
	x, width = x+edge, width-2*edge
	p.SetCellMargin(0)
	for _, line := range p.lines(spans, width, points) {
		p.room(height)
		at := x
		for _, span := range line {
			p.size(span.style(), points)
			wide := p.width(span.Text)
			p.SetX(at)
			p.cell(wide, height, span.Text, "", 0, "L")
			at += wide
		}
		p.SetXY(left, p.GetY()+height)
	}
	p.SetCellMargin(edge)
}

// lines breaks spans where they do not fit.
func (p pen) lines(spans []Span, width, points float64) (lines [][]Span) {
	var line []Span
	used := 0.0
	end := func() {
		if n := len(line); n > 0 {
			line[n-1].Text = strings.TrimRight(line[n-1].Text, " ")
		}
		lines, line, used = append(lines, line), nil, 0
	}
	for _, span := range spans {
		p.size(span.style(), points)
		for n, whole := range strings.Split(strings.ReplaceAll(plain(span.Text), "\r\n", "\n"), "\n") {
			if n > 0 {
				end()
			}
			for _, piece := range p.pieces(whole, width) {
				wide := p.width(strings.TrimRight(piece, " "))
				if used > 0 && used+wide > width {
					end()
				}
				if n := len(line); n > 0 && line[n-1].style() == span.style() {
					used -= p.width(line[n-1].Text)
					line[n-1].Text += piece
					used += p.width(line[n-1].Text)
					continue
				}
				line = append(line, Span{Text: piece, Bold: span.Bold, Italic: span.Italic})
				used += p.width(piece)
			}
		}
	}
	if len(line) > 0 {
		end()
	}
	return lines
}

// pieces are the parts of a text between which a line may end; a word that is wider than a line is cut.
func (p pen) pieces(text string, width float64) (pieces []string) {
	if text == "" {
		return nil
	}
	for _, piece := range p.shaper.breaks(text) {
		for p.width(piece) > width {
			letters := []rune(piece)
			n := 1
			for n < len(letters) && p.width(string(letters[:n+1])) <= width {
				n++
			}
			if n == len(letters) {
				break
			}
			pieces, piece = append(pieces, string(letters[:n])), string(letters[n:])
		}
		pieces = append(pieces, piece)
	}
	return pieces
}

// pairs sets names at the left and values beside them.
func (p pen) pairs(pairs []Pair) {
	const name = 44.0
	for _, pair := range pairs {
		style := pair.Strong
		values := p.lines([]Span{{Text: pair.Value, Bold: style}}, inner-name-2*edge, 9.5)
		p.room(4.8 * float64(max(1, len(values))))
		p.pale()
		p.size("", 9)
		p.SetX(left + edge)
		p.SetCellMargin(0)
		p.fit(plain(pair.Name), name-edge, 9, "")
		p.cell(name-edge, 4.8, plain(pair.Name), "", 0, "L")
		p.ink()
		p.flow([]Span{{Text: pair.Value, Bold: style}}, left+name, inner-name, 4.8, 9.5)
		p.SetY(p.GetY() + 0.4)
	}
	p.Ln(2.5)
}

// grid draws a table whose cells have as many lines as they need; columns without a width share what is left.
func (p pen) grid(part Part) {
	if len(part.Columns) == 0 {
		return
	}
	widths, open, left0 := make([]float64, len(part.Columns)), 0, inner
	for n, c := range part.Columns {
		widths[n] = c.Width
		left0 -= c.Width
		if c.Width == 0 {
			open++
		}
	}
	for n := range widths {
		if widths[n] == 0 {
			widths[n] = left0 / float64(open)
		}
	}
	heads := Sheet{Columns: part.Columns}
	titled := slices.ContainsFunc(part.Columns, func(c Column) bool { return c.Title != "" })
	if titled {
		p.room(14)
		p.heads(heads, widths)
	}
	const height, points = 4.3, 8.5
	for _, row := range part.Rows {
		cells, most := make([][][]Span, len(widths)), 1
		for n := range widths {
			if n < len(row) {
				cells[n] = p.lines(Say(row[n]), widths[n]-2, points)
			}
			most = max(most, len(cells[n]))
		}
		if p.GetY()+height*float64(most)+2.4 > lowest {
			p.AddPage()
			if titled {
				p.heads(heads, widths)
			}
		}
		p.ink()
		p.size("", points)
		y, x := p.GetY(), left
		for n, lines := range cells {
			for m, line := range lines {
				if len(line) == 0 {
					continue
				}
				p.SetXY(x, y+1.2+height*float64(m))
				p.cell(widths[n], height, line[0].Text, "", 0, align(part.Columns[n].Right))
			}
			x += widths[n]
		}
		y += height*float64(most) + 2.4
		p.SetDrawColor(228, 225, 220)
		p.Line(left, y, left+inner, y)
		p.SetY(y)
	}
	p.Ln(4)
}
