package files

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"time"

	"golang.org/x/image/webp"
	"golang.org/x/sync/semaphore"

	"portico/platform/fault"
	"portico/platform/files/heif"
)

// Limits is what one picture may cost; what is 0 falls back to the usual.
type Limits struct {
	Bytes  int64
	Pixels int
	Time   time.Duration
}

// Usual is enough for any phone in its normal mode.
var Usual = Limits{Bytes: 50 << 20, Pixels: 40_000_000, Time: 30 * time.Second}

// Picture is a photo made anew: upright, and without anything but its colours.
type Picture struct {
	Width, Height        int // of the photo as it came, upright
	Thumb, Medium, Large Rendition
}

// Rendition is one size of a picture. Small pictures are never enlarged.
type Rendition struct {
	Variant       string // for Key
	Kind          Kind   // JPEG, or PNG where something shines through
	Width, Height int
	Data          []byte
}

// Variants are the sizes from small to large.
func (p *Picture) Variants() []Rendition { return []Rendition{p.Thumb, p.Medium, p.Large} }

// Image reads a photo and makes its variants. It looks at the size before it decodes. Its faults are
// meant for people; a canceled ctx or a reader that fails is not one of them. A *Spooled is left at
// its beginning.
func Image(ctx context.Context, r io.Reader, limits Limits) (*Picture, error) {
	limits = limits.orUsual()
	upload, ok := r.(*Spooled)
	if !ok {
		var err error
		if upload, err = Spool(reading(ctx, r), limits.Bytes); err != nil {
			return nil, err
		}
		defer upload.Close()
	}
	defer upload.Seek(0, io.SeekStart)
	if upload.Size > limits.Bytes {
		return nil, tooLarge(limits.Bytes)
	}
	kind, err := upload.Kind("")
	if err != nil {
		return nil, err
	}
	if !kind.Picture() {
		return nil, fault.WrongType("This is not a picture that we can show. Please choose a JPEG, PNG, WebP, GIF or HEIC file.")
	}
	cost, err := measure(ctx, upload, kind, limits.Pixels)
	if err != nil {
		return nil, err
	}
	if kind == HEIC {
		if err := oneHEIC.Acquire(ctx, 1); err != nil {
			return nil, fmt.Errorf("wait to read picture: %w", err)
		}
		defer oneHEIC.Release(1)
	}
	if err := memory.Acquire(ctx, cost); err != nil {
		return nil, fmt.Errorf("wait to read picture: %w", err)
	}
	defer memory.Release(cost)
	return develop(ctx, upload, kind, limits)
}

func (l Limits) orUsual() Limits {
	if l.Bytes == 0 {
		l.Bytes = Usual.Bytes
	}
	if l.Pixels == 0 {
		l.Pixels = Usual.Pixels
	}
	if l.Time == 0 {
		l.Time = Usual.Time
	}
	return l
}

// memory is what all pictures being read at once may take, by estimate: one of the costliest, or
// several of a phone's.
var memory = semaphore.NewWeighted(budget)

const budget = 512 << 20

// oneHEIC lets one HEIC be decoded at a time: each takes seconds of a core.
var oneHEIC = semaphore.NewWeighted(1)

// measure reads only the header: it refuses too many pixels, and estimates the memory of the rest.
func measure(ctx context.Context, upload *Spooled, kind Kind, maxPixels int) (int64, error) {
	config, err := attempt(ctx, upload, func(r io.ReadSeeker) (image.Config, error) {
		switch kind {
		case JPEG:
			return jpeg.DecodeConfig(r)
		case PNG:
			return png.DecodeConfig(r)
		case GIF:
			return gif.DecodeConfig(r)
		case WebP:
			return webp.DecodeConfig(r)
		}
		return heicConfig(r)
	})
	if err != nil {
		return 0, err
	}
	pixels := int64(config.Width) * int64(config.Height)
	if config.Width <= 0 || config.Height <= 0 {
		return 0, damaged()
	}
	if pixels > int64(maxPixels) {
		return 0, fault.TooLarge(fmt.Sprintf("This picture is %d x %d, which is more than we can show. The most is %d megapixels.",
			config.Width, config.Height, maxPixels/1_000_000))
	}
	each := int64(8) // 16-bit PNG, WebP with alpha, HEIC with its copies
	if kind == JPEG {
		each = 16 // a progressive one keeps every coefficient until the end
	}
	return min(pixels*each+32<<20, budget), nil
}

