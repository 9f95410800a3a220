package seal

import (
	"bytes"
	"fmt"
	"math"
	"strings"

	"github.com/pdfcpu/pdfcpu/pkg/api"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/model"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"
)

// source is a file that was taken apart.
type source struct {
	*model.Context
	pages []page
}

// page is one with what it has from the nodes above it.
type page struct {
	ref    types.IndirectRef
	dict   types.Dict
	box    box // what is seen of it
	rotate int
	from   types.Dict // Resources
}

// box is a rectangle of a page.
type box struct{ x, y, w, h float64 }

func (b box) array() types.Array {
	return types.Array{types.Float(b.x), types.Float(b.y), types.Float(b.x + b.w), types.Float(b.y + b.h)}
}

// seen is the size of a page as people see it.
func (p page) seen() Size {
	if p.rotate%180 == 90 {
		return Size{p.box.h, p.box.w}
	}
	return Size{p.box.w, p.box.h}
}

// open takes a file apart.
func open(pdf []byte) (*source, error) {
	if !bytes.Contains(pdf[:min(len(pdf), 1024)], []byte("%PDF-")) {
		return nil, ErrDamaged
	}
	api.DisableConfigDir()
	settings := model.NewDefaultConfiguration()
	settings.Offline = true
	settings.ValidationMode = model.ValidationRelaxed
	ctx, err := api.ReadContext(bytes.NewReader(pdf), settings)
	if err != nil {
		if text := strings.ToLower(err.Error()); strings.Contains(text, "password") || strings.Contains(text, "encrypt") {
			return nil, ErrLocked
		}
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	if ctx.Encrypt != nil {
		return nil, ErrLocked
	}
	s := &source{Context: ctx}
	root, err := ctx.Catalog()
	if err != nil {
		return nil, ErrDamaged
	}
	top, isRef := root["Pages"].(types.IndirectRef)
	if !isRef {
		return nil, ErrDamaged
	}
	if err := s.walk(top, types.Dict{}, map[int]bool{}); err != nil {
		return nil, err
	}
	if len(s.pages) == 0 {
		return nil, ErrDamaged
	}
	return s, nil
}

// inherited are the entries that a page may have from above.
var inherited = []string{"Resources", "MediaBox", "CropBox", "Rotate"}

// walk collects the pages of a tree; a node that was met before is a trap.
func (s *source) walk(at types.IndirectRef, above types.Dict, met map[int]bool) error {
	number := at.ObjectNumber.Value()
	node := s.dict(at)
	if node == nil || met[number] {
		return ErrDamaged
	}
	met[number] = true
	mine := types.Dict{}
	for _, key := range inherited {
		if value, has := node[key]; has {
			mine[key] = value
		} else if value, has := above[key]; has {
			mine[key] = value
		}
	}
	kids := s.array(node["Kids"])
	if kids == nil {
		if len(s.pages) == MostPages {
			return ErrLong
		}
		p, err := s.page(at, node, mine)
		s.pages = append(s.pages, p)
		return err
	}
	for _, kid := range kids {
		ref, isRef := kid.(types.IndirectRef)
		if !isRef {
			return ErrDamaged
		}
		if err := s.walk(ref, mine, met); err != nil {
			return err
		}
	}
	return nil
}

func (s *source) page(ref types.IndirectRef, dict, mine types.Dict) (page, error) {
	p := page{ref: ref, dict: dict, from: s.dict(mine["Resources"])}
	media, ok := s.box(mine["MediaBox"])
	if !ok {
		media = box{0, 0, 612, 792}
	}
	p.box = media
	if crop, ok := s.box(mine["CropBox"]); ok {
		p.box = media.cut(crop)
	}
	if p.box.w < 1 || p.box.h < 1 || p.box.w > 20000 || p.box.h > 20000 {
		return p, ErrDamaged
	}
	if turn, ok := s.number(mine["Rotate"]); ok {
		p.rotate = ((int(turn)%360 + 360) % 360) / 90 * 90
	}
	return p, nil
}

// cut is the part of a box within another one; the box itself when there is none.
func (b box) cut(to box) box {
	x, y := max(b.x, to.x), max(b.y, to.y)
	w, h := min(b.x+b.w, to.x+to.w)-x, min(b.y+b.h, to.y+to.h)-y
	if w < 1 || h < 1 {
		return b
	}
	return box{x, y, w, h}
}

func (s *source) object(o types.Object) types.Object {
	for range 16 {
		ref, isRef := o.(types.IndirectRef)
		if !isRef {
			return o
		}
		found, err := s.Dereference(ref)
		if err != nil {
			return nil
		}
		o = found
	}
	return nil
}

func (s *source) dict(o types.Object) types.Dict {
	switch o := s.object(o).(type) {
	case types.Dict:
		return o
	case types.StreamDict:
		return o.Dict
	}
	return nil
}

func (s *source) array(o types.Object) types.Array {
	a, _ := s.object(o).(types.Array)
	return a
}

func (s *source) number(o types.Object) (float64, bool) {
	switch n := s.object(o).(type) {
	case types.Integer:
		return float64(n), true
	case types.Float:
		return float64(n), !math.IsNaN(float64(n)) && !math.IsInf(float64(n), 0)
	}
	return 0, false
}

func (s *source) numbers(o types.Object, n int) ([]float64, bool) {
	array := s.array(o)
	if len(array) != n {
		return nil, false
	}
	all := make([]float64, n)
	for i := range array {
		v, ok := s.number(array[i])
		if !ok {
			return nil, false
		}
		all[i] = v
	}
	return all, true
}

func (s *source) box(o types.Object) (box, bool) {
	n, ok := s.numbers(o, 4)
	if !ok {
		return box{}, false
	}
	return box{min(n[0], n[2]), min(n[1], n[3]), math.Abs(n[2] - n[0]), math.Abs(n[3] - n[1])}, true
}

// name is a name object, or "".
func (s *source) name(o types.Object) string {
	n, _ := s.object(o).(types.Name)
	return n.Value()
}
