// Package files keeps what people upload: whole or not at all, under keys by firm, with a kind that
// comes from the content, and pictures made anew without what the camera told.
package files

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"syscall"
	"time"

	"github.com/minio/minio-go/v7"
)

// Store keeps bytes under the keys that Key makes and refuses every other key. What is not there is
// fs.ErrNotExist, no room left is ErrFull. No file in it is ever half written.
type Store interface {
	// Put reads r to its end; the key then shows all of it, or what it showed before.
	Put(ctx context.Context, key string, r io.Reader) error
	// Open reads a file; ctx must live as long as the reading.
	Open(ctx context.Context, key string) (*Object, error)
	Stat(ctx context.Context, key string) (Info, error)
	// Delete is content when there is nothing to delete.
	Delete(ctx context.Context, key string) error
	// List walks everything ("") or all below a prefix that Prefix or Key made. Kind is left empty.
	List(ctx context.Context, prefix string) iter.Seq2[Info, error]
	// Check says whether the store can be reached at all.
	Check(ctx context.Context) error
}

// Info is what a store knows about a file.
type Info struct {
	Key      string
	Size     int64
	Kind     Kind
	Modified time.Time
}

// Object is an open file.
type Object struct {
	io.ReadSeekCloser
	Info
}

// ErrFull says that the disk, or the bucket's quota, has no room left.
var ErrFull = errors.New("no room left for files")

// because wraps err with what was done, and marks a full disk.
func because(did string, err error) error {
	if err == nil {
		return nil
	}
	var bucket minio.ErrorResponse
	errors.As(err, &bucket)
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) || bucket.Code == "XMinioStorageFull" || bucket.Code == "QuotaExceeded" {
		return fmt.Errorf("%s: %w: %w", did, ErrFull, err)
	}
	return fmt.Errorf("%s: %w", did, err)
}

// patient reads until its context ends: decoders and copies know no context of their own.
type patient struct {
	ctx context.Context
	io.ReadSeeker
	err error // what the source itself complained about
}

func (p *patient) Read(b []byte) (int, error) {
	if err := p.ctx.Err(); err != nil {
		p.err = err
		return 0, err
	}
	n, err := p.ReadSeeker.Read(b)
	if err != nil && err != io.EOF {
		p.err = err
	}
	return n, err
}
