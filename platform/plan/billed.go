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

// What was handed over is taken back, and put on an invoice, by two who do not wait for each other. So that it never
// is both, each asks the other in its own transaction, with its own rows held: the section holds them before it asks
// OnInvoices, billing holds what StillHanded answers until its draft is there. Facts about it arrive in any order;
// whoever hears one asks how it is now.

// OnInvoices are those of them that stand on an invoice, be it a draft: they cannot be taken back any more.
var OnInvoices = port.Define[Handed, []uuid.UUID]("on_invoices")

// StillHanded are those of them that are with billing now, and stay there until the asker's transaction ends. Hours and
// money spent answer; asked of other sources, all of them are.
var StillHanded = port.Define[Handed, []uuid.UUID]("still_handed")
