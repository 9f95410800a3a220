package modules_test

import (
	"go/ast"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"portico/platform/module"
)

func noticeRules() []rule {
	return []rule{
		{name: "people are told by notices", check: pastTheNotices, excused: map[string]string{
			"platform/notice":                "the desk itself",
			"platform/door":                  "links, codes and what guards an account are nobody's news",
			"modules/profile/mail.go":        "how one signs in, and a change of address",
			"modules/setup/jobs.go":          "an invitation",
			"modules/setup/mailtexts_job.go": "a test that somebody has asked for",
			"modules/setup/domain_jobs.go":   "what guards the firm's own address",
			"modules/transfer/archive.go":    "an answer to who has asked for the archive",
			"modules/envelopes/sign_mail.go": "a code",
		}, bites: map[string]fstest.MapFS{
			"a mail past the choice of its reader": file("modules/billing/mail.go", "package billing\nfunc (m mailer) f() { m.Post.Send(ctx, tx, firm, e, l) }"),
			"by way of a variable":                 file("modules/billing/mail.go", "package billing\nfunc f(p module.Platform) { p.Post.Send(ctx, tx, firm, e, l) }"),
		}},
	}
}

// pastTheNotices finds mails that are sent without asking how their reader wants to hear of it.
func pastTheNotices(h *house) (found []breach) {
	for _, c := range h.code {
		if c.test || !inside(c.path, "modules", "platform") {
			continue
		}
		ast.Inspect(c.File, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			send, ok := call.Fun.(*ast.SelectorExpr)
			if !ok || send.Sel.Name != "Send" {
				return true
			}
			if box, ok := send.X.(*ast.SelectorExpr); ok && box.Sel.Name == "Post" {
				found = append(found, breach{c.at(call), "a mail past the notices: hand it to Notices.Deliver"})
			}
			return true
		})
	}
	return found
}

// Every kind of notice that is written down anywhere stands in the manifest of its section, so that people can choose.
func TestEveryKindOfNoticeIsDeclared(t *testing.T) {
	var declared []string
	for _, m := range module.All() {
		for _, k := range m.Notices {
			declared = append(declared, k.ID)
		}
	}
	if len(declared) < 15 {
		t.Errorf("only %d kinds are declared", len(declared))
	}
	var written []string
	for _, c := range read(t, os.DirFS("..")).code {
		if c.test || !inside(c.path, "modules") {
			continue
		}
		ast.Inspect(c.File, func(n ast.Node) bool {
			kind, ok := n.(*ast.CompositeLit)
			if !ok {
				return true
			}
			if of, ok := kind.Type.(*ast.SelectorExpr); !ok || of.Sel.Name != "Kind" || !isIdent(of.X, "notice") {
				return true
			}
			for _, e := range kind.Elts {
				if pair, ok := e.(*ast.KeyValueExpr); ok && isIdent(pair.Key, "ID") {
					id := strings.Trim(pair.Value.(*ast.BasicLit).Value, `"`)
					if written = append(written, id); !slices.Contains(declared, id) {
						t.Errorf("%s: %s stands in no manifest", c.at(kind), id)
					}
				}
			}
			return true
		})
	}
	if len(written) != len(declared) {
		t.Errorf("%d kinds are written, %d declared", len(written), len(declared))
	}
}

func isIdent(e ast.Expr, name string) bool {
	i, ok := e.(*ast.Ident)
	return ok && i.Name == name
}
