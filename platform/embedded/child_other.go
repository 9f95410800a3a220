//go:build !linux

package embedded

import (
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// dieWith does nothing here: a server left behind by kill -9 is found and stopped at the next start.
func dieWith(*syscall.SysProcAttr, syscall.Signal) {}

// programOf is the name of the program that runs as pid, empty when none does.
func programOf(pid int) string {
	name, err := exec.Command("ps", "-p", strconv.Itoa(pid), "-o", "comm=").Output()
	if err != nil {
		return ""
	}
	return filepath.Base(strings.TrimSpace(string(name)))
}
