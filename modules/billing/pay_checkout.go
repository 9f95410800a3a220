package billing

import (
	"net/url"

	"github.com/google/uuid"

	"portico/modules/billing/gateway"
	"portico/platform/auth"
	"portico/platform/fault"
	"portico/platform/id"
	"portico/platform/lang"
	"portico/platform/money"
	"portico/platform/web"
)

// checkout is what somebody is about to pay, and with what. The portal and the payment link show the same one.
type checkout struct {
	*web.Here
	Trail    []web.NavItem
	Cashier  cashier
	Rows     []checkoutRow // what is paid
	Left     []checkoutRow // what was asked for and cannot be
	Apart    []apart       // more than one currency: each has to be paid for itself
	Saved    []saved
	Card     bool // a new one may be entered
	Bank     bool
	Page     string // its address
	Other    string // the way to other amounts than all that is left; "": none may be paid
	Whole    string // and back
	Typed    bool   // amounts are typed
	Unclear  bool   // one of them is wrong, so there is no total
	Form     payForm
	Total    money.Amount
	Action   string
	Back     string
	Guest    bool
	Writes   bool // a guest may name an address for the receipt
	Keeps    bool // a new method may be kept
	Methods  string
	Sheet    *sheetView // through the link: the invoice itself
	Document string
}

// checkoutRow is one invoice of it.
type checkoutRow struct {
	Invoice
	Why  string // it cannot be paid
	Href string // the invoice, or the payment that is under way
	Mark mark

	Bends  bool   // another amount than all that is left may be paid
	Typed  string // that was typed
	Hint   string // what may be
	Wrong  string // with what was
	Prefix string // of its field, where there are several
	Pays   money.Amount
}

// apart is what is to be paid in one currency.
type apart struct {
	Total money.Amount
	N     int
	Href  string
}

// checkoutOf sorts what was asked for into what can be paid and what cannot.
func checkoutOf(r *web.Request, t cashier, list []Invoice, form payForm) checkout {
	c := checkout{Here: r.Here(), Cashier: t, Form: form}
	at := today(r.Firm(), r.Now())
	c.Card, c.Bank = true, true
	var order []string
	sums := map[string]*apart{}
	for _, i := range list {
		row := checkoutRow{Invoice: i, Why: t.whyNot(i), Mark: markOf(i, at, r.Viewer().Side)}
		if row.Why != "" {
			c.Left = append(c.Left, row)
			continue
		}
		card, bank := t.ways(i)
		c.Card, c.Bank = c.Card && card, c.Bank && bank
		c.Rows = append(c.Rows, row)
		sum := sums[i.Currency]
		if sum == nil {
			sum = &apart{Total: i.amount(0)}
			sums[i.Currency], order = sum, append(order, i.Currency)
		}
		sum.Total, sum.N = sum.Total.Add(i.Free()), sum.N+1
		sum.Href = with(sum.Href, "invoice", i.ID.String())
	}
	switch len(order) {
	case 0:
		c.Card, c.Bank = false, false
		return c
	case 1:
	default:
		for _, currency := range order {
			c.Apart = append(c.Apart, *sums[currency])
		}
		return c
	}
	c.bend()
	if c.Form.Key == uuid.Nil {
		c.Form.Key = id.New()
	}
	return c
}

func with(query, name, value string) string {
	if query != "" {
		query += "&"
	}
	return query + name + "=" + url.QueryEscape(value)
}

// offers sets what may be paid with, and chooses: the contact's own first method, else a new one.
func (c *checkout) offers(list []saved) {
	for _, s := range list {
		if s.Usable && !s.Expired && (s.Kind == gateway.Card && c.Card || s.Kind == gateway.Bank && c.Bank) {
			c.Saved = append(c.Saved, s)
		}
	}
	if c.Form.With != "" {
		return
	}
	switch {
	case len(c.Saved) > 0:
		c.Form.With = c.Saved[0].ID.String()
	case c.Card:
		c.Form.With = string(gateway.Card)
	case c.Bank:
		c.Form.With = string(gateway.Bank)
	}
}

// Open reports whether there is a form to send.
func (c checkout) Open() bool { return len(c.Rows) > 0 && len(c.Apart) == 0 && (c.Card || c.Bank) }

// Several reports whether more than one invoice is paid.
func (c checkout) Several() bool { return len(c.Rows) > 1 }

// One is the only invoice.
func (c checkout) One() Invoice { return c.Rows[0].Invoice }

// Symbol stands before a typed amount.
func (c checkout) Symbol() string { return money.Symbol(c.One().Currency, c.Locale()) }

// changed says what of it cannot be paid any more.
func (c checkout) changed() error {
	i := c.Left[0].Invoice
	if i.Processing() {
		return fault.Conflictf("%s is already being paid. Nothing was charged again.", i.Name())
	}
	return fault.Conflictf("%s cannot be paid any more. %s", i.Name(), lang.Text(c.Left[0].Why))
}

// basket is what the form asks for, as far as the page allows it. Whose method it is was asked when they were loaded.
func (c checkout) basket() (basket, error) {
	if !c.Open() {
		if len(c.Rows) == 0 && len(c.Left) > 0 {
			return basket{}, c.changed()
		}
		if len(c.Apart) > 0 {
			return basket{}, errCurrencies
		}
		return basket{}, errNothing
	}
	if len(c.Left) > 0 { // it changed since the page was drawn: nobody pays what was not on the screen
		return basket{}, c.changed()
	}
	b := basket{ID: c.Form.Key, AccountID: c.Cashier.AccountID, Currency: c.Rows[0].Currency}
	wrong := fault.Fields{}
	for _, row := range c.Rows {
		b.Items = append(b.Items, basketItem{row.ID, row.Pays.Minor})
		if row.Wrong != "" {
			wrong[row.Prefix+"amount"] = row.Wrong
		}
	}
	if c.Writes && c.Form.Email != "" {
		known := false
		if b.ReceiptTo, known = auth.CleanEmail(c.Form.Email); !known {
			wrong["email"] = "This is no mail address. Leave it empty if you need no mail."
		}
	}
	if len(wrong) > 0 {
		return b, fault.InFields(wrong)
	}
	switch kind := gateway.Kind(c.Form.With); {
	case kind == gateway.Card && c.Card, kind == gateway.Bank && c.Bank:
		b.Kind, b.Keep = kind, c.Form.Keep && c.Keeps
		return b, nil
	}
	for _, s := range c.Saved {
		if s.ID.String() == c.Form.With {
			b.Kind, b.MethodID = s.Kind, s.ID
			return b, nil
		}
	}
	return b, errWay
}
