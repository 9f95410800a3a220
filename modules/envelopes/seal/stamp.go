package seal

import (
	"slices"

	"portico/platform/paper"
)

// Kind is what a field is for.
type Kind string

// The kinds of fields.
const (
	Signature Kind = "signature"
	Initials  Kind = "initials"
	Date      Kind = "date"
	Text      Kind = "text"
	Checkbox  Kind = "checkbox"
)

// Point is a place within the box of a mark: 0 to 1, from its upper left corner.
type Point struct {
	X float64 `json:"x"`
	Y float64 `json:"y"`
}

// Mark is what somebody wrote into a field: text, strokes of a pen, or a tick.
type Mark struct {
	Page       int     // from 1
	X, Y, W, H float64 // fractions of the page as it is seen, from its upper left corner
	Kind       Kind
	Text       string
	Strokes    [][]Point
	Aspect     float64 // of what was drawn, width by height; 0: as the box. It is not stretched
	Checked    bool
}

// Stamp writes marks onto a file. What was filled in or remarked in it before becomes part of its pages.
func Stamp(pdf []byte, marks []Mark) ([]byte, error) { return stamp(pdf, marks, nil, "") }

// stamp lays marks upon pages, and lets other pages follow.
func stamp(pdf []byte, marks []Mark, tail []byte, title string) ([]byte, error) {
	facts, err := Inspect(pdf)
	if err != nil {
		return nil, err
	}
	o := order{What: composing, PDF: pdf, Tail: tail, Title: title}
	var layers []paper.Layer
	for n, size := range facts.Sizes {
		layer := paper.Layer{Width: size.W, Height: size.H}
		for _, f := range facts.filled {
			if f.Page == n+1 {
				layer.Marks = append(layer.Marks, f.on(size))
			}
		}
		for _, m := range marks {
			if m.Page == n+1 {
				layer.Marks = append(layer.Marks, m.on(size))
			}
		}
		if len(layer.Marks) > 0 {
			layers, o.On = append(layers, layer), append(o.On, n+1)
		}
	}
	if len(layers) > 0 {
		if o.Over, err = paper.Over(layers); err != nil {
			return nil, err
		}
	}
	a, err := ask(o)
	return a.PDF, err
}

// most is how large the text of a field may be, in points.
var most = map[Kind]float64{Signature: 34, Initials: 26, Date: 11, Text: 11}

// on is a mark on a page of that size.
func (m Mark) on(page Size) paper.Mark {
	at := paper.Mark{
		X: m.X * page.W, Y: m.Y * page.H, W: m.W * page.W, H: m.H * page.H, Text: m.Text, Most: most[m.Kind],
		Signed: m.Kind == Signature || m.Kind == Initials, Tick: m.Kind == Checkbox && m.Checked,
	}
	x, y, w, h := at.X, at.Y, at.W, at.H
	if m.Aspect > 0 { // at the left, on the line
		w = min(at.W, at.H*m.Aspect)
		h = w / m.Aspect
		y += at.H - h
	}
	for _, stroke := range m.Strokes {
		points := make([]paper.Point, len(stroke))
		for n, p := range stroke {
			points[n] = paper.Point{X: x + clamp(p.X)*w, Y: y + clamp(p.Y)*h}
		}
		at.Strokes = append(at.Strokes, slices.Clip(points))
	}
	return at
}

func clamp(f float64) float64 {
	if f != f { // not a number
		return 0
	}
	return min(max(f, 0), 1)
}
