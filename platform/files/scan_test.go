package files_test

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"portico/platform/files"
	"portico/platform/files/scantest"
)

// eicar is the file by which every scanner can be tried; in two halves, so that none takes this source for it.
var eicar = `X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-` + `STANDARD-ANTIVIRUS-TEST-FILE!$H+H*`

func TestARealClamdFindsTheTestVirus(t *testing.T) {
	program, err := exec.LookPath("clamd")
	if err != nil {
		t.Skip("no clamd here: apt-get install clamav-daemon")
	}
	dir := t.TempDir()
	socket := filepath.Join(dir, "clamd.sock")
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("own.ndb", "Eicar-Test-Signature:0:0:"+hex.EncodeToString([]byte(eicar))+"\n")
	write("clamd.conf", fmt.Sprintf("Foreground yes\nLocalSocket %s\nDatabaseDirectory %s\nStreamMaxLength 2M\nMaxThreads 2\nTemporaryDirectory %s\n", socket, dir, dir))
	daemon := exec.Command(program, "--config-file", filepath.Join(dir, "clamd.conf"))
	var said bytes.Buffer
	daemon.Stdout, daemon.Stderr = &said, &said
	if err := daemon.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = daemon.Process.Kill(); _ = daemon.Wait() })
	scanner := &files.Scanner{Address: socket}
	for tries := 0; scanner.Check(t.Context()) != nil; tries++ {
		if tries == 300 {
			t.Fatalf("clamd does not come: %s", said.String())
		}
		<-time.After(100 * time.Millisecond)
	}
	for what, c := range map[string]struct{ body, virus string }{
		"the test file": {eicar, "Eicar-Test-Signature.UNOFFICIAL"}, "a text": {"A window seat", ""}, "nothing": {"", ""},
		"a million zeros": {strings.Repeat("\x00", 1<<20), ""},
	} {
		if virus, err := scanner.Scan(t.Context(), strings.NewReader(c.body)); err != nil || virus != c.virus {
			t.Errorf("%s: %q, %v", what, virus, err)
		}
	}
	if _, err := scanner.Scan(t.Context(), strings.NewReader(strings.Repeat("x", 3<<20))); !errors.Is(err, files.ErrTooLongToScan) {
		t.Errorf("too long: %v", err)
	}
}

func TestTroubleWithTheScannerIsNoGoodAnswer(t *testing.T) {
	for _, answer := range []string{"", "stream: hmm\x00", "INSTREAM: Can't open file ERROR\x00"} {
		scanner := &files.Scanner{Address: scantest.Saying(t, answer), Patience: time.Second}
		if virus, err := scanner.Scan(t.Context(), strings.NewReader("x")); err == nil {
			t.Errorf("%q: %q", answer, virus)
		}
	}
	if _, err := (&files.Scanner{Address: "127.0.0.1:1"}).Scan(t.Context(), strings.NewReader("x")); err == nil {
		t.Error("nobody is there, and all is well")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := (&files.Scanner{Address: scantest.Saying(t, "stream: OK\x00")}).Scan(ctx, strings.NewReader("x")); err == nil {
		t.Error("it goes on after its end")
	}
	for _, address := range []string{"clamd", "clamd:", ":"} {
		if _, err := files.OpenScanner(address); err == nil {
			t.Errorf("%q is an address", address)
		}
	}
}
