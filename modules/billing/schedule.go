package billing

import (
	"context"
	"strconv"
	"strings"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/activity"
	"portico/platform/auth"
	"portico/platform/fault"
	"portico/platform/job"
	"portico/platform/module"
	"portico/platform/money"
	"portico/platform/web"
)

type scheduleView struct {
	*web.Here
	Trail    []web.NavItem
	Project  party
	Contract contract
	Form     scheduleForm
	Rows     []scheduleRow
	Progress progress
	Symbol   string
	Whens    []choice
}

// scheduleRow is a draw of the form.
type scheduleRow struct {
	N    int // from 1, for people
	At   string
	Form drawForm
	Mark mark
	Href string
	Sum  string // what it comes to; "" when it cannot be read
}

const blankDraws = 2

func (office) jobOf(r *web.Request) (party, error) {
	return web.Find(r, "project", projectByID)
}

// schedule is the contract of a project and how it is drawn.
func (o office) schedule(r *web.Request) error {
	project, err := o.jobOf(r)
	if err != nil {
		return err
	}
	c, err := contractOf(r.Context(), r.Tx(), r.Viewer(), project)
	if err != nil {
		return err
	}
	draws, err := drawsOf(r.Context(), r.Tx(), r.Viewer(), project.ID)
	if err != nil {
		return err
	}
	form := scheduleForm{Tax: rateText(c.TaxRate), Retainage: rateText(c.RetainageRate), Shared: c.Shared, Version: c.Version}
	if c.Total > 0 {
		form.Amount = c.SumAmount().Plain()
	}
	for _, d := range draws {
		form.Draws = append(form.Draws, drawFormOf(d))
	}
	for range blankDraws {
		form.Draws = append(form.Draws, drawForm{})
	}
	return r.Show("billing/schedule", o.scheduling(r, project, c, form))
}

func (o office) scheduling(r *web.Request, project party, c contract, form scheduleForm) scheduleView {
	r.Title("Contract and draws of " + project.Name)
	view := scheduleView{
		Here: r.Here(), Project: project, Form: form, Symbol: money.Symbol(project.Currency, r.Here().Locale()),
		Whens: []choice{{"", "by hand"}, {"day", "by itself"}},
		Trail: []web.NavItem{
			{Title: "Billing", Href: r.Path("billing")}, {Title: project.ClientName, Href: r.Path("billing", "clients", project.ClientID)},
			{Title: project.Name, Href: r.Path("billing", "projects", project.ID)}, {Title: "Contract and draws"},
		},
	}
	c.Currency = project.Currency
	read, draws, _ := form.read(c, r.Here().Locale())
	inShares(read, draws)
	view.Contract, view.Progress = read, progressOf(read, draws)
	at, n := today(r.Firm(), r.Now()), 0
	for row, f := range form.Draws {
		one := scheduleRow{N: row + 1, At: strconv.Itoa(row), Form: f}
		if !f.blank() {
			one.Sum = r.Here().Money(draws[n].Amount())
			n++
		}
		if f.Fixed() {
			d := officeDraw(r, f.Kept, at)
			one.Mark, one.Href = d.Mark, d.Href
		}
		view.Rows = append(view.Rows, one)
	}
	return view
}

// typedSchedule reads the form. Draws that are kept come with what is kept of them.
func (o office) typedSchedule(r *web.Request, project party) (form scheduleForm, wrong error) {
	wrong = r.Bind(&form)
	kept, err := drawsOf(r.Context(), r.Tx(), r.Viewer(), project.ID)
	if err != nil {
		return form, err
	}
	byID := map[string]draw{}
	for _, d := range kept {
		byID[d.ID.String()] = d
	}
	titles := r.Values("draw_title")
	at := func(name string, n int) string {
		if list := r.Values(name); n < len(list) {
			return strings.TrimSpace(list[n])
		}
		return ""
	}
	for n := range min(len(titles), mostDraws+20) {
		f := drawForm{
			ID: at("draw_id", n), Title: oneLine(titles[n]), Share: at("draw_share", n), Amount: at("draw_amount", n),
			Milestone: oneLine(at("draw_milestone", n)), DueOn: at("draw_due", n), By: at("draw_by", n),
		}
		f.Kept = byID[f.ID]
		delete(byID, f.ID)
		form.Draws = append(form.Draws, f)
	}
	for _, d := range kept { // what is on an invoice stays, though a form that is old does not know it
		if _, missing := byID[d.ID.String()]; missing && !d.Open() {
			form.Draws = append(form.Draws, drawFormOf(d))
		}
	}
	return form, wrong
}

func (form *scheduleForm) arrange() bool {
	switch n, remove := strings.CutPrefix(form.Do, "remove-"); {
	case form.Do == "add":
		form.Draws = append(form.Draws, drawForm{})
	case form.Do == "count":
	case remove:
		if at, err := strconv.Atoi(n); err == nil && at >= 0 && at < len(form.Draws) && !form.Draws[at].Fixed() {
			form.Draws = append(form.Draws[:at:at], form.Draws[at+1:]...)
		}
	default:
		return false
	}
	return true
}

