package documents

import (
	"context"
	"path"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/files"
)

// allBelow are all documents in a place and in what lies in it, as far as the viewer sees; one more than fits a ZIP.
func allBelow(ctx context.Context, tx bun.IDB, v auth.Viewer, p place) ([]Document, error) {
	q := documents(tx, v).Where("d.client_id = ?", p.ClientID)
	switch p.Kind {
	case "folder":
		q = q.Where("?0 = any(f.chain)", p.ID)
	case "project":
		q = q.Where("d.project_id = ?", p.ID)
	}
	var list []Document
	err := q.OrderExpr("lower(d.name), d.id").Limit(mostInZip+1).Scan(ctx, &list)
	return list, err
}

// foldersBelow name the folders in a place by their way from it: "Plans/Kitchen".
func foldersBelow(ctx context.Context, tx bun.IDB, v auth.Viewer, p place) (map[uuid.UUID]string, error) {
	var list []struct {
		ID, ParentID uuid.UUID
		Name         string
	}
	err := tx.NewRaw(`
		select f.id, f.parent_id, f.name
		from documents.folder f
		where f.firm_id = ? and f.client_id = ? and f.trashed_at is null
		order by cardinality(f.chain)`, v.FirmID(), p.ClientID).Scan(ctx, &list)
	names := map[uuid.UUID]string{}
	for _, f := range list {
		if f.ID != p.ID { // what lies in the place itself has no folder here
			names[f.ID] = path.Join(names[f.ParentID], files.CleanName(f.Name))
		}
	}
	return names, err
}
