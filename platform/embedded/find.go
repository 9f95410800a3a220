package embedded

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

// builds are the binaries to start, one for each store that was asked for.
type builds struct{ postgres, redis build }

// find looks for binaries where the operator said, then among those fetched earlier, then among those installed, and
// fetches private copies of what is still missing.
func find(ctx context.Context, o Options, h home) (builds, error) {
	var found builds
	if o.Runtime == "none" && (o.Postgres || o.Redis) {
		return found, errors.New("PORTICO_RUNTIME is none, so no private store is started: set DATABASE_URL and REDIS_URL")
	}
	var wanted []wish
	if o.Postgres {
		w, err := postgresWish(ctx, o, h)
		if err != nil {
			return found, err
		}
		wanted = append(wanted, w)
	}
	if o.Redis {
		wanted = append(wanted, wish{name: "redis", programs: []string{"valkey-server", "redis-server"}, bin: o.RedisBin, setting: "PORTICO_REDIS_BIN"})
	}
	var missing []wish
	got := map[string]build{}
	for _, w := range wanted {
		b, err := w.look(ctx, o, h)
		if err != nil {
			return found, err
		}
		if b.bin == "" {
			missing = append(missing, w)
		}
		got[w.name] = b
	}
	if len(missing) > 0 {
		if err := fetch(ctx, o, h, missing); err != nil {
			return found, err
		}
		for _, w := range missing {
			b, ok := w.private(ctx, o, h)
			if !ok { // Homebrew installs for the whole machine
				b = w.installed(ctx, h)
			}
			if b.bin == "" {
				return found, fmt.Errorf("the fetched copy of %s does not work: remove %s and start again", w.name, o.RuntimeDir)
			}
			got[w.name] = b
		}
	}
	found.postgres, found.redis = got["postgres"], got["redis"]
	return found, nil
}

// wish is a store whose binaries are wanted.
type wish struct {
	name     string   // postgres, redis: its folder in the runtime
	programs []string // the server's possible names, best first
	major    string   // the only major version that will do; empty: any
	bin      string   // where the operator says it is
	setting  string   // the setting he said it with
}

// postgresWish asks for the version that made the cluster, if there is one: no other can read it.
func postgresWish(ctx context.Context, o Options, h home) (wish, error) {
	w := wish{name: "postgres", programs: []string{"postgres"}, bin: o.PostgresBin, setting: "PORTICO_PG_BIN"}
	made, err := os.ReadFile(filepath.Join(h.part("pg"), "data", "PG_VERSION"))
	if err != nil && !os.IsNotExist(err) {
		return w, err
	}
	w.major = strings.TrimSpace(string(made))
	return w, nil
}

// look finds what is on the machine already; the zero build means nothing.
func (w wish) look(ctx context.Context, o Options, h home) (build, error) {
	if w.bin != "" {
		b, ok := inspect(ctx, h, w.bin, nil, "configured", w.programs...)
		if !ok || !w.fits(b) {
			return b, fmt.Errorf("%s is %s, where no usable %s%s is", w.setting, w.bin, strings.Join(w.programs, " or "), w.ofMajor())
		}
		return b, nil
	}
	if o.Runtime != "system" {
		if b, ok := w.private(ctx, o, h); ok {
			return b, nil
		}
	}
	if o.Runtime == "private" {
		return build{}, nil
	}
	return w.installed(ctx, h), nil
}

func (w wish) fits(b build) bool { return w.major == "" || w.major == b.major() }

func (w wish) ofMajor() string {
	if w.major == "" {
		return ""
	}
	return " " + w.major
}

// private finds a copy that was fetched earlier. There may be several, one for each major version that clusters need.
func (w wish) private(ctx context.Context, o Options, h home) (build, bool) {
	stamps, _ := filepath.Glob(filepath.Join(o.RuntimeDir, w.name+"*", "ok"))
	var found []build
	for _, stamp := range stamps {
		if b, ok := w.inPrefix(ctx, h, filepath.Dir(stamp)); ok && w.fits(b) {
			found = append(found, b)
		}
	}
	return w.best(found)
}

func (w wish) inPrefix(ctx context.Context, h home, prefix string) (build, bool) {
	var libraries []string
	for _, pattern := range []string{"usr/lib/*-linux-gnu*", "lib/*-linux-gnu*", "lib"} {
		dirs, _ := filepath.Glob(filepath.Join(prefix, pattern))
		libraries = append(libraries, dirs...)
	}
	bins, _ := filepath.Glob(filepath.Join(prefix, "usr/lib/postgresql/*/bin"))
	for _, bin := range append(bins, filepath.Join(prefix, "usr/bin"), filepath.Join(prefix, "bin")) {
		if b, ok := inspect(ctx, h, bin, libraries, "private", w.programs...); ok {
			return b, true
		}
	}
	return build{}, false
}

