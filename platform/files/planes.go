package files

import (
	"image"
	"math"
)

// A JPEG holds its colours as one plane of light and two of tint, the tints at half the size. Photos are made smaller as
// they are, plane by plane: a way through RGB and back would cost more than all the rest.

// shrinkPlanes makes the longest side at most longest. The tints come out at half the size.
func shrinkPlanes(from *image.YCbCr, longest int) *image.YCbCr {
	to := fit(from.Rect.Size(), longest)
	if to == from.Rect.Size() && from.SubsampleRatio == image.YCbCrSubsampleRatio420 {
		return from
	}
	for size := from.Rect.Size(); max(size.X, size.Y) > 2*longest; {
		size = image.Pt((size.X+1)/2, (size.Y+1)/2)
		from = resized(from, size, flat)
	}
	if to.X*from.Rect.Dy() < 1<<20 { // small: the sharper kernel costs little
		return resized(from, to, catmullRom)
	}
	return resized(from, to, tent)
}

func resized(from *image.YCbCr, to image.Point, kernel kernel) *image.YCbCr {
	into := image.NewYCbCr(image.Rectangle{Max: to}, image.YCbCrSubsampleRatio420)
	size, half := from.Rect.Size(), image.Pt((to.X+1)/2, (to.Y+1)/2)
	tint := tints(from)
	resample(plane{into.Y, into.YStride, to}, plane{from.Y, from.YStride, size}, kernel)
	resample(plane{into.Cb, into.CStride, half}, plane{from.Cb, from.CStride, tint}, kernel)
	resample(plane{into.Cr, into.CStride, half}, plane{from.Cr, from.CStride, tint}, kernel)
	return into
}

// uprightPlanes turns by the eight orientations of EXIF, as upright does. It wants tints of half the size.
func uprightPlanes(from *image.YCbCr, turn int) *image.YCbCr {
	size := from.Rect.Size()
	if placed(size, turn) == nil {
		return from
	}
	to := size
	if turn >= 5 {
		to = image.Pt(size.Y, size.X)
	}
	into := image.NewYCbCr(image.Rectangle{Max: to}, image.YCbCrSubsampleRatio420)
	half, tint := image.Pt((to.X+1)/2, (to.Y+1)/2), tints(from)
	turned(plane{into.Y, into.YStride, to}, plane{from.Y, from.YStride, size}, turn)
	turned(plane{into.Cb, into.CStride, half}, plane{from.Cb, from.CStride, tint}, turn)
	turned(plane{into.Cr, into.CStride, half}, plane{from.Cr, from.CStride, tint}, turn)
	return into
}

// plane is one byte for each of its points.
type plane struct {
	pix    []byte
	stride int
	size   image.Point
}

func (p plane) row(y int) []byte { return p.pix[y*p.stride:][:p.size.X] }

// tints is the size of the planes of tint.
func tints(m *image.YCbCr) image.Point {
	size := m.Rect.Size()
	switch m.SubsampleRatio {
	case image.YCbCrSubsampleRatio444:
		return size
	case image.YCbCrSubsampleRatio422:
		return image.Pt((size.X+1)/2, size.Y)
	case image.YCbCrSubsampleRatio440:
		return image.Pt(size.X, (size.Y+1)/2)
	case image.YCbCrSubsampleRatio411:
		return image.Pt((size.X+3)/4, size.Y)
	case image.YCbCrSubsampleRatio410:
		return image.Pt((size.X+3)/4, (size.Y+1)/2)
	}
	return image.Pt((size.X+1)/2, (size.Y+1)/2)
}

func turned(into, from plane, turn int) {
	source := placed(from.size, turn)
	for y := range into.size.Y {
		row := into.row(y)
		for x := range row {
			sx, sy := source(x, y)
			row[x] = from.pix[sy*from.stride+sx]
		}
	}
}

// kernel says how much a point counts at a distance; it reaches as far as reach.
type kernel struct {
	reach float64
	at    func(distance float64) float64
}

var (
	flat       = kernel{.5, func(float64) float64 { return 1 }}
	tent       = kernel{1, func(d float64) float64 { return 1 - d }}
	catmullRom = kernel{2, func(d float64) float64 {
		if d < 1 {
			return (d*1.5-2.5)*d*d + 1
		}
		return ((d*-0.5+2.5)*d-4)*d + 2
	}}
)

