package seal

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
	"unicode/utf16"

	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"
)

// compose makes a new file of the pages of one, of what is laid over them, and of pages that follow; in the child.
func compose(o order) ([]byte, error) {
	base, err := open(o.PDF)
	if err != nil {
		return nil, err
	}
	b := newBook()
	if o.Hole != nil {
		b.keep(o.Hole.object()) // first, where everybody finds it
	}
	tree := b.keep(nil)
	var kids types.Array
	refs := make([]types.IndirectRef, len(base.pages))
	b.copied[base] = map[int]int{}
	for n, p := range base.pages {
		refs[n] = b.keep(nil)
		b.copied[base][p.ref.ObjectNumber.Value()] = refs[n].ObjectNumber.Value()
		kids = append(kids, refs[n])
	}
	over, err := openMaybe(o.Over)
	if err != nil {
		return nil, err
	}
	for n, p := range base.pages {
		d := b.page(base, p, tree)
		var above []string
		names := types.Dict{}
		for m, form := range b.flat(base, p) {
			name := fmt.Sprintf("PorticoF%d", m)
			names[name] = form.ref
			above = append(above, form.draw(name))
		}
		if at := slices.Index(o.On, n+1); at >= 0 && over != nil && at < len(over.pages) {
			names["PorticoMarks"] = b.form(over, over.pages[at])
			above = append(above, "q "+p.onto()+" cm /PorticoMarks Do Q\n")
		}
		if len(above) > 0 {
			b.lay(d, names, above)
		}
		b.set(refs[n], d)
	}
	tail, err := openMaybe(o.Tail)
	if err != nil {
		return nil, err
	}
	if tail != nil {
		for _, p := range tail.pages {
			at := b.keep(nil)
			b.set(at, b.page(tail, p, tree))
			kids = append(kids, at)
		}
	}
	b.set(tree, types.Dict{"Type": types.Name("Pages"), "Kids": kids, "Count": types.Integer(len(kids))})
	return b.close(base, o, tree, kids), nil
}

func openMaybe(pdf []byte) (*source, error) {
	if len(pdf) == 0 {
		return nil, nil
	}
	return open(pdf)
}

// close adds what stands around the pages, and writes it all.
func (b *book) close(base *source, o order, tree types.IndirectRef, kids types.Array) []byte {
	root := types.Dict{"Type": types.Name("Catalog"), "Pages": tree}
	if old, err := base.Catalog(); err == nil {
		for _, key := range []string{"Lang", "OCProperties", "PageLabels"} {
			if value, has := old[key]; has {
				root[key] = b.take(base, value)
			}
		}
	}
	info := types.Dict{"Producer": types.StringLiteral("Portico")}
	if o.Title != "" {
		info["Title"] = text(o.Title)
	} else if base.Info != nil {
		if title, has := base.dict(*base.Info)["Title"]; has {
			info["Title"] = b.take(base, base.object(title))
		}
	}
	if o.Hole != nil {
		signature := *types.NewIndirectRef(1, 0)
		first := kids[0].(types.IndirectRef)
		widget := b.keep(types.Dict{
			"Type": types.Name("Annot"), "Subtype": types.Name("Widget"), "FT": types.Name("Sig"), "T": types.StringLiteral("Seal"), "V": signature,
			"F": types.Integer(132), "P": first, "Rect": types.Array{types.Integer(0), types.Integer(0), types.Integer(0), types.Integer(0)},
		})
		page := b.objects[first.ObjectNumber.Value()-1].(types.Dict)
		annots, _ := page["Annots"].(types.Array)
		page["Annots"] = append(annots, widget)
		root["AcroForm"] = types.Dict{"Fields": types.Array{widget}, "SigFlags": types.Integer(3)}
		root["Perms"] = types.Dict{"DocMDP": signature}
	}
	sum := sha256.Sum256(append(slices.Clone(o.PDF), o.Tail...))
	return b.write(b.keep(root), b.keep(info), fmt.Sprintf("%x", sum[:16]))
}

