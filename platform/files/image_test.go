package files

import (
	"bytes"
	"compress/zlib"
	"context"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"github.com/bep/imagemeta"

	"portico/platform/fault"
)

func TestWhereAPhotoWasTakenIsForgotten(t *testing.T) {
	original := testdata(t, "gps.jpg")
	if !tells(original) {
		t.Fatal("the example should have a position")
	}
	for _, v := range picture(t, original).Variants() {
		if tells(v.Data) {
			t.Errorf("%s still tells where it was taken", v.Variant)
		}
		for _, trace := range []string{"Exif", "NIKON", "http://ns.adobe", "ICC_PROFILE", "Photoshop"} {
			if bytes.Contains(v.Data, []byte(trace)) {
				t.Errorf("%s still says %s", v.Variant, trace)
			}
		}
	}
}

func tells(file []byte) bool {
	var tags imagemeta.Tags
	_ = imagemeta.Decode(imagemeta.Options{
		R: bytes.NewReader(file), ImageFormat: imagemeta.JPEG, Sources: imagemeta.EXIF | imagemeta.XMP | imagemeta.IPTC,
		ShouldHandleTag: func(imagemeta.TagInfo) bool { return true },
		HandleTag:       func(tag imagemeta.TagInfo) error { tags.Add(tag); return nil },
	})
	_, found := tags.EXIF()["GPSLatitude"]
	return found
}

func TestAPhotoStandsUpright(t *testing.T) {
	p := picture(t, testdata(t, "landscape_6.jpg"))
	if p.Width != 600 || p.Height != 450 || p.Thumb.Width != 320 || p.Thumb.Height != 240 {
		t.Errorf("%dx%d, thumb %dx%d", p.Width, p.Height, p.Thumb.Width, p.Thumb.Height)
	}
}

// The upright picture has red, green, blue and white corners, clockwise from the top left.
func TestAllEightOrientationsComeOutTheSame(t *testing.T) {
	for turn := 1; turn <= 8; turn++ {
		p := picture(t, corners(t, turn))
		if p.Width != 48 || p.Height != 32 {
			t.Errorf("%d: %dx%d", turn, p.Width, p.Height)
		}
		got := decoded(t, p.Large)
		for at, want := range map[image.Point]string{{4, 4}: "red", {43, 4}: "green", {43, 27}: "blue", {4, 27}: "white"} {
			if seen := colour(got.At(at.X, at.Y)); seen != want {
				t.Errorf("%d: %s at %v, want %s", turn, seen, at, want)
			}
		}
	}
}

// corners makes a JPEG as a camera held that way stores it.
func corners(t *testing.T, turn int) []byte {
	w, h := 48, 32
	if turn >= 5 {
		w, h = h, w
	}
	// what EXIF says: which corner of the stored rows is the top left of the scene, and so on
	stored := map[int]string{1: "rgbw", 2: "grwb", 3: "bwrg", 4: "wbgr", 5: "rwbg", 6: "gbwr", 7: "bgrw", 8: "wrgb"}[turn]
	paint := map[byte]color.Color{'r': color.RGBA{255, 0, 0, 255}, 'g': color.RGBA{0, 255, 0, 255}, 'b': color.RGBA{0, 0, 255, 255}, 'w': color.White}
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			corner := 0
			switch right, low := x >= w/2, y >= h/2; {
			case right && !low:
				corner = 1
			case right && low:
				corner = 2
			case low:
				corner = 3
			}
			m.Set(x, y, paint[stored[corner]])
		}
	}
	var out bytes.Buffer
	if err := jpeg.Encode(&out, m, &jpeg.Options{Quality: 95}); err != nil {
		t.Fatal(err)
	}
	exif := "Exif\x00\x00MM\x00\x2a\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00" + string(byte(turn)) + "\x00\x00\x00\x00\x00\x00"
	app1 := append([]byte{0xFF, 0xE1, 0, byte(len(exif) + 2)}, exif...)
	return append(append([]byte{0xFF, 0xD8}, app1...), out.Bytes()[2:]...)
}

func colour(c color.Color) string {
	r, g, b, _ := c.RGBA()
	on := func(v uint32) bool { return v > 0x8000 }
	return map[[3]bool]string{{true, false, false}: "red", {false, true, false}: "green", {false, false, true}: "blue", {true, true, true}: "white"}[[3]bool{on(r), on(g), on(b)}]
}

func TestAHEICBecomesAJPEG(t *testing.T) {
	p := picture(t, testdata(t, "hall.heif"))
	if p.Width != 640 || p.Height != 426 || p.Large.Kind != JPEG || p.Thumb.Width != 320 {
		t.Errorf("%dx%d, %s, thumb %d", p.Width, p.Height, p.Large.Kind, p.Thumb.Width)
	}
	if at := decoded(t, p.Large).Bounds().Size(); at != image.Pt(640, 426) {
		t.Errorf("large is %v", at)
	}
}

