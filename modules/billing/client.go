package billing

import (
	"github.com/google/uuid"

	"portico/platform/auth"
	"portico/platform/day"
	"portico/platform/db/paging"
	"portico/platform/module"
	"portico/platform/money"
	"portico/platform/web"
)

// sums are a balance as people read it.
type sums struct {
	Invoiced, Paid, Owed, Unapplied money.Amount
	Late, Held                      money.Amount // held: paid as deposits and not used yet
}

func sumsOf(list []balance, overdue []late) []sums {
	var all []sums
	for _, b := range list {
		s := sums{
			Invoiced: money.Of(b.Invoiced, b.Currency), Paid: money.Of(b.Paid, b.Currency),
			Owed: money.Of(b.Invoiced-b.Paid, b.Currency), Unapplied: money.Of(b.Unapplied, b.Currency), Late: money.Of(0, b.Currency),
		}
		for _, l := range overdue {
			if l.Currency == b.Currency {
				s.Late = money.Of(l.Amount, l.Currency)
			}
		}
		all = append(all, s)
	}
	return all
}

// sumsHeld are the figures of a client or a project, with what is held as deposits.
func sumsHeld(r *web.Request, client, project uuid.UUID, overdue []late) ([]sums, error) {
	list, err := balances(r.Context(), r.Tx(), r.Viewer(), client, project)
	if err != nil {
		return nil, err
	}
	all := sumsOf(list, overdue)
	return all, hold(r, all, client, project)
}

// hold adds what is held as deposits. What went on from them is not counted twice: it was asked for and paid once, with
// the deposit, and is paid on the invoices that it went on to.
func hold(r *web.Request, list []sums, client, project uuid.UUID) error {
	held, err := heldSums(r.Context(), r.Tx(), r.Viewer(), client, project)
	for _, h := range held {
		for n := range list {
			if list[n].Owed.Currency == h.Currency {
				used := money.Of(h.Used, h.Currency)
				list[n].Held = money.Of(h.Amount, h.Currency)
				list[n].Invoiced, list[n].Paid = list[n].Invoiced.Sub(used), list[n].Paid.Sub(used)
			}
		}
	}
	return err
}

type clientView struct {
	*web.Here
	Top      module.ClientTop // a client's; a project has a trail and tabs
	Trail    []web.NavItem
	Tabs     []web.NavItem
	Client   party
	Project  party // the zero party: all of the client's
	Sums     []sums
	Rows     []row
	More     string // the list of all, when these are not
	Payments []paymentRow
	Settles  bool
	Extra    instrumentsView
	Spared   spared
}

const shownOfClient = 20

// client is the tab of a client's page.
func (o office) client(r *web.Request) error {
	client, err := o.billed(r)
	if err != nil {
		return err
	}
	r.Title("Billing of " + client.Name)
	view := clientView{Here: r.Here(), Client: client, Settles: r.Viewer().May(settle)}
	if view.Top, err = o.Catalog().ClientTop(r, client.ID, client.Name, "billing:client"); err != nil {
		return err
	}
	if err := o.fillClient(r, &view, filter{Client: client.ID}); err != nil {
		return err
	}
	list, _, err := pickPayments(r.Context(), r.Tx(), r.Viewer(), paymentFilter{Client: client.ID, Sort: "-received"}, paging.Place{})
	if err != nil {
		return err
	}
	if view.Payments, err = o.paymentRows(r, list[:min(len(list), 8)]); err != nil {
		return err
	}
	if view.Spared, err = sparedClient(r.Context(), r.Tx(), r.Viewer(), client.ID); err != nil {
		return err
	}
	return r.Show("billing/client", view)
}

