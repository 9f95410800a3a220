package embedded

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// Debian and its children can hand out packages without installing them: apt-get with lists and cache of our own, and
// dpkg-deb to unpack, need no root, change nothing on the machine, and check every signature as an installation would.

func haveApt() bool {
	for _, program := range []string{"apt-get", "apt-cache", "dpkg-deb"} {
		if _, err := exec.LookPath(program); err != nil {
			return false
		}
	}
	return true
}

// fetchDebian unpacks what is missing into the runtime folder, one prefix a store. Processes that start at the same
// time wait for each other, and the later ones find the work done.
func fetchDebian(ctx context.Context, o Options, h home, missing []wish) error {
	if err := openRuntime(o, h); err != nil {
		return err
	}
	unlock, err := lockRuntime(ctx, o.RuntimeDir)
	if err != nil {
		return err
	}
	defer unlock()
	var still []wish
	for _, w := range missing {
		if _, ok := w.private(ctx, o, h); !ok {
			still = append(still, w)
		}
	}
	if len(still) == 0 {
		return nil
	}
	shop, err := openShop(ctx, o)
	if err != nil {
		return err
	}
	defer shop.close()
	return shop.deliver(ctx, o, h, still)
}

// openRuntime makes the runtime folder. Inside the data folder it belongs to whom the servers run as; a shared one
// must let them in.
func openRuntime(o Options, h home) error {
	if _, err := os.Stat(o.RuntimeDir); os.IsNotExist(err) {
		if err := os.MkdirAll(o.RuntimeDir, 0o755); err != nil {
			return fmt.Errorf("make the folder for fetched programs: %w", err)
		}
	}
	if err := mustTrust(o.RuntimeDir, h.who); err != nil {
		return err
	}
	return h.who.mustEnter(o.RuntimeDir)
}

