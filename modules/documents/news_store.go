package documents

import (
	"context"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"portico/platform/access"
	"portico/platform/auth"
	"portico/platform/id"
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

// teamOf are those of the staff who hear of documents: the teams of their projects, or, where there is none, the owners
// and admins.
func teamOf(ctx context.Context, tx bun.IDB, v auth.Viewer, documents []uuid.UUID) (people []uuid.UUID, err error) {
	err = tx.NewRaw(`
		with team as (
			select distinct m.person_id
			from documents.document d
			join project_member m on m.firm_id = d.firm_id and m.project_id = d.project_id
			join staff s on s.firm_id = m.firm_id and s.person_id = m.person_id and s.disabled_at is null
			where d.firm_id = ?0 and d.id = any(?1::uuid[]))
		select t.person_id from team t
		union
		select s.person_id from staff s
		where s.firm_id = ?0 and s.disabled_at is null and s.role in ('owner', 'admin') and not exists (select from team)
		order by 1
		limit 50`, v.FirmID(), pgdialect.Array(documents)).Scan(ctx, &people)
	return people, err
}

// who is somebody that a mail goes to.
type who struct {
	ID                  uuid.UUID
	Name, Email, Locale string
	Role                access.Role
}

func staffByID(ctx context.Context, tx bun.IDB, v auth.Viewer, person uuid.UUID) (who, error) {
	var w who
	err := tx.NewRaw(`
		select p.id, p.name, p.email, p.locale, s.role
		from staff s
		join person p on p.firm_id = s.firm_id and p.id = s.person_id
		where s.firm_id = ? and s.person_id = ? and s.disabled_at is null`, v.FirmID(), person).Scan(ctx, &w)
	return w, found(err)
}

func contactByID(ctx context.Context, tx bun.IDB, v auth.Viewer, contact uuid.UUID) (who, error) {
	var w who
	err := tx.NewRaw(`
		select p.id, ct.name, case when ct.bounced_at is null then p.email else '' end as email, p.locale
		from contact ct
		join person p on p.firm_id = ct.firm_id and p.id = ct.person_id
		where ct.firm_id = ? and ct.id = ?`, v.FirmID(), contact).Scan(ctx, &w)
	return w, found(err)
}

func contactOf(ctx context.Context, tx bun.IDB, v auth.Viewer, client, person uuid.UUID) (contact uuid.UUID, err error) {
	err = tx.NewRaw(`
		select ct.id from contact ct
		where ct.firm_id = ? and ct.client_id = ? and ct.person_id = ? and ct.archived_at is null
		limit 1`, v.FirmID(), client, person).Scan(ctx, &contact)
	return contact, found(err)
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
