package time

import (
	"context"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/db"
)

// work is a project as this section needs to know it.
type work struct {
	ID, ClientID      uuid.UUID
	Key, Name, Client string
	Status, Currency  string
	Mine              bool
}

func works(tx bun.IDB, v auth.Viewer) *bun.SelectQuery {
	q := tx.NewSelect().
		TableExpr("project AS pr").
		ColumnExpr("pr.id, pr.client_id, pr.key, pr.name, pr.status, pr.currency, cl.name AS client").
		Join("JOIN client AS cl ON cl.firm_id = pr.firm_id AND cl.id = pr.client_id").
		Where("pr.firm_id = ?", v.FirmID())
	if v.Side != auth.Office && v.Side != auth.Program {
		q = q.Where("false")
	}
	return q
}

func workByID(ctx context.Context, tx bun.IDB, v auth.Viewer, id uuid.UUID) (work, error) {
	var w work
	err := works(tx, v).Where("pr.id = ?", id).Scan(ctx, &w)
	return w, db.Found(err)
}

// clientName is how a client is called, for staff.
func clientName(ctx context.Context, tx bun.IDB, v auth.Viewer, client uuid.UUID) (name string, err error) {
	err = tx.NewRaw("select cl.name from client cl where cl.firm_id = ? and cl.id = ? and ?", v.FirmID(), client, v.Side == auth.Office).Scan(ctx, &name)
	return name, db.Found(err)
}

// How many projects a menu offers: of one's own, of those that one wrote time for lately, and of the newest. Others are
// reached from their own page.
const (
	mostOwn    = 200
	mostLately = 300 // entries
	mostNewest = 150
)

// offered are the projects that time can be written for: one's own first.
func offered(ctx context.Context, tx bun.IDB, v auth.Viewer) ([]work, error) {
	if v.Side != auth.Office {
		return nil, nil
	}
	var list []work
	err := tx.NewRaw(`
		with own as (
			select m.project_id as id from project_member m where m.firm_id = ?0 and m.person_id = ?1 limit ?2
		), lately as (
			select distinct e.project_id as id
			from (select e.project_id from time.entry e where e.firm_id = ?0 and e.person_id = ?1 order by e.work_date desc, e.id desc limit ?3) e
		), newest as (
			select pr.id from project pr where pr.firm_id = ?0 order by pr.id desc limit ?4
		), chosen as materialized (
			select c.id, min(c.rank) as rank
			from (select id, 1 as rank from own union all select id, 2 from lately union all select id, 3 from newest) c
			group by c.id
		)
		select pr.id, pr.client_id, pr.key, pr.name, pr.status, pr.currency, cl.name as client, c.rank = 1 as mine
		from chosen c
		join project pr on pr.firm_id = ?0 and pr.id = c.id and pr.status <> 'archived'
		join client cl on cl.firm_id = ?0 and cl.id = pr.client_id and cl.archived_at is null
		order by c.rank, array_position(array['active', 'planned', 'completed'], pr.status), lower(pr.name), pr.id`,
		v.FirmID(), v.PersonID, mostOwn, mostLately, mostNewest).Scan(ctx, &list)
	return list, err
}

// colleague is a member of staff.
type colleague struct {
	ID   uuid.UUID
	Name string
}

func colleagues(ctx context.Context, tx bun.IDB, v auth.Viewer) ([]colleague, error) {
	if v.Side != auth.Office && v.Side != auth.Program {
		return nil, nil
	}
	var list []colleague
	err := tx.NewRaw(`
		select p.id, p.name
		from staff s
		join person p on p.firm_id = s.firm_id and p.id = s.person_id
		where s.firm_id = ? and s.disabled_at is null
		order by lower(p.name), p.id
		limit 1000`, v.FirmID()).Scan(ctx, &list)
	return list, err
}

// known are tasks that were written lately, for everybody to write them the same way.
func known(ctx context.Context, tx bun.IDB, v auth.Viewer) ([]string, error) {
	if v.Side != auth.Office {
		return nil, nil
	}
	var list []string
	err := tx.NewRaw(`
		select x.task
		from (select e.task, e.work_date from time.entry e where e.firm_id = ? order by e.work_date desc, e.id desc limit 2000) x
		where x.task <> ''
		group by x.task
		order by max(x.work_date) desc, x.task
		limit 60`, v.FirmID()).Scan(ctx, &list)
	return list, err
}
