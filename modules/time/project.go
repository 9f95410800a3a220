package time

import (
	"github.com/google/uuid"

	"portico/platform/activity"
	"portico/platform/day"
	"portico/platform/fault"
	"portico/platform/money"
	"portico/platform/sight"
	"portico/platform/view"
	"portico/platform/web"
)

// projectView is a project's Time tab in the office.
type projectView struct {
	*web.Here
	Trail     []web.NavItem
	Tabs      []web.NavItem
	Work      work
	Stand     stand
	Seen      seenView
	Budget    budgetView
	Terms     Terms
	TermsForm termsForm
	People    []choice
	Rates     []Rate
	RateForm  rateForm
	Remarks   []remarkRow
	Remark    remarkForm
	Rows      []entryRow
	Spent     []expenseRow
	Rules     bool
	Symbol    string
	Billing   string // where billing shows what waits; "" in a house without it
	Wrong     string // the form that was refused
	Today     day.Day
}

type remarkRow struct {
	Remark
	Href string
	Mine bool
}

// stand is how far the work of a project has come, in figures for staff.
type stand struct {
	Draft, Submitted, Approved, Handed, Invoiced, Finalised, Free int // minutes
	Worth                                                         int64
	Unpriced                                                      int // approved minutes without a rate
	SpentOpen                                                     int64
	SpentCount                                                    int
	Currency                                                      string
}

// Clock writes minutes.
func (stand) Clock(minutes int) string { return clock(minutes) }

// ToBill is what waits to be handed over, as money.
func (s stand) ToBill() money.Amount { return money.Of(s.Worth+s.SpentOpen, s.Currency) }

// Waits reports whether anything can be handed over.
func (s stand) Waits() bool { return s.Approved > 0 || s.SpentCount > 0 }

// Written is what nobody has approved yet.
func (s stand) Written() int { return s.Draft + s.Submitted }

// Out is all that stands on invoices.
func (s stand) Out() int { return s.Invoiced + s.Finalised }

func (o office) project(r *web.Request) error {
	w, err := o.loadWork(r)
	if err != nil {
		return err
	}
	view, err := o.projectView(r, w)
	if err != nil {
		return err
	}
	return r.Show("time/project", view)
}

func (office) loadWork(r *web.Request) (work, error) {
	id, err := r.ID("project")
	if err != nil {
		return work{}, err
	}
	return workByID(r.Context(), r.Tx(), r.Viewer(), id)
}

const shownOfProject = 12

func (o office) projectView(r *web.Request, w work) (projectView, error) {
	ctx, tx, v := r.Context(), r.Tx(), r.Viewer()
	r.Title("Time of " + w.Name)
	view := projectView{
		Here: r.Here(), Work: w, Rules: v.May(rule), Symbol: money.Symbol(w.Currency, r.Here().Locale()), Today: today(r),
		Trail: []web.NavItem{
			{Title: "Clients", Href: r.Path("clients")}, {Title: w.Client, Href: r.Path("clients", w.ClientID)},
			{Title: w.Name, Href: r.Path("clients", "projects", w.ID)}, {Title: "Time"},
		},
		Remark: remarkForm{OnDay: today(r)},
	}
	for _, tab := range o.Catalog().Tabs("project", v) {
		view.Tabs = append(view.Tabs, web.NavItem{Title: tab.Title, Href: tab.Path(w.ID.String()), Current: tab.ID == "time:project"})
	}
	if o.bills() {
		view.Billing = r.Path("billing", "projects", w.ID)
	}
	var err error
	if view.Terms, err = termsOf(ctx, tx, v, w.ID); err != nil {
		return view, err
	}
	view.TermsForm = termsForm{Agreed: view.Terms.Agreed(), Lead: view.Terms.LeadID, Version: view.Terms.Version}
	if view.Stand, err = standOf(ctx, tx, v, w); err != nil {
		return view, err
	}
	c, err := sight.Load(ctx, tx, v, w.ClientID)
	if err != nil {
		return view, err
	}
	view.Seen = o.seenOf(r, c, w.ID)
	if view.Budget, err = budgetOf(r, w.ID); err != nil {
		return view, err
	}
	list, err := listRemarks(ctx, tx, v, w.ID)
	if err != nil {
		return view, err
	}
	for _, n := range list {
		view.Remarks = append(view.Remarks, remarkRow{n, r.Path("time", "notes", n.ID), n.PersonID == v.PersonID || view.Rules})
	}
	if err := o.fillWork(r, &view); err != nil || !view.Rules {
		return view, err
	}
	people, err := colleagues(ctx, tx, v)
	if err != nil {
		return view, err
	}
	view.People = withChoice(colleagueChoices(people), view.Terms.LeadID, view.Terms.Lead)
	view.Rates, err = listRates(ctx, tx, v, w.ID)
	return view, err
}

// fillWork has the latest entries and expenses of a project.
func (o office) fillWork(r *web.Request, view *projectView) error {
	f := filter{Project: view.Work.ID, Sort: "-day"}
	rows, err := latest[Entry](r.Context(), r.Tx(), r.Viewer(), ofTime, f, shownOfProject)
	if err != nil {
		return err
	}
	for _, e := range rows {
		view.Rows = append(view.Rows, entryRowOf(r, e))
	}
	spent, err := latest[Expense](r.Context(), r.Tx(), r.Viewer(), ofExpense, f, shownOfProject)
	if err != nil {
		return err
	}
	for _, e := range spent {
		view.Spent = append(view.Spent, expenseRow{e, markOf(e.State, e.Handed(), e.Billable), r.Path("time", "expenses", e.ID)})
	}
	return nil
}

