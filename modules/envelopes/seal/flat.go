package seal

import (
	"math"

	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"
)

// stuck is a filled field or a remark of a page that becomes part of it: what was signed is what is seen, and nothing in
// it can be filled in again.
type stuck struct {
	ref types.Object
	m   [6]float64
}

func (s stuck) draw(name string) string { return "q " + matrix(s.m) + " cm /" + name + " Do Q\n" }

// flat are the annotations of a page that are seen, links aside.
func (b *book) flat(s *source, p page) (all []stuck) {
	for _, o := range s.array(p.dict["Annots"]) {
		d := s.dict(o)
		kind := s.name(d["Subtype"])
		flags, _ := s.number(d["F"])
		if d == nil || kind == "Link" || kind == "Popup" || int(flags)&(2|32) != 0 { // hidden, or not on screen
			continue
		}
		look := s.dict(d["AP"])["N"]
		if _, is := s.object(look).(types.StreamDict); !is { // one look for each state
			look = s.dict(look)[s.name(d["AS"])]
		}
		stream, is := s.object(look).(types.StreamDict)
		rect, ok := s.box(d["Rect"])
		if !is || !ok {
			continue
		}
		bounds, ok := s.box(stream.Dict["BBox"])
		if !ok || bounds.w == 0 || bounds.h == 0 {
			continue
		}
		turn, ok := s.numbers(stream.Dict["Matrix"], 6)
		if !ok {
			turn = []float64{1, 0, 0, 1, 0, 0}
		}
		around := bounds.through(turn)
		if around.w == 0 || around.h == 0 {
			continue
		}
		x, y := rect.w/around.w, rect.h/around.h
		copied, _ := b.take(s, look).(types.IndirectRef)
		if form, is := b.objects[max(0, copied.ObjectNumber.Value()-1)].(types.StreamDict); is && copied.ObjectNumber > 0 {
			form.Dict["Type"], form.Dict["Subtype"] = types.Name("XObject"), types.Name("Form")
			all = append(all, stuck{copied, [6]float64{x, 0, 0, y, rect.x - around.x*x, rect.y - around.y*y}})
		}
	}
	return all
}

// through is the box around a box that was turned.
func (b box) through(m []float64) box {
	x0, y0, x1, y1 := math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)
	for _, at := range [][2]float64{{b.x, b.y}, {b.x + b.w, b.y}, {b.x, b.y + b.h}, {b.x + b.w, b.y + b.h}} {
		x, y := m[0]*at[0]+m[2]*at[1]+m[4], m[1]*at[0]+m[3]*at[1]+m[5]
		x0, y0, x1, y1 = min(x0, x), min(y0, y), max(x1, x), max(y1, y)
	}
	return box{x0, y0, x1 - x0, y1 - y0}
}

// links are those of a page that lead to an address or to another page.
func (b *book) links(s *source, p page) (all types.Array) {
	for _, o := range s.array(p.dict["Annots"]) {
		d := s.dict(o)
		if s.name(d["Subtype"]) != "Link" {
			continue
		}
		link := types.Dict{"Type": types.Name("Annot"), "Subtype": types.Name("Link"), "Border": types.Array{types.Integer(0), types.Integer(0), types.Integer(0)}}
		rect, ok := s.box(d["Rect"])
		if !ok {
			continue
		}
		link["Rect"] = rect.array()
		action := s.dict(d["A"])
		switch {
		case s.name(action["S"]) == "URI":
			link["A"] = types.Dict{"S": types.Name("URI"), "URI": b.take(s, s.object(action["URI"]))}
		case s.array(d["Dest"]) != nil:
			link["Dest"] = b.take(s, s.array(d["Dest"]))
		case s.name(action["S"]) == "GoTo" && s.array(action["D"]) != nil:
			link["Dest"] = b.take(s, s.array(action["D"]))
		default:
			continue
		}
		all = append(all, link)
	}
	return all
}
