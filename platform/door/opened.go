package door

import (
	"context"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth/link"
	"portico/platform/invite"
	"portico/platform/web"
)

// opened notes that somebody has come to the page of an invitation: what a browser says when a person goes somewhere,
// and most scanners do not. It uses nothing up, and it is kept whatever becomes of the page.
func opened(r *web.Request, l link.Landing) error {
	if l.ContactID == uuid.Nil || r.Header("Sec-Fetch-Mode") != "navigate" {
		return nil
	}
	return r.Deliver(func(ctx context.Context, tx bun.Tx) error { return invite.Opened(ctx, tx, r.Firm().ID, l.ContactID) })
}
