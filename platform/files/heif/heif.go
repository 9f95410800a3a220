// Package heif decodes HEIC photos with libheif and libde265 compiled to WebAssembly: no C in our
// address space, a ceiling on memory, and an end when the context ends.
//
// heif.wasm.gz is the artefact of github.com/gen2brain/heic v0.4.5, unchanged. That module itself can
// neither be cancelled nor bounded, and opens a native libheif where it finds one, so only its
// artefact is used here.
package heif

import (
	"bytes"
	"compress/gzip"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"image"
	"io"
	"sync"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/imports/wasi_snapshot_preview1"
)

// ErrFormat says that the bytes are not a HEIC picture that can be read.
var ErrFormat = errors.New("not a readable heic picture")

// ErrStart says that the sandbox itself does not run here.
var ErrStart = errors.New("heif cannot start")

// Memory is the most one decode may take inside the sandbox; 40 megapixels fit.
const Memory = 384 << 20

//go:embed heif.wasm.gz
var program []byte

// Decode reads a whole HEIC file and gives its main picture, upright: the turns in the container are
// already applied. It returns when ctx ends and refuses more than maxPixels.
//
// Code that can be stopped runs five times slower. So a file goes to the swift engine first; one that
// outlasts its ctx there is left behind, and while it runs, others go to the stoppable engine.
func Decode(ctx context.Context, file []byte, maxPixels int) (image.Image, error) {
	select {
	case swiftFree <- struct{}{}:
	default:
		return stoppable.decode(ctx, file, maxPixels)
	}
	type result struct {
		image.Image
		error
	}
	done := make(chan result, 1)
	go func() {
		defer func() { <-swiftFree }()
		defer func() {
			if trouble := recover(); trouble != nil { // nobody above this goroutine would catch it
				done <- result{nil, fmt.Errorf("%w: %v", ErrFormat, trouble)}
			}
		}()
		picture, err := swift.decode(context.WithoutCancel(ctx), file, maxPixels)
		done <- result{picture, err}
	}()
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case r := <-done:
		return r.Image, r.error
	}
}

var (
	swift     = engine{}
	stoppable = engine{stops: true}
	swiftFree = make(chan struct{}, 1)
)

// engine is the compiled program; compiling takes half a second, at the first photo.
type engine struct {
	stops    bool
	once     sync.Once
	runtime  wazero.Runtime
	compiled wazero.CompiledModule
	broken   error
}

func (e *engine) decode(ctx context.Context, file []byte, maxPixels int) (image.Image, error) {
	e.once.Do(func() { e.broken = e.compile(context.WithoutCancel(ctx)) })
	if e.broken != nil {
		return nil, fmt.Errorf("%w: %w", ErrStart, e.broken)
	}
	module, err := e.runtime.InstantiateModule(ctx, e.compiled, wazero.NewModuleConfig().WithName(""))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrStart, err)
	}
	defer module.Close(context.WithoutCancel(ctx))
	picture, err := decoder{ctx, module}.decode(file, maxPixels)
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	return picture, err
}

func (e *engine) compile(ctx context.Context) error {
	unzipped, err := gzip.NewReader(bytes.NewReader(program))
	if err != nil {
		return err
	}
	code, err := io.ReadAll(unzipped)
	if err != nil {
		return err
	}
	e.runtime = wazero.NewRuntimeWithConfig(ctx, wazero.NewRuntimeConfig().
		WithCloseOnContextDone(e.stops).
		WithMemoryLimitPages(Memory>>16))
	if _, err := wasi_snapshot_preview1.Instantiate(ctx, e.runtime); err != nil {
		return err
	}
	e.compiled, err = e.runtime.CompileModule(ctx, code)
	return err
}

type decoder struct {
	ctx    context.Context
	module api.Module
}

// header is what the program tells of a picture, in the order of its five answers.
type header struct {
	width, height, space, chroma, premultiplied uint32
}

const (
	spaceYCbCr = 0
	spaceRGB   = 1
	spaceGray  = 2

	chroma420 = 1
	chroma422 = 2
	chroma444 = 3
)

