package files

import (
	"errors"
	"io"
	"os"
	"strings"
	"syscall"
	"testing"
	"testing/iotest"

	"portico/platform/fault"
)

func TestAnUploadIsSpooledWithItsSum(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	s, err := Spool(strings.NewReader("hello"), 5)
	if err != nil {
		t.Fatal(err)
	}
	if s.Size != 5 || s.SHA256 != "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824" {
		t.Errorf("%d bytes, %s", s.Size, s.SHA256)
	}
	if kind, err := s.Kind("hello.jpg"); kind != Other || err != nil {
		t.Errorf("%s, %v", kind, err)
	}
	if got, _ := io.ReadAll(s); string(got) != "hello" {
		t.Errorf("reads %q", got)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	nothingLeft(t)
}

func TestAnUploadIsRefusedAtTheFirstByteTooMany(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	taken := 0
	endless := readFunc(func(b []byte) (int, error) { taken += len(b); return len(b), nil })
	if _, err := Spool(endless, 1<<20); !fault.Is(err, fault.Oversize) || !strings.Contains(err.Error(), "1 MB") {
		t.Errorf("got %v", err)
	}
	if taken > 1<<20+64<<10 {
		t.Errorf("took %d bytes", taken)
	}
	nothingLeft(t)
}

func TestACutUploadLeavesNoTemporaryFile(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	for _, cut := range []error{io.ErrUnexpectedEOF, syscall.ENOSPC} {
		_, err := Spool(io.MultiReader(strings.NewReader("half"), iotest.ErrReader(cut)), 100)
		if !errors.Is(err, cut) || errors.Is(err, ErrFull) != (cut == syscall.ENOSPC) {
			t.Errorf("got %v", err)
		}
	}
	nothingLeft(t)
}

func nothingLeft(t *testing.T) {
	t.Helper()
	if left, err := os.ReadDir(os.TempDir()); err != nil || len(left) > 0 {
		t.Errorf("left %v, %v", left, err)
	}
}
