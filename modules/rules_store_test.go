package modules_test

//lint:file-ignore SA1019 names inside one file are all that is asked of go/ast here

import (
	"fmt"
	"go/ast"
	"go/token"
	"io/fs"
	"maps"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing/fstest"
)

func storeRules() []rule {
	return []rule{
		{name: "SQL lives in the store", check: sqlInStores, excused: map[string]string{
			"platform/db":            "the room of the database itself",
			"platform/host/walls.go": "asks the roles themselves, for portico check",
			"platform/portaltest":    "the harness looks at rows from outside",
			"platform/embedded":      "asks the server which extensions it has; there are no tables yet",
		}, bites: map[string]fstest.MapFS{
			"a hot query in a page":  file("modules/billing/portal.go", "package billing\nfunc f() { db.Hot(ctx, tx, &x, q) }"),
			"a query in a handler":   file("modules/billing/portal.go", "package billing\nfunc f() { tx.NewRaw(`select 1`) }"),
			"a statement in a rule":  file("modules/billing/invoice.go", "package billing\nconst q = `\n\tSELECT i.id\n\tFROM invoice i`"),
			"a query in a service":   file("platform/people/people.go", "package people\nfunc f() { tx.NewSelect().Model(&p) }"),
			"a write in the mailing": file("platform/post/post.go", "package post\nfunc f() { tx.ExecContext(ctx, x) }"),
		}},
		{name: "queries are careful", check: carefulQueries, excused: map[string]string{
			"platform/db/hot.go: NewRaw":                 "passes on what a store has written; the stores are looked at",
			"platform/people/contact_store.go: bun.Safe": "what shut sets is one of its callers' constants",
			"modules/clients/list_store.go: bun.Safe":    "columns come from the list of orders, never from a visitor's word",
		}, bites: map[string]fstest.MapFS{
			"raw text in a query":        file("modules/billing/store.go", "package billing\nfunc f(name string) { tx.NewSelect().Where(\"x = \" + name) }"),
			"hot and joined":             file("modules/billing/store.go", "package billing\nfunc f(name string) { db.Hot(ctx, tx, &x, `select `+name) }"),
			"built by printing":          file("modules/billing/store.go", "package billing\nfunc f(name string) { tx.NewRaw(fmt.Sprintf(\"select %s\", name)) }"),
			"bun.Safe":                   file("modules/billing/store.go", "package billing\nfunc f(name string) { x = bun.Safe(name) }"),
			"joined before":              file("modules/billing/store.go", "package billing\nfunc f(name string) { q := `select `; q += name; tx.NewRaw(q) }"),
			"joined by a function":       file("modules/billing/store.go", "package billing\nfunc f(name string) { tx.NewRaw(q(name)) }"),
			"joined parts":               file("modules/billing/store.go", "package billing\nfunc f(name string) { var q []string; q = append(q, name); tx.NewRaw(strings.Join(q, ``)) }"),
			"an update of whole rows":    file("modules/billing/store.go", "package billing\nfunc f() { tx.NewUpdate().Model(&m).WherePK().Exec(ctx) }"),
			"the firm set by hand":       file("modules/billing/store.go", "package billing\nfunc f() { tx.NewRaw(`select set_config('app.firm_id', ?, false)`, x) }"),
			"the firm set for a session": file("platform/db/tx.go", "package db\nconst begin = `set app.firm_id = 'x'`"),
		}},
		{name: "migrations stay at home", check: homelyMigrations, bites: map[string]fstest.MapFS{
			"a table in public":             file("modules/billing/migrations/20261201090000_x.tx.up.sql", "create table invoice (firm_id uuid)"),
			"another module's table":        file("modules/billing/migrations/20261201090000_x.tx.up.sql", "alter table team.member add x text"),
			"a reference to another module": file("modules/billing/migrations/20261201090000_x.tx.up.sql", "create table billing.invoice (firm_id uuid, foreign key (firm_id, x) references team.member (firm_id, id))"),
			"a trigger":                     file("modules/billing/migrations/20261201090000_x.tx.up.sql", "create trigger x before update on billing.invoice execute function y()"),
			"a view":                        file("modules/billing/migrations/20261201090000_x.tx.up.sql", "create view billing.v as select 1"),
			"a change of the platform":      file("modules/billing/migrations/20261201090000_x.tx.up.sql", "alter table client add column x text"),
			"a grant":                       file("modules/billing/migrations/20261201090000_x.tx.up.sql", "grant all on billing.invoice to public"),
			"row security by hand":          file("modules/billing/migrations/20261201090000_x.tx.up.sql", "alter table billing.invoice disable row level security"),
			"a bad name":                    file("modules/billing/migrations/1_x.sql", "select 1"),
			"too early":                     file("modules/billing/migrations/20261201080000_x.tx.up.sql", "create table billing.invoice (firm_id uuid)"),
			"a rule":                        file("migrations/20261201080000_x.tx.up.sql", "create rule x as on insert to y do nothing"),
			"a default id of the database":  file("modules/billing/migrations/20261201090000_x.tx.up.sql", "create table billing.invoice (firm_id uuid, id uuid default gen_random_uuid())"),
		}},
	}
}

