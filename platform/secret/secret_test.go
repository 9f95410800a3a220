package secret_test

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"portico/platform/id"
	"portico/platform/secret"
)

const known = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"

func key(t *testing.T) secret.Key {
	t.Helper()
	k, err := secret.ParseKey(known)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestKeysAreReadFromTheEnvironment(t *testing.T) {
	want := key(t)
	for text, fine := range map[string]bool{
		known: true, strings.ToUpper(known): true, " AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n": true,
		"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8": true, "": false, "secret": false, known[2:]: false, known + "00": false,
	} {
		k, err := secret.ParseKey(text)
		if (err == nil) != fine || fine && k != want {
			t.Errorf("%q: %v", text, err)
		}
		if err != nil && text != "" && strings.Contains(err.Error(), text) {
			t.Errorf("the error repeats the key: %v", err)
		}
	}
}

func TestAKeyIsNeverPrinted(t *testing.T) {
	var log bytes.Buffer
	k := key(t)
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "key", k)
	all := fmt.Sprintf("%v %+v %s %#v %v %s", k, k, k, k, &k, log.String()) + fmt.Sprintf("%v", struct{ Key secret.Key }{k})
	if strings.Contains(all, "0 1 2 3") || strings.Contains(all, known[:16]) || strings.Contains(all, "0x1, 0x2") {
		t.Error(all)
	}
}

func TestTheKeyFileIsMadeOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "secret.key")
	keys := make([]secret.Key, 20)
	var wg sync.WaitGroup
	for i := range keys {
		wg.Go(func() {
			var err error
			if keys[i], err = secret.LoadKey(path); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	for _, k := range keys {
		if k != keys[0] || k.IsZero() {
			t.Fatal("two processes have two keys")
		}
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", info.Mode(), err)
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(path), ".key-*")); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}

	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := secret.LoadKey(path); err == nil || !strings.Contains(err.Error(), "chmod 600") {
		t.Errorf("readable by others: %v", err)
	}
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := secret.LoadKey(path); err == nil {
		t.Error("an empty file is a key")
	}
	if _, err := secret.LoadKey(filepath.Join(path, "no", "folder")); err == nil {
		t.Error("no folder")
	}
}

func TestMACsDifferByPurposeKeyAndParts(t *testing.T) {
	k, seen := key(t), map[string]bool{}
	for _, mac := range [][]byte{
		k.MAC("a", []byte("bc")), k.MAC("a", []byte("b"), []byte("c")), k.MAC("b", []byte("bc")), k.MAC("a"), k.MAC("a", nil),
		k.Derive("a").MAC("a", []byte("bc")), secret.NewKey().MAC("a", []byte("bc")),
	} {
		if len(mac) != 32 || seen[string(mac)] {
			t.Error("two are the same")
		}
		seen[string(mac)] = true
	}
	if got := hex.EncodeToString(k.MAC("link", []byte("x"))); got != hex.EncodeToString(key(t).MAC("link", []byte("x"))) {
		t.Error("not the same twice")
	}
}

func TestSealedBytesOpenOnlyWhereTheyBelong(t *testing.T) {
	k, plain := key(t), []byte("JBSWY3DPEHPK3PXP")
	sealed := k.Seal("totp", plain, []byte("firm"), []byte("ana"))
	if again := k.Seal("totp", plain, []byte("firm"), []byte("ana")); bytes.Equal(sealed, again) || bytes.Contains(sealed, plain) {
		t.Error("sealing shows something")
	}
	if got, err := k.Open("totp", sealed, []byte("firm"), []byte("ana")); err != nil || !bytes.Equal(got, plain) {
		t.Error(err)
	}
	damaged := bytes.Clone(sealed)
	damaged[len(damaged)-1] ^= 1
	for name, open := range map[string]func() ([]byte, error){
		"another person":  func() ([]byte, error) { return k.Open("totp", sealed, []byte("firm"), []byte("bob")) },
		"another purpose": func() ([]byte, error) { return k.Open("mail", sealed, []byte("firm"), []byte("ana")) },
		"another key":     func() ([]byte, error) { return secret.NewKey().Open("totp", sealed, []byte("firm"), []byte("ana")) },
		"damaged":         func() ([]byte, error) { return k.Open("totp", damaged, []byte("firm"), []byte("ana")) },
		"short":           func() ([]byte, error) { return k.Open("totp", []byte("x")) },
		"nothing":         func() ([]byte, error) { return k.Open("totp", nil) },
	} {
		if _, err := open(); err == nil {
			t.Error(name)
		}
	}
}

func TestTokensAndCodes(t *testing.T) {
	k, outbox, seen := key(t), id.New(), map[string]bool{}
	for range 1000 {
		token, code := secret.Token(), secret.Code()
		if len(token) != 43 || seen[token] || seen[code] || len(code) != 9 || code[4] != '-' || strings.ContainsAny(code, "01OILU") {
			t.Fatal(token, code)
		}
		seen[token], seen[code] = true, true
	}
	if k.LinkToken(outbox) != key(t).LinkToken(outbox) || k.LinkToken(outbox) == k.LinkToken(id.New()) || k.LinkToken(outbox) == secret.NewKey().LinkToken(outbox) {
		t.Error("link tokens")
	}
	code := k.LinkCode(outbox)
	for _, typed := range []string{code, strings.ToLower(code), strings.ReplaceAll(code, "-", ""), " " + strings.ReplaceAll(code, "-", " – ") + "\u00a0\n", strings.Join(strings.Split(code, ""), " ")} {
		if !secret.Same(k.HashCode(typed), k.HashCode(code)) {
			t.Errorf("%q is not taken for %q", typed, code)
		}
	}
	for _, typed := range []string{"", "ABCD", "ABCD-EFGHJ", "ABCD-EFG0", "ABCD/EFGH", "ABCD-EFGÉ"} {
		if secret.Plain(typed) != "" {
			t.Errorf("%q is taken for a code", typed)
		}
	}
	if secret.Same(k.HashCode(code), secret.NewKey().HashCode(code)) {
		t.Error("whoever has the database can try all codes")
	}
}
