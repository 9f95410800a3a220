package view

import (
	"bytes"
	"html/template"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"
)

func TestModulesStandBesideTheSharedViews(t *testing.T) {
	e, err := New(files("_name.html", "<b>{{.}}</b>", "portal.html", "shell"), map[string]fs.FS{
		"help": files("views/index.html", `{{template "_name" .}}{{template "help/_row" .}}`, "views/_row.html", `<i title="{{.}}">`),
		"none": nil,
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := e.Draw(&b, "help/index", `"<x>`); err != nil || b.String() != `<b>&#34;&lt;x&gt;</b><i title="&#34;&lt;x&gt;">` {
		t.Errorf("%q, %v", b.String(), err)
	}
	if e.Draw(&b, "help/other", nil) == nil || e.Has("help/other") || !e.Has("portal") {
		t.Error("a view that does not exist was drawn")
	}
}

func TestABrokenViewStopsTheProgramAtBoot(t *testing.T) {
	for name, view := range map[string]string{
		"does not parse": "{{if}}", "names one that does not exist": `{{template "_gone"}}`, "writes where nothing can be escaped": "<a href='{{if .}}'>{{else}}{{end}}",
		"calls what nobody provides": "{{shout .}}",
	} {
		if _, err := New(files("x.html", view), nil, nil); err == nil {
			t.Errorf("a view that %s was taken", name)
		}
	}
	if _, err := New(files("auth/a.html", "x"), map[string]fs.FS{"auth": files("views/a.html", "y")}, nil); err == nil {
		t.Error("a module took the name of a shared folder")
	}
}

func TestAssetsAreNamedByTheirContent(t *testing.T) {
	shared := files("assets/css/20-b.css", `b{src:url("/assets/fonts/f.woff2")}`, "assets/css/10-a.css", "a{}", "assets/fonts/f.woff2", "font",
		"assets/js/1.js", "one", "assets/js/2.js", "two", "icons/sprite.svg", "<svg/>")
	modules := map[string]fs.FS{"help": files("style.css", "help{}")}
	a, err := NewAssets(shared, modules)
	if err != nil {
		t.Fatal(err)
	}
	css, _ := a.URL("app.css")
	body, _ := a.At(css)
	text := string(body.Body)
	font, _ := a.URL("fonts/f.woff2")
	if !strings.Contains(text, font) || strings.Index(text, "a{}") > strings.Index(text, "b{") || !strings.HasSuffix(text, "help{}\n") {
		t.Errorf("app.css: %s", text)
	}
	js, _ := a.URL("app.js")
	if script, ok := a.At(js); !ok || string(script.Body) != "one\ntwo\n" {
		t.Error("app.js is not the scripts in their order")
	}
	changed, err := NewAssets(files("assets/css/10-a.css", "a{color:red}"), nil)
	if err != nil {
		t.Fatal(err)
	}
	if other, _ := changed.URL("app.css"); other == css {
		t.Error("another content has the same address")
	}
	if _, err := a.URL("gone.css"); err == nil {
		t.Error("an asset that does not exist has an address")
	}
}

func TestIconsCannotBreakOut(t *testing.T) {
	a, err := NewAssets(files("assets/css/a.css", "", "icons/sprite.svg", "<svg/>"), nil)
	if err != nil {
		t.Fatal(err)
	}
	icon := a.Funcs()["icon"].(func(string) (template.HTML, error))
	if drawn, err := icon(`x"><script>`); err != nil || strings.Contains(string(drawn), "<script>") {
		t.Errorf("%s, %v", drawn, err)
	}
}

func TestInitials(t *testing.T) {
	for name, want := range map[string]string{"Ana Rivera": "AR", "Ana": "A", "": "?", "Ana & Tom Rivera": "AR", "Łukasz Żak": "ŁŻ", "李 小龍": "李小", "  ": "?"} {
		if got := Initials(name); got != want {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
}

func files(pairs ...string) fs.FS {
	m := fstest.MapFS{}
	for i := 0; i < len(pairs); i += 2 {
		m[pairs[i]] = &fstest.MapFile{Data: []byte(pairs[i+1])}
	}
	return m
}