func develop(ctx context.Context, upload *Spooled, kind Kind, limits Limits) (*Picture, error) {
	limited, stop := context.WithTimeout(ctx, limits.Time)
	defer stop()
	decoded, err := attempt(limited, upload, func(r io.ReadSeeker) (image.Image, error) {
		switch kind {
		case JPEG:
			return jpeg.Decode(r)
		case PNG:
			return png.Decode(r)
		case GIF:
			return gif.Decode(r)
		case WebP:
			return webp.Decode(r)
		}
		return decodeHEIC(limited, r, limits.Pixels)
	})
	if ctx.Err() == nil && limited.Err() != nil {
		return nil, fault.Invalid("This picture takes too long to open. Please save it again as a JPEG and try once more.")
	}
	if err != nil {
		return nil, err
	}
	turn := 1
	if kind != HEIC { // its decoder has turned it
		turn, _ = attempt(limited, upload, func(r io.ReadSeeker) (int, error) { return orientation(r, kind), nil })
	}
	return render(decoded, turn)
}

func decodeHEIC(ctx context.Context, r io.Reader, maxPixels int) (image.Image, error) {
	file, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	return heif.Decode(ctx, file, maxPixels)
}

// attempt runs a decoder from the beginning of the upload. What a decoder dislikes, or panics
// about, is damage; trouble of the disk and the end of ctx are told apart.
func attempt[T any](ctx context.Context, upload *Spooled, decode func(io.ReadSeeker) (T, error)) (result T, err error) {
	from := reading(ctx, upload.File)
	defer func() {
		if recover() != nil {
			err = damaged()
		}
	}()
	if _, err := from.Seek(0, io.SeekStart); err != nil {
		return result, because("read picture", err)
	}
	result, err = decode(from)
	switch {
	case err == nil:
		return result, nil
	case from.err != nil:
		return result, because("read picture", from.err)
	case ctx.Err() != nil, errors.Is(err, heif.ErrStart):
		return result, because("read picture", err)
	}
	return result, damaged()
}

func damaged() error {
	return fault.Invalid("This picture cannot be read. It may be damaged or only half there. Please save it again as a JPEG and try once more.")
}

// The longest sides.
const (
	thumb  = 320
	medium = 1280
	large  = 2560
)

// render makes the variants, turning after the first shrink.
func render(decoded image.Image, turn int) (*Picture, error) {
	full := decoded.Bounds().Size()
	if turn >= 5 {
		full.X, full.Y = full.Y, full.X
	}
	if full.X == 0 || full.Y == 0 {
		return nil, damaged()
	}
	p := &Picture{Width: full.X, Height: full.Y}
	if camera, ok := decoded.(*image.YCbCr); ok {
		return p, p.fromCamera(camera, turn)
	}
	pixels := upright(shrink(decoded, large), turn)
	kind := JPEG
	if !pixels.Opaque() {
		kind = PNG
	}
	return p, variants(p, kind, pixels, func(from *image.RGBA, longest int) *image.RGBA { return shrink(from, longest) })
}

// fromCamera makes the variants of a photo: its colours need no way through RGB.
func (p *Picture) fromCamera(camera *image.YCbCr, turn int) error {
	if turn > 1 || max(p.Width, p.Height) > large {
		camera = uprightPlanes(shrinkPlanes(camera, large), turn)
	}
	return variants(p, JPEG, camera, shrinkPlanes)
}

// variants fills the picture in, each size made from the next larger one.
func variants[P image.Image](p *Picture, kind Kind, pixels P, shrink func(P, int) P) (err error) {
	if p.Large, err = encode("large", kind, pixels); err != nil {
		return err
	}
	pixels = shrink(pixels, medium)
	if p.Medium, err = p.Large.smaller("medium", pixels); err != nil {
		return err
	}
	p.Thumb, err = p.Medium.smaller("thumb", shrink(pixels, thumb))
	return err
}

// smaller is the next variant; a picture that is small already is not encoded again.
func (r Rendition) smaller(variant string, pixels image.Image) (Rendition, error) {
	if size := pixels.Bounds().Size(); size.X == r.Width && size.Y == r.Height {
		r.Variant = variant
		return r, nil
	}
	return encode(variant, r.Kind, pixels)
}

func encode(variant string, kind Kind, pixels image.Image) (Rendition, error) {
	var out bytes.Buffer
	var err error
	if kind == PNG {
		err = png.Encode(&out, pixels)
	} else {
		err = jpeg.Encode(&out, pixels, &jpeg.Options{Quality: 85})
	}
	if err != nil {
		return Rendition{}, errors.Join(errors.New("encode "+variant), err)
	}
	size := pixels.Bounds().Size()
	return Rendition{variant, kind, size.X, size.Y, out.Bytes()}, nil
}
