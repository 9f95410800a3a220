package billing

import (
	"context"
	"strings"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/money"
)

// The exports have the names that the imports find, so that what leaves comes in again.

func exportInvoices(ctx context.Context, tx bun.Tx, v auth.Viewer, client uuid.UUID, write func(...string) error) error {
	err := write("Client", "Invoice number", "Date", "Due date", "State", "Total", "Paid", "Currency", "What it is for", "Project", "Message", "Internal notes",
		"Item", "Quantity", "Price of one", "Discount percentage", "Tax rate", "Line tax", "Line subtotal")
	if err != nil {
		return err
	}
	for last := uuid.Nil; ; {
		list, lines, err := exportedInvoices(ctx, tx, v, client, last)
		if err != nil || len(list) == 0 {
			return err
		}
		for _, i := range list {
			last = i.ID
			head := []string{
				i.ClientName, i.Number, i.IssuedOn.String(), i.DueOn.String(), strings.Replace(string(i.State), string(Approved), string(Draft), 1),
				i.Amount().Plain(), i.PaidAmount().Plain(), i.Currency, i.Title, i.ProjectName, i.Message, i.Notes,
			}
			for _, l := range append([]Line{}, lines[i.ID]...) {
				row := append(append([]string{}, head...), l.Text, l.Quantity.String(), money.Of(l.Price, i.Currency).Plain(), l.Discount.String(), l.TaxRate.String(),
					money.Of(l.Tax, i.Currency).Plain(), money.Of(l.Net, i.Currency).Plain())
				if err := write(row...); err != nil {
					return err
				}
			}
		}
	}
}

func exportPayments(ctx context.Context, tx bun.Tx, v auth.Viewer, client uuid.UUID, write func(...string) error) error {
	if err := write("Client", "Invoice number", "Amount", "Date", "How", "Receipt number", "Reference", "Currency", "Internal notes"); err != nil {
		return err
	}
	for last := uuid.Nil; ; {
		list, err := exportedPayments(ctx, tx, v, client, last)
		if err != nil || len(list) == 0 {
			return err
		}
		for _, p := range list {
			last = p.ID
			amount := p.Amount()
			if p.IsCredit() {
				amount = amount.Neg()
			}
			if err := write(p.ClientName, p.InvoiceNumber, amount.Plain(), p.ReceivedOn.String(), p.Method.Title(), p.Number, p.Reference, p.Currency, p.Notes); err != nil {
				return err
			}
		}
	}
}
