package invite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/db"
	"portico/platform/fault"
)

type invited struct {
	Name, Email, ClientName string
	ClientID                uuid.UUID
	FirmOn, ClientOn        bool
	Granted, Invited        bool
}

func find(ctx context.Context, tx bun.IDB, v auth.Viewer, contact uuid.UUID) (invited, error) {
	var c invited
	err := tx.NewRaw(`
		select ct.name, ct.email, cl.name as client_name, cl.id as client_id, f.portal_on as firm_on, cl.portal_on as client_on,
			ct.access = 'portal' and ct.person_id is not null and ct.disabled_at is null as granted,
			ct.invited_at is not null as invited
		from contact ct
		join client cl on cl.firm_id = ct.firm_id and cl.id = ct.client_id and cl.archived_at is null
		join firm f on f.firm_id = ct.firm_id
		where ct.firm_id = ? and ct.id = ? and ct.archived_at is null
		for update of ct`, v.FirmID(), contact).Scan(ctx, &c)
	if errors.Is(err, sql.ErrNoRows) {
		return c, fault.NotFound()
	}
	if err != nil {
		return c, fmt.Errorf("whom to invite: %w", err)
	}
	return c, nil
}

// stamp notes the invitation; what was known of an earlier mail's fate is forgotten.
func stamp(ctx context.Context, tx bun.IDB, v auth.Viewer, contact uuid.UUID) error {
	return db.One(tx.NewRaw(`
		update contact
		set invited_at = now(), bounced_at = null, bounce_reason = '', version = version + 1, updated_at = now()
		where firm_id = ? and id = ?`, v.FirmID(), contact).Exec(ctx))
}
