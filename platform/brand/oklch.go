package brand

import (
	"fmt"
	"math"
	"strconv"
)

// Conversions after Björn Ottosson, "A perceptual color space for image processing" (2020).

type oklch struct{ l, c, h float64 }

type rgb struct{ r, g, b float64 } // linear, 0 to 1

func parse(hex string) (rgb, error) {
	if len(hex) != 7 || hex[0] != '#' {
		return rgb{}, fmt.Errorf("color %q: want #rrggbb", hex)
	}
	n, err := strconv.ParseUint(hex[1:], 16, 32)
	if err != nil {
		return rgb{}, fmt.Errorf("color %q: want #rrggbb", hex)
	}
	return rgb{linear(n >> 16 & 255), linear(n >> 8 & 255), linear(n & 255)}, nil
}

func linear(byte8 uint64) float64 {
	v := float64(byte8) / 255
	if v <= 0.04045 {
		return v / 12.92
	}
	return math.Pow((v+0.055)/1.055, 2.4)
}

func gamma(v float64) uint8 {
	v = math.Min(1, math.Max(0, v))
	if v <= 0.0031308 {
		v *= 12.92
	} else {
		v = 1.055*math.Pow(v, 1/2.4) - 0.055
	}
	return uint8(math.Round(v * 255))
}

func (c rgb) hex() string { return fmt.Sprintf("#%02x%02x%02x", gamma(c.r), gamma(c.g), gamma(c.b)) }

func (c rgb) inside() bool {
	const e = 1e-4
	for _, v := range []float64{c.r, c.g, c.b} {
		if v < -e || v > 1+e {
			return false
		}
	}
	return true
}

// luminance and contrast are WCAG 2.2's.
func (c rgb) luminance() float64 { return 0.2126*c.r + 0.7152*c.g + 0.0722*c.b }

func contrast(a, b rgb) float64 {
	x, y := a.luminance(), b.luminance()
	if x < y {
		x, y = y, x
	}
	return (x + 0.05) / (y + 0.05)
}

// Contrast is the ratio of two colors as WCAG counts it, from 1 to 21; 0 when one of them is none.
func Contrast(a, b string) float64 {
	x, err := parse(a)
	y, wrong := parse(b)
	if err != nil || wrong != nil {
		return 0
	}
	return contrast(x, y)
}

func (c rgb) oklch() oklch {
	l := math.Cbrt(0.4122214708*c.r + 0.5363325363*c.g + 0.0514459929*c.b)
	m := math.Cbrt(0.2119034982*c.r + 0.6806995451*c.g + 0.1073969566*c.b)
	s := math.Cbrt(0.0883024619*c.r + 0.2817188376*c.g + 0.6299787005*c.b)
	a := 1.9779984951*l - 2.4285922050*m + 0.4505937099*s
	b := 0.0259040371*l + 0.7827717662*m - 0.8086757660*s
	h := math.Atan2(b, a) * 180 / math.Pi
	if h < 0 {
		h += 360
	}
	return oklch{0.2104542553*l + 0.7936177850*m - 0.0040720468*s, math.Hypot(a, b), h}
}

func (o oklch) linear() rgb {
	a, b := o.c*math.Cos(o.h*math.Pi/180), o.c*math.Sin(o.h*math.Pi/180)
	l := cube(o.l + 0.3963377774*a + 0.2158037573*b)
	m := cube(o.l - 0.1055613458*a - 0.0638541728*b)
	s := cube(o.l - 0.0894841775*a - 1.2914855480*b)
	return rgb{
		+4.0767416621*l - 3.3077115913*m + 0.2309699292*s,
		-1.2684380046*l + 2.6097574011*m - 0.3413193965*s,
		-0.0041960863*l - 0.7034186147*m + 1.7076147010*s,
	}
}

func cube(v float64) float64 { return v * v * v }

// shown is the nearest color that a screen can show: less chroma, same light and hue.
func (o oklch) shown() rgb {
	for c := o.linear(); ; c = o.linear() {
		if c.inside() || o.c < 0.001 {
			return c
		}
		o.c *= 0.95
	}
}
