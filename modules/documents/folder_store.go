package documents

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"portico/platform/auth"
	"portico/platform/db"
	"portico/platform/fault"
	"portico/platform/id"
)

var errNameTaken = fault.Field("name", "There is a folder with this name already.")

// addFolder makes one in a place.
func addFolder(ctx context.Context, tx bun.IDB, v auth.Viewer, p place, name string, shared bool) (uuid.UUID, error) {
	if len(p.Chain) >= deepest {
		return uuid.Nil, fault.Field("name", fmt.Sprintf("Folders cannot lie deeper than %d in each other.", deepest))
	}
	var n int
	if err := tx.NewRaw(`select count(*) from documents.folder f where f.firm_id = ? and f.place_id = ? and f.trashed_at is null`, v.FirmID(), p.ID).Scan(ctx, &n); err != nil {
		return uuid.Nil, err
	}
	if n >= mostFolders {
		return uuid.Nil, fault.Field("name", fmt.Sprintf("There are %d folders here already. Put some of them into others.", mostFolders))
	}
	folder := id.New()
	parent := uuid.Nil
	if p.Folder() {
		parent = p.ID
	}
	_, err := tx.NewRaw(`
		insert into documents.folder (firm_id, id, client_id, project_id, parent_id, place_id, chain, name, shared, created_by)
		values (?, ?, ?, ?, ?, ?, ?::uuid[], ?, ?, ?)`,
		v.FirmID(), folder, p.ClientID, db.NullID(p.ProjectID), db.NullID(parent), p.ID, pgdialect.Array(append(p.Chain, folder)), name, shared, db.NullID(v.PersonID)).Exec(ctx)
	return folder, taken(err)
}

// taken says so where the name is another folder's.
func taken(err error) error {
	var pg *pgconn.PgError
	if errors.As(err, &pg) && pg.ConstraintName == "folder_name" {
		return errNameTaken
	}
	return err
}

func renameFolder(ctx context.Context, tx bun.IDB, v auth.Viewer, p place, name string) error {
	return taken(db.One(tx.NewRaw(`
		update documents.folder set name = ?, version = version + 1
		where firm_id = ? and id = ? and trashed_at is null`, name, v.FirmID(), p.ID).Exec(ctx)))
}

// shareFolder answers whether it changed anything.
func shareFolder(ctx context.Context, tx bun.IDB, v auth.Viewer, p place, on bool) (changed bool, err error) {
	done, err := tx.NewRaw(`
		update documents.folder set shared = ?0, version = version + 1
		where firm_id = ?1 and id = ?2 and trashed_at is null and shared <> ?0`, on, v.FirmID(), p.ID).Exec(ctx)
	return some(done, err)
}

// holdFolders lets one move of a client's folders happen at a time: two could make a circle.
func holdFolders(ctx context.Context, tx bun.IDB, v auth.Viewer, client uuid.UUID) error {
	_, err := tx.NewRaw(`select from client cl where cl.firm_id = ? and cl.id = ? for no key update`, v.FirmID(), client).Exec(ctx)
	return err
}

// moveFolder puts a folder, with all in it, somewhere else of the same client.
func moveFolder(ctx context.Context, tx bun.IDB, v auth.Viewer, p, to place) error {
	parent := uuid.Nil
	if to.Folder() {
		parent = to.ID
	}
	err := taken(db.One(tx.NewRaw(`
		update documents.folder set parent_id = ?, place_id = ?, project_id = ?, chain = ?::uuid[], version = version + 1
		where firm_id = ? and id = ? and trashed_at is null`,
		db.NullID(parent), to.ID, db.NullID(to.ProjectID), pgdialect.Array(append(to.Chain, p.ID)), v.FirmID(), p.ID).Exec(ctx)))
	if err != nil {
		return err
	}
	_, err = tx.NewRaw(`
		update documents.folder
		set chain = ?0::uuid[] || chain[array_position(chain, ?1) + 1 :], project_id = ?2
		where firm_id = ?3 and client_id = ?4 and ?1 = any(chain) and id <> ?1`,
		pgdialect.Array(append(to.Chain, p.ID)), p.ID, db.NullID(to.ProjectID), v.FirmID(), p.ClientID).Exec(ctx)
	if err != nil || p.ProjectID == to.ProjectID {
		return err
	}
	_, err = tx.NewRaw(`
		update documents.document d set project_id = ?
		from documents.folder f
		where f.firm_id = ? and f.client_id = ? and ? = any(f.chain) and d.firm_id = f.firm_id and d.client_id = f.client_id and d.folder_id = f.id`,
		db.NullID(to.ProjectID), v.FirmID(), p.ClientID, p.ID).Exec(ctx)
	return err
}

func trashFolder(ctx context.Context, tx bun.IDB, v auth.Viewer, p place) error {
	return db.One(tx.NewRaw(`
		update documents.folder set trashed_at = now(), trashed_by = ?, version = version + 1
		where firm_id = ? and id = ? and trashed_at is null`, db.NullID(v.PersonID), v.FirmID(), p.ID).Exec(ctx))
}

// some reports whether a statement changed rows.
func some(done interface{ RowsAffected() (int64, error) }, err error) (bool, error) {
	if err != nil {
		return false, err
	}
	n, err := done.RowsAffected()
	return n > 0, err
}