// project is the tab of a project's page.
func (o office) project(r *web.Request) error {
	id, err := r.ID("project")
	if err != nil {
		return err
	}
	project, err := projectByID(r.Context(), r.Tx(), r.Viewer(), id)
	if err != nil {
		return err
	}
	r.Title("Billing of " + project.Name)
	view := clientView{
		Here: r.Here(), Client: party{ID: project.ClientID, Name: project.ClientName}, Project: project,
		Settles: r.Viewer().May(settle), Tabs: o.tabsOf(r, "project", project.ID),
		Trail: []web.NavItem{
			{Title: "Clients", Href: r.Path("clients")}, {Title: project.ClientName, Href: r.Path("clients", project.ClientID)},
			{Title: project.Name, Href: r.Path("clients", "projects", project.ID)}, {Title: "Billing"},
		},
	}
	if err := o.fillClient(r, &view, filter{Client: project.ClientID, Project: project.ID}); err != nil {
		return err
	}
	return r.Show("billing/client", view)
}

func (o office) fillClient(r *web.Request, view *clientView, f filter) error {
	ctx, tx, v := r.Context(), r.Tx(), r.Viewer()
	f.Sort, f.Today = "-made", today(r.Firm(), r.Now())
	overdue, err := lateOfClient(ctx, tx, v, f)
	if err != nil {
		return err
	}
	if view.Sums, err = sumsHeld(r, f.Client, f.Project, overdue); err != nil {
		return err
	}
	if view.Extra, err = o.instruments(r, view.Client, view.Project); err != nil {
		return err
	}
	found, err := pick(ctx, tx, v, f, paging.Place{})
	if err != nil {
		return err
	}
	if len(found.IDs) > shownOfClient {
		found.IDs = found.IDs[:shownOfClient]
		view.More = r.Path("billing") + "?client=" + f.Client.String()
		if f.Project != uuid.Nil {
			view.More += "&project=" + f.Project.String()
		}
	}
	rows, err := listed(ctx, tx, v, found.IDs)
	view.Rows = o.rows(r, rows)
	return err
}

// tabsOf are those of a client's or project's page, with this one among them.
func (o office) tabsOf(r *web.Request, of string, id uuid.UUID) []web.NavItem {
	var items []web.NavItem
	for _, tab := range o.Catalog().Tabs(of, r.Viewer()) {
		items = append(items, web.NavItem{Title: tab.Title, Href: tab.Path(id.String()), Current: tab.ID == "billing:"+of})
	}
	return items
}

type statementView struct {
	*web.Here
	Trail      []web.NavItem
	Client     string
	From, To   day.Day
	Statements []statement
	Document   string
	Unapplied  []money.Amount // what stands on no invoice
	Head       []string       // whose it is
	Address    []string
}

func statementOf(r *web.Request, client party) (statementView, error) {
	r.Title("Statement")
	view := statementView{Here: r.Here(), Client: client.Name, Head: letterhead(r.Firm()), Address: addressOf(client)}
	view.From, view.To = span(r.Query("from"), r.Query("to"), today(r.Firm(), r.Now()))
	var err error
	if view.Statements, err = statements(r.Context(), r.Tx(), r.Viewer(), client.ID, view.From, view.To); err != nil {
		return view, err
	}
	list, err := balances(r.Context(), r.Tx(), r.Viewer(), client.ID, uuid.Nil)
	for _, b := range list {
		if b.Unapplied > 0 {
			view.Unapplied = append(view.Unapplied, money.Of(b.Unapplied, b.Currency))
		}
	}
	base := r.Path("billing", "statement")
	if r.Viewer().Side == auth.Office {
		base = r.Path("billing", "clients", client.ID, "statement")
	}
	view.Document = base + "/document?from=" + view.From.String() + "&to=" + view.To.String()
	return view, err
}

func (o office) statement(r *web.Request) error {
	client, err := o.billed(r)
	if err != nil {
		return err
	}
	view, err := statementOf(r, client)
	if err != nil {
		return err
	}
	view.Trail = []web.NavItem{
		{Title: "Billing", Href: r.Path("billing")}, {Title: client.Name, Href: r.Path("billing", "clients", client.ID)}, {Title: "Statement"},
	}
	return r.Show("billing/statement", view)
}
