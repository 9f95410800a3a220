package plan

import (
	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/port"
)

// Handed asks about things that a section handed over to be billed.
type Handed struct {
	Tx     bun.IDB
	Viewer auth.Viewer
	Source string      // fact.FromTime, ...
	IDs    []uuid.UUID // the section's own
}

// OnInvoices are those of them that stand on an invoice, be it a draft: they cannot be taken back any more.
var OnInvoices = port.Define[Handed, []uuid.UUID]("on_invoices")
