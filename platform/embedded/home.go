package embedded

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"runtime"
	"strconv"
)

// home is the data folder, opened: its parts exist and belong to whom the servers run as.
type home struct {
	dir     string
	sockets string
	who     account
}

// DefaultDir is where data lives when nobody says otherwise.
func DefaultDir(getenv func(string) string, uid int) string {
	if dir := getenv("PORTICO_DATA_DIR"); dir != "" {
		return dir
	}
	if uid == 0 {
		return "/var/lib/portico"
	}
	userHome := getenv("HOME")
	if userHome == "" {
		if u, err := user.LookupId(strconv.Itoa(uid)); err == nil {
			userHome = u.HomeDir
		}
	}
	switch {
	case runtime.GOOS == "darwin" && userHome != "":
		return filepath.Join(userHome, "Library", "Application Support", "Portico")
	case filepath.IsAbs(getenv("XDG_DATA_HOME")):
		return filepath.Join(getenv("XDG_DATA_HOME"), "portico")
	case userHome != "":
		return filepath.Join(userHome, ".local", "share", "portico")
	}
	return filepath.Join("/var/tmp", "portico-"+strconv.Itoa(uid))
}

// SharedRuntime is where fetched binaries are kept for several data folders at once, as tests have them. It must be
// open to the user that stands in for root, so root's own cache folder will not do.
func SharedRuntime(getenv func(string) string, uid int) string {
	if uid == 0 {
		return "/var/cache/portico/runtime"
	}
	if dir := getenv("XDG_CACHE_HOME"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "portico", "runtime")
	}
	if dir := getenv("HOME"); dir != "" {
		if err := os.MkdirAll(filepath.Join(dir, ".cache"), 0o700); err == nil {
			return filepath.Join(dir, ".cache", "portico", "runtime")
		}
	}
	return filepath.Join(os.TempDir(), "portico-runtime-"+strconv.Itoa(uid))
}

// ThrowawayDir makes a data folder that the servers can reach even when we are root; that of testing.T is closed to them.
// It lies in memory when the machine has plenty and TMPDIR names no other place. The caller removes it.
func ThrowawayDir() (string, error) {
	who, err := servant()
	if err != nil {
		return "", err
	}
	place := ""
	if os.Getenv("TMPDIR") == "" {
		place = inMemory()
	}
	dir, err := os.MkdirTemp(place, "portico-")
	if err != nil && place != "" { // it may be closed to us
		dir, err = os.MkdirTemp("", "portico-")
	}
	if err != nil {
		return "", err
	}
	return dir, who.own(dir)
}

func openHome(dir string, who account) (home, error) {
	h := home{dir: dir, who: who}
	if err := who.makeDir(dir); err != nil {
		return h, err
	}
	if err := who.mustReach(dir); err != nil {
		return h, err
	}
	sockets, err := h.openSockets()
	h.sockets = sockets
	return h, err
}

func (h home) part(name string) string { return filepath.Join(h.dir, name) }

// longest is how long a socket's path may be with room to spare: the machine allows 108 bytes, macOS 104.
const longest = 100

// openSockets makes the folder of the sockets: in the data folder, or where paths are short when that one's is too
// long for the machine. A folder that others can enter would let them impersonate the database.
func (h home) openSockets() (string, error) {
	dir := h.part("run")
	if tooLong(dir) {
		sum := sha256.Sum256([]byte(h.dir))
		name := "portico-" + strconv.Itoa(h.who.uid) + "-" + hex.EncodeToString(sum[:6])
		dir = filepath.Join(os.TempDir(), name)
		if tooLong(dir) {
			dir = filepath.Join("/tmp", name)
		}
	}
	if err := h.who.makeDir(dir); err != nil {
		return "", err
	}
	info, err := os.Lstat(dir)
	if err != nil {
		return "", err
	}
	if !info.IsDir() || owner(dir) != h.who.uid || info.Mode().Perm()&0o077 != 0 {
		return "", fmt.Errorf("%s must be a folder of %s that nobody else can enter: remove it and start again", dir, h.who.name)
	}
	return dir, nil
}

func tooLong(dir string) bool { return len(filepath.Join(dir, postgresSocket)) > longest }
