package paper

import (
	"encoding/binary"
	"maps"
	"slices"

	otf "github.com/go-text/typesetting/font"
)

// tables are the parts of a TrueType file.
type tables map[string][]byte

func tablesOf(file []byte) tables {
	t := tables{}
	for n := range int(binary.BigEndian.Uint16(file[4:])) {
		at := file[12+16*n:]
		begin, size := binary.BigEndian.Uint32(at[8:]), binary.BigEndian.Uint32(at[12:])
		t[string(at[:4])] = file[begin : begin+size]
	}
	return t
}

func (t tables) glyph(id int) []byte {
	var begin, end uint32
	if binary.BigEndian.Uint16(t["head"][50:]) == 0 {
		begin, end = 2*uint32(binary.BigEndian.Uint16(t["loca"][2*id:])), 2*uint32(binary.BigEndian.Uint16(t["loca"][2*id+2:]))
	} else {
		begin, end = binary.BigEndian.Uint32(t["loca"][4*id:]), binary.BigEndian.Uint32(t["loca"][4*id+4:])
	}
	return t["glyf"][begin:end]
}

func (t tables) metric(id int) []byte {
	n := int(binary.BigEndian.Uint16(t["hhea"][34:]))
	if id < n {
		return t["hmtx"][4*id : 4*id+4]
	}
	side := t["hmtx"][4*n+2*(id-n):]
	return append(slices.Clone(t["hmtx"][4*n-4:4*n-2]), side[:2]...)
}

const (
	words     = 1 << 0
	scaled    = 1 << 3
	more      = 1 << 5
	scaledXY  = 1 << 6
	twoByTwo  = 1 << 7
	plainName = "Portico"
)

// parts calls fn with where each component of a composite glyph has its id.
func parts(glyph []byte, fn func(at int)) {
	if len(glyph) < 10 || int16(binary.BigEndian.Uint16(glyph)) >= 0 {
		return
	}
	for at := 10; ; {
		flags := binary.BigEndian.Uint16(glyph[at:])
		fn(at + 2)
		at += 6
		if flags&words != 0 {
			at += 2
		}
		switch {
		case flags&scaled != 0:
			at += 2
		case flags&scaledXY != 0:
			at += 4
		case flags&twoByTwo != 0:
			at += 8
		}
		if flags&more == 0 {
			return
		}
	}
}

// subset is a font of only these glyphs, found by their codes.
func subset(file []byte, codes map[otf.GID]rune) []byte {
	from := tablesOf(file)
	ids, at := []int{0}, map[int]int{0: 0} // the empty box is always the first
	take := func(id int) {
		if _, there := at[id]; !there {
			at[id] = len(ids)
			ids = append(ids, id)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(codes)) {
		take(int(id))
	}
	for n := 0; n < len(ids); n++ { // it grows by components
		glyph := from.glyph(ids[n])
		parts(glyph, func(where int) { take(int(binary.BigEndian.Uint16(glyph[where:]))) })
	}
	var glyf, loca, hmtx []byte
	for _, id := range ids {
		loca = binary.BigEndian.AppendUint32(loca, uint32(len(glyf)))
		glyph := slices.Clone(from.glyph(id))
		parts(glyph, func(where int) {
			binary.BigEndian.PutUint16(glyph[where:], uint16(at[int(binary.BigEndian.Uint16(glyph[where:]))]))
		})
		glyf = append(glyf, glyph...)
		for len(glyf)%4 != 0 {
			glyf = append(glyf, 0)
		}
		hmtx = append(hmtx, from.metric(id)...)
	}
	loca = binary.BigEndian.AppendUint32(loca, uint32(len(glyf)))
	to := tables{"glyf": glyf, "loca": loca, "hmtx": hmtx, "cmap": charmap(codes, at), "name": nameTable()}
	for _, name := range []string{"head", "hhea", "maxp", "OS/2", "cvt ", "fpgm", "prep"} {
		if body, has := from[name]; has {
			to[name] = slices.Clone(body)
		}
	}
	binary.BigEndian.PutUint16(to["head"][50:], 1)
	binary.BigEndian.PutUint16(to["hhea"][34:], uint16(len(ids)))
	binary.BigEndian.PutUint16(to["maxp"][4:], uint16(len(ids)))
	to["post"] = slices.Clone(from["post"][:32])
	binary.BigEndian.PutUint32(to["post"], 0x00030000)
	return to.file()
}

// charmap leads from codes to glyphs: format 4, a segment each.
func charmap(codes map[otf.GID]rune, at map[int]int) []byte {
	glyph := map[rune]int{0xFFFF: 0}
	for id, code := range codes {
		glyph[code] = at[int(id)]
	}
	sorted := slices.Sorted(maps.Keys(glyph))
	n := len(sorted)
	var ends, starts, deltas, offsets []byte
	for _, code := range sorted {
		ends, starts = binary.BigEndian.AppendUint16(ends, uint16(code)), binary.BigEndian.AppendUint16(starts, uint16(code))
		delta := uint16(glyph[code] - int(code))
		if code == 0xFFFF {
			delta = 1
		}
		deltas, offsets = binary.BigEndian.AppendUint16(deltas, delta), append(offsets, 0, 0)
	}
	search := 1
	for search*2 <= n {
		search *= 2
	}
	head := []byte{0, 0, 0, 1, 0, 3, 0, 1, 0, 0, 0, 12}
	for _, v := range []int{4, 16 + 8*n, 0, 2 * n, 2 * search, log2(search), 2 * (n - search)} {
		head = binary.BigEndian.AppendUint16(head, uint16(v))
	}
	return slices.Concat(head, ends, []byte{0, 0}, starts, deltas, offsets)
}

func log2(n int) (bits int) {
	for n > 1 {
		n, bits = n/2, bits+1
	}
	return bits
}

// nameTable says what the font is called, and no more.
func nameTable() []byte {
	var text, head []byte
	for _, c := range plainName {
		text = binary.BigEndian.AppendUint16(text, uint16(c))
	}
	ids := []int{1, 2, 3, 4, 6}
	for _, v := range []int{0, len(ids), 6 + 12*len(ids)} {
		head = binary.BigEndian.AppendUint16(head, uint16(v))
	}
	for _, name := range ids {
		for _, v := range []int{3, 1, 0x409, name, len(text), 0} {
			head = binary.BigEndian.AppendUint16(head, uint16(v))
		}
	}
	return append(head, text...)
}

// file puts the tables together.
func (t tables) file() []byte {
	names := slices.Sorted(maps.Keys(t))
	out := []byte{0, 1, 0, 0}
	search := 1
	for search*2 <= len(names) {
		search *= 2
	}
	for _, v := range []int{len(names), 16 * search, log2(search), 16 * (len(names) - search)} {
		out = binary.BigEndian.AppendUint16(out, uint16(v))
	}
	at := len(out) + 16*len(names)
	var body []byte
	for _, name := range names {
		padded := slices.Clone(t[name])
		for len(padded)%4 != 0 {
			padded = append(padded, 0)
		}
		sum := uint32(0)
		for n := 0; n < len(padded); n += 4 {
			sum += binary.BigEndian.Uint32(padded[n:])
		}
		out = append(out, name...)
		out = binary.BigEndian.AppendUint32(out, sum)
		out = binary.BigEndian.AppendUint32(out, uint32(at+len(body)))
		out = binary.BigEndian.AppendUint32(out, uint32(len(t[name])))
		body = append(body, padded...)
	}
	return append(out, body...)
}
