// Package pdftext reads the words of a PDF, whoever made it. What a stranger's file does to the reader, it does to a
// child process that has nothing: it may loop, panic or eat memory, and is ended.
package pdftext

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"time"
)

// Text is what was read.
type Text struct {
	Pages int
	Words string // of as many pages as were read in time
}

// What may be wrong with a file. Everything else is trouble of our own, and worth another try.
var (
	ErrLocked  = errors.New("protected by a password")
	ErrDamaged = errors.New("not a readable pdf")
	ErrHeavy   = errors.New("takes too long, or too much memory")
)

// Limits of one file.
const (
	Largest   = 200 << 20 // bytes
	memory    = 384 << 20 // of the child
	longest   = 4 << 20   // bytes of text
	mostPages = 2000
)

// Patience is how long one file may take.
var Patience = 20 * time.Second

// child is what the program is called with when it is to be a child.
const child = "--read-one-pdf"

// answer travels from the child.
type answer struct {
	Pages int
	Words string
	Wrong string
}

// Read reads the words of a file.
func Read(ctx context.Context, file *os.File) (Text, error) {
	info, err := file.Stat()
	if err != nil {
		return Text{}, fmt.Errorf("read pdf: %w", err)
	}
	if info.Size() > Largest {
		return Text{}, ErrHeavy
	}
	self, err := os.Executable()
	if err != nil {
		return Text{}, fmt.Errorf("read pdf: %w", err)
	}
	limited, stop := context.WithTimeout(ctx, Patience)
	defer stop()
	command := exec.CommandContext(limited, self, child)
	command.Env = []string{"GOMEMLIMIT=256MiB", "GOMAXPROCS=1", "GOTRACEBACK=none"}
	command.Stdin = file // read by position: nothing travels
	var said bytes.Buffer
	command.Stdout = &said
	command.WaitDelay = time.Second
	err = command.Run()
	switch {
	case ctx.Err() != nil:
		return Text{}, fmt.Errorf("read pdf: %w", ctx.Err())
	case limited.Err() != nil:
		return Text{}, ErrHeavy
	}
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return Text{}, ErrHeavy // it ended itself for its memory, or the system did
	}
	if err != nil {
		return Text{}, fmt.Errorf("read pdf: %w", err)
	}
	var a answer
	if err := json.NewDecoder(io.LimitReader(&said, 8*longest)).Decode(&a); err != nil {
		return Text{}, ErrDamaged
	}
	switch a.Wrong {
	case "locked":
		return Text{Pages: a.Pages}, ErrLocked
	case "damaged":
		return Text{Pages: a.Pages}, ErrDamaged
	}
	return Text{a.Pages, a.Words}, nil
}