var queries = map[string]bool{
	"NewRaw": true, "NewSelect": true, "NewInsert": true, "NewUpdate": true, "NewDelete": true, "NewMerge": true, "NewValues": true,
	"ExecContext": true, "QueryContext": true, "QueryRowContext": true, "CopyFrom": true, "SendBatch": true,
}

var statement = regexp.MustCompile(`(?is)^\s*(select\s.+\sfrom\s|insert\s+into\s|update\s+\S+(\s+\w+)?\s+set\s|delete\s+from\s|with\s+\w+\s+as\s*\(|create\s+(table|index)\s|alter\s+table\s)`)

// storeName is the name of a file that holds queries: store.go, list_store.go, store_search.go.
var storeName = regexp.MustCompile(`(^|_)store(_[a-z0-9]+)*\.go$`)

func sqlInStores(h *house) []breach {
	var found []breach
	for _, c := range h.code {
		if c.test || storeName.MatchString(path.Base(c.path)) {
			continue
		}
		ast.Inspect(c.File, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CallExpr:
				if s, ok := n.Fun.(*ast.SelectorExpr); ok && (queries[s.Sel.Name] || named4(n)) {
					found = append(found, breach{c.at(n), s.Sel.Name})
				}
			case *ast.BasicLit:
				if n.Kind == token.STRING && statement.MatchString(unquoted(n)) {
					found = append(found, breach{c.at(n), "a statement"})
				}
			}
			return true
		})
	}
	return found
}

func unquoted(lit *ast.BasicLit) string {
	text, err := strconv.Unquote(lit.Value)
	if err != nil {
		return ""
	}
	return text
}

// textual are the methods whose first argument is SQL.
var textual = map[string]bool{
	"NewRaw": true, "Where": true, "WhereOr": true, "Order": true, "OrderExpr": true, "ColumnExpr": true, "Having": true, "Join": true,
	"JoinOn": true, "GroupExpr": true, "Set": true, "TableExpr": true, "ModelTableExpr": true, "On": true, "Returning": true,
}

var byHand = regexp.MustCompile(`(?i)set_config\s*\(|(^|;)\s*set\s+(session\s+)?(role|app\.)|(^|;)\s*reset\s+(role|session|all|app\.)`)

func carefulQueries(h *house) []breach {
	var found []breach
	for _, c := range h.code {
		if c.test || harness(c.dir) || inside(c.dir, "cmd") {
			continue
		}
		ast.Inspect(c.File, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CallExpr:
				if what := careless(c, n); what != "" {
					found = append(found, breach{c.at(n), what})
				}
			case *ast.BasicLit:
				if n.Kind == token.STRING && byHand.MatchString(unquoted(n)) {
					found = append(found, breach{c.at(n), "the firm or the role is set outside of a transaction's beginning"})
				}
			}
			return true
		})
	}
	return found
}

// named4 are our own ways to run a query: its text is the fourth argument.
func named4(call *ast.CallExpr) bool {
	return (selector(call.Fun) == "db.Hot" || selector(call.Fun) == "db.Named") && len(call.Args) > 3
}

