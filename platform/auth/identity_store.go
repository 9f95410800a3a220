package auth

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
)

// Identities lists all that a person may sign in as within the firm: the office, then clients by name.
func Identities(ctx context.Context, tx bun.IDB, firm, person uuid.UUID) ([]Identity, error) {
	var identities []Identity
	err := tx.NewRaw(`
		select 'office' as side, null::uuid as contact_id, null::uuid as client_id, '' as client_name,
			null::uuid as client_logo, false as portal_on, st.role,
			st.role <> 'owner' and o.firm_id is not null as needs_sso
		from staff st
		left join sso_provider o on o.firm_id = st.firm_id and o.enabled and o.required
		where st.firm_id = ?0 and st.person_id = ?1 and st.disabled_at is null
		union all
		select 'portal', ct.id, cl.id, cl.name, cl.logo_id, f.portal_on and cl.portal_on, '', false
		from contact ct
		join client cl on cl.firm_id = ct.firm_id and cl.id = ct.client_id and cl.archived_at is null
		join firm f on f.firm_id = ct.firm_id
		where ct.firm_id = ?0 and ct.person_id = ?1
			and ct.access = 'portal' and ct.invited_at is not null and ct.disabled_at is null and ct.archived_at is null
		order by side, client_name, contact_id`, firm, person).Scan(ctx, &identities)
	if err != nil {
		return nil, fmt.Errorf("identities: %w", err)
	}
	return identities, nil
}

// FindElsewhere lists the other firms in which the viewer's address has access. The caller has made sure that the address
// is proved: a session begins with a mailed link or with a factor that was set up behind one, and an address that others
// change loses its sessions and factors (people.Readdress); what a firm's own provider says of an address counts in that
// firm alone. It takes the ops pool, because it looks across firms.
func FindElsewhere(ctx context.Context, ops *bun.DB, v Viewer) ([]Elsewhere, error) {
	if !v.SignedIn() {
		return nil, nil
	}
	var rows []struct {
		FirmID, PersonID uuid.UUID
		FirmKey, Name    string
		LogoID           uuid.UUID
		Office           bool
		Clients          []string `bun:",array"`
	}
	err := ops.NewRaw(`
		select f.firm_id, f.key as firm_key, f.name, f.logo_id, p.id as person_id,
			st.person_id is not null as office, coalesce(portal.clients, '{}') as clients
		from person p
		join firm f on f.firm_id = p.firm_id and f.status = 'active'
		left join staff st on st.firm_id = p.firm_id and st.person_id = p.id and st.disabled_at is null
		left join lateral (
			select array_agg(cl.name order by cl.name) as clients
			from contact ct
			join client cl on cl.firm_id = ct.firm_id and cl.id = ct.client_id and cl.archived_at is null and cl.portal_on
			where ct.firm_id = p.firm_id and ct.person_id = p.id and f.portal_on
				and ct.access = 'portal' and ct.invited_at is not null and ct.disabled_at is null and ct.archived_at is null
		) portal on true
		where p.email = ? and p.firm_id <> ? and (st.person_id is not null or portal.clients is not null)
		order by f.name, f.firm_id
		limit 100`, v.Email, v.FirmID()).Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("other firms of the address: %w", err)
	}
	others := make([]Elsewhere, len(rows))
	for i, row := range rows {
		others[i] = Elsewhere(row)
	}
	return others, nil
}
