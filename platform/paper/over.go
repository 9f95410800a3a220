package paper

import (
	"bytes"
	"fmt"
	"time"

	"codeberg.org/go-pdf/fpdf"
	"golang.org/x/image/font/gofont/goitalic"
	"golang.org/x/image/font/gofont/goregular"
)

// Layer is what is written onto a page that exists already: nothing but its marks, in points from its upper left corner.
type Layer struct {
	Width, Height float64
	Marks         []Mark
}

// Mark is one thing in a box: a text, strokes of a pen, or a tick.
type Mark struct {
	X, Y, W, H float64
	Text       string
	Signed     bool    // written as a signature
	Most       float64 // points of the text's size
	Many       bool    // it has as many lines as it needs, from the top
	Strokes    [][]Point
	Tick       bool
}

// Point is a place on a layer.
type Point struct{ X, Y float64 }

const point = 25.4 / 72

// Over draws each layer as a page of its own.
func Over(layers []Layer) ([]byte, error) {
	p := pen{Fpdf: fpdf.New("P", "mm", "Letter", ""), shaper: newShaper()}
	p.AddUTF8FontFromBytes(font, "", goregular.TTF)
	p.AddUTF8FontFromBytes(font, "I", goitalic.TTF)
	var texts []string
	for _, layer := range layers {
		for _, m := range layer.Marks {
			texts = append(texts, m.Text)
		}
	}
	p.SetCatalogSort(true)
	p.SetCreationDate(time.Unix(0, 0))
	p.SetModificationDate(time.Unix(0, 0))
	p.learn(texts)
	p.SetAutoPageBreak(false, 0)
	p.SetMargins(0, 0, 0)
	p.SetCellMargin(0)
	for _, layer := range layers {
		p.AddPageFormat("P", fpdf.SizeType{Wd: layer.Width * point, Ht: layer.Height * point})
		for _, m := range layer.Marks {
			p.mark(m)
		}
	}
	var out bytes.Buffer
	if err := p.Output(&out); err != nil {
		return nil, fmt.Errorf("draw over: %w", err)
	}
	return out.Bytes(), nil
}

// many writes a text into a box, in lines, as small as they have to be.
func (p pen) many(m Mark) {
	text := plain(m.Text)
	for points := m.Most; ; points -= 0.5 {
		p.size("", points)
		lines, height := p.split(text, m.W*point), points*1.2*point
		if points > 4 && height*float64(len(lines)) > m.H*point {
			continue
		}
		for n, line := range lines {
			p.SetXY(m.X*point, m.Y*point+height*float64(n))
			p.cell(m.W*point, height, line, "", 0, "L")
		}
		return
	}
}

func (p pen) mark(m Mark) {
	x, y, w, h := m.X*point, m.Y*point, m.W*point, m.H*point
	p.ink()
	p.SetDrawColor(28, 27, 25)
	if m.Signed {
		p.SetTextColor(22, 40, 104)
		p.SetDrawColor(22, 40, 104)
	}
	if m.Tick {
		p.SetLineWidth(max(0.35, min(w, h)*0.09))
		p.SetLineCapStyle("round")
		side := min(w, h)
		x0, y0 := x+(w-side)/2, y+(h-side)/2
		p.Line(x0+side*0.2, y0+side*0.55, x0+side*0.42, y0+side*0.76)
		p.Line(x0+side*0.42, y0+side*0.76, x0+side*0.82, y0+side*0.26)
	}
	if m.Text != "" && m.Many {
		p.many(m)
	} else if m.Text != "" {
		style := map[bool]string{true: "I"}[m.Signed]
		points := min(m.Most, m.H*0.72)
		text := plain(m.Text)
		p.size(style, points)
		for points > 4 && p.width(text) > w {
			points -= 0.25
			p.size(style, points)
		}
		p.SetXY(x, y)
		p.cell(w, h, text, "", 0, "L")
	}
	p.SetLineCapStyle("round")
	p.SetLineJoinStyle("round")
	p.SetLineWidth(max(0.3, min(0.55, h*0.035)))
	for _, stroke := range m.Strokes {
		for n, at := range stroke {
			if n == 0 {
				p.MoveTo(at.X*point, at.Y*point)
			}
			p.LineTo(at.X*point, at.Y*point) // a dot is a line of no length with round ends
		}
		p.DrawPath("D")
	}
}
