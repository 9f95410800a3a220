package envelopes

import (
	"portico/modules/envelopes/seal"
	"portico/platform/day"
	"portico/platform/lang"
)

// inkAspect is the width of the box in which people draw, by its height.
const inkAspect = 3

// marksOf is what people wrote into the fields of a document.
func marksOf(e Envelope, in *lang.Reader) (marks []seal.Mark) {
	for _, f := range e.Fields {
		r, there := e.Recipient(f.RecipientID)
		if !there || r.SignedAt.IsZero() {
			continue
		}
		m := seal.Mark{Page: f.Page, X: tenth(f.X), Y: tenth(f.Y), W: tenth(f.W), H: tenth(f.H), Kind: seal.Kind(f.Kind)}
		switch f.Kind {
		case SignatureField:
			m = inked(m, r.Signature)
		case InitialsField:
			m = inked(m, r.Initials)
		case DateField:
			m.Text = f.Value
			if on, err := day.Parse(f.Value); err == nil {
				m.Text = in.Date(on, "Jan 2, 2006")
			}
		case TextField:
			m.Text = f.Value
		case CheckboxField:
			m.Checked = f.Value != ""
		}
		marks = append(marks, m)
	}
	return marks
}

// inked is a mark with a signature or initials, typed or drawn.
func inked(m seal.Mark, ink *Ink) seal.Mark {
	if ink == nil {
		return m
	}
	m.Text = ink.Text
	if ink.Kind != "drawn" {
		return m
	}
	m.Text, m.Aspect = "", inkAspect
	for _, stroke := range ink.Strokes {
		points := make([]seal.Point, len(stroke))
		for n, at := range stroke {
			points[n] = seal.Point{X: tenth(at[0]), Y: tenth(at[1])}
		}
		m.Strokes = append(m.Strokes, points)
	}
	return m
}

// tenth is a ten-thousandth as a part of one.
func tenth(n int) float64 { return float64(n) / 10_000 }
