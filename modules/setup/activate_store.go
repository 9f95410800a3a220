package setup

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"portico/platform/auth"
	"portico/platform/db"
)

// activation is what must be known before a client's portal opens by itself.
type activation struct {
	ID                                       uuid.UUID
	Name                                     string
	PortalOn, Archived, FirmOn, Wanted, Done bool
}

// holdForActivation loads a client, and keeps others from it until the transaction ends.
func holdForActivation(ctx context.Context, tx bun.IDB, v auth.Viewer, client uuid.UUID) (activation, error) {
	var a activation
	err := tx.NewRaw(`
		select cl.id, cl.name, cl.portal_on, cl.archived_at is not null as archived, f.portal_on as firm_on, f.auto_activate as wanted,
			cl.auto_activated_at is not null as done
		from client cl
		join firm f on f.firm_id = cl.firm_id
		where cl.firm_id = ? and cl.id = ?
		for update of cl`, v.FirmID(), client).Scan(ctx, &a)
	return a, db.Found(err)
}

// openPortal opens it, and remembers that this is done once.
func openPortal(ctx context.Context, tx bun.IDB, v auth.Viewer, client uuid.UUID) error {
	return db.Found(db.One(tx.NewRaw(`
		update client set portal_on = true, auto_activated_at = now(), version = version + 1, updated_at = now()
		where firm_id = ? and id = ?`, v.FirmID(), client).Exec(ctx)))
}

// notInvited are those contacts of the client, of the given ones, who could come in and were never asked. Whoever is
// disabled or has no address is not among them.
func notInvited(ctx context.Context, tx bun.IDB, v auth.Viewer, client uuid.UUID, among []uuid.UUID) (list []uuid.UUID, err error) {
	err = tx.NewRaw(`
		select ct.id
		from contact ct
		where ct.firm_id = ? and ct.client_id = ? and ct.id = any(?::uuid[])
			and ct.email <> '' and ct.invited_at is null and ct.disabled_at is null and ct.archived_at is null
		order by ct.id
		for update`, v.FirmID(), client, pgdialect.Array(among)).Scan(ctx, &list)
	if err != nil {
		return nil, fmt.Errorf("signers to invite: %w", err)
	}
	return list, nil
}
