// Package paper draws a sheet of figures as a PDF: an invoice, a receipt, a statement. It is given words, and works
// nothing out.
package paper

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"time"

	"codeberg.org/go-pdf/fpdf"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goregular"
)

// Sheet is one document.
type Sheet struct {
	Lang, Title, Sub string
	Stamp            string // a large pale word across the page: VOID
	Color            string // #rrggbb: the firm's
	Logo             []byte // PNG or JPEG; nil: the firm's name instead
	LogoKind         string // "PNG" or "JPG"
	From, To         []string
	ToLabel          string
	Facts            []Pair
	Columns          []Column
	Rows             [][]string
	Sums             []Pair
	Words, Small     []string
	Page             string // "Page"
	Made             time.Time
}

// Pair is a name and what it is. A strong one stands out.
type Pair struct {
	Name, Value string
	Strong      bool
}

// Column is one of a table; the first takes the room that the others leave.
type Column struct {
	Title string
	Right bool
	Width float64 // millimetres
}

const (
	left, top, right, bottom = 18.0, 16.0, 18.0, 18.0
	pageWidth                = 215.9 // Letter
	inner                    = pageWidth - left - right
	font                     = "go"
)

type pen struct {
	*fpdf.Fpdf
	r, g, b int
	shaper  *shaper
}

// Draw gives the bytes of the PDF. The same sheet gives the same bytes.
func Draw(s Sheet) ([]byte, error) {
	p := pen{Fpdf: fpdf.New("P", "mm", "Letter", ""), shaper: newShaper()}
	p.AddUTF8FontFromBytes(font, "", goregular.TTF)
	p.AddUTF8FontFromBytes(font, "B", gobold.TTF)
	p.begin(s, s.texts())
	p.AddPage()
	p.letterhead(s)
	p.facts(s)
	p.table(s)
	p.sums(s)
	p.words(s)
	var out bytes.Buffer
	if err := p.Output(&out); err != nil {
		return nil, fmt.Errorf("draw %q: %w", s.Title, err)
	}
	return out.Bytes(), nil
}

// begin sets up a document that will say these texts.
func (p *pen) begin(s Sheet, texts []string) {
	p.learn(texts)
	p.SetMargins(left, top, right)
	p.SetAutoPageBreak(true, bottom)
	p.SetCatalogSort(true) // the same sheet is the same document
	p.SetCreationDate(s.Made)
	p.SetModificationDate(s.Made)
	p.SetTitle(plain(s.Title), true)
	p.SetLang(s.Lang)
	p.SetProducer("Portico", true)
	p.AliasNbPages("{pages}")
	p.r, p.g, p.b = channels(s.Color)
	p.SetFooterFunc(func() { p.footer(s) })
}

// channels of a color; a pale grey when there is none.
func channels(color string) (r, g, b int) {
	n, err := strconv.ParseUint(strings.TrimPrefix(color, "#"), 16, 32)
	if err != nil || len(color) != 7 {
		return 90, 90, 90
	}
	return int(n >> 16 & 255), int(n >> 8 & 255), int(n & 255)
}

// plain leaves out what no font draws: narrow blanks become blanks. A line does not end where it must not.
func plain(text string) string {
	return strings.NewReplacer("\u202f", "\u00a0", "\u2009", " ", "\u200e", "", "\u200f", "", "\u061c", "").Replace(text)
}

func (p pen) size(style string, points float64) { p.SetFont(font, style, points) }
func (p pen) ink()                              { p.SetTextColor(28, 27, 25) }
func (p pen) pale()                             { p.SetTextColor(105, 100, 94) }

func (p pen) footer(s Sheet) {
	p.SetY(-bottom + 4)
	p.size("", 8)
	p.pale()
	p.cell(inner/2, 5, plain(s.Title), "", 0, "L")
	p.cell(inner/2, 5, fmt.Sprintf("%s %d / {pages}", s.Page, p.PageNo()), "", 0, "R")
}

func (p pen) letterhead(s Sheet) {
	p.SetFillColor(p.r, p.g, p.b)
	p.Rect(0, 0, pageWidth, 3, "F")
	if s.Stamp != "" {
		p.stamp(s.Stamp)
	}
	y := top
	if !p.logo(s, y) && len(s.From) > 0 {
		p.size("B", 15)
		p.SetTextColor(p.r, p.g, p.b)
		p.SetXY(left, y)
		p.paragraph(inner*0.5, 6.5, plain(s.From[0]), "L")
	}
	p.size("", 9)
	p.pale()
	p.SetXY(left+inner*0.55, y)
	for n, line := range s.From {
		if n == 0 && len(s.Logo) == 0 {
			continue // it stands large beside
		}
		p.SetX(left + inner*0.55)
		p.paragraph(inner*0.45, 4.4, plain(line), "R")
	}
	p.SetY(max(p.GetY(), y+22))
	p.size("B", 19)
	p.ink()
	p.paragraph(inner, 8, plain(s.Title), "L")
	if s.Sub != "" {
		p.size("", 11)
		p.pale()
		p.paragraph(inner, 5.5, plain(s.Sub), "L")
	}
	p.Ln(5)
}

