package envelopes

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/secret"
)

// notify asks those whose turn it is and who were not asked yet.
func (d desk) notify(ctx context.Context, tx bun.Tx, v auth.Viewer, e *Envelope, now time.Time) error {
	for _, r := range turn(*e, now) {
		if !r.NotifiedAt.IsZero() {
			continue
		}
		if err := stubNotified(ctx, tx, v, r, secret.Hash(token(d.Key, r.ID, r.LinkNo)), now); err != nil {
			return err
		}
		err := record(ctx, tx, v, e, Event{Kind: "notified", At: now, RecipientID: r.ID, Name: r.Name, Email: r.Email})
		if err != nil {
			return err
		}
	}
	return nil
}
