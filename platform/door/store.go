package door

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/fault"
	"portico/platform/invite"
)

// accept notes that a contact has come in; first is true for the transaction in which that was new.
func accept(ctx context.Context, tx bun.Tx, firm, contact uuid.UUID) (first bool, err error) {
	err = tx.NewRaw(`
		update contact
		set accepted_at = coalesce(accepted_at, now()), opened_at = coalesce(opened_at, now())
		where firm_id = ? and id = ?
		returning accepted_at = now()`, firm, contact).Scan(ctx, &first)
	if err != nil {
		return false, fmt.Errorf("accept invitation: %w", err)
	}
	return first, nil
}

// findGuest loads whom an invitation is for, while there still is something to invite to.
func findGuest(ctx context.Context, tx bun.Tx, firm uuid.UUID, p invite.Promise) (guest, error) {
	var g guest
	err := tx.NewRaw(`
		select ct.id as contact_id, ct.person_id, ct.client_id, ct.name, pe.email, pe.locale, cl.name as client_name,
			cl.portal_on as client_on, cl.switches as client_says, ct.rights,
			coalesce(seen.names, '{}') as project_names, coalesce(seen.says, '[]') as project_says,
			coalesce(byp.name, '') as by_name, coalesce(byp.email, '') as by_email
		from contact ct
		join person pe on pe.firm_id = ct.firm_id and pe.id = ct.person_id
		join client cl on cl.firm_id = ct.firm_id and cl.id = ct.client_id and cl.archived_at is null and cl.portal_on
		left join lateral (
			select array_agg(pr.name order by pr.created_at desc) as names, jsonb_agg(pr.switches) as says
			from project pr
			where pr.firm_id = ct.firm_id and pr.client_id = ct.client_id and pr.shared and pr.status <> 'archived'
				and (not ct.limited or exists (
					select from contact_project cp
					where cp.firm_id = ct.firm_id and cp.contact_id = ct.id and cp.project_id = pr.id))
		) seen on true
		left join staff st on st.firm_id = ct.firm_id and st.person_id = ? and st.disabled_at is null
		left join person byp on byp.firm_id = st.firm_id and byp.id = st.person_id
		where ct.firm_id = ? and ct.id = ? and ct.access = 'portal' and ct.disabled_at is null and ct.archived_at is null`,
		p.By, firm, p.Contact).Scan(ctx, &g)
	if errors.Is(err, sql.ErrNoRows) {
		return g, fault.NotFound()
	}
	if err != nil {
		return g, fmt.Errorf("guest: %w", err)
	}
	return g, nil
}

// cameBefore reports whether the person has ever signed in; ask before the session starts.
func cameBefore(ctx context.Context, tx bun.Tx, firm, person uuid.UUID) (before bool, err error) {
	err = tx.NewRaw(`
		select p.last_sign_in_at is not null from person p where p.firm_id = ? and p.id = ?`, firm, person).Scan(ctx, &before)
	if errors.Is(err, sql.ErrNoRows) {
		return false, fault.NotFound()
	}
	return before, err
}

// addressProved is false for an address that its person has changed to, until a link mailed to it has signed in; and for
// a person whom the firm's provider can speak for: what that says is worth nothing in other firms.
func addressProved(ctx context.Context, tx bun.Tx, v auth.Viewer) (proved bool, err error) {
	err = tx.NewRaw(`
		select (count(*) filter (where l.purpose = 'email' and l.return_to = ?) = 0
				or count(*) filter (where l.purpose in ('sign_in', 'invite') and l.sent_to = ?) > 0)
			and not exists (select from person p where p.firm_id = ? and p.id = ? and p.sso_at is not null)
		from link l
		where l.firm_id = ? and l.person_id = ? and l.used_at is not null`,
		v.Email, v.Email, v.FirmID(), v.PersonID, v.FirmID(), v.PersonID).Scan(ctx, &proved)
	if err != nil {
		return false, fmt.Errorf("address proved: %w", err)
	}
	return proved, nil
}

type startedSession struct {
	Name, Email, Agent string
	CreatedAt          time.Time
}

// findSession loads a session that still lives: one that was ended meanwhile needs no notice.
func findSession(ctx context.Context, tx bun.Tx, firm uuid.UUID, n newcomer) (startedSession, error) {
	var s startedSession
	err := tx.NewRaw(`
		select p.name, p.email, s.agent, s.created_at
		from session s
		join person p on p.firm_id = s.firm_id and p.id = s.person_id
		where s.firm_id = ? and s.person_id = ? and substring(s.token_hash from 1 for 16) = ?`,
		firm, n.Person, n.Session).Scan(ctx, &s)
	if errors.Is(err, sql.ErrNoRows) {
		return s, fault.NotFound()
	}
	if err != nil {
		return s, fmt.Errorf("new session: %w", err)
	}
	return s, nil
}
