package heif

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"image"
	"os"
	"testing"
	"time"
)

func TestTheProgramIsTheOneWeChose(t *testing.T) {
	sum := sha256.Sum256(program)
	if got := hex.EncodeToString(sum[:]); got != "3634a6447ea3915633667f39e01ff540a60f4e2f837a8391d044d76dfd8a0435" {
		t.Errorf("heif.wasm.gz changed: %s", got)
	}
}

func TestAPhotoIsRead(t *testing.T) {
	picture, err := Decode(t.Context(), photo(t), 40_000_000)
	if err != nil {
		t.Fatal(err)
	}
	if size := picture.Bounds().Size(); size.X != 640 || size.Y != 426 {
		t.Errorf("size %v", size)
	}
}

func TestDamageIsAnErrorAndNeverAPanic(t *testing.T) {
	whole := photo(t)
	for _, cut := range []int{0, 11, 100, 500, len(whole) / 2} {
		if _, err := Decode(t.Context(), whole[:cut], 40_000_000); !errors.Is(err, ErrFormat) {
			t.Errorf("cut at %d: %v", cut, err)
		}
	}
	for at := 40; at < 480; at += 24 {
		bad := append([]byte(nil), whole...)
		bad[at] ^= 0xff
		_, _ = Decode(t.Context(), bad, 40_000_000)
	}
}

func TestMorePixelsThanAllowedAreRefused(t *testing.T) {
	if _, err := Decode(t.Context(), photo(t), 1000); !errors.Is(err, ErrFormat) {
		t.Errorf("got %v", err)
	}
}

func TestAnEndedContextIsTheEnd(t *testing.T) {
	for name, decode := range map[string]func(context.Context, []byte, int) (image.Image, error){
		"any": Decode, "stoppable": stoppable.decode,
	} {
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Millisecond)
		if _, err := decode(ctx, photo(t), 40_000_000); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s: got %v", name, err)
		}
		cancel()
	}
}

func TestAPhotoThatNeverEndsDoesNotHoldUpOthers(t *testing.T) {
	swiftFree <- struct{}{} // as if one were stuck
	defer func() { <-swiftFree }()
	if _, err := Decode(t.Context(), photo(t), 40_000_000); err != nil {
		t.Error(err)
	}
}

func photo(t *testing.T) []byte {
	t.Helper()
	file, err := os.ReadFile("../testdata/hall.heif")
	if err != nil {
		t.Fatal(err)
	}
	return file
}
