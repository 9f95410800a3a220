package billing

import (
	"slices"
	"strconv"

	"github.com/google/uuid"

	"portico/platform/web"
)

// amount is what the form says of an invoice, if it does.
func (f payForm) amount(invoice uuid.UUID) (typed string, said bool) {
	n := slices.Index(f.Invoices, invoice)
	if n < 0 || len(f.Amounts) != len(f.Invoices) { // else nobody knows which belongs to which
		return "", false
	}
	return f.Amounts[n], true
}

// askedForm is what an address says of the invoices that it names.
func askedForm(r *web.Request, invoices []uuid.UUID) payForm {
	return payForm{Invoices: invoices, Amounts: r.Queries("amount"), Part: r.Query("part") != ""}
}

// bend lets other amounts than all that is left be typed, where the firm and the invoice allow it.
func (c *checkout) bend() {
	c.Total = c.Rows[0].amount(0)
	bends := false
	for n := range c.Rows {
		row := &c.Rows[n]
		row.Pays = row.Free()
		if len(c.Rows) > 1 {
			row.Prefix = "invoice-" + strconv.Itoa(n+1) + "-"
		}
		if row.Bends = c.Cashier.bends(row.Invoice); !row.Bends {
			continue
		}
		bends = true
		row.Hint = c.hint(row.Invoice)
		said := false
		if row.Typed, said = c.Form.amount(row.ID); !said {
			row.Typed = row.Free().Plain()
		}
		if row.Pays, row.Wrong = c.Cashier.amount(row.Invoice, row.Typed, c.Locale(), c.Money); row.Wrong != "" {
			c.Unclear = true
		}
		c.Typed = c.Typed || row.Wrong != "" || row.Pays != row.Free()
	}
	c.Typed = bends && (c.Typed || c.Form.Part)
	for _, row := range c.Rows {
		c.Total = c.Total.Add(row.Pays)
	}
}

// hint says what may be typed.
func (c *checkout) hint(i Invoice) string {
	free, least := c.Money(i.Free()), c.Cashier.least(i)
	switch {
	case c.Cashier.Part && i.AllowOver && least.Minor == 1:
		return "What is more than " + free + " stays on account for your next invoice."
	case c.Cashier.Part && i.AllowOver:
		return "At least " + c.Money(least) + ". What is more than " + free + " stays on account for your next invoice."
	case i.AllowOver:
		return "At least " + free + ". What is more stays on account for your next invoice."
	case least.Minor == 1:
		return "Up to " + free + "."
	}
	return "Between " + c.Money(least) + " and " + free + "."
}

// at sets the addresses of the page itself: with all that is left, and with other amounts.
func (c *checkout) at(path, query string) {
	c.Page, c.Whole = path, path
	if query != "" {
		c.Whole += "?" + query
	}
	for _, row := range c.Rows {
		if row.Bends && c.Open() {
			c.Other = path + "?" + with(query, "part", "1")
		}
	}
}

// typed is the address of the page with what was typed.
func (c checkout) typed() string {
	query := with("", "part", "1")
	for _, row := range c.Rows {
		if !c.Guest {
			query = with(query, "invoice", row.ID.String())
		}
		query = with(query, "amount", row.Typed)
	}
	return c.Page + "?" + query
}
