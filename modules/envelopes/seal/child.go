package seal

import (
	"bytes"
	"encoding/gob"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"time"
)

// What a stranger's file does to the program that reads it, it does to a child process that has nothing: it may loop,
// panic or eat memory, and is ended. The child is the same program, as in platform/files/pdftext.

const (
	child  = "--work-on-one-contract"
	memory = 640 << 20 // of the child
)

// Patience is how long one piece of work may take.
var Patience = 30 * time.Second

type work int

const (
	inspecting work = iota
	composing
)

// order travels to the child.
type order struct {
	What  work
	PDF   []byte
	Over  []byte // pages of marks
	On    []int  // which pages they are laid upon, from 1
	Tail  []byte // pages that follow the last one
	Title string
	Hole  *hole // to be signed
}

// answer travels back.
type answer struct {
	Sizes  []Size
	Filled []filled
	PDF    []byte
	Wrong  string
}

var wrongs = map[string]error{
	"locked": ErrLocked, "damaged": ErrDamaged, "active": ErrActive, "long": ErrLong, "heavy": ErrHeavy,
}

// wrong is the word for a fault of the file, as it travels.
func wrong(err error) string {
	for word, known := range wrongs {
		if errors.Is(err, known) {
			return word
		}
	}
	return "damaged"
}

// The child never comes to main.
func init() {
	if len(os.Args) != 2 || os.Args[1] != child {
		return
	}
	watch()
	var o order
	a := answer{Wrong: "damaged"}
	if err := gob.NewDecoder(os.Stdin).Decode(&o); err == nil {
		a = do(o)
	}
	_ = gob.NewEncoder(os.Stdout).Encode(a)
	os.Exit(0)
}

// watch ends the child when it takes too much memory, and looks again in a moment.
func watch() {
	var stats runtime.MemStats
	if runtime.ReadMemStats(&stats); stats.HeapAlloc > memory {
		os.Exit(3)
	}
	time.AfterFunc(10*time.Millisecond, watch)
}

// do is what the child does.
func do(o order) (a answer) {
	defer func() {
		if recover() != nil {
			a = answer{Wrong: "damaged"}
		}
	}()
	var err error
	switch o.What {
	case inspecting:
		a.Sizes, a.Filled, err = inspect(o.PDF)
	case composing:
		a.PDF, err = compose(o)
	}
	if err != nil {
		return answer{Wrong: wrong(err)}
	}
	return a
}

// ask has a child do it.
func ask(o order) (answer, error) {
	self, err := os.Executable()
	if err != nil {
		return answer{}, fmt.Errorf("work on pdf: %w", err)
	}
	var in, out bytes.Buffer
	if err := gob.NewEncoder(&in).Encode(o); err != nil {
		return answer{}, fmt.Errorf("work on pdf: %w", err)
	}
	command := exec.Command(self, child) //nolint:noctx // it has its own end, below
	command.Env = []string{"GOMEMLIMIT=512MiB", "GOMAXPROCS=1", "GOTRACEBACK=none"}
	command.Stdin, command.Stdout = &in, &out
	command.WaitDelay = time.Second
	if err := command.Start(); err != nil {
		return answer{}, fmt.Errorf("work on pdf: %w", err)
	}
	end := time.AfterFunc(Patience, func() { _ = command.Process.Kill() })
	err = command.Wait()
	end.Stop()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return answer{}, ErrHeavy // it was ended for its time or its memory
	}
	if err != nil {
		return answer{}, fmt.Errorf("work on pdf: %w", err)
	}
	var a answer
	if err := gob.NewDecoder(io.LimitReader(&out, 8*Largest)).Decode(&a); err != nil {
		return answer{}, ErrDamaged
	}
	if a.Wrong != "" {
		return answer{}, wrongs[a.Wrong]
	}
	return a, nil
}
