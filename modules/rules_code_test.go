package modules_test

import (
	"go/ast"
	"go/token"
	"strings"
	"testing/fstest"
)

func codeRules() []rule {
	return []rule{
		{name: "clock, context, environment, printing", check: ambient, excused: map[string]string{
			"cmd":                                  "the program: it reads the environment, starts contexts and prints",
			"platform/config: os.":                 "the one room that reads the environment",
			"platform/web/serve.go: context":       "a request's context begins here",
			"platform/web/listener.go: context":    "a stream outlives its request",
			"platform/web/listener.go: time":       "deadlines of a connection count in the machine's time",
			"platform/web/apart.go: time.Until":    "a deadline is real time",
			"platform/host/metrics.go: context":    "a scraper brings no context",
			"platform/host/limit.go: time.Now":     "how fast tries come is real time, not the house's",
			"platform/firm/directory.go: time.Now": "how long an address is remembered is real time; tests set it",
			"platform/certificates":                "handshakes, and what the authority is asked for, live in real time",
			"platform/embedded":                    "children of the operating system live in real time",
			"platform/files/scan.go: time.Now":     "how long clamd is silent is real time",
			"worker/worker.go: time.Now":           "the default of a clock that can be set",
			"worker/queue.go: time.Now":            "a mark for the operator in Redis",
			"worker/runner.go: time":               "how long a job took is real time",
			"worker/relay.go: time":                "how often to look is real time",
			"platform/portaltest":                  "the harness begins contexts, as the program does",
			"platform/auth/authtest":               "a harness",
		}, bites: map[string]fstest.MapFS{
			"the clock":           file("modules/billing/invoice.go", "package billing\nimport \"time\"\nvar x = time.Now()"),
			"the clock as value":  file("modules/billing/invoice.go", "package billing\nimport \"time\"\nvar clock = time.Now"),
			"time since":          file("modules/billing/invoice.go", "package billing\nimport \"time\"\nvar x = time.Since(y)"),
			"renamed":             file("modules/billing/invoice.go", "package billing\nimport t \"time\"\nvar x = t.Now()"),
			"a context":           file("platform/people/people.go", "package people\nimport \"context\"\nvar x = context.Background()"),
			"a context for later": file("platform/people/people.go", "package people\nimport \"context\"\nvar x = context.TODO()"),
			"the standard log":    file("platform/people/people.go", "package people\nimport \"log\"\nfunc f() { log.Printf(\"x\") }"),
			"the global slog":     file("platform/people/people.go", "package people\nimport \"log/slog\"\nfunc f() { slog.Info(\"x\") }"),
			"printing":            file("platform/people/people.go", "package people\nimport \"fmt\"\nfunc f() { fmt.Println(\"x\") }"),
			"the environment":     file("modules/billing/pay.go", "package billing\nimport \"os\"\nvar x = os.Getenv(\"X\")"),
			"sleeping":            file("modules/billing/pay.go", "package billing\nimport \"time\"\nfunc f() { time.Sleep(1) }"),
		}},
		{name: "no goroutines in sections", check: goroutines, bites: map[string]fstest.MapFS{
			"work behind a request's back": file("modules/billing/pay.go", "package billing\nfunc f() { go g() }"),
		}},
		{name: "no floats near money", check: floats, bites: map[string]fstest.MapFS{
			"a float in money":     file("platform/money/money.go", "package money\nvar x float64"),
			"a float beside money": file("modules/billing/pay.go", "package billing\nimport \"portico/platform/money\"\nvar m money.Amount\nvar rate = float32(1)"),
			"a literal":            file("platform/money/money.go", "package money\nvar x = 0.07"),
			"parsing":              file("platform/money/money.go", "package money\nimport \"strconv\"\nvar x, _ = strconv.ParseFloat(\"1\", 64)"),
		}},
		{name: "escaping stays on", check: casts, excused: map[string]string{
			"platform/view":            "draws icons and wraps what it has drawn itself",
			"platform/markdown":        "the sanitiser",
			"platform/mail/compose.go": "the logo's address: cid: or checked to be absolute",
		}, bites: map[string]fstest.MapFS{
			"HTML":         file("modules/help/page.go", "package help\nimport \"html/template\"\nvar x = template.HTML(body)"),
			"JS":           file("modules/help/page.go", "package help\nimport \"html/template\"\nvar x = template.JS(body)"),
			"URL, renamed": file("modules/help/page.go", "package help\nimport h \"html/template\"\nvar x = h.URL(body)"),
			"an attribute": file("platform/web/page.go", "package web\nimport \"html/template\"\nvar x = template.HTMLAttr(body)"),
			"through view": file("modules/help/page.go", "package help\nimport \"portico/platform/view\"\nvar x = view.Safe(body)"),
		}},
	}
}

