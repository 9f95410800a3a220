package portaltest

import (
	_ "embed"
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

//go:embed testdata/axe/axe.min.js
var axeSource string

type violation struct {
	ID, Impact, Help string
	Nodes            []struct {
		HTML, FailureSummary string
	}
}

// Axe looks at the page as it is with axe-core and fails for everything that keeps somebody out.
func (b *Tab) Axe(t testing.TB) *Tab {
	t.Helper()
	b.Quiet()
	var there bool
	if b.Eval(`typeof axe === "object"`, &there); !there {
		b.Eval(axeSource+"; true", nil)
	}
	var found []violation
	b.Run(
		chromedp.Evaluate(`axe.run(document, { resultTypes: ["violations"] }).then((r) => r.violations.map(
			(v) => ({ id: v.id, impact: v.impact, help: v.help, nodes: v.nodes.map((n) => ({ html: n.html, failureSummary: n.failureSummary })) })))`,
			&found, func(p *runtime.EvaluateParams) *runtime.EvaluateParams { return p.WithAwaitPromise(true) }),
	)
	for _, v := range found {
		var where strings.Builder
		for i, n := range v.Nodes {
			if i == 5 {
				fmt.Fprintf(&where, "\n  and %d more", len(v.Nodes)-i)
				break
			}
			fmt.Fprintf(&where, "\n  %s\n    %s", n.HTML, strings.ReplaceAll(n.FailureSummary, "\n", " "))
		}
		t.Errorf("axe at %s: %s (%s): %s%s", b.Path(), v.ID, v.Impact, v.Help, where.String())
	}
	return b
}
