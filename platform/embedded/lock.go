package embedded

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"syscall"
)

// held knows the data folders this process has locked. Start takes the lock itself, and so may its caller before it,
// who wants to be sure of the folder before dropping privileges: both are this process.
var held struct {
	sync.Mutex
	folders map[string]*holding
}

type holding struct {
	file    *os.File
	holders int
	started bool // the stores of this folder run
}

// Lock claims a data folder for this process until unlock is called or the process ends, however it ends.
func Lock(dir string) (unlock func(), err error) { return claim(dir, false) }

// hold is Lock for the stores themselves, which only run once.
func hold(dir string) (func(), error) { return claim(dir, true) }

func claim(dir string, start bool) (func(), error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	held.Lock()
	defer held.Unlock()
	h := held.folders[dir]
	if h == nil {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return nil, fmt.Errorf("make data folder: %w", err)
		}
		file, err := lockFile(filepath.Join(dir, "portico.lock"), syscall.LOCK_EX|syscall.LOCK_NB)
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, inUse(dir)
		}
		if err != nil {
			return nil, err
		}
		h = &holding{file: file}
		if held.folders == nil {
			held.folders = map[string]*holding{}
		}
		held.folders[dir] = h
	}
	if start && h.started {
		return nil, inUse(dir)
	}
	h.started = h.started || start
	h.holders++
	var once sync.Once
	return func() { once.Do(func() { release(dir, h, start) }) }, nil
}

func release(dir string, h *holding, start bool) {
	held.Lock()
	defer held.Unlock()
	if start {
		h.started = false
	}
	if h.holders--; h.holders == 0 {
		delete(held.folders, dir)
		h.file.Close()
	}
}

func inUse(dir string) error {
	return fmt.Errorf("data directory %s is in use by another running portico", dir)
}

// lockFile opens a file for a lock that ends with the process, and locks it.
func lockFile(path string, how int) (*os.File, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	for {
		err = syscall.Flock(int(file.Fd()), how)
		if err == nil {
			return file, nil
		}
		if !errors.Is(err, syscall.EINTR) {
			file.Close()
			return nil, err
		}
	}
}
