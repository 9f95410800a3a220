package people

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"portico/platform/access"
	"portico/platform/auth"
	"portico/platform/auth/link"
	"portico/platform/id"
)

// Changed is a contact whose access was changed together with others.
type Changed struct {
	ID, ClientID uuid.UUID
	Name         string
}

// DisableContacts is DisableContact for many at once. Who has no access, or is disabled already, is left alone and not
// in the answer.
func DisableContacts(ctx context.Context, tx bun.IDB, v auth.Viewer, contacts []uuid.UUID) ([]Changed, error) {
	changed, err := setDisabled(ctx, tx, v, contacts, true)
	if err != nil || len(changed) == 0 {
		return changed, err
	}
	ids := make([]uuid.UUID, len(changed))
	for i, c := range changed {
		ids[i] = c.ID
	}
	if err := auth.EndForContact(ctx, tx, v.FirmID(), ids...); err != nil {
		return nil, err
	}
	return changed, link.RevokeFor(ctx, tx, v.FirmID(), ids...)
}

// EnableContacts undoes DisableContacts. Sessions and links that ended stay ended.
func EnableContacts(ctx context.Context, tx bun.IDB, v auth.Viewer, contacts []uuid.UUID) ([]Changed, error) {
	return setDisabled(ctx, tx, v, contacts, false)
}

// setDisabled holds the rows in one order, so that two people who do this at once wait for each other, not crosswise.
func setDisabled(ctx context.Context, tx bun.IDB, v auth.Viewer, contacts []uuid.UUID, disable bool) (changed []Changed, err error) {
	err = tx.NewRaw(`
		with held as (
			select ct.id from contact ct
			where ct.firm_id = ? and ct.id = any(?::uuid[]) and ct.archived_at is null and ct.access = 'portal'
				and (ct.disabled_at is null) = ?
			order by ct.id
			for update
		)
		update contact ct
		set disabled_at = case when ? then now() end, version = ct.version + 1, updated_at = now()
		from held
		where ct.firm_id = ? and ct.id = held.id
		returning ct.id, ct.client_id, ct.name`, v.FirmID(), pgdialect.Array(contacts), disable, disable, v.FirmID()).Scan(ctx, &changed)
	if err != nil {
		return nil, fmt.Errorf("change access of many: %w", err)
	}
	return changed, nil
}

// GrantMany is Grant for many at once, with the rights that all of them get. Who has access already, no address, or is
// disabled is left alone and not in the answer.
func GrantMany(ctx context.Context, tx bun.IDB, v auth.Viewer, contacts []uuid.UUID, rights []access.Right) (changed []Changed, err error) {
	var held []struct {
		ID          uuid.UUID
		Name, Email string
	}
	err = tx.NewRaw(`
		select ct.id, ct.name, ct.email
		from contact ct
		join client cl on cl.firm_id = ct.firm_id and cl.id = ct.client_id and cl.archived_at is null
		where ct.firm_id = ? and ct.id = any(?::uuid[]) and ct.archived_at is null and ct.access <> 'portal'
			and ct.disabled_at is null and ct.email <> ''
		order by ct.id
		for update of ct`, v.FirmID(), pgdialect.Array(contacts)).Scan(ctx, &held)
	if err != nil || len(held) == 0 {
		return nil, err
	}
	ids, names := make([]uuid.UUID, len(held)), map[string]string{}
	for i, c := range held {
		ids[i] = c.ID
		if names[c.Email] == "" {
			names[c.Email] = c.Name
		}
	}
	given := make([]string, len(rights))
	for i, right := range rights {
		given[i] = string(right)
	}
	emails := slices.Sorted(maps.Keys(names)) // in one order, so that two who do this at once wait for each other
	fresh, called := make([]uuid.UUID, len(emails)), make([]string, len(emails))
	for i, email := range emails {
		fresh[i], called[i] = id.New(), names[email]
	}
	_, err = tx.NewRaw(`
		insert into person (firm_id, id, email, name)
		select ?, x.id, x.email, x.name from unnest(?::uuid[], ?::text[], ?::text[]) as x (id, email, name)
		on conflict (firm_id, email) do nothing`, v.FirmID(), pgdialect.Array(fresh), pgdialect.Array(emails), pgdialect.Array(called)).Exec(ctx)
	if err != nil {
		return nil, fmt.Errorf("make people: %w", err)
	}
	err = tx.NewRaw(`
		update contact ct
		set access = 'portal', person_id = p.id, rights = ?::text[], version = ct.version + 1, updated_at = now()
		from person p
		where ct.firm_id = ? and ct.id = any(?::uuid[]) and p.firm_id = ct.firm_id and p.email = ct.email
		returning ct.id, ct.client_id, ct.name`, pgdialect.Array(given), v.FirmID(), pgdialect.Array(ids)).Scan(ctx, &changed)
	if err != nil {
		return nil, fmt.Errorf("grant access to many: %w", err)
	}
	return changed, nil
}
