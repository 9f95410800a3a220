package documents

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"portico/platform/auth"
	"portico/platform/db"
)

// thrown is something in the trash.
type thrown struct {
	ID         uuid.UUID
	Kind       string // folder, file
	Name       string
	ClientName string
	Project    string
	Size       int64
	TrashedAt  time.Time
	TrashedBy  string
}

// SizeText is its size for people.
func (t thrown) SizeText() string { return sizeText(t.Size) }

// Until is when it goes for good.
func (t thrown) Until() time.Time { return t.TrashedAt.Add(keptInTrash) }

// inTrash is what was thrown away, the latest first; what lies in a folder that was, goes with it.
func inTrash(ctx context.Context, tx bun.IDB, v auth.Viewer, page int) (list []thrown, more bool, err error) {
	err = tx.NewRaw(`
		select x.id, x.kind, x.name, x.size, x.trashed_at, cl.name as client_name, coalesce(pr.name, '') as project, coalesce(who.name, '') as trashed_by
		from (
			(select f.id, 'folder' as kind, f.name, 0::bigint as size, f.trashed_at, f.trashed_by as by_id, f.client_id, f.project_id
			from documents.folder f
			where f.firm_id = ?0 and f.trashed_at is not null
			order by f.trashed_at desc, f.id
			limit ?1)
			union all
			(select d.id, 'file', d.name, d.size, d.trashed_at, d.trashed_by, d.client_id, d.project_id
			from documents.document d
			where d.firm_id = ?0 and d.trashed_at is not null
			order by d.trashed_at desc, d.id
			limit ?1)
		) x
		join client cl on cl.firm_id = ?0 and cl.id = x.client_id
		left join project pr on pr.firm_id = ?0 and pr.id = x.project_id
		left join person who on who.firm_id = ?0 and who.id = x.by_id
		order by x.trashed_at desc, x.id
		offset ?2 limit ?3`, v.FirmID(), (page+1)*pageSize+1, page*pageSize, pageSize+1).Scan(ctx, &list)
	if len(list) > pageSize {
		return list[:pageSize], true, err
	}
	return list, false, err
}

// trashedFolder and trashedDocument give what lies in the trash, to take it back.
func trashedFolder(ctx context.Context, tx bun.IDB, v auth.Viewer, id uuid.UUID) (place, error) {
	var p place
	err := tx.NewRaw(`
		select 'folder' as kind, f.id, f.name, f.client_id, f.project_id, f.parent_id, f.place_id, f.chain, f.shared
		from documents.folder f
		where f.firm_id = ? and f.id = ? and f.trashed_at is not null
		for update`, v.FirmID(), id).Scan(ctx, &p)
	return p, db.Found(err)
}

func trashedDocument(ctx context.Context, tx bun.IDB, v auth.Viewer, id uuid.UUID) (Document, error) {
	var d Document
	err := everything(tx).
		Where("d.firm_id = ?", v.FirmID()).
		Where("d.id = ?", id).
		Where("d.trashed_at IS NOT NULL").
		For("UPDATE OF d").
		Scan(ctx, &d)
	return d, db.Found(err)
}

func untrashFolder(ctx context.Context, tx bun.IDB, v auth.Viewer, p place, name string) error {
	_, err := tx.NewRaw(`
		update documents.folder set trashed_at = null, trashed_by = null, name = ?, version = version + 1
		where firm_id = ? and id = ?`, name, v.FirmID(), p.ID).Exec(ctx)
	return taken(err)
}

func untrashDocument(ctx context.Context, tx bun.IDB, v auth.Viewer, d Document) error {
	_, err := tx.NewRaw(`
		update documents.document set trashed_at = null, trashed_by = null, version = version + 1
		where firm_id = ? and id = ?`, v.FirmID(), d.ID).Exec(ctx)
	return err
}

// overdueInTrash are documents that nobody has taken back in time: thrown away themselves, or with a folder.
func overdueInTrash(ctx context.Context, tx bun.IDB, v auth.Viewer, before time.Time, most int) ([]uuid.UUID, error) {
	var ids []uuid.UUID
	err := tx.NewRaw(`
		select d.id
		from documents.document d
		left join documents.folder f on f.firm_id = d.firm_id and f.id = d.folder_id
		where d.firm_id = ?0 and (d.trashed_at < ?1 or exists (
			select from documents.folder up
			where up.firm_id = d.firm_id and up.id = any(f.chain) and up.trashed_at < ?1))
		order by d.id
		limit ?2`, v.FirmID(), before, most).Scan(ctx, &ids)
	return ids, err
}

// purge removes documents with all their versions, and answers which files and how many bytes are free.
func purge(ctx context.Context, tx bun.IDB, v auth.Viewer, ids []uuid.UUID) (free []uuid.UUID, bytes int64, err error) {
	var gone []struct {
		FileID uuid.UUID
		Size   int64
	}
	err = tx.NewRaw(`
		with gone as (
			delete from documents.version
			where firm_id = ? and document_id = any(?::uuid[])
			returning file_id, size)
		select distinct file_id, size from gone`, v.FirmID(), pgdialect.Array(ids)).Scan(ctx, &gone)
	if err != nil {
		return nil, 0, err
	}
	for _, g := range gone {
		free, bytes = append(free, g.FileID), bytes+g.Size
	}
	for _, statement := range []string{
		`delete from documents.word where firm_id = ? and document_id = any(?::uuid[])`,
		`delete from documents.news where firm_id = ? and document_id = any(?::uuid[])`,
		`delete from documents.document where firm_id = ? and id = any(?::uuid[])`,
	} {
		if _, err := tx.NewRaw(statement, v.FirmID(), pgdialect.Array(ids)).Exec(ctx); err != nil {
			return nil, 0, err
		}
	}
	return free, bytes, nil
}

// purgeFolders removes overdue folders, the deepest first; nothing is in them any more.
func purgeFolders(ctx context.Context, tx bun.IDB, v auth.Viewer, before time.Time) (n int64, err error) {
	for {
		done, err := tx.NewRaw(`
			delete from documents.folder f
			where f.firm_id = ?0 and exists (
					select from documents.folder up where up.firm_id = f.firm_id and up.id = any(f.chain) and up.trashed_at < ?1)
				and not exists (select from documents.folder below where below.firm_id = f.firm_id and below.client_id = f.client_id and below.parent_id = f.id)
				and not exists (select from documents.document d where d.firm_id = f.firm_id and d.client_id = f.client_id and d.folder_id = f.id)`,
			v.FirmID(), before).Exec(ctx)
		if err != nil {
			return n, err
		}
		removed, err := done.RowsAffected()
		if err != nil || removed == 0 {
			return n, err
		}
		n += removed
	}
}
