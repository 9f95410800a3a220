package modules_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// A rule of the house looks at the whole source and names what breaks it. Each comes with a small house that must not
// pass: a rule that catches nothing protects nothing.
type rule struct {
	name  string
	check func(*house) []breach
	// excused are breaches that have a reason: "path: what" -> why. One that excuses nothing fails, too.
	excused map[string]string
	bites   map[string]fstest.MapFS // what is wrong -> the house in which it is
}

type breach struct{ where, what string }

func (b breach) String() string { return b.where + ": " + b.what }

// house is the source of the program, read once.
type house struct {
	fs.FS
	code []*code
}

// code is one Go file.
type code struct {
	path, dir string
	test      bool
	*ast.File
	tokens *token.FileSet
}

func (c *code) at(n ast.Node) string {
	return fmt.Sprintf("%s:%d", c.path, c.tokens.Position(n.Pos()).Line)
}

// imports gives what the file imports, and by which name.
func (c *code) imports() map[string]string {
	names := map[string]string{}
	for _, i := range c.Imports {
		full := strings.Trim(i.Path.Value, `"`)
		name := path.Base(full)
		if i.Name != nil {
			name = i.Name.Name
		}
		names[full] = name
	}
	return names
}

func read(t testing.TB, files fs.FS) *house {
	t.Helper()
	h := &house{FS: files}
	tokens := token.NewFileSet()
	err := fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if base := path.Base(name); name != "." && (base == "testdata" || base == "node_modules" || strings.HasPrefix(base, ".")) {
				return fs.SkipDir
			}
			return nil
		}
		if path.Ext(name) != ".go" {
			return nil
		}
		text, err := fs.ReadFile(files, name)
		if err != nil {
			return err
		}
		file, err := parser.ParseFile(tokens, name, text, parser.ParseComments)
		if err != nil {
			return err
		}
		h.code = append(h.code, &code{name, path.Dir(name), strings.HasSuffix(name, "_test.go"), file, tokens})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// inside reports whether a file or folder is at or below one of the folders.
func inside(name string, folders ...string) bool {
	return slices.ContainsFunc(folders, func(f string) bool { return name == f || strings.HasPrefix(name, f+"/") })
}

func rules() []rule {
	return slices.Concat(importRules(), moduleRules(), storeRules(), viewRules(), codeRules(), noticeRules())
}

func TestTheHouseKeepsItsRules(t *testing.T) {
	real := read(t, os.DirFS(".."))
	for _, r := range rules() {
		t.Run(r.name, func(t *testing.T) {
			used := map[string]bool{}
			for _, b := range r.check(real) {
				if excuse := r.excuse(b); excuse != "" {
					used[excuse] = true
					continue
				}
				t.Error(b)
			}
			for excuse, why := range r.excused {
				if why == "" || !used[excuse] && exists(real, excuse) {
					t.Errorf("the excuse %q (%s) excuses nothing: remove it", excuse, why)
				}
			}
		})
	}
}

// excuse finds the excuse of a breach: its file, or the folder or file with the words.
func (r rule) excuse(b breach) string {
	file, _, _ := strings.Cut(b.where, ":")
	for excuse := range r.excused {
		where, what, _ := strings.Cut(excuse, ": ")
		if inside(file, strings.TrimSuffix(where, "/")) && strings.Contains(b.what, what) {
			return excuse
		}
	}
	return ""
}

// exists reports whether an excuse speaks of something that is there: others may still be writing it.
func exists(h *house, excuse string) bool {
	where, _, _ := strings.Cut(excuse, ": ")
	_, err := fs.Stat(h, strings.TrimSuffix(where, "/"))
	return err == nil
}

func TestEveryRuleBites(t *testing.T) {
	for _, r := range rules() {
		if len(r.bites) == 0 {
			t.Errorf("%s: no case shows that it bites", r.name)
		}
		for what, files := range r.bites {
			t.Run(r.name+"/"+what, func(t *testing.T) {
				if len(r.check(read(t, files))) == 0 {
					t.Error("this passes")
				}
			})
		}
	}
}

// file makes a house of one file.
func file(name, text string) fstest.MapFS { return fstest.MapFS{name: {Data: []byte(text)}} }
