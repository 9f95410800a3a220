package billing

import (
	"html/template"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"portico/platform/activity"
	"portico/platform/auth"
	"portico/platform/day"
	"portico/platform/module"
	"portico/platform/money"
	"portico/platform/web"
)

// office are the pages of staff.
type office struct{ module.Platform }

// row is an invoice in a list.
type row struct {
	Invoice
	Mark    mark
	Href    string
	Changed bool // was ticked to be released, and changed meanwhile
}

// Tick is what the row's box sends: what was seen.
func (r row) Tick() string { return tick{r.ID, r.Version}.String() }

func (office) rows(r *web.Request, list []Invoice) []row {
	at := today(r.Firm(), r.Now())
	rows := make([]row, len(list))
	for n, i := range list {
		rows[n] = row{Invoice: i, Mark: markOf(i, at, auth.Office), Href: r.Path("billing", "invoices", i.ID)}
	}
	return rows
}

// tabs are the halves of the section.
func (office) tabs(r *web.Request, current string) []web.NavItem {
	items := []web.NavItem{
		{Title: "Invoices", Href: r.Path("billing"), Current: current == "invoices"},
		{Title: "Payments", Href: r.Path("billing", "payments"), Current: current == "payments"},
		{Title: "Recurring", Href: r.Path("billing", "recurring"), Current: current == "recurring"},
		{Title: "Reports", Href: r.Path("billing", "reports"), Current: current == "reports"},
	}
	if r.Viewer().May(settle) {
		items = append(items, web.NavItem{Title: "Unsettled", Href: r.Path("billing", "unsettled"), Current: current == "unsettled"})
		items = append(items, web.NavItem{Title: "Online payments", Href: r.Path("billing", "online"), Current: current == "online"})
		items = append(items, web.NavItem{Title: "Reminders", Href: r.Path("billing", "reminders"), Current: current == "reminders"})
		items = append(items, web.NavItem{Title: "Settings", Href: r.Path("billing", "settings"), Current: current == "settings"})
	}
	return items
}

type choice struct{ Value, Title string }

type listView struct {
	*web.Here
	Filter  filter
	States  []choice
	Chips   []web.NavItem // the client and project it is narrowed to
	Rows    []row
	Page    page
	Settles bool
	Bulk    bulk // what can be done with many of the list
	Drawn   listDrawn
}

// listDrawn are the parts of the list that no template draws: it is among the busiest pages.
type listDrawn struct{ Tabs, State, ByMade, ByDue, ByAmount, Rows template.HTML }

func (v listView) drawn(r *web.Request, tabs []web.NavItem) listDrawn {
	head := func(column, title, class string) template.HTML {
		return v.Sorts(v.Filter.Sort, column, title, class, column == "due").Draw(r.Markup())
	}
	return listDrawn{
		Tabs:   web.DrawTabs(r.Markup(), "Billing", tabs),
		State:  web.DrawPick(r.Markup(), "state", "State", v.Filter.State, v.States),
		ByMade: head("made", "Invoice", ""), ByDue: head("due", "Due", ""), ByAmount: head("amount", "Amount", "money"),
		Rows: rows{v.Here, v.Rows, v.Bulk.Action, true}.draw(r.Markup()),
	}
}

// Prev and Next are the neighbouring pages, Counted how many there are.
func (v listView) Prev() string    { return v.Turned(v.Page.Turns).Prev }
func (v listView) Next() string    { return v.Turned(v.Page.Turns).Next }
func (v listView) Narrowed() bool  { return v.Filter.narrowed() }
func (v listView) Counted() string { return counted(v.Page.Count, v.Page.More, "invoice", "invoices") }

// ClientID and ProjectID keep what a list is narrowed to; "" when it is not.
func (v listView) ClientID() string  { return idText(v.Filter.Client) }
func (v listView) ProjectID() string { return idText(v.Filter.Project) }

func idText(id uuid.UUID) string {
	if id == uuid.Nil {
		return ""
	}
	return id.String()
}

func counted(n int, more bool, one, many string) string {
	switch {
	case more:
		return "More than 1,000 " + many
	case n == 1:
		return "1 " + one
	}
	return grouped(n) + " " + many
}

// grouped writes a number of things that were counted no further than few.
func grouped(n int) string {
	if n == few {
		return "1,000"
	}
	return strconv.Itoa(n)
}

// invoices is the list of all, and of one client or project when the address names it.
func (o office) invoices(r *web.Request) error {
	r.Title("Billing")
	f := filterOf(r, today(r.Firm(), r.Now()))
	view := listView{Here: r.Here(), Filter: f, Settles: r.Viewer().May(settle)}
	for _, s := range stateFilters {
		view.States = append(view.States, choice{s.Value, s.Title})
	}
	if f.Client != uuid.Nil {
		c, err := clientByID(r.Context(), r.Tx(), r.Viewer(), f.Client)
		if err != nil {
			return err
		}
		view.Chips = append(view.Chips, web.NavItem{Title: c.Name, Href: r.Here().With("client", "")})
	}
	if f.Project != uuid.Nil {
		p, err := projectByID(r.Context(), r.Tx(), r.Viewer(), f.Project)
		if err != nil {
			return err
		}
		view.Chips = append(view.Chips, web.NavItem{Title: p.Name, Href: r.Here().With("project", "")})
	}
	var err error
	if view.Page, err = pick(r.Context(), r.Tx(), r.Viewer(), f, r.Place().If(sortedBy(f.Sort))); err != nil {
		return err
	}
	list, err := listed(r.Context(), r.Tx(), r.Viewer(), view.Page.IDs)
	if err != nil {
		return err
	}
	view.Rows = o.rows(r, list)
	for n := range view.Rows {
		view.Rows[n].Changed = strings.Contains(r.Query("changed"), view.Rows[n].ID.String())
	}
	if view.Settles && len(list) > 0 {
		view.Bulk = bulkOf(r, f, view.Page)
	}
	view.Drawn = view.drawn(r, o.tabs(r, "invoices"))
	return r.Show("billing/index", view)
}