func TestSizesAreMadeFromLargeToSmall(t *testing.T) {
	for _, want := range [][4]int{{6000, 3000, 1280, 320}, {3000, 6000, 640, 160}, {1500, 10, 1280, 320}, {100, 80, 100, 100}, {9000, 1, 1280, 320}} {
		p := picture(t, encodedJPEG(t, image.NewGray(image.Rect(0, 0, want[0], want[1]))))
		if p.Width != want[0] || p.Height != want[1] || p.Medium.Width != want[2] || p.Thumb.Width != want[3] {
			t.Errorf("%v: %d x %d, medium %d, thumb %d", want, p.Width, p.Height, p.Medium.Width, p.Thumb.Width)
		}
		if max(p.Large.Width, p.Large.Height) > large || p.Thumb.Height < 1 {
			t.Errorf("%v: large %dx%d", want, p.Large.Width, p.Large.Height)
		}
	}
}

func TestAFineTextureTurnsGrayAndNotMoire(t *testing.T) {
	m := image.NewGray(image.Rect(0, 0, 4000, 3000))
	for i := range m.Pix {
		m.Pix[i] = uint8(255 * ((i%4000 + i/4000) % 2))
	}
	small := shrink(m, thumb)
	for i := 0; i < len(small.Pix); i += 4 {
		if v := small.Pix[i]; v < 100 || v > 156 {
			t.Fatalf("pixel %d is %d", i/4, v)
		}
	}
}

func TestAPhotosTextureTurnsGrayToo(t *testing.T) {
	for _, ratio := range []image.YCbCrSubsampleRatio{image.YCbCrSubsampleRatio444, image.YCbCrSubsampleRatio422, image.YCbCrSubsampleRatio420, image.YCbCrSubsampleRatio440} {
		m := image.NewYCbCr(image.Rect(0, 0, 4001, 2999), ratio)
		for i := range m.Y {
			m.Y[i] = uint8(255 * ((i%m.YStride + i/m.YStride) % 2))
		}
		for i := range m.Cb {
			m.Cb[i], m.Cr[i] = 90, 200
		}
		for _, longest := range []int{large, medium, thumb} {
			small := shrinkPlanes(m, longest)
			if at := small.Rect.Size(); at != fit(m.Rect.Size(), longest) {
				t.Fatalf("%v: %v", ratio, at)
			}
			for i, v := range small.Y {
				if v < 70 || v > 186 {
					t.Fatalf("%v, %d: point %d is %d", ratio, longest, i, v)
				}
			}
			for i := range small.Cb {
				if small.Cb[i] != 90 || small.Cr[i] != 200 {
					t.Fatalf("%v, %d: a plain colour became %d, %d", ratio, longest, small.Cb[i], small.Cr[i])
				}
			}
		}
	}
}

// TestAPhotoMadeSmallerStaysWhatItIs compares photos made small plane by plane with those made by way of RGB.
func TestAPhotoMadeSmallerStaysWhatItIs(t *testing.T) {
	for _, name := range []string{"gps.jpg", "landscape_6.jpg"} {
		m := decoded(t, Rendition{Data: testdata(t, name)}).(*image.YCbCr)
		got, want := shrinkPlanes(m, thumb), shrink(m, thumb)
		if got.Rect != want.Rect {
			t.Fatalf("%s: %v, not %v", name, got.Rect, want.Rect)
		}
		off := 0
		for y := range got.Rect.Dy() {
			for x := range got.Rect.Dx() {
				a, b := color.RGBAModel.Convert(got.At(x, y)).(color.RGBA), want.RGBAAt(x, y)
				for _, d := range []int{int(a.R) - int(b.R), int(a.G) - int(b.G), int(a.B) - int(b.B)} {
					off += max(d, -d)
				}
			}
		}
		if off /= 3 * got.Rect.Dx() * got.Rect.Dy(); off > 6 {
			t.Errorf("%s: a point is off by %d of 255", name, off)
		}
	}
}

func TestWhatShinesThroughStaysPNG(t *testing.T) {
	clear := image.NewNRGBA(image.Rect(0, 0, 400, 300))
	clear.Set(1, 1, color.NRGBA{255, 0, 0, 128})
	for name, file := range map[string][]byte{"png": encodedPNG(t, clear), "gif": encodedGIF(t)} {
		p := picture(t, file)
		if p.Thumb.Kind != PNG || p.Large.Kind != PNG {
			t.Errorf("%s became %s", name, p.Thumb.Kind)
		}
		if _, _, _, a := decoded(t, p.Large).At(100, 100).RGBA(); a != 0 {
			t.Errorf("%s: the clear part is %d", name, a)
		}
	}
	if p := picture(t, encodedPNG(t, image.NewGray(image.Rect(0, 0, 40, 30)))); p.Large.Kind != JPEG {
		t.Errorf("an opaque PNG became %s", p.Large.Kind)
	}
}

