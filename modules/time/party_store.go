package time

import (
	"context"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
)

// work is a project as this section needs to know it.
type work struct {
	ID, ClientID             uuid.UUID
	Key, Name, Client        string
	Status, Currency, Street string
	Mine                     bool
}

func works(tx bun.IDB, v auth.Viewer) *bun.SelectQuery {
	q := tx.NewSelect().
		TableExpr("project AS pr").
		ColumnExpr("pr.id, pr.client_id, pr.key, pr.name, pr.status, pr.currency, pr.street, cl.name AS client").
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
	return w, found(err)
}

// mostOffered is how many projects a menu offers; more are found from the project's own page.
const mostOffered = 300

// offered are the projects that time can be written for: one's own first, then those under way.
func offered(ctx context.Context, tx bun.IDB, v auth.Viewer) ([]work, error) {
	var list []work
	err := works(tx, v).
		ColumnExpr("m.person_id IS NOT NULL AS mine").
		Join("LEFT JOIN project_member AS m ON m.firm_id = pr.firm_id AND m.project_id = pr.id AND m.person_id = ?", v.PersonID).
		Where("pr.status <> 'archived'").
		Where("cl.archived_at IS NULL").
		OrderExpr("m.person_id IS NULL, array_position(array['active', 'planned', 'completed'], pr.status), pr.created_at DESC, pr.id").
		Limit(mostOffered).
		Scan(ctx, &list)
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
