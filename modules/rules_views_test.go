package modules_test

import (
	"go/ast"
	"go/token"
	"io/fs"
	"path"
	"regexp"
	"strings"
	"testing/fstest"
)

func viewRules() []rule {
	page := func(text string) fstest.MapFS {
		return fstest.MapFS{
			"views/_field.html":                 {Data: []byte("<p>")},
			"modules/billing/views/index.html":  {Data: []byte(text)},
			"modules/billing/views/_inv.html":   {Data: []byte("<p>")},
			"modules/team/views/_member.html":   {Data: []byte("<p>")},
			"views/mail/sign_in.html":           {Data: []byte("<p>")},
			"modules/billing/mail_overdue.html": {Data: []byte("<p>")},
		}
	}
	handler := func(text string) fstest.MapFS {
		files := page("<p>")
		files["modules/billing/portal.go"] = &fstest.MapFile{Data: []byte("package billing\nfunc f() { " + text + " }")}
		return files
	}
	return []rule{
		{name: "templates show", check: showingViews, excused: map[string]string{
			"views/mail: style":                            "mail programs know no stylesheets",
			"views/gallery.html: without _csrf":            "shows parts; its forms go nowhere",
			"views/auth/mailbox_mail.html: iframe":         "a mail is shown in a sandbox of its own",
			"modules/setup/views/_mail_drawn.html: iframe": "a mail is shown in a sandbox of its own",
		}, bites: map[string]fstest.MapFS{
			"define":                     page(`{{define "x"}}{{end}}`),
			"block":                      page(`{{- block "x" .}}{{end}}`),
			"an engine's layout":         page(`{{embed}}`),
			"an inline script":           page(`<script>alert(1)</script>`),
			"an inline style":            page(`<style>p{}</style>`),
			"a style attribute":          page(`<p style="color:red">`),
			"a handler":                  page(`<button onclick="go()">`),
			"htmx's handler":             page(`<button hx-on:click="go()">`),
			"htmx's values by script":    page(`<button hx-vals='js:{x: 1}'>`),
			"htmx's values by hand":      page(`<button hx-vals='{"x": "{{.X}}"}'>`),
			"data in a trigger":          page(`<div hx-trigger="{{.X}}">`),
			"a condition in a trigger":   page(`<div hx-trigger="click[ctrlKey]">`),
			"a javascript address":       page(`<a href="javascript:go()">`),
			"an attribute without marks": page(`<input value={{.X}}>`),
			"somebody else's script":     page(`<script src="https://cdn.example.com/x.js"></script>`),
			"a picture of others":        page(`<img src="http://example.com/x.png" alt="">`),
			"a form that posts unproved": page(`<form method="post" action="/x"><button>Go</button></form>`),
		}},
		{name: "every view exists", check: existingViews, bites: map[string]fstest.MapFS{
			"a missing fragment":        page(`{{template "_nothing" .}}`),
			"a missing own fragment":    page(`{{template "billing/_nothing" .}}`),
			"another module's fragment": page(`{{template "team/_member" .}}`),
			"a fragment that is a page": page(`{{template "billing/index" .}}`),
			"drawn and missing":         handler(`r.Show("billing/nothing", nil)`),
			"drawn as a part":           handler(`web.Draw("billing/_nothing", nil)`),
			"drawn from another module": handler(`web.Draw("team/_member", nil)`),
			"shown again and missing":   handler(`r.Again("billing/_form", v, err)`),
		}},
	}
}

// templates are all drawn files, by name: "_field", "billing/index".
func templates(h *house) map[string]string {
	names := map[string]string{}
	_ = fs.WalkDir(h, ".", func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return nil
		}
		if d.IsDir() && (path.Base(file) == "testdata" || path.Base(file) == "vendor" || path.Base(file) == "node_modules" || strings.HasPrefix(path.Base(file), ".") && file != ".") {
			return fs.SkipDir
		}
		if path.Ext(file) != ".html" {
			return nil
		}
		parts := strings.Split(strings.TrimSuffix(file, ".html"), "/")
		switch {
		case parts[0] == "views":
			names[strings.Join(parts[1:], "/")] = file
		case parts[0] == "modules" && len(parts) > 3 && parts[2] == "views":
			names[parts[1]+"/"+strings.Join(parts[3:], "/")] = file
		case parts[0] == "modules" && len(parts) == 3: // mail_overdue.html
			names[parts[1]+"/"+parts[2]] = file
		}
		return nil
	})
	return names
}

