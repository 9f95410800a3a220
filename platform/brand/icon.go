package brand

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"math"
	"sync"

	xdraw "golang.org/x/image/draw"
	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
	"golang.org/x/image/vector"
)

// Icon is how a firm stands among the programs of a phone.
type Icon struct {
	Size    int
	Whole   bool   // fills its square, because the phone cuts it to a shape of its own; else it has round corners
	Color   string // the firm's
	Letters string // for who has no logo, or one too wide to be read
	Logo    image.Image
}

// widest is how much wider than high a logo may be: a longer one would be a thin line.
const widest = 2.6

// PNG draws it.
func (i Icon) PNG() ([]byte, error) {
	canvas := image.NewRGBA(image.Rect(0, 0, i.Size, i.Size))
	face := Of(i.Color).Light
	ground, ink := colorOf(face.Brand), colorOf(face.Ink)
	logo := i.Logo != nil && readableLogo(i.Logo.Bounds())
	if logo {
		ground = color.RGBA{0xff, 0xff, 0xff, 0xff}
	}
	i.ground(canvas, ground)
	switch {
	case logo:
		i.place(canvas)
	case !i.write(canvas, ink):
		i.house(canvas, ink)
	}
	var b bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&b, canvas); err != nil {
		return nil, fmt.Errorf("icon: %w", err)
	}
	return b.Bytes(), nil
}

func readableLogo(b image.Rectangle) bool {
	w, h := float64(b.Dx()), float64(b.Dy())
	return w > 0 && h > 0 && w <= widest*h && h <= widest*w
}

func colorOf(text string) color.RGBA {
	c := color.RGBA{A: 0xff}
	_, _ = fmt.Sscanf(text, "#%02x%02x%02x", &c.R, &c.G, &c.B)
	return c
}

func (i Icon) ground(canvas *image.RGBA, c color.RGBA) {
	if i.Whole {
		draw.Draw(canvas, canvas.Bounds(), image.NewUniform(c), image.Point{}, draw.Src)
		return
	}
	s := float32(i.Size)
	corner, bend := s*0.22, s*0.22*0.4477 // of a circle, by a cubic curve
	z := vector.NewRasterizer(i.Size, i.Size)
	z.MoveTo(corner, 0)
	z.LineTo(s-corner, 0)
	z.CubeTo(s-bend, 0, s, bend, s, corner)
	z.LineTo(s, s-corner)
	z.CubeTo(s, s-bend, s-bend, s, s-corner, s)
	z.LineTo(corner, s)
	z.CubeTo(bend, s, 0, s-bend, 0, s-corner)
	z.LineTo(0, corner)
	z.CubeTo(0, bend, bend, 0, corner, 0)
	z.ClosePath()
	z.Draw(canvas, canvas.Bounds(), image.NewUniform(c), image.Point{})
}

// place puts the logo into the middle. Of a whole icon a circle of four fifths is always seen; the logo's corners lie within.
func (i Icon) place(canvas *image.RGBA) {
	b := i.Logo.Bounds()
	w, h := float64(b.Dx()), float64(b.Dy())
	scale := 0.76 * float64(i.Size) / max(w, h)
	if i.Whole {
		scale = 0.78 * float64(i.Size) / math.Hypot(w, h)
	}
	w, h = w*scale, h*scale
	x, y := (float64(i.Size)-w)/2, (float64(i.Size)-h)/2
	at := image.Rect(int(math.Round(x)), int(math.Round(y)), int(math.Round(x+w)), int(math.Round(y+h)))
	xdraw.CatmullRom.Scale(canvas, at, i.Logo, b, draw.Over, nil)
}

var bold = sync.OnceValue(func() *sfnt.Font {
	f, err := opentype.Parse(gobold.TTF)
	if err != nil {
		panic("brand: a font of ours cannot be read: " + err.Error())
	}
	return f
})

// write puts the letters into the middle; false when the font does not have them.
func (i Icon) write(canvas *image.RGBA, ink color.RGBA) bool {
	var buffer sfnt.Buffer
	for _, r := range i.Letters {
		if glyph, err := bold().GlyphIndex(&buffer, r); err != nil || glyph == 0 {
			return false
		}
	}
	if i.Letters == "" {
		return false
	}
	face, err := opentype.NewFace(bold(), &opentype.FaceOptions{Size: 0.42 * float64(i.Size), DPI: 72, Hinting: font.HintingNone})
	if err != nil {
		return false
	}
	defer func() { _ = face.Close() }()
	pen := font.Drawer{Dst: canvas, Src: image.NewUniform(ink), Face: face}
	bounds, _ := pen.BoundString(i.Letters)
	middle := fixed.I(i.Size) / 2
	pen.Dot = fixed.Point26_6{X: middle - (bounds.Min.X+bounds.Max.X)/2, Y: middle - (bounds.Min.Y+bounds.Max.Y)/2}
	pen.DrawString(i.Letters)
	return true
}

// house is the mark of the program, for names in letters that the font does not have.
func (i Icon) house(canvas *image.RGBA, ink color.RGBA) {
	s := float32(i.Size) / 32
	for _, shape := range [][][2]float32{
		{{7, 13}, {16, 7.5}, {25, 13}, {25, 14.6}, {7, 14.6}},
		{{8.4, 16}, {10.6, 16}, {10.6, 22.6}, {8.4, 22.6}},
		{{14.9, 16}, {17.1, 16}, {17.1, 22.6}, {14.9, 22.6}},
		{{21.4, 16}, {23.6, 16}, {23.6, 22.6}, {21.4, 22.6}},
		{{7, 23.4}, {25, 23.4}, {25, 25.4}, {7, 25.4}},
	} {
		z := vector.NewRasterizer(i.Size, i.Size)
		z.MoveTo(shape[0][0]*s, shape[0][1]*s)
		for _, p := range shape[1:] {
			z.LineTo(p[0]*s, p[1]*s)
		}
		z.ClosePath()
		z.Draw(canvas, canvas.Bounds(), image.NewUniform(ink), image.Point{})
	}
}
