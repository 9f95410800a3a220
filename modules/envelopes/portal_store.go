package envelopes

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"portico/platform/auth"
)

// newest are the envelopes that the viewer sees, the newest first.
func newest(ctx context.Context, tx bun.IDB, v auth.Viewer, most int64) ([]Envelope, error) {
	var list []Envelope
	return list, envelopes(tx, v).OrderExpr("e.id DESC").Limit(most).Scan(ctx, &list)
}

// part is what somebody had to do with a document.
type part struct {
	Title, Role, Reason                                     string
	NotifiedAt, OpenedAt, ConsentedAt, SignedAt, DeclinedAt time.Time
}

// partsOf are the viewer's own parts in documents that went out. Who gets a copy knows of it once there is one.
func partsOf(ctx context.Context, tx bun.IDB, v auth.Viewer) ([]part, error) {
	var list []part
	q := tx.NewSelect().
		TableExpr("envelopes.recipient AS r").
		ColumnExpr("e.title, r.role, r.reason, r.notified_at, r.opened_at, r.consented_at, r.signed_at, r.declined_at").
		Join("JOIN envelopes.envelope AS e ON e.firm_id = r.firm_id AND e.client_id = r.client_id AND e.id = r.envelope_id").
		Where("r.firm_id = ?", v.FirmID()).
		Where("e.status <> 'draft'").
		Where("r.role <> 'copy' OR e.sealed_id IS NOT NULL")
	if v.Side == auth.Portal {
		q = q.Where("r.client_id = ?", v.ClientID).Where("r.contact_id = ?", v.ContactID)
	} else {
		q = q.Where("r.person_id = ?", v.PersonID)
	}
	err := q.Order("r.id").Limit(10_000).Scan(ctx, &list)
	return list, err
}