// logo draws the firm's; what is no picture that a PDF can hold counts as none.
func (p pen) logo(s Sheet, y float64) bool {
	if len(s.Logo) == 0 {
		return false
	}
	info := p.RegisterImageOptionsReader("logo", fpdf.ImageOptions{ImageType: s.LogoKind}, bytes.NewReader(s.Logo))
	if p.Err() || info == nil || info.Height() == 0 {
		p.ClearError()
		return false
	}
	height := 14.0
	width := height * info.Width() / info.Height()
	if width > inner*0.45 {
		width = inner * 0.45
		height = width * info.Height() / info.Width()
	}
	p.ImageOptions("logo", left, y, width, height, false, fpdf.ImageOptions{ImageType: s.LogoKind}, 0, "")
	return !p.Err()
}

func (p pen) stamp(word string) {
	const across = 230
	p.fit(word, across, 110, "B")
	p.SetTextColor(238, 236, 232)
	p.TransformBegin()
	p.TransformRotate(35, pageWidth/2, 140)
	p.put((pageWidth-p.width(word))/2, 155, word)
	p.TransformEnd()
}

func (p pen) facts(s Sheet) {
	y := p.GetY()
	p.size("", 8.5)
	p.pale()
	p.paragraph(inner*0.5, 4.4, plain(s.ToLabel), "L")
	p.ink()
	for n, line := range s.To {
		p.size(map[bool]string{true: "B"}[n == 0], 10)
		p.paragraph(inner*0.5, 4.8, plain(line), "L")
	}
	low := p.GetY()
	p.SetY(y)
	for _, f := range s.Facts {
		p.SetX(left + inner*0.55)
		p.fit(plain(f.Name), inner*0.17, 9.5, "")
		p.pale()
		p.cell(inner*0.17, 5, plain(f.Name), "", 0, "L")
		p.ink()
		p.size(map[bool]string{true: "B"}[f.Strong], 9.5)
		p.paragraph(inner*0.28, 5, plain(f.Value), "R")
	}
	p.SetY(max(low, p.GetY()) + 6)
}

func (p pen) table(s Sheet) {
	if len(s.Columns) == 0 {
		return
	}
	widths := make([]float64, len(s.Columns))
	room := inner
	for n, c := range s.Columns[1:] {
		widths[n+1] = c.Width
		room -= c.Width
	}
	widths[0] = room
	p.heads(s, widths)
	for _, row := range s.Rows {
		p.size("", 9.5)
		lines := p.split(plain(row[0]), room-3)
		height := 4.8*float64(max(1, len(lines))) + 3
		if p.GetY()+height > 279.4-bottom {
			p.AddPage()
			p.heads(s, widths)
			p.size("", 9.5)
		}
		p.ink()
		y := p.GetY()
		p.SetXY(left, y+1.5)
		for _, line := range lines {
			p.SetX(left)
			p.cell(room, 4.8, line, "", 2, "L")
		}
		x := left + room
		for n := 1; n < len(widths); n++ {
			p.SetXY(x, y+1.5)
			p.fit(plain(row[n]), widths[n], 9.5, "")
			p.cell(widths[n], 4.8, plain(row[n]), "", 0, align(s.Columns[n].Right))
			x += widths[n]
		}
		p.SetY(y + height)
		p.SetDrawColor(228, 225, 220)
		p.Line(left, y+height, left+inner, y+height)
	}
	p.Ln(4)
}

func align(right bool) string {
	if right {
		return "R"
	}
	return "L"
}

// fit makes the writing smaller until it fits.
func (p pen) fit(text string, width, points float64, style string) {
	p.size(style, points)
	for points > 5 && p.width(text) > width-1.5 {
		points -= 0.5
		p.size(style, points)
	}
}

func (p pen) heads(s Sheet, widths []float64) {
	p.size("B", 8.5)
	p.pale()
	for n, c := range s.Columns {
		p.fit(plain(c.Title), widths[n], 8.5, "B")
		p.cell(widths[n], 6, plain(c.Title), "B", 0, align(c.Right))
	}
	p.Ln(6)
}

func (p pen) sums(s Sheet) {
	height := 6.2 * float64(len(s.Sums))
	if p.GetY()+height > 279.4-bottom {
		p.AddPage()
	}
	for _, f := range s.Sums {
		style := map[bool]string{true: "B"}[f.Strong]
		p.ink()
		if !f.Strong {
			p.pale()
		}
		p.SetX(left + inner*0.5)
		p.fit(plain(f.Name), inner*0.28, 10, style)
		p.cell(inner*0.28, 6.2, plain(f.Name), "", 0, "L")
		p.ink()
		p.fit(plain(f.Value), inner*0.22, 10, style)
		p.cell(inner*0.22, 6.2, plain(f.Value), "", 1, "R")
	}
	p.Ln(5)
}

func (p pen) words(s Sheet) {
	p.ink()
	p.size("", 9.5)
	for _, text := range s.Words {
		p.paragraph(inner, 4.8, plain(text), "L")
		p.Ln(1.5)
	}
	p.Ln(2)
	p.pale()
	p.size("", 8.5)
	for _, text := range s.Small {
		p.paragraph(inner, 4.4, plain(text), "L")
		p.Ln(1)
	}
}
