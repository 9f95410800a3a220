// Package brand derives everything that is coloured from the one color that a firm chose, in light and in dark, with
// enough contrast to be read.
package brand

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"regexp"
	"sync"
	"sync/atomic"
)

// Default is the color of a firm that chose none.
const Default = "#3b5b4f"

// AA is the contrast that WCAG 2.2 asks of text (1.4.3).
const AA = 4.5

var good = regexp.MustCompile(`^#[0-9a-f]{6}$`)

// Valid reports whether text is a color as it is stored: #rrggbb in small letters.
func Valid(text string) bool { return good.MatchString(text) }

// Face is what is coloured on one background: all are #rrggbb.
type Face struct {
	Brand  string // buttons, marks
	Ink    string // writing on Brand, AA
	Soft   string // a wash behind things
	Strong string // writing and links on the page, AA
}

// Colors are what was derived.
type Colors struct {
	Base        string
	Light, Dark Face
	Button, Ink string  // for mails, which have one face: Light's
	Adjusted    bool    // the chosen color had to move to be read
	Ratio       float64 // of the chosen color to white
}

var (
	lightPage = rgb{0.955, 0.945, 0.93} // near the page and its cards, the harder of the two
	darkPage  = rgb{0.025, 0.024, 0.022}
	white     = rgb{1, 1, 1}
	black     = oklch{0.18, 0.02, 0}
)

// Of derives the colors; an unreadable text counts as Default.
func Of(color string) Colors {
	base, err := parse(color)
	if err != nil {
		color = Default
		base, _ = parse(Default)
	}
	o := base.oklch()
	colors := Colors{Base: color, Ratio: contrast(base, white)}
	colors.Light = face(o, lightPage, -0.01)
	colors.Dark = face(lifted(o), darkPage, +0.01)
	colors.Button, colors.Ink = colors.Light.Brand, colors.Light.Ink
	colors.Adjusted = colors.Light.Strong != base.hex()
	return colors
}

// lifted is how a color looks by night: lighter, a little less of it.
func lifted(o oklch) oklch {
	if o.l < 0.72 {
		o.l = 0.72
	}
	o.c *= 0.92
	return o
}

func face(o oklch, page rgb, step float64) Face {
	night := step > 0
	brand := o
	o.l = min(max(o.l, 0.06), 0.97) // white and black have no text of their own color
	for !readable(brand) && brand.l > 0.05 && brand.l < 0.98 {
		brand.l += step // a middle grey has no ink that reads on it
	}
	strong := o
	for contrast(strong.shown(), page) < AA+0.2 && strong.l > 0.05 && strong.l < 0.98 {
		strong.l += step
	}
	soft := oklch{0.955, min(o.c, 0.022), o.h}
	if night {
		soft = oklch{0.285, min(o.c, 0.036), o.h}
	}
	return Face{brand.shown().hex(), ink(brand).hex(), soft.shown().hex(), strong.shown().hex()}
}

// ink is white where it can be, else near black of the same hue.
func ink(o oklch) rgb {
	if contrast(o.shown(), white) >= AA+0.05 {
		return white
	}
	dark := black
	dark.h = o.h
	return dark.shown()
}

func readable(o oklch) bool { return contrast(o.shown(), ink(o)) >= AA+0.05 }

// Stylesheet sets the custom properties that the design system reads.
func Stylesheet(color string) string {
	c := Of(color)
	pair := func(light, dark string) string { return "light-dark(" + light + ", " + dark + ")" }
	base, _ := parse(c.Base)
	o := base.oklch()
	return fmt.Sprintf(":root{--brand-h:%.1f;--brand-c:%.3f;--brand-l:%.3f;--brand:%s;--brand-ink:%s;--brand-soft:%s;--brand-strong:%s}\n",
		o.h, o.c, o.l, pair(c.Light.Brand, c.Dark.Brand), pair(c.Light.Ink, c.Dark.Ink),
		pair(c.Light.Soft, c.Dark.Soft), pair(c.Light.Strong, c.Dark.Strong))
}

// URL names the stylesheet by its content, so that it never goes stale: /theme/3b5b4f.1a2b3c4d.css.
func URL(color string) string {
	if !Valid(color) {
		color = Default
	}
	if url, ok := urls.Load(color); ok {
		return url.(string)
	}
	sum := sha256.Sum256([]byte(Stylesheet(color)))
	url := "/theme/" + color[1:] + "." + hex.EncodeToString(sum[:4]) + ".css"
	if known.Add(1) < mostURLs {
		urls.Store(color, url)
	}
	return url
}

// urls are those of colors that were asked for: every page names its own, and a stylesheet is not made for that again.
var (
	urls  sync.Map
	known atomic.Int32
)

const mostURLs = 10_000 // firms of one server have fewer colors; what is beyond is made each time
