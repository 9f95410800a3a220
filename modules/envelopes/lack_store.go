package envelopes

import (
	"context"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/access"
	"portico/platform/auth"
	"portico/platform/db"
)

// unreachableOf says which recipients get no mail, or could not sign, and why.
func unreachableOf(ctx context.Context, tx bun.IDB, v auth.Viewer, envelope uuid.UUID) (unreachable, error) {
	var list []struct {
		ID                        uuid.UUID
		Gone, Shut, Bounced, Mute bool
	}
	err := tx.NewRaw(`
		select r.id,
			coalesce(ct.archived_at is not null, false) or coalesce(st.disabled_at is not null, r.person_id is not null) as gone,
			coalesce(ct.disabled_at is not null, false) as shut, coalesce(ct.bounced_at is not null, false) as bounced,
			r.role in ('signer', 'approver') and coalesce(ct.access = 'portal' and not ct.rights @> array[?::text], false) as mute
		from envelopes.recipient r
		left join contact ct on ct.firm_id = r.firm_id and ct.id = r.contact_id
		left join staff st on st.firm_id = r.firm_id and st.person_id = r.person_id
		where r.firm_id = ? and r.envelope_id = ?`, string(access.SignDocuments), v.FirmID(), envelope).Scan(ctx, &list)
	deaf := unreachable{}
	for _, one := range list {
		switch {
		case one.Gone:
			deaf[one.ID] = "is not there any more."
		case one.Shut:
			deaf[one.ID] = "has no access any more, and gets no mail."
		case one.Bounced:
			deaf[one.ID] = "gets no mail: the address does not take any. Correct it on the contact’s page."
		case one.Mute:
			deaf[one.ID] = "may not sign: tick “Sign documents” on the contact’s page, or choose somebody else."
		}
	}
	return deaf, err
}

// putAway reports whether the client or the project of a document is archived.
func putAway(ctx context.Context, tx bun.IDB, v auth.Viewer, e Envelope) (yes bool, err error) {
	err = tx.NewRaw(`
		select exists (select from client cl where cl.firm_id = ?0 and cl.id = ?1 and cl.archived_at is not null)
			or exists (select from project pr where pr.firm_id = ?0 and pr.id = ?2 and pr.status = 'archived')`,
		v.FirmID(), e.ClientID, db.NullID(e.ProjectID)).Scan(ctx, &yes)
	return yes, err
}
