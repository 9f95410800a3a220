package documents

import (
	"context"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"portico/platform/auth"
	"portico/platform/db"
	"portico/platform/id"
	"portico/platform/people"
)

func addNews(ctx context.Context, tx bun.IDB, v auth.Viewer, d Document, side auth.Side) error {
	_, err := tx.NewRaw(`
		insert into documents.news (firm_id, id, client_id, document_id, side) values (?, ?, ?, ?, ?)
		on conflict (firm_id, client_id, side, document_id) where batch_id is null do nothing`,
		v.FirmID(), id.New(), d.ClientID, d.ID, side).Exec(ctx)
	return err
}

// claimNews gives what nobody was told of yet to one batch of mails. Asked again by the same batch, it gives the same.
func claimNews(ctx context.Context, tx bun.IDB, v auth.Viewer, t telling, batch uuid.UUID) (ids []uuid.UUID, err error) {
	err = tx.NewRaw(`
		update documents.news set batch_id = ?
		where firm_id = ? and client_id = ? and side = ? and batch_id is null
		returning document_id`, batch, v.FirmID(), t.Client, t.Side).Scan(ctx, &ids)
	return ids, err
}

func newsOf(ctx context.Context, tx bun.IDB, v auth.Viewer, batch uuid.UUID) (ids []uuid.UUID, err error) {
	err = tx.NewRaw(`
		select n.document_id from documents.news n
		where n.firm_id = ? and n.batch_id = ?
		order by n.id`, v.FirmID(), batch).Scan(ctx, &ids)
	return ids, err
}

// teamOf are those of the staff who hear of documents: the teams of their projects.
func teamOf(ctx context.Context, tx bun.IDB, v auth.Viewer, documents []uuid.UUID) ([]uuid.UUID, error) {
	var projects []uuid.UUID
	err := tx.NewRaw(`
		select distinct d.project_id
		from documents.document d
		where d.firm_id = ? and d.id = any(?::uuid[]) and d.project_id is not null`, v.FirmID(), pgdialect.Array(documents)).Scan(ctx, &projects)
	if err != nil {
		return nil, err
	}
	return people.Team(ctx, tx, v, projects)
}

func contactOf(ctx context.Context, tx bun.IDB, v auth.Viewer, client, person uuid.UUID) (contact uuid.UUID, err error) {
	err = tx.NewRaw(`
		select ct.id from contact ct
		where ct.firm_id = ? and ct.client_id = ? and ct.person_id = ? and ct.archived_at is null
		limit 1`, v.FirmID(), client, person).Scan(ctx, &contact)
	return contact, db.Found(err)
}

// inBatches are the documents of batches of news, with the batches in which they stand.
func inBatches(ctx context.Context, tx bun.IDB, v auth.Viewer, batches []uuid.UUID) (map[uuid.UUID][]uuid.UUID, error) {
	var rows []struct{ BatchID, DocumentID uuid.UUID }
	err := tx.NewRaw(`
		select n.batch_id, n.document_id from documents.news n
		where n.firm_id = ? and n.batch_id = any(?::uuid[])`, v.FirmID(), pgdialect.Array(batches)).Scan(ctx, &rows)
	of := map[uuid.UUID][]uuid.UUID{}
	for _, r := range rows {
		of[r.DocumentID] = append(of[r.DocumentID], r.BatchID)
	}
	return of, err
}
