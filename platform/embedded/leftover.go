package embedded

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// endLeftover stops a server that a killed portico left behind, as its pid file tells, and removes the file. We hold
// the folder's lock, so nobody else's server can be meant; and the pid must still be one of the named programs,
// because numbers are used again.
func endLeftover(ctx context.Context, pidFile string, ask syscall.Signal, programs ...string) error {
	content, err := os.ReadFile(pidFile)
	if os.IsNotExist(err) {
		return nil
	}
	if err != nil {
		return err
	}
	first, _, _ := strings.Cut(string(content), "\n")
	pid, err := strconv.Atoi(strings.TrimSpace(first))
	if err == nil && pid > 1 && slices.Contains(programs, programOf(pid)) {
		if err := syscall.Kill(pid, ask); err != nil && err != syscall.ESRCH {
			return fmt.Errorf("stop %s (process %d) left behind by an earlier run: %w", programs[0], pid, err)
		}
		ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
		defer cancel()
		err := poll(ctx, func(context.Context) error {
			if slices.Contains(programs, programOf(pid)) {
				return fmt.Errorf("%s (process %d), left behind by an earlier run, does not stop: end it by hand", programs[0], pid)
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	if err := os.Remove(pidFile); err != nil && !os.IsNotExist(err) {
		return err
	}
	return nil
}
