package files

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path"
	"strings"
	"time"
)

// dir is a Store in a local directory. os.Root keeps every path inside, links included.
type dir struct{ root *os.Root }

// incoming holds files until they are whole; it is on the same disk, so a rename makes them appear.
const incoming = "incoming"

// abandoned is how old a file in incoming is when the process that wrote it must be dead.
const abandoned = 24 * time.Hour

func openDir(name string) (*dir, error) {
	if err := os.MkdirAll(name, 0o700); err != nil {
		return nil, because("open files", err)
	}
	root, err := os.OpenRoot(name)
	if err != nil {
		return nil, because("open files", err)
	}
	d := &dir{root}
	return d, because("open files", d.sweep())
}

// sweep removes what a crash left behind, by the clock of the disk itself.
func (d *dir) sweep() error {
	probe, err := d.draft()
	if err != nil {
		return err
	}
	defer d.discard(probe)
	now, err := probe.Stat()
	if err != nil {
		return err
	}
	drafts, err := fs.ReadDir(d.root.FS(), incoming)
	for _, draft := range drafts {
		info, err := draft.Info()
		if err == nil && now.ModTime().Sub(info.ModTime()) > abandoned {
			_ = d.root.Remove(path.Join(incoming, draft.Name()))
		}
	}
	return err
}

func (d *dir) Put(ctx context.Context, key string, r io.Reader) error {
	if err := checkKey(key); err != nil {
		return err
	}
	draft, err := d.draft()
	if err != nil {
		return because("put "+key, err)
	}
	defer d.discard(draft)
	if _, err := io.Copy(draft, reading(ctx, r)); err != nil {
		return because("put "+key, err)
	}
	if err := draft.Sync(); err != nil {
		return because("put "+key, err)
	}
	if err := draft.Close(); err != nil {
		return because("put "+key, err)
	}
	return because("put "+key, d.publish(draft.Name(), place(key)))
}

// draft makes an empty file that nobody sees yet. Its Name is the path inside the root.
func (d *dir) draft() (*namedFile, error) {
	name := path.Join(incoming, rand.Text())
	if err := d.root.MkdirAll(incoming, 0o700); err != nil {
		return nil, err
	}
	f, err := d.root.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	return &namedFile{f, name}, err
}

type namedFile struct {
	*os.File
	name string
}

func (f *namedFile) Name() string { return f.name }

func (d *dir) discard(draft *namedFile) {
	_ = draft.Close()
	_ = d.root.Remove(draft.Name())
}

// publish moves a draft to its place and makes the move last through a power cut.
func (d *dir) publish(draft, to string) error {
	folder := path.Dir(to)
	for tries := 0; ; tries++ {
		if err := d.root.MkdirAll(folder, 0o700); err != nil {
			return err
		}
		err := d.root.Rename(draft, to)
		if err == nil {
			break
		}
		if !errors.Is(err, fs.ErrNotExist) || tries == 3 { // a Delete beside us may have taken the empty folder
			return err
		}
	}
	for ; folder != "."; folder = path.Dir(folder) {
		if err := d.sync(folder); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return d.sync(".")
}

func (d *dir) sync(folder string) error {
	f, err := d.root.Open(folder)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

func (d *dir) Open(ctx context.Context, key string) (*Object, error) {
	if err := checkKey(key); err != nil {
		return nil, err
	}
	f, err := d.root.Open(place(key))
	if err != nil {
		return nil, because("open "+key, err)
	}
	info, err := describe(f, key)
	if err != nil {
		_ = f.Close()
		return nil, because("open "+key, err)
	}
	return &Object{file{reading(ctx, f), f}, info}, nil
}

// file is an open file that stops when its context does.
type file struct {
	io.ReadSeeker
	io.Closer
}

func describe(f *os.File, key string) (Info, error) {
	stat, err := f.Stat()
	if err != nil {
		return Info{}, err
	}
	head := make([]byte, HeadSize)
	n, err := f.ReadAt(head, 0)
	if err != nil && err != io.EOF {
		return Info{}, err
	}
	return Info{Key: key, Size: stat.Size(), Kind: Sniff(head[:n], ""), Modified: stat.ModTime().UTC()}, nil
}

func (d *dir) Stat(ctx context.Context, key string) (Info, error) {
	object, err := d.Open(ctx, key)
	if err != nil {
		return Info{}, err
	}
	return object.Info, object.Close()
}

func (d *dir) Delete(_ context.Context, key string) error {
	if err := checkKey(key); err != nil {
		return err
	}
	at := place(key)
	if err := d.root.Remove(at); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return because("delete "+key, err)
	}
	_ = d.root.Remove(path.Dir(at)) // goes only when it is empty
	return nil
}

func (d *dir) List(ctx context.Context, prefix string) iter.Seq2[Info, error] {
	return func(yield func(Info, error) bool) {
		if err := checkPrefix(prefix); err != nil {
			yield(Info{}, err)
			return
		}
		if prefix == "" {
			prefix = "firm"
		}
		err := fs.WalkDir(d.root.FS(), prefix, func(at string, entry fs.DirEntry, err error) error {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			if errors.Is(err, fs.ErrNotExist) { // gone while we walked
				return nil
			}
			key := strings.TrimSuffix(at, "/"+original)
			if err != nil || entry.IsDir() || checkKey(key) != nil {
				return err
			}
			stat, err := entry.Info()
			if errors.Is(err, fs.ErrNotExist) {
				return nil
			}
			if err != nil {
				return err
			}
			if !yield(Info{Key: key, Size: stat.Size(), Modified: stat.ModTime().UTC()}, nil) {
				return fs.SkipAll
			}
			return nil
		})
		if err != nil {
			yield(Info{}, fmt.Errorf("list files: %w", err))
		}
	}
}

func (d *dir) Check(context.Context) error {
	_, err := d.root.Stat(".")
	return because("check files", err)
}

// place is where a key lives on disk: a file cannot also be the folder of its variants.
func place(key string) string {
	if strings.Count(key, "/") == 2 {
		return key + "/" + original
	}
	return key
}

// reading is r, ending with ctx.
func reading(ctx context.Context, r io.Reader) *patient {
	if seeker, ok := r.(io.ReadSeeker); ok {
		return &patient{ctx: ctx, ReadSeeker: seeker}
	}
	return &patient{ctx: ctx, ReadSeeker: forward{r}}
}

// forward is a stream, which cannot go back.
type forward struct{ io.Reader }

func (forward) Seek(int64, int) (int64, error) { return 0, errors.ErrUnsupported }
