package documents

import (
	"context"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"
	"github.com/uptrace/bun/schema"

	"portico/platform/auth"
	"portico/platform/db"
	"portico/platform/db/paging"
	"portico/platform/fault"
	"portico/platform/search"
)

// visible narrows a query over documents.document AS d and its folder AS f to what the viewer may see. Staff see all
// that is not in the trash; clients what is shared, in folders that are, all the way up.
func visible(q *bun.SelectQuery, v auth.Viewer) *bun.SelectQuery {
	return q.
		Where("d.firm_id = ?", v.FirmID()).
		Where("?", reach(v, "d")).
		Where("d.trashed_at IS NULL").
		Where("?", shownIn(v)).
		Where("?", unhidden(v, "f.chain"))
}

// documents is where every read of documents begins.
func documents(tx bun.IDB, v auth.Viewer) *bun.SelectQuery { return visible(everything(tx), v) }

// everything is what is read of a document, before it is said who looks.
func everything(tx bun.IDB) *bun.SelectQuery {
	return tx.NewSelect().
		TableExpr("documents.document AS d").
		ColumnExpr("d.id, d.client_id, d.project_id, d.folder_id, d.place_id, d.name, d.caption, d.shared, d.by_client, d.sort").
		ColumnExpr("d.version_id, d.file_id, d.size, d.guarded, d.changed_at, d.version, d.trashed_at").
		ColumnExpr("n.number, n.media, n.remark, n.reading, n.pages, coalesce(who.name, '') AS author").
		ColumnExpr("fi.state AS file_state, fi.width, fi.height").
		ColumnExpr("coalesce(f.name, '') AS folder_name, coalesce(pr.name, '') AS project_name, cl.name AS client_name").
		ColumnExpr(`d.shared AND NOT EXISTS (
			SELECT FROM documents.folder up
			WHERE up.firm_id = d.firm_id AND up.id = any(f.chain) AND NOT up.shared) AS open`).
		Join("JOIN documents.version AS n ON n.firm_id = d.firm_id AND n.id = d.version_id").
		Join("JOIN file AS fi ON fi.firm_id = d.firm_id AND fi.id = d.file_id").
		Join("JOIN client AS cl ON cl.firm_id = d.firm_id AND cl.id = d.client_id").
		Join("LEFT JOIN project AS pr ON pr.firm_id = d.firm_id AND pr.id = d.project_id").
		Join("LEFT JOIN documents.folder AS f ON f.firm_id = d.firm_id AND f.id = d.folder_id").
		Join("LEFT JOIN person AS who ON who.firm_id = d.firm_id AND who.id = n.created_by")
}

// listIn gives one page of a place's files, or of the newest everywhere.
func listIn(ctx context.Context, tx bun.IDB, v auth.Viewer, f filter, from paging.Place) (page, error) {
	if f.Query != "" {
		return searchIn(ctx, tx, v, f)
	}
	down := strings.HasPrefix(f.Sort, "-") != from.Back
	narrowed := narrow(v, f)
	var ids []uuid.UUID
	err := tx.NewRaw(`
		select d.id
		from documents.document d
		left join documents.folder f on f.firm_id = d.firm_id and f.id = d.folder_id
		where d.firm_id = ? and d.trashed_at is null and ? and ?
		order by ?
		limit ?`, v.FirmID(), narrowed, sorts.Beyond(f.Sort, down, from.At), sorts.By(f.Sort, down), pageSize+1).Scan(ctx, &ids)
	if err != nil {
		return page{}, err
	}
	list, err := byIDs(ctx, tx, v, ids)
	if err != nil {
		return page{}, err
	}
	var p page
	p.Documents, p.Turns = paging.Cut(list, pageSize, from, func(d Document) paging.Cursor { return d.cursor(f.Sort) })
	err = tx.NewRaw(`
		select count(*) from (
			select
			from documents.document d
			left join documents.folder f on f.firm_id = d.firm_id and f.id = d.folder_id
			where d.firm_id = ? and d.trashed_at is null and ?
			order by ?
			limit ?) counted`, v.FirmID(), narrowed, sorts.By(f.Sort, down), few+1).Scan(ctx, &p.Count)
	if p.Count > few {
		p.Count, p.More = few, true
	}
	return p, err
}

