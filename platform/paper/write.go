package paper

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf16"
)

// texts are all that a sheet says.
func (s Sheet) texts() []string {
	texts := slices.Concat([]string{s.Title, s.Sub, s.Stamp, s.ToLabel, s.Page}, s.From, s.To, s.Words, s.Small)
	for _, pairs := range [][]Pair{s.Facts, s.Sums} {
		for _, pair := range pairs {
			texts = append(texts, pair.Name, pair.Value)
		}
	}
	for _, c := range s.Columns {
		texts = append(texts, c.Title)
	}
	for _, row := range s.Rows {
		texts = append(texts, row...)
	}
	return texts
}

// learn shapes every text that needs more than the Go fonts, and brings the glyphs into the document.
func (p pen) learn(texts []string) {
	for _, text := range texts {
		for line := range strings.Lines(plain(text)) {
			if line = strings.TrimRight(line, "\r\n"); !simple(line) {
				p.shaper.learn(line)
			}
		}
	}
	for _, of := range others {
		if used := p.shaper.used[of]; used != nil {
			_, file := of.load()
			p.AddUTF8FontFromBytes(of.name, "", subset(file, used.codes))
		}
	}
}

// cell is CellFormat for a text in any script; after it the pen stands to the right (0), at the left edge of the next
// line (1) or below (2).
func (p pen) cell(width, height float64, text, border string, then int, align string) {
	if simple(text) {
		p.CellFormat(width, height, text, border, then, align, false, 0, "")
		return
	}
	x, y := p.GetXY()
	room := width - p.width(text) - 2*p.GetCellMargin()
	_, size := p.GetFontSize()
	at := x + p.GetCellMargin()
	if align == "R" {
		at += room
	}
	p.put(at, y+0.5*height+0.3*size, text)
	p.SetXY(x, y)
	p.CellFormat(width, height, "", border, then, align, false, 0, "")
}

// paragraph is MultiCell for a text in any script.
func (p pen) paragraph(width, height float64, text, align string) {
	if simple(text) {
		p.MultiCell(width, height, text, "", align, false)
		return
	}
	x := p.GetX()
	for _, line := range p.split(text, width-2*p.GetCellMargin()) {
		if p.GetY()+height > 279.4-bottom {
			p.AddPage()
		}
		p.SetX(x)
		p.cell(width, height, line, "", 2, align)
	}
	p.SetX(left)
}

// split breaks a text into lines that fit.
func (p pen) split(text string, width float64) (lines []string) {
	if simple(text) {
		return p.SplitText(text, width)
	}
	for whole := range strings.Lines(text) {
		line := ""
		for _, piece := range p.shaper.breaks(strings.TrimRight(whole, "\r\n")) {
			if line != "" && p.width(strings.TrimRight(line+piece, " ")) > width {
				lines = append(lines, strings.TrimRight(line, " "))
				line = ""
			}
			line += piece
		}
		lines = append(lines, strings.TrimRight(line, " "))
	}
	return lines
}

// width is how wide a text is at the size that is set.
func (p pen) width(text string) (sum float64) {
	if simple(text) {
		return p.GetStringWidth(text)
	}
	for _, r := range p.shaper.shape(text) {
		sum += p.wide(r)
	}
	return sum
}

func (p pen) wide(r run) (sum float64) {
	if r.script == nil {
		return p.GetStringWidth(string(r.text))
	}
	_, size := p.GetFontSize()
	for _, g := range r.glyphs {
		sum += float64(g.Advance) / 64 / em * size
	}
	return sum
}

// mirrored are signs that face the other way in text from right to left.
var mirrored = strings.NewReplacer("(", ")", ")", "(", "[", "]", "]", "[", "<", ">", ">", "<", "«", "»", "»", "«")

// put draws a line. What a reader copies or searches is the text as it was given: glyphs say what they stand for.
func (p pen) put(x, y float64, text string) {
	points, size := p.GetFontSize()
	style := p.GetFontStyle()
	for _, r := range p.shaper.shape(text) {
		width := p.wide(r)
		if r.script == nil {
			shown := string(r.text)
			if r.back {
				turned := slices.Clone(r.text)
				slices.Reverse(turned)
				shown = mirrored.Replace(string(turned))
			}
			p.Text(x, y, shown)
			x += width
			continue
		}
		p.SetFont(r.script.name, "", points)
		if !r.back {
			p.says(r.text)
		}
		if strings.Contains(style, "B") { // there is one weight: its edges are drawn as well
			red, green, blue := p.GetTextColor()
			p.SetDrawColor(red, green, blue)
			p.RawWriteStr(fmt.Sprintf("2 Tr %.3f w", points/40))
		}
		p.glyphs(x, y, size, r)
		if strings.Contains(style, "B") {
			p.RawWriteStr("0 Tr")
			p.SetLineWidth(0.2)
		}
		if !r.back {
			p.RawWriteStr("EMC")
		}
		p.SetFont(font, style, points)
		x += width
	}
}

// glyphs draws those of a run. From right to left readers put letters in order by where they stand, so that each cluster
// says what it is by itself; where it stands for several letters, these are turned around, as the reader will do again.
func (p pen) glyphs(x, y, size float64, r run) {
	codes := p.shaper.used[r.script].codes
	cluster := -1
	for n, g := range r.glyphs {
		if g.TextIndex() != cluster && r.back {
			cluster = g.TextIndex()
			text := slices.Clone(r.text[cluster-r.start : cluster-r.start+g.RunesCount()])
			slices.Reverse(text)
			p.says(text)
		}
		if code, known := codes[g.GlyphID]; known {
			p.Text(x+float64(g.XOffset)/64/em*size, y-float64(g.YOffset)/64/em*size, string(code))
		}
		x += float64(g.Advance) / 64 / em * size
		if r.back && (n+1 == len(r.glyphs) || r.glyphs[n+1].TextIndex() != cluster) {
			p.RawWriteStr("EMC")
		}
	}
}

// says begins what stands for a text.
func (p pen) says(text []rune) { p.RawWriteStr("/Span <</ActualText <" + actual(text) + ">>> BDC") }

// actual is a text as a PDF holds it: UTF-16 with its mark, in hexadecimal.
func actual(text []rune) string {
	var b strings.Builder
	b.WriteString("FEFF")
	for _, unit := range utf16.Encode(text) {
		fmt.Fprintf(&b, "%04X", unit)
	}
	return b.String()
}
