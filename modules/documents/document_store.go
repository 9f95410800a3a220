package documents

import (
	"context"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"portico/platform/auth"
	"portico/platform/db"
	"portico/platform/fault"
	"portico/platform/files"
	"portico/platform/id"
	"portico/platform/search"
)

// arrived is a file that has come whole, and is in the library.
type arrived struct {
	files.Row
	Sort   string
	Remark string
	Shared bool
	Tells  bool // the client is told, or the team
	Scans  bool // it waits for the virus scanner

	ByClient bool      // a contact sent it
	As       uuid.UUID // a new version of this document; Nil: by its name
}

// enter makes a document of what has come, or a new version of the one that is called so.
func enter(ctx context.Context, tx bun.IDB, v auth.Viewer, p place, a arrived) (d Document, fresh bool, err error) {
	if _, err = tx.NewRaw(`select pg_advisory_xact_lock(hashtextextended(?, 42))`, p.ID.String()).Exec(ctx); err != nil {
		return d, false, err
	}
	d, err = meant(ctx, tx, v, p, a)
	switch {
	case err == nil:
	case a.As == uuid.Nil && fault.Is(err, fault.Missing):
		fresh = true
		d = Document{ID: id.New(), ClientID: p.ClientID, ProjectID: p.ProjectID, PlaceID: p.ID, Shared: a.Shared, ByClient: a.ByClient}
		if p.Folder() {
			d.FolderID = p.ID
		}
		if d.Name, err = freeName(ctx, tx, v, p, a.Name); err != nil {
			return d, fresh, err
		}
	default:
		return d, false, err
	}
	version := id.New()
	d.VersionID, d.FileID, d.Size, d.Sort, d.Guarded = version, a.ID, a.Size, a.Sort, ""
	scan, reading := "off", ""
	if a.Scans {
		scan, d.Guarded = "waiting", "scanning"
	}
	if a.Sort == "pdf" || a.Sort == "text" {
		reading = "waiting"
	}
	if fresh {
		_, err = tx.NewRaw(`
			insert into documents.document (firm_id, id, client_id, project_id, folder_id, place_id, name, shared, by_client, sort, version_id, file_id, size, guarded, created_by)
			values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			v.FirmID(), d.ID, d.ClientID, db.NullID(d.ProjectID), db.NullID(d.FolderID), d.PlaceID, d.Name, d.Shared, d.ByClient, d.Sort, version, a.ID,
			a.Size, d.Guarded, db.NullID(v.PersonID)).Exec(ctx)
	} else {
		err = db.One(tx.NewRaw(`
			update documents.document set version_id = ?, file_id = ?, size = ?, sort = ?, guarded = ?, changed_at = now(), version = version + 1
			where firm_id = ? and id = ? and trashed_at is null`, version, a.ID, a.Size, d.Sort, d.Guarded, v.FirmID(), d.ID).Exec(ctx))
	}
	if err != nil {
		return d, fresh, err
	}
	err = tx.NewRaw(`
		insert into documents.version (firm_id, id, client_id, document_id, number, file_id, name, media, size, remark, scan, reading, by_client, created_by)
		select ?0, ?1, ?2, ?3, coalesce(max(n.number), 0) + 1, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12
		from documents.version n
		where n.firm_id = ?0 and n.document_id = ?3
		returning number`,
		v.FirmID(), version, d.ClientID, d.ID, a.ID, a.Name, a.Media, a.Size, a.Remark, scan, reading, a.ByClient, db.NullID(v.PersonID)).
		Scan(ctx, &d.Number)
	if err != nil {
		return d, fresh, err
	}
	return d, fresh, indexNames(ctx, tx, v, d)
}

// meant is the document that a file is a new version of: the one that was named, or the one that is called so here. A
// client adds versions to what clients have sent, never to the firm's own; and is not told what it does not see.
func meant(ctx context.Context, tx bun.IDB, v auth.Viewer, p place, a arrived) (Document, error) {
	var d Document
	q := documents(tx, v).Where("d.client_id = ?", p.ClientID).Where("d.place_id = ?", p.ID)
	if a.As != uuid.Nil {
		q = q.Where("d.id = ?", a.As)
	} else {
		q = q.Where("lower(d.name) = lower(?)", a.Name)
	}
	if v.Side == auth.Portal {
		q = q.Where("d.by_client")
	}
	err := q.Order("d.id").Limit(1).For("UPDATE OF d").Scan(ctx, &d)
	return d, db.Found(err)
}

// freeName is a name that nothing has that the viewer sees here.
func freeName(ctx context.Context, tx bun.IDB, v auth.Viewer, p place, name string) (string, error) {
	for n := 1; n < 1000; n++ {
		var taken bool
		err := tx.NewRaw(`select exists (?)`, documents(tx, v).Where("d.place_id = ?", p.ID).Where("lower(d.name) = lower(?)", numbered(name, n))).Scan(ctx, &taken)
		if err != nil {
			return "", err
		}
		if !taken {
			return numbered(name, n), nil
		}
	}
	return "", fault.Invalid("There are too many files with this name here.")
}

func renameDocument(ctx context.Context, tx bun.IDB, v auth.Viewer, d Document, name, caption string) error {
	err := db.One(tx.NewRaw(`
		update documents.document set name = ?, caption = ?, version = version + 1
		where firm_id = ? and id = ? and trashed_at is null`, name, caption, v.FirmID(), d.ID).Exec(ctx))
	if err != nil || name == d.Name {
		return err
	}
	d.Name = name
	return indexNames(ctx, tx, v, d)
}

func shareDocument(ctx context.Context, tx bun.IDB, v auth.Viewer, d Document, on bool) (changed bool, err error) {
	done, err := tx.NewRaw(`
		update documents.document set shared = ?0, version = version + 1
		where firm_id = ?1 and id = ?2 and trashed_at is null and shared <> ?0`, on, v.FirmID(), d.ID).Exec(ctx)
	return some(done, err)
}

func moveDocument(ctx context.Context, tx bun.IDB, v auth.Viewer, d Document, to place) error {
	folder := uuid.Nil
	if to.Folder() {
		folder = to.ID
	}
	name, err := freeName(ctx, tx, v, to, d.Name)
	if err != nil {
		return err
	}
	err = db.One(tx.NewRaw(`
		update documents.document set folder_id = ?, place_id = ?, project_id = ?, name = ?, version = version + 1
		where firm_id = ? and id = ? and trashed_at is null`, db.NullID(folder), to.ID, db.NullID(to.ProjectID), name, v.FirmID(), d.ID).Exec(ctx))
	if err != nil || name == d.Name {
		return err
	}
	d.Name = name
	return indexNames(ctx, tx, v, d)
}

func trashDocument(ctx context.Context, tx bun.IDB, v auth.Viewer, d Document) error {
	return db.One(tx.NewRaw(`
		update documents.document set trashed_at = now(), trashed_by = ?, version = version + 1
		where firm_id = ? and id = ? and trashed_at is null`, db.NullID(v.PersonID), v.FirmID(), d.ID).Exec(ctx))
}

// versionOf is one of a document's versions.
func versionOf(ctx context.Context, tx bun.IDB, v auth.Viewer, d Document, version uuid.UUID) (Version, error) {
	var n Version
	err := tx.NewRaw(`
		select n.id, n.file_id, n.number, n.name, n.media, n.size, n.scan, n.reading, n.id = ? as current
		from documents.version n
		where n.firm_id = ? and n.document_id = ? and n.id = ?`, d.VersionID, v.FirmID(), d.ID, version).Scan(ctx, &n)
	return n, db.Found(err)
}

// takeBack makes an old version the current one again, as a new version with the same file; again is that one when its
// words are to be read again.
func takeBack(ctx context.Context, tx bun.IDB, v auth.Viewer, d Document, old Version) (number int, again uuid.UUID, err error) {
	version := id.New()
	var made struct {
		Number  int
		Reading string
		Media   string
	}
	err = tx.NewRaw(`
		insert into documents.version (firm_id, id, client_id, document_id, number, file_id, name, media, size, remark, restored, scan, reading, pages, created_by)
		select ?0, ?1, o.client_id, o.document_id, (select max(n.number) from documents.version n where n.firm_id = ?0 and n.document_id = ?2) + 1,
			o.file_id, o.name, o.media, o.size, o.remark, o.number, o.scan, case when o.reading = '' then '' else 'waiting' end, o.pages, ?3
		from documents.version o
		where o.firm_id = ?0 and o.document_id = ?2 and o.id = ?4 and o.scan in ('off', 'clean')
		returning number, reading, media`, v.FirmID(), version, d.ID, db.NullID(v.PersonID), old.ID).Scan(ctx, &made)
	if err != nil {
		return 0, uuid.Nil, db.Found(err)
	}
	if made.Reading == "waiting" {
		again = version
	}
	sort := "other"
	switch kind := files.Kind(made.Media); {
	case kind == files.PDF:
		sort = "pdf"
	case kind.Picture():
		sort = "picture"
	case again != uuid.Nil: // only texts are read beside PDFs
		sort = "text"
	}
	return made.Number, again, db.One(tx.NewRaw(`
		update documents.document set version_id = ?, file_id = ?, size = ?, sort = ?, guarded = '', changed_at = now(), version = version + 1
		where firm_id = ? and id = ? and trashed_at is null`, version, old.FileID, old.Size, sort, v.FirmID(), d.ID).Exec(ctx))
}

// indexNames keeps what a document is found by in step with its name.
func indexNames(ctx context.Context, tx bun.IDB, v auth.Viewer, d Document) error {
	words := search.Words(d.Name)
	_, err := tx.NewRaw(`
		delete from documents.word
		where firm_id = ? and client_id = ? and document_id = ? and named and word <> all(?::text[])`,
		v.FirmID(), d.ClientID, d.ID, pgdialect.Array(words)).Exec(ctx)
	if err != nil {
		return err
	}
	return putWords(ctx, tx, v, d, words, true)
}

// indexInside replaces the words of what is inside.
func indexInside(ctx context.Context, tx bun.IDB, v auth.Viewer, d Document, words []string) error {
	_, err := tx.NewRaw(`delete from documents.word where firm_id = ? and client_id = ? and document_id = ? and not named`, v.FirmID(), d.ClientID, d.ID).Exec(ctx)
	if err != nil {
		return err
	}
	return putWords(ctx, tx, v, d, words, false)
}

func putWords(ctx context.Context, tx bun.IDB, v auth.Viewer, d Document, words []string, named bool) error {
	_, err := tx.NewRaw(`
		insert into documents.word (firm_id, client_id, word, document_id, named)
		select ?0, ?1, w, ?2, ?3 from unnest(?4::text[]) as w
		on conflict (firm_id, client_id, word, document_id) do update set named = word.named or excluded.named`,
		v.FirmID(), d.ClientID, d.ID, named, pgdialect.Array(words)).Exec(ctx)
	return err
}
