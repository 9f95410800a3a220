package billing

import (
	"context"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/notice"
)

// What the section tells people of.
var (
	invoiceNotice = notice.Kind{
		ID: "billing:invoice", Title: "Invoices", Help: "A new invoice, a reminder that one is due, and one that is void.", For: notice.Clients, Legal: true,
	}
	receiptNotice = notice.Kind{
		ID: "billing:receipt", Title: "Receipts", Help: "What became of a payment that you made.", For: notice.Clients, Legal: true,
	}
	methodNotice = notice.Kind{
		ID: "billing:method", Title: "Payment methods and automatic payment", Help: "A method was saved or removed, and what will be charged.", For: notice.Clients, Legal: true,
	}
	paymentNotice = notice.Kind{
		ID: "billing:payment", Title: "Payments of others", Help: "Somebody else has paid an invoice that you may see.", For: notice.Clients,
	}
	troubleNotice = notice.Kind{
		ID: "billing:trouble", Title: "Payments that went wrong", Help: "A bank payment failed or was returned, or a client disputes one.", For: notice.Staff, Waits: true,
	}
	alarmNotice = notice.Kind{
		ID: "billing:alarm", Title: "The books need a look", Help: "Invoices, payments and books do not agree.", For: notice.Staff, Legal: true,
	}
)

// still are the invoices of which the viewer may still be told.
func still(ctx context.Context, tx bun.Tx, v auth.Viewer, invoices []uuid.UUID) ([]uuid.UUID, error) {
	if !v.May(see) && !v.May(write) {
		return nil, nil
	}
	return invoicesSeen(ctx, tx, v, invoices)
}

// page is where a notice of an invoice leads.
func (t tale) page(side auth.Side) string {
	if side == auth.Office {
		return "/office/billing/invoices/" + t.i.ID.String()
	}
	return "/portal/all/billing/invoices/" + t.i.ID.String()
}

// notice is the bell's word about a payment.
func (w tidings) notice(t tale) notice.Notice {
	n := notice.Notice{Kind: paymentNotice, Item: t.i.ID, Path: t.page(auth.Portal), Body: t.i.Title}
	switch {
	case w.Staff != uuid.Nil:
		n.Kind, n.Path, n.Body = troubleNotice, t.page(auth.Office), t.i.ClientName
	case w.Payer:
		n.Kind = receiptNotice
	}
	return n
}
