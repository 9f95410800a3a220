package setup

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"maps"
	"slices"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"portico/platform/access"
	"portico/platform/activity"
	"portico/platform/auth"
	"portico/platform/db"
	"portico/platform/fault"
	"portico/platform/files"
	"portico/platform/outbox"
	"portico/platform/search"
)

// clientRow is what setup knows of a client.
type clientRow struct {
	ID        uuid.UUID
	Name      string
	PortalOn  bool
	UploadsOn bool
	Switches  access.Switches `bun:"type:jsonb"`
	LogoID    uuid.UUID
	Archived  bool
	Version   int
	Users     int // contacts that may sign in
}

func findClient(ctx context.Context, tx bun.IDB, v auth.Viewer, client uuid.UUID) (clientRow, error) {
	var row clientRow
	err := tx.NewRaw(`
		select cl.id, cl.name, cl.portal_on, cl.uploads_on, cl.switches, cl.logo_id, cl.archived_at is not null as archived, cl.version,
			(select count(*) from contact ct
			where ct.firm_id = cl.firm_id and ct.client_id = cl.id
				and ct.access = 'portal' and ct.disabled_at is null and ct.archived_at is null) as users
		from client cl
		where cl.firm_id = ? and cl.id = ?`, v.FirmID(), client).Scan(ctx, &row)
	return row, db.Found(err)
}

// holdClient keeps a client and its projects as they are until the transaction is over, so that what is compared with
// them is still true when it is written. The client comes first: so do all who hold both.
func holdClient(ctx context.Context, tx bun.IDB, v auth.Viewer, client uuid.UUID) error {
	_, err := tx.NewRaw("select from client cl where cl.firm_id = ? and cl.id = ? for no key update", v.FirmID(), client).Exec(ctx)
	if err != nil {
		return err
	}
	_, err = tx.NewRaw(`
		select from project pr where pr.firm_id = ? and pr.client_id = ? order by pr.id for no key update`, v.FirmID(), client).Exec(ctx)
	return err
}

// saveClient writes what setup may change of a client, if nobody else has changed the client since.
func saveClient(ctx context.Context, tx bun.IDB, v auth.Viewer, c clientRow) error {
	switches, err := json.Marshal(c.Switches)
	if err != nil {
		return err
	}
	err = db.One(tx.NewRaw(`
		update client
		set portal_on = ?, uploads_on = ?, switches = ?::jsonb, logo_id = ?, version = version + 1, updated_at = now()
		where firm_id = ? and id = ? and version = ?`,
		c.PortalOn, c.UploadsOn, string(switches), db.NullID(c.LogoID), v.FirmID(), c.ID, c.Version).Exec(ctx))
	if errors.Is(err, sql.ErrNoRows) {
		return errMoved
	}
	return err
}

// errMoved says that a row is not what it was when the page was drawn.
var errMoved = fault.Conflict("Somebody has changed this meanwhile.")

// projectRow is what setup knows of a project.
type projectRow struct {
	ID, ClientID uuid.UUID
	Key, Name    string
	Status       string
	Shared       bool
	Switches     access.Switches `bun:"type:jsonb"`
	Version      int
}

const selectProjects = `
	select pr.id, pr.client_id, pr.key, pr.name, pr.status, pr.shared, pr.switches, pr.version
	from project pr
	where pr.firm_id = ?`

// projectsOf lists a client's projects: those under way first.
func projectsOf(ctx context.Context, tx bun.IDB, v auth.Viewer, client uuid.UUID) ([]projectRow, error) {
	var rows []projectRow
	err := tx.NewRaw(selectProjects+`
			and pr.client_id = ?
		order by pr.status = 'archived', pr.status = 'completed', pr.created_at desc, pr.id
		limit 500`, v.FirmID(), client).Scan(ctx, &rows)
	return rows, err
}

func findProject(ctx context.Context, tx bun.IDB, v auth.Viewer, project uuid.UUID) (projectRow, error) {
	var row projectRow
	err := tx.NewRaw(selectProjects+" and pr.id = ?", v.FirmID(), project).Scan(ctx, &row)
	return row, db.Found(err)
}

// saveProject writes what setup may change of a project, if nobody else has changed the project since.
func saveProject(ctx context.Context, tx bun.IDB, v auth.Viewer, p projectRow) error {
	switches, err := json.Marshal(p.Switches)
	if err != nil {
		return err
	}
	err = db.One(tx.NewRaw(`
		update project
		set shared = ?, switches = ?::jsonb, version = version + 1, updated_at = now()
		where firm_id = ? and id = ? and version = ?`,
		p.Shared, string(switches), v.FirmID(), p.ID, p.Version).Exec(ctx))
	if errors.Is(err, sql.ErrNoRows) {
		return errMoved
	}
	return err
}