// narrow are the conditions of a list beside its order.
func narrow(v auth.Viewer, f filter) schema.QueryAppender {
	parts, args := []string{"?"}, []any{shownIn(v)}
	if f.Place.ID != uuid.Nil {
		parts, args = append(parts, "d.place_id = ?"), append(args, f.Place.ID)
	} else {
		parts, args = append(parts, "?", "?"), append(args, reach(v, "d"), unhidden(v, "f.chain"))
	}
	switch f.Only {
	case "clients":
		parts = append(parts, "d.by_client")
	case "pictures":
		parts = append(parts, "d.sort = 'picture'")
	}
	return bun.SafeQuery(strings.Join(parts, " and "), args...)
}

// sorts are the columns that a list can be sorted by.
var sorts = paging.Sorts{ID: "d.id", Columns: map[string]paging.Column{
	"":        {By: "lower(d.name)"},
	"changed": {By: "d.changed_at", Type: "timestamptz"},
	"size":    {By: "d.size", Type: "bigint"},
}}

// byIDs gives those of the documents that the viewer may see, in the order of the ids.
func byIDs(ctx context.Context, tx bun.IDB, v auth.Viewer, ids []uuid.UUID) ([]Document, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	var list []Document
	err := documents(tx, v).Where("d.id = any(?::uuid[])", pgdialect.Array(ids)).Scan(ctx, &list)
	return paging.Arrange(list, ids, func(d Document) uuid.UUID { return d.ID }), err
}

// mostHits is how many documents with a word are looked at: nobody reads more.
const mostHits = 2000

// hits are the ids of documents in which every typed word begins a word of the name or of the text inside, the rarest
// word first; none: only signs were typed.
func hits(v auth.Viewer, client uuid.UUID, query string) (ids schema.QueryAppender, none bool) {
	typed := search.Typed(query)
	if len(typed) == 0 {
		return nil, true
	}
	longest := slices.MaxFunc(typed, func(a, b string) int { return len(a) - len(b) })
	from, to := search.Beginning(longest)
	whose := schema.QueryAppender(bun.Safe("true"))
	if client != uuid.Nil {
		whose = bun.SafeQuery("w.client_id = ?", client)
	}
	others, args := []string{"true"}, []any(nil)
	for _, word := range typed {
		if word == longest {
			continue
		}
		a, b := search.Beginning(word)
		others = append(others, `exists (
			select from documents.word o
			where o.firm_id = w.firm_id and o.client_id = w.client_id and o.document_id = w.document_id and o.word >= ? and o.word < ?)`)
		args = append(args, a, b)
	}
	return bun.SafeQuery(`
		select w.document_id as id, bool_or(w.named) as named
		from (
			select * from documents.word w
			where w.firm_id = ? and ? and w.word >= ? and w.word < ?
			limit ?) w
		where ?
		group by w.document_id`, v.FirmID(), whose, from, to, 4*mostHits, bun.SafeQuery(strings.Join(others, " and "), args...)), false
}

// searchIn finds documents in a place and all below it, or everywhere: those named so first, then the newest.
func searchIn(ctx context.Context, tx bun.IDB, v auth.Viewer, f filter) (page, error) {
	client := f.Place.ClientID
	if v.Side == auth.Portal {
		client = v.ClientID
	}
	ids, none := hits(v, client, f.Query)
	if none {
		return page{}, nil
	}
	q := documents(tx, v).
		With("hit", tx.NewRaw("?", ids)).
		Join("JOIN hit ON hit.id = d.id")
	switch f.Place.Kind {
	case "folder":
		q = q.Where("?0 = any(f.chain)", f.Place.ID)
	case "project":
		q = q.Where("d.project_id = ?", f.Place.ID)
	}
	switch f.Only {
	case "clients":
		q = q.Where("d.by_client")
	case "pictures":
		q = q.Where("d.sort = 'picture'")
	}
	var p page
	err := q.OrderExpr("hit.named DESC, d.changed_at DESC, d.id DESC").Limit(200).Scan(ctx, &p.Documents)
	p.Count = len(p.Documents)
	return p, err
}

