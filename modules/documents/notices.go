package documents

import (
	"context"
	"slices"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/lang"
	"portico/platform/notice"
)

// What the section tells people of.
var (
	newNotice = notice.Kind{
		ID: "documents:new", Title: "New documents and photos", Help: "The other side has put something in. What comes within a few minutes is one notice.", Push: true,
	}
	virusNotice = notice.Kind{
		ID: "documents:virus", Title: "Locked files", Help: "The virus scanner has found something in a file.", Legal: true,
	}
)

// still are the batches of news of which the viewer may still see something, and the documents.
func still(ctx context.Context, tx bun.Tx, v auth.Viewer, items []uuid.UUID) ([]uuid.UUID, error) {
	if !v.May(see) && !v.May(keep) {
		return nil, nil
	}
	of, err := inBatches(ctx, tx, v, items)
	if err != nil {
		return nil, err
	}
	all := slices.Clone(items)
	for document := range of {
		all = append(all, document)
	}
	list, err := byIDs(ctx, tx, v, all)
	var seen []uuid.UUID
	for _, d := range list {
		seen = append(append(seen, d.ID), of[d.ID]...)
	}
	return seen, err
}

// newsNotice is the bell's word about a batch: about one document, or about how many there are and where.
func newsNotice(v auth.Viewer, t tidings, seen []Document) notice.Notice {
	first := seen[0]
	n := notice.Notice{
		Kind: newNotice, Item: t.Batch, Items: len(seen), Bundle: "new " + t.Client.String(),
		Title: v.Reader().Say("New: %s", first.Name), Body: first.ProjectName, Path: "/portal/all/documents",
	}
	one := "/portal/all/documents/files/" + first.ID.String()
	if v.Side == auth.Office {
		n.Path, one = "/office/documents/clients/"+t.Client.String(), "/office/documents/files/"+first.ID.String()
		n.Title = "New from " + first.ClientName + ": " + first.Name
	}
	photos, place := true, first.ProjectName
	for _, d := range seen {
		photos = photos && d.Sort == "picture"
		if d.ProjectName != place {
			place = ""
		}
	}
	if place == "" && v.Side == auth.Office {
		place = first.ClientName
	}
	n.Many = func(r *lang.Reader, count int) string {
		switch {
		case photos && place != "":
			return r.Count(count, "%s new photo in %s", "%s new photos in %s", place)
		case photos:
			return r.Count(count, "%s new photo", "%s new photos")
		case place != "":
			return r.Count(count, "%s new document in %s", "%s new documents in %s", place)
		}
		return r.Count(count, "%s new document", "%s new documents")
	}
	if photos {
		n.Bundle = "photos " + t.Client.String()
	}
	n.Bundle += first.ProjectID.String()
	if len(seen) == 1 {
		n.Path = one
	} else {
		n.Body = ""
	}
	return n
}

// virusNoticeOf is the bell's word about a locked file.
func virusNoticeOf(v auth.Viewer) notice.Notice {
	path := "/portal/all/documents"
	if v.Side == auth.Office {
		path = "/office/documents"
	}
	return notice.Notice{Kind: virusNotice, Path: path}
}