// places are where systems and package managers put the servers.
var places = map[string][]string{
	"postgres": {
		"/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/usr/libexec/postgresql*", "/usr/local/pgsql/bin",
		"/opt/homebrew/opt/postgresql@*/bin", "/usr/local/opt/postgresql@*/bin", "/home/linuxbrew/.linuxbrew/opt/postgresql@*/bin",
		"/Applications/Postgres.app/Contents/Versions/*/bin",
	},
	"redis": {"/usr/bin", "/usr/sbin", "/usr/local/bin", "/opt/homebrew/bin", "/home/linuxbrew/.linuxbrew/bin"},
}

// installed finds the newest server on the machine that will do.
func (w wish) installed(ctx context.Context, h home) build {
	var dirs []string
	for _, pattern := range places[w.name] {
		matches, _ := filepath.Glob(pattern)
		dirs = append(dirs, matches...)
	}
	for _, program := range w.programs {
		if path, err := exec.LookPath(program); err == nil {
			if real, err := filepath.EvalSymlinks(path); err == nil && filepath.Base(real) == program {
				path = real
			}
			dirs = append(dirs, filepath.Dir(path))
		}
	}
	var found []build
	for _, dir := range dirs {
		if b, ok := inspect(ctx, h, dir, nil, "installed", w.programs...); ok && w.fits(b) {
			found = append(found, b)
		}
	}
	b, _ := w.best(found)
	return b
}

// best is the newest, and Valkey rather than Redis.
func (w wish) best(found []build) (build, bool) {
	if len(found) == 0 {
		return build{}, false
	}
	return slices.MinFunc(found, func(a, b build) int {
		if a.program != b.program {
			return cmp.Compare(slices.Index(w.programs, a.program), slices.Index(w.programs, b.program))
		}
		if newer(a.version, b.version) {
			return -1
		}
		return 1
	}), true
}

// fetch gets private copies, if this machine has a way to.
func fetch(ctx context.Context, o Options, h home, missing []wish) error {
	if o.Runtime == "system" {
		return waysOut(missing, "PORTICO_RUNTIME is system, and this machine does not have them")
	}
	if runtime.GOOS == "linux" && haveApt() {
		return fetchDebian(ctx, o, h, missing)
	}
	if brew, err := exec.LookPath("brew"); err == nil && o.Runtime == "auto" {
		return pour(ctx, o, brew, missing)
	}
	return waysOut(missing, "they are not on this machine, and it has neither apt-get nor brew to fetch them with")
}

// bottles are what Homebrew calls the servers.
var bottles = map[string]string{"postgres": "postgresql@17", "redis": "valkey"}

// pour lets Homebrew install what is missing, and says so: it has no private prefix to put it into.
func pour(ctx context.Context, o Options, brew string, missing []wish) error {
	args := []string{"install"}
	for _, w := range missing {
		name := bottles[w.name]
		if w.name == "postgres" && w.major != "" {
			name = "postgresql@" + w.major // no other reads the cluster that is there
		}
		args = append(args, name)
	}
	o.Progress("running brew " + strings.Join(args, " "))
	out, err := exec.CommandContext(ctx, brew, args...).CombinedOutput()
	if err != nil {
		o.Log.Error("brew", "err", err, "said", string(out))
		return waysOut(missing, "brew "+strings.Join(args, " ")+" did not work")
	}
	return nil
}

// waysOut is the error of somebody who cannot start: it names everything that would help.
func waysOut(missing []wish, why string) error {
	var names []string
	for _, w := range missing {
		names = append(names, strings.Join(w.programs, " or ")+w.ofMajor())
	}
	install := "install PostgreSQL 15 or newer (with contrib) and Valkey or Redis from your system's packages"
	if runtime.GOOS == "darwin" {
		install = "brew install postgresql@17 valkey"
	}
	return fmt.Errorf(`no usable %s: %s. Any of these will do:
  %s
  set DATABASE_URL and REDIS_URL to servers of your own
  set PORTICO_PG_BIN and PORTICO_REDIS_BIN to folders that hold the programs`,
		strings.Join(names, " and "), why, install)
}