// latest are the newest documents that the viewer sees.
func latest(ctx context.Context, tx bun.IDB, v auth.Viewer, days, most int, onlyClients bool) ([]Document, error) {
	q := documents(tx, v).Where("d.changed_at > now() - make_interval(days => ?)", days)
	if onlyClients {
		q = q.Where("d.by_client")
	}
	var list []Document
	err := q.OrderExpr("d.changed_at DESC, d.id DESC").Limit(int64(most)).Scan(ctx, &list)
	return list, err
}

// documentByID gives one, if the viewer may see it.
func documentByID(ctx context.Context, tx bun.IDB, v auth.Viewer, id uuid.UUID) (Document, error) {
	var d Document
	err := documents(tx, v).Where("d.id = ?", id).Scan(ctx, &d)
	return d, db.Found(err)
}

// versionsOf are all that was in a document, the newest first; for staff.
func versionsOf(ctx context.Context, tx bun.IDB, v auth.Viewer, d Document) ([]Version, error) {
	var list []Version
	err := tx.NewRaw(`
		select n.id, n.file_id, n.number, n.name, n.media, n.size, n.remark, coalesce(n.restored, 0) as restored, n.scan, n.virus, n.reading,
			n.by_client, n.created_at, coalesce(who.name, '') as author, n.id = ? as current
		from documents.version n
		left join person who on who.firm_id = n.firm_id and who.id = n.created_by
		where n.firm_id = ? and n.client_id = ? and n.document_id = ?
		order by n.number desc
		limit 200`, d.VersionID, v.FirmID(), d.ClientID, d.ID).Scan(ctx, &list)
	return list, err
}

// neighbours are the pictures before and after one in its place, by name.
func neighbours(ctx context.Context, tx bun.IDB, v auth.Viewer, d Document) (before, after uuid.UUID, err error) {
	if d.Sort != "picture" {
		return
	}
	for _, one := range []struct {
		down bool
		into *uuid.UUID
	}{{true, &before}, {false, &after}} {
		var ids []uuid.UUID
		err = tx.NewRaw(`
			select d.id
			from documents.document d
			where d.firm_id = ? and d.place_id = ? and d.sort = 'picture' and d.trashed_at is null and ? and ?
			order by ?
			limit 1`, v.FirmID(), d.PlaceID, shownIn(v), sorts.Beyond("name", one.down, d.cursor("name")), sorts.By("name", one.down)).Scan(ctx, &ids)
		if err != nil {
			return
		}
		if len(ids) > 0 {
			*one.into = ids[0]
		}
	}
	return
}

// guard answers for the file library: who may see a file, and what it is called now. Staff see every version that is
// clean, clients the current one of what they see.
func guard(ctx context.Context, tx bun.IDB, v auth.Viewer, file uuid.UUID) (name string, err error) {
	if v.Side == auth.Office {
		if !v.May(keep) {
			return "", fault.NotFound()
		}
		err = tx.NewRaw(`
			select d.name
			from documents.version n
			join documents.document d on d.firm_id = n.firm_id and d.id = n.document_id
			where n.firm_id = ? and n.file_id = ? and n.scan in ('off', 'clean')
			limit 1`, v.FirmID(), file).Scan(ctx, &name)
		return name, db.Found(err)
	}
	q := tx.NewSelect().
		TableExpr("documents.document AS d").
		ColumnExpr("d.name").
		Join("LEFT JOIN documents.folder AS f ON f.firm_id = d.firm_id AND f.id = d.folder_id").
		Where("d.file_id = ?", file).
		Where("d.guarded = ''")
	err = visible(q, v).Limit(1).Scan(ctx, &name)
	return name, db.Found(err)
}
