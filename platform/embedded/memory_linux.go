package embedded

import (
	"os"
	"strconv"
	"strings"
	"syscall"
)

// inMemory is a folder whose files live in memory, when there is one with room to spare: making and dropping databases
// is making and deleting hundreds of files. Empty: there is none.
func inMemory() string {
	const folder, tmpfs, room, free = "/dev/shm", 0x01021994, 4 << 30, 8 << 30
	var is syscall.Statfs_t
	if err := syscall.Statfs(folder, &is); err != nil || is.Type != tmpfs || int64(is.Bavail)*int64(is.Bsize) < room {
		return ""
	}
	said, err := os.ReadFile("/proc/meminfo")
	if err != nil {
		return ""
	}
	for line := range strings.Lines(string(said)) {
		if rest, ok := strings.CutPrefix(line, "MemAvailable:"); ok {
			kb, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 10, 64)
			if err == nil && kb<<10 >= free {
				return folder
			}
		}
	}
	return ""
}