func TestBombsAreRefusedBeforeTheyGoOff(t *testing.T) {
	for name, bomb := range map[string][]byte{
		"png":  pngBomb(30000, 30000),
		"wide": pngBomb(1<<31-1, 1),
		"jpeg": jpegBomb(65000, 65000),
		"gif":  append([]byte("GIF89a\xff\xff\xff\xff\x00\x00\x00"), make([]byte, 40)...),
		"webp": []byte("RIFF\x1e\x00\x00\x00WEBPVP8X\x0a\x00\x00\x00\x00\x00\x00\x00\x20\x4e\x00\x20\x4e\x00"),
		"heic": heicBomb(t),
	} {
		grew := allocated(func() {
			_, err := Image(t.Context(), bytes.NewReader(bomb), Limits{})
			if !fault.Is(err, fault.Oversize) {
				t.Errorf("%s: %v", name, err)
			}
		})
		if grew > 4<<20 {
			t.Errorf("%s took %d MB", name, grew>>20)
		}
	}
}

// pngBomb has a valid header, and data that would be asked for only after the pixels are reserved.
func pngBomb(width, height uint32) []byte {
	header := binary.BigEndian.AppendUint32(nil, width)
	header = binary.BigEndian.AppendUint32(header, height)
	header = append(header, 8, 6, 0, 0, 0)
	var data bytes.Buffer
	z := zlib.NewWriter(&data)
	_, _ = z.Write(make([]byte, 1<<20))
	_ = z.Close()
	file := []byte("\x89PNG\r\n\x1a\n")
	for _, chunk := range []struct {
		kind string
		data []byte
	}{{"IHDR", header}, {"IDAT", data.Bytes()}, {"IEND", nil}} {
		file = binary.BigEndian.AppendUint32(file, uint32(len(chunk.data)))
		body := append([]byte(chunk.kind), chunk.data...)
		file = binary.BigEndian.AppendUint32(append(file, body...), crc32.ChecksumIEEE(body))
	}
	return file
}

func jpegBomb(width, height uint16) []byte {
	file := []byte{0xFF, 0xD8, 0xFF, 0xC0, 0, 17, 8}
	file = binary.BigEndian.AppendUint16(file, height)
	file = binary.BigEndian.AppendUint16(file, width)
	return append(file, 3, 1, 0x22, 0, 2, 0x11, 0, 3, 0x11, 0, 0xFF, 0xDA, 0, 12)
}

func heicBomb(t *testing.T) []byte {
	file := bytes.Clone(testdata(t, "hall.heif"))
	at := bytes.Index(file, []byte("ispe"))
	binary.BigEndian.PutUint32(file[at+8:], 0xFFFFFFFF)
	binary.BigEndian.PutUint32(file[at+12:], 0xFFFFFFFF)
	return file
}

func TestAHEICThatLiesAboutItsSizeIsDamaged(t *testing.T) {
	file := bytes.Clone(testdata(t, "hall.heif"))
	binary.BigEndian.PutUint32(file[bytes.Index(file, []byte("ispe"))+8:], 16)
	if _, err := Image(t.Context(), bytes.NewReader(file), Limits{}); err != nil && !fault.Is(err, fault.Bad) {
		t.Errorf("got %v", err)
	}
}

func TestDamageIsSaidInPlainWords(t *testing.T) {
	whole := map[string][]byte{"jpeg": testdata(t, "gps.jpg"), "heic": testdata(t, "hall.heif"),
		"png": encodedPNG(t, noise(200, 200)), "gif": encodedGIF(t)}
	for name, file := range whole {
		for _, part := range []int{2, 3, 10} {
			_, err := Image(t.Context(), bytes.NewReader(file[:len(file)-len(file)/part]), Limits{})
			if !fault.Is(err, fault.Bad) || !strings.Contains(err.Error(), "damaged") {
				t.Errorf("%s short of a %dth: %v", name, part, err)
			}
		}
	}
}

func TestWhatIsNoPictureIsNotTaken(t *testing.T) {
	for _, file := range []string{"PK\x03\x04 a zip named photo.jpg", "\xFF\xD8\xFF\xE0<script>alert(1)</script>", "<svg onload='x'>", "%PDF-1.7", ""} {
		if _, err := Image(t.Context(), strings.NewReader(file), Limits{}); !fault.Is(err, fault.Unsupported) {
			t.Errorf("%q: %v", file, err)
		}
	}
}

