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

// portal are the pages of clients.
type portal struct{ module.Platform }

// tabs are the parts of the section that the viewer may see; alone, there is nothing to choose.
func (portal) tabs(r *web.Request, current string) []web.NavItem {
	v := r.Viewer()
	items := []web.NavItem{{Title: r.Say("Invoices"), Href: r.Path("billing"), Current: current == "invoices"}}
	if v.May(seePayments) {
		items = append(items, web.NavItem{Title: r.Say("Payments"), Href: r.Path("billing", "payments"), Current: current == "payments"})
	}
	if v.May(seeStatements) {
		items = append(items, web.NavItem{Title: r.Say("Statement"), Href: r.Path("billing", "statement"), Current: current == "statement"})
	}
	if shared, err := anySchedule(r.Context(), r.Tx(), v); err == nil && shared {
		items = append(items, web.NavItem{Title: r.Say("Payment schedule"), Href: r.Path("billing", "schedule"), Current: current == "schedule"})
	}
	if len(items) == 1 {
		return nil
	}
	return items
}

type portalList struct {
	*web.Here
	Tabs       []web.NavItem
	Sums       []sums
	NextDue    day.Day
	Filters    []web.NavItem
	State      string
	Rows       []payRow
	Pays       bool   // some can be paid together
	Currency   string // of those
	Others     int    // that can be paid, and not together with them
	Processing []processing
	Action     string
	paging.Turns
	Narrowed  bool
	ShowsPaid bool
	Projects  bool // rows say their project
}

// clientFilters are what a client narrows the list to.
func clientFilters(v auth.Viewer) []choice {
	list := []choice{{"", "All"}, {"owed", "To pay"}, {"processing", "Processing"}}
	if v.May(seePaid) {
		list = append(list, choice{"paid", "Paid"})
	}
	return list
}

func (p portal) invoices(r *web.Request) error {
	r.Title("Billing")
	ctx, tx, v := r.Context(), r.Tx(), r.Viewer()
	at := today(r.Firm(), r.Now())
	view := portalList{Here: r.Here(), Tabs: p.tabs(r, "invoices"), ShowsPaid: v.May(seePaid), Projects: v.Scope == nil && len(v.Projects) > 1}
	for _, c := range clientFilters(v) {
		if c.Value == r.Query("state") {
			view.State = c.Value
		}
	}
	for _, c := range clientFilters(v) {
		view.Filters = append(view.Filters, web.NavItem{Title: r.Say(c.Title), Href: r.Here().With("state", c.Value), Current: c.Value == view.State})
	}
	overdue, err := lateOf(ctx, tx, v, at)
	if err != nil {
		return err
	}
	if view.Sums, err = sumsHeld(r, v.ClientID, uuid.Nil, overdue); err != nil {
		return err
	}
	found, turns, err := clientInvoices(ctx, tx, v, view.State, r.Place().If(ranked))
	if err != nil {
		return err
	}
	var rows []row
	for _, i := range found {
		rows = append(rows, row{Invoice: i, Mark: markOf(i, at, auth.Portal), Href: r.Path("billing", "invoices", i.ID)})
	}
	if view.Rows, view.Currency, view.Others, err = payRows(r, rows); err != nil {
		return err
	}
	view.Pays, view.Action = view.Currency != "", r.Path("billing", "payments", "new")
	if view.Processing, err = processingOf(ctx, tx, v); err != nil {
		return err
	}
	view.Turns = r.Here().Turned(turns)
	view.Narrowed = view.State != "" || v.Scope != nil
	return r.Show("billing/portal", view)
}

type portalInvoice struct {
	*web.Here
	Trail       []web.NavItem
	Invoice     Invoice
	Mark        mark
	Sheet       sheetView
	Allocations []Allocation
	Receipts    bool
	History     []happening
	Overdue     bool
	Upcoming    bool
	More        instrumentView
	Paying      payCard
	Phone       string
	Fee         lateFee // that it asks for
	IsFee       bool
	Talk        string // where one asks about it; "": nowhere
}

func (portal) load(r *web.Request) (Invoice, error) {
	return web.Find(r, "invoice", invoiceByID)
}

func (p portal) invoice(r *web.Request) error {
	i, err := p.load(r)
	if err != nil {
		return err
	}
	at := today(r.Firm(), r.Now())
	name := i.Number
	if name == "" {
		name = r.Say("Upcoming invoice")
	}
	r.Named(name + ": " + i.Title)
	view := portalInvoice{
		Here: r.Here(), Invoice: i, Mark: markOf(i, at, auth.Portal), Overdue: i.Overdue(at), Upcoming: i.IsApproved(),
		Receipts: r.Viewer().May(seePayments),
		Talk:     p.Catalog().Talk(r.Viewer(), "billing", i.ID),
		Trail:    []web.NavItem{{Title: r.Say("Billing"), Href: r.Path("billing")}, {Title: name}},
	}
	s, err := settingOf(r.Context(), r.Tx(), r.Viewer())
	if err != nil {
		return err
	}
	if view.Allocations, err = allocationsOfInvoice(r.Context(), r.Tx(), r.Viewer(), i.ID); err != nil {
		return err
	}
	if view.Sheet, err = sheetOf(r, r.Here(), i, s); err != nil {
		return err
	}
	if view.More, err = instrumentOf(r, i); err != nil {
		return err
	}
	fees, err := feesOf(r.Context(), r.Tx(), r.Viewer(), i.ID)
	if err != nil {
		return err
	}
	view.History = withFees(r.Here(), historyOf(r.Here(), i, view.Allocations), fees)
	if view.Fee, view.IsFee, err = feeBy(r.Context(), r.Tx(), r.Viewer(), i.ID); err != nil {
		return err
	}
	if view.Paying, err = payCardOf(r, i, at); err != nil {
		return err
	}
	return r.Show("billing/portal_invoice", view)
}

