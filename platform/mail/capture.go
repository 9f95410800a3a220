package mail

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	netmail "net/mail"
	"os"
	"path/filepath"
	"strconv"
)

// Capture keeps mail in a folder instead of sending it: for a machine without a mail server, and for demos.
type Capture struct{ dir string }

// OpenCapture makes the folder when it is not there yet.
func OpenCapture(dir string) (*Capture, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("folder for mail: %w", err)
	}
	return &Capture{dir}, nil
}

// Mailbox reads what was kept.
func (c *Capture) Mailbox() Mailbox { return OpenMailbox(c.dir) }

// Send writes m as <unix nanoseconds>-<id>.eml. The name follows from the ID, so a repetition finds its file there.
func (c *Capture) Send(ctx context.Context, m Message) error {
	if err := ctx.Err(); err != nil {
		return &Temporary{Text: "stopped before the mail was kept", err: err}
	}
	m.From = sentBy(m.From, netmail.Address{Name: "Portico", Address: "portico@localhost"})
	raw, err := m.encode()
	if err != nil {
		return err
	}
	written := m.Date
	if m.ID.Version() == 7 {
		written = instant(m.ID)
	}
	path := filepath.Join(c.dir, strconv.FormatInt(written.UnixNano(), 10)+"-"+m.ID.String()+extension)
	if _, err := os.Lstat(path); err == nil {
		return nil
	}
	if err := m.hand(ctx); err != nil {
		return err
	}
	if err := writeWhole(path, raw); err != nil {
		return &Temporary{Text: "keep mail: " + err.Error(), err: err}
	}
	return nil
}

const extension = ".eml"

// writeWhole makes the file appear at once: a reader sees all of it or nothing.
func writeWhole(path string, data []byte) error {
	half, err := os.CreateTemp(filepath.Dir(path), ".half-*")
	if err != nil {
		return err
	}
	_, err = half.Write(data)
	err = errors.Join(err, half.Close())
	if err == nil {
		err = os.Rename(half.Name(), path)
	}
	if err != nil {
		if gone := os.Remove(half.Name()); gone != nil && !errors.Is(gone, fs.ErrNotExist) {
			err = errors.Join(err, gone)
		}
	}
	return err
}
