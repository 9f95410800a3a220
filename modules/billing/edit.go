package billing

import (
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"portico/platform/activity"
	"portico/platform/fault"
	"portico/platform/money"
	"portico/platform/search"
	"portico/platform/web"
)

// pickView asks for the project first.
type pickView struct {
	*web.Here
	Trail  []web.NavItem
	Query  string
	Client uuid.UUID
	Found  []party
	What   string // "New invoice"
	Base   string // the address that takes the project
	Few    bool   // only those under way are listed
}

type editView struct {
	*web.Here
	Trail    []web.NavItem
	Project  party
	Invoice  Invoice // as it is kept; zero: a new one
	Form     draftForm
	Lines    []editLine
	Total    money.Amount // of what was typed so far, where it can be read
	Net, Tax money.Amount
	Retained money.Amount // of that
	Action   string
	Back     string
	TaxName  string
	Terms    int
	Fixed    bool   // the lines are not written by hand
	FirmSays string // of part payments
	Symbol   string
}

// editLine is a line of the form with its complaints.
type editLine struct {
	N    int // from 1, for people
	At   string
	Form lineForm
	Net  string // what it comes to; "" when it cannot be read
}

// IsNew reports whether the invoice is not kept yet.
func (v editView) IsNew() bool { return v.Invoice.ID == uuid.Nil }

func (o office) editing(r *web.Request, project party, i Invoice, form draftForm) (editView, error) {
	s, err := settingOf(r.Context(), r.Tx(), r.Viewer())
	view := editView{
		Here: r.Here(), Project: project, Invoice: i, TaxName: s.TaxName, Terms: s.TermsDays,
		FirmSays: s.firmSays(r.Here(), project.Currency), Symbol: money.Symbol(project.Currency, r.Here().Locale()),
		Trail: []web.NavItem{
			{Title: "Billing", Href: r.Path("billing")},
			{Title: project.ClientName, Href: r.Path("billing", "clients", project.ClientID)},
		},
		Action: r.Path("billing", "invoices"), Back: r.Path("billing", "projects", project.ID),
	}
	title := "New invoice"
	if !view.IsNew() {
		title, view.Action = i.Title, r.Path("billing", "invoices", i.ID)
		view.Back = view.Action
	}
	view.Trail = append(view.Trail, web.NavItem{Title: title})
	r.Title(title)
	if len(form.Lines) == 0 {
		form.Lines = append(form.Lines, blanks(blankLines, s)...)
	}
	view.Form = form
	currency, locale := project.Currency, r.Here().Locale()
	kept, _ := linesFrom(form.Lines, currency, locale)
	rate, _ := money.ParseShare(form.Retainage, locale)
	all, retained := keepBack(kept, rate)
	totals := sumOf(all)
	view.Net, view.Tax, view.Total = money.Of(totals.Net+retained, currency), money.Of(totals.Tax, currency), money.Of(totals.total(), currency)
	view.Retained, view.Fixed = money.Of(retained, currency), i.Kind.Fixed()
	n := 0
	for at, f := range form.Lines {
		line := editLine{N: at + 1, At: strconv.Itoa(at), Form: f}
		if !f.blank() {
			line.Net = money.Of(kept[n].Net, currency).Format(locale)
			n++
		}
		view.Lines = append(view.Lines, line)
	}
	return view, err
}

// blanks are lines to type into.
func blanks(n int, s Setting) []lineForm {
	blank := lineForm{Quantity: "1"}
	if s.TaxRate != 0 {
		blank.Tax = s.TaxRate.String()
	}
	return slices.Repeat([]lineForm{blank}, n)
}

// newInvoice asks for the project, unless the address names it.
func (o office) newInvoice(r *web.Request) error {
	if r.Query("project") == "" {
		return o.pickProject(r, "New invoice", r.Path("billing", "invoices", "new"))
	}
	project, err := o.billable(r, r.Query("project"))
	if err != nil {
		return err
	}
	c, err := contractOf(r.Context(), r.Tx(), r.Viewer(), project)
	if err != nil {
		return err
	}
	s, err := settingOf(r.Context(), r.Tx(), r.Viewer())
	if err != nil {
		return err
	}
	view, err := o.editing(r, project, Invoice{}, draftForm{Project: project.ID, Ways: usualWays(s), Retainage: rateText(c.RetainageRate)})
	if err != nil {
		return err
	}
	return r.Show("billing/edit", view)
}

