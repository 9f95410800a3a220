package documents

import (
	"context"
	"strconv"
	"time"

	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/module"
	"portico/platform/search"
	"portico/platform/web"
)

// find answers the search of either side: by name, and by the words inside.
func find(ctx context.Context, tx bun.Tx, v auth.Viewer, typed string, limit int) ([]search.Hit, error) {
	if !v.May(see) && !v.May(keep) {
		return nil, nil
	}
	found, err := searchIn(ctx, tx, v, filter{Query: typed})
	if err != nil {
		return nil, err
	}
	here := &web.Here{Viewer: v}
	var hits []search.Hit
	for _, d := range found.Documents[:min(len(found.Documents), limit)] {
		hits = append(hits, search.Hit{
			Title: d.Name, Detail: whereOf(here, d, v.Side == auth.Office), Icon: d.Icon(), Href: here.Path("documents", "files", d.ID),
		})
	}
	return hits, nil
}

// wordsKnown are those that the search knows, to correct what was typed.
func wordsKnown(ctx context.Context, tx bun.Tx, v auth.Viewer, words []string) ([]string, error) {
	return search.Known(ctx, tx, v.FirmID(), "documents.word", words)
}

// ownUploads is what the viewer has sent.
func ownUploads(ctx context.Context, tx bun.Tx, v auth.Viewer) ([]module.Table, error) {
	rows, err := uploadsOf(ctx, tx, v)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	table := module.Table{Name: "documents_uploaded", Columns: []string{"at", "document", "version", "name", "size", "remark"}}
	for _, n := range rows {
		table.Rows = append(table.Rows, []string{
			n.CreatedAt.UTC().Format(time.RFC3339), n.Document, strconv.Itoa(n.Number), n.Name, strconv.FormatInt(n.Size, 10), n.Remark,
		})
	}
	return []module.Table{table}, nil
}

// keeps are our tables, for the export of everything.
func keeps() []module.Kept {
	const passing = "It is work of the moment."
	return []module.Kept{
		{Table: "documents.folder", Of: "client_id", Columns: module.Words("id client_id project_id parent_id name shared created_by created_at trashed_at trashed_by")},
		{Table: "documents.document", Of: "client_id", Columns: module.Words(`id client_id project_id folder_id name caption shared by_client sort version_id
			file_id size guarded changed_at created_by created_at trashed_at trashed_by`)},
		{Table: "documents.version", Of: "client_id", Columns: module.Words(`id client_id document_id number file_id name media size remark restored scan virus
			pages by_client created_by created_at`)},
		{Table: "documents.word", Why: "It is made of the documents, for the search."},
		{Table: "documents.upload", Why: passing},
		{Table: "documents.news", Why: passing},
		{Table: "documents.setting", Columns: module.Words("quota used tells updated_at")},
	}
}
