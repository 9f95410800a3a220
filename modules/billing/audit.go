package billing

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/job"
	"portico/platform/module"
	"portico/platform/web"
)

// auditor asks every few minutes whether the books say what the invoices say.
type auditor struct{ module.Platform }

func (a auditor) handlers() []job.Handler {
	return []job.Handler{
		job.Every("*/5 * * * *", "billing:audit", a.lately),
		job.Every("10 3 * * *", "billing:audit_all", a.whole).Within(5 * time.Minute),
	}
}

// lately looks at the clients whose money moved; whole, once a night, at everybody.
func (a auditor) lately(ctx context.Context, tx bun.Tx, firm uuid.UUID) error {
	return a.audit(ctx, tx, firm, false)
}

func (a auditor) whole(ctx context.Context, tx bun.Tx, firm uuid.UUID) error {
	return a.audit(ctx, tx, firm, true)
}

// audit tells the operator of each promise that is broken. It mends nothing: what is wrong with money is for people.
func (a auditor) audit(ctx context.Context, tx bun.Tx, firm uuid.UUID, all bool) error {
	broken, err := invariants(ctx, tx, firm, all)
	if err != nil {
		return err
	}
	for _, b := range broken {
		a.Log.Error("the books do not agree", "firm", firm, "promise", b.Name, "rows", b.N)
	}
	if !all && len(broken) == 0 { // what the night found stays until a night finds it mended
		return nil
	}
	return noteAudit(ctx, tx, firm, broken)
}

// audited looks at everything of a firm, for `portico check money`.
func audited(ctx context.Context, tx bun.Tx, firm uuid.UUID) ([]string, error) {
	broken, err := invariants(ctx, tx, firm, true)
	var words []string
	for _, b := range broken {
		words = append(words, fmt.Sprintf("%s (%d)", b.Name, b.N))
	}
	return words, err
}

// breach is one promise of the books that does not hold.
type breach struct {
	Name string
	N    int
}

type troubleView struct {
	*web.Here
	Broken []breach
}

// troubleCard shows owners and admins what the last look found; it is not there as long as all is well.
func (office) troubleCard(r *web.Request) (web.Part, bool, error) {
	broken, err := lastAudit(r.Context(), r.Tx(), r.Viewer())
	if err != nil || len(broken) == 0 {
		return web.Part{}, false, err
	}
	return web.Draw("billing/_trouble_card", troubleView{r.Here(), broken}), true, nil
}
