package paper

import (
	"slices"

	"github.com/go-text/typesetting/bidi"
	"github.com/go-text/typesetting/di"
	otf "github.com/go-text/typesetting/font"
	"github.com/go-text/typesetting/language"
	"github.com/go-text/typesetting/segmenter"
	"github.com/go-text/typesetting/shaping"
	"golang.org/x/image/math/fixed"
)

// em is the size at which text is shaped: positions are thousandths of the size that it is drawn at.
const em = 1000

// run is a stretch of a line in one font and one direction, as it stands on paper.
type run struct {
	text   []rune // in the order in which it is read
	script *script
	back   bool // from right to left
	level  bidi.Level
	glyphs []shaping.Glyph
	start  int // of the text within the line
}

// shaper finds glyphs and their order. It belongs to one document.
type shaper struct {
	harf   shaping.HarfbuzzShaper
	seg    shaping.Segmenter
	lines  segmenter.Segmenter
	bidi   bidi.Paragraph
	faces  map[*script]*otf.Face
	of     map[*otf.Face]*script
	shaped map[string][]run
	used   map[*script]*glyphs
	wide   bool // European letters of this line
}

func newShaper() *shaper {
	return &shaper{faces: map[*script]*otf.Face{}, of: map[*otf.Face]*script{}, shaped: map[string][]run{}, used: map[*script]*glyphs{}}
}

// ResolveFace is the face for a letter.
func (s *shaper) ResolveFace(r rune) *otf.Face {
	if s.wide && european(r) {
		return s.face(wide)
	}
	return s.face(scriptOf(r))
}

func (s *shaper) face(of *script) *otf.Face {
	face := s.faces[of]
	if face == nil {
		file := latin()
		if of != nil {
			file, _ = of.load()
		}
		face = otf.NewFace(file)
		s.faces[of], s.of[face] = face, of
	}
	return face
}

// shape gives the runs of a line in the order in which they stand on paper. The line as a whole is read from left to
// right, as on the page; what is written from right to left stands so within it.
func (s *shaper) shape(text string) []run {
	if runs, known := s.shaped[text]; known {
		return runs
	}
	letters := []rune(text)
	s.wide = slices.ContainsFunc(letters, func(r rune) bool { return european(r) && scriptOf(r) == wide })
	var runs []run
	levels := s.bidi.Segment(letters, bidi.LeftToRight)
	for n := range levels.NumRuns() {
		part := levels.Run(n)
		in := shaping.Input{Text: letters, RunStart: part.Start, RunEnd: part.End, Size: fixed.I(em), Language: language.NewLanguage("en"), Direction: di.DirectionLTR}
		if !part.IsLeftToRight() {
			in.Direction = di.DirectionRTL
		}
		for _, piece := range s.seg.Split(in, s) {
			out := s.harf.ShapeNoExtents(piece)
			runs = append(runs, run{
				text: letters[piece.RunStart:piece.RunEnd], script: s.of[piece.Face], back: piece.Direction == di.DirectionRTL, level: part.Level,
				glyphs: out.Glyphs, start: piece.RunStart,
			})
		}
	}
	order(runs)
	s.shaped[text] = runs
	return runs
}

// order puts runs as they stand on paper: from the highest level down, what has it or more is turned around.
func order(runs []run) {
	highest := bidi.Level(0)
	for _, r := range runs {
		highest = max(highest, r.level)
	}
	for level := highest; level > 0; level-- {
		for n := 0; n < len(runs); n++ {
			if runs[n].level < level {
				continue
			}
			end := n
			for end < len(runs) && runs[end].level >= level {
				end++
			}
			slices.Reverse(runs[n:end])
			n = end
		}
	}
}

// learn remembers the glyphs of a text that a document will need.
func (s *shaper) learn(text string) {
	for _, r := range s.shape(text) {
		if r.script == nil {
			continue
		}
		g := s.used[r.script]
		if g == nil {
			g = newGlyphs()
			s.used[r.script] = g
		}
		for _, one := range r.glyphs {
			if one.GlyphID <= 0xFFFF { // beyond are blanks that no font has to have
				g.code(one, r)
			}
		}
	}
}

// breaks are the pieces of a text between which a line may end.
func (s *shaper) breaks(text string) (pieces []string) {
	s.lines.Init([]rune(text))
	for it := s.lines.LineIterator(); it.Next(); {
		pieces = append(pieces, string(it.Line().Text))
	}
	return pieces
}

// glyphs are those of one font that a document uses, each with the code by which it is written. A glyph that stands for
// one letter has that letter's code as far as it is free; the others get codes that belong to nobody.
type glyphs struct {
	codes map[otf.GID]rune
	taken map[rune]otf.GID
	next  rune
}

func newGlyphs() *glyphs {
	return &glyphs{codes: map[otf.GID]rune{}, taken: map[rune]otf.GID{}, next: 0xE000}
}

func (g *glyphs) code(one shaping.Glyph, of run) rune {
	if code, known := g.codes[one.GlyphID]; known {
		return code
	}
	code := rune(0)
	if at := one.TextIndex() - of.start; one.RunesCount() == 1 && one.GlyphsCount() == 1 && at >= 0 && at < len(of.text) {
		code = of.text[at]
	}
	if _, taken := g.taken[code]; taken || code < 0x20 || code > 0xFFFF {
		code = g.next
		g.next++
	}
	g.codes[one.GlyphID], g.taken[code] = code, one.GlyphID
	return code
}
