package dashboard

import (
	"context"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/day"
)

// project is one as its client sees it.
type project struct {
	ID                             uuid.UUID
	Key, Name                      string
	Street, City, Region, Postcode string
	Status                         string
	Summary, NextSteps             string
	StartsOn, EndsOn               day.Day
}

// projects are those in the client's view: first what goes on, then what comes, then what is done.
func projects(ctx context.Context, tx bun.IDB, v auth.Viewer) (found []project, err error) {
	ids := v.ProjectIDs("")
	if len(ids) == 0 {
		return nil, nil
	}
	err = tx.NewRaw(`
		select p.id, p.key, p.name, p.street, p.city, p.region, p.postcode, p.status, p.summary, p.next_steps, p.starts_on, p.ends_on
		from project p
		where p.firm_id = ? and p.client_id = ? and p.id in (?) and p.shared and p.status <> 'archived'
		order by array_position(array['active', 'planned', 'completed'], p.status), p.starts_on nulls last, p.sort_name, p.id`,
		v.FirmID(), v.ClientID, bun.List(ids)).Scan(ctx, &found)
	return found, err
}

// assignment is a project on whose team the member of staff is.
type assignment struct {
	ID, ClientID             uuid.UUID
	Name, ClientName, Status string
	Role                     string
	StartsOn, EndsOn         day.Day
}

// assignments are the projects that the viewer works on and that are not over yet.
func assignments(ctx context.Context, tx bun.IDB, v auth.Viewer, limit int) (found []assignment, err error) {
	err = tx.NewRaw(`
		select p.id, p.client_id, p.name, c.name as client_name, p.status, m.role, p.starts_on, p.ends_on
		from project_member m
		join project p on p.firm_id = m.firm_id and p.id = m.project_id
		join client c on c.firm_id = p.firm_id and c.id = p.client_id
		where m.firm_id = ? and m.person_id = ? and p.status in ('active', 'planned') and c.archived_at is null
		order by p.status, p.starts_on nulls last, p.sort_name, p.id
		limit ?`, v.FirmID(), v.PersonID, limit).Scan(ctx, &found)
	return found, err
}

// clientNames are the names behind some ids.
func clientNames(ctx context.Context, tx bun.IDB, v auth.Viewer, ids []uuid.UUID) (map[uuid.UUID]string, error) {
	names := map[uuid.UUID]string{}
	if len(ids) == 0 {
		return names, nil
	}
	var rows []struct {
		ID   uuid.UUID
		Name string
	}
	err := tx.NewRaw("select c.id, c.name from client c where c.firm_id = ? and c.id in (?)", v.FirmID(), bun.List(ids)).Scan(ctx, &rows)
	for _, row := range rows {
		names[row.ID] = row.Name
	}
	return names, err
}

// most is where counting ends: a firm with more knows that it has many.
const most = 1000

// tally is how many there are of each, counted up to one more than most.
type tally struct{ Clients, Portals, Active, Planned int }

func count(ctx context.Context, tx bun.IDB, v auth.Viewer) (t tally, err error) {
	firm := v.FirmID()
	// the orders keep it in the indexes: without one a table of many firms is read from its start
	err = tx.NewRaw(`
		select
			(select count(*) from (select from client c where c.firm_id = ? and c.archived_at is null
				order by c.portal_on, c.kind, c.sort_name limit ?) n) as clients,
			(select count(*) from (select from client c where c.firm_id = ? and c.archived_at is null and c.portal_on
				order by c.kind, c.sort_name limit ?) n) as portals,
			(select count(*) from (select from project p where p.firm_id = ? and p.status = 'active' order by p.sort_name limit ?) n) as active,
			(select count(*) from (select from project p where p.firm_id = ? and p.status = 'planned' order by p.sort_name limit ?) n) as planned`,
		firm, most+1, firm, most+1, firm, most+1, firm, most+1).Scan(ctx, &t)
	return t, err
}
