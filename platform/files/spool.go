package files

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"

	"portico/platform/fault"
)

// Spooled is an upload on local disk, whole, within its limit, and read from its beginning. It
// disappears with Close, or with the process.
type Spooled struct {
	*os.File
	Size   int64
	SHA256 string // in hex

	borrowed bool // somebody else's file, who closes it
}

// Spool takes an upload to a temporary file; it refuses at the first byte beyond limit.
// What lies in a file already is read where it is.
func Spool(r io.Reader, limit int64) (*Spooled, error) {
	if f, ok := r.(*os.File); ok {
		return borrow(f, limit)
	}
	f, err := os.CreateTemp("", "portico-upload-*")
	if err != nil {
		return nil, because("receive upload", err)
	}
	s := &Spooled{File: f}
	_ = os.Remove(f.Name()) // the open file stays; systems that refuse do it at Close
	if err := s.receive(r, limit); err != nil {
		_ = s.Close()
		return nil, err
	}
	return s, nil
}

func borrow(f *os.File, limit int64) (*Spooled, error) {
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() {
		return Spool(struct{ io.Reader }{f}, limit)
	}
	if info.Size() > limit {
		return nil, tooLarge(limit)
	}
	sum := sha256.New()
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return nil, because("read upload", err)
	}
	n, err := io.Copy(sum, f)
	if err != nil {
		return nil, because("read upload", err)
	}
	_, err = f.Seek(0, io.SeekStart)
	return &Spooled{File: f, Size: n, SHA256: hex.EncodeToString(sum.Sum(nil)), borrowed: true}, because("read upload", err)
}

func (s *Spooled) receive(r io.Reader, limit int64) error {
	sum := sha256.New()
	n, err := io.Copy(io.MultiWriter(s.File, sum), io.LimitReader(r, limit+1))
	if err != nil {
		return because("receive upload", err)
	}
	if n > limit {
		return tooLarge(limit)
	}
	s.Size, s.SHA256 = n, hex.EncodeToString(sum.Sum(nil))
	_, err = s.Seek(0, io.SeekStart)
	return because("receive upload", err)
}

// Kind is Sniff of its first bytes; the reading position stays.
func (s *Spooled) Kind(name string) (Kind, error) {
	head := make([]byte, HeadSize)
	n, err := s.ReadAt(head, 0)
	if err != nil && err != io.EOF {
		return Other, because("read upload", err)
	}
	return Sniff(head[:n], name), nil
}

// Close removes the file.
func (s *Spooled) Close() error {
	if s.borrowed {
		return nil
	}
	err := s.File.Close()
	if gone := os.Remove(s.Name()); gone != nil && !errors.Is(gone, os.ErrNotExist) {
		err = errors.Join(err, gone)
	}
	return err
}

func tooLarge(limit int64) error {
	return fault.TooLarge(fmt.Sprintf("This file is too large. The most we can take is %s.", size(limit)))
}

func size(bytes int64) string {
	switch {
	case bytes >= 1<<20:
		return fmt.Sprintf("%d MB", bytes>>20)
	case bytes >= 1<<10:
		return fmt.Sprintf("%d KB", bytes>>10)
	}
	return fmt.Sprintf("%d bytes", bytes)
}
