package users

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"
	"github.com/uptrace/bun/schema"

	"portico/platform/auth"
	invitation "portico/platform/invite"
)

// condition is a resolved selection as one condition on contact t; other firms' ids are among nobody's.
func (s selection) condition(v auth.Viewer) schema.QueryAppender {
	if len(s.IDs) > 0 || !s.All {
		return bun.SafeQuery("(? and t.id = any(?::uuid[]))", s.Filter.list(v), pgdialect.Array(s.IDs))
	}
	return bun.SafeQuery("(? and t.portal_state in (?) and ?)", s.Filter.list(v), bun.List(s.Filter.states()), s.Filter.fits(v))
}

// known is somebody by name.
type known struct {
	ID, ClientID     uuid.UUID
	Name, ClientName string
}

// share is how many of a selection have one obstacle, or none, and the first of them by name.
type share struct {
	Obstacle invitation.Obstacle
	Count    int
	First    []known
}

const named = 5

// shares asks of everybody in a selection what keeps them from being invited. Who waits in another sending is told so.
func shares(ctx context.Context, tx bun.IDB, v auth.Viewer, s selection, again bool) ([]share, error) {
	return sharesBy(ctx, tx, v, s, invitation.Why(again))
}

// whyNoGrant says in SQL what keeps a contact from being given access.
const whyNoGrant = `case
	when ct.archived_at is not null or cl.archived_at is not null then 'archived'
	when ct.disabled_at is not null then 'disabled'
	when ct.access = 'portal' then 'granted'
	when ct.email = '' then 'no_address'
	else '' end`

// grantShares asks of everybody in a selection what keeps them from being given access.
func grantShares(ctx context.Context, tx bun.IDB, v auth.Viewer, s selection) ([]share, error) {
	return sharesBy(ctx, tx, v, s, bun.Safe(whyNoGrant))
}

// grantable are those of a selection who can be given access, at most limit.
func grantable(ctx context.Context, tx bun.IDB, v auth.Viewer, s selection, limit int) (ids []uuid.UUID, err error) {
	err = tx.NewRaw(`
		select t.id
		from contact t
		join contact ct on ct.firm_id = t.firm_id and ct.id = t.id
		join client cl on cl.firm_id = t.firm_id and cl.id = t.client_id
		where ? and ? = ''
		order by t.id
		limit ?`, s.condition(v), bun.Safe(whyNoGrant), limit).Scan(ctx, &ids)
	return ids, err
}

func sharesBy(ctx context.Context, tx bun.IDB, v auth.Viewer, s selection, why schema.QueryAppender) ([]share, error) {
	var rows []struct {
		known
		Obstacle invitation.Obstacle
		Count    int
	}
	err := tx.NewRaw(`
		with asked as (
			select t.id, t.client_id, t.name, t.sort_name, cl.name as client_name, ? as obstacle
			from contact t
			join contact ct on ct.firm_id = t.firm_id and ct.id = t.id
			join client cl on cl.firm_id = t.firm_id and cl.id = t.client_id
			join firm f on f.firm_id = t.firm_id
			where ?
		),
		told as (
			select a.id, a.client_id, a.name, a.sort_name, a.client_name,
				case when a.obstacle = '' and r.contact_id is not null then 'elsewhere' else a.obstacle end as obstacle
			from asked a
			left join users.sending_row r on r.firm_id = ? and r.contact_id = a.id and r.state in ('waiting', 'released')
		),
		placed as (
			select *, count(*) over (partition by obstacle) as count, row_number() over (partition by obstacle order by sort_name, id) as place
			from told
		)
		select id, client_id, name, client_name, obstacle, count
		from placed
		where place <= ?
		order by obstacle, place`, why, s.condition(v), v.FirmID(), named).Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("whom an invitation reaches: %w", err)
	}
	var all []share
	for _, row := range rows {
		if len(all) == 0 || all[len(all)-1].Obstacle != row.Obstacle {
			all = append(all, share{Obstacle: row.Obstacle, Count: row.Count})
		}
		last := &all[len(all)-1]
		last.First = append(last.First, row.known)
	}
	return all, nil
}

// bars counts in a selection whose access can be disabled, or enabled, and who is left alone.
type bars struct{ On, Off, None int }

func countBars(ctx context.Context, tx bun.IDB, v auth.Viewer, s selection) (b bars, err error) {
	err = tx.NewRaw(`
		select count(*) filter (where t.access = 'portal' and t.disabled_at is null) as "on",
			count(*) filter (where t.access = 'portal' and t.disabled_at is not null) as "off",
			count(*) filter (where t.access <> 'portal') as "none"
		from contact t
		where ?`, s.condition(v)).Scan(ctx, &b)
	return b, err
}

// chosen are the ids of a selection, at most limit.
func chosen(ctx context.Context, tx bun.IDB, v auth.Viewer, s selection, disable bool, limit int) (ids []uuid.UUID, err error) {
	err = tx.NewRaw(`
		select t.id from contact t
		where ? and t.access = 'portal' and (t.disabled_at is null) = ?
		order by t.id
		limit ?`, s.condition(v), disable, limit).Scan(ctx, &ids)
	return ids, err
}