// record notes what happened to an invoice, for staff: a client's news ask for no right to see invoices.
func record(r *web.Request, i Invoice, verb, text string, data map[string]any) error {
	return activity.Record(r.Context(), r.Tx(), r.Viewer(), activity.Entry{
		Verb: verb, Text: text, ClientID: i.ClientID, ProjectID: i.ProjectID, SubjectID: i.ID, Data: data,
	})
}

type invoiceView struct {
	*web.Here
	Trail       []web.NavItem
	Invoice     Invoice
	Mark        mark
	Sheet       sheetView
	Allocations []Allocation
	History     []happening
	Settles     bool
	MayApprove  bool // not kept from it by the second person's rule
	DueNote     string
	Unapplied   money.Amount // the client's, in this currency
	More        instrumentView
	Paying      payingSide
	Late        lateness
	Talk        string // where a conversation about it begins
}

// happening is one line of an invoice's history.
type happening struct {
	Text string
	At   string
	Icon string
	Kind string
	on   day.Day
}

func (office) load(r *web.Request) (Invoice, error) {
	return web.Find(r, "invoice", invoiceByID)
}

func (o office) invoice(r *web.Request) error {
	i, err := o.load(r)
	if err != nil {
		return err
	}
	view, err := o.invoiceView(r, i)
	if err != nil {
		return err
	}
	view.Talk = o.Catalog().Talk(r.Viewer(), "billing", i.ID)
	return r.Show("billing/invoice", view)
}

func (o office) invoiceView(r *web.Request, i Invoice) (invoiceView, error) {
	r.Title(i.Name() + ": " + i.Title)
	at := today(r.Firm(), r.Now())
	view := invoiceView{
		Here: r.Here(), Invoice: i, Mark: markOf(i, at, auth.Office), Settles: r.Viewer().May(settle),
		Trail: []web.NavItem{
			{Title: "Billing", Href: r.Path("billing")},
			{Title: i.ClientName, Href: r.Path("billing", "clients", i.ClientID)},
			{Title: i.Name()},
		},
	}
	s, err := settingOf(r.Context(), r.Tx(), r.Viewer())
	if err != nil {
		return view, err
	}
	view.MayApprove = view.Settles && !(s.SecondPerson && i.wroteBy(r.Viewer().PersonID))
	view.DueNote = dueNote(i, s, at)
	if view.Allocations, err = allocationsOfInvoice(r.Context(), r.Tx(), r.Viewer(), i.ID); err != nil {
		return view, err
	}
	if view.Sheet, err = sheetOf(r, r.Here(), i, s); err != nil {
		return view, err
	}
	letters, err := lettersOf(r.Context(), r.Tx(), r.Viewer(), i.ID)
	if err != nil {
		return view, err
	}
	if view.Paying, err = o.payingSide(r, i); err != nil {
		return view, err
	}
	if view.Late, err = latenessOf(r, i); err != nil {
		return view, err
	}
	view.History = withFees(r.Here(), withLetters(r.Here(), historyOf(r.Here(), i, view.Allocations), letters), view.Late.Fees)
	if view.More, err = instrumentOf(r, i); err != nil {
		return view, err
	}
	sums, err := balances(r.Context(), r.Tx(), r.Viewer(), i.ClientID, uuid.Nil)
	for _, b := range sums {
		if b.Currency == i.Currency {
			view.Unapplied = money.Of(b.Unapplied, b.Currency)
		}
	}
	return view, err
}

// dueNote says when an invoice will be due that has not been released.
func dueNote(i Invoice, s Setting, at day.Day) string {
	switch {
	case !i.IssuedOn.IsZero():
		return ""
	case i.DueOn.IsZero() && s.TermsDays == 0:
		return "on the day of its release"
	case i.DueOn.IsZero():
		return counted(s.TermsDays, false, "day", "days") + " after its release"
	case i.DueOn.Before(at):
		return "that day is over: it will be due on the day of its release"
	}
	return ""
}

type reasonView struct {
	*web.Here
	Trail                []web.NavItem
	Title, Text, Confirm string
	Action, Back         string
	Form                 reasonForm
}

func (o office) deleteInvoice(r *web.Request) error {
	i, err := o.load(r)
	if err != nil {
		return err
	}
	var form seenForm
	if err := r.Bind(&form); err != nil || form.Version != i.Version {
		return o.refused(r, errMoved)
	}
	if err := deleteDraft(r.Context(), r.Tx(), r.Viewer(), i); err != nil {
		return err
	}
	if err := record(r, i, "billing.deleted", "deleted the draft invoice “"+i.Title+"”", nil); err != nil {
		return err
	}
	r.Toast("The draft is gone.")
	return r.Go(r.Path("billing"))
}
