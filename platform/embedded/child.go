package embedded

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"time"
)

// child is a server process that is kept alive: when it dies without being asked to, it is started again.
type child struct {
	name    string
	command func() *exec.Cmd // a new one for every start
	orphan  syscall.Signal   // what it gets when we die
	polite  syscall.Signal   // asks it to end cleanly
	firm    syscall.Signal   // ends it without losing data, at the price of a recovery
	output  string           // file with what it says
	log     *slog.Logger
	failed  chan<- error

	mu       sync.Mutex
	process  *os.Process
	answered bool
	stopping chan struct{} // closed when it shall end
	done     chan struct{} // closed when it has ended for good
	gaveUp   error         // set before done is closed
}

// pauses are the waits before each attempt to start again. A child that has never answered gets the first three.
var pauses = []time.Duration{100 * time.Millisecond, 400 * time.Millisecond, 1600 * time.Millisecond, 6 * time.Second, 15 * time.Second}

// steady is how long a child must have run for its earlier deaths to be forgotten.
const steady = time.Minute

// start begins to keep the child alive.
func (c *child) start() {
	c.stopping, c.done = make(chan struct{}), make(chan struct{})
	go c.keep()
}

func (c *child) keep() {
	// The kernel's signal on the death of a parent follows the parent's thread, so the thread must live as long.
	runtime.LockOSThread()
	defer close(c.done)
	for deaths := 0; ; deaths++ {
		lasted, err := c.once()
		if c.asked() {
			return
		}
		if lasted {
			deaths = 0
		}
		if deaths == c.patience() {
			c.gaveUp = fmt.Errorf("%s stops again and again (%v); its last words: %s", c.name, err, c.lastWords())
			c.failed <- c.gaveUp
			return
		}
		c.log.Warn("store died, starting it again", "store", c.name, "err", err)
		select {
		case <-c.stopping:
			return
		case <-time.After(pauses[deaths]):
		}
	}
}

func (c *child) patience() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.answered {
		return len(pauses)
	}
	return 3
}

// once runs the server from start to end and tells whether it lasted.
func (c *child) once() (lasted bool, err error) {
	cmd := c.command()
	out, err := os.OpenFile(c.output, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return false, err
	}
	defer out.Close()
	cmd.Stdout, cmd.Stderr = out, out
	cmd.SysProcAttr.Setpgid = true // Ctrl-C must reach us first, not the database
	dieWith(cmd.SysProcAttr, c.orphan)

	c.mu.Lock()
	if c.asked() {
		c.mu.Unlock()
		return false, nil
	}
	if err := cmd.Start(); err != nil {
		c.mu.Unlock()
		return false, err
	}
	c.process = cmd.Process
	c.mu.Unlock()

	var settled bool
	var mu sync.Mutex
	timer := time.AfterFunc(steady, func() { mu.Lock(); settled = true; mu.Unlock() })
	err = cmd.Wait()
	timer.Stop()

	c.mu.Lock()
	c.process = nil
	c.mu.Unlock()
	mu.Lock()
	defer mu.Unlock()
	if err == nil {
		err = fmt.Errorf("it ended by itself")
	}
	return settled, err
}

// await returns when the server answers for the first time, or was given up.
func (c *child) await(ctx context.Context, ask func(context.Context) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	go func() {
		select {
		case <-ctx.Done():
		case <-c.done:
			cancel(c.gaveUp)
		}
	}()
	if err := poll(ctx, ask); err != nil {
		if c.ended() && c.gaveUp != nil {
			return c.gaveUp
		}
		return fmt.Errorf("%s does not answer: %w; its last words: %s", c.name, err, c.lastWords())
	}
	c.mu.Lock()
	c.answered = true
	c.mu.Unlock()
	return nil
}

// end stops the server: politely, after 30 seconds or when the context ends firmly, and in the end by force.
func (c *child) end(ctx context.Context) error {
	c.mu.Lock()
	if !c.asked() {
		close(c.stopping)
	}
	c.mu.Unlock()
	patient, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	for _, step := range []struct {
		signal syscall.Signal
		over   <-chan struct{}
	}{
		{c.polite, patient.Done()},
		{c.firm, after(10 * time.Second)},
		{syscall.SIGKILL, after(10 * time.Second)},
	} {
		_ = c.signal(step.signal) // it may have ended meanwhile, which done tells
		select {
		case <-c.done:
			return nil
		case <-step.over:
			c.log.Warn("store is slow to stop", "store", c.name, "signal", step.signal.String())
		}
	}
	return fmt.Errorf("%s does not stop", c.name)
}

func after(d time.Duration) <-chan struct{} {
	over := make(chan struct{})
	time.AfterFunc(d, func() { close(over) })
	return over
}

func (c *child) signal(s syscall.Signal) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.process == nil {
		return fmt.Errorf("%s is not running", c.name)
	}
	return c.process.Signal(s)
}

func (c *child) pid() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.process == nil {
		return 0
	}
	return c.process.Pid
}

func (c *child) asked() bool { return closed(c.stopping) }
func (c *child) ended() bool { return closed(c.done) }

func closed(ch <-chan struct{}) bool {
	select {
	case <-ch:
		return true
	default:
		return false
	}
}

// lastWords are the last lines the server wrote.
func (c *child) lastWords() string {
	said, err := os.ReadFile(c.output)
	if err != nil {
		return err.Error()
	}
	lines := strings.Split(string(bytes.TrimSpace(said)), "\n")
	if len(lines) > 6 {
		lines = lines[len(lines)-6:]
	}
	return strings.Join(lines, " | ") + " (" + c.output + ")"
}

// freshOutput empties a server's log file when it has grown large, and makes sure it exists.
func freshOutput(path string, who account) error {
	if info, err := os.Stat(path); err == nil && info.Size() > 8<<20 {
		if err := os.Truncate(path, 0); err != nil {
			return err
		}
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	file.Close()
	return who.own(path)
}
