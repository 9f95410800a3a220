package files

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/iotest"

	"github.com/google/uuid"
	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
)

var (
	acme  = uuid.MustParse("01890000-0000-7000-8000-0000000000ac")
	birch = uuid.MustParse("01890000-0000-7000-8000-000000000002")
	plan  = uuid.MustParse("01890000-0000-7000-8000-00000000000a")
	photo = uuid.MustParse("01890000-0000-7000-8000-00000000000b")
)

// everywhere asks the same of every kind of store.
func everywhere(t *testing.T, ask func(*testing.T, Store)) {
	t.Run("directory", func(t *testing.T) { ask(t, open(t, t.TempDir())) })
	t.Run("bucket", func(t *testing.T) {
		address, _ := fakeS3(t)
		ask(t, open(t, address))
	})
}

func TestAFileComesBackAsItWent(t *testing.T) {
	everywhere(t, func(t *testing.T, store Store) {
		gps := testdata(t, "gps.jpg")
		put(t, store, Key(acme, plan, ""), gps)
		put(t, store, Key(acme, plan, "thumb"), []byte("%PDF-1.7 small"))
		put(t, store, Key(acme, photo, ""), nil)

		object, err := store.Open(t.Context(), Key(acme, plan, ""))
		if err != nil {
			t.Fatal(err)
		}
		defer object.Close()
		if object.Size != int64(len(gps)) || object.Kind != JPEG || object.Modified.IsZero() {
			t.Errorf("info %+v", object.Info)
		}
		if got, err := io.ReadAll(object); err != nil || !bytes.Equal(got, gps) {
			t.Errorf("%d bytes, %v", len(got), err)
		}
		if _, err := object.Seek(-4, io.SeekEnd); err != nil {
			t.Fatal(err)
		}
		if tail, err := io.ReadAll(object); err != nil || !bytes.Equal(tail, gps[len(gps)-4:]) {
			t.Errorf("tail %x, %v", tail, err)
		}
		if info, err := store.Stat(t.Context(), Key(acme, plan, "thumb")); err != nil || info.Kind != PDF || info.Size != 14 {
			t.Errorf("%+v, %v", info, err)
		}
		if info, err := store.Stat(t.Context(), Key(acme, photo, "")); err != nil || info.Size != 0 || info.Kind != Other {
			t.Errorf("%+v, %v", info, err)
		}
		if err := store.Check(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

func TestASecondPutReplacesTheFirst(t *testing.T) {
	everywhere(t, func(t *testing.T, store Store) {
		put(t, store, Key(acme, plan, ""), []byte("the longer first version"))
		put(t, store, Key(acme, plan, ""), []byte("second"))
		sees(t, store, Key(acme, plan, ""), "second")
	})
}

func TestWhatIsNotThereIsNotThere(t *testing.T) {
	everywhere(t, func(t *testing.T, store Store) {
		key := Key(acme, plan, "")
		if _, err := store.Open(t.Context(), key); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("open: %v", err)
		}
		if _, err := store.Stat(t.Context(), key); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("stat: %v", err)
		}
		put(t, store, key, []byte("x"))
		put(t, store, Key(acme, plan, "thumb"), []byte("y"))
		for range 2 {
			if err := store.Delete(t.Context(), key); err != nil {
				t.Errorf("delete: %v", err)
			}
		}
		if _, err := store.Open(t.Context(), key); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("open after delete: %v", err)
		}
		sees(t, store, Key(acme, plan, "thumb"), "y")
	})
}

func TestAListNamesAFirmsFilesAndNoOthers(t *testing.T) {
	everywhere(t, func(t *testing.T, store Store) {
		want := []string{Key(acme, plan, ""), Key(acme, plan, "thumb"), Key(acme, plan, "thumb2"), Key(acme, photo, "")}
		for _, key := range append(want, Key(birch, plan, "")) {
			put(t, store, key, []byte("x"))
		}
		for prefix, n := range map[string]int{"": 5, Prefix(acme): 4, Prefix(birch): 1, Key(acme, plan, ""): 3, Key(acme, plan, "thumb"): 1, Prefix(plan): 0} {
			if keys := list(t, store, prefix); len(keys) != n {
				t.Errorf("%q lists %v", prefix, keys)
			}
		}
		keys := list(t, store, Prefix(acme))
		slices.Sort(keys)
		if !slices.Equal(keys, want) {
			t.Errorf("listed %v", keys)
		}
		for range store.List(t.Context(), "") {
			break // stopping early is allowed
		}
	})
}

func TestOddKeysAreRefusedEverywhere(t *testing.T) {
	good := Key(acme, plan, "")
	odd := []string{
		"", "/", ".", "..", "firm", Prefix(acme), Prefix(acme) + "/", "/" + good, good + "/", good + "/..", good + "/../x",
		Prefix(acme) + "/../" + birch.String(), "../" + good, `firm\` + acme.String() + `\` + plan.String(), good + "/a/b",
		good + "\x00", good + "/thumb\n", good + "/" + original, good + "/Thumb", good + "/.x", "firms/" + acme.String() + "/" + plan.String(),
		strings.ToUpper(good), "firm/" + strings.ToUpper(acme.String()) + "/" + plan.String(), "firm/{" + acme.String() + "}/" + plan.String(),
		"firm/" + strings.ReplaceAll(acme.String(), "-", "") + "/" + plan.String(), Key(acme, plan, "../../x"), incoming + "/x", "/etc/passwd",
	}
	everywhere(t, func(t *testing.T, store Store) {
		for _, key := range odd {
			_, opened := store.Open(t.Context(), key)
			_, stat := store.Stat(t.Context(), key)
			for _, err := range []error{store.Put(t.Context(), key, strings.NewReader("x")), opened, stat, store.Delete(t.Context(), key)} {
				if !errors.Is(err, ErrKey) {
					t.Errorf("%q: %v", key, err)
				}
			}
		}
		for _, err := range store.List(t.Context(), "firm/..") {
			if !errors.Is(err, ErrKey) {
				t.Errorf("list: %v", err)
			}
		}
	})
}

func TestACutUploadLeavesWhatWasThere(t *testing.T) {
	long := strings.Repeat("0123456789abcdef", part/16+100) // more than one part
	everywhere(t, func(t *testing.T, store Store) {
		put(t, store, Key(acme, plan, ""), []byte("before"))
		for name, cut := range map[string]error{"cut": io.ErrUnexpectedEOF, "full": syscall.ENOSPC} {
			for _, start := range []string{"short", long} {
				for _, key := range []string{Key(acme, plan, ""), Key(acme, photo, "")} {
					err := store.Put(t.Context(), key, io.MultiReader(strings.NewReader(start), iotest.ErrReader(cut)))
					if !errors.Is(err, cut) || errors.Is(err, ErrFull) != (name == "full") {
						t.Errorf("%s: %v", name, err)
					}
				}
			}
		}
		canceled, cancel := context.WithCancel(t.Context())
		cancel()
		if err := store.Put(canceled, Key(acme, plan, ""), strings.NewReader("x")); !errors.Is(err, context.Canceled) {
			t.Errorf("canceled: %v", err)
		}
		sees(t, store, Key(acme, plan, ""), "before")
		if keys := list(t, store, ""); len(keys) != 1 {
			t.Errorf("left %v", keys)
		}
	})
}

func TestTwoPutsAtOnceLeaveOneWholeFile(t *testing.T) {
	everywhere(t, func(t *testing.T, store Store) {
		versions := []string{strings.Repeat("a", 300_000), strings.Repeat("b", 200_000)}
		var both sync.WaitGroup
		for range 8 {
			for _, version := range versions {
				both.Go(func() {
					if err := store.Put(t.Context(), Key(acme, plan, ""), strings.NewReader(version)); err != nil {
						t.Error(err)
					}
				})
			}
			both.Go(func() {
				if err := store.Delete(t.Context(), Key(acme, plan, "")); err != nil {
					t.Error(err)
				}
			})
		}
		both.Wait()
		put(t, store, Key(acme, photo, ""), nil)
		object, err := store.Open(t.Context(), Key(acme, plan, ""))
		if errors.Is(err, fs.ErrNotExist) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		defer object.Close()
		if got, err := io.ReadAll(object); err != nil || !slices.Contains(versions, string(got)) {
			t.Errorf("%d bytes, %v", len(got), err)
		}
	})
}

func TestABigFileStreamsThroughABucketInParts(t *testing.T) {
	address, received := fakeS3(t)
	store := open(t, address)
	const total = 32 << 20
	var sent, ahead atomic.Int64
	source := readFunc(func(b []byte) (int, error) {
		left := total - sent.Load()
		if left == 0 {
			return 0, io.EOF
		}
		n := min(int64(len(b)), left)
		ahead.Store(max(ahead.Load(), sent.Add(n)-received.Load()))
		return int(n), nil
	})
	if err := store.Put(t.Context(), Key(acme, plan, ""), source); err != nil {
		t.Fatal(err)
	}
	if held := ahead.Load(); held > 2*part+1<<20 {
		t.Errorf("%d MB were held in memory", held>>20)
	}
	object, err := store.Open(t.Context(), Key(acme, plan, ""))
	if err != nil {
		t.Fatal(err)
	}
	defer object.Close()
	if n, err := io.Copy(io.Discard, object); n != total || object.Size != total || err != nil {
		t.Errorf("%d of %d, %v", n, object.Size, err)
	}
}

func TestABigFileStreamsToDiskWithoutMemory(t *testing.T) {
	store := open(t, t.TempDir())
	grew := allocated(func() {
		if err := store.Put(t.Context(), Key(acme, plan, ""), io.LimitReader(zeros, 12<<20)); err != nil {
			t.Error(err)
		}
	})
	if grew > 1<<20 {
		t.Errorf("allocated %d KB", grew>>10)
	}
}

func TestALinkOutOfTheDirectoryIsNotFollowed(t *testing.T) {
	folder, outside := t.TempDir(), t.TempDir()
	store := open(t, folder)
	if err := os.MkdirAll(filepath.Join(folder, "firm"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(outside, filepath.Join(folder, "firm", acme.String())); err != nil {
		t.Fatal(err)
	}
	if err := store.Put(t.Context(), Key(acme, plan, ""), strings.NewReader("x")); err == nil {
		t.Error("wrote through a link")
	}
	if left, _ := os.ReadDir(outside); len(left) != 0 {
		t.Errorf("outside has %v", left)
	}
}

func TestDraftsLeftByACrashAreSwept(t *testing.T) {
	folder := t.TempDir()
	open(t, folder)
	old, fresh := filepath.Join(folder, incoming, "OLD"), filepath.Join(folder, incoming, "FRESH")
	for _, name := range []string{old, fresh} {
		if err := os.WriteFile(name, []byte("half"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	info, _ := os.Stat(fresh)
	if err := os.Chtimes(old, info.ModTime(), info.ModTime().Add(-2*abandoned)); err != nil {
		t.Fatal(err)
	}
	open(t, folder)
	if left, _ := os.ReadDir(filepath.Join(folder, incoming)); len(left) != 1 || left[0].Name() != "FRESH" {
		t.Errorf("left %v", left)
	}
}

func TestAddressesThatCannotBeMeant(t *testing.T) {
	for _, address := range []string{
		"", "ftp://x/y", "file://host/dir", "file://", "s3://host/bucket", "s3://key:verysecret@host", "s3://key:verysecret@host/a/b",
		"s3://key:verysecret@host/b?regoin=x", "s3://key:very/secret@host/b", "s3://key:verysecret@host/b?insecure=maybe", "s3://key:verysecret@ho st/b",
	} {
		if _, err := Open(address); err == nil {
			t.Errorf("%q was taken", address)
		} else if strings.Contains(err.Error(), "very") {
			t.Errorf("%q shows its secret: %v", address, err)
		}
	}
	for _, address := range []string{t.TempDir(), "file://" + t.TempDir(), "s3://key:a%2Fb@s3.example.com/bucket?region=eu-central-1"} {
		open(t, address)
	}
}

func open(t *testing.T, address string) Store {
	t.Helper()
	store, err := Open(address)
	if err != nil {
		t.Fatal(err)
	}
	return store
}

// fakeS3 is a server in this process; received counts what arrived in bodies.
func fakeS3(t *testing.T) (address string, received *atomic.Int64) {
	t.Helper()
	backend := s3mem.New()
	if err := backend.CreateBucket("portico"); err != nil {
		t.Fatal(err)
	}
	received = new(atomic.Int64)
	s3 := gofakes3.New(backend, gofakes3.WithLogger(gofakes3.DiscardLog())).Server()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body := r.Body
		r.Body = io.NopCloser(readFunc(func(b []byte) (int, error) {
			n, err := body.Read(b)
			received.Add(int64(n))
			return n, err
		}))
		s3.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	return "s3://key:secret@" + strings.TrimPrefix(server.URL, "http://") + "/portico?region=us-east-1&insecure=true", received
}

type readFunc func([]byte) (int, error)

func (f readFunc) Read(b []byte) (int, error) { return f(b) }

var zeros = readFunc(func(b []byte) (int, error) { return len(b), nil })

func put(t *testing.T, store Store, key string, content []byte) {
	t.Helper()
	if err := store.Put(t.Context(), key, bytes.NewReader(content)); err != nil {
		t.Fatal(err)
	}
}

func sees(t *testing.T, store Store, key, want string) {
	t.Helper()
	object, err := store.Open(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	defer object.Close()
	if got, err := io.ReadAll(object); err != nil || string(got) != want {
		t.Errorf("%.40q, %v; want %.40q", got, err, want)
	}
}

func list(t *testing.T, store Store, prefix string) (keys []string) {
	t.Helper()
	for info, err := range store.List(t.Context(), prefix) {
		if err != nil {
			t.Fatal(err)
		}
		keys = append(keys, info.Key)
	}
	return keys
}