func (office) billable(r *web.Request, text string) (party, error) {
	id, err := uuid.Parse(text)
	if err != nil {
		return party{}, fault.NotFound()
	}
	project, err := projectByID(r.Context(), r.Tx(), r.Viewer(), id)
	if err == nil && (project.Status == "archived" || project.Archived) {
		return project, fault.Conflict("This project is archived. Restore it before you bill it.")
	}
	return project, err
}

// pickProject asks for the project of what is written.
func (office) pickProject(r *web.Request, what, base string) error {
	r.Title(what)
	view := pickView{
		Here: r.Here(), Query: r.Query("q"), What: what, Base: base,
		Trail: []web.NavItem{{Title: "Billing", Href: r.Path("billing")}, {Title: what}},
	}
	if text := r.Query("client"); text != "" {
		id, err := uuid.Parse(text)
		if err != nil {
			return fault.NotFound()
		}
		client, err := clientByID(r.Context(), r.Tx(), r.Viewer(), id)
		if err != nil {
			return err
		}
		view.Client = client.ID
	}
	var err error
	view.Few = view.Query == "" && view.Client == uuid.Nil
	view.Found, err = projectChoices(r.Context(), r.Tx(), r.Viewer(), view.Client, search.Typed(view.Query))
	if err != nil {
		return err
	}
	return r.Show("billing/pick", view)
}

// typed reads the form with its lines. wrong is what is the matter with it.
func (o office) typed(r *web.Request, currency string) (form draftForm, lines []Line, wrong error) {
	wrong = r.Bind(&form)
	var ways error
	if !fault.Is(wrong, fault.Unintelligible) {
		ways = r.Bind(&form.Ways)
	}
	if wrong == nil {
		wrong = ways
	}
	if problem := form.Ways.read(currency, r.Here().Locale()); problem != "" && wrong == nil {
		wrong = fault.Field("min_payment", problem)
	}
	columns := map[string][]string{}
	for _, name := range []string{"line_text", "line_quantity", "line_price", "line_discount", "line_tax", "line_from"} {
		columns[name] = r.Values(name)
	}
	at := func(name string, n int) string {
		if n < len(columns[name]) {
			return strings.TrimSpace(columns[name][n])
		}
		return ""
	}
	for n := range min(len(columns["line_text"]), mostLines+20) {
		form.Lines = append(form.Lines, lineForm{
			oneLine(at("line_text", n)), at("line_quantity", n), at("line_price", n), at("line_discount", n), at("line_tax", n), at("line_from", n),
		})
	}
	lines, problems := linesFrom(form.Lines, currency, r.Here().Locale())
	var err error
	if form.Rate, err = money.ParseShare(form.Retainage, r.Here().Locale()); err != nil {
		problems["retainage"] = "Enter a percentage between 0 and 100."
	}
	if len(problems) == 0 {
		return form, lines, wrong
	}
	f, isFault := fault.Of(wrong)
	if wrong == nil {
		return form, lines, fault.InFields(problems)
	}
	if isFault && f.Fields != nil {
		for name, text := range problems {
			f.Fields[name] = text
		}
	}
	return form, lines, wrong
}

// arrange adds or removes a line, as a button asks; false: no button did.
func (form *draftForm) arrange(s Setting) bool {
	switch n, remove := strings.CutPrefix(form.Do, "remove-"); {
	case form.Do == "add":
		form.Lines = append(form.Lines, blanks(1, s)...)
	case form.Do == "count":
	case form.Do == "discount":
		for n := range form.Lines {
			if !form.Lines[n].blank() {
				form.Lines[n].Discount = form.OnAll
			}
		}
	case remove:
		if at, err := strconv.Atoi(n); err == nil && at >= 0 && at < len(form.Lines) {
			form.Lines = slices.Delete(form.Lines, at, at+1)
		}
	default:
		return false
	}
	return true
}