// mustTrust refuses a folder where somebody else could have put programs for us to run.
func mustTrust(dir string, who account) error {
	info, err := os.Stat(dir)
	if err != nil {
		return err
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok || info.Mode().Perm()&0o022 != 0 || (stat.Uid != 0 && int(stat.Uid) != os.Geteuid() && int(stat.Uid) != who.uid) {
		return fmt.Errorf("%s may be written by others, so the programs in it are not to be trusted: remove it and start again", dir)
	}
	return nil
}

// lockRuntime waits for its turn, but not for a permission that will not come.
func lockRuntime(ctx context.Context, dir string) (func(), error) {
	var file *os.File
	var refused error
	err := poll(ctx, func(context.Context) (err error) {
		file, err = lockFile(filepath.Join(dir, ".lock"), syscall.LOCK_EX|syscall.LOCK_NB)
		if err != nil && !errors.Is(err, syscall.EWOULDBLOCK) {
			refused, err = err, nil
		}
		return err
	})
	if refused != nil {
		return nil, fmt.Errorf("fetch programs: %w", refused)
	}
	if err != nil {
		return nil, fmt.Errorf("wait for another portico that fetches programs into %s: %w", dir, err)
	}
	return func() { file.Close() }, nil
}

// shop is APT with lists and cache of its own.
type shop struct{ dir, config string }

// openShop reads the current lists of the machine's own package sources.
func openShop(ctx context.Context, o Options) (shop, error) {
	s := shop{dir: filepath.Join(o.RuntimeDir, ".apt")}
	s.config = filepath.Join(s.dir, "apt.conf")
	if err := os.RemoveAll(s.dir); err != nil { // what a killed run left could be mistaken for ours
		return s, err
	}
	for _, dir := range []string{"lists/partial", "cache/archives/partial", "debs"} {
		if err := os.MkdirAll(filepath.Join(s.dir, dir), 0o755); err != nil {
			return s, err
		}
	}
	config := fmt.Sprintf(`Dir::State::lists "%[1]s/lists";
Dir::Cache "%[1]s/cache";
Dir::Cache::archives "%[1]s/cache/archives";
Acquire::Languages "none";
Acquire::Retries "3";
Acquire::IndexTargets::deb::Contents-deb::DefaultEnabled "false";
Acquire::IndexTargets::deb::DEP-11::DefaultEnabled "false";
Acquire::IndexTargets::deb::DEP-11-icons-small::DefaultEnabled "false";
Acquire::IndexTargets::deb::DEP-11-icons::DefaultEnabled "false";
APT::Update::Error-Mode "any";
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
`, s.dir)
	if err := os.WriteFile(s.config, []byte(config), 0o644); err != nil {
		return s, err
	}
	o.Progress("looking for PostgreSQL and Valkey in this machine's package sources")
	if said, err := s.run(ctx, "apt-get", "-q", "update"); err != nil {
		return s, fmt.Errorf("read this machine's package lists: %w: %s", err, said)
	}
	return s, nil
}

// close gives the room back: lists and packages are of no use once unpacked.
func (s shop) close() { _ = os.RemoveAll(s.dir) }

func (s shop) run(ctx context.Context, program string, args ...string) (string, error) {
	cmd := exec.Command(program, append([]string{"-c", s.config}, args...)...)
	cmd.Dir = filepath.Join(s.dir, "debs")
	cmd.Env = append(os.Environ(), "LC_ALL=C", "DEBIAN_FRONTEND=noninteractive")
	return runCommand(ctx, cmd)
}

// deliver downloads everything at once, so that the size can be told, and unpacks each store into its prefix.
func (s shop) deliver(ctx context.Context, o Options, h home, wishes []wish) error {
	orders := make([]order, len(wishes))
	var all, names []string
	for i, w := range wishes {
		placed, err := s.order(ctx, w)
		if err != nil {
			return err
		}
		orders[i] = placed
		all = append(all, placed.packages...)
		names = append(names, placed.name)
	}
	o.Progress(fmt.Sprintf("fetching %s (%s, once)", strings.Join(names, " and "), s.size(ctx, all)))
	if said, err := s.run(ctx, "apt-get", append([]string{"-q", "download"}, all...)...); err != nil {
		return fmt.Errorf("fetch packages: %w: %s", err, said)
	}
	for i, w := range wishes {
		if err := s.unpack(ctx, o, h, w, orders[i]); err != nil {
			return err
		}
	}
	return nil
}

// order is what to fetch for one store.
type order struct {
	name     string // as people know it
	folder   string // of the prefix in the runtime
	packages []string
}

// order lists the packages a store needs beyond what the machine has.
func (s shop) order(ctx context.Context, w wish) (order, error) {
	var placed order
	switch {
	case w.name == "postgres":
		major := w.major
		if major == "" {
			var err error
			if major, err = s.defaultPostgres(ctx); err != nil {
				return order{}, err
			}
		}
		placed = order{"PostgreSQL " + major, "postgres-" + major, []string{"postgresql-" + major, "postgresql-client-" + major}}
	case s.has(ctx, "valkey-server"):
		placed = order{"Valkey", w.name, []string{"valkey-server", "valkey-tools"}}
	default:
		placed = order{"Redis", w.name, []string{"redis-server", "redis-tools"}}
	}
	plan, err := s.run(ctx, "apt-get", append([]string{"-s", "-y", "--no-install-recommends", "install"}, placed.packages...)...)
	if err != nil {
		return order{}, fmt.Errorf("this machine's package sources cannot provide %s: %s. "+
			"Set DATABASE_URL and REDIS_URL to servers of your own", placed.name, plan)
	}
	for line := range strings.Lines(plan) {
		fields := strings.Fields(line)
		if len(fields) > 1 && fields[0] == "Inst" && isLibrary(fields[1]) {
			placed.packages = append(placed.packages, fields[1])
		}
	}
	return placed, nil
}

// isLibrary keeps what the servers load. The C library must be the machine's own, the compiler for jit is large and
// switched off, and the rest of what an installation brings sets up services, which we are.
func isLibrary(name string) bool {
	if !strings.HasPrefix(name, "lib") || strings.HasSuffix(name, "-dev") || strings.HasSuffix(name, "-perl") {
		return false
	}
	for _, prefix := range []string{"libc6", "libc-", "libllvm", "libz3", "libperl", "libpam-", "libnss-"} {
		if strings.HasPrefix(name, prefix) {
			return false
		}
	}
	return true
}

func (s shop) defaultPostgres(ctx context.Context) (string, error) {
	said, err := s.run(ctx, "apt-cache", "depends", "postgresql")
	for line := range strings.Lines(said) {
		if _, major, ok := strings.Cut(strings.TrimSpace(line), "Depends: postgresql-"); ok {
			if _, err := strconv.Atoi(major); err == nil {
				return major, nil
			}
		}
	}
	return "", fmt.Errorf("this machine's package sources do not know PostgreSQL (%v %s): set DATABASE_URL to a server of your own", err, said)
}

func (s shop) has(ctx context.Context, name string) bool {
	said, err := s.run(ctx, "apt-cache", "show", "--no-all-versions", name)
	return err == nil && strings.Contains(said, "Filename:")
}

// size adds up the lines `'address' file bytes hash` of what would be fetched.
func (s shop) size(ctx context.Context, packages []string) string {
	said, _ := s.run(ctx, "apt-get", append([]string{"-q", "--print-uris", "download"}, packages...)...)
	var sum int
	for line := range strings.Lines(said) {
		if fields := strings.Fields(line); len(fields) > 2 {
			bytes, _ := strconv.Atoi(fields[2])
			sum += bytes
		}
	}
	return strconv.Itoa(max(1, sum>>20)) + " MB"
}

// unpack fills a prefix aside, tries it, stamps it with what is in it and only then gives it its name.
func (s shop) unpack(ctx context.Context, o Options, h home, w wish, placed order) error {
	prefix := filepath.Join(o.RuntimeDir, placed.folder)
	fresh := filepath.Join(s.dir, placed.folder)
	if err := os.RemoveAll(fresh); err != nil {
		return err
	}
	if err := os.Mkdir(fresh, 0o755); err != nil {
		return err
	}
	var stamp strings.Builder
	for _, name := range placed.packages {
		name, _, _ = strings.Cut(name, ":")
		debs, _ := filepath.Glob(filepath.Join(s.dir, "debs", name+"_*.deb"))
		for _, deb := range debs {
			cmd := exec.Command("dpkg-deb", "-x", deb, fresh)
			if said, err := runCommand(ctx, cmd); err != nil {
				return fmt.Errorf("unpack %s: %w: %s", filepath.Base(deb), err, said)
			}
			stamp.WriteString(filepath.Base(deb) + "\n")
		}
	}
	for _, needless := range []string{"usr/share/doc", "usr/share/man", "usr/share/locale", "usr/share/lintian", "etc", "var"} {
		if err := os.RemoveAll(filepath.Join(fresh, needless)); err != nil {
			return err
		}
	}
	if err := letIn(fresh); err != nil {
		return err
	}
	if _, ok := w.inPrefix(ctx, h, fresh); !ok {
		return fmt.Errorf("the %s from this machine's packages does not run in a folder of its own: install it (%s), "+
			"or set DATABASE_URL and REDIS_URL", placed.name, placed.packages[0])
	}
	if err := os.WriteFile(filepath.Join(fresh, "ok"), []byte(stamp.String()), 0o644); err != nil {
		return err
	}
	if err := os.RemoveAll(prefix); err != nil {
		return err
	}
	return os.Rename(fresh, prefix)
}

// letIn opens a prefix to whom the servers run as, whatever our umask; the files keep the modes they were packed with.
func letIn(dir string) error {
	return filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.IsDir() {
			return err
		}
		return os.Chmod(path, 0o755)
	})
}
