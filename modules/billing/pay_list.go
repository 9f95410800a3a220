package billing

import (
	"strconv"

	"github.com/google/uuid"

	"portico/platform/day"
	"portico/platform/money"
	"portico/platform/web"
)

// payRow is a client's invoice in a list, with how it can be paid.
type payRow struct {
	row
	Pay  string // the way to pay it; "": it cannot be paid now
	Tick bool   // it can be paid together with others
}

// Minor is what ticking it adds, for the sum under the list.
func (r payRow) Minor() string { return strconv.FormatInt(r.Free().Minor, 10) }

// paying adds to a list how its invoices can be paid: a box where they can be paid together, and that is in one currency.
// It answers which, and how many others there are.
func payRows(r *web.Request, rows []row) (list []payRow, currency string, others int, err error) {
	list = make([]payRow, len(rows))
	for n, one := range rows {
		list[n].row = one
	}
	v := r.Viewer()
	if !v.May(pay) {
		return list, "", 0, nil
	}
	t, err := cashierOf(r.Context(), r.Tx(), v)
	if err != nil {
		return list, "", 0, err
	}
	for n, one := range list {
		if !t.takes(one.Invoice) {
			continue
		}
		list[n].Pay = payHref(r, one.ID)
		if currency == "" || one.Currency == v.Firm.Currency {
			currency = one.Currency
		}
	}
	for n, one := range list {
		switch {
		case one.Pay == "":
		case one.Currency == currency:
			list[n].Tick = true
		default:
			others++
		}
	}
	return list, currency, others, nil
}

func payHref(r *web.Request, invoice uuid.UUID) string {
	return r.Path("billing", "payments", "new") + "?" + with("", "invoice", invoice.String())
}

// payCard is what a client's page of an invoice says about paying it.
type payCard struct {
	*web.Here
	Invoice Invoice
	Overdue bool
	Pay     string // the way to pay it
	Words   string // how to pay, where it cannot be paid here
	Open    []underWay
	Coming  coming
	Autopay string // the way to the viewer's own autopay, when that will charge it
}

// underWay is a payment that is not settled yet, as every contact who sees the invoice sees it.
type underWay struct {
	Attempt
	Text string
	Href string // its own page, for whoever makes it
}

func payCardOf(r *web.Request, i Invoice, at day.Day) (payCard, error) {
	ctx, tx, v := r.Context(), r.Tx(), r.Viewer()
	c := payCard{Here: r.Here(), Invoice: i, Overdue: i.Overdue(at)}
	t, err := cashierOf(ctx, tx, v)
	if err != nil {
		return c, err
	}
	if v.May(pay) && t.takes(i) {
		c.Pay = payHref(r, i.ID)
	}
	if i.Reserved > 0 {
		list, err := openAttempts(ctx, tx, v, []uuid.UUID{i.ID})
		if err != nil {
			return c, err
		}
		c.Open = underWays(r, list)
	}
	if c.Coming, err = comingFor(ctx, tx, v, i.ID); err != nil {
		return c, err
	}
	if v.ViewAs == uuid.Nil && c.Coming.ContactID == v.ContactID && v.May(pay) {
		c.Autopay = r.Path("billing", "autopay")
	}
	return c, nil
}

func underWays(r *web.Request, list []Attempt) []underWay {
	v := r.Viewer()
	var all []underWay
	for _, a := range list {
		one := underWay{Attempt: a}
		switch a.Status {
		case Pending:
			one.Text = r.Say("Bank payment, up to four business days")
			if a.Payer != "" {
				one.Text = r.Say("Bank payment by %s, up to four business days", a.Payer)
			}
		case NeedsAction, Waiting:
			one.Text = r.Say("Not finished yet")
		case NeedsReview:
			one.Text = r.Say("Being checked")
		default:
			one.Text = r.Say("Being charged")
		}
		if a.Payer != "" && a.Status != Pending {
			one.Text += " · " + r.Say("by %s¦who", a.Payer)
		}
		if a.ContactID == v.ContactID && v.ViewAs == uuid.Nil && v.May(pay) {
			one.Href = r.Path("billing", "batches", a.BatchID)
		}
		all = append(all, one)
	}
	return all
}

// processing is what payments under way cover in one currency.
type processing struct {
	Currency string
	Amount   int64
}

// Sum is it as money.
func (p processing) Sum() money.Amount { return money.Of(p.Amount, p.Currency) }
