// Package secret makes and keeps what must not be guessed: the installation's key, tokens, typed codes, sealed bytes.
package secret

import (
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"golang.org/x/crypto/chacha20poly1305"
)

// Key is 32 bytes that every process of an installation shares. It prints as a word, never as itself.
type Key struct{ bytes [32]byte }

// NewKey makes a random one.
func NewKey() Key {
	var k Key
	_, _ = rand.Read(k.bytes[:]) // never fails: the program stops instead
	return k
}

// ParseKey reads what an operator put into the environment: 32 bytes as base64 or hex.
func ParseKey(text string) (Key, error) {
	text = strings.TrimSpace(text)
	decoders := []func(string) ([]byte, error){
		hex.DecodeString,
		base64.StdEncoding.DecodeString, base64.RawStdEncoding.DecodeString,
		base64.URLEncoding.DecodeString, base64.RawURLEncoding.DecodeString,
	}
	for _, decode := range decoders {
		if b, err := decode(text); err == nil && len(b) == 32 {
			return Key{[32]byte(b)}, nil
		}
	}
	return Key{}, errors.New("want 32 random bytes as base64 or hex (for example from: openssl rand -base64 32)")
}

// LoadKey reads the key in a file, or makes the file (mode 0600) at the first start. Of two processes that start at
// once one makes it and both use it; a crash leaves a whole file or none.
func LoadKey(path string) (Key, error) {
	k, err := readKey(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return k, err
	}
	if err := writeKey(path, NewKey()); err != nil && !errors.Is(err, fs.ErrExist) {
		return Key{}, fmt.Errorf("make the key file: %w", err)
	}
	return readKey(path)
}

func readKey(path string) (Key, error) {
	info, err := os.Stat(path)
	if err != nil {
		return Key{}, err
	}
	if runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
		return Key{}, fmt.Errorf("key file %s can be read by others: run chmod 600 %s", path, path)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return Key{}, err
	}
	k, err := ParseKey(string(text))
	if err != nil {
		return Key{}, fmt.Errorf("key file %s: %w", path, err)
	}
	return k, nil
}

func writeKey(path string, k Key) error {
	return makeFile(path, base64.StdEncoding.EncodeToString(k.bytes[:])+"\n")
}

// makeFile makes a file that only we can read, whole or not at all.
func makeFile(path, text string) error {
	file, err := os.CreateTemp(filepath.Dir(path), ".key-*") // made with mode 0600
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(file.Name()) }()
	_, err = file.WriteString(text)
	err = errors.Join(err, file.Sync(), file.Close())
	if err != nil {
		return err
	}
	return os.Link(file.Name(), path) // unlike a rename it never replaces the key of a quicker process
}

// IsZero reports whether no key was set.
func (k Key) IsZero() bool { return k == Key{} }

// String hides the key.
func (Key) String() string { return "[key]" }

// GoString hides the key.
func (Key) GoString() string { return "[key]" }

// LogValue hides the key.
func (Key) LogValue() slog.Value { return slog.StringValue("[key]") }

// Derive gives an independent key for one purpose.
func (k Key) Derive(purpose string) Key {
	b, err := hkdf.Key(sha256.New, k.bytes[:], nil, "portico "+purpose, 32)
	if err != nil {
		panic(err) // only for a length that HKDF cannot give
	}
	return Key{[32]byte(b)}
}

// MAC is 32 bytes that only a holder of the key can make from the purpose and the parts.
func (k Key) MAC(purpose string, parts ...[]byte) []byte {
	derived := k.Derive(purpose)
	mac := hmac.New(sha256.New, derived.bytes[:])
	var size [8]byte
	for _, part := range parts { // lengths first: ("ab", "c") is not ("a", "bc")
		binary.BigEndian.PutUint64(size[:], uint64(len(part)))
		mac.Write(size[:])
		mac.Write(part)
	}
	return mac.Sum(nil)
}

// Hash is a keyed hash for one purpose, for who makes many: it is not the same as MAC, which tells parts apart by itself.
func (k Key) Hash(purpose string) hash.Hash {
	derived := k.Derive(purpose)
	return hmac.New(sha256.New, derived.bytes[:])
}

// Seal encrypts plain; bound names what it belongs to, so that it opens nowhere else.
func (k Key) Seal(purpose string, plain []byte, bound ...[]byte) []byte {
	nonce := make([]byte, chacha20poly1305.NonceSizeX)
	_, _ = rand.Read(nonce)
	return k.aead(purpose).Seal(nonce, nonce, plain, k.MAC(purpose+" bound", bound...))
}

// Open decrypts what Seal made with the same purpose and bound.
func (k Key) Open(purpose string, sealed []byte, bound ...[]byte) ([]byte, error) {
	if len(sealed) < chacha20poly1305.NonceSizeX {
		return nil, errNotOurs
	}
	nonce, text := sealed[:chacha20poly1305.NonceSizeX], sealed[chacha20poly1305.NonceSizeX:]
	plain, err := k.aead(purpose).Open(nil, nonce, text, k.MAC(purpose+" bound", bound...))
	if err != nil {
		return nil, errNotOurs
	}
	return plain, nil
}

func (k Key) aead(purpose string) cipher.AEAD {
	derived := k.Derive(purpose + " seal")
	aead, err := chacha20poly1305.NewX(derived.bytes[:])
	if err != nil {
		panic(err) // only for a key of another length
	}
	return aead
}

var errNotOurs = errors.New("sealed with another key, or damaged")
