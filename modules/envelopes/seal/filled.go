package seal

import (
	"bytes"
	"regexp"
	"strconv"
	"strings"

	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/model"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"

	"portico/platform/paper"
)

// filled is the text of a form field that every reader draws by itself, because its look is not in the file. It has to be
// drawn onto the page, or what was filled in before signing would be gone.
type filled struct {
	Page           int
	X0, Y0, X1, Y1 float64 // of the page as it is seen, in points from its upper left corner
	Text           string
	Points         float64
	Many           bool
}

// on is it on a page. One line may stand a little over the edges of its field, as it does in readers.
func (f filled) on(Size) paper.Mark {
	m := paper.Mark{X: f.X0 + 2, Y: f.Y0, W: f.X1 - f.X0 - 4, H: f.Y1 - f.Y0, Text: f.Text, Most: f.Points, Many: f.Many && f.Y1-f.Y0 > 2*f.Points}
	if m.Many {
		m.Y, m.H = m.Y+2, m.H-4
		return m
	}
	more := max(0, min(f.Points/0.72, m.H*1.5)-m.H)
	m.Y, m.H = m.Y-more/2, m.H+more
	m.Text = strings.Join(strings.Fields(m.Text), " ")
	return m
}

// mostFilled bounds how many fields are looked at.
const mostFilled = 2000

// filled are the fields whose text is not in their look.
func (s *source) filled() (all []filled) {
	root, err := s.Catalog()
	if err != nil {
		return nil
	}
	stale, _ := s.object(s.dict(root["AcroForm"])["NeedAppearances"]).(types.Boolean)
	for n, p := range s.pages {
		for _, o := range s.array(p.dict["Annots"]) {
			d := s.dict(o)
			flags, _ := s.number(d["F"])
			if s.name(d["Subtype"]) != "Widget" || int(flags)&(2|32) != 0 || len(all) == mostFilled {
				continue
			}
			if f, is := s.filledIn(d, bool(stale)); is {
				if rect, ok := s.box(d["Rect"]); ok {
					f.Page = n + 1
					f.X0, f.Y0, f.X1, f.Y1 = p.fromTop(rect)
					all = append(all, f)
				}
			}
		}
	}
	return all
}

// filledIn reads a field of text or of a choice.
func (s *source) filledIn(d types.Dict, stale bool) (f filled, is bool) {
	kind := s.name(s.above(d, "FT"))
	if kind != "Tx" && kind != "Ch" {
		return f, false
	}
	f.Text = s.text(s.above(d, "V"))
	if strings.TrimSpace(f.Text) == "" {
		return f, false
	}
	look, there := s.object(s.dict(d["AP"])["N"]).(types.StreamDict)
	if there && (!stale || s.writes(look)) {
		return f, false
	}
	flags, _ := s.number(s.above(d, "Ff"))
	f.Many = kind == "Tx" && int(flags)&4096 != 0
	if int(flags)&8192 != 0 && kind == "Tx" { // a password
		return f, false
	}
	f.Points = 11
	if m := fontSize.FindStringSubmatch(s.text(s.above(d, "DA"))); m != nil {
		if points, err := strconv.ParseFloat(m[1], 64); err == nil && points >= 4 && points <= 72 {
			f.Points = points
		}
	}
	return f, true
}

var fontSize = regexp.MustCompile(`(\d+(?:\.\d+)?)\s+Tf`)

// above is an entry of a field, or of the one that it belongs to.
func (s *source) above(d types.Dict, key string) types.Object {
	for range 8 {
		if value, has := d[key]; has {
			return value
		}
		if d = s.dict(d["Parent"]); d == nil {
			return nil
		}
	}
	return nil
}

// text is a string object, or the first of several.
func (s *source) text(o types.Object) string {
	if array := s.array(o); len(array) > 0 {
		o = array[0]
	}
	switch s.object(o).(type) {
	case types.StringLiteral, types.HexLiteral:
		text, err := s.DereferenceStringOrHexLiteral(o, model.V10, nil)
		if err == nil {
			return strings.ToValidUTF8(text, "")
		}
	}
	return ""
}

// writes reports whether a look has text in it.
func (s *source) writes(look types.StreamDict) bool {
	if err := look.Decode(); err != nil {
		return false
	}
	return bytes.Contains(look.Content, []byte("Tj")) || bytes.Contains(look.Content, []byte("TJ"))
}

// fromTop is a box of the page as it is seen, from the upper left corner.
func (p page) fromTop(b box) (x0, y0, x1, y1 float64) {
	x, y := b.x-p.box.x, b.y-p.box.y
	switch p.rotate {
	case 90:
		return y, x, y + b.h, x + b.w
	case 180:
		return p.box.w - x - b.w, y, p.box.w - x, y + b.h
	case 270:
		return p.box.h - y - b.h, p.box.w - x - b.w, p.box.h - y, p.box.w - x
	}
	return x, p.box.h - y - b.h, x + b.w, p.box.h - y
}
