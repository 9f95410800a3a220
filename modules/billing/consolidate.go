package billing

import (
	"github.com/google/uuid"

	"portico/platform/day"
	"portico/platform/fault"
	"portico/platform/money"
	"portico/platform/web"
)

// mergeForm is a consolidated invoice as staff put it together.
type mergeForm struct {
	Title   string  `form:"title"`
	DueOn   day.Day `form:"due_on"`
	Message string  `form:"message"`
}

// Check says what is wrong with it.
func (f *mergeForm) Check() fault.Fields {
	wrong := fault.Fields{}
	checkWords(wrong, &f.Title, f.Message)
	return wrong
}

type mergeView struct {
	*web.Here
	Trail    []web.NavItem
	Client   party
	Form     mergeForm
	Rows     []mergeRow
	From, To day.Day
	More     bool
}

type mergeRow struct {
	row
	Ticked bool
}

// newConsolidation offers a client's drafts, of any time or of a span of days.
func (o office) newConsolidation(r *web.Request) error {
	client, err := o.billed(r)
	if err != nil {
		return err
	}
	form := mergeForm{Title: "Work in " + today(r.Firm(), r.Now()).Midnight().Format("January 2006")}
	view, err := o.merging(r, client, form, nil)
	if err != nil {
		return err
	}
	return r.Show("billing/consolidate", view)
}

func (o office) merging(r *web.Request, client party, form mergeForm, ticked map[uuid.UUID]bool) (mergeView, error) {
	r.Title("One invoice for several projects")
	view := mergeView{
		Here: r.Here(), Client: client, Form: form,
		Trail: []web.NavItem{
			{Title: "Billing", Href: r.Path("billing")}, {Title: client.Name, Href: r.Path("billing", "clients", client.ID)},
			{Title: "One invoice for several projects"},
		},
	}
	view.From, _ = day.Parse(r.Query("from"))
	view.To, _ = day.Parse(r.Query("to"))
	list, err := mergeable(r.Context(), r.Tx(), r.Viewer(), client.ID, nil)
	if err != nil {
		return view, err
	}
	view.More = len(list) > mostMerged
	for _, one := range o.rows(r, list[:min(len(list), mostMerged)]) {
		made := day.Of(r.Here().Local(one.CreatedAt))
		if !view.From.IsZero() && made.Before(view.From) || !view.To.IsZero() && made.After(view.To) {
			continue
		}
		view.Rows = append(view.Rows, mergeRow{one, ticked == nil || ticked[one.ID]})
	}
	return view, nil
}

// addConsolidation makes one draft of the ticked ones, as they were seen.
func (o office) addConsolidation(r *web.Request) error {
	ctx, tx, v := r.Context(), r.Tx(), r.Viewer()
	client, err := o.billed(r)
	if err != nil {
		return err
	}
	var form mergeForm
	wrong := r.Bind(&form)
	if fault.Is(wrong, fault.Unintelligible) {
		return wrong
	}
	ticks, err := ticksOf(r.Values("id"))
	if err != nil || len(ticks) > mostMerged {
		return fault.BadRequest("Those invoices could not be read.")
	}
	var whole uuid.UUID
	if wrong == nil {
		whole, wrong = o.merged(r, client, form, ticks)
	}
	if wrong != nil {
		ticked := map[uuid.UUID]bool{}
		for _, t := range ticks {
			ticked[t.ID] = true
		}
		view, err := o.merging(r, client, form, ticked)
		if err != nil {
			return err
		}
		return r.Again("billing/consolidate", view, wrong)
	}
	i, err := invoiceByID(ctx, tx, v, whole)
	if err != nil {
		return err
	}
	text := "made one draft of " + counted(len(ticks), false, "invoice", "invoices") + ", “" + i.Title + "” over " + r.Here().Money(i.Amount())
	if err := record(r, Invoice{ID: i.ID, ClientID: i.ClientID}, "billing.consolidated", text, nil); err != nil {
		return err
	}
	r.Toast("One draft now asks for all of it. Only staff see it.")
	return r.Go(r.Path("billing", "invoices", whole))
}

func (office) merged(r *web.Request, client party, form mergeForm, ticks []tick) (uuid.UUID, error) {
	ctx, tx, v := r.Context(), r.Tx(), r.Viewer()
	if len(ticks) < 2 {
		return uuid.Nil, fault.Conflict("Tick two or more: one draft is an invoice already.")
	}
	ids, seen := []uuid.UUID{}, map[uuid.UUID]int{}
	for _, t := range ticks {
		ids, seen[t.ID] = append(ids, t.ID), t.Version
	}
	list, err := mergeable(ctx, tx, v, client.ID, ids)
	if err != nil {
		return uuid.Nil, err
	}
	if len(list) != len(ticks) {
		return uuid.Nil, fault.Conflict("Some of these have changed meanwhile. Please look again.")
	}
	total := money.Of(0, list[0].Currency)
	for _, i := range list {
		if seen[i.ID] != i.Version {
			return uuid.Nil, fault.Conflict("“" + i.Title + "” has changed meanwhile. Please look again.")
		}
		if i.Currency != list[0].Currency {
			return uuid.Nil, fault.Conflict("One invoice is in one currency: these are in " + list[0].Currency + " and " + i.Currency + ".")
		}
		total = total.Add(i.Amount())
	}
	if total.Minor > money.Most {
		return uuid.Nil, fault.Conflict("Together they come to more than an invoice can hold.")
	}
	return consolidate(ctx, tx, v, draftForm{Title: form.Title, DueOn: form.DueOn, Message: form.Message}, list)
}

// wholesOf are the consolidated invoices with a part of a project, and what of each is the project's.
func (office) wholesOf(r *web.Request, project party, at day.Day) ([]wholeRow, error) {
	list, err := consolidatedOf(r.Context(), r.Tx(), r.Viewer(), project.ID)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	ids := make([]uuid.UUID, len(list))
	for n, i := range list {
		ids[n] = i.ID
	}
	parts, err := sectionsOf(r.Context(), r.Tx(), r.Viewer(), ids...)
	if err != nil {
		return nil, err
	}
	var rows []wholeRow
	for _, i := range list {
		row := wholeRow{Invoice: i, Mark: markOf(i, at, r.Viewer().Side), Href: r.Path("billing", "invoices", i.ID), Part: i.amount(0), Done: i.amount(0)}
		for _, p := range paidParts(i, parts) {
			if p.ProjectID == project.ID {
				row.Part, row.Done = row.Part.Add(p.Amount), row.Done.Add(p.Paid)
			}
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// partPaid is a part of a consolidated invoice with its share of what was paid.
type partPaid struct {
	section
	Amount, Paid money.Amount
	Href         string
}

// paidParts gives each part its exact share of what was paid on the whole: a function of that sum, and of nothing else.
func paidParts(i Invoice, parts []section) []partPaid {
	var own []section
	var totals []int64
	for _, p := range parts {
		if p.InvoiceID == i.ID {
			own, totals = append(own, p), append(totals, p.Total)
		}
	}
	shares := sharesOf(i.Paid, totals)
	list := make([]partPaid, len(own))
	for n, p := range own {
		list[n] = partPaid{section: p, Amount: i.amount(p.Total), Paid: i.amount(shares[n])}
	}
	return list
}