func (o office) addInvoice(r *web.Request) error {
	project, err := o.billable(r, r.Value("project"))
	if err != nil {
		return err
	}
	form, lines, wrong := o.typed(r, project.Currency)
	if stop, err := o.arranged(r, project, Invoice{}, form, wrong); stop || err != nil {
		return err
	}
	var invoice uuid.UUID
	if wrong == nil {
		invoice, wrong = addDraft(r.Context(), r.Tx(), r.Viewer(), project, form, known(nil, lines))
	}
	if wrong != nil {
		return o.again(r, project, Invoice{}, form, wrong)
	}
	i := Invoice{ID: invoice, ClientID: project.ClientID, ProjectID: project.ID, Title: form.Title}
	if err := record(r, i, "billing.drafted", "drafted the invoice “"+form.Title+"”", nil); err != nil {
		return err
	}
	r.Toast("Saved as a draft. Only staff see it.")
	return r.Go(r.Path("billing", "invoices", invoice))
}

// arranged answers a button that changes the form and keeps nothing.
func (o office) arranged(r *web.Request, project party, i Invoice, form draftForm, wrong error) (stop bool, err error) {
	if fault.Is(wrong, fault.Unintelligible) {
		return true, wrong
	}
	s, err := settingOf(r.Context(), r.Tx(), r.Viewer())
	if err != nil || !form.arrange(s) {
		return false, err
	}
	view, err := o.editing(r, project, i, form)
	if err != nil {
		return true, err
	}
	return true, r.Show("billing/edit", view)
}

func (o office) again(r *web.Request, project party, i Invoice, form draftForm, wrong error) error {
	if fault.Is(wrong, fault.Clash) {
		form.Version = i.Version
	}
	view, err := o.editing(r, project, i, form)
	if err != nil {
		return err
	}
	return r.Again("billing/edit", view, wrong)
}

func (o office) editInvoice(r *web.Request) error {
	i, err := o.load(r)
	if err != nil {
		return err
	}
	if !i.IsDraft() {
		return r.Go(r.Path("billing", "invoices", i.ID))
	}
	lines, err := linesOf(r.Context(), r.Tx(), r.Viewer(), i.ID)
	if err != nil {
		return err
	}
	form := draftForm{Project: i.ProjectID, Title: i.Title, DueOn: i.DueOn, Message: i.Message, Notes: i.Notes, Version: i.Version, Ways: waysNow(i), Retainage: rateText(i.RetainageRate)}
	for _, l := range byHand(lines) {
		form.Lines = append(form.Lines, formOf(l, i.Currency))
	}
	project, err := projectByID(r.Context(), r.Tx(), r.Viewer(), i.ProjectID)
	if err != nil {
		return err
	}
	project.Currency = i.Currency
	view, err := o.editing(r, project, i, form)
	if err != nil {
		return err
	}
	return r.Show("billing/edit", view)
}

func (o office) saveInvoice(r *web.Request) error {
	i, err := o.load(r)
	if err != nil {
		return err
	}
	project, err := projectByID(r.Context(), r.Tx(), r.Viewer(), i.ProjectID)
	if err != nil {
		return err
	}
	project.Currency = i.Currency
	form, lines, wrong := o.typed(r, i.Currency)
	if i.Kind.Fixed() {
		form.Rate = i.RetainageRate
	}
	if stop, err := o.arranged(r, project, i, form, wrong); stop || err != nil {
		return err
	}
	changed := false
	if wrong == nil {
		changed, wrong = saveDraft(r.Context(), r.Tx(), r.Viewer(), i, form, lines)
	}
	if wrong != nil {
		return o.again(r, project, i, form, wrong)
	}
	if !changed {
		r.Toast("Nothing was changed.")
		return r.Go(r.Path("billing", "invoices", i.ID))
	}
	changes := activity.Changes(
		map[string]any{"title": i.Title, "due": i.DueOn.String(), "total": i.Amount().Plain()},
		map[string]any{"title": form.Title, "due": form.DueOn.String(), "total": totalNow(i, form, lines).Plain()})
	if err := record(r, i, "billing.changed", "changed the draft invoice “"+form.Title+"”", changes); err != nil {
		return err
	}
	r.Toast("Saved.")
	return r.Go(r.Path("billing", "invoices", i.ID))
}

// totalNow is what a saved draft comes to.
func totalNow(i Invoice, form draftForm, lines []Line) money.Amount {
	if i.Kind.Fixed() {
		return i.Amount()
	}
	all, _ := keepBack(lines, form.Rate)
	return i.amount(sumOf(all).total())
}

// rateText is a rate as a field holds it; nothing stays empty.
func rateText(r money.Rate) string {
	if r == 0 {
		return ""
	}
	return r.String()
}
