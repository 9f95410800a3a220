package modules_test

import (
	"go/ast"
	"io/fs"
	"path"
	"strings"
	"testing/fstest"
)

func moduleRules() []rule {
	whole := func(without string) fstest.MapFS {
		files := fstest.MapFS{
			"modules/modules.go":              {Data: []byte(`package modules; import _ "portico/modules/garden"`)},
			"modules/garden/module.go":        {Data: []byte("// Package garden grows.\npackage garden\nfunc init() { module.Register(Module) }\nvar Module = module.Module{ID: \"garden\"}")},
			"modules/garden/garden_test.go":   {Data: []byte("package garden")},
			"modules/garden/views/index.html": {Data: []byte("<p>")},
		}
		delete(files, without)
		return files
	}
	changed := func(name, text string) fstest.MapFS {
		files := whole("")
		files[name] = &fstest.MapFile{Data: []byte(text)}
		return files
	}
	return []rule{{name: "modules are whole", check: wholeModules, bites: map[string]fstest.MapFS{
		"no test":            whole("modules/garden/garden_test.go"),
		"not imported":       changed("modules/modules.go", "package modules"),
		"not registered":     changed("modules/garden/module.go", "// Package garden grows.\npackage garden\nvar Module = module.Module{ID: \"garden\"}"),
		"no manifest":        changed("modules/garden/module.go", "// Package garden grows.\npackage garden\nfunc init() { module.Register(Module) }"),
		"no package comment": changed("modules/garden/module.go", "package garden\nfunc init() { module.Register(Module) }\nvar Module = module.Module{ID: \"garden\"}"),
		"its fragments stay behind": func() fstest.MapFS {
			files := changed("modules/garden/module.go", "// Package garden grows.\npackage garden\n//go:embed views\nvar folder embed.FS\nfunc init() { module.Register(Module) }\nvar Module = module.Module{ID: \"garden\"}")
			files["modules/garden/views/_bed.html"] = &fstest.MapFile{Data: []byte("<p>")}
			return files
		}(),
		"another id": changed("modules/garden/module.go", "// Package garden grows.\npackage garden\nfunc init() { module.Register(Module) }\nvar Module = module.Module{ID: \"yard\"}"),
	}}}
}

// wholeModules: every folder is imported by modules.go and has a manifest, a package comment and a test.
func wholeModules(h *house) []breach {
	var found []breach
	folders, _ := fs.Glob(h, "modules/*")
	for _, folder := range folders {
		if info, err := fs.Stat(h, folder); err != nil || !info.IsDir() || path.Base(folder) == "testdata" {
			continue
		}
		for _, lack := range lacks(h, folder) {
			found = append(found, breach{folder, lack})
		}
	}
	return found
}

func lacks(h *house, folder string) (lacks []string) {
	id := path.Base(folder)
	imported, registered, manifest, comment, test := false, false, false, false, false
	fragments, _ := fs.Glob(h, folder+"/views/_*")
	embedded := len(fragments) == 0 // go:embed leaves out names with _ unless it is told all:
	for _, c := range h.code {
		if c.path == "modules/modules.go" {
			_, imported = c.imports()["portico/"+folder]
		}
		if c.dir != folder {
			continue
		}
		if c.test {
			test = true
			continue
		}
		comment = comment || c.Doc != nil && strings.HasPrefix(c.Doc.Text(), "Package "+id+" ")
		for _, group := range c.Comments {
			for _, line := range group.List {
				embedded = embedded || strings.HasPrefix(line.Text, "//go:embed ") && strings.Contains(line.Text, "all:views")
			}
		}
		ast.Inspect(c.File, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CallExpr:
				registered = registered || selector(n.Fun) == "module.Register"
			case *ast.KeyValueExpr:
				if key, ok := n.Key.(*ast.Ident); ok && key.Name == "ID" {
					value, ok := n.Value.(*ast.BasicLit)
					manifest = manifest || ok && value.Value == `"`+id+`"`
				}
			}
			return true
		})
	}
	for what, there := range map[string]bool{
		"modules.go does not import it": imported, "it does not register itself": registered,
		"it has no manifest with the ID " + id: manifest, "it has no comment that begins with Package " + id: comment, "it has no test": test,
		"its fragments stay behind: say go:embed all:views": embedded,
	} {
		if !there {
			lacks = append(lacks, what)
		}
	}
	return lacks
}

// selector writes x.Name for a selection of something imported or a variable; "" for anything else.
func selector(e ast.Expr) string {
	s, ok := e.(*ast.SelectorExpr)
	if !ok {
		return ""
	}
	if x, ok := s.X.(*ast.Ident); ok {
		return x.Name + "." + s.Sel.Name
	}
	return ""
}
