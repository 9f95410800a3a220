package secret

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
)

// LoadSealed reads the bytes that are sealed for a purpose in a file; missing makes them when there is none yet, and the
// file with them. Of two processes that start at once one makes it and both use it.
func (k Key) LoadSealed(path, purpose string, missing func() ([]byte, error)) ([]byte, error) {
	plain, err := k.readSealed(path, purpose)
	if !errors.Is(err, fs.ErrNotExist) {
		return plain, err
	}
	if plain, err = missing(); err != nil {
		return nil, err
	}
	text := base64.StdEncoding.EncodeToString(k.Seal(purpose, plain)) + "\n"
	if err := makeFile(path, text); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, fmt.Errorf("make %s: %w", path, err)
	}
	return k.readSealed(path, purpose)
}

func (k Key) readSealed(path, purpose string) ([]byte, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	sealed, err := base64.StdEncoding.DecodeString(strings.TrimSpace(string(text)))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, errNotOurs)
	}
	plain, err := k.Open(purpose, sealed)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return plain, nil
}
