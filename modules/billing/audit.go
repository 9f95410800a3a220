package billing

import (
	"context"
	"fmt"
	"maps"
	netmail "net/mail"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/access"
	"portico/platform/auth"
	"portico/platform/job"
	"portico/platform/mail"
	"portico/platform/module"
	"portico/platform/notice"
	"portico/platform/people"
	"portico/platform/post"
	"portico/platform/web"
)

// auditor asks every few minutes whether the books say what the invoices say.
type auditor struct{ module.Platform }

func (a auditor) handlers() []job.Handler {
	return []job.Handler{
		job.Every("*/5 * * * *", "billing:audit", a.lately),
		job.Every("10 3 * * *", "billing:audit_all", a.whole).Within(5 * time.Minute),
		alarmMail.Handle(a.mail),
	}
}

// lately looks at the clients whose money moved; whole, once a night, at everybody.
func (a auditor) lately(ctx context.Context, tx bun.Tx, firm uuid.UUID) error {
	return a.audit(ctx, tx, firm, false)
}

func (a auditor) whole(ctx context.Context, tx bun.Tx, firm uuid.UUID) error {
	return a.audit(ctx, tx, firm, true)
}

// audit tells the operator of each promise that is broken, and the owners once of each. It mends nothing: what is wrong
// with money is for people. What was found before is looked at in whole, until it is mended.
func (a auditor) audit(ctx context.Context, tx bun.Tx, firm uuid.UUID, all bool) error {
	before, err := lastAudit(ctx, tx, auth.System(firm))
	if err != nil {
		return err
	}
	known := map[string]bool{}
	for _, b := range before {
		known[b.Name] = true
	}
	lately, whole := promises(firm, all), promises(firm, true)
	for n := range lately {
		if known[lately[n].name] {
			lately[n] = whole[n]
		}
	}
	found, err := broken(ctx, tx, lately)
	if err != nil {
		return err
	}
	for _, b := range found {
		a.Log.Error("the books do not agree", "firm", firm, "promise", b.Name, "rows", b.N)
		delete(known, b.Name)
	}
	fresh, err := noteFindings(ctx, tx, firm, found, slices.Sorted(maps.Keys(known)))
	if err == nil {
		err = sound(ctx, tx, auth.System(firm))
	}
	if err != nil || !fresh {
		return err
	}
	return a.tellOwners(ctx, tx, firm)
}

// alarmed is an owner who is to be told that the books need a look.
type alarmed struct{ Person uuid.UUID }

var alarmMail = job.New[alarmed]("billing:alarm")

func (a auditor) tellOwners(ctx context.Context, tx bun.Tx, firm uuid.UUID) error {
	staff, err := people.ListStaff(ctx, tx, auth.System(firm))
	if err != nil {
		return err
	}
	var owners []alarmed
	for _, s := range staff {
		if s.Active() && s.Role.AtLeast(access.Owner) {
			owners = append(owners, alarmed{s.PersonID})
		}
	}
	return alarmMail.EnqueueEach(ctx, tx, firm, owners)
}

// mail tells one owner what was found; what is mended meanwhile is left out.
func (a auditor) mail(ctx context.Context, tx bun.Tx, firm uuid.UUID, to alarmed) error {
	v := auth.System(firm)
	s, err := people.FindStaff(ctx, tx, v, to.Person)
	if err != nil || !s.Active() || !s.Role.AtLeast(access.Owner) {
		return err
	}
	found, err := lastAudit(ctx, tx, v)
	if err != nil || len(found) == 0 {
		return err
	}
	loaded, err := auth.Load(ctx, tx, firm, nil, a.Now())
	if err != nil {
		return err
	}
	origin, err := a.Links.Origin(ctx, firm)
	if err != nil {
		return err
	}
	lines := []string{"Portico compares your invoices, payments and books every few minutes. This is not as it should be:"}
	for _, b := range found {
		lines = append(lines, "Not so that "+b.Name+" ("+strconv.Itoa(b.N)+").")
	}
	first, _, _ := strings.Cut(s.Name, " ")
	_, err = a.Notices.Deliver(ctx, tx, loaded.Firm, notice.Notice{Kind: alarmNotice, Path: "/office/billing/unsettled"}, post.Envelope{
		ID: job.Current(ctx).ID, Kind: alarmMail.Name(), PersonID: s.PersonID, To: netmail.Address{Name: s.Name, Address: s.Email},
	}, mail.Letter{
		Subject: "Payments of " + loaded.Firm.Name + " need a look", Greeting: "Hello " + first,
		Lines:  append(lines, "Nothing is changed by itself. Please look at it, or tell whoever runs your installation. You get this mail once for each thing that is found."),
		Button: mail.Button{Label: "Look at it", URL: origin + "/office/billing/unsettled"},
	})
	return err
}

// gauges are what an operator watches.
func (a auditor) gauges() []module.Gauge {
	return []module.Gauge{
		{Name: "portico_money_findings", Help: "Promises of the books that are broken, over all firms. Above 0: look at once.", Read: func(ctx context.Context) (float64, error) {
			n, err := countFindings(ctx, a.Ops)
			return float64(n), err
		}},
		{Name: "portico_payments_unsure", Help: "Online payments of which nobody knows the end, over all firms.", Read: func(ctx context.Context) (float64, error) {
			n, err := countUnsure(ctx, a.Ops)
			return float64(n), err
		}},
	}
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
