package documents

import (
	"context"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/db"
)

// looked is a version as the workers see it.
type looked struct {
	ID, ClientID, ProjectID, DocumentID uuid.UUID
	FileID, CreatedBy                   uuid.UUID
	Document                            string
	Media, Scan, Reading                string
	ByClient, Current                   bool
}

func versionByID(ctx context.Context, tx bun.IDB, v auth.Viewer, version uuid.UUID) (looked, error) {
	var n looked
	err := tx.NewRaw(`
		select n.id, n.client_id, d.project_id, n.document_id, n.file_id, n.created_by, d.name as document, n.media, n.scan, n.reading, n.by_client,
			d.version_id = n.id as current
		from documents.version n
		join documents.document d on d.firm_id = n.firm_id and d.id = n.document_id
		where n.firm_id = ? and n.id = ?
		for update of d, n`, v.FirmID(), version).Scan(ctx, &n)
	return n, db.Found(err)
}

// scanned writes down what the scanner said. A document whose newest version is infected goes back to its last clean one.
func scanned(ctx context.Context, tx bun.IDB, v auth.Viewer, n looked, result, virus string) error {
	err := db.One(tx.NewRaw(`
		update documents.version set scan = ?, virus = ?
		where firm_id = ? and id = ?`, result, virus, v.FirmID(), n.ID).Exec(ctx))
	if err != nil || !n.Current {
		return err
	}
	if result == "clean" {
		_, err = tx.NewRaw(`update documents.document set guarded = '' where firm_id = ? and id = ?`, v.FirmID(), n.DocumentID).Exec(ctx)
		return err
	}
	_, err = tx.NewRaw(`
		update documents.document d
		set guarded = case when last.id is null then 'infected' else '' end, version_id = coalesce(last.id, d.version_id),
			file_id = coalesce(last.file_id, d.file_id), size = coalesce(last.size, d.size), version = d.version + 1
		from (select ?1::uuid as document_id) one
		left join lateral (
			select o.id, o.file_id, o.size
			from documents.version o
			where o.firm_id = ?0 and o.document_id = ?1 and o.scan in ('off', 'clean')
			order by o.number desc
			limit 1) last on true
		where d.firm_id = ?0 and d.id = one.document_id`, v.FirmID(), n.DocumentID).Exec(ctx)
	return err
}

func readAs(ctx context.Context, tx bun.IDB, v auth.Viewer, n looked, state string, pages int) error {
	return db.One(tx.NewRaw(`
		update documents.version set reading = ?, pages = ?
		where firm_id = ? and id = ?`, state, pages, v.FirmID(), n.ID).Exec(ctx))
}