func (o office) saveSchedule(r *web.Request) error {
	project, err := o.jobOf(r)
	if err != nil {
		return err
	}
	was, err := contractOf(r.Context(), r.Tx(), r.Viewer(), project)
	if err != nil {
		return err
	}
	form, wrong := o.typedSchedule(r, project)
	if fault.Is(wrong, fault.Unintelligible) {
		return wrong
	}
	if form.arrange() {
		return r.Show("billing/schedule", o.scheduling(r, project, was, form))
	}
	start := was
	start.Currency = project.Currency
	c, draws, problems := form.read(start, r.Here().Locale())
	if wrong == nil {
		wrong = fault.InFields(problems)
	}
	if wrong == nil {
		wrong = saveSchedule(r.Context(), r.Tx(), r.Viewer(), c, draws)
	}
	if wrong != nil {
		if fault.Is(wrong, fault.Clash) {
			form.Version = was.Version
		}
		return r.Again("billing/schedule", o.scheduling(r, project, was, form), wrong)
	}
	err = activity.Record(r.Context(), r.Tx(), r.Viewer(), activity.Entry{
		Verb: "billing.schedule", Text: "changed the contract and draws of " + project.Name, ClientID: project.ClientID, ProjectID: project.ID,
		SubjectID: project.ID, Data: activity.Changes(was.facts(), c.facts()),
	})
	if err != nil {
		return err
	}
	r.Toast("Saved.")
	return r.Go(r.Path("billing", "projects", project.ID))
}

// facts are what the log keeps of it.
func (c contract) facts() map[string]any {
	return map[string]any{
		"contract": c.SumAmount().Plain(), "tax on draws": c.TaxRate.String(), "retainage": c.RetainageRate.String(), "shared": c.Shared,
	}
}

// draftDraw makes the invoice of a draw, for staff to look at.
func (o office) draftDraw(r *web.Request) error {
	project, err := o.jobOf(r)
	if err != nil {
		return err
	}
	if project, err = o.billable(r, project.ID.String()); err != nil {
		return err
	}
	draws, err := drawsOf(r.Context(), r.Tx(), r.Viewer(), project.ID)
	if err != nil {
		return err
	}
	for _, d := range draws {
		if d.ID.String() != r.Value("draw") {
			continue
		}
		if !d.Open() {
			r.Warn("There is an invoice for this draw already.")
			return r.Go(r.Path("billing", "invoices", d.AskedID))
		}
		c, err := contractOf(r.Context(), r.Tx(), r.Viewer(), project)
		if err != nil {
			return err
		}
		project.Currency = c.Currency
		invoice, err := draftDraw(r.Context(), r.Tx(), r.Viewer(), project, c, d)
		if err != nil {
			return err
		}
		i := Invoice{ID: invoice, ClientID: project.ClientID, ProjectID: project.ID}
		if err := record(r, i, "billing.drafted", "drafted the invoice “"+d.Title+"” from the schedule", nil); err != nil {
			return err
		}
		r.Toast("Saved as a draft. Only staff see it.")
		return r.Go(r.Path("billing", "invoices", invoice))
	}
	return fault.NotFound()
}

// drawer makes drafts of draws by the calendar.
type drawer struct{ module.Platform }

func (d drawer) handlers() []job.Handler {
	return []job.Handler{job.Every("20 5 * * *", "billing:draft_draws", d.draft)}
}

// draft makes the drafts of the draws that fall due within the firm's days to pay, each once: staff look at them,
// approve and release.
func (d drawer) draft(ctx context.Context, tx bun.Tx, firm uuid.UUID) error {
	loaded, err := auth.Load(ctx, tx, firm, nil, d.Now())
	if err != nil || loaded.Firm.Suspended {
		return err
	}
	v := auth.System(firm)
	s, err := settingOf(ctx, tx, v)
	if err != nil {
		return err
	}
	due, err := drawsDue(ctx, tx, v, today(loaded.Firm, d.Now()).Add(s.TermsDays))
	if err != nil {
		return err
	}
	for _, one := range due {
		project, err := projectByID(ctx, tx, v, one.ProjectID)
		if err != nil {
			return err
		}
		c, err := contractOf(ctx, tx, v, project)
		if err != nil {
			return err
		}
		project.Currency = c.Currency
		invoice, err := draftDraw(ctx, tx, v, project, c, one)
		if err != nil {
			return err
		}
		err = activity.Record(ctx, tx, v, activity.Entry{
			Verb: "billing.drafted", Text: "drafted the invoice “" + one.Title + "”, which the schedule has for " + dateText(one.DueOn),
			ClientID: project.ClientID, ProjectID: project.ID, SubjectID: invoice,
		})
		if err != nil {
			return err
		}
	}
	return nil
}