type portalPayments struct {
	*web.Here
	Tabs []web.NavItem
	Rows []portalPayment
	Open []underWay
	paging.Turns
}

// portalPayment is a payment with the invoices of the viewer that it stands on.
type portalPayment struct {
	Payment
	On   []Allocation
	Href string
	Mark mark // of one that was made online, when something happened to it later
}

func (p portal) payments(r *web.Request) error {
	r.Title("Payments")
	view := portalPayments{Here: r.Here(), Tabs: p.tabs(r, "payments")}
	from := r.Place().If(sortedBy("due"))
	list, turns, err := pickPayments(r.Context(), r.Tx(), r.Viewer(), paymentFilter{Client: r.Viewer().ClientID, Sort: "-received"}, from)
	if err != nil {
		return err
	}
	var ids []uuid.UUID
	for _, one := range list {
		ids = append(ids, one.ID)
	}
	standing, err := allocationsOfPayments(r.Context(), r.Tx(), r.Viewer(), ids...)
	if err != nil {
		return err
	}
	states, err := onlineOf(r.Context(), r.Tx(), r.Viewer(), ids)
	if err != nil {
		return err
	}
	if from.At.IsZero() {
		open, err := openAttempts(r.Context(), r.Tx(), r.Viewer(), nil)
		if err != nil {
			return err
		}
		view.Open = underWays(r, open)
	}
	for _, one := range list {
		row := portalPayment{Payment: one, Href: r.Path("billing", "payments", one.ID, "document")}
		if status := states[one.ID]; status != "" && status != Succeeded {
			row.Mark, _ = seenAs(Attempt{Status: status})
		}
		for _, a := range standing {
			if a.PaymentID == one.ID {
				row.On = append(row.On, a)
			}
		}
		view.Rows = append(view.Rows, row)
	}
	view.Turns = r.Here().Turned(turns)
	return r.Show("billing/portal_payments", view)
}

func (p portal) statement(r *web.Request) error {
	view, err := p.statementView(r)
	if err != nil {
		return err
	}
	return r.Show("billing/portal_statement", portalStatement{view, p.tabs(r, "statement")})
}

type portalStatement struct {
	statementView
	Tabs []web.NavItem
}

func (portal) statementView(r *web.Request) (statementView, error) {
	client, err := clientByID(r.Context(), r.Tx(), r.Viewer(), r.Viewer().ClientID)
	if err != nil {
		return statementView{}, err
	}
	return statementOf(r, client)
}

// owing is the viewer's balance in short.
type owing struct {
	*web.Here
	Sums    []sums
	Next    Invoice // what is due first; the zero one: nothing
	Overdue bool
	Href    string
	Pay     string // the way to pay it
	Under   []processing

	Upcoming []comingSum // what will be asked for, where the firm shows it
}

// balanceCard is what the viewer owes, on the dashboard.
func (portal) balanceCard(r *web.Request) (web.Part, bool, error) {
	ctx, tx, v := r.Context(), r.Tx(), r.Viewer()
	list, err := balances(ctx, tx, v, v.ClientID, uuid.Nil)
	if err != nil {
		return web.Part{}, false, err
	}
	coming, err := comingSums(ctx, tx, v)
	if err != nil || len(list)+len(coming) == 0 {
		return web.Part{}, false, err
	}
	at := today(r.Firm(), r.Now())
	overdue, err := lateOf(ctx, tx, v, at)
	if err != nil {
		return web.Part{}, false, err
	}
	view := owing{Here: r.Here(), Sums: sumsOf(list, overdue), Upcoming: coming}
	if err := hold(r, view.Sums, v.ClientID, uuid.Nil); err != nil {
		return web.Part{}, false, err
	}
	open, err := dueInvoices(ctx, tx, v, 1)
	if err != nil {
		return web.Part{}, false, err
	}
	if len(open) > 0 {
		view.Next, view.Overdue = open[0], open[0].Overdue(at)
		view.Href = r.Path("billing", "invoices", open[0].ID)
		t, err := cashierOf(ctx, tx, v)
		if err != nil {
			return web.Part{}, false, err
		}
		if v.May(pay) && t.takes(open[0]) {
			view.Pay = payHref(r, open[0].ID)
		}
	}
	if view.Under, err = processingOf(ctx, tx, v); err != nil {
		return web.Part{}, false, err
	}
	return web.Draw("billing/_balance_card", view), true, nil
}

// Due is what is to be paid first.
func (o owing) Due() money.Amount { return o.Next.Free() }
