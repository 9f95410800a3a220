package mail

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"portico/platform/fault"
)

// Mailbox is a folder of kept mail, read afresh each time: another process may be writing it.
type Mailbox struct{ dir string }

// OpenMailbox reads the folder that OpenCapture writes; one that is not there yet is empty.
func OpenMailbox(dir string) Mailbox { return Mailbox{dir} }

// List gives a page of mail, newest first, and how many there are in all. search looks for every word of it in
// addresses, subject and text.
func (b Mailbox) List(limit, offset int, search string) (page []Received, total int, err error) {
	files, err := b.files()
	if err != nil {
		return nil, 0, err
	}
	limit, offset = max(limit, 0), max(offset, 0)
	words := strings.Fields(strings.ToLower(search))
	if len(words) == 0 {
		total = len(files)
		files = files[min(offset, total):min(offset+limit, total)]
		limit, offset = len(files), 0
	}
	for _, f := range files {
		mail, err := b.open(f)
		if errors.Is(err, fs.ErrNotExist) {
			continue // cleared a moment ago
		}
		if err != nil {
			return nil, 0, err
		}
		if !mail.mentions(words) {
			continue
		}
		if len(words) > 0 {
			total++
		}
		if offset > 0 {
			offset--
			continue
		}
		if len(page) < limit {
			page = append(page, mail)
		}
	}
	return page, total, nil
}

// Get gives one mail by its ID.
func (b Mailbox) Get(id string) (Received, error) {
	files, err := b.files()
	if err != nil {
		return Received{}, err
	}
	// Looked up among the names that are there, never joined to a path: an ID comes from a URL.
	at := slices.IndexFunc(files, func(f kept) bool { return f.id == id })
	if at < 0 {
		return Received{}, fault.NotFound()
	}
	mail, err := b.open(files[at])
	if errors.Is(err, fs.ErrNotExist) {
		return Received{}, fault.NotFound()
	}
	return mail, err
}

// Clear throws all kept mail away.
func (b Mailbox) Clear() error {
	files, err := b.files()
	if err != nil {
		return err
	}
	for _, f := range files {
		if err := os.Remove(filepath.Join(b.dir, f.name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("clear mailbox: %w", err)
		}
	}
	return nil
}

// kept is one file of the folder.
type kept struct {
	name, id string
	at       time.Time
}

// files are the mails of the folder, newest first. A file under another name, put there by hand, is a mail too.
func (b Mailbox) files() ([]kept, error) {
	entries, err := os.ReadDir(b.dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read mailbox: %w", err)
	}
	var files []kept
	for _, entry := range entries {
		name := entry.Name()
		if !entry.Type().IsRegular() || strings.HasPrefix(name, ".") || filepath.Ext(name) != extension {
			continue
		}
		stem := strings.TrimSuffix(name, extension)
		f := kept{name: name, id: stem}
		nanos, id, ours := strings.Cut(stem, "-")
		n, err := strconv.ParseInt(nanos, 10, 64)
		if ours && err == nil {
			f.id, f.at = id, time.Unix(0, n).UTC()
		} else if info, err := entry.Info(); err == nil {
			f.at = info.ModTime().UTC()
		}
		files = append(files, f)
	}
	slices.SortFunc(files, func(a, b kept) int {
		return cmp.Or(b.at.Compare(a.at), cmp.Compare(b.name, a.name))
	})
	return files, nil
}

func (b Mailbox) open(f kept) (Received, error) {
	raw, err := os.ReadFile(filepath.Join(b.dir, f.name))
	if err != nil {
		return Received{}, fmt.Errorf("read mail: %w", err)
	}
	mail := Parse(raw)
	mail.ID = f.id
	if mail.Date.IsZero() {
		mail.Date = f.at
	}
	return mail, nil
}
