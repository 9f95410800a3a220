package documents

import (
	"context"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"
	"github.com/uptrace/bun/schema"

	"portico/platform/auth"
	"portico/platform/db"
)

// reach narrows a table with client_id and project_id to what the viewer sees: staff and jobs all of their firm, a
// contact the projects in view, and what is the client's own when it looks at everything and is not limited.
func reach(v auth.Viewer, table bun.Ident) schema.QueryAppender {
	switch {
	case v.Side == auth.Office, v.Side == auth.Program:
		return bun.Safe("true")
	case v.Side != auth.Portal || !v.May(see):
		return bun.Safe("false")
	case whole(v):
		return bun.SafeQuery("?0.client_id = ?1 and (?0.project_id is null or ?0.project_id = any(?2::uuid[]))",
			table, v.ClientID, pgdialect.Array(v.ProjectIDs("documents")))
	}
	return bun.SafeQuery("?0.client_id = ?1 and ?0.project_id = any(?2::uuid[])", table, v.ClientID, pgdialect.Array(v.ProjectIDs("documents")))
}

// whole reports whether a contact looks at all that is the client's.
func whole(v auth.Viewer) bool { return v.Scope == nil && !v.Limited }

// unhidden are folders of which nothing on the way is in the trash; for clients, all must be shared, too.
func unhidden(v auth.Viewer, chain bun.Ident) schema.QueryAppender {
	shut := bun.Safe("up.trashed_at is not null")
	if v.Side == auth.Portal {
		shut = "up.trashed_at is not null or not up.shared"
	}
	return bun.SafeQuery(`not exists (
		select from documents.folder up
		where up.firm_id = ? and up.id = any(?) and (?))`, v.FirmID(), chain, shut)
}

// placeByID gives a folder, the top of a project or of a client, if the viewer may see it.
func placeByID(ctx context.Context, tx bun.IDB, v auth.Viewer, id uuid.UUID) (place, error) {
	var p place
	tops := bun.Safe("true")
	if v.Side == auth.Portal && !whole(v) {
		tops = "false"
	}
	err := tx.NewRaw(`
		select x.*, cl.name as client_name, coalesce(pr.name, '') as project, cl.archived_at is not null as archived
		from (
			select 'folder' as kind, f.id, f.name, f.client_id, f.project_id, f.parent_id, f.place_id, f.chain, f.shared, f.version
			from documents.folder f
			where f.firm_id = ?0 and f.id = ?1 and ?2 and ?3
			union all
			select 'project', p.id, p.name, p.client_id, p.id, null, p.client_id, '{}', true, 0
			from (select p.*, p.id as project_id from project p where p.firm_id = ?0 and p.id = ?1) p
			where ?4
			union all
			select 'client', c.id, c.name, c.id, null, null, null, '{}', true, 0
			from (select c.*, c.id as client_id, null::uuid as project_id from client c where c.firm_id = ?0 and c.id = ?1) c
			where ?5 and ?6
		) x
		join client cl on cl.firm_id = ?0 and cl.id = x.client_id
		left join project pr on pr.firm_id = ?0 and pr.id = x.project_id`,
		v.FirmID(), id, reach(v, "f"), unhidden(v, "f.chain"), reach(v, "p"), reach(v, "c"), tops).Scan(ctx, &p)
	if err != nil {
		return p, db.Found(err)
	}
	if len(p.Chain) > 1 {
		p.Above, err = stepsOf(ctx, tx, v, p.Chain[:len(p.Chain)-1])
	}
	return p, err
}

// stepsOf are the folders of a chain, in its order.
func stepsOf(ctx context.Context, tx bun.IDB, v auth.Viewer, chain []uuid.UUID) ([]step, error) {
	var steps []step
	err := tx.NewRaw(`
		select f.id, f.name, f.shared
		from unnest(?::uuid[]) with ordinality as way (id, n)
		join documents.folder f on f.firm_id = ? and f.id = way.id
		order by way.n`, pgdialect.Array(chain), v.FirmID()).Scan(ctx, &steps)
	return steps, err
}

// foldersIn are the folders of a place, by name; at the top of a client, its projects come first.
func foldersIn(ctx context.Context, tx bun.IDB, v auth.Viewer, p place) ([]Folder, error) {
	var list []Folder
	shared := bun.Safe("true")
	if v.Side == auth.Portal {
		shared = "f.shared"
	}
	err := tx.NewRaw(`
		select f.id, f.client_id, f.project_id, f.place_id, f.name, f.shared, f.version, (
			select count(*) from (
				select from documents.document d
				where d.firm_id = ?0 and d.place_id = f.id and d.trashed_at is null and ?3
				limit ?4) counted) as files
		from documents.folder f
		where f.firm_id = ?0 and f.place_id = ?1 and f.trashed_at is null and ?2
		order by lower(f.name), f.id
		limit ?5`, v.FirmID(), p.ID, shared, shownIn(v), mostCounted, mostFolders).Scan(ctx, &list)
	return list, err
}

// shownIn is what a place's list shows of its files, beyond those in the trash.
func shownIn(v auth.Viewer) schema.QueryAppender {
	if v.Side == auth.Portal {
		return bun.Safe("d.shared and d.guarded <> 'infected'")
	}
	return bun.Safe("true")
}

// projectsOf are the tops of a client's projects: for staff all but archived ones.
func projectsOf(ctx context.Context, tx bun.IDB, v auth.Viewer, client uuid.UUID) ([]Folder, error) {
	var list []Folder
	err := tx.NewRaw(`
		select p.id, p.client_id, p.id as project_id, p.name, 'project' as kind, p.shared
		from (select p.*, p.id as project_id from project p where p.firm_id = ? and p.client_id = ? and p.status <> 'archived') p
		where ?
		order by array_position(array['active', 'planned', 'completed'], p.status), lower(p.name), p.id
		limit ?`, v.FirmID(), client, reach(v, "p"), mostFolders).Scan(ctx, &list)
	return list, err
}

// folderChoices are the places that something of a client can be moved to: all of its folders that are there.
func folderChoices(ctx context.Context, tx bun.IDB, v auth.Viewer, p place) ([]place, error) {
	var list []place
	err := tx.NewRaw(`
		select 'folder' as kind, f.id, f.name, f.client_id, f.project_id, f.parent_id, f.place_id, f.chain, f.shared
		from documents.folder f
		where f.firm_id = ? and f.client_id = ? and f.trashed_at is null and ?
		order by cardinality(f.chain), lower(f.name), f.id
		limit 2000`, v.FirmID(), p.ClientID, unhidden(v, "f.chain")).Scan(ctx, &list)
	return list, err
}

// folderCalled finds a folder by its name.
func folderCalled(ctx context.Context, tx bun.IDB, v auth.Viewer, p place, name string) (folder uuid.UUID, err error) {
	err = tx.NewRaw(`
		select f.id from documents.folder f
		where f.firm_id = ? and f.place_id = ? and lower(f.name) = lower(?) and f.trashed_at is null`, v.FirmID(), p.ID, name).Scan(ctx, &folder)
	return folder, db.Found(err)
}
