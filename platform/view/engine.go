// Package view draws templates and serves the assets beside them. It is the only room that sees the template engine.
package view

import (
	"bytes"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"maps"
	"net/http"
	"strings"
	"sync"

	"github.com/gofiber/template/html/v2"
)

// Engine holds every template of the program, parsed once at boot.
type Engine struct {
	templates *template.Template
	sources   map[string]string // by name, as they are written
	funcs     template.FuncMap

	mu     sync.Mutex
	others map[string]*Engine // the same in other languages, made when somebody reads one
	drawn  *sync.Map          // names, in a language of tests
}

// New parses the shared views and each module's `views` folder. A template's name is its path: "_field",
// "clients/index". A template that does not parse, or names one that does not exist, stops the program here.
func New(shared fs.FS, modules map[string]fs.FS, funcs template.FuncMap) (*Engine, error) {
	all, err := overlay(shared, modules)
	if err != nil {
		return nil, err
	}
	engine := html.NewFileSystem(http.FS(all), ".html")
	engine.AddFuncMap(Funcs())
	engine.AddFuncMap(maps.Clone(funcs))
	if err := engine.Load(); err != nil {
		return nil, fmt.Errorf("views: %w", err)
	}
	e := &Engine{templates: engine.Templates, funcs: Funcs()}
	maps.Copy(e.funcs, funcs)
	if e.sources, err = sourcesOf(all); err != nil {
		return nil, err
	}
	return e, e.complete()
}

// sourcesOf reads what the engine has parsed, under the same names.
func sourcesOf(all fs.FS) (map[string]string, error) {
	sources := map[string]string{}
	err := fs.WalkDir(all, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".html") {
			return err
		}
		text, err := fs.ReadFile(all, path)
		sources[strings.TrimSuffix(path, ".html")] = string(text)
		return err
	})
	return sources, err
}

// complete escapes every template now: html/template finds a missing name or an unsafe context only when it draws.
// Drawing without data fails soon after; only what the escaper says counts.
func (e *Engine) complete() error {
	for _, t := range e.templates.Templates() {
		if t.Tree == nil {
			continue
		}
		var unsafe *template.Error
		if err := t.Execute(discard{}, nil); errors.As(err, &unsafe) {
			return fmt.Errorf("view %s: %w", t.Name(), err)
		}
	}
	return nil
}

type discard struct{}

func (discard) Write(p []byte) (int, error) { return len(p), nil }

// Has reports whether a template exists.
func (e *Engine) Has(name string) bool { return e.templates.Lookup(name) != nil }

// Draw appends one drawn template to out. There are no layouts: draw the content, then the shell around it. The
// engine's own Render is passed by, for it swaps shared functions at every draw (253 of 219,451 pages failed).
//
// html/template alone draws and escapes. Compiling its trees to functions of our own was tried and taken out: 800 lines
// that repeat the standard library, and a second escaper to trust. A hot list may format in Go instead.
func (e *Engine) Draw(out *bytes.Buffer, name string, data any) error {
	if e.drawn != nil {
		e.drawn.Store(name, true)
	}
	t := e.templates.Lookup(name)
	if t == nil {
		return fmt.Errorf("view %s does not exist", name)
	}
	if err := t.Execute(out, data); err != nil {
		return fmt.Errorf("view %s: %w", name, err)
	}
	return nil
}

var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// Buffer lends a buffer; give it back with Return.
func Buffer() *bytes.Buffer {
	b := buffers.Get().(*bytes.Buffer)
	b.Reset()
	return b
}

// Return takes a buffer back; very large ones are left to the collector.
func Return(b *bytes.Buffer) {
	if b.Cap() <= 1<<20 {
		buffers.Put(b)
	}
}

// Safe marks drawn content as HTML, so that a shell can be drawn around it.
func Safe(drawn string) template.HTML { return template.HTML(drawn) } //nolint:gosec // came out of Draw
