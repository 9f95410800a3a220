package main

import (
	"bytes"
	"context"
	"io"
	"os"
	"strings"
	"testing"
)

func TestExitCodes(t *testing.T) {
	t.Setenv("PORTICO_DATA_DIR", t.TempDir())
	t.Setenv("DATABASE_URL", "")
	t.Setenv("REDIS_URL", "")
	for line, want := range map[string]int{
		"version": 0, "-h": 0, "up -h": 0, "admin link -h": 0, "routes": 0, "modules": 0, "check --settings": 0,
		"bogus": 2, "up --bogus": 2, "up more": 2, "admin link": 2, "admin create-firm --firm x": 2, "demo --firms -1": 2,
		"admin create-staff --firm x --email y --role king": 2,
		"migrate":                              1,
		"web":                                  1,
		"worker":                               1,
		"admin link --firm demo --email a@b.c": 1,
	} {
		code, out, errs := call(t, strings.Fields(line)...)
		if code != want {
			t.Errorf("portico %s: exit %d, want %d: %s", line, code, want, errs)
		}
		if want > 0 && (errs == "" || out != "") {
			t.Errorf("portico %s: an error belongs on stderr alone: %q %q", line, out, errs)
		}
	}
}

func TestRoutesAndModulesAreListedOneALine(t *testing.T) {
	t.Setenv("PORTICO_DATA_DIR", t.TempDir())
	_, routes, _ := call(t, "routes")
	for _, want := range []string{"/readyz", "/portal/:scope", "/office/clients"} {
		if !strings.Contains(routes, want) {
			t.Errorf("no route %s", want)
		}
	}
	_, modules, _ := call(t, "modules")
	for _, line := range strings.Split(strings.TrimSpace(modules), "\n") {
		if len(strings.Fields(line)) < 5 {
			t.Errorf("a module's line has id, title, switch, tables, jobs: %q", line)
		}
	}
	if !strings.Contains(modules, "help") || !strings.Contains(modules, "help.article") {
		t.Errorf("the help section and its tables are missing:\n%s", modules)
	}
}

// call runs the program as a shell would and gives what it wrote.
func call(t *testing.T, args ...string) (code int, out, errs string) {
	t.Helper()
	stdout, stderr := os.Stdout, os.Stderr
	defer func() { os.Stdout, os.Stderr = stdout, stderr }()
	read := func(into **os.File) func() string {
		r, w, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		*into = w
		text := make(chan string)
		go func() {
			var b bytes.Buffer
			_, _ = io.Copy(&b, r)
			text <- b.String()
		}()
		return func() string { _ = w.Close(); return <-text }
	}
	wrote, complained := read(&os.Stdout), read(&os.Stderr)
	code = run(context.Background(), args)
	return code, wrote(), complained()
}

func TestTheKeyThatSignsMailsIsMadeOnce(t *testing.T) {
	t.Setenv("PORTICO_DATA_DIR", t.TempDir())
	t.Setenv("PORTICO_URL", "https://portal.acme.com")
	t.Setenv("PORTICO_MAIL_FROM", "office@acme.com")
	code, first, errs := call(t, "admin", "dkim-key")
	if code != 0 || !strings.Contains(first, "portico._domainkey.acme.com") || !strings.Contains(first, "v=DKIM1; k=rsa; p=MII") {
		t.Fatalf("exit %d: %s %s", code, first, errs)
	}
	if _, again, _ := call(t, "admin", "dkim-key"); again != first {
		t.Error("the second time it is another key")
	}
	if _, other, _ := call(t, "admin", "dkim-key", "--selector", "next", "--kind", "ed25519"); !strings.Contains(other, "next._domainkey.acme.com") || !strings.Contains(other, "k=ed25519") {
		t.Errorf("another selector: %s", other)
	}
	if code, _, errs := call(t, "admin", "dkim-key", "--selector", "../x"); code != 1 || !strings.Contains(errs, "selector") {
		t.Errorf("a path as selector: exit %d, %s", code, errs)
	}
	t.Setenv("PORTICO_SECRET", strings.Repeat("ab", 32))
	if code, _, errs := call(t, "admin", "dkim-key"); code != 1 || !strings.Contains(errs, "sealed with another key") {
		t.Errorf("with another installation's key: exit %d, %s", code, errs)
	}
}
