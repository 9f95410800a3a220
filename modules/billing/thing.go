package billing

import (
	"context"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/fault"
	"portico/platform/module"
	"portico/platform/web"
)

// thing is an invoice as others link to it: as far as the viewer may open its page.
func thing(ctx context.Context, tx bun.Tx, v auth.Viewer, invoice uuid.UUID) (module.Thing, error) {
	if !v.May(see) && !v.May(write) {
		return module.Thing{}, fault.NotFound()
	}
	i, err := invoiceByID(ctx, tx, v, invoice)
	if err != nil {
		return module.Thing{}, err
	}
	here := web.Here{Viewer: v}
	title := "Invoice " + i.Number + ": " + i.Title
	if i.Number == "" {
		title = "Invoice: " + i.Title
	}
	return module.Thing{Title: title, Detail: i.ProjectName, Icon: "receipt-text", Href: here.Path("billing", "invoices", i.ID), ClientID: i.ClientID, ProjectID: i.ProjectID}, nil
}