// text is a text string of a PDF.
func text(s string) types.Object {
	var b strings.Builder
	b.WriteString("FEFF")
	for _, unit := range utf16.Encode([]rune(s)) {
		fmt.Fprintf(&b, "%04X", unit)
	}
	return types.HexLiteral(b.String())
}

// page is a page of a source as it stands in the book, without what acts.
func (b *book) page(s *source, p page, tree types.IndirectRef) types.Dict {
	d := types.Dict{"Type": types.Name("Page"), "Parent": tree, "MediaBox": p.box.array(), "Resources": b.takeDict(s, p.from)}
	if p.rotate != 0 {
		d["Rotate"] = types.Integer(p.rotate)
	}
	for _, key := range []string{"Group", "UserUnit"} {
		if value, has := p.dict[key]; has {
			d[key] = b.take(s, value)
		}
	}
	d["Contents"] = b.contents(s, p.dict["Contents"])
	if links := b.links(s, p); len(links) > 0 {
		d["Annots"] = links
	}
	return d
}

// contents are the streams of a page.
func (b *book) contents(s *source, o types.Object) types.Array {
	if array := s.array(o); array != nil {
		var all types.Array
		for _, one := range array {
			if _, is := s.object(one).(types.StreamDict); is {
				all = append(all, b.take(s, one))
			}
		}
		return all
	}
	if _, is := s.object(o).(types.StreamDict); is {
		return types.Array{b.take(s, o)}
	}
	return types.Array{}
}

// lay draws forms above what a page has.
func (b *book) lay(d, names types.Dict, above []string) {
	resources, _ := d["Resources"].(types.Dict)
	if resources == nil {
		resources = types.Dict{}
		d["Resources"] = resources
	}
	objects := types.Dict{}
	switch old := resources["XObject"].(type) {
	case types.Dict:
		objects = old
	case types.IndirectRef:
		if known, is := b.objects[old.ObjectNumber.Value()-1].(types.Dict); is {
			for key, value := range known { // others may share it
				objects[key] = value
			}
		}
	}
	for name, form := range names {
		objects[name] = form
	}
	resources["XObject"] = objects
	contents, _ := d["Contents"].(types.Array)
	all := append(types.Array{b.stream("q\n")}, contents...)
	d["Contents"] = append(all, b.stream("\nQ\n"+strings.Join(above, "")))
}

// form is a whole page as something that can be drawn.
func (b *book) form(s *source, p page) types.Object {
	raw, filter := []byte{}, types.Object(nil)
	streams := []types.Object{p.dict["Contents"]}
	if array := s.array(p.dict["Contents"]); array != nil {
		streams = array
	}
	for _, one := range streams { // our own pages have one stream
		if stream, is := s.object(one).(types.StreamDict); is {
			raw, filter = stream.Raw, b.take(s, stream.Dict["Filter"])
			break
		}
	}
	d := types.Dict{
		"Type": types.Name("XObject"), "Subtype": types.Name("Form"), "BBox": p.box.array(), "Resources": b.takeDict(s, p.from),
	}
	if filter != nil {
		d["Filter"] = filter
	}
	return b.keep(types.StreamDict{Dict: d, Raw: raw})
}

// onto leads from the page as it is seen to its own coordinates.
func (p page) onto() string {
	m := [6]float64{1, 0, 0, 1, p.box.x, p.box.y}
	switch p.rotate {
	case 90:
		m = [6]float64{0, 1, -1, 0, p.box.x + p.box.w, p.box.y}
	case 180:
		m = [6]float64{-1, 0, 0, -1, p.box.x + p.box.w, p.box.y + p.box.h}
	case 270:
		m = [6]float64{0, -1, 1, 0, p.box.x, p.box.y + p.box.h}
	}
	return matrix(m)
}

func matrix(m [6]float64) string {
	var all []string
	for _, v := range m {
		all = append(all, decimal(v))
	}
	return strings.Join(all, " ")
}