// mix says of which points of a line each point of another one is made: of wide ones from first on, each by its weight.
type mix struct {
	wide    int
	first   []int
	weights []int32 // in parts of one, wide for each point
}

const one = 1 << 14

// mixOf makes a line of so many points of another one. Made smaller, a point is made of all that it covers, so that a
// fine texture turns grey, and not into a pattern of its own.
func mixOf(k kernel, to, from int) mix {
	step := float64(from) / float64(to)
	reach := k.reach * max(step, 1)
	m := mix{min(from, int(math.Ceil(2*reach))), make([]int, to), nil}
	m.weights = make([]int32, to*m.wide)
	parts := make([]float64, m.wide)
	for i := range to {
		centre := (float64(i)+.5)*step - .5
		m.first[i] = min(max(0, int(math.Ceil(centre-reach))), from-m.wide)
		whole := 0.
		for n := range parts {
			parts[n] = 0
			if d := math.Abs(float64(m.first[i]+n) - centre); d <= reach {
				parts[n] = k.at(d / max(step, 1))
			}
			whole += parts[n]
		}
		weights, left, most := m.weights[i*m.wide:][:m.wide], int32(one), 0
		for n, part := range parts {
			weights[n] = int32(math.Round(part / whole * one))
			if left -= weights[n]; part > parts[most] {
				most = n
			}
		}
		weights[most] += left // together they are one: a plain area keeps its colour exactly
	}
	return m
}

// resample fills a plane with another one of any size: first fewer rows, then narrower ones.
func resample(into, from plane, k kernel) {
	down, across := mixOf(k, into.size.Y, from.size.Y), mixOf(k, into.size.X, from.size.X)
	narrow := into.size.X != from.size.X
	line := make([]byte, from.size.X)
	sums := make([]int32, from.size.X)
	rows := make([][]byte, down.wide)
	for y := range into.size.Y {
		for n := range rows {
			rows[n] = from.row(down.first[y] + n)
		}
		if !narrow {
			line = into.row(y)
		}
		mixRows(line, rows, down.weights[y*down.wide:][:down.wide], sums)
		if narrow {
			across.mixPoints(into.row(y), line)
		}
	}
}

func mixRows(into []byte, rows [][]byte, weights []int32, sums []int32) {
	switch len(rows) {
	case 2:
		a, b, wa, wb := rows[0][:len(into)], rows[1][:len(into)], weights[0], weights[1]
		for x := range into {
			into[x] = rounded(wa*int32(a[x]) + wb*int32(b[x]))
		}
	case 4:
		a, b, c, d := rows[0][:len(into)], rows[1][:len(into)], rows[2][:len(into)], rows[3][:len(into)]
		wa, wb, wc, wd := weights[0], weights[1], weights[2], weights[3]
		for x := range into {
			into[x] = rounded(wa*int32(a[x]) + wb*int32(b[x]) + wc*int32(c[x]) + wd*int32(d[x]))
		}
	default:
		clear(sums)
		for n, row := range rows {
			row, weight := row[:len(sums)], weights[n]
			for x := range sums {
				sums[x] += weight * int32(row[x])
			}
		}
		for x := range into {
			into[x] = rounded(sums[x])
		}
	}
}

func (m mix) mixPoints(into, from []byte) {
	first := m.first[:len(into)]
	switch m.wide {
	case 2:
		for x := range into {
			p, w := from[first[x]:][:2], m.weights[2*x:][:2]
			into[x] = rounded(w[0]*int32(p[0]) + w[1]*int32(p[1]))
		}
	case 4:
		for x := range into {
			p, w := from[first[x]:][:4], m.weights[4*x:][:4]
			into[x] = rounded(w[0]*int32(p[0]) + w[1]*int32(p[1]) + w[2]*int32(p[2]) + w[3]*int32(p[3]))
		}
	default:
		for x := range into {
			p, w := from[first[x]:][:m.wide], m.weights[x*m.wide:][:m.wide]
			sum := int32(0)
			for n, weight := range w {
				sum += weight * int32(p[n])
			}
			into[x] = rounded(sum)
		}
	}
}

func rounded(sum int32) byte {
	sum = (sum + one/2) >> 14
	if uint32(sum) > 255 { // a sharp kernel goes beyond black and white
		sum = max(0, min(255, sum))
	}
	return byte(sum)
}
