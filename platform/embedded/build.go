package embedded

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
)

// build is one set of a server's binaries.
type build struct {
	product   string // "PostgreSQL", "Valkey", "Redis"
	program   string // the server itself: postgres, valkey-server, redis-server
	bin       string // folder of the programs
	libraries []string
	version   string // "17.11"
	from      string // configured, installed, private
}

// major is the part of a version that decides whether a PostgreSQL can read a cluster.
func (b build) major() string {
	major, _, _ := strings.Cut(b.version, ".")
	return major
}

// env names the libraries of a private copy. It is for its programs alone: ours must not load them.
func (b build) env() []string {
	env := []string{"LC_ALL=C", "TZ=UTC"}
	if len(b.libraries) > 0 {
		env = append(env, "LD_LIBRARY_PATH="+strings.Join(b.libraries, ":"))
	}
	return env
}

// command prepares one of the build's programs to run as the data folder's servant and in that folder, because the
// one we were started in may be closed to them.
func (b build) command(h home, program string, args ...string) *exec.Cmd {
	cmd := exec.Command(filepath.Join(b.bin, program), args...)
	cmd.Dir = h.dir
	cmd.Env = append(os.Environ(), b.env()...)
	cmd.SysProcAttr = h.who.attributes()
	return cmd
}

// numbers finds the version in what the servers say: "postgres (PostgreSQL) 15.18 (Debian …)", "Redis server v=7.0.15 …".
var numbers = regexp.MustCompile(`(?:\) |v=)(\d+(?:\.\d+)*)`)

// inspect asks a folder for its server; ok is false when it holds none that works and is new enough.
func inspect(ctx context.Context, h home, bin string, libraries []string, from string, programs ...string) (build, bool) {
	for _, program := range programs {
		path := filepath.Join(bin, program)
		if info, err := os.Stat(path); err != nil || info.IsDir() {
			continue
		}
		b := build{product: products[program], program: program, bin: bin, libraries: libraries, from: from}
		if program == "postgres" {
			if _, err := os.Stat(filepath.Join(bin, "initdb")); err != nil {
				continue
			}
		}
		said, err := runCommand(ctx, b.command(h, program, "--version"))
		found := numbers.FindStringSubmatch(said)
		if err != nil || found == nil {
			continue
		}
		b.version = found[1]
		if newer(oldest[b.product], b.version) {
			continue
		}
		return b, true
	}
	return build{}, false
}

var products = map[string]string{"postgres": "PostgreSQL", "valkey-server": "Valkey", "redis-server": "Redis"}

// oldest are the first versions that have what the product uses.
var oldest = map[string]string{"PostgreSQL": "15", "Valkey": "7.2", "Redis": "6.2"}

// newer compares versions part by part.
func newer(a, b string) bool {
	as, bs := strings.Split(a, "."), strings.Split(b, ".")
	for i := range as {
		var x, y int
		fmt.Sscan(as[i], &x)
		if i < len(bs) {
			fmt.Sscan(bs[i], &y)
		}
		if x != y {
			return x > y
		}
	}
	return false
}

// runCommand runs a program and returns all it said, which is what an error needs.
func runCommand(ctx context.Context, cmd *exec.Cmd) (string, error) {
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	if cmd.Env == nil {
		cmd.Env = os.Environ()
	}
	if err := cmd.Start(); err != nil {
		return "", err
	}
	kill := context.AfterFunc(ctx, func() { _ = cmd.Process.Kill() })
	defer kill()
	err := cmd.Wait()
	return strings.TrimSpace(said.String()), err
}