func careless(c *code, call *ast.CallExpr) string {
	if named4(call) && !c.constant(call.Args[3]) {
		return "a named query of text that is not constant"
	}
	s, ok := call.Fun.(*ast.SelectorExpr)
	if !ok || len(call.Args) == 0 && s.Sel.Name != "WherePK" && s.Sel.Name != "Exec" {
		return ""
	}
	if selector(s) == "bun.Safe" && !c.constant(call.Args[0]) {
		return "bun.Safe of what may be a visitor's word"
	}
	if chain := methods(call); s.Sel.Name == "WherePK" && chain["NewUpdate"] && !chain["Set"] && !chain["Column"] && !chain["ExcludeColumn"] {
		return "an update of all columns: name them with Column before WherePK"
	}
	_, bun := c.imports()["github.com/uptrace/bun"]
	if x, ok := s.X.(*ast.Ident); ok && x.Obj == nil && slices.Contains(slices.Collect(maps.Values(c.imports())), x.Name) {
		return "" // strings.Join
	}
	if textual[s.Sel.Name] && (bun || storeName.MatchString(path.Base(c.path))) && !c.constant(call.Args[0]) {
		return s.Sel.Name + " of text that is not constant"
	}
	return ""
}

// constant reports whether a text can only be what the program's source says: literals, constants, what is joined of
// them, and variables that are only given such.
func (c *code) constant(e ast.Expr) bool { return c.constantBut(e, map[*ast.Object]bool{}) }

func (c *code) constantBut(e ast.Expr, looked map[*ast.Object]bool) bool {
	switch e := e.(type) {
	case *ast.BasicLit, *ast.FuncLit:
		return true
	case *ast.ParenExpr:
		return c.constantBut(e.X, looked)
	case *ast.BinaryExpr:
		return c.constantBut(e.X, looked) && c.constantBut(e.Y, looked)
	case *ast.CompositeLit:
		return !slices.ContainsFunc(e.Elts, func(element ast.Expr) bool { return !c.constantBut(element, looked) })
	case *ast.Ident:
		if e.Obj == nil || e.Obj.Kind == ast.Con || e.Name == "nil" || looked[e.Obj] { // of the package, from another file
			return true
		}
		looked[e.Obj] = true
		return e.Obj.Kind == ast.Var && c.givenConstants(e.Obj, looked)
	case *ast.CallExpr:
		switch selector(e.Fun) {
		case "strings.Join", "strings.TrimSuffix", "strings.TrimPrefix":
			return c.constantBut(e.Args[0], looked) && c.constantBut(e.Args[1], looked)
		case "strings.Repeat":
			return c.constantBut(e.Args[0], looked)
		}
		if _, own := e.Fun.(*ast.Ident); own { // append, or a function of ours that is only told constants
			return !slices.ContainsFunc(e.Args, func(a ast.Expr) bool { return !noText(a) && !c.constantBut(a, looked) })
		}
	}
	return false
}

// noText reports whether an argument is a parameter of ours that is no text, such as a viewer.
func noText(e ast.Expr) bool {
	id, ok := e.(*ast.Ident)
	if !ok || id.Obj == nil {
		return false
	}
	field, ok := id.Obj.Decl.(*ast.Field)
	if !ok {
		return false
	}
	_, plain := field.Type.(*ast.Ident) // string, or a type of ours that may be one
	return !plain
}

// givenConstants: every assignment to the variable in this file gives it constants.
func (c *code) givenConstants(v *ast.Object, looked map[*ast.Object]bool) bool {
	if _, parameter := v.Decl.(*ast.Field); parameter {
		return false
	}
	fine := true
	ast.Inspect(c.File, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			for i, left := range n.Lhs {
				if id, ok := left.(*ast.Ident); ok && id.Obj == v {
					fine = fine && i < len(n.Rhs) && c.constantBut(n.Rhs[i], looked)
				}
			}
		case *ast.ValueSpec:
			for i, id := range n.Names {
				if id.Obj == v && i < len(n.Values) {
					fine = fine && c.constantBut(n.Values[i], looked)
				}
			}
		case *ast.RangeStmt:
			if id, ok := n.Value.(*ast.Ident); ok && id.Obj == v {
				fine = fine && c.constantBut(n.X, looked)
			}
		}
		return true
	})
	return fine
}

