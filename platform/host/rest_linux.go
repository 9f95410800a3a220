package host

import (
	"bufio"
	"fmt"
	"os"
	"runtime/debug"
	"strings"
	"syscall"
)

// rest gives back what only the start needed: garbage of reading templates, and the pages of the program's own file that
// are mapped. Those that are needed come back by themselves, from the page cache; the kernel maps their neighbours, too,
// and does not let go of them while there is room.
func rest() {
	debug.FreeOSMemory()
	program, err := os.Executable()
	if err != nil {
		return
	}
	maps, err := os.Open("/proc/self/smaps")
	if err != nil {
		return
	}
	defer func() { _ = maps.Close() }()
	var from, to uintptr
	for lines := bufio.NewScanner(maps); lines.Scan(); {
		line := lines.Text()
		switch {
		case strings.HasSuffix(line, " "+program):
			if _, err := fmt.Sscanf(line, "%x-%x ", &from, &to); err != nil {
				return
			}
		case to == 0:
		case strings.HasPrefix(line, "Anonymous:"): // what was written to is in no file
			if strings.HasSuffix(line, " 0 kB") {
				_, _, _ = syscall.Syscall(syscall.SYS_MADVISE, from, to-from, syscall.MADV_DONTNEED)
			}
			to = 0
		}
	}
}
