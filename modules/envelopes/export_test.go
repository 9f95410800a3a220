package envelopes

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/module"
)

// AllSigned does what the last signature does: the events are written, and the envelope is closed.
func AllSigned(ctx context.Context, tx bun.Tx, p module.Platform, firm, envelope uuid.UUID, now time.Time) error {
	d, v := desk{p}, auth.System(firm)
	e, err := hold(ctx, tx, v, envelope)
	if err != nil {
		return err
	}
	if err := record(ctx, tx, v, &e, Event{Kind: "sent", At: now, Side: "office", Name: "Maria Okafor"}); err != nil {
		return err
	}
	for _, r := range e.Recipients {
		if !r.Role.Acts() {
			continue
		}
		what := Event{Kind: "signed", At: now, Side: "portal", RecipientID: r.ID, Name: r.Name, Email: r.Email, IP: "203.0.113.7", Agent: "Mozilla/5.0 (iPhone)", Note: "typed"}
		if err := record(ctx, tx, v, &e, what); err != nil {
			return err
		}
	}
	return d.finish(ctx, tx, v, &e, now)
}

// OwnParts is what goes into the export of somebody's own data.
var OwnParts = ownParts

// RecipientsOf are those of one envelope, ListedOf those of a list.
var (
	RecipientsOf = recipientsOf
	ListedOf     = listedOf
)