func methods(call *ast.CallExpr) map[string]bool {
	names := map[string]bool{}
	var e ast.Expr = call
	for {
		c, ok := e.(*ast.CallExpr)
		if !ok {
			return names
		}
		s, ok := c.Fun.(*ast.SelectorExpr)
		if !ok {
			return names
		}
		names[s.Sel.Name] = true
		e = s.X
	}
}

var (
	sqlComment    = regexp.MustCompile(`--[^\n]*`)
	sqlString     = regexp.MustCompile(`'(?:[^']|'')*'`)
	goodMigration = regexp.MustCompile(`^\d{14}_[a-z0-9_]+\.tx\.up\.sql$`)
	changes       = regexp.MustCompile(`(?i)\b(create\s+(?:unlogged\s+)?table(?:\s+if\s+not\s+exists)?|alter\s+table(?:\s+if\s+exists)?(?:\s+only)?|drop\s+table(?:\s+if\s+exists)?|insert\s+into|update|delete\s+from|truncate(?:\s+table)?|comment\s+on\s+table|create\s+(?:unique\s+)?index\s+(?:if\s+not\s+exists\s+)?\w+\s+on)\s+([a-z_"][a-z0-9_."]*)`)
	referenced    = regexp.MustCompile(`(?i)\breferences\s+([a-z_"][a-z0-9_."]*)`)
	unfit         = regexp.MustCompile(`(?i)\b(create\s+(or\s+replace\s+)?(constraint\s+)?trigger|create\s+(or\s+replace\s+)?(materialized\s+)?view|create\s+(or\s+replace\s+)?rule|security\s+definer|gen_random_uuid|row\s+level\s+security|create\s+policy|\bserial\b|bigserial|grant\s|revoke\s|create\s+role|alter\s+role|set\s+search_path)`)
)

func homelyMigrations(h *house) []breach {
	var found []breach
	for _, pattern := range []string{"migrations/*.sql", "modules/*/migrations/*"} {
		names, _ := fs.Glob(h, pattern)
		for _, name := range names {
			text, err := fs.ReadFile(h, name)
			if err != nil {
				found = append(found, breach{name, err.Error()})
				continue
			}
			own := "public"
			if inside(name, "modules") {
				own = strings.Split(name, "/")[1]
			}
			for _, what := range strays(own, path.Base(name), string(text)) {
				found = append(found, breach{name, what})
			}
		}
	}
	return found
}

func strays(own, name, text string) (wrong []string) {
	if !goodMigration.MatchString(name) {
		wrong = append(wrong, "a migration is called <14 digits>_<name>.tx.up.sql")
	} else if own != "public" && name[:14] < "20261201090000" {
		wrong = append(wrong, "a module's tables come after the platform's: digits from 20261201090000")
	}
	text = sqlString.ReplaceAllString(sqlComment.ReplaceAllString(text, ""), "''")
	for _, m := range unfit.FindAllString(text, -1) {
		wrong = append(wrong, "it says "+strings.ToLower(m)+": the runner walls tables off, and Citus takes no triggers, rules or views")
	}
	for _, m := range changes.FindAllStringSubmatch(text, -1) {
		schema, _, in := strings.Cut(strings.ReplaceAll(m[2], `"`, ""), ".")
		if own != "public" && (!in || schema != own) && !strings.EqualFold(m[2], "set") {
			wrong = append(wrong, fmt.Sprintf("it changes %s, which is not its own: say %s.…", m[2], own))
		}
		if own == "public" && in && schema != "public" {
			wrong = append(wrong, "it changes "+m[2])
		}
	}
	for _, m := range referenced.FindAllStringSubmatch(text, -1) {
		if schema, _, in := strings.Cut(strings.ReplaceAll(m[1], `"`, ""), "."); in && schema != own && schema != "public" {
			wrong = append(wrong, "it references "+m[1])
		}
	}
	return wrong
}