// refused shows the page again with a form as it was typed.
func (o office) refused(r *web.Request, w work, form string, err error, put func(*projectView)) error {
	view, drawn := o.projectView(r, w)
	if drawn != nil {
		return drawn
	}
	view.Wrong = form
	put(&view)
	return r.Again("time/project", view, err)
}

// termsForm is what was agreed, as it was typed.
type termsForm struct {
	Agreed  string    `form:"agreed"`
	Lead    uuid.UUID `form:"lead"`
	Version int       `form:"version"`
}

// LeadID is the chosen lead; "" for nobody.
func (f termsForm) LeadID() string { return idText(f.Lead) }

func (f termsForm) minutes() (int, error) {
	minutes, err := lengthIn(lower(f.Agreed))
	switch {
	case f.Agreed == "":
		return 0, nil
	case err != nil:
		return 0, fault.Field("agreed", "Enter hours, such as 120 or 7:30.")
	case minutes < 1 || minutes > 60_000_000:
		return 0, fault.Field("agreed", "Enter more than nothing, and less than a million hours.")
	}
	return minutes, nil
}

func (o office) saveTerms(r *web.Request) error {
	ctx, tx, v := r.Context(), r.Tx(), r.Viewer()
	w, err := o.loadWork(r)
	if err != nil {
		return err
	}
	was, err := termsOf(ctx, tx, v, w.ID)
	if err != nil {
		return err
	}
	var form termsForm
	err = r.Bind(&form)
	is := Terms{ProjectID: w.ID, ClientID: w.ClientID, LeadID: form.Lead, Version: form.Version}
	if err == nil {
		is.AgreedMinutes, err = form.minutes()
	}
	if err == nil && form.Lead != uuid.Nil && form.Lead != was.LeadID {
		people, wrong := colleagues(ctx, tx, v)
		if wrong != nil {
			return wrong
		}
		if !isAmong(people, form.Lead) {
			err = fault.Field("lead", "Choose somebody from the list.")
		}
	}
	if err == nil {
		err = saveTerms(ctx, tx, v, is)
	}
	if err != nil {
		if fault.Is(err, fault.Clash) {
			form.Version = was.Version
		}
		return o.refused(r, w, "terms", err, func(view *projectView) { view.TermsForm = form })
	}
	changes := activity.Changes(map[string]any{"agreed hours": was.Agreed(), "lead": idText(was.LeadID)}, map[string]any{"agreed hours": is.Agreed(), "lead": idText(is.LeadID)})
	if changes != nil {
		if err := record(r, w.ClientID, w.ID, w.ID, "time.agreed", "changed the hours agreed or the lead of "+w.Name, changes); err != nil {
			return err
		}
	}
	r.Toast("Saved.")
	return r.Go(r.Path("time", "projects", w.ID))
}

func isAmong(people []colleague, id uuid.UUID) bool {
	for _, c := range people {
		if c.ID == id {
			return true
		}
	}
	return false
}

// handOverProject tells billing of all that was approved in a project.
func (o office) handOverProject(r *web.Request) error {
	ctx, tx, v := r.Context(), r.Tx(), r.Viewer()
	w, err := o.loadWork(r)
	if err != nil {
		return err
	}
	s, err := settingOf(ctx, tx, v)
	if err != nil {
		return err
	}
	ids, err := toBill(ctx, tx, v, w.ID)
	if err != nil {
		return err
	}
	spent, err := expensesToBill(ctx, tx, v, w.ID)
	if err != nil {
		return err
	}
	b := bill{bus: o.Bus, setting: s}
	if err := b.time(ctx, tx, v, ids); err != nil {
		return err
	}
	if err := b.expenses(ctx, tx, v, spent); err != nil {
		return err
	}
	if err := o.handed(r, &b, w.ClientID, w.ID); err != nil {
		return err
	}
	if len(ids) == mostAtOnce || len(spent) == mostAtOnce {
		r.Warn("There may be more than one press hands over: look at what is still to be billed, and press again.")
	}
	return r.Go(r.Path("time", "projects", w.ID))
}

// lockProject finalises all that is settled in a project, up to a day.
func (o office) lockProject(r *web.Request) error {
	ctx, tx, v := r.Context(), r.Tx(), r.Viewer()
	w, err := o.loadWork(r)
	if err != nil {
		return err
	}
	f := filter{To: dayIn(r.Value("to"))}
	if f.To.IsZero() {
		f.To = today(r)
	}
	ids, spent, err := toFinalise(ctx, tx, v, w.ID, f)
	if err != nil {
		return err
	}
	n, err := finaliseAll(ctx, tx, v, ofTime, ids)
	if err != nil {
		return err
	}
	m, err := finaliseAll(ctx, tx, v, ofExpense, spent)
	if err != nil {
		return err
	}
	if n+m == 0 {
		r.Warn("Up to then, nothing is invoiced and open. Only what was invoiced, or is never billed, can be finalised.")
		return r.Go(r.Path("time", "projects", w.ID))
	}
	text := counted(n, "entry", "entries") + " and " + counted(m, "expense", "expenses")
	err = record(r, w.ClientID, w.ID, w.ID, "time.finalised", "finalised "+text+" of "+w.Name+" up to "+view.Day(f.To), map[string]any{
		"before": map[string]any{"state": Invoiced}, "after": map[string]any{"state": Finalised},
	})
	if err != nil {
		return err
	}
	r.Toast("Finalised: " + text + ". Nobody can change them any more.")
	if len(ids) == 10*mostAtOnce || len(spent) == 10*mostAtOnce {
		r.Warn("There may be more than one press finalises: press again.")
	}
	return r.Go(r.Path("time", "projects", w.ID))
}
