package embedded

import (
	"os"
	"strconv"
	"strings"
	"syscall"
)

// dieWith has the kernel signal the child when our thread ends, so that not even kill -9 leaves it behind.
func dieWith(attr *syscall.SysProcAttr, s syscall.Signal) { attr.Pdeathsig = s }

// programOf is the name of the program that runs as pid, empty when none does. One that has ended but that nobody
// has buried yet, as happens in containers, does not run.
func programOf(pid int) string {
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat") // 42 (postgres) S …
	if err != nil {
		return ""
	}
	_, rest, _ := strings.Cut(string(stat), "(")
	end := strings.LastIndex(rest, ") ")
	if end < 0 || strings.HasPrefix(rest[end+2:], "Z") {
		return ""
	}
	return rest[:end]
}
