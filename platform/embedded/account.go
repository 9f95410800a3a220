package embedded

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// account is the user of the machine that the servers run as.
type account struct {
	uid, gid int
	name     string
	borrowed bool // not ourselves: we are root and lend the servers somebody lesser
}

// servant is who runs the servers: ourselves, or a system user when we are root, which PostgreSQL refuses to be.
func servant() (account, error) {
	if os.Geteuid() == 0 {
		return systemUser()
	}
	return self()
}

// self asks by id: user.Current remembers who we were before dropping privileges.
func self() (account, error) {
	a := account{uid: os.Geteuid(), gid: os.Getegid()}
	id := strconv.Itoa(a.uid)
	if u, err := user.LookupId(id); err == nil {
		a.name = u.Username
		return a, nil
	}
	// Users of a directory service are known to the machine's own tools alone.
	out, err := exec.Command("id", "-un").Output()
	a.name = strings.TrimSpace(string(out))
	if err != nil || a.name == "" || a.name == id {
		return a, fmt.Errorf("user id %s has no name on this machine, and PostgreSQL asks for one: "+
			"add it to /etc/passwd, or set DATABASE_URL to a server of your own", id)
	}
	return a, nil
}

// systemUser finds or makes the unprivileged user that stands in for root.
func systemUser() (account, error) {
	if _, err := user.Lookup("portico"); err != nil {
		// Best effort: without useradd, or on a read-only system, one of the users below will do.
		_ = exec.Command("useradd", "--system", "--user-group", "--no-create-home",
			"--home-dir", "/nonexistent", "--shell", "/usr/sbin/nologin", "portico").Run()
	}
	for _, name := range []string{"portico", "postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err1 := strconv.Atoi(u.Uid)
		gid, err2 := strconv.Atoi(u.Gid)
		if err1 == nil && err2 == nil && uid > 0 {
			return account{uid: uid, gid: gid, name: u.Username, borrowed: true}, nil
		}
	}
	return account{}, errors.New("PostgreSQL does not run as root, and no user could be made for it: " +
		"make one with `useradd --system portico`, or set DATABASE_URL and REDIS_URL")
}

// DropPrivileges turns a process that was started as root into one of the system user portico, for good, and gives
// that user the data folder. Ports below 1024 must be open by then. Without root it does nothing.
func DropPrivileges(dir string) error {
	if os.Geteuid() != 0 {
		return nil
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return err
	}
	who, err := systemUser()
	if err != nil {
		return err
	}
	if err := who.makeDir(dir); err != nil {
		return err
	}
	if err := who.takeOver(dir); err != nil {
		return err
	}
	if err := who.mustReach(dir); err != nil {
		return err
	}
	if err := errors.Join(syscall.Setgroups([]int{who.gid}), syscall.Setgid(who.gid), syscall.Setuid(who.uid)); err != nil {
		return fmt.Errorf("become %s: %w", who.name, err)
	}
	// Root's home is closed to us now; libraries that look for one find the data folder.
	return errors.Join(os.Setenv("HOME", dir), os.Setenv("USER", who.name), os.Setenv("LOGNAME", who.name))
}

// makeDir makes a folder for the account alone.
func (a account) makeDir(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("make data folder: %w", err)
	}
	return a.own(dir)
}

func (a account) own(path string) error {
	if !a.borrowed {
		return nil
	}
	return os.Lchown(path, a.uid, a.gid)
}

// takeOver gives the account what an earlier run as root left in the folder. Only the parts that are not its own yet
// are walked, so that a large folder costs nothing at every later start.
func (a account) takeOver(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		path := filepath.Join(dir, entry.Name())
		if owner(path) == a.uid {
			continue
		}
		err := filepath.WalkDir(path, func(path string, _ os.DirEntry, err error) error {
			if err != nil {
				return err
			}
			return a.own(path)
		})
		if err != nil {
			return fmt.Errorf("give %s to %s: %w", path, a.name, err)
		}
	}
	return nil
}

// mustReach asks the machine itself, as the account, whether it can work in the data folder: a parent such as /root
// may be closed to it.
func (a account) mustReach(dir string) error {
	if a.can(`cd "$1" && test -w .`, dir) {
		return nil
	}
	return fmt.Errorf("the user %s, whom the database runs as, cannot reach %s: a folder above it is closed to others. "+
		"Choose another data folder, for example PORTICO_DATA_DIR=/var/lib/portico", a.name, dir)
}

// mustEnter is the same for a folder of programs, where reading is enough.
func (a account) mustEnter(dir string) error {
	if a.can(`cd "$1" && test -r .`, dir) {
		return nil
	}
	return fmt.Errorf("the user %s, whom the database runs as, cannot enter %s, where its programs are", a.name, dir)
}

func (a account) can(test, dir string) bool {
	if !a.borrowed {
		return true
	}
	ask := exec.Command("/bin/sh", "-c", test, "sh", dir)
	ask.SysProcAttr = a.attributes()
	ask.Dir = "/"
	return ask.Run() == nil
}

func (a account) attributes() *syscall.SysProcAttr {
	attr := &syscall.SysProcAttr{}
	if a.borrowed {
		attr.Credential = &syscall.Credential{Uid: uint32(a.uid), Gid: uint32(a.gid)}
	}
	return attr
}

// owner is the uid of a path, -1 when unknown.
func owner(path string) int {
	info, err := os.Lstat(path)
	if err != nil {
		return -1
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return -1
	}
	return int(stat.Uid)
}