// forbidden names what is ambient: import path -> names ("*": all).
var forbidden = map[string][]string{
	"time":     {"Now", "Since", "Until", "Sleep", "Tick"},
	"context":  {"Background", "TODO"},
	"log":      {"*"},
	"log/slog": {"Info", "Warn", "Error", "Debug", "Default", "SetDefault", "InfoContext", "WarnContext", "ErrorContext", "Log"},
	"fmt":      {"Print", "Println", "Printf"},
	"os":       {"Getenv", "LookupEnv", "Environ", "Setenv", "ExpandEnv"},
}

func ambient(h *house) []breach {
	var found []breach
	for _, c := range h.code {
		if c.test {
			continue
		}
		found = append(found, uses(c, forbidden)...)
	}
	return found
}

// uses finds selections of names from imports, however they are called here.
func uses(c *code, names map[string][]string) []breach {
	local := map[string]string{}
	for full, name := range c.imports() {
		if names[full] != nil {
			local[name] = full
		}
	}
	if len(local) == 0 {
		return nil
	}
	var found []breach
	ast.Inspect(c.File, func(n ast.Node) bool {
		s, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		x, ok := s.X.(*ast.Ident)
		if !ok || local[x.Name] == "" || x.Obj != nil {
			return true
		}
		for _, name := range names[local[x.Name]] {
			if name == "*" || name == s.Sel.Name {
				found = append(found, breach{c.at(n), local[x.Name] + "." + s.Sel.Name})
			}
		}
		return true
	})
	return found
}

func goroutines(h *house) []breach {
	var found []breach
	for _, c := range h.code {
		if c.test || !inside(c.dir, "modules") {
			continue
		}
		ast.Inspect(c.File, func(n ast.Node) bool {
			if _, ok := n.(*ast.GoStmt); ok {
				found = append(found, breach{c.at(n), "a goroutine: promise a job instead"})
			}
			return true
		})
	}
	return found
}

func floats(h *house) []breach {
	var found []breach
	for _, c := range h.code {
		_, near := c.imports()["portico/platform/money"]
		if c.test || !near && c.dir != "platform/money" {
			continue
		}
		ast.Inspect(c.File, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.Ident:
				if n.Name == "float64" || n.Name == "float32" {
					found = append(found, breach{c.at(n), n.Name})
				}
			case *ast.BasicLit:
				if n.Kind == token.FLOAT {
					found = append(found, breach{c.at(n), n.Value})
				}
			case *ast.SelectorExpr:
				if selector(n) == "strconv.ParseFloat" || strings.HasPrefix(selector(n), "big.Float") {
					found = append(found, breach{c.at(n), selector(n)})
				}
			}
			return true
		})
	}
	return found
}

// casts switch escaping off.
func casts(h *house) []breach {
	kinds := map[string]bool{"HTML": true, "JS": true, "JSStr": true, "URL": true, "CSS": true, "HTMLAttr": true, "Srcset": true}
	var found []breach
	for _, c := range h.code {
		if c.test || harness(c.dir) {
			continue
		}
		local := c.imports()["html/template"]
		ast.Inspect(c.File, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || len(call.Args) != 1 {
				return true
			}
			room, kind, _ := strings.Cut(selector(call.Fun), ".")
			if local != "" && room == local && kinds[kind] || room == "view" && kind == "Safe" && inside(c.dir, "modules") {
				found = append(found, breach{c.at(n), selector(call.Fun)})
			}
			return true
		})
	}
	return found
}