func TestLimitsAreTold(t *testing.T) {
	gps := testdata(t, "gps.jpg")
	for want, limits := range map[string]Limits{
		"150 KB":           {Bytes: 150 << 10},
		"more than we can": {Pixels: 640*480 - 1},
		"too long to open": {Time: time.Nanosecond},
	} {
		_, err := Image(t.Context(), bytes.NewReader(gps), limits)
		if _, ok := fault.Of(err); !ok || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v", limits, err)
		}
	}
}

func TestTroubleThatIsOursIsNotBlamedOnThePhoto(t *testing.T) {
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	gone := errors.New("the store is gone")
	for want, ask := range map[error]func() (*Picture, error){
		context.Canceled: func() (*Picture, error) { return Image(canceled, bytes.NewReader(testdata(t, "gps.jpg")), Limits{}) },
		gone: func() (*Picture, error) {
			return Image(t.Context(), io.MultiReader(bytes.NewReader(testdata(t, "gps.jpg")[:5000]), iotest.ErrReader(gone)), Limits{})
		},
	} {
		_, err := ask()
		if _, isFault := fault.Of(err); isFault || !errors.Is(err, want) {
			t.Errorf("got %v, want %v", err, want)
		}
	}
}

func TestASpooledUploadCanBeStoredAfterItsPictureIsMade(t *testing.T) {
	gps := testdata(t, "gps.jpg")
	upload, err := Spool(bytes.NewReader(gps), 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	defer upload.Close()
	if _, err := Image(t.Context(), upload, Limits{}); err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(upload); err != nil || !bytes.Equal(got, gps) {
		t.Errorf("%d bytes, %v", len(got), err)
	}
}

func TestManyPicturesAtOnceWaitForTheirTurn(t *testing.T) {
	var all sync.WaitGroup
	for i := range 12 {
		all.Go(func() {
			name := "gps.jpg"
			if i%4 == 0 {
				name = "hall.heif"
			}
			if _, err := Image(t.Context(), bytes.NewReader(testdata(t, name)), Limits{}); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
}

func FuzzImage(f *testing.F) {
	f.Add(pngBomb(3, 3))
	f.Add(jpegBomb(8, 8))
	f.Add([]byte("RIFF\x1e\x00\x00\x00WEBPVP8X\x0a\x00\x00\x00\x00\x00\x00\x00\x20\x4e\x00\x20\x4e\x00"))
	f.Add([]byte("GIF89a\x01\x00\x01\x00\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"))
	f.Fuzz(func(t *testing.T, file []byte) {
		p, err := Image(t.Context(), bytes.NewReader(file), Limits{Bytes: 1 << 20, Pixels: 1 << 16})
		if _, isFault := fault.Of(err); err != nil && !isFault {
			t.Error(err)
		}
		if err == nil && (p.Width < 1 || p.Height < 1 || Sniff(p.Thumb.Data, "") != p.Thumb.Kind) {
			t.Errorf("made %+v", p.Thumb)
		}
	})
}

func testdata(t *testing.T, name string) []byte {
	t.Helper()
	file, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return file
}

func picture(t *testing.T, file []byte) *Picture {
	t.Helper()
	p, err := Image(t.Context(), bytes.NewReader(file), Limits{})
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range p.Variants() {
		config, format, err := image.DecodeConfig(bytes.NewReader(v.Data))
		if err != nil || config.Width != v.Width || config.Height != v.Height || Kind("image/"+format) != v.Kind {
			t.Fatalf("%s: %v, %s %dx%d", v.Variant, err, format, config.Width, config.Height)
		}
	}
	return p
}

func decoded(t *testing.T, r Rendition) image.Image {
	t.Helper()
	m, _, err := image.Decode(bytes.NewReader(r.Data))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func encodedJPEG(t *testing.T, m image.Image) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := jpeg.Encode(&out, m, nil); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func encodedPNG(t *testing.T, m image.Image) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := png.Encode(&out, m); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func encodedGIF(t *testing.T) []byte {
	t.Helper()
	m := image.NewPaletted(image.Rect(0, 0, 300, 200), color.Palette{color.Transparent, color.Black})
	for x := range 50 {
		m.SetColorIndex(x, x, 1)
	}
	var out bytes.Buffer
	if err := gif.Encode(&out, m, nil); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func noise(w, h int) image.Image {
	m := image.NewGray(image.Rect(0, 0, w, h))
	seed := uint32(1)
	for i := range m.Pix {
		seed = seed*1664525 + 1013904223
		m.Pix[i] = byte(seed >> 24)
	}
	return m
}

// allocated is how many bytes were taken from the heap meanwhile, whether or not given back.
func allocated(do func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	do()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}
