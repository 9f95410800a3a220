package files

import (
	"image"

	"golang.org/x/image/draw"
)

// shrink makes the longest side at most longest. Halving keeps every source pixel in the average;
// the last step uses the sharper CatmullRom where its 32 bytes a sample stay small.
func shrink(from image.Image, longest int) *image.RGBA {
	to := fit(from.Bounds().Size(), longest)
	for size := from.Bounds().Size(); max(size.X, size.Y) > 2*longest; {
		size = image.Pt((size.X+1)/2, (size.Y+1)/2)
		from = scale(draw.ApproxBiLinear, from, size)
	}
	size := from.Bounds().Size()
	if done, ok := from.(*image.RGBA); ok && size == to {
		return done
	}
	if to.X*size.Y < 1<<20 && size != to {
		return scale(draw.CatmullRom, from, to)
	}
	return scale(draw.ApproxBiLinear, from, to)
}

func scale(by draw.Scaler, from image.Image, size image.Point) *image.RGBA {
	into := image.NewRGBA(image.Rectangle{Max: size})
	by.Scale(into, into.Rect, from, from.Bounds(), draw.Src, nil)
	return into
}

func fit(size image.Point, longest int) image.Point {
	side := max(size.X, size.Y)
	if side <= longest {
		return size
	}
	return image.Pt(max(1, (size.X*longest+side/2)/side), max(1, (size.Y*longest+side/2)/side))
}

// upright turns by the eight orientations of EXIF; 1 is upright already.
func upright(from *image.RGBA, turn int) *image.RGBA {
	size := from.Rect.Size()
	source := placed(size, turn)
	if source == nil {
		return from
	}
	into := image.NewRGBA(image.Rectangle{Max: size})
	if turn >= 5 {
		into = image.NewRGBA(image.Rect(0, 0, size.Y, size.X))
	}
	for y := range into.Rect.Dy() {
		for x := range into.Rect.Dx() {
			sx, sy := source(x, y)
			copy(into.Pix[into.PixOffset(x, y):][:4], from.Pix[from.PixOffset(sx, sy):][:4])
		}
	}
	return into
}

// placed says where a point of the upright picture stands in a stored one of that size; nil where nothing is turned.
func placed(size image.Point, turn int) func(x, y int) (int, int) {
	w, h := size.X, size.Y
	return map[int]func(x, y int) (int, int){
		2: func(x, y int) (int, int) { return w - 1 - x, y },
		3: func(x, y int) (int, int) { return w - 1 - x, h - 1 - y },
		4: func(x, y int) (int, int) { return x, h - 1 - y },
		5: func(x, y int) (int, int) { return y, x },
		6: func(x, y int) (int, int) { return y, h - 1 - x },
		7: func(x, y int) (int, int) { return w - 1 - y, h - 1 - x },
		8: func(x, y int) (int, int) { return w - 1 - y, x },
	}[turn]
}
