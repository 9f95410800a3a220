package billing

import (
	"strings"

	"github.com/google/uuid"

	"portico/platform/db/paging"
	"portico/platform/money"
	"portico/platform/web"
)

type paymentRow struct {
	Payment
	Mark mark
	Href string
}

type paymentsView struct {
	*web.Here
	Tabs    []web.NavItem
	Client  party // the zero party: all clients
	Filter  paymentFilter
	States  []choice
	Methods []choice
	Rows    []paymentRow
	paging.Turns
	Export  string
	Settles bool
}

// Head is a column's heading that sorts.
func (v paymentsView) Head(column, title, class string) web.Head {
	return v.Sorts(v.Filter.Sort, column, title, class, column == "due")
}

// payments lists what came in, the newest first unless asked otherwise.
func (o office) payments(r *web.Request) error {
	r.Title("Payments")
	view := paymentsView{Here: r.Here(), Tabs: o.tabs(r, "payments"), Filter: paymentFilterOf(r), Settles: r.Viewer().May(settle), States: paymentStates, Methods: []choice{{"", "All methods"}}}
	for _, m := range allMethods {
		view.Methods = append(view.Methods, choice{string(m), m.Title()})
	}
	var err error
	if view.Filter.Client != uuid.Nil {
		if view.Client, err = clientByID(r.Context(), r.Tx(), r.Viewer(), view.Filter.Client); err != nil {
			return err
		}
	}
	list, turns, err := pickPayments(r.Context(), r.Tx(), r.Viewer(), view.Filter, r.Place().If(sortedBy(view.Filter.cursorSort())))
	if err != nil {
		return err
	}
	if view.Rows, err = o.paymentRows(r, list); err != nil {
		return err
	}
	view.Turns = r.Here().Turned(turns)
	view.Export = r.Path("billing", "payments.csv")
	if _, query, any := strings.Cut(r.Here().URL, "?"); any {
		view.Export += "?" + query
	}
	return r.Show("billing/payments", view)
}

func (office) paymentRows(r *web.Request, list []Payment) ([]paymentRow, error) {
	ids := make([]uuid.UUID, len(list))
	for n, p := range list {
		ids[n] = p.ID
	}
	states, err := onlineOf(r.Context(), r.Tx(), r.Viewer(), ids)
	rows := make([]paymentRow, len(list))
	for n, p := range list {
		rows[n] = paymentRow{p, p.mark(), r.Path("billing", "payments", p.ID)}
		if at := states[p.ID]; at == Disputed || at == Returned { // which the books alone do not tell
			rows[n].Mark = Attempt{Status: at}.mark()
		}
	}
	return rows, err
}

type paymentView struct {
	*web.Here
	Trail       []web.NavItem
	Payment     Payment
	Mark        mark
	Allocations []Allocation
	Open        []choice // invoices that it can be put on
	Lines       []creditLine
	Settles     bool
	Amount      string
	To          string
	Moved       movement
	Refundable  bool
}

func (office) loadPayment(r *web.Request) (Payment, error) {
	return web.Find(r, "payment", paymentByID)
}

func (o office) payment(r *web.Request) error {
	p, err := o.loadPayment(r)
	if err != nil {
		return err
	}
	view, err := o.paymentView(r, p)
	if err != nil {
		return err
	}
	return r.Show("billing/payment", view)
}

func (o office) paymentView(r *web.Request, p Payment) (paymentView, error) {
	r.Title(p.Number)
	view := paymentView{
		Here: r.Here(), Payment: p, Mark: p.mark(), Settles: r.Viewer().May(settle), Amount: p.Left().Plain(),
		Trail: []web.NavItem{
			{Title: "Billing", Href: r.Path("billing")},
			{Title: p.ClientName, Href: r.Path("billing", "clients", p.ClientID)},
			{Title: p.Number},
		},
	}
	var err error
	if view.Allocations, err = allocationsOfPayments(r.Context(), r.Tx(), r.Viewer(), p.ID); err != nil {
		return view, err
	}
	if view.Lines, err = creditLinesOf(r.Context(), r.Tx(), r.Viewer(), p.ID); err != nil {
		return view, err
	}
	if view.Moved, err = movementOf(r, p); err != nil {
		return view, err
	}
	view.Refundable = view.Settles && !p.Reversed() && !p.IsCredit() && p.Method != FromDeposit && p.Refunded < p.Total
	if p.Left().Positive() && view.Settles {
		if view.Open, err = o.openChoices(r, p.ClientID, p.Currency); err != nil || len(view.Open) == 0 {
			return view, err
		}
		first, err := firstOwed(r, view.Open)
		if err != nil {
			return view, err
		}
		view.Amount = money.Least(p.Left(), first).Plain() // no more than fits on what is chosen at first
	}
	return view, nil
}

// firstOwed is what is owed on the first of some invoices to choose from.
func firstOwed(r *web.Request, open []choice) (money.Amount, error) {
	id, err := uuid.Parse(open[0].Value)
	if err != nil {
		return money.Amount{}, err
	}
	i, err := invoiceByID(r.Context(), r.Tx(), r.Viewer(), id)
	return i.Balance(), err
}

// mostOpen is how many open invoices a list to choose from holds.
const mostOpen = 100

func (office) openChoices(r *web.Request, client uuid.UUID, currency string) ([]choice, error) {
	open, err := openInvoices(r.Context(), r.Tx(), r.Viewer(), client, mostOpen)
	var list []choice
	for _, i := range open {
		if i.Currency == currency {
			list = append(list, choice{i.ID.String(), i.Number + ", " + i.Title + ": " + r.Here().Money(i.Balance()) + " owed"})
		}
	}
	return list, err
}
