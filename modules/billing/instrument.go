package billing

import (
	"github.com/google/uuid"

	"portico/platform/auth"
	"portico/platform/money"
	"portico/platform/web"
)

// instrumentView is what an invoice's page says beside the sheet: what a deposit holds and where it went, what the parts
// of a consolidated invoice come to, and, for staff, what is held that could be used.
type instrumentView struct {
	*web.Here
	Invoice  Invoice
	At       string
	Settles  bool
	Office   bool // staff look at it
	Uses     []useRow
	Returned []returned
	Parts    []partPaid
	Whole    Invoice      // what it was merged into; zero: nothing
	Deposits []depositRow // of the client, for an invoice that is owed
}

// useRow is where a part of a deposit went.
type useRow struct {
	Text, Href string
	Payment    Payment
}

// ReturnedAmount is one of them as money.
func (v instrumentView) ReturnedAmount(g returned) money.Amount { return v.Invoice.amount(g.Total) }

// Any reports whether there is anything to say.
func (v instrumentView) Any() bool {
	return v.Invoice.IsDeposit() && v.Invoice.Number != "" || len(v.Parts) > 0 || v.Whole.ID != uuid.Nil || len(v.Deposits) > 0
}

func instrumentOf(r *web.Request, i Invoice) (instrumentView, error) {
	ctx, tx, v := r.Context(), r.Tx(), r.Viewer()
	view := instrumentView{Here: r.Here(), Invoice: i, At: r.Path("billing", "invoices", i.ID), Settles: v.May(settle), Office: v.Side == auth.Office}
	var err error
	switch {
	case i.Kind == Deposit:
		return view, view.fillDeposit(r)
	case i.Kind == Consolidated:
		parts, err := sectionsOf(ctx, tx, v, i.ID)
		if err != nil {
			return view, err
		}
		view.Parts = paidParts(i, parts)
	case i.PartOf != uuid.Nil:
		view.Whole, err = invoiceByID(ctx, tx, v, i.PartOf)
	}
	if err == nil && view.Settles && i.Owed() {
		deposits, err := heldDeposits(ctx, tx, v, i.ClientID, uuid.Nil)
		for _, d := range deposits {
			if d.Currency == i.Currency {
				view.Deposits = append(view.Deposits, depositRow{d, r.Path("billing", "invoices", d.ID, "uses", "new") + "?to=" + i.ID.String()})
			}
		}
		return view, err
	}
	return view, err
}

func (v *instrumentView) fillDeposit(r *web.Request) error {
	uses, standing, err := usesOf(r.Context(), r.Tx(), r.Viewer(), v.Invoice.ID)
	if err != nil {
		return err
	}
	for _, p := range uses {
		row := useRow{Payment: p, Text: "On account"}
		for n, a := range standing {
			if a.PaymentID == p.ID {
				row.Text = "On " + a.InvoiceNumber
				row.Href = r.Path("billing", "invoices", a.InvoiceID)
				if n > 0 && standing[n-1].PaymentID == p.ID {
					row.Text = "On several invoices"
				}
			}
		}
		v.Uses = append(v.Uses, row)
	}
	v.Returned, err = returnsOf(r.Context(), r.Tx(), r.Viewer(), v.Invoice.ID)
	return err
}