// unfitViews are what a template must not hold, and why.
var unfitViews = []struct{ pattern, why string }{
	{`\{\{-?\s*(define|block)\b`, "define and block: a file is a template"},
	{`\{\{-?\s*embed\b`, "embed: the shell is drawn around the content"},
	{`(?i)<script(?:\s[^>]*)?>[^<\s]`, "an inline script"},
	{`(?i)<script(?:\s+(?:defer|async|type="[^"]*"))*\s*>`, "a script without an address"},
	{`(?i)<style\b`, "an inline style"},
	{`(?i)\sstyle\s*=`, "a style attribute"},
	{`(?i)\son[a-z]+\s*=\s*["'{]`, "an inline handler"},
	{`(?i)hx-on`, "hx-on"},
	{`(?i)["']\s*js:`, "values by script"},
	{`(?i)javascript:`, "a javascript address"},
	{`(?i)hx-trigger\s*=\s*"[^"]*(\{\{|\[)`, "data or a condition in hx-trigger"},
	{`(?i)hx-trigger\s*=\s*'[^']*(\{\{|\[)`, "data or a condition in hx-trigger"},
	{`(?i)hx-vals\s*=\s*'[^']*"\{\{`, "hx-vals by hand: use json"},
	{`(?i)hx-vals\s*=\s*["']\{\{\s*[^j}]`, "hx-vals by hand: use json"},
	{`(?i)\s[a-z-]+=\{\{`, "an attribute without quotation marks"},
	{`(?i)\s(src|srcset)\s*=\s*["'](https?:)?//`, "something loaded from elsewhere"},
	{`(?i)<link\s[^>]*href\s*=\s*["'](https?:)?//`, "something loaded from elsewhere"},
	{`(?i)<(iframe|object|embed|base)\b`, "a frame, an object or a base"},
}

var compiledUnfit = func() (all []*regexp.Regexp) {
	for _, u := range unfitViews {
		all = append(all, regexp.MustCompile(u.pattern))
	}
	return all
}()

var (
	templateComment = regexp.MustCompile(`(?s)\{\{-?\s*/\*.*?\*/\s*-?\}\}`)
	postForm        = regexp.MustCompile(`(?is)<form\b[^>]*method\s*=\s*["']?post[^>]*>.*?</form>`)
)

func showingViews(h *house) []breach {
	var found []breach
	for _, file := range templates(h) {
		raw, err := fs.ReadFile(h, file)
		if err != nil {
			found = append(found, breach{file, err.Error()})
			continue
		}
		text := templateComment.ReplaceAllString(string(raw), "")
		for i, pattern := range compiledUnfit {
			if m := pattern.FindString(text); m != "" {
				found = append(found, breach{file, unfitViews[i].why + ": " + strings.TrimSpace(m)})
			}
		}
		for _, form := range postForm.FindAllString(text, -1) {
			if !strings.Contains(form, `_csrf`) {
				found = append(found, breach{file, "a form that posts without _csrf: " + strings.SplitAfter(form, ">")[0]})
			}
		}
	}
	return found
}

var named = regexp.MustCompile(`\{\{-?\s*template\s+"([^"]+)"`)

func existingViews(h *house) []breach {
	var found []breach
	all := templates(h)
	check := func(where, module, name string, fragmentOnly bool) {
		switch owner, rest, in := strings.Cut(name, "/"); {
		case all[name] == "":
			found = append(found, breach{where, "names " + name + ", which does not exist"})
		case in && isModule(h, owner) && owner != module:
			found = append(found, breach{where, "names " + name + ", which belongs to another module"})
		case fragmentOnly && !strings.HasPrefix(path.Base(name), "_") && !strings.HasPrefix(path.Base(rest), "_"):
			found = append(found, breach{where, "includes " + name + ", which is no fragment (its name has no _)"})
		}
	}
	for name, file := range all {
		text, _ := fs.ReadFile(h, file)
		module := ""
		if inside(file, "modules") {
			module = strings.Split(name, "/")[0]
		}
		for _, m := range named.FindAllStringSubmatch(templateComment.ReplaceAllString(string(text), ""), -1) {
			check(file, module, m[1], true)
		}
	}
	for _, c := range h.code {
		if c.test || !inside(c.dir, "modules", "platform/door", "platform/host") {
			continue
		}
		module := ""
		if inside(c.dir, "modules") && c.dir != "modules" {
			module = strings.Split(c.dir, "/")[1]
		}
		ast.Inspect(c.File, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || len(call.Args) < 2 {
				return true
			}
			s, ok := call.Fun.(*ast.SelectorExpr)
			if lit, isText := call.Args[0].(*ast.BasicLit); ok && isText && lit.Kind == token.STRING &&
				(s.Sel.Name == "Show" || s.Sel.Name == "Again" || selector(s) == "web.Draw") {
				check(c.at(n), module, unquoted(lit), false)
			}
			return true
		})
	}
	return found
}

func isModule(h *house, name string) bool {
	info, err := fs.Stat(h, "modules/"+name)
	return err == nil && info.IsDir()
}