// recentOfFirm are the latest changes to the firm's own settings: what a second saver has to be told. Nobody keeps a
// page open for longer than a week.
func recentOfFirm(ctx context.Context, tx bun.IDB, v auth.Viewer) ([]activity.Entry, error) {
	var list []activity.Entry
	err := tx.NewSelect().
		Model(&list).
		Where("activity.firm_id = ?", v.FirmID()).
		Where("activity.at > now() - interval '7 days'").
		Where("activity.subject_id = ?", v.FirmID()).
		Order("activity.at DESC", "activity.id DESC").
		Limit(20).
		Scan(ctx)
	return list, err
}

// pictureState is how far a picture's variants are: "" without one.
func pictureState(ctx context.Context, tx bun.IDB, v auth.Viewer, library *files.Library, file uuid.UUID) (string, error) {
	if file == uuid.Nil {
		return "", nil
	}
	row, err := library.Find(ctx, tx, v, file)
	return row.State, fault.IgnoreNotFound(err)
}

// openWork gives the kind of a promise of the firm that has not been kept.
func openWork(ctx context.Context, tx bun.IDB, v auth.Viewer, promise uuid.UUID) (kind string, err error) {
	err = tx.NewRaw(`
		select o.kind from outbox o where o.firm_id = ? and o.id = ? and o.done_at is null`, v.FirmID(), promise).Scan(ctx, &kind)
	return kind, db.Found(err)
}

// unsureAmong are the promises whose mail may or may not have gone out.
func unsureAmong(ctx context.Context, tx bun.IDB, v auth.Viewer, rows []outbox.Row) (unsure []uuid.UUID, err error) {
	ids := make([]uuid.UUID, len(rows))
	for i, row := range rows {
		ids[i] = row.ID
	}
	err = tx.NewRaw("select m.id from mail m where m.firm_id = ? and m.id = any(?::uuid[]) and m.state = 'unsure'", v.FirmID(), pgdialect.Array(ids)).Scan(ctx, &unsure)
	return unsure, err
}

// called is a client by its name.
type called struct {
	ID   uuid.UUID
	Name string
}

// clientsCalled are the clients whose words begin as those that were typed: at most eight of the first two hundred.
func clientsCalled(ctx context.Context, tx bun.IDB, v auth.Viewer, typed string) (found []called, err error) {
	words := search.Typed(typed)
	if len(words) == 0 {
		return nil, nil
	}
	longest := slices.MaxFunc(words, func(a, b string) int { return len(a) - len(b) })
	from, to := search.Beginning(longest)
	var rows []called
	err = tx.NewRaw(`
		select cl.id, cl.name
		from (
			select distinct w.client_id from client_word w
			where w.firm_id = ? and w.word >= ? and w.word < ?
			limit 200
		) found
		join client cl on cl.firm_id = ? and cl.id = found.client_id
		order by cl.sort_name, cl.id`, v.FirmID(), from, to, v.FirmID()).Scan(ctx, &rows)
	for _, row := range rows {
		if len(found) < 8 && (len(words) == 1 || fits(typed, row.Name)) {
			found = append(found, row)
		}
	}
	return found, err
}

// names are the names of clients and projects by their ids.
type names map[uuid.UUID]string

// namesOf names the clients and projects of some entries.
func namesOf(ctx context.Context, tx bun.IDB, v auth.Viewer, entries []activity.Entry) (names, error) {
	named := names{}
	ids := map[uuid.UUID]bool{}
	for _, e := range entries {
		ids[e.ClientID], ids[e.ProjectID] = true, true
	}
	delete(ids, uuid.Nil)
	if len(ids) == 0 {
		return named, nil
	}
	wanted := pgdialect.Array(slices.Collect(maps.Keys(ids)))
	var rows []called
	err := tx.NewRaw(`
		select cl.id, cl.name from client cl where cl.firm_id = ?0 and cl.id = any(?1::uuid[])
		union all
		select pr.id, pr.name from project pr where pr.firm_id = ?0 and pr.id = any(?1::uuid[])`, v.FirmID(), wanted).Scan(ctx, &rows)
	for _, row := range rows {
		named[row.ID] = row.Name
	}
	return named, err
}