func (d decoder) decode(file []byte, maxPixels int) (image.Image, error) {
	in, err := d.alloc(len(file))
	if err != nil {
		return nil, err
	}
	if !d.module.Memory().Write(in, file) {
		return nil, ErrFormat
	}
	answers, err := d.alloc(20)
	if err != nil {
		return nil, err
	}
	h, err := d.run(in, len(file), answers, 0)
	if err != nil {
		return nil, err
	}
	if h.width == 0 || h.height == 0 || uint64(h.width)*uint64(h.height) > uint64(maxPixels) {
		return nil, ErrFormat
	}
	picture, planes := h.layout()
	if picture == nil {
		return nil, ErrFormat
	}
	out, err := d.alloc(planes)
	if err != nil {
		return nil, err
	}
	if again, err := d.run(in, len(file), answers, out); err != nil || again != h {
		return nil, errors.Join(ErrFormat, err)
	}
	pixels, ok := d.module.Memory().Read(out, uint32(planes))
	if !ok {
		return nil, ErrFormat
	}
	return picture(bytes.Clone(pixels)), nil
}

// alloc takes memory inside the sandbox; it goes with the module.
func (d decoder) alloc(size int) (uint32, error) {
	got, err := d.module.ExportedFunction("malloc").Call(d.ctx, uint64(size))
	if err != nil {
		return 0, errors.Join(ErrFormat, err)
	}
	if uint32(got[0]) == 0 {
		return 0, ErrFormat
	}
	return uint32(got[0]), nil
}

// run decodes into out, or only reads the header when out is 0.
func (d decoder) run(in uint32, size int, answers, out uint32) (header, error) {
	headerOnly := uint64(0)
	if out == 0 {
		headerOnly = 1
	}
	at := uint64(answers)
	got, err := d.module.ExportedFunction("decode").Call(d.ctx,
		uint64(in), uint64(size), headerOnly, at, at+4, at+8, at+12, at+16, uint64(out))
	if err != nil {
		return header{}, errors.Join(ErrFormat, err)
	}
	if uint32(got[0]) == 0 {
		return header{}, ErrFormat
	}
	var said [5]uint32
	for i := range said {
		word, ok := d.module.Memory().ReadUint32Le(answers + uint32(4*i))
		if !ok {
			return header{}, ErrFormat
		}
		said[i] = word
	}
	return header{said[0], said[1], said[2], said[3], said[4]}, nil
}

// layout says how many bytes the pixels take and how they become an image; rows are padded to 16.
func (h header) layout() (func([]byte) image.Image, int) {
	width, height := int(h.width), int(h.height)
	all := image.Rect(0, 0, width, height)
	switch h.space {
	case spaceYCbCr:
		ratio, cw, ch := image.YCbCrSubsampleRatio444, width, height
		switch h.chroma {
		case chroma420:
			ratio, cw, ch = image.YCbCrSubsampleRatio420, (width+1)/2, (height+1)/2
		case chroma422:
			ratio, cw = image.YCbCrSubsampleRatio422, (width+1)/2
		case chroma444:
		default:
			return nil, 0
		}
		stride, cstride := padded(width), padded(cw)
		y, c := stride*height, cstride*ch
		return func(pix []byte) image.Image {
			return &image.YCbCr{
				Y: pix[:y:y], Cb: pix[y : y+c : y+c], Cr: pix[y+c:],
				YStride: stride, CStride: cstride, SubsampleRatio: ratio, Rect: all,
			}
		}, y + 2*c
	case spaceGray:
		stride := padded(width)
		return func(pix []byte) image.Image {
			return &image.Gray{Pix: pix, Stride: stride, Rect: all}
		}, stride * height
	case spaceRGB:
		stride := padded(4 * width)
		return func(pix []byte) image.Image {
			if h.premultiplied == 1 {
				return &image.RGBA{Pix: pix, Stride: stride, Rect: all}
			}
			return &image.NRGBA{Pix: pix, Stride: stride, Rect: all}
		}, stride * height
	}
	return nil, 0
}

func padded(n int) int { return (n + 15) &^ 15 }
