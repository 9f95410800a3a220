package seal

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"
)

// book is a new file: what is reached from its pages is copied into it, and nothing else. So there is one revision, no
// object that nobody sees, no script, and the same parts give the same bytes.
type book struct {
	objects []types.Object // number 1 comes first
	copied  map[*source]map[int]int
}

func newBook() *book { return &book{copied: map[*source]map[int]int{}} }

// keep gives an object a number, to be filled in later or now.
func (b *book) keep(o types.Object) types.IndirectRef {
	b.objects = append(b.objects, o)
	return *types.NewIndirectRef(len(b.objects), 0)
}

func (b *book) set(at types.IndirectRef, o types.Object) { b.objects[at.ObjectNumber.Value()-1] = o }

// stream keeps bytes as they are.
func (b *book) stream(text string) types.IndirectRef {
	return b.keep(types.StreamDict{Dict: types.Dict{}, Raw: []byte(text)})
}

// left are entries that are never copied: they act, or lead back to the whole of the old file.
var left = map[string]bool{
	"Parent": true, "AA": true, "OpenAction": true, "JS": true, "PieceInfo": true, "Metadata": true, "StructParent": true, "StructParents": true,
	"LastModified": true, "OPI": true, "AF": true,
}

// take copies an object of a source with all that it needs.
func (b *book) take(s *source, o types.Object) types.Object {
	switch o := o.(type) {
	case types.IndirectRef:
		return b.follow(s, o)
	case types.Array:
		all := make(types.Array, len(o))
		for n := range o {
			all[n] = b.take(s, o[n])
		}
		return all
	case types.Dict:
		return b.takeDict(s, o)
	case types.StreamDict:
		return types.StreamDict{Dict: b.takeDict(s, o.Dict), Raw: o.Raw}
	case types.Name, types.Integer, types.Float, types.Boolean, types.StringLiteral, types.HexLiteral:
		return o
	}
	return nil
}

func (b *book) takeDict(s *source, o types.Dict) types.Dict {
	d := types.Dict{}
	for _, key := range slices.Sorted(maps.Keys(o)) { // numbers are given in order
		if !left[key] {
			d[key] = b.take(s, o[key])
		}
	}
	return d
}

// follow copies what a reference leads to, once.
func (b *book) follow(s *source, ref types.IndirectRef) types.Object {
	known := b.copied[s]
	if known == nil {
		known = map[int]int{}
		b.copied[s] = known
	}
	number := ref.ObjectNumber.Value()
	if at, has := known[number]; has {
		if at == 0 {
			return nil
		}
		return *types.NewIndirectRef(at, 0)
	}
	object := s.object(ref)
	if kind := s.name(s.dict(object)["Type"]); object == nil || kind == "Page" || kind == "Pages" || kind == "Catalog" {
		known[number] = 0 // pages are put in by whoever makes the book
		return nil
	}
	at := b.keep(nil)
	known[number] = at.ObjectNumber.Value()
	b.set(at, b.take(s, object))
	return at
}

// write gives the bytes of the file. Object 1 stands first, so that its place is known.
func (b *book) write(root, info types.IndirectRef, id string) []byte {
	var out bytes.Buffer
	out.WriteString(header)
	offsets := make([]int, len(b.objects))
	for n, o := range b.objects {
		offsets[n] = out.Len()
		fmt.Fprintf(&out, "%d 0 obj\n", n+1)
		put(&out, o)
		out.WriteString("\nendobj\n")
	}
	xref := out.Len()
	fmt.Fprintf(&out, "xref\n0 %d\n0000000000 65535 f \n", len(b.objects)+1)
	for _, at := range offsets {
		fmt.Fprintf(&out, "%010d 00000 n \n", at)
	}
	fmt.Fprintf(&out, "trailer\n<</Size %d/Root %d 0 R/Info %d 0 R/ID[<%s><%s>]>>\nstartxref\n%d\n%%%%EOF\n",
		len(b.objects)+1, root.ObjectNumber.Value(), info.ObjectNumber.Value(), id, id, xref)
	return out.Bytes()
}

const header = "%PDF-1.7\n%\xE2\xE3\xCF\xD3\n"

// verbatim is an object whose text is known.
type verbatim struct{ text string }

func (v verbatim) String() string      { return v.text }
func (v verbatim) PDFString() string   { return v.text }
func (v verbatim) Clone() types.Object { return v }

// put writes an object.
func put(out *bytes.Buffer, o types.Object) {
	switch o := o.(type) {
	case nil:
		out.WriteString("null")
	case types.Float:
		out.WriteString(decimal(float64(o)))
	case types.Array:
		out.WriteByte('[')
		for n := range o {
			if n > 0 {
				out.WriteByte(' ')
			}
			put(out, o[n])
		}
		out.WriteByte(']')
	case types.Dict:
		out.WriteString("<<")
		for _, key := range slices.Sorted(maps.Keys(o)) {
			out.WriteString("/" + types.EncodeName(key) + " ")
			put(out, o[key])
		}
		out.WriteString(">>")
	case types.StreamDict:
		d := maps.Clone(o.Dict)
		d["Length"] = types.Integer(len(o.Raw))
		put(out, d)
		out.WriteString("\nstream\n")
		out.Write(o.Raw)
		out.WriteString("\nendstream")
	default:
		out.WriteString(o.PDFString())
	}
}

func decimal(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }
